"""What a strategy document may say beyond its shape: known names, units, limits, and what is not run yet.

A rule raises :class:`Refusal`; the parser turns it into a problem with the JSON pointer of the place. Nothing here
knows how documents are parsed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.kind import COLUMN_UNITS, IndicatorKind, MirrorRule
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.market.session import NAMED_SESSIONS, zone
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.conditions import operand_text, series_key
from tradewarden.core.strategy.document.reading import Tree, shown
from tradewarden.core.strategy.spec import Comparison, Condition, NumberOperand, Operand, Operator, SeriesOperand

NOT_RUN = "this version of Tradewarden does not run it"
MAX_STEP_BARS = 50
MAX_COMPARISONS = 100
_TIMEFRAMES = tuple(timeframe.value for timeframe in Timeframe)
TIMEFRAMES_NOT_RUN = ("M2", "M3", "M4", "M6", "M10", "M12", "M20", "H2", "H3", "H6", "H8", "H12", "W1", "MN1")
OPERAND_WANTED = "must be a series, a number or an object with series, output, shift, multiple and timeframe"
NAME_PATTERN = "^[A-Za-z][A-Za-z0-9_]{0,31}$"
_NAME = re.compile(NAME_PATTERN.strip("^$"))
_CURRENCY = re.compile(r"[A-Z]{3}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_USUAL_ZONES = ("UTC", *(session.zone_name for session in NAMED_SESSIONS.values()), "Europe/Berlin", "Europe/Athens")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


class Refusal(ValueError):
    """A rule of documents is broken; ``suggestion`` is the nearest name that would have been accepted.

    ``key`` names the part of the object at fault, where a rule looks at the object as a whole.
    """

    def __init__(self, message: str, found: object = None, suggestion: str = "", *, key: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.found = "" if found is None else shown(found)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Names:
    """What the conditions of one document may refer to.

    ``units`` holds the unit of each series: columns, indicators of one output, and ``name.output`` for each of
    several; ``levels`` are those of them that are prices, where a stop can stand. ``unclear`` are indicators whose
    kind cannot be understood: nothing is held against what refers to them, nor against anything where the indicators
    or the timeframe cannot be understood at all.
    """

    units: dict[str, Unit]
    levels: frozenset[str]
    unclear: frozenset[str]
    are_complete: bool
    timeframe: str

    def outputs(self, name: str) -> tuple[str, ...]:
        """Return the outputs of the indicator ``name`` that has several, or none."""
        return tuple(key.partition(".")[2] for key in self.units if key.partition(".")[0] == name and "." in key)

    def covers(self, name: str) -> bool:
        """Return whether a reference to ``name`` or its outputs can be judged."""
        return self.are_complete and name.partition(".")[0] not in self.unclear


def nearest(name: object, known: Iterable[str]) -> str:
    """Return the one of ``known`` that ``name`` most likely means, or an empty text."""
    choices = {choice.lower(): choice for choice in known}
    found = get_close_matches(str(name)[:64].lower(), list(choices), n=1, cutoff=0.5)
    return choices[found[0]] if found else ""


def names_of(tree: dict[str, Tree]) -> Names:
    """Return the names that the conditions of ``tree`` may use, as far as its indicators can be understood."""
    units, unclear = dict(COLUMN_UNITS), set()
    levels = {name for name, unit in COLUMN_UNITS.items() if unit is Unit.PRICE}
    indicators = tree.get("indicators", {})
    for name, part in (indicators if isinstance(indicators, dict) else {}).items():
        kind = part.get("kind") if isinstance(part, dict) else None
        source = part.get("source", "close") if isinstance(part, dict) else None
        if name in COLUMN_UNITS:
            continue
        if isinstance(kind, str) and kind in KINDS and isinstance(source, str) and source in COLUMN_UNITS:
            known = KINDS[kind]
            for key, output in known.keys(name).items():
                units[key] = known.unit_of(output.name, source)
                if units[key] is Unit.PRICE and known.mirror_of(output.name, source).rule is MirrorRule.PRICE:
                    levels.add(key)
        else:
            unclear.add(name)
    timeframe = tree.get("timeframe")
    understood = isinstance(timeframe, str) and timeframe in _TIMEFRAMES
    return Names(
        units=units,
        levels=frozenset(levels),
        unclear=frozenset(unclear),
        are_complete=isinstance(indicators, dict),
        timeframe=str(timeframe) if understood else "",
    )


def check_choice(value: object, allowed: Iterable[str], not_run: Iterable[str] = ()) -> str:
    """Return ``value`` when it is one of ``allowed``; those of ``not_run`` are refused as not run yet."""
    choices = tuple(allowed)
    if isinstance(value, str) and value in choices:
        return value
    listed = "one of " + ", ".join(shown(choice) for choice in choices)
    listed = f"must be {listed if len(choices) > 1 else shown(choices[0])}"
    if isinstance(value, str) and value in not_run:
        raise Refusal(f"{shown(value)} is known, but {NOT_RUN}; it {listed}", value)
    raise Refusal(listed, value, nearest(value, choices))


def check_indicator_name(value: object) -> str:
    """Return ``value`` when an indicator may be called so."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Refusal("an indicator's name has 1 to 32 letters, digits and _, a letter first", value)
    if value in COLUMN_UNITS:
        raise Refusal("an indicator cannot be called like a bar column", value)
    return value


