"""Evaluation of a strategy on closed bars: which conditions hold, and on what readings.

The newest :func:`required_bars` bars are read, no more, so that the answer depends on nothing but them;
fewer is a refusal, never an approximation. The result is recorded whole and feeds the confidence score and
the idea.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradewarden.core.audit.codec import added_field
from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.spec import IndicatorParameter
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import ServerClock
from tradewarden.core.strategy.conditions import (
    ConditionResult,
    Counts,
    judge_node,
    scale_count,
    take_readings,
)
from tradewarden.core.strategy.plan import SECTIONS, STOP_INDICATOR, Plan, plan_of
from tradewarden.core.strategy.spec import StrategySpec

__all__ = ["SECTIONS", "STOP_INDICATOR", "Evaluation", "IndicatorReading", "evaluate", "required_bars"]

_SHARE_STEP = Decimal("0.0001")
_NO_SHARE = Decimal("0.0000")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorReading:
    """The newest value of one indicator output and the one before, with the window it was computed on.

    ``name`` is the strategy's name for it (``name.output`` where a kind has several outputs); the ATR of
    the stop is called ``stop_loss``. ``period`` is 0 for kinds without one; ``parameters`` holds all others.
    """

    name: str
    kind: str
    period: int
    unit: str
    bars_used: int
    minimum_window: int
    value: Decimal | None
    previous: Decimal | None
    parameters: tuple[IndicatorParameter, ...] = added_field(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a strategy says at the end of the newest closed bar.

    ``refusal`` says why nothing could be evaluated; entry, exit, strong and weak are then false. Shares are
    fractions of the declared conditions that hold, to 4 digits, 0 for an empty list. ``stop_distance`` is
    in price units, rounded to a ten-thousandth of the tick; None where the ATR is unknown or 0. ``stop_level`` takes
    its place for rules that name a price; ``stop_problem`` says why there is neither. ``invalid`` says that an
    invalidation holds, ``forbidden`` that a forbidden condition does. ``trail_level`` is the price, not yet rounded
    to the tick, that the strategy's trailing rule follows where it reads a series.
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
    stop_level: Decimal | None = added_field(None)
    stop_problem: str = added_field("")
    invalid: bool = added_field(default=False)
    forbidden: bool = added_field(default=False)
    trail_level: Decimal | None = added_field(None)
    trail_distance: Decimal | None = added_field(None)


def required_bars(spec: StrategySpec) -> int:
    """Return how many closed bars an evaluation reads.

    It is the largest of: each indicator's minimum window plus the bars its operands look back, and the
    window that the market state of the confidence score is measured on.
    """
    # The tick size changes no window; one is needed to compile.
    return plan_of(spec, Decimal(1)).bars_required


def evaluate(
    spec: StrategySpec, bars: Bars, *, tick_size: Decimal, server_clock: ServerClock | None = None
) -> Evaluation:
    """Return what ``spec`` says at the end of the newest of ``bars``.

    ``server_clock`` tells the days of the broker, which the indicators that begin anew with them read. Raises
    InvalidInput when the bars are of another timeframe, and ValueError when ``tick_size`` is not above 0 or an
    indicator reads days without a clock.
    """
    if bars.timeframe is not spec.timeframe:
        raise InvalidInput(f"{spec.name} runs on {spec.timeframe} bars, it was given {bars.timeframe} bars")
    plan = plan_of(spec, tick_size)
    count, required = len(bars), plan.bars_required
    if count < required:
        reason = f"{spec.name} needs {required} closed {spec.timeframe} bars, has {count}"
        return _refused(spec, bars, required, reason)
    window = bars if count == required else bars.window(count - required, count)
    tails = _tails(plan, window, server_clock)
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


def _tails(plan: Plan, window: Bars, server_clock: ServerClock | None) -> dict[str, Counts]:
    """Return the newest counts of every series, as deep as the plan looks back."""
    tails: dict[str, Counts] = {}
    for column in plan.columns:
        tails[column.name] = column.quantum.counts(getattr(window, column.name)[-column.depth :])
    count = len(window)
    for item in plan.computations:
        view = window.window(count - item.bars, count) if 0 < item.bars < count else window
        computed = item.indicator.compute(view, server_clock)
        for series in item.series:
            tails[series.key] = series.quantum.counts(computed[series.output][-series.depth :])
    return tails


def _indicator_readings(plan: Plan, tails: dict[str, Counts], used: int) -> tuple[IndicatorReading, ...]:
    readings = []
    for item in plan.computations:
        spec = item.indicator.spec
        for series in item.series:
            tail, value = tails[series.key], series.quantum.value
            reading = IndicatorReading(
                name=series.key,
                kind=spec.kind,
                period=spec.period,
                unit=series.unit,
                bars_used=item.bars or used,
                minimum_window=item.minimum_window,
                value=value(tail[-1]),
                previous=value(tail[-2]),
                parameters=item.parameters,
            )
            readings.append(reading)
    return tuple(readings)


def _stop_distance(plan: Plan, tails: dict[str, Counts]) -> Decimal | None:
    atr = tails[plan.stop_key][-1]
    distance = None if atr is None else scale_count(atr, *plan.stop_ratio)
    return plan.stop_quantum.value(distance) if distance else None
