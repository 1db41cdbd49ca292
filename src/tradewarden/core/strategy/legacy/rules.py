"""A legacy rule file as a strategy document: the shape, the conditions, and the merging of the symbol's profile."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document.reading import Tree
from tradewarden.core.strategy.document.rules import nearest
from tradewarden.core.strategy.legacy.exits import translate_exits
from tradewarden.core.strategy.legacy.facts import indicators_of, translate_fact
from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.indicators import LegacyIndicators, read_indicators
from tradewarden.core.strategy.legacy.options import ImportOptions
from tradewarden.core.strategy.legacy.profile import Profile
from tradewarden.core.strategy.legacy.reader import ObjectReader
from tradewarden.core.strategy.legacy.risk import fraction_of
from tradewarden.core.strategy.legacy.tables import SYMBOL, SymbolNames, desk_case
from tradewarden.core.strategy.legacy.windows import Windows, translate_sessions

SECTIONS = ("entry", "exit", "strong", "weak")
DIRECTIONS = ("long", "short", "both")
REACH = 65
_TIMEFRAMES = tuple(timeframe.value for timeframe in Timeframe)
_METADATA = (
    "$schema",
    "id",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "author",
    "notes",
    "comment",
)
_MODEL = (
    f"imported rules are scored by the earlier model, which reaches {REACH} of 100; the policy's "
    f"min_confidence_threshold is scaled to that reach, so 90 asks for {Decimal(90) * REACH / 100}"
)
_ANY = (
    "any of them closes the position now, where the earlier console waited for all at once; write one "
    '{"all": […]} to have that back'
)
_BOTH = "the file states its conditions once: longs take them as they stand, shorts take the mirror of each"


class RuleFile:
    """One rule file on its way to a document: its readers, its indicators, and what belongs to its symbol."""

    def __init__(self, tree: dict[str, Tree], notes: Notes, profile: Profile | None) -> None:
        self.reader = ObjectReader(tree, "", notes)
        self.notes = notes
        self.symbol = desk_case(self.reader.text("symbol", required=True) or "")
        self.timeframe = _timeframe(self.reader)
        self.name = self.reader.text("name") or f"{self.symbol} {self.timeframe}"
        if self.reader.has("name"):
            notes.translated("/name", self.name, "name")
        self.profile = profile
        self.indicators = self.reader.inner("indicators")
        self.block = read_indicators(self.indicators, notes)
        self.strategy = self.reader.inner("strategy")


def symbol_of(tree: dict[str, Tree]) -> str:
    """Return the canonical symbol that a rule file or a profile names, empty when it names none."""
    symbol = tree.get("symbol")
    return desk_case(symbol.strip()) if isinstance(symbol, str) else ""


def translate_rules(
    tree: dict[str, Tree],
    notes: Notes,
    *,
    profile: Profile | None,
    windows: Windows,
    symbols: SymbolNames,
    options: ImportOptions,
) -> dict[str, Any]:
    """Return the strategy document of the rule file ``tree``; it counts only when ``notes`` holds no refusal."""
    file = RuleFile(tree, notes, profile)
    if file.symbol and not SYMBOL.fullmatch(file.symbol):
        notes.refuse("/symbol", file.symbol, "must be a symbol of at most 32 letters, digits and ._#&+-")
    conditions = _conditions(file, options.leave_out)
    exits = translate_exits(file.block, file.indicators, file.strategy, profile, file.name)
    document = {
        "schema_version": 1,
        "name": file.name,
        "description": _description(file),
        "is_active": _is_active(file, symbols),
        "allowed_symbols": [_desk_symbol(file, symbols, options)],
        "timeframe": file.timeframe,
        "direction": _direction(file.strategy),
        "indicators": _declared(conditions, file.block),
        "conditions": conditions,
        "session_windows": _session_windows(file, windows, options.zone_name),
        "exit_rules": exits.rules,
        "forbidden_conditions": _news(file.strategy),
        "risk_caps": _caps(file, options),
        "rr_expectation": exits.rr_expectation,
        "confidence_model": "emnr_v0",
    }
    notes.changed("", "confidence", "confidence_model emnr_v0", _MODEL)
    file.reader.leave_out(_METADATA, "says nothing about trading")
    file.strategy.finish()
    file.reader.finish()
    return document


def _timeframe(reader: ObjectReader) -> str:
    given = reader.text("timeframe", required=True) or ""
    if given and given.upper() not in _TIMEFRAMES:
        listed = ", ".join(_TIMEFRAMES)
        reader.notes.refuse(reader.place("timeframe"), given, f"must be one of {listed}", nearest(given, _TIMEFRAMES))
    elif given:
        reader.notes.translated(reader.place("timeframe"), given, f"timeframe {given.upper()}")
    return given.upper()


def _description(file: RuleFile) -> str:
    own = file.reader.text("description")
    if own is not None:
        file.notes.translated("/description", own, "description")
    return f"Imported from {file.notes.source}." if own is None else f"{own} Imported from {file.notes.source}."


def _is_active(file: RuleFile, symbols: SymbolNames) -> bool:
    enabled = file.reader.switch("enabled")
    if enabled is not None:
        file.notes.translated("/enabled", enabled, f"is_active {str(enabled).lower()}")
    return enabled is not False and file.symbol not in symbols.disabled


def _desk_symbol(file: RuleFile, symbols: SymbolNames, options: ImportOptions) -> str:
    """Return what the desk calls the file's symbol: strategies name its names, the symbol map knows the broker's."""
    known = {**options.symbol_map, **symbols.names}
    canonical = next((name for name, broker in known.items() if broker == file.symbol), file.symbol)
    if file.symbol not in known and canonical != file.symbol:
        file.notes.changed(
            "/symbol", file.symbol, f"allowed_symbols {canonical}", "the symbol map says that the broker's name is this"
        )
        return canonical
    broker = known.get(file.symbol, file.symbol)
    called = "" if broker == file.symbol else f", which the broker calls {broker}"
    file.notes.translated("/symbol", file.symbol, f"allowed_symbols {file.symbol}{called}")
    return file.symbol


def _direction(strategy: ObjectReader) -> str:
    given = (strategy.text("direction") or "").lower()
    if not given:
        strategy.notes.changed(strategy.place("direction"), "", "long", "not given: the earlier console's usual value")
        return "long"
    if given not in DIRECTIONS:
        strategy.notes.refuse(
            strategy.place("direction"), given, f"must be one of {', '.join(DIRECTIONS)}", nearest(given, DIRECTIONS)
        )
    elif given == "both":
        strategy.notes.changed(strategy.place("direction"), given, "both", _BOTH)
    else:
        strategy.notes.translated(strategy.place("direction"), given, given)
    return given


def _conditions(file: RuleFile, leave_out: Collection[str]) -> dict[str, list[Any]]:
    block = file.reader.inner("conditions")
    if not block.given and not file.reader.has("conditions"):
        file.notes.refuse("/conditions", "", "is required")
    found = {name: _facts(block.items(name), block.place(name), file, file.notes, leave_out) for name in SECTIONS}
    if block.given and not found["entry"]:
        file.notes.refuse(block.place("entry"), "", "a strategy needs at least one entry condition")
    if len(found["exit"]) > 1:
        file.notes.changed(block.place("exit"), f"{len(found['exit'])} conditions", "any of them", _ANY)
    block.finish()
    key = "invalidations"
    found[key] = _facts(file.strategy.items(key), file.strategy.place(key), file, file.notes, leave_out)
    if file.profile is not None:
        extra = _facts(list(file.profile.invalidations), f"/{key}", file, file.profile.notes, leave_out)
        found[key] += [condition for condition in extra if condition not in found[key]]
    return found


def _facts(items: list[Tree], place: str, file: RuleFile, notes: Notes, leave_out: Collection[str]) -> list[Any]:
    found: list[Any] = []
    for index, item in enumerate(items):
        here = f"{place}/{index}"
        if not isinstance(item, str) or not item.strip():
            notes.refuse(here, item, "must be the name of a fact")
            continue
        name = item.strip().lower()
        if name in leave_out and not place.endswith("/entry"):
            notes.left_out(here, name, "as --leave-out asks")
            continue
        condition = translate_fact(name, file.block, here, notes)
        if condition is None:
            continue
        if condition in found:
            notes.left_out(here, name, "says the same as a fact before it")
        else:
            found.append(condition)
    return found


def _declared(conditions: dict[str, list[Any]], block: LegacyIndicators) -> dict[str, Any]:
    """Return the indicators that comparisons refer to by name; facts bring their own."""
    used = frozenset().union(*(indicators_of(each) for group in conditions.values() for each in group))
    known = {
        "rsi": {"kind": "rsi", "period": block.rsi_period},
        "macd": {"kind": "macd", "fast": block.macd_fast, "slow": block.macd_slow, "signal": block.macd_signal},
    }
    return {name: part for name, part in known.items() if name in used}


def _session_windows(file: RuleFile, windows: Windows, usual_zone: str) -> list[Any]:
    own = translate_sessions(file.reader.items("sessions"), file.reader, "sessions", windows, usual_zone)
    profile, hours = file.profile, windows.by_symbol.get(file.symbol, [])
    if profile is not None and profile.sessions:
        if own:
            profile.notes.left_out(
                "/bestSessions",
                list(profile.sessions),
                f"{file.name} names its own sessions; these only raised a score",
            )
        else:
            own = translate_sessions(list(profile.sessions), profile.reader, "bestSessions", windows, usual_zone)
            profile.notes.changed(
                "/bestSessions", list(profile.sessions), f"{file.name}: session_windows",
                "they only raised a score; the rule file names no session, so now nothing is opened outside them",
            )  # fmt: skip
    if profile is not None and profile.timeframes:
        _compare_timeframes(file, profile)
    if hours and own:
        file.notes.left_out(
            "/sessions", f"hours of {file.symbol} in sessions.csv",
            "windows of a document are alternatives, so hours cannot narrow the sessions of this file; "
            "write one window for both where that matters",
        )  # fmt: skip
    return own or list(hours)


def _compare_timeframes(file: RuleFile, profile: Profile) -> None:
    given, place = list(profile.timeframes), "/bestTimeframes"
    if file.timeframe in given:
        profile.notes.translated(place, given, f"{file.name}: timeframe {file.timeframe} is one of them")
    else:
        profile.notes.left_out(
            place, given, f"{file.name} runs on {file.timeframe}, which is none of them; that only lowered a score"
        )


def _news(strategy: ObjectReader) -> dict[str, Any]:
    minutes = strategy.whole("news_embargo_minutes", 0, 1440)
    place = strategy.place("news_embargo_minutes")
    if minutes is None:
        return {}
    if minutes == 0:
        strategy.notes.changed(place, 0, "no embargo of its own", "the policy's minimum embargo holds all the same")
        return {}
    strategy.notes.changed(
        place, minutes, f"high_impact_news {minutes} min before and after",
        "around high-impact events of the symbol's currencies; the policy's minimum embargo can only be widened",
    )  # fmt: skip
    return {"high_impact_news": {"before_minutes": minutes, "after_minutes": minutes}, "currencies": "symbol"}


def _caps(file: RuleFile, options: ImportOptions) -> dict[str, Any]:
    given = file.strategy.number("max_risk_pct", "0", "100")
    place = file.strategy.place("max_risk_pct")
    own = None if given is None else fraction_of(given, options.risk_unit, place, file.notes)
    other: Decimal | None = file.profile.risk_fraction if file.profile is not None else None
    found = [fraction for fraction in (own, other) if fraction is not None]
    if not found:
        return {}
    if file.profile is not None and own is not None and other is not None and other != own:
        file.profile.notes.changed(
            "/style/maxRiskPct", f"{other:f}", f"{file.name}: risk_fraction {min(found):f}",
            f"the rule file says {own:f}; the smaller of both holds",
        )  # fmt: skip
    return {"risk_fraction": min(found)}
