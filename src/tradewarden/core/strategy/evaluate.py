"""Evaluation of a strategy on closed bars: which conditions hold, and on what readings.

The newest :func:`required_bars` bars are read, no more, so that the answer depends on nothing but them;
fewer is a refusal, never an approximation. The result is recorded whole and feeds the confidence score and
the idea.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS
from tradewarden.core.indicators.quantum import Quantum, Unit, quantum_of
from tradewarden.core.indicators.registry import COLUMN_UNITS, KINDS, SINGLE
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.strategy.conditions import (
    Compiler,
    ConditionResult,
    Counts,
    Node,
    Read,
    judge_node,
    scale_count,
    take_readings,
)
from tradewarden.core.strategy.spec import Condition, StrategySpec

SECTIONS = ("entry", "exit", "strong", "weak")
STOP_INDICATOR = "stop_loss"
_SHARE_STEP = Decimal("0.0001")
_NO_SHARE = Decimal("0.0000")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorReading:
    """The newest value of one indicator output and the one before, with the window it was computed on.

    ``name`` is the strategy's name for it (``name.output`` where a kind has several outputs); the ATR of
    the stop is called ``stop_loss``.
    """

    name: str
    kind: str
    period: int
    unit: str
    bars_used: int
    minimum_window: int
    value: Decimal | None
    previous: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a strategy says at the end of the newest closed bar.

    ``refusal`` says why nothing could be evaluated; entry, exit, strong and weak are then false. Shares are
    fractions of the declared conditions that hold, to 4 digits, 0 for an empty list. ``stop_distance`` is
    in price units, rounded to a ten-thousandth of the tick; None where the ATR is unknown or 0.
    """

    bar_ended_at: datetime | None
    bars_used: int
    bars_required: int
    refusal: str | None
    entry: bool
    exit: bool
    strong: bool
    weak: bool
    entry_failed: int
    strong_share: Decimal
    weak_share: Decimal
    strong_count: int
    weak_count: int
    indicators: tuple[IndicatorReading, ...]
    conditions: tuple[ConditionResult, ...]
    stop_distance: Decimal | None


@dataclass(frozen=True, slots=True)
class _Series:
    """One array to compute: an indicator output, or a bar column where ``indicator`` is None."""

    key: str
    indicator: IndicatorSpec | None
    output: str
    quantum: Quantum
    unit: str
    depth: int
    minimum_window: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """A specification compiled for one tick size."""

    bars_required: int
    series: tuple[_Series, ...]
    reads: tuple[Read, ...]
    nodes: tuple[Node, ...]
    stop_key: str
    stop_ratio: tuple[int, int]


def required_bars(spec: StrategySpec) -> int:
    """Return how many closed bars an evaluation reads.

    It is the largest of: each indicator's minimum window plus the bars its operands look back, and the
    window that the market state of the confidence score is measured on.
    """
    # The tick size changes no window; one is needed to compile.
    return _plan(spec, Decimal(1)).bars_required


def evaluate(spec: StrategySpec, bars: Bars, *, tick_size: Decimal) -> Evaluation:
    """Return what ``spec`` says at the end of the newest of ``bars``.

    Raises InvalidInput when the bars are of another timeframe and ValueError when ``tick_size`` is not
    above 0.
    """
    if bars.timeframe is not spec.timeframe:
        raise InvalidInput(f"{spec.name} runs on {spec.timeframe} bars, it was given {bars.timeframe} bars")
    plan = _plan(spec, tick_size)
    count, required = len(bars), plan.bars_required
    if count < required:
        reason = f"{spec.name} needs {required} closed {spec.timeframe} bars, has {count}"
        return _refused(spec, bars, required, reason)
    window = bars if count == required else bars.window(count - required, count)
    tails = _tails(plan, window)
    readings = take_readings(plan.reads, tails)
    results = tuple([judge_node(node, readings) for node in plan.nodes])
    held: dict[str, list[bool]] = {section: [] for section in SECTIONS}
    for result in results:
        held[result.section].append(result.holds)
    entry, strong, weak = held["entry"], held["strong"], held["weak"]
    return Evaluation(
        bar_ended_at=window.last_ended_at,
        bars_used=required,
        bars_required=required,
        refusal=None,
        entry=bool(entry) and all(entry),
        exit=any(held["exit"]),
        strong=bool(strong) and all(strong),
        weak=bool(weak) and all(weak),
        entry_failed=entry.count(False),
        strong_share=_share(strong),
        weak_share=_share(weak),
        strong_count=len(strong),
        weak_count=len(weak),
        indicators=_indicator_readings(plan, tails, required),
        conditions=results,
        stop_distance=_stop_distance(plan, tails),
    )


