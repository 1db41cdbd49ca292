"""Swing highs and lows, known only when enough bars have confirmed them.

A swing never appears on the bar it happened on: it is read from the bar that confirmed it on, so that no value
ever depends on a later bar.
"""

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.indicators.kind import (
    IndicatorKind,
    Mirror,
    MirrorRule,
    Output,
    Outputs,
    Settings,
    View,
    bars_parameter,
    length_of,
)
from tradewarden.core.indicators.library import windows
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.market.bars import Float64

_OUTPUTS = ("high", "low", "previous_high", "previous_low")


def _swings(view: View) -> Outputs:
    bars, strength, lookback = view.bars, view.settings.count("strength"), view.settings.count("lookback")
    high, previous_high = _newest_peaks(bars.high, strength, lookback)
    low, previous_low = _newest_peaks(-bars.low, strength, lookback)
    return {"high": high, "low": -low, "previous_high": previous_high, "previous_low": -previous_low}


def peaks_of(values: Float64, strength: int) -> NDArray[np.intp]:
    """Return the places of the peaks of ``values``, each of them confirmed ``strength`` bars later.

    A peak is above each of the ``strength`` values before it and not below any of as many after it, so that of
    equal neighbours the first one counts.
    """
    around = windows(values, 2 * strength + 1)
    middle = around[:, strength]
    is_peak = (middle > around[:, :strength].max(axis=1)) & (middle >= around[:, strength + 1 :].max(axis=1))
    return np.flatnonzero(is_peak) + strength


def _newest_peaks(values: Float64, strength: int, lookback: int) -> tuple[Float64, Float64]:
    """Return at each bar the newest confirmed peak of ``values`` and the one before; NaN where there is none.

    It is at most ``lookback`` bars old.
    """
    peaks = peaks_of(values, strength)
    bars = np.arange(len(values))
    known = np.searchsorted(peaks + strength, bars, side="right")
    return _peak_at(values, peaks, known - 1, bars - lookback), _peak_at(values, peaks, known - 2, bars - lookback)


def _peak_at(values: Float64, peaks: NDArray[np.intp], places: NDArray[np.intp], oldest: NDArray[np.int_]) -> Float64:
    found = np.full(len(values), np.nan)
    if len(peaks):
        chosen = peaks[np.maximum(places, 0)]
        valid = (places >= 0) & (chosen >= oldest)
        found[valid] = values[chosen[valid]]
    return found


def _lookback_holds_a_swing(settings: Settings) -> tuple[str, str] | None:
    needed = 2 * settings.count("strength")
    return None if settings.count("lookback") >= needed else ("lookback", f"must be at least 2 × strength, {needed}")


SWINGS = IndicatorKind(
    name="swings",
    title="Swing highs and lows",
    definition="newest high above the `strength` highs before it and not below the `strength` after it, at most "
    "`lookback` bars old; `previous_high`: the swing high before it; lows likewise; unknown where there is none",
    reads="high, low",
    parameters=(
        bars_parameter(1, 3, "Bars on each side that a swing stands out from, and that confirm it.", "strength", 50),
        bars_parameter(4, 100, "Bars after which a swing is forgotten.", "lookback"),
    ),
    outputs=tuple(
        Output(name, Unit.PRICE, Mirror(MirrorRule.PRICE, partner=other))
        for name, other in zip(_OUTPUTS, ("low", "high", "previous_low", "previous_high"), strict=True)
    ),
    first_index=length_of((2, "strength")),
    minimum_window=length_of((1, "lookback"), (1, "strength"), extra=1),
    function=_swings,
    exact=False,
    check=_lookback_holds_a_swing,
)
