"""TA-Lib's functions and the few array helpers that the kinds of indicators share.

Nothing here knows a kind; helpers return float64 arrays of the length they were given, NaN until warm.
"""

from collections.abc import Callable
from functools import cache
from inspect import unwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.market.bars import Float64

Truths = NDArray[np.bool_]


@cache
def talib(name: str) -> Callable[..., Any]:
    """Return TA-Lib's function ``name``, loaded on first use because the library takes long to import.

    It is taken without its wrapper, which looks for pandas and polars inputs at the cost of a microsecond a call.
    """
    import talib as library

    function: Callable[..., Any] = unwrap(getattr(library, name))
    return function


def windows(values: Float64, count: int) -> Float64:
    """Return every run of ``count`` values as a view of shape (n - count + 1, count)."""
    values = np.ascontiguousarray(values)
    size = values.itemsize
    # As sliding_window_view does at a tenth of its cost; the constructor refuses what would leave the buffer.
    return np.ndarray((len(values) - count + 1, count), np.float64, values, 0, (size, size))


def means_of(spans: Float64) -> Float64:
    """Return the mean of each row of ``spans``; ndarray.mean costs several times as much on few rows."""
    means: Float64 = np.add.reduce(spans, axis=1) / spans.shape[1]
    return means


def padded(values: Float64, length: int) -> Float64:
    """Return ``values`` at the end of an array of ``length``, NaN before them."""
    whole = np.full(length, np.nan)
    whole[length - len(values) :] = values
    return whole


def highest(values: Float64, count: int) -> Float64:
    """Return the largest of the newest ``count`` values."""
    found: Float64 = talib("MAX")(values, count)
    return found


def lowest(values: Float64, count: int) -> Float64:
    """Return the smallest of the newest ``count`` values."""
    found: Float64 = talib("MIN")(values, count)
    return found


def any_of_newest(truths: Truths, count: int) -> Truths:
    """Return whether one of the newest ``count`` truths holds; there are fewer at the start."""
    total = np.cumsum(truths)
    left_behind = np.zeros_like(total)
    left_behind[count:] = total[:-count]
    held: Truths = total > left_behind
    return held


def unknown_where(values: Float64, truths: Truths) -> Float64:
    """Return ``values`` with NaN where ``truths`` hold."""
    if truths.any():
        values[truths] = np.nan
    return values


def shifted(values: Float64, bars: int) -> Float64:
    """Return at each bar the value of ``bars`` bars before."""
    return padded(values[: max(0, len(values) - bars)], len(values))
