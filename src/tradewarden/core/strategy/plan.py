"""A specification compiled for one tick size: which series to compute on how many bars, and what is read of them.

Everything that can be looked up once is looked up here, so that an evaluation only computes, indexes and compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.kind import COLUMN_UNITS, Indicator
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS
from tradewarden.core.indicators.quantum import Quantum, Unit, quantum_of
from tradewarden.core.indicators.registry import bind
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.conditions import Compiler, Node, Read, series_key
from tradewarden.core.strategy.spec import Condition, Group, SeriesOperand, StrategySpec
from tradewarden.core.strategy.stops import STOP_INDICATOR, Measure, stop_measure, trail_measure

__all__ = ["SECTIONS", "STOP_INDICATOR", "Column", "Computation", "Feed", "Measured", "Plan", "Series", "plan_of"]

SECTIONS = ("entry", "exit", "strong", "weak")
INVALIDATION, FORBIDDEN = "invalidation", "forbidden"
# The newest value and the one before are always read, so that both are recorded.
_LEAST_DEPTH = 2
# With one bar of the strategy two higher ones may end: the one that it lies in, and one that ended over a pause.
_LEAST_DEPTH_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A bar column: its key, its quantum, and how many of its newest values are read."""

    key: str
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

    ``bars`` is the number of newest bars it is computed on, 0 for all that the evaluation reads; ``depth`` how many of
    the newest values of any output are read. ``key`` tells it from every computation that gives other counts on the
    same bars; what the strategy calls it is no part of that.
    """

    indicator: Indicator
    series: tuple[Series, ...]
    minimum_window: int
    bars: int
    parameters: tuple[IndicatorParameter, ...]
    feed: int
    depth: int
    key: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One timeframe that a strategy reads: what is computed on its bars, and how many of them are needed."""

    timeframe: Timeframe
    bars_required: int
    columns: tuple[Column, ...]
    computations: tuple[Computation, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stop or a trail is measured by, and where it stands among the reads."""

    measure: Measure
    read: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A specification compiled for one tick size; the strategy's own timeframe is the first of ``feeds``.

    ``computations`` are those of all feeds in the order of the document.
    """

    feeds: tuple[Feed, ...]
    computations: tuple[Computation, ...]
    reads: tuple[Read, ...]
    nodes: tuple[Node, ...]
    price_quantum: Quantum
    stop: Measured | None
    trail: Measured | None

    @property
    def bars_required(self) -> int:
        """Return how many bars of the strategy's own timeframe are read."""
        return self.feeds[0].bars_required


# Each side of each strategy, for each tick size among its symbols, and once more for no tick in particular.
@lru_cache(maxsize=2048)
def plan_of(spec: StrategySpec, tick_size: Decimal) -> Plan:
    """Return ``spec`` compiled for ``tick_size``.

    Raises ValueError when the tick size is not above 0, and InvalidInput for a timeframe below the strategy's own.
    """
    quanta = {unit: quantum_of(unit, tick_size) for unit in Unit}
    layout = _Layout(spec, quanta)
    compiler = Compiler(layout.locate)
    nodes = tuple(
        node
        for section, pointer, conditions in _sections(spec)
        for node in compiler.section(section, conditions, pointer)
    )
    stop, trail = (
        None if measure is None else Measured(measure, compiler.read(measure.operand))
        for measure in (layout.stop, layout.trail)
    )
    depths: dict[str, int] = {}
    for read in (item for item in compiler.reads if item.series):
        depths[read.series] = max(depths.get(read.series, 0), read.shift + _least_depth(read.feed))
    computations = tuple(layout.computation(each, depths) for each in layout.indicators)
    feeds = tuple(_feed(layout, place, depths, computations) for place in range(len(layout.timeframes)))
    return Plan(
        feeds=feeds,
        computations=computations,
        reads=tuple(compiler.reads),
        nodes=nodes,
        price_quantum=quanta[Unit.PRICE],
        stop=stop,
        trail=trail,
    )


def _sections(spec: StrategySpec) -> tuple[tuple[str, str, tuple[Condition, ...]], ...]:
    """Return name, place in the document and conditions of every section, in the order in which they are judged."""
    place = f"/{spec.conditions_key}"
    return (
        ("entry", f"{place}/entry", spec.entry),
        ("exit", f"{place}/exit", spec.exit),
        ("strong", f"{place}/strong", spec.strong),
        ("weak", f"{place}/weak", spec.weak),
        (INVALIDATION, f"{place}/invalidations", spec.invalidations),
        (FORBIDDEN, "/forbidden_conditions/conditions", spec.forbidden.conditions),
    )


def timeframes_of(spec: StrategySpec) -> tuple[Timeframe, ...]:
    """Return every timeframe that ``spec`` reads: its own first, then higher ones in rising order."""
    # The tick size changes no timeframe; one is needed to compile.
    return tuple(feed.timeframe for feed in plan_of(spec, Decimal(1)).feeds)


class _Layout:
    """The series of a specification: their names, units, and the bars that each is computed on."""

    def __init__(self, spec: StrategySpec, quanta: dict[Unit, Quantum]) -> None:
        self._own, self._quanta = spec.timeframe, quanta
        self.stop = self._shared(stop_measure(spec.stop_loss, spec.side), spec.indicators)
        hidden: tuple[IndicatorSpec, ...] = (
            () if self.stop is None or self.stop.indicator is None else (self.stop.indicator,)
        )
        self.trail = self._shared(trail_measure(spec.trail), (*spec.indicators, *hidden))
        hidden += () if self.trail is None or self.trail.indicator is None else (self.trail.indicator,)
        self.indicators = tuple(bind(each) for each in (*spec.indicators, *hidden))
        self._named = {each.spec.name: each for each in self.indicators}
        self._units: dict[str, Unit] = {
            key: each.kind.unit_of(output.name, each.spec.source)
            for each in self.indicators
            for key, output in each.kind.keys(each.spec.name).items()
        }
        read = {each.spec.timeframe for each in self.indicators} | {each.timeframe for each in _operands(spec)}
        higher = sorted((each for each in read if each not in (None, self._own)), key=lambda each: each.minutes)
        if higher and higher[0].minutes < self._own.minutes:
            raise InvalidInput(f"{spec.name} runs on {self._own} bars and cannot read {higher[0]}, which are shorter")
        self.timeframes = (self._own, *higher)

    def _shared(self, measure: Measure | None, indicators: tuple[IndicatorSpec, ...]) -> Measure | None:
        """Return ``measure``, read from an average true range that the strategy computes anyway where there is one."""
        wanted = None if measure is None else measure.indicator
        if measure is None or wanted is None:
            return measure
        for each in indicators if wanted.kind == "atr" else ():
            if (each.kind, each.period) == ("atr", wanted.period) and each.timeframe in (None, self._own):
                return replace(measure, operand=replace(measure.operand, series=each.name), indicator=None)
        if all(each.name != wanted.name for each in indicators):
            return measure
        # The document gives that name to something else; no name in a document has parentheses.
        name = f"{wanted.name}()"
        operand = replace(measure.operand, series=name)
        return replace(measure, operand=operand, indicator=replace(wanted, name=name))

    def place_of(self, timeframe: Timeframe | None) -> int:
        """Return the place of ``timeframe`` among those that are read; None is the strategy's own."""
        return 0 if timeframe is None else self.timeframes.index(timeframe)

    def locate(self, operand: SeriesOperand) -> tuple[str, Quantum, int]:
        """Return the key, the quantum and the feed of the operand's series."""
        key = series_key(operand)
        if key in COLUMN_UNITS:
            place = self.place_of(operand.timeframe)
            return column_key(key, place), self._quanta[COLUMN_UNITS[key]], place
        return key, self._quanta[self._units[key]], self.place_of(self._named[operand.series].spec.timeframe)

    def columns(self, place: int, depths: dict[str, int]) -> tuple[Column, ...]:
        """Return the bar columns that are read of the feed at ``place``."""
        keys = {name: column_key(name, place) for name in COLUMN_UNITS}
        return tuple(
            Column(key, name, self._quanta[COLUMN_UNITS[name]], depths[key])
            for name, key in keys.items()
            if key in depths
        )

    def computation(self, indicator: Indicator, depths: dict[str, int]) -> Computation:
        """Return how ``indicator`` is computed, given how far back each series is read."""
        place = self.place_of(indicator.spec.timeframe)
        series = tuple(
            Series(
                key,
                output.name,
                self._quanta[self._units[key]],
                self._units[key].value,
                depths.get(key, _least_depth(place)),
            )
            for key, output in indicator.kind.keys(indicator.spec.name).items()
        )
        window = indicator.minimum_window(self.timeframes[place])
        depth = max(item.depth for item in series)
        bars = window + depth - 1 if indicator.kind.own_window else 0
        reads = [(each.output, each.depth, each.quantum.step) for each in series]
        key = repr((indicator.kind.name, indicator.settings.values, bars, reads))
        return Computation(indicator, series, window, bars, indicator.parameters(), place, depth, key)


def column_key(name: str, place: int) -> str:
    """Return the key of the bar column ``name`` of the feed at ``place``."""
    return name if place == 0 else f"{name}@{place}"


def _least_depth(place: int) -> int:
    return _LEAST_DEPTH if place == 0 else _LEAST_DEPTH_ABOVE


def _feed(layout: _Layout, place: int, depths: dict[str, int], computations: Iterable[Computation]) -> Feed:
    columns, own = layout.columns(place, depths), tuple(each for each in computations if each.feed == place)
    needed = [column.depth for column in columns] + [_reach(each) for each in own]
    least = MARKET_WINDOW_BARS if place == 0 else _LEAST_DEPTH_ABOVE
    return Feed(layout.timeframes[place], max([least, *needed]), columns, own)


def _reach(computation: Computation) -> int:
    return computation.minimum_window + computation.depth - 1


def _operands(spec: StrategySpec) -> Iterable[SeriesOperand]:
    """Yield every series that a condition, the stop or the trail of ``spec`` reads."""
    waiting: list[Condition] = [each for _, _, conditions in _sections(spec) for each in conditions]
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, Group):
            waiting += condition.members
            continue
        yield from (each for each in (condition.left, *condition.right) if isinstance(each, SeriesOperand))
    for measure in (stop_measure(spec.stop_loss, spec.side), trail_measure(spec.trail)):
        if measure is not None:
            yield measure.operand