def _refused(spec: StrategySpec, bars: Bars, required: int, reason: str) -> Evaluation:
    return Evaluation(
        bar_ended_at=bars.last_ended_at,
        bars_used=len(bars),
        bars_required=required,
        refusal=reason,
        entry=False,
        exit=False,
        strong=False,
        weak=False,
        entry_failed=len(spec.entry),
        strong_share=_NO_SHARE,
        weak_share=_NO_SHARE,
        strong_count=len(spec.strong),
        weak_count=len(spec.weak),
        indicators=(),
        conditions=(),
        stop_distance=None,
    )


def _share(held: list[bool]) -> Decimal:
    return (Decimal(sum(held)) / len(held)).quantize(_SHARE_STEP) if held else _NO_SHARE


def _tails(plan: _Plan, window: Bars) -> dict[str, Counts]:
    """Return the newest counts of every series, as deep as the plan looks back."""
    computed: dict[str, dict[str, Float64]] = {}
    tails: dict[str, Counts] = {}
    for series in plan.series:
        indicator = series.indicator
        if indicator is None:
            values: Float64 = getattr(window, series.key)
        else:
            if indicator.name not in computed:
                computed[indicator.name] = KINDS[indicator.kind].compute(window, indicator)
            values = computed[indicator.name][series.output]
        tails[series.key] = series.quantum.counts(values[-series.depth :])
    return tails


def _indicator_readings(plan: _Plan, tails: dict[str, Counts], used: int) -> tuple[IndicatorReading, ...]:
    readings = []
    for series in plan.series:
        if series.indicator is None:
            continue
        tail, value = tails[series.key], series.quantum.value
        reading = IndicatorReading(
            name=series.key,
            kind=series.indicator.kind,
            period=series.indicator.period,
            unit=series.unit,
            bars_used=used,
            minimum_window=series.minimum_window,
            value=value(tail[-1]),
            previous=value(tail[-2]),
        )
        readings.append(reading)
    return tuple(readings)


def _stop_distance(plan: _Plan, tails: dict[str, Counts]) -> Decimal | None:
    series = next(item for item in plan.series if item.key == plan.stop_key)
    atr = tails[plan.stop_key][-1]
    distance = None if atr is None else scale_count(atr, *plan.stop_ratio)
    return series.quantum.value(distance) if distance else None


@lru_cache(maxsize=512)
def _plan(spec: StrategySpec, tick_size: Decimal) -> _Plan:
    quanta = {unit: quantum_of(unit, tick_size) for unit in Unit}
    named = {indicator.name: indicator for indicator in spec.indicators}
    compiler = Compiler(lambda name: quanta[_unit(name, named)])
    declared: dict[str, tuple[Condition, ...]] = {
        "entry": spec.entry,
        "exit": spec.exit,
        "strong": spec.strong,
        "weak": spec.weak,
    }
    nodes = tuple(node for section in SECTIONS for node in compiler.section(section, declared[section]))
    stop = spec.stop_loss
    same = (item for item in spec.indicators if item.kind == "atr" and item.period == stop.period)
    stop_indicator = next(same, IndicatorSpec(name=STOP_INDICATOR, kind="atr", period=stop.period))
    named[stop_indicator.name] = stop_indicator
    series = _series(named, tuple(compiler.reads), quanta)
    return _Plan(
        bars_required=max(MARKET_WINDOW_BARS, *(item.minimum_window + item.depth - 1 for item in series)),
        series=series,
        reads=tuple(compiler.reads),
        nodes=nodes,
        stop_key=stop_indicator.name,
        stop_ratio=stop.multiple.as_integer_ratio(),
    )


def _unit(name: str, named: dict[str, IndicatorSpec]) -> Unit:
    if name in COLUMN_UNITS:
        return COLUMN_UNITS[name]
    indicator = named[name]
    return KINDS[indicator.kind].unit_of(indicator.source)


def _series(
    named: dict[str, IndicatorSpec], reads: tuple[Read, ...], quanta: dict[Unit, Quantum]
) -> tuple[_Series, ...]:
    depths: dict[str, int] = {}
    for read in (item for item in reads if item.series):
        depths[read.series] = max(depths.get(read.series, 2), read.shift + 2)
    found = [
        _Series(name, None, "", quanta[unit], unit.value, depths[name], 1)
        for name, unit in COLUMN_UNITS.items()
        if name in depths
    ]
    for name, indicator in named.items():
        unit = _unit(name, named)
        kind = KINDS[indicator.kind]
        window = kind.minimum_window(indicator.period)
        for output in kind.outputs:
            key = name if output == SINGLE else f"{name}.{output}"
            depth = depths.get(key, 2)
            found.append(_Series(key, indicator, output, quanta[unit], unit.value, depth, window))
    return tuple(found)