def check_kind(value: object, kinds: Iterable[str], *, key: str = "kind") -> object:
    """Return ``value`` when it is an object whose ``key`` is one of ``kinds``."""
    if not isinstance(value, dict):
        raise Refusal("must be an object", value)
    if key not in value:
        raise Refusal("is required", key=key)
    kind, known = value[key], tuple(kinds)
    if not isinstance(kind, str) or kind not in known:
        raise Refusal(f"must be one of {', '.join(known)}", kind, nearest(kind, known), key=key)
    return value


def check_fact_name(value: object, facts: Iterable[str]) -> object:
    """Return ``value`` when it names one of ``facts``."""
    known = tuple(facts)
    if value not in known:
        raise Refusal(f"no such fact; known are {', '.join(known)}", value, nearest(value, known))
    return value


def higher_timeframe(wanted: Timeframe, names: Names) -> Timeframe | None:
    """Return ``wanted`` where it is above the strategy's own timeframe, None where it is that one.

    Refuses a lower one: between two bars of the strategy it would go unread.
    """
    if not names.timeframe:
        return wanted
    own = Timeframe(names.timeframe)
    if wanted.seconds < own.seconds:
        raise Refusal(f"must be the strategy's timeframe {own.value} or a higher one", wanted.value)
    return None if wanted is own else wanted


def is_out_of_hours(kind: IndicatorKind, timeframe: str | None, names: Names) -> bool:
    """Return whether ``kind`` needs the hours of a day and the bars are days."""
    return kind.intraday and (timeframe or names.timeframe) == Timeframe.D1.value


def check_intraday(kind: IndicatorKind, timeframe: str | None, names: Names) -> None:
    """Refuse an indicator of hours within a day on bars that are days."""
    if is_out_of_hours(kind, timeframe, names):
        raise Refusal(f"{kind.name} looks at the hours of a day: it needs bars shorter than D1", kind.name, key="kind")


def check_series(value: str, names: Names) -> str:
    """Return ``value`` when a condition may refer to it: a series with its output, where there are several."""
    check_output(check_name(value, names), "", names)
    return value


def check_name(value: str, names: Names) -> str:
    """Return ``value`` when it names a column, an indicator or ``indicator.output``."""
    name = value.partition(".")[0]
    if value in names.units or names.outputs(value) or not names.covers(value):
        return value
    outputs = names.outputs(name)
    if outputs:
        raise _no_such_output(name, value.partition(".")[2], outputs)
    if name in names.units:
        raise Refusal(f"{name} has one output: it is read as {shown(name)}", value, name)
    known = ", ".join((*names.units, *sorted(names.unclear)))
    raise Refusal(f"no such series; known are {known}", value, nearest(value, (*names.units, *names.unclear)))


def check_output(series: str, output: str, names: Names) -> None:
    """Refuse ``output`` of ``series`` unless together they name exactly one series."""
    name, _, named = series.partition(".")
    if output and named:
        raise Refusal(f"series already names the output {shown(named)}", output, key="output")
    outputs = names.outputs(name)
    if not names.covers(series) or named:
        return
    if outputs and not output:
        listed = ", ".join(f"{name}.{each}" for each in outputs)
        raise Refusal(f"{name} has several outputs: name one of {listed}", series)
    if output and not outputs:
        raise Refusal(f"{name} has one output: leave output out", output, key="output")
    if output and output not in outputs:
        raise _no_such_output(name, output, outputs, key="output")


def check_level(series: str, output: str, names: Names, *, suffix: str = "") -> None:
    """Refuse ``series`` unless it is a price at which a stop can stand; ``suffix`` ends the keys that name it."""
    try:
        check_output(check_name(series, names), output, names)
    except Refusal as refusal:
        refusal.key = (refusal.key or "series") + suffix
        raise
    key = f"{series}.{output}" if output else series
    if names.covers(series) and key not in names.levels:
        wanted = "a stop stands at a price: name a series of prices, such as an average or a band"
        raise Refusal(f"{wanted}, not one of {names.units[key].value}", key, key=f"series{suffix}")


