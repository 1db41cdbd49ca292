"""Operands of higher timeframes: only bars that have ended, what "before" means to a cross, and what is missing."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.indicators.series import bars_of, real_bars, walk
from tests.core.strategy.specs import compare, indicator, series, spec, value

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.registry import bind
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.evaluate import Evaluation, evaluate, own_bars_required, required_bars, timeframes_of
from tradewarden.core.strategy.spec import SeriesOperand, StrategySpec
from tradewarden.core.values import from_epoch

TICK = Decimal("0.01")
M15, H1, H4 = Timeframe.M15, Timeframe.H1, Timeframe.H4
# The walk begins a quarter past an hour: from its fourth bar on, four make an hour.
WALK = walk(4003, seed=31).window(3, 4003)


def higher(bars: Bars, timeframe: Timeframe) -> Bars:
    """The bars of `timeframe` that `bars` are parts of, each ending with the clock and not with its last part."""
    slots = bars.opened_at // timeframe.seconds
    starts = np.flatnonzero(np.diff(slots, prepend=slots[0] - 1))
    ends = np.append(starts[1:], len(bars)) - 1
    opened_at = slots[starts] * timeframe.seconds
    return Bars(
        symbol=bars.symbol,
        timeframe=timeframe,
        opened_at=opened_at,
        ended_at=opened_at + timeframe.seconds,
        open=bars.open[starts],
        high=np.maximum.reduceat(bars.high, starts),
        low=np.minimum.reduceat(bars.low, starts),
        close=bars.close[ends],
        volume=np.add.reduceat(bars.volume, starts),
        spread=bars.spread[ends],
    )


def of(timeframe: Timeframe, column: str, shift: int = 0) -> SeriesOperand:
    return SeriesOperand(series=column, shift=shift, timeframe=timeframe)


def world(bars: Bars, *timeframes: Timeframe) -> tuple[Bars, ...]:
    return (bars, *(higher(bars, timeframe) for timeframe in timeframes))


def said(strategy: StrategySpec, bars: tuple[Bars, ...]) -> Evaluation:
    return evaluate(strategy, bars, tick_size=TICK, server_clock=NEW_YORK_CLOSE)


TREND = replace(indicator("trend", "ema", 20), timeframe=H1)
ABOVE_TREND = spec(TREND, entry=(compare(series("close"), ">", series("trend")),))


class TestClosedBarsOnly:
    def test_the_newest_higher_bar_is_the_last_that_has_ended(self) -> None:
        strategy = spec(entry=(compare(series("close"), "<=", of(H1, "high")),))
        hours = higher(WALK, H1)
        for end in range(600, 640):
            bars = WALK.window(0, end)
            result = said(strategy, world(bars, H1))
            ended = hours.ended_at <= bars.ended_at[-1]
            (_, high) = result.conditions[0].operands
            assert high.text == "H1 high"
            assert high.value == pytest.approx(Decimal(str(hours.high[ended][-1])))
            assert high.value is not None
            assert result.entry is (Decimal(str(round(bars.close[-1], 2))) <= high.value)

    def test_shifts_count_bars_of_the_series_itself(self) -> None:
        strategy = spec(entry=(compare(of(H1, "close"), ">", of(H1, "close", 3)),))
        result = said(strategy, world(WALK.window(0, 1001), H1))
        closes = higher(WALK.window(0, 1000), H1).close
        assert result.entry is bool(closes[-1] > closes[-4])
        assert [each.text for each in result.conditions[0].operands] == ["H1 close", "H1 close[3]"]

    def test_rising_counts_bars_of_the_series_itself(self) -> None:
        strategy = spec(entry=(compare(of(H1, "close"), "rising", value(2)),))
        for end in range(1000, 1100):
            closes = higher(WALK.window(0, end - end % 4), H1).close
            expected = bool(closes[-1] > closes[-2] > closes[-3])
            assert said(strategy, world(WALK.window(0, end), H1)).entry is expected

    def test_before_is_what_was_known_one_bar_of_the_strategy_ago(self) -> None:
        """A cross of the hour happens on the one bar that ends with it, not on all four that follow."""
        strategy = spec(entry=(compare(series("close"), "crosses_above", of(H1, "open")),))
        hours, crossed = higher(WALK, H1).open, 0
        for end in range(900, 1300):
            now, before = end // 4 - 1, (end - 1) // 4 - 1
            expected = WALK.close[end - 2] <= hours[before] and WALK.close[end - 1] > hours[now]
            assert said(strategy, world(WALK.window(0, end), H1)).entry is bool(expected)
            crossed += bool(expected)
        assert crossed > 20

    def test_an_indicator_is_computed_on_the_bars_of_its_timeframe(self) -> None:
        hours = bind(TREND).compute(higher(WALK, H1))["value"]
        for end in (1600, 1601, 1602, 1603, 1604):
            result = said(ABOVE_TREND, world(WALK.window(0, end), H1))
            reading = result.indicators[0]
            now, before = end // 4 - 1, (end - 1) // 4 - 1
            assert (reading.name, reading.timeframe, result.indicators[1].timeframe) == ("trend", H1, None)
            assert float(reading.value or 0) == pytest.approx(hours[now], abs=2e-6)
            assert float(reading.previous or 0) == pytest.approx(hours[before], abs=2e-6)

    def test_a_pause_of_the_market_changes_nothing(self) -> None:
        """The hour that the last bar before a pause lies in counts from the first bar after it on."""
        gap = np.arange(len(WALK)) >= 2002
        moved = replace(WALK, opened_at=WALK.opened_at + gap * 48 * 3600, ended_at=WALK.ended_at + gap * 48 * 3600)
        strategy = spec(entry=(compare(of(H1, "close"), ">", value(0)),))
        before, after = (said(strategy, world(moved.window(0, end), H1)) for end in (2002, 2003))
        closes = [result.conditions[0].operands[0] for result in (before, after)]
        assert float(closes[0].value or 0) == pytest.approx(WALK.close[1999])
        assert float(closes[1].value or 0) == pytest.approx(WALK.close[2001])
        assert closes[1].previous == closes[0].value

    def test_more_higher_bars_than_can_end_at_once_leave_the_value_before_unknown(self) -> None:
        keep = np.r_[0:2000, 2024:2040]
        holed = replace(
            WALK,
            **{
                name: getattr(WALK, name)[keep]
                for name in ("opened_at", "ended_at", "open", "high", "low", "close", "volume", "spread")
            },
        )
        strategy = spec(entry=(compare(series("close"), "crosses_above", of(H1, "close")),))
        (result,) = said(strategy, (holed.window(0, 2001), higher(WALK, H1))).conditions
        assert (result.unknown, result.operands[1].previous) == (True, None)

    def test_the_own_timeframe_by_its_name_is_the_own(self) -> None:
        named = spec(
            replace(indicator("trend", "ema", 20), timeframe=M15),
            entry=(compare(of(M15, "close"), ">", series("trend")),),
        )
        assert required_bars(named) == {M15: own_bars_required(named)}
        plain = spec(indicator("trend", "ema", 20), entry=(compare(series("close"), ">", series("trend")),))
        assert said(named, (WALK,)).indicators == said(plain, (WALK,)).indicators


class TestRequiredBars:
    def test_names_every_timeframe_with_its_window(self) -> None:
        strategy = spec(
            TREND,
            entry=(compare(of(H4, "close"), "rising", value(5)), compare(series("trend", shift=4), ">", value(1))),
        )
        assert timeframes_of(strategy) == (M15, H1, H4)
        # Minimum window 12 × 20, four bars back, the two before that may have been known one bar ago, and one to spare.
        assert required_bars(strategy) == {M15: own_bars_required(strategy), H1: 240 + 4 + 2 + 1, H4: 5 + 3 + 1}

    def test_what_is_required_is_enough_wherever_the_hour_stands(self) -> None:
        needed = required_bars(ABOVE_TREND)
        for end in range(1500, 1508):
            bars = WALK.window(0, end)
            as_of = from_epoch(int(bars.ended_at[-1]) + 14 * 60)
            given = tuple(
                whole.closed_by(as_of, needed[whole.timeframe]) for whole in (bars, higher(WALK.window(0, end + 1), H1))
            )
            assert said(ABOVE_TREND, given) == said(ABOVE_TREND, world(bars, H1))


class TestRefusal:
    def test_too_few_higher_bars_are_refused_by_their_timeframe(self) -> None:
        result = said(ABOVE_TREND, world(WALK.window(0, 900), H1))
        assert result.refusal == "Bare needs 242 closed H1 bars, has 225"
        assert (result.entry, result.conditions, result.bars_required) == (False, (), own_bars_required(ABOVE_TREND))

    def test_a_missing_higher_series_is_refused_by_its_timeframe(self) -> None:
        assert said(ABOVE_TREND, (WALK,)).refusal == "Bare needs 242 closed H1 bars, has 0"

    def test_bars_of_the_own_timeframe_must_be_there(self) -> None:
        with pytest.raises(InvalidInput, match="Bare runs on M15 bars, it was given H1 bars"):
            said(ABOVE_TREND, (higher(WALK, H1),))
        with pytest.raises(InvalidInput, match="Bare runs on M15 bars, it was given no bars"):
            said(ABOVE_TREND, ())

    def test_a_lower_timeframe_is_no_strategy(self) -> None:
        lower = spec(replace(indicator("fast", "ema", 5), timeframe=Timeframe.M5))
        with pytest.raises(InvalidInput, match="runs on M15 bars and cannot read M5, which are shorter"):
            said(lower, (WALK, bars_of([1.0] * 900, timeframe=Timeframe.M5)))


MANY = spec(
    replace(indicator("trend", "ema", 30), timeframe=H1),
    replace(indicator("range", "atr", 10), timeframe=H4),
    indicator("rsi", "rsi", 9),
    entry=(compare(series("close"), ">", series("trend")), compare(series("rsi"), "<", value(55))),
    exit=(compare(of(H1, "close"), "crosses_below", series("trend")),),
    strong=(compare(series("trend"), "rising", value(3)), compare(of(H4, "high", 1), "<", of(H4, "high"))),
    weak=(compare(series("range"), ">", series("range", shift=5, multiple="1.2")),),
)


class TestNoLookAhead:
    @settings(max_examples=60)
    @given(end=st.integers(3600, len(WALK)), later=st.integers(0, 60), earlier=st.integers(0, 300))
    def test_later_and_older_higher_bars_change_nothing(self, end: int, later: int, earlier: int) -> None:
        prefix = WALK.window(0, end)
        full = world(WALK.window(0, min(end + later, len(WALK))), H1, H4)
        needed = required_bars(MANY)
        cut = tuple(each.closed_by(from_epoch(int(prefix.ended_at[-1])), needed[each.timeframe]) for each in full)
        assert said(MANY, (prefix.window(earlier, end), *full[1:])) == said(MANY, cut)

    def test_deciding_on_a_prefix_equals_deciding_in_the_full_run_on_real_bars(self, test_data: Path) -> None:
        source = {
            timeframe: real_bars(test_data, "ftmo_m1/XAUUSD_M1", "XAUUSD", timeframe) for timeframe in (M15, H1, H4)
        }
        own, needed = source[M15], required_bars(MANY)
        entries = 0
        for end in np.linspace(4000, len(own), 150).astype(int).tolist():
            as_of = from_epoch(int(own.ended_at[end - 1]))
            in_full_run = (own.window(0, end), source[H1], source[H4])
            prefix = tuple(bars.closed_by(as_of, needed[timeframe]) for timeframe, bars in source.items())
            decided = said(MANY, prefix)
            assert decided.refusal is None
            assert said(MANY, in_full_run) == decided
            entries += decided.entry
        assert 5 < entries < 100


def test_what_is_recorded_reads_back_unchanged() -> None:
    result = said(MANY, world(WALK, H1, H4))
    assert decode(Evaluation, encode(result)) == result
    assert decode(StrategySpec, encode(MANY)) == MANY
