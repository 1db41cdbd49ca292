"""Bars of every timeframe from one-minute bars, in the record layout of ``copy_rates_*``.

Buckets lie on the server clock: an H4 or D1 bar begins where the broker's clock says so. A table covers the
whole series that is loaded; what of it may be seen is decided in ``prices``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.records import RATES_DTYPE

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]
_DAY = 86_400
_HOURS = {
    1: mt5.TIMEFRAME_H1,
    2: mt5.TIMEFRAME_H2,
    3: mt5.TIMEFRAME_H3,
    4: mt5.TIMEFRAME_H4,
    6: mt5.TIMEFRAME_H6,
}
_HOURS |= {8: mt5.TIMEFRAME_H8, 12: mt5.TIMEFRAME_H12, 24: mt5.TIMEFRAME_D1}
SECONDS: dict[int, int] = {minutes: minutes * 60 for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)}
SECONDS |= {code: hours * 3600 for hours, code in _HOURS.items()}
TIMEFRAMES = frozenset(SECONDS) | {mt5.TIMEFRAME_W1, mt5.TIMEFRAME_MN1}


@dataclass(frozen=True, slots=True)
class RateTable:
    """All bars of one timeframe: records, their opening times, and the index of the first minute in each."""

    rows: NDArray[np.void]
    times: Int64
    starts: Int64


def m1_rows(server_opened: Int64, prices: Float64, volume: Float64, spread: Float64) -> NDArray[np.void]:
    """Return records of one-minute bars.

    ``server_opened`` is on the server clock, ``prices`` are open, high, low, close of shape (n, 4), ``spread`` points.
    """
    rows = np.zeros(len(server_opened), RATES_DTYPE)
    rows["time"], rows["tick_volume"], rows["spread"] = server_opened, volume, spread
    for column, name in enumerate(("open", "high", "low", "close")):
        rows[name] = prices[:, column]
    return rows


def aggregate(m1: NDArray[np.void], timeframe: int) -> RateTable:
    """Return the bars of ``timeframe`` over the one-minute records ``m1``.

    A bar's spread is that of its last minute, as a terminal that samples it at the close would show.
    """
    times = np.ascontiguousarray(m1["time"])
    if timeframe == mt5.TIMEFRAME_M1:
        return RateTable(m1, times, np.arange(len(m1), dtype=np.int64))
    opened = _bucket(times, timeframe)
    starts = np.flatnonzero(np.diff(opened, prepend=opened[:1] - 1)).astype(np.int64)
    rows = np.zeros(len(starts), RATES_DTYPE)
    if len(starts):
        last = np.append(starts[1:], len(m1)) - 1
        rows["time"] = opened[starts]
        rows["open"], rows["close"], rows["spread"] = (
            m1["open"][starts],
            m1["close"][last],
            m1["spread"][last],
        )
        rows["high"] = np.maximum.reduceat(m1["high"], starts)
        rows["low"] = np.minimum.reduceat(m1["low"], starts)
        rows["tick_volume"] = np.add.reduceat(m1["tick_volume"], starts)
    return RateTable(rows, np.ascontiguousarray(rows["time"]), starts)


def _bucket(times: Int64, timeframe: int) -> Int64:
    """Return when the bar of ``timeframe`` that holds each server time opens."""
    if timeframe in SECONDS:
        length = SECONDS[timeframe]
        return times // length * length
    if timeframe == mt5.TIMEFRAME_W1:
        # The epoch began on a Thursday and a terminal's week begins on Sunday.
        return ((times // _DAY + 4) // 7 * 7 - 4) * _DAY
    return times.astype("datetime64[s]").astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
