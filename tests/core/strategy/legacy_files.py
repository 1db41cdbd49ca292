"""Legacy files for tests, as an earlier console wrote them: rules, profiles and tables, with changes."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradewarden.core.audit.canonical import digest_bytes
from tradewarden.core.strategy.document.reading import read_document
from tradewarden.core.strategy.legacy import (
    Finding,
    FindingKind,
    ImportOptions,
    LegacyFile,
    Row,
    Table,
    Translation,
    translate,
)

SAMPLES = Path(__file__).resolve().parent.parent.parent / "data" / "legacy"

RULES: dict[str, Any] = {
    "symbol": "EURUSD",
    "timeframe": "H1",
    "sessions": ["London"],
    "indicators": {
        "ema": {"fast": 20, "slow": 50},
        "rsi": {"period": 14, "overbought": 70, "oversold": 30},
        "macd": {"fast": 12, "slow": 26, "signal": 9},
        "atr": {"period": 14, "multiplier": 1.5},
    },
    "conditions": {
        "entry": ["ema_fast_gt_slow", "rsi_between_40_60"],
        "exit": ["rsi_gt_70"],
        "strong": ["macd_hist_gt_0"],
        "weak": ["long_upper_wick"],
    },
    "strategy": {
        "direction": "long",
        "min_rr": 2.0,
        "news_embargo_minutes": 30,
        "invalidations": ["price_close_lt_ema_slow"],
        "max_risk_pct": 1.0,
    },
}
PROFILE: dict[str, Any] = {
    "symbol": "EURUSD",
    "bestSessions": ["London", "NewYork"],
    "bestTimeframes": ["M15", "H1", "H4"],
    "style": {"bias": "trend-follow", "rrTarget": 3.0, "maxRiskPct": 0.5},
    "management": {"breakevenAfterRR": 1.0, "partialAtRR": 1.5, "trailUsingATR": True, "atrMultiplier": 1.5},
    "invalidations": ["atr_below_median"],
}


def changed(base: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy of ``base`` with ``value`` at the slash-separated ``path``; None removes what stands there."""
    made = copy.deepcopy(dict(base))
    place = made
    *parents, last = path.split("/")
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


def json_file(content: Any, source: str = "rules.json") -> LegacyFile:
    text = json.dumps(content).encode()
    return LegacyFile(source=source, digest=digest_bytes(text), tree=read_document(text, source=source))


def table_file(source: str, columns: str, *rows: str) -> LegacyFile:
    """A CSV file of plain cells, commas between them."""
    names = tuple(columns.split(","))
    read = tuple(
        Row(line=line, cells=dict(zip(names, row.split(","), strict=True))) for line, row in enumerate(rows, start=2)
    )
    text = "\n".join((columns, *rows)).encode()
    return LegacyFile(source=source, digest=digest_bytes(text), table=Table(columns=names, rows=read))


def imported(*files: LegacyFile, options: ImportOptions | None = None) -> Translation:
    return translate(files, options)


def findings(translation: Translation, kind: FindingKind, place: str = "") -> list[Finding]:
    """Return the findings of one kind, at one place where that is given."""
    return [each for each in translation.findings if each.kind is kind and (not place or each.place == place)]


def refusals(translation: Translation) -> dict[str, str]:
    """Return why each refused place was refused."""
    return {each.place: f"{each.found}: {each.why} {each.suggestion}".strip() for each in translation.refusals}


def document(translation: Translation) -> Mapping[str, Any]:
    """Return the one document of an import that nothing was refused in."""
    assert not translation.refusals, [str(each) for each in translation.refusals]
    (strategy,) = translation.strategies
    return strategy.document
