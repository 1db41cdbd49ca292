from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.indicators.series import bars_of, walk

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS, NOTHING_KNOWN, MarketState, measure_market

TICK = Decimal("0.01")


def ranges(widths: list[float], spread: object = 20.0) -> MarketState:
    """The state after bars around 100 whose ranges are `widths`; each closes where it opened."""
    half = np.array(widths) / 2
    flat = [100.0] * len(widths)
    bars = bars_of(flat, highs=100 + half, lows=100 - half, spread=spread)  # type: ignore[arg-type]
    return measure_market(bars, tick_size=TICK)


def test_reads_four_hundred_bars() -> None:
    assert MARKET_WINDOW_BARS == 400


def test_knows_nothing_without_bars() -> None:
    assert measure_market(walk(5).window(0, 0), tick_size=TICK) == NOTHING_KNOWN


def test_is_silent_about_what_too_few_bars_do_not_tell() -> None:
    state = ranges([2.0] * 100)
    assert state.spread_points == Decimal("20.0")
    assert (state.spread_median_points, state.atr, state.atr_percentile, state.spike) == (None, None, None, None)


def test_percentile_waits_for_a_full_window() -> None:
    assert measure_market(walk(399), tick_size=TICK).atr_percentile is None
    assert measure_market(walk(400), tick_size=TICK).atr_percentile is not None


def test_steady_ranges_put_every_bar_at_the_same_rank() -> None:
    state = ranges([2.0] * 400)
    assert state.atr == Decimal("2.000000")
    assert state.atr_percentile == Decimal("100.00")
    assert state.spike is False


def test_falling_volatility_is_at_the_lowest_rank() -> None:
    state = ranges([4.0] * 380 + [1.0] * 20)
    # Of 120 bars only the newest is at or below itself: 100 / 120.
    assert state.atr_percentile == Decimal("0.83")


@pytest.mark.parametrize(("width", "spike"), [(5.99, False), (6.00, False), (6.02, True)])
def test_a_spike_is_a_range_above_three_times_the_atr_before(width: float, spike: bool) -> None:
    assert ranges([2.0] * 399 + [width]).spike is spike


def test_spread_is_the_last_one_and_the_median_of_the_window() -> None:
    spreads = [30.0] * 201 + [10.0] * 198 + [55.5]
    state = ranges([2.0] * 400, spreads)
    assert state.spread_points == Decimal("55.5")
    assert state.spread_median_points == Decimal("30.0")


def test_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    assert ranges([2.0] * 400, [10.0] * 200 + [21.0] * 200).spread_median_points == Decimal("15.5")


@given(extra=st.integers(min_value=0, max_value=300))
def test_older_history_changes_nothing(extra: int) -> None:
    bars = walk(700)
    newest = bars.window(300, 700)
    assert measure_market(bars.window(300 - extra, 700), tick_size=TICK) == measure_market(newest, tick_size=TICK)


def test_is_recorded_and_read_back_unchanged() -> None:
    state = measure_market(walk(500), tick_size=TICK)
    assert decode(MarketState, encode(state)) == state
