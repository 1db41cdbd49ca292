"""What a strategy document may say beyond its shape: known names, units, limits, and what is not run yet.

A rule raises :class:`Refusal`; the parser turns it into a problem with the JSON pointer of the place. Nothing here
knows how documents are parsed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.kind import COLUMN_UNITS, IndicatorKind
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.market.session import NAMED_SESSIONS, zone
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.conditions import operand_text, series_key
from tradewarden.core.strategy.document.reading import Tree, shown
from tradewarden.core.strategy.spec import Comparison, Condition, NumberOperand, Operand, Operator, SeriesOperand

NOT_RUN = "this version of Tradewarden does not run it"
MAX_STEP_BARS = 50
# Parts of the format that are known, and refused by name rather than as unknown keys.
NOT_RUN_KEYS: dict[str, str] = {
    "conditions_short": "separate conditions for shorts",
    "break_even_at_r": "moving the stop to break-even",
    "trail": "a trailing stop",
    "invalidations": "invalidations",
    "cool_down_minutes": "a cool-down",
}
STOPS_NOT_RUN = ("swing", "points", "percent", "indicator", "structure")
_TIMEFRAMES = tuple(timeframe.value for timeframe in Timeframe)
TIMEFRAMES_NOT_RUN = ("M2", "M3", "M4", "M6", "M10", "M12", "M20", "H2", "H3", "H6", "H8", "H12", "W1", "MN1")
OPERAND_WANTED = "must be a series, a number or an object with series, output, shift and multiple"
NAME_PATTERN = "^[A-Za-z][A-Za-z0-9_]{0,31}$"
_NAME = re.compile(NAME_PATTERN.strip("^$"))
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
    several. ``unclear`` are indicators whose kind cannot be understood: nothing is held against what refers to them,
    nor against anything where the indicators or the timeframe cannot be understood at all.
    """

    units: dict[str, Unit]
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
    indicators = tree.get("indicators", {})
    for name, part in (indicators if isinstance(indicators, dict) else {}).items():
        kind = part.get("kind") if isinstance(part, dict) else None
        source = part.get("source", "close") if isinstance(part, dict) else None
        if name in COLUMN_UNITS:
            continue
        if isinstance(kind, str) and kind in KINDS and isinstance(source, str) and source in COLUMN_UNITS:
            known = KINDS[kind]
            units |= {key: known.unit_of(output.name, source) for key, output in known.keys(name).items()}
        else:
            unclear.add(name)
    timeframe = tree.get("timeframe")
    understood = isinstance(timeframe, str) and timeframe in _TIMEFRAMES
    return Names(units, frozenset(unclear), isinstance(indicators, dict), str(timeframe) if understood else "")


def indicator_tag(kind: str) -> str:
    """Return the mark that the validator puts into the location of an indicator of ``kind``."""
    return f"<indicator {kind}>"


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


def check_kind(value: object) -> object:
    """Return ``value`` when it is an object with a known kind."""
    if not isinstance(value, dict):
        raise Refusal("must be an object", value)
    if "kind" not in value:
        raise Refusal("is required", key="kind")
    kind = value["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refusal(f"must be one of {', '.join(KINDS)}", kind, nearest(kind, KINDS), key="kind")
    return value


def check_timeframe(timeframe: str | None, names: Names) -> None:
    """Refuse any timeframe of an indicator but the strategy's own."""
    if timeframe is not None and names.timeframe and timeframe != names.timeframe:
        raise Refusal(
            f"an indicator on another timeframe than the strategy's {names.timeframe} is known, but {NOT_RUN}",
            timeframe,
            key="timeframe",
        )


def check_intraday(kind: IndicatorKind, names: Names) -> None:
    """Refuse an indicator of hours within a day on bars that are days."""
    if kind.intraday and names.timeframe == Timeframe.D1.value:
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
    """Return ``value`` when it is an object; named facts are refused by name."""
    if isinstance(value, str):
        raise Refusal(
            f"the named fact {shown(value)} cannot be used: facts are known, but {NOT_RUN}; "
            'write a comparison {"left", "op", "right"}'
        )
    if not isinstance(value, dict):
        raise Refusal('must be a comparison {"left", "op", "right"} or a group {"all" | "any" | "not"}', value)
    return value


def count_comparisons(condition: Condition) -> int:
    """Return how many comparisons ``condition`` holds, nested ones included."""
    if isinstance(condition, Comparison):
        return 1
    return sum(count_comparisons(member) for member in condition.members)


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


def check_targets(value: object) -> object:
    """Return ``value`` unless it lists several targets."""
    if isinstance(value, list) and len(value) > 1:
        raise Refusal(f"more than one take-profit target is known, but {NOT_RUN}; give exactly one", len(value))
    return value


def check_fraction(value: object) -> Decimal:
    """Return 1: the only fraction that the only target can close."""
    if isinstance(value, bool) or value != 1:
        raise Refusal(f"closing a part at a target is known, but {NOT_RUN}; must be 1", value)
    return Decimal(1)


def check_currencies(value: object) -> str:
    """Return ``value`` when it is "symbol"."""
    if isinstance(value, list):
        raise Refusal(f'a list of currencies is known, but {NOT_RUN}; must be "symbol"', value)
    return check_choice(value, ("symbol",))


def check_clock(value: object) -> str:
    """Return ``value`` when it is a time of day such as ``07:00``."""
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
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


def reward_problem(tree: dict[str, Tree]) -> str:
    """Return what is wrong between the targets and the expected reward of ``tree``, or an empty text.

    The idea's reward is measured after costs, so a target below the expectation could never pass the gate.
    """
    rules, expected = tree.get("exit_rules"), tree.get("rr_expectation")
    targets = rules.get("take_profit") if isinstance(rules, dict) else None
    first = targets[0] if isinstance(targets, list) and len(targets) == 1 else None
    reward = first.get("rr") if isinstance(first, dict) else None
    if isinstance(reward, bool) or isinstance(expected, bool):
        return ""
    if isinstance(reward, int | Decimal) and isinstance(expected, int | Decimal) and expected > reward:
        return f"is above the reward of the only target, {reward} R: no idea could ever pass"
    return ""
