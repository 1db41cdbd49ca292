"""The state of the market around the newest closed bar: spread and volatility against their own recent past.

:func:`measure_market` feeds the market part of the confidence score. It reads a fixed number of bars, so
that the answer does not depend on how much history happened to be at hand.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from tradewarden.core.indicators.kind import SINGLE
from tradewarden.core.indicators.quantum import Quantum, Unit, quantum_of
from tradewarden.core.indicators.registry import bind
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import maker_of

ATR_PERIOD = 14
PERCENTILE_BARS = 120
SPIKE_MULTIPLE = 3
_ATR = bind(IndicatorSpec(name="atr", kind="atr", period=ATR_PERIOD))
# The same on every timeframe: only what counts days differs between them.
_ATR_WINDOW = _ATR.minimum_window(Timeframe.M1)
# Every ATR value that enters the percentile has its whole minimum window behind it.
MARKET_WINDOW_BARS = _ATR_WINDOW + PERCENTILE_BARS - 1
_PERCENTILE_STEP = Decimal("0.01")
_POINT_STEP = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """Spread and volatility at the newest closed bar; None where the bars do not tell.

    Spreads are in points, rounded to a tenth. ``atr`` is the ATR(14) in price units; ``atr_percentile``
    says in what share (0–100) of the newest 120 bars the ATR(14) was at or below the newest. ``spike`` is
    whether the newest bar's true range exceeds three times the ATR(14) of the bar before.
    """

    spread_points: Decimal | None
    spread_median_points: Decimal | None
    atr: Decimal | None
    atr_percentile: Decimal | None
    spike: bool | None


_make_state = maker_of(MarketState)
NOTHING_KNOWN = MarketState(spread_points=None, spread_median_points=None, atr=None, atr_percentile=None, spike=None)


def measure_market(bars: Bars, *, tick_size: Decimal) -> MarketState:
    """Return the market state at the newest of ``bars``, read from the newest 400 of them.

    With fewer bars each measure that cannot be computed in full is None; the median spread needs 120 bars.
    Raises ValueError when ``tick_size`` is not above 0.
    """
    key = ("market state", tick_size, min(len(bars), MARKET_WINDOW_BARS))
    found: MarketState | None = bars.memo.get(key)
    if found is None:
        found = bars.memo[key] = _measured(bars, tick_size)
    return found


def _measured(bars: Bars, tick_size: Decimal) -> MarketState:
    count = len(bars)
    quantum = quantum_of(Unit.PRICE, tick_size)
    if count == 0:
        return NOTHING_KNOWN
    window = bars.window(max(0, count - MARKET_WINDOW_BARS), count)
    atr = percentile = None
    spike = None
    if len(window) >= _ATR_WINDOW:
        values = _ATR.compute(window)[SINGLE]
        atr = quantum.count(float(values[-1]))
        percentile = _percentile(values, quantum) if len(window) == MARKET_WINDOW_BARS else None
        spike = _is_spike(window, float(values[-2]), quantum) if len(window) > _ATR_WINDOW else None
    return _make_state(
        spread_points=_points(float(window.spread[-1])),
        spread_median_points=_points(_median(window.spread)) if len(window) >= PERCENTILE_BARS else None,
        atr=quantum.value(atr),
        atr_percentile=percentile,
        spike=spike,
    )


def _percentile(atr: Float64, quantum: Quantum) -> Decimal:
    counts = np.rint(atr[-PERCENTILE_BARS:] * quantum.per_unit)
    below = int(np.count_nonzero(counts <= counts[-1]))
    return (Decimal(100 * below) / PERCENTILE_BARS).quantize(_PERCENTILE_STEP)


def _is_spike(bars: Bars, atr_before: float, quantum: Quantum) -> bool:
    high, low, before = float(bars.high[-1]), float(bars.low[-1]), float(bars.close[-2])
    true_range = quantum.count(max(high, before) - min(low, before))
    usual = quantum.count(atr_before)
    return true_range is not None and usual is not None and true_range > SPIKE_MULTIPLE * usual


def _median(values: Float64) -> float:
    # np.median costs five times as much on an array of this size.
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    ordered = np.partition(values, (middle - 1, middle))
    return (float(ordered[middle - 1]) + float(ordered[middle])) / 2


def _points(value: float) -> Decimal:
    return Decimal(value).quantize(_POINT_STEP)
