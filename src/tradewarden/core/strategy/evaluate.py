"""Evaluation of a strategy on closed bars: which conditions hold, and on what readings.

Of each timeframe a fixed number of the newest bars is read, no more, so that the answer depends on nothing but them;
fewer is a refusal, never an approximation. A higher bar counts from the moment it has ended. The result is recorded
whole and feeds the confidence score and the idea.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import numpy as np

from tradewarden.core.audit.codec import added_field
from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.spec import IndicatorParameter
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.conditions import (
    ConditionResult,
    Counts,
    Readings,
    judge_node,
    take_readings,
)
from tradewarden.core.strategy.plan import (
    FORBIDDEN,
    INVALIDATION,
    SECTIONS,
    STOP_INDICATOR,
    Feed,
    Measured,
    Plan,
    plan_of,
    timeframes_of,
)
from tradewarden.core.strategy.spec import PointsStop, StrategySpec
from tradewarden.core.values import Side, maker_of

__all__ = [
    "SECTIONS",
    "STOP_INDICATOR",
    "Evaluation",
    "IndicatorReading",
    "evaluate",
    "own_bars_required",
    "required_bars",
    "timeframes_of",
]

_SHARE_STEP = Decimal("0.0001")
_NO_SHARE = Decimal("0.0000")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorReading:
    """The newest value of one indicator output and the one before, with the window it was computed on.

    ``name`` is the strategy's name for it (``name.output`` where a kind has several outputs); the indicator behind
    the stop is called ``stop_loss``, that of the trail ``trail``. ``period`` is 0 for kinds without one; ``parameters``
    holds all others. ``timeframe`` is that of its bars where it is not the strategy's own; ``previous`` is then what
    was known one bar of the strategy before.
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
    timeframe: Timeframe | None = added_field(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a strategy says at the end of the newest closed bar.

    ``refusal`` says why nothing could be evaluated; entry, exit, strong and weak are then false. Shares are
    fractions of the declared conditions that hold, to 4 digits, 0 for an empty list. ``invalid`` says that an
    invalidation holds, ``forbidden`` that a forbidden condition does.

    What the bars tell of the stop stands in one of three: ``stop_distance`` in price units, above 0; ``stop_level``,
    the bid price that the stop stands at, its buffer included; or ``stop_problem``, which says why there is neither.
    All three are empty for a stop that only the quote tells (a share of the entry price). ``trail_distance`` and
    ``trail_level`` say the same of the trail, None where it is unknown or reads no series. Each is rounded to a
    ten-thousandth of the tick, not to the tick; levels are bid prices, to which the stop of a short adds the spread.
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


_make_reading = maker_of(IndicatorReading)
_make_evaluation = maker_of(Evaluation)


def required_bars(spec: StrategySpec) -> Mapping[Timeframe, int]:
    """Return how many closed bars of each timeframe an evaluation must be given, the strategy's own first.

    Of its own it is the largest of: each indicator's minimum window plus the bars its operands look back, and the
    window that the market state of the confidence score is measured on. Of a higher timeframe it is one more than is
    read, because one may have ended since the newest bar of the strategy.
    """
    # The tick size changes no window; one is needed to compile.
    own, *higher = plan_of(spec, Decimal(1)).feeds
    return {own.timeframe: own.bars_required} | {feed.timeframe: feed.bars_required + 1 for feed in higher}


def own_bars_required(spec: StrategySpec) -> int:
    """Return how many closed bars of the strategy's own timeframe an evaluation reads."""
    return plan_of(spec, Decimal(1)).bars_required


def evaluate(
    spec: StrategySpec,
    bars: Bars | Sequence[Bars],
    *,
    tick_size: Decimal,
    point: Decimal | None = None,
    server_clock: ServerClock | None = None,
) -> Evaluation:
    """Return what ``spec`` says at the end of the newest of its bars.

    ``bars`` holds one series per timeframe that the strategy reads; those of others are left alone. ``point`` is what
    the points of stops and trails are measured in, the tick where it is left out. ``server_clock`` tells the days of
    the broker, which the indicators that begin anew with them read. Raises InvalidInput when there are no bars of the
    strategy's own timeframe, and ValueError when ``tick_size`` is not above 0 or an indicator reads days without a
    clock.
    """
    given = (bars,) if isinstance(bars, Bars) else bars
    plan = plan_of(spec, tick_size)
    own = _series(given, spec.timeframe)
    if own is None:
        found = ", ".join(each.timeframe for each in given) or "no"
        raise InvalidInput(f"{spec.name} runs on {spec.timeframe} bars, it was given {found} bars")
    windows, steps, refusal = _windows(spec, plan, own, given)
    if refusal:
        return _refused(spec, own, plan.bars_required, refusal)
    tails = _tails(plan, windows, server_clock)
    readings = take_readings(plan.reads, tails, steps)
    results = tuple([judge_node(node, readings) for node in plan.nodes])
    held: dict[str, list[bool]] = {section: [] for section in (*SECTIONS, INVALIDATION, FORBIDDEN)}
    for result in results:
        held[result.section].append(result.holds)
    entry, strong, weak = held["entry"], held["strong"], held["weak"]
    points = tick_size if point is None else point
    stop_distance, stop_level, stop_problem = _stop(spec, plan, readings, points)
    trail_distance, trail_level = _measured(plan, plan.trail, readings, spec.side, points)
    return _make_evaluation(
        bar_ended_at=windows[0].last_ended_at,
        bars_used=plan.bars_required,
        bars_required=plan.bars_required,
        refusal=None,
        entry=bool(entry) and all(entry),
        exit=any(held["exit"]),
        strong=bool(strong) and all(strong),
        weak=bool(weak) and all(weak),
        entry_failed=entry.count(False),
        strong_share=_share(sum(strong), len(strong)),
        weak_share=_share(sum(weak), len(weak)),
        strong_count=len(strong),
        weak_count=len(weak),
        indicators=_indicator_readings(plan, tails, steps),
        conditions=results,
        stop_distance=stop_distance,
        stop_level=stop_level,
        stop_problem=stop_problem,
        invalid=any(held[INVALIDATION]),
        forbidden=any(held[FORBIDDEN]),
        trail_level=trail_level,
        trail_distance=trail_distance,
    )


def _series(given: Sequence[Bars], timeframe: Timeframe) -> Bars | None:
    return next((each for each in given if each.timeframe is timeframe), None)


def _windows(
    spec: StrategySpec, plan: Plan, own: Bars, given: Sequence[Bars]
) -> tuple[list[Bars], list[int], str | None]:
    """Return the bars that each feed reads, how many of each ended with the newest own one, and what is missing."""
    count, required = len(own), plan.bars_required
    if count < required:
        return [], [], f"{spec.name} needs {required} closed {spec.timeframe} bars, has {count}"
    windows = [own if count == required else own.window(count - required, count)]
    steps = [1]
    for feed in plan.feeds[1:]:
        higher = _series(given, feed.timeframe)
        # What has ended with the newest bar of the strategy, and what had with the one before.
        known, before = (0, 0) if higher is None else np.searchsorted(higher.ended_at, own.ended_at[:-3:-1], "right")
        if higher is None or known < feed.bars_required:
            return [], [], f"{spec.name} needs {feed.bars_required} closed {feed.timeframe} bars, has {known}"
        windows.append(higher.window(int(known) - feed.bars_required, int(known)))
        steps.append(int(known - before))
    return windows, steps, None


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


@lru_cache(maxsize=256)
def _share(held: int, declared: int) -> Decimal:
    return (Decimal(held) / declared).quantize(_SHARE_STEP) if declared else _NO_SHARE


def _tails(plan: Plan, windows: list[Bars], server_clock: ServerClock | None) -> dict[str, Counts]:
    """Return the newest counts of every series, as deep as the plan looks back."""
    tails: dict[str, Counts] = {}
    for feed, window in zip(plan.feeds, windows, strict=True):
        _tails_of_feed(tails, feed, window, server_clock)
    return tails


def _tails_of_feed(tails: dict[str, Counts], feed: Feed, window: Bars, server_clock: ServerClock | None) -> None:
    for column in feed.columns:
        tails[column.key] = column.quantum.counts(getattr(window, column.name)[-column.depth :])
    count = len(window)
    known = window.memo.setdefault(server_clock, {})
    for item in feed.computations:
        key = item.key if item.bars else (item.key, count)
        found = known.get(key)
        if found is None:
            view = window.window(count - item.bars, count) if 0 < item.bars < count else window
            computed = item.indicator.compute(view, server_clock, newest=item.depth)
            found = known[key] = [each.quantum.counts(computed[each.output][-each.depth :]) for each in item.series]
        for series, counts in zip(item.series, found, strict=True):
            tails[series.key] = counts


def _indicator_readings(plan: Plan, tails: dict[str, Counts], steps: list[int]) -> tuple[IndicatorReading, ...]:
    readings = []
    for item in plan.computations:
        spec, feed, back = item.indicator.spec, plan.feeds[item.feed], 1 + steps[item.feed]
        for series in item.series:
            tail, step = tails[series.key], series.quantum.step
            now, before = tail[-1], tail[-back] if back <= len(tail) else None
            reading = _make_reading(
                name=series.key,
                kind=spec.kind,
                period=spec.period,
                unit=series.unit,
                bars_used=item.bars or feed.bars_required,
                minimum_window=item.minimum_window,
                value=None if now is None else now * step,
                previous=None if before is None else before * step,
                parameters=item.parameters,
                timeframe=feed.timeframe if item.feed else None,
            )
            readings.append(reading)
    return tuple(readings)


def _stop(
    spec: StrategySpec, plan: Plan, readings: Readings, point: Decimal
) -> tuple[Decimal | None, Decimal | None, str]:
    """Return distance, level and problem of the stop; nothing of a stop that the bars do not tell."""
    if isinstance(spec.stop_loss, PointsStop):
        return spec.stop_loss.points * point, None, ""
    distance, level = _measured(plan, plan.stop, readings, spec.side, point)
    if plan.stop is None or distance is not None or level is not None:
        return distance, level, ""
    words, is_known = plan.stop.measure.words, readings.now[plan.stop.read] is not None
    return None, None, f"{words} is 0: there is no distance" if is_known else f"{words} is unknown on this bar"


def _measured(
    plan: Plan, measured: Measured | None, readings: Readings, side: Side, point: Decimal
) -> tuple[Decimal | None, Decimal | None]:
    """Return the distance, or the level with its buffer, that a measure gives; neither where it is unknown or 0."""
    count = None if measured is None else readings.now[measured.read]
    if measured is None or not count:
        return None, None
    value = count * plan.price_quantum.step
    if measured.measure.is_distance:
        return value, None
    return None, value - side.sign * measured.measure.buffer_points * point
