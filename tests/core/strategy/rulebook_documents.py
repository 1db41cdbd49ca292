"""Good documents that use the whole rulebook: fixed ones to be mutated, and any number of generated ones."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tests.core.strategy.specs import DOCUMENT, EVERY_KIND, document

from tradewarden.core.indicators.kind import Parameter
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.strategy.facts import FACTS

RULEBOOK: dict[str, Any] = {
    "schema_version": 1,
    "name": "Whole rulebook",
    "description": "Every part of the document at once.",
    "is_active": True,
    "allowed_symbols": ["EURUSD", "XAUUSD"],
    "timeframe": "M15",
    "direction": "both",
    "indicators": {
        "fast": {"kind": "ema", "period": 20},
        "trend": {"kind": "ema", "period": 50, "timeframe": "H1"},
        "bands": {"kind": "bollinger", "period": 20, "multiple": 2.5},
        "macd": {"kind": "macd"},
        "rsi": {"kind": "rsi"},
    },
    "conditions": {
        "entry": [
            {"left": "close", "op": "crosses_above", "right": "fast"},
            {"left": "rsi", "op": "between", "right": [35, 70]},
            {"any": ["uptrend", {"not": {"fact": "rsi_overbought", "period": 9, "level": 20}}]},
        ],
        "exit": [{"left": "macd.histogram", "op": "<", "right": 0}],
        "strong": [{"left": {"series": "close", "timeframe": "H4", "shift": 1}, "op": ">", "right": "trend"}],
        "weak": ["doji", {"left": "volume", "op": "<", "right": {"series": "volume", "shift": 1, "multiple": 0.5}}],
        "invalidations": [{"fact": "price_below_ema", "period": 100}],
    },
    "session_windows": ["London", {"start": "08:00", "end": "13:00", "timezone": "America/New_York"}],
    "exit_rules": {
        "stop_loss": {"kind": "indicator", "series": "bands", "output": "lower", "buffer_points": 20},
        "take_profit": [{"rr": 1.5, "fraction": 0.5}, {"rr": 2.5, "fraction": 0.3}, {"rr": 4, "fraction": 0.2}],
        "break_even_at_r": 1.0,
        "trail": {"kind": "indicator", "series": "fast", "buffer_points": 10, "from_r": 1.5},
        "time_limit_minutes": 480,
        "close_at_session_end": True,
    },
    "forbidden_conditions": {
        "high_impact_news": {"before_minutes": 30, "after_minutes": 15},
        "medium_impact_news": {"before_minutes": 10, "after_minutes": 5},
        "currencies": ["CHF", "JPY"],
        "max_spread_points": 60,
        "volatility": {"min_atr_percentile": 5, "max_atr_percentile": 95, "spike": True},
        "session_edges": {"first_minutes": 15, "last_minutes": 30},
        "rollover": {"before_minutes": 15, "after_minutes": 30},
        "friday_close": {"before_minutes": 120},
        "conditions": [{"left": "spread", "op": ">", "right": {"series": "spread", "shift": 1, "multiple": 3}}],
    },
    "cool_down_minutes": 60,
    "risk_caps": {
        "risk_fraction": 0.005,
        "max_lot_size": 2.0,
        "max_concurrent_positions": 1,
        "max_open_risk_fraction": 0.02,
    },
    "rr_expectation": 1.5,
    "confidence_model": "v1",
}
WRITTEN: dict[str, Any] = {
    **copy.deepcopy(RULEBOOK),
    "name": "Written shorts",
    "conditions_short": {
        "entry": [{"left": "close", "op": "<", "right": 1.2}, {"fact": "ema_bearish_cross", "fast": 9, "slow": 21}],
        "exit": ["rsi_oversold"],
        "strong": ["downtrend"],
    },
    "exit_rules": {
        "stop_loss": {"kind": "indicator", "series": "bands.lower", "series_short": "trend"},
        "take_profit": [{"rr": 2}],
        "trail": {"kind": "atr", "multiple": 2, "period": 10, "from_r": 1},
    },
    "confidence_model": "emnr_v0",
}
STOPS: tuple[dict[str, Any], ...] = (
    {"kind": "atr", "multiple": 1.5},
    {"kind": "points", "points": 300},
    {"kind": "percent", "fraction": 0.004},
    {"kind": "swing", "strength": 2, "lookback": 60, "buffer_points": 20},
    {"kind": "structure", "bars": 20},
    {"kind": "indicator", "series": "low", "buffer_points": 20},
)


def seeds(examples: Path) -> list[dict[str, Any]]:
    """The documents that mutations begin with: small and whole, of every kind, fact and stop, and the shipped ones."""
    kinds, facts = sorted(EVERY_KIND), sorted(FACTS)
    found = [DOCUMENT, RULEBOOK, WRITTEN]
    for start in range(0, len(kinds), 8):
        chosen = kinds[start : start + 8]
        moves = [{"left": key, "op": "rising"} for name in chosen for key in KINDS[EVERY_KIND[name]["kind"]].keys(name)]
        found.append(document(indicators={name: EVERY_KIND[name] for name in chosen}, conditions={"entry": moves[:20]}))
    for start in range(0, len(facts), 8):
        entry = [{"any": facts[start : start + 8]}]
        found.append(document(direction="both", indicators={}, conditions={"entry": entry, "strong": facts[start::9]}))
    for stop in STOPS:
        rules = {"stop_loss": stop, "take_profit": [{"rr": 2}], "trail": {"kind": "step", "step_r": 0.5}}
        found.append(document(direction="short", exit_rules=rules))
    return [*found, *(json.loads(path.read_text(encoding="utf-8")) for path in sorted(examples.glob("*.json")))]


@st.composite
def facts(draw: st.DrawFn) -> Any:
    """A fact by its name, or with some of its parameters within their limits."""
    fact = FACTS[draw(st.sampled_from(sorted(FACTS)))]
    if draw(st.booleans()) or fact.check is not FACTS["doji"].check:
        return fact.name
    chosen = [each for each in fact.parameters if draw(st.booleans())]
    return {"fact": fact.name} | {each.name: draw(_values(each)) for each in chosen}


def _values(parameter: Parameter) -> st.SearchStrategy[Any]:
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    low, high = parameter.low, parameter.high
    if parameter.whole:
        return st.integers(int(low), min(int(high), 60))
    return st.decimals(low, high, places=2)


PRICES = ("open", "high", "low", "close", "fast", "trend", "bands.upper", "bands.lower")
LEVELS = ("fast", "bands.lower")


def _of_prices(left: str, op: str, right: str, shift: int) -> Any:
    return {"left": {"series": left, "shift": shift}, "op": op, "right": right}


def _of_numbers(left: str, op: str, right: Any) -> Any:
    return {"left": left, "op": op, "right": right}


COMPARISONS = st.one_of(
    st.builds(
        _of_prices,
        st.sampled_from(PRICES),
        st.sampled_from((">", ">=", "<", "<=", "crosses_above", "crosses_below")),
        st.sampled_from(PRICES),
        st.integers(1, 100),
    ),
    st.builds(
        _of_numbers,
        st.sampled_from((*PRICES, "rsi", "macd.line", "volume", "spread")),
        st.sampled_from(("rising", "falling")),
        st.integers(1, 50),
    ),
    st.builds(
        _of_numbers, st.just("rsi"), st.just("between"), st.tuples(st.integers(0, 50), st.integers(50, 100)).map(list)
    ),
    st.builds(_of_numbers, st.just("macd.histogram"), st.sampled_from(("<", ">")), st.integers(-1, 1)),
)
CONDITIONS = st.recursive(
    COMPARISONS | facts(),
    lambda inner: st.one_of(
        st.builds(lambda members: {"all": members}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda members: {"any": members}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda member: {"not": member}, inner),
    ),
    max_leaves=5,
)


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A document that is good by construction, every part of which may be there or not."""
    lists = {
        name: draw(st.lists(CONDITIONS, min_size=1 if name == "entry" else 0, max_size=2))
        for name in ("entry", "exit", "strong", "weak", "invalidations")
    }
    count = draw(st.integers(1, 5))
    targets = [{"rr": 2 + index, "fraction": _share(index, count)} for index in range(count)]
    trails: list[dict[str, Any]] = [
        {"kind": "atr", "multiple": 2, "from_r": draw(st.integers(0, 1))},
        {"kind": "step", "step_r": 0.5},
        {"kind": "indicator", "series": draw(st.sampled_from(LEVELS)), "buffer_points": draw(st.integers(0, 50))},
    ]
    stops = (*STOPS, {"kind": "indicator", "series": draw(st.sampled_from(LEVELS))})
    rules: dict[str, Any] = {"stop_loss": draw(st.sampled_from(stops)), "take_profit": targets}
    rules |= {"trail": draw(st.sampled_from(trails))} if draw(st.booleans()) else {}
    rules |= {"break_even_at_r": 1} if draw(st.booleans()) else {}
    made = copy.deepcopy(RULEBOOK) | {"conditions": lists, "exit_rules": rules, "rr_expectation": 1.5}
    made["direction"] = draw(st.sampled_from(("long", "short", "both")))
    made["indicators"]["trend"]["timeframe"] = draw(st.sampled_from(("M15", "M30", "H1", "H4")))
    bans = {name: part for name, part in made["forbidden_conditions"].items() if draw(st.booleans())}
    return made | {"forbidden_conditions": bans, "confidence_model": draw(st.sampled_from(("v1", "emnr_v0")))}


def _share(index: int, count: int) -> float:
    """Shares of hundredths that add up to 1."""
    each = 100 // count
    return (100 - each * (count - 1)) / 100 if index == count - 1 else each / 100
