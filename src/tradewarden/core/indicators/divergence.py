"""Divergence: swings of the price that an oscillator does not go along with.

Only confirmed swings count, from the bar that confirms them on, so that no value ever depends on a later bar. Lows
are judged as highs of the market turned upside down.
"""

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.indicators.kind import (
    PERIOD,
    SIGNED,
    IndicatorKind,
    Length,
    Output,
    Outputs,
    Parameter,
    Settings,
    View,
    bars_parameter,
)
from tradewarden.core.indicators.library import talib
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.indicators.swings import peaks_of
from tradewarden.core.market.bars import Float64

Places = NDArray[np.intp]
RSI, MACD = "rsi", "macd"
_MACD_SPANS = (12, 26, 9)
# The first bar with a MACD histogram, and the bars after which the way its averages began has worn off.
_MACD_FIRST, _MACD_WINDOW = 33, 12 * 26 + 12 * 9
# Closer than this two readings are equal: of an RSI, and of a MACD as a share of the price.
_SAME_RSI, _SAME_SHARE = 1e-7, 1e-10


def _divergence(view: View) -> Outputs:
    bars, settings = view.bars, view.settings
    strength, lookback = settings.count("strength"), settings.count("lookback")
    if settings.text("oscillator") == RSI:
        reading: Float64 = talib("RSI")(bars.close, settings.count())
        same: Float64 = np.full(len(bars), _SAME_RSI)
    else:
        _, _, reading = talib("MACD")(bars.close, *_MACD_SPANS)
        same = bars.close * _SAME_SHARE
    at_lows = _apart(-bars.low, -reading, same, strength, lookback)
    at_highs = _apart(bars.high, reading, same, strength, lookback)
    # Of two that contradict each other the one at the newer swing counts, and neither where both are at one bar.
    signs = [np.sign(low - high).astype(np.float64) for low, high in zip(at_lows, at_highs, strict=True)]
    return {"regular": signs[0], "hidden": signs[1]}


def _apart(values: Float64, reading: Float64, same: Float64, strength: int, lookback: int) -> tuple[Places, Places]:
    """Return at each bar where the newest peak of ``values`` is, if it and the one before diverge, and else -1.

    First for regular divergence, a higher peak with a lower reading; then for hidden, a lower peak with a higher
    reading. Both peaks are confirmed and at most ``lookback`` bars old.
    """
    peaks, count = peaks_of(values, strength), len(values)
    none: Places = np.full(count, -1, np.intp)
    if len(peaks) < 2:
        return none, none
    bars = np.arange(count)
    place = np.searchsorted(peaks + strength, bars, side="right") - 1
    newest, before = peaks[np.maximum(place, 1)], peaks[np.maximum(place, 1) - 1]
    known = (place >= 1) & (before >= bars - lookback)
    rise, gain, least = values[newest] - values[before], reading[newest] - reading[before], same[newest]
    regular, hidden = known & (rise > 0) & (gain < -least), known & (rise < 0) & (gain > least)
    return np.where(regular, newest, none), np.where(hidden, newest, none)


def _lookback_holds_two_swings(settings: Settings) -> tuple[str, str] | None:
    needed = 3 * settings.count("strength")
    return None if settings.count("lookback") >= needed else ("lookback", f"must be at least 3 × strength, {needed}")


DIVERGENCE = IndicatorKind(
    name="divergence",
    title="Divergence of price and oscillator",
    definition="between the two newest swing lows (see `swings`) at most `lookback` bars old: `regular` is 1 where the "
    "price fell and the oscillator rose, `hidden` is 1 where the price rose and the oscillator fell; −1 at swing highs "
    "the other way round; 0 for none. Of two that contradict each other the newer swing counts. The oscillator is the "
    "RSI of `period` closes or the histogram of the MACD of 12, 26 and 9",
    reads="high, low, close",
    parameters=(
        bars_parameter(2, 14, "Bars of the RSI; the MACD does not read it."),
        Parameter(name="oscillator", description="What the price is held against.", default=RSI, choices=(RSI, MACD)),
        bars_parameter(1, 3, "Bars on each side that a swing stands out from, and that confirm it.", "strength", 20),
        bars_parameter(6, 60, "Bars after which a swing is forgotten.", "lookback"),
    ),
    outputs=(Output("regular", Unit.SIGN, SIGNED, -1, 1), Output("hidden", Unit.SIGN, SIGNED, -1, 1)),
    first_index=Length(
        lambda s, _: s.count("lookback") + max(s.count(), s.count("strength"), _MACD_FIRST),
        f"lookback + max(period, strength, {_MACD_FIRST})",
    ),
    minimum_window=Length(
        lambda s, _: s.count("lookback") + max(28 * s.count(), _MACD_WINDOW) + s.count("strength") + 1,
        f"lookback + max(28 × {PERIOD}, {_MACD_WINDOW}) + strength + 1",
    ),
    function=_divergence,
    check=_lookback_holds_two_swings,
)