def check_bars_timeframe(series: str, timeframe: str | None) -> None:
    """Refuse ``timeframe`` on anything but a bar column."""
    if timeframe is not None and series not in COLUMN_UNITS:
        columns = ", ".join(COLUMN_UNITS)
        raise Refusal(
            f"timeframe goes with a bar column ({columns}); an indicator carries its own", timeframe, key="timeframe"
        )


def _no_such_output(name: str, found: str, outputs: tuple[str, ...], key: str = "") -> Refusal:
    close = nearest(found, outputs)
    suggestion = close if key or not close else f"{name}.{close}"
    return Refusal(f"{name} has no such output; it has {', '.join(outputs)}", found, suggestion, key=key)


def check_comparison(left: Operand, op: Operator, right: tuple[Operand, ...], names: Names) -> None:
    """Refuse a comparison that could never be evaluated or would always say the same."""
    if op in (Operator.RISING, Operator.FALLING):
        _check_movement(left, op, right)
        return
    bounds = 2 if op is Operator.BETWEEN else 1
    if len(right) != bounds:
        wanted = "two bounds, such as [40, 60]" if bounds == 2 else "one operand"
        raise Refusal(f"{op.value} needs {wanted} in right, it has {len(right)}")
    operands = (left, *right)
    if all(isinstance(operand, NumberOperand) for operand in operands):
        raise Refusal("compares numbers only: one side must be a series")
    units = {names.units.get(series_key(operand)) for operand in operands if isinstance(operand, SeriesOperand)}
    measured = sorted(unit.value for unit in units if unit is not None)
    if len(measured) > 1:
        raise Refusal(f"compares values of different units: {' and '.join(measured)}")
    if len(right) == 1 and left == right[0]:
        raise Refusal(f"compares {operand_text(left)} with itself")
    low, high = right[0], right[-1]
    if isinstance(low, NumberOperand) and isinstance(high, NumberOperand) and low.value > high.value:
        raise Refusal(f"the lower bound {low.value} is above the upper bound {high.value}")


def _check_movement(left: Operand, op: Operator, right: tuple[Operand, ...]) -> None:
    if not isinstance(left, SeriesOperand):
        raise Refusal(f"{op.value} needs a series on its left, not a number")
    count = right[0] if len(right) == 1 else None
    limit = f"{op.value} takes a whole number of bars from 1 to {MAX_STEP_BARS} in right, or nothing"
    if not isinstance(count, NumberOperand) or count.value != count.value.to_integral_value():
        raise Refusal(limit)
    if not 1 <= count.value <= MAX_STEP_BARS:
        raise Refusal(limit, count.value)


def check_condition_shape(value: object) -> object:
    """Return ``value`` when it is an object."""
    if not isinstance(value, dict):
        wanted = 'a comparison {"left", "op", "right"}, a group {"all" | "any" | "not"} or the name of a fact'
        raise Refusal(f"must be {wanted}", value)
    return value


def check_count(conditions: Iterable[Condition]) -> None:
    """Refuse more comparisons than an evaluation may cost."""
    count = sum(_comparisons(condition) for condition in conditions)
    if count > MAX_COMPARISONS:
        raise Refusal(f"at most {MAX_COMPARISONS} comparisons in all, nested ones included", count)


def _comparisons(condition: Condition) -> int:
    return 1 if isinstance(condition, Comparison) else sum(_comparisons(member) for member in condition.members)


def check_version(value: object) -> int:
    """Return ``value`` when it is the schema version that this product reads."""
    if isinstance(value, bool) or value != 1:
        raise Refusal("this version of Tradewarden reads schema version 1", value)
    return 1


def check_unique(values: list[str]) -> list[str]:
    """Return ``values`` when none stands twice."""
    for value in values:
        if values.count(value) > 1:
            raise Refusal(f"{shown(value)} stands twice")
    return values


def check_currency(value: object) -> str:
    """Return ``value`` when it is written like a currency."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise Refusal("must be a currency of three capital letters, such as 'USD'", value)
    return value


def is_clock(value: object) -> bool:
    """Return whether ``value`` is a time of day such as ``07:00``."""
    return isinstance(value, str) and _CLOCK.fullmatch(value) is not None


def check_clock(value: object) -> str:
    """Return ``value`` when it is a time of day such as ``07:00``."""
    if not isinstance(value, str) or not is_clock(value):
        raise Refusal('must be a time of day from "00:00" to "23:59"', value)
    return value


def check_zone(value: object) -> str:
    """Return ``value`` when it is an IANA time zone."""
    wanted = "must be an IANA time zone such as 'Europe/London'"
    if not isinstance(value, str) or not _ZONE.fullmatch(value):
        raise Refusal(wanted, value)
    try:
        zone(value)
    except (InvalidInput, OSError) as error:  # a folder of the zone database, such as 'Europe', is an OSError
        raise Refusal(wanted, value, nearest(value, _USUAL_ZONES)) from error
    return value
