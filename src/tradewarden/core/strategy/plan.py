"""A specification compiled for one tick size: which series to compute on how many bars, and what is read of them.

Everything that can be looked up once is looked up here, so that an evaluation only computes, indexes and compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.kind import COLUMN_UNITS, Indicator
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS
from tradewarden.core.indicators.quantum import Quantum, Unit, quantum_of
from tradewarden.core.indicators.registry import bind
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.conditions import Compiler, Node, Read
from tradewarden.core.strategy.spec import AtrStop, Condition, StrategySpec

SECTIONS = ("entry", "exit", "strong", "weak")
STOP_INDICATOR = "stop_loss"
# The newest value and the one before are always read, so that both are recorded.
_LEAST_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A bar column, its quantum, and how many of its newest values are read."""

    name: str
    quantum: Quantum
    depth: int


@dataclass(frozen=True, slots=True)
class Series:
    """One output of an indicator; ``key`` is the strategy's name for it."""

    key: str
    output: str
    quantum: Quantum
    unit: str
    depth: int


@dataclass(frozen=True, slots=True)
class Computation:
    """One indicator and its outputs.

    ``bars`` is the number of newest bars it is computed on, 0 for all that the evaluation reads.
    """

    indicator: Indicator
    series: tuple[Series, ...]
    minimum_window: int
    bars: int
    parameters: tuple[IndicatorParameter, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A specification compiled for one tick size."""

    bars_required: int
    columns: tuple[Column, ...]
    computations: tuple[Computation, ...]
    reads: tuple[Read, ...]
    nodes: tuple[Node, ...]
    stop_key: str
    stop_quantum: Quantum
    stop_ratio: tuple[int, int]


@lru_cache(maxsize=512)
def plan_of(spec: StrategySpec, tick_size: Decimal) -> Plan:
    """Return ``spec`` compiled for ``tick_size``. Raises ValueError when the tick size is not above 0."""
    quanta = {unit: quantum_of(unit, tick_size) for unit in Unit}
    named = {indicator.name: bind(indicator) for indicator in spec.indicators}
    stop = atr_stop(spec)
    same = (item.name for item in spec.indicators if item.kind == "atr" and item.period == stop.period)
    stop_key = next(same, STOP_INDICATOR)
    if stop_key not in named:
        named[stop_key] = bind(IndicatorSpec(name=stop_key, kind="atr", period=stop.period))
    units = {**COLUMN_UNITS, **_units(named.values())}
    compiler = Compiler(lambda key: quanta[units[key]])
    declared: dict[str, tuple[Condition, ...]] = {
        "entry": spec.entry,
        "exit": spec.exit,
        "strong": spec.strong,
        "weak": spec.weak,
    }
    nodes = tuple(node for section in SECTIONS for node in compiler.section(section, declared[section]))
    depths: dict[str, int] = {}
    for read in (item for item in compiler.reads if item.series):
        depths[read.series] = max(depths.get(read.series, _LEAST_DEPTH), read.shift + _LEAST_DEPTH)
    columns = tuple(Column(name, quanta[units[name]], depths[name]) for name in COLUMN_UNITS if name in depths)
    computations = tuple(_computation(each, units, quanta, depths, spec.timeframe) for each in named.values())
    return Plan(
        bars_required=max(
            MARKET_WINDOW_BARS,
            *(column.depth for column in columns),
            *(_reach(item) for item in computations),
        ),
        columns=columns,
        computations=computations,
        reads=tuple(compiler.reads),
        nodes=nodes,
        stop_key=stop_key,
        stop_quantum=quanta[Unit.PRICE],
        stop_ratio=stop.multiple.as_integer_ratio(),
    )


def atr_stop(spec: StrategySpec) -> AtrStop:
    """Return the stop rule of ``spec``. Raises InvalidInput for a rule other than the ATR's."""
    if not isinstance(spec.stop_loss, AtrStop):
        raise InvalidInput(f"{spec.name}: a stop by {type(spec.stop_loss).__name__} is not run")
    return spec.stop_loss


def _units(indicators: Iterable[Indicator]) -> dict[str, Unit]:
    return {
        key: indicator.kind.unit_of(output.name, indicator.spec.source)
        for indicator in indicators
        for key, output in indicator.kind.keys(indicator.spec.name).items()
    }


def _computation(
    indicator: Indicator,
    units: dict[str, Unit],
    quanta: dict[Unit, Quantum],
    depths: dict[str, int],
    timeframe: Timeframe,
) -> Computation:
    series = tuple(
        Series(key, output.name, quanta[units[key]], units[key].value, depths.get(key, _LEAST_DEPTH))
        for key, output in indicator.kind.keys(indicator.spec.name).items()
    )
    window = indicator.minimum_window(timeframe)
    bars = window + max(item.depth for item in series) - 1 if indicator.kind.own_window else 0
    return Computation(indicator, series, window, bars, indicator.parameters())


def _reach(computation: Computation) -> int:
    return computation.minimum_window + max(item.depth for item in computation.series) - 1
