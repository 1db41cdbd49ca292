"""What a kind of indicator declares, and an indicator ready to be computed.

A kind says everything about itself in data: parameters with limits, outputs with unit, range and mirror rule, the
first bar that has a value and the minimum window. Documents, their JSON Schema, the evaluation and the reference
page all read these declarations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64, Int64
from tradewarden.core.market.server_days import server_days
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import maker_of

COLUMN_UNITS: dict[str, Unit] = {
    "open": Unit.PRICE,
    "high": Unit.PRICE,
    "low": Unit.PRICE,
    "close": Unit.PRICE,
    "volume": Unit.VOLUME,
    "spread": Unit.POINTS,
}
SINGLE = "value"
PERIOD = "period"
SOURCE = "source"

Value: TypeAlias = int | Decimal | str
Outputs: TypeAlias = dict[str, Float64]


class MirrorRule(StrEnum):
    """What becomes of a value when the market is turned upside down.

    A price level is turned with the prices; a reflected value x becomes ``total`` - x (signed values have the total
    0, an oscillator from 0 to 100 has 100); a neutral value stays.
    """

    PRICE = "price"
    REFLECTED = "reflected"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Mirror:
    """How an output mirrors; ``partner`` is the output of the same indicator that takes its place."""

    rule: MirrorRule
    total: int = 0
    partner: str = ""


NEUTRAL = Mirror(MirrorRule.NEUTRAL)
PRICE = Mirror(MirrorRule.PRICE)
SIGNED = Mirror(MirrorRule.REFLECTED)


@dataclass(frozen=True, slots=True)
class Output:
    """One output. ``unit`` is None where it is that of the source column; ``low`` and ``high`` bound its values."""

    name: str
    unit: Unit | None
    mirror: Mirror
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: a number from ``low`` to ``high`` (``whole`` or not), or one of ``choices``.

    A parameter without a ``default`` must be given.
    """

    name: str
    description: str
    default: Value | None = None
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    whole: bool = True
    choices: tuple[str, ...] = ()


def bars_parameter(
    low: int, default: int | None, description: str = "Number of bars.", name: str = PERIOD, high: int = 500
) -> Parameter:
    """Return a parameter that counts bars."""
    return Parameter(name=name, description=description, default=default, low=Decimal(low), high=Decimal(high))


