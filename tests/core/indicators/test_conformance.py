"""One suite that every indicator kind passes: reference values, exact warm-up, no look-ahead, minimum window."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.indicators.series import bars_of, real_bars, walk

from tradewarden.core.indicators.quantum import Unit, quantum_of
from tradewarden.core.indicators.registry import KINDS, SINGLE
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.timeframe import Timeframe

TICK = Decimal("0.01")
PERIODS = (2, 3, 14, 50)
REAL = (
    ("ftmo_m1/XAUUSD_M1", "XAUUSD", Timeframe.M15, Decimal("0.01")),
    ("ftmo_m1/US30_M1", "US30", Timeframe.M15, Decimal("0.01")),
    ("ftmo_m1/XAUUSD_M1", "XAUUSD", Timeframe.M1, Decimal("0.01")),
    ("eurusd_utc/EURUSD_M15", "EURUSD", Timeframe.M15, Decimal("0.00001")),
)


def compute(bars: Bars, kind: str, period: int, source: str = "close") -> Float64:
    spec = IndicatorSpec(name="x", kind=kind, period=period, source=source)
    return KINDS[kind].compute(bars, spec)[SINGLE]


def quantised(values: Float64, kind: str, tick: Decimal = TICK) -> list[int | None]:
    return quantum_of(KINDS[kind].unit_of("close"), tick).counts(values)


# Written from the definitions, one bar at a time; they share nothing with the library that is tested.
def reference_sma(bars: Bars, period: int) -> list[float]:
    closes = bars.close.tolist()
    return [sum(closes[end - period : end]) / period for end in range(period, len(closes) + 1)]


def reference_ema(bars: Bars, period: int) -> list[float]:
    closes = bars.close.tolist()
    values = [sum(closes[:period]) / period]
    for close in closes[period:]:
        values.append(values[-1] + (close - values[-1]) * 2 / (period + 1))
    return values


def reference_rsi(bars: Bars, period: int) -> list[float]:
    closes = bars.close.tolist()
    moves = [now - before for before, now in pairwise(closes)]
    gain = sum(max(move, 0) for move in moves[:period]) / period
    loss = sum(max(-move, 0) for move in moves[:period]) / period
    values = [100 * gain / (gain + loss)]
    for move in moves[period:]:
        gain = (gain * (period - 1) + max(move, 0)) / period
        loss = (loss * (period - 1) + max(-move, 0)) / period
        values.append(100 * gain / (gain + loss))
    return values


def reference_atr(bars: Bars, period: int) -> list[float]:
    high, low, close = bars.high.tolist(), bars.low.tolist(), bars.close.tolist()
    ranges = [max(high[i], close[i - 1]) - min(low[i], close[i - 1]) for i in range(1, len(close))]
    values = [sum(ranges[:period]) / period]
    for true_range in ranges[period:]:
        values.append((values[-1] * (period - 1) + true_range) / period)
    return values


REFERENCES: dict[str, Callable[[Bars, int], list[float]]] = {
    "sma": reference_sma,
    "ema": reference_ema,
    "rsi": reference_rsi,
    "atr": reference_atr,
}


def test_every_kind_has_a_reference() -> None:
    assert REFERENCES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", PERIODS)
def test_values_equal_an_independent_computation(kind: str, period: int) -> None:
    bars = walk(700)
    expected = REFERENCES[kind](bars, period)
    values = compute(bars, kind, period)
    np.testing.assert_allclose(values[-len(expected) :], expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", PERIODS)
def test_is_nan_exactly_until_warm(kind: str, period: int) -> None:
    first = KINDS[kind].first_index(period)
    values = compute(walk(first + 40), kind, period)
    assert values.shape == (first + 40,)
    assert np.isnan(values[:first]).all()
    assert np.isfinite(values[first:]).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 13])
def test_too_few_bars_are_all_nan(kind: str, count: int) -> None:
    values = compute(walk(14).window(0, count), kind, 14)
    assert values.shape == (count,)
    assert np.isnan(values).all()


@pytest.mark.parametrize("kind", KINDS)
@given(cut=st.integers(min_value=16, max_value=299))
def test_no_value_depends_on_a_later_bar(kind: str, cut: int) -> None:
    bars = walk(300)
    whole, prefix = compute(bars, kind, 14), compute(bars.window(0, cut), kind, 14)
    np.testing.assert_array_equal(whole[:cut], prefix)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", [2, 5, 14, 20])
def test_minimum_window_gives_the_full_run_within_the_quantum(kind: str, period: int) -> None:
    bars = walk(1600)
    window = KINDS[kind].minimum_window(period)
    full = quantised(compute(bars, kind, period), kind)
    for end in range(window + 200, len(bars) + 1, 97):
        (value,) = quantised(compute(bars.window(end - window, end), kind, period)[-1:], kind)
        expected = full[end - 1]
        assert value is not None
        assert expected is not None
        assert abs(value - expected) <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "symbol", "timeframe", "tick"), REAL)
def test_drift_on_real_bars_stays_below_the_quantum(
    kind: str, name: str, symbol: str, timeframe: Timeframe, tick: Decimal, test_data: Path
) -> None:
    bars = real_bars(test_data, name, symbol, timeframe).window(0, 20_000)
    quantum = float(quantum_of(KINDS[kind].unit_of("close"), tick).step)
    for period in (5, 14, 50):
        window = KINDS[kind].minimum_window(period)
        full = compute(bars, kind, period)
        ends = np.linspace(max(window + 1, len(bars) // 3), len(bars), 120).astype(int)
        drift = max(
            abs(float(compute(bars.window(end - window, end), kind, period)[-1] - full[end - 1])) for end in ends
        )
        # Sums over a sliding window leave the noise of float64: a thousandth of the price's last bits.
        assert drift < quantum


@pytest.mark.parametrize("kind", ["sma", "ema"])
def test_averages_of_a_constant_are_the_constant(kind: str) -> None:
    values = quantised(compute(bars_of([1912.34] * 200), kind, 14), kind)
    assert values[:13] == [None] * 13
    assert set(values[13:]) == {1_912_340_000}


def test_rsi_of_a_constant_is_unknown_not_oversold() -> None:
    assert np.isnan(compute(bars_of([1.1] * 200), "rsi", 14)).all()


def test_rsi_is_known_from_the_first_movement_on() -> None:
    values = compute(bars_of([1.1] * 50 + [1.2] * 50), "rsi", 14)
    assert np.isnan(values[:50]).all()
    np.testing.assert_allclose(values[50:], 100.0)


def test_atr_of_a_constant_is_zero() -> None:
    assert set(compute(bars_of([1.1] * 100), "atr", 14)[14:].tolist()) == {0.0}


@pytest.mark.parametrize(("step", "expected"), [(1.0, 100.0), (-1.0, 0.0)])
def test_rsi_of_a_monotone_series_is_at_its_bound(step: float, expected: float) -> None:
    values = compute(bars_of(np.linspace(2000.0, 2000.0 + 99 * step, 100)), "rsi", 14)
    assert set(values[14:].tolist()) == {expected}


@pytest.mark.parametrize("kind", ["sma", "ema"])
def test_averages_trail_a_rising_series_by_a_constant(kind: str) -> None:
    bars = bars_of(2000.0 + np.arange(400.0))
    lag = (bars.close - compute(bars, kind, 15))[200:]
    np.testing.assert_allclose(lag, 7.0, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_values_stay_in_their_range(kind: str) -> None:
    bars = walk(500, seed=3)
    values = compute(bars, kind, 9)
    known = values[np.isfinite(values)]
    if KINDS[kind].unit is Unit.OSCILLATOR:
        assert ((known >= 0) & (known <= 100)).all()
    elif kind == "atr":
        assert (known >= 0).all()
    else:
        assert ((known >= bars.close.min()) & (known <= bars.close.max())).all()


def test_averages_read_the_source_they_are_given() -> None:
    bars = walk(60)
    np.testing.assert_allclose(compute(bars, "sma", 5, "high")[-1], bars.high[-5:].mean())
    assert KINDS["sma"].unit_of("volume") is Unit.VOLUME
    assert KINDS["rsi"].unit_of("volume") is Unit.OSCILLATOR