def number_parameter(name: str, low: str, high: str, default: str, description: str) -> Parameter:
    """Return a parameter that takes fractions."""
    return Parameter(
        name=name, description=description, default=Decimal(default), low=Decimal(low), high=Decimal(high), whole=False
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of one indicator by name, defaults filled in."""

    values: Mapping[str, Value]

    def count(self, name: str = PERIOD) -> int:
        """Return the whole number ``name``."""
        return int(self.values[name])

    def number(self, name: str) -> float:
        """Return the number ``name`` as a float, for arithmetic on arrays."""
        return float(self.values[name])

    def text(self, name: str) -> str:
        """Return the choice ``name``."""
        return str(self.values[name])


@dataclass(frozen=True, slots=True)
class Length:
    """A number of bars that follows from the settings and the timeframe; ``text`` says the same to people."""

    count: Callable[[Settings, Timeframe], int]
    text: str


def length_of(*terms: tuple[int, str], extra: int = 0) -> Length:
    """Return the sum of ``extra`` and of each term: a multiple and the name of a parameter."""
    parts = [name if multiple == 1 else f"{multiple} × {name}" for multiple, name in terms]
    parts += [str(abs(extra))] if extra or not terms else []
    sign = " − " if extra < 0 and terms else " + "
    text = " + ".join(parts[:-1]) + sign + parts[-1] if extra and terms else " + ".join(parts)
    return Length(lambda settings, _: sum(each * settings.count(name) for each, name in terms) + extra, text)


@dataclass(frozen=True, slots=True)
class View:
    """What an indicator is computed on: bars, its settings, and the server clock where it needs days.

    ``newest`` is how many of the newest values will be read, 0 for all: older ones may be left NaN where they cost.
    """

    bars: Bars
    settings: Settings
    server_clock: ServerClock | None
    newest: int

    @property
    def source(self) -> Float64:
        """Return the bar column that the settings name."""
        column: Float64 = getattr(self.bars, self.settings.text(SOURCE))
        return column

    @property
    def days(self) -> Int64:
        """Return the server's day of each bar as a count of days. Raises ValueError without a server clock."""
        if self.server_clock is None:
            raise ValueError("the indicator reads days of the broker's clock, and no server clock was given")
        return server_days(self.server_clock, self.bars.opened_at)


_make_view = maker_of(View)


def _accept(_: Settings) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorKind:
    """One kind of indicator.

    ``first_index`` gives the index of the first bar with a value; where ``exact`` is False that bar depends on what
    the bars hold (days, swings) and the index is the earliest possible. ``minimum_window`` is how many bars the
    newest value needs so that its drift stays below the quantum. ``own_window`` says that an evaluation computes the
    indicator on just that window, whatever the other indicators need. ``partner`` is the kind that takes its place
    in a mirrored strategy. ``check`` returns the parameter that contradicts another, and why. ``intraday`` kinds
    make no sense on D1 bars.
    """

    name: str
    title: str
    definition: str
    reads: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    first_index: Length
    minimum_window: Length
    function: Callable[[View], Outputs]
    exact: bool = True
    own_window: bool = True
    intraday: bool = False
    partner: str = ""
    check: Callable[[Settings], tuple[str, str] | None] = _accept

    @property
    def reads_source(self) -> bool:
        """Return whether the indicator reads one column that the document may choose."""
        return any(parameter.name == SOURCE for parameter in self.parameters)

    def output(self, name: str) -> Output:
        """Return the output ``name``. Raises KeyError, naming those there are."""
        for output in self.outputs:
            if output.name == name:
                return output
        raise KeyError(f"{self.name} has no output {name!r}, it has {', '.join(o.name for o in self.outputs)}")

    def keys(self, name: str) -> dict[str, Output]:
        """Return the series of an indicator called ``name``: its name, or ``name.output`` for each of several."""
        if len(self.outputs) == 1:
            return {name: self.outputs[0]}
        return {f"{name}.{output.name}": output for output in self.outputs}

    def settings(self, spec: IndicatorSpec) -> Settings:
        """Return the parameters of ``spec`` with defaults filled in. Raises ValueError for one the kind lacks."""
        given: dict[str, Value] = {parameter.name: parameter.value for parameter in spec.parameters}
        given |= {PERIOD: spec.period} if spec.period else {}
        values: dict[str, Value] = {}
        for parameter in self.parameters:
            value = spec.source if parameter.name == SOURCE else given.pop(parameter.name, parameter.default)
            if value is None:
                raise ValueError(f"{self.name} needs the parameter {parameter.name}")
            values[parameter.name] = value
        if given:
            raise ValueError(f"{self.name} takes no {', '.join(given)}")
        return Settings(values)

    def unit_of(self, output: str, source: str = "close") -> Unit:
        """Return the unit of ``output`` when the indicator reads the column ``source``."""
        return self.output(output).unit or COLUMN_UNITS[source]

    def mirror_of(self, output: str, source: str = "close") -> Mirror:
        """Return how ``output`` mirrors; what is computed from volume or spread stays as it is."""
        if self.reads_source and COLUMN_UNITS[source] is not Unit.PRICE:
            return NEUTRAL
        return self.output(output).mirror


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator with its settings, looked up once and computed as often as bars close."""

    spec: IndicatorSpec
    kind: IndicatorKind
    settings: Settings
    _first: Mapping[Timeframe, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        first = {timeframe: self.kind.first_index.count(self.settings, timeframe) for timeframe in Timeframe}
        object.__setattr__(self, "_first", first)

    def first_index(self, timeframe: Timeframe) -> int:
        """Return the index of the first bar that has a value; every bar before it is NaN."""
        return self._first[timeframe]

    def minimum_window(self, timeframe: Timeframe) -> int:
        """Return how many bars the newest value needs so that its drift stays below the quantum."""
        return self.kind.minimum_window.count(self.settings, timeframe)

    def compute(self, bars: Bars, server_clock: ServerClock | None = None, *, newest: int = 0) -> Outputs:
        """Return each output as an array of shape (n,), NaN until warm; too few bars are all NaN.

        With ``newest`` only so many values at the end are asked for; those before may be NaN too. Raises ValueError
        when the kind reads days and no ``server_clock`` is given.
        """
        first, kind = self._first[bars.timeframe], self.kind
        if len(bars) <= first:
            return {output.name: np.full(len(bars), np.nan) for output in kind.outputs}
        computed = kind.function(_make_view(bars, self.settings, server_clock, newest))
        if len(kind.outputs) > 1 and kind.exact:
            # Outputs of one kind become known together, so that no condition reads half of an indicator.
            for values in computed.values():
                values[:first] = np.nan
        return computed

    def parameters(self) -> tuple[IndicatorParameter, ...]:
        """Return the parameters other than period and source, defaults included, in declared order."""
        return tuple(
            IndicatorParameter(name=name, value=value)
            for name, value in self.settings.values.items()
            if name not in (PERIOD, SOURCE)
        )
