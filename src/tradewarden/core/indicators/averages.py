"""Moving averages: the mean of a column, each with its own idea of which bars count most.

All of them read one column and have its unit; TA-Lib does the arithmetic.
"""

from collections.abc import Callable
from math import isqrt

from tradewarden.core.indicators.kind import (
    COLUMN_UNITS,
    PERIOD,
    PRICE,
    SINGLE,
    SOURCE,
    IndicatorKind,
    Length,
    Output,
    Outputs,
    Parameter,
    View,
    bars_parameter,
    length_of,
)
from tradewarden.core.indicators.library import padded, talib

SOURCE_PARAMETER = Parameter(
    name=SOURCE, description="The bar column to read.", default="close", choices=tuple(COLUMN_UNITS)
)
_VALUE = (Output(SINGLE, None, PRICE),)


def _plain(name: str) -> Callable[[View], Outputs]:
    def average(view: View) -> Outputs:
        return {SINGLE: talib(name)(view.source, view.settings.count())}

    return average


def _hma(view: View) -> Outputs:
    """Return Hull's average: WMA(√period) of 2 × WMA(period / 2) − WMA(period), both roots and halves cut off."""
    source, period = view.source, view.settings.count()
    slow = talib("WMA")(source, period)[period - 1 :]
    fast = talib("WMA")(source, period // 2)[period - 1 :]
    return {SINGLE: padded(talib("WMA")(2 * fast - slow, isqrt(period)), len(source))}


def _average(
    name: str, title: str, definition: str, *, first: Length, window: Length, low: int = 2, default: int | None = None
) -> IndicatorKind:
    return IndicatorKind(
        name=name,
        title=title,
        definition=definition,
        reads="source",
        parameters=(bars_parameter(low, default), SOURCE_PARAMETER),
        outputs=_VALUE,
        first_index=first,
        minimum_window=window,
        function=_hma if name == "hma" else _plain(name.upper()),
        # Decisions recorded before each kind had a window of its own computed these two on all bars at hand.
        own_window=name not in ("sma", "ema"),
    )


_HMA_FIRST = Length(lambda s, _: s.count() + isqrt(s.count()) - 2, "period + √period − 2")
_HMA_WINDOW = Length(lambda s, _: s.count() + isqrt(s.count()) - 1, "period + √period − 1")

AVERAGES = (
    _average(
        "sma",
        "Simple moving average",
        "the arithmetic mean of the newest `period` values",
        first=length_of((1, PERIOD), extra=-1),
        window=length_of((1, PERIOD)),
    ),
    _average(
        "ema",
        "Exponential moving average",
        "weight 2 / (`period` + 1) on the newest value, begun with the mean of the first `period`",
        first=length_of((1, PERIOD), extra=-1),
        window=length_of((12, PERIOD)),
    ),
    _average(
        "wma",
        "Weighted moving average",
        "weights falling by equal steps from `period` on the newest value to 1 on the oldest",
        first=length_of((1, PERIOD), extra=-1),
        window=length_of((1, PERIOD)),
    ),
    _average(
        "dema",
        "Double exponential moving average",
        "2 × EMA − EMA of the EMA (Mulloy 1994)",
        first=length_of((2, PERIOD), extra=-2),
        window=length_of((14, PERIOD)),
    ),
    _average(
        "tema",
        "Triple exponential moving average",
        "3 × EMA − 3 × EMA of the EMA + EMA of that (Mulloy 1994)",
        first=length_of((3, PERIOD), extra=-3),
        window=length_of((16, PERIOD)),
    ),
    _average(
        "kama",
        "Kaufman's adaptive moving average",
        "an EMA whose weight lies between those of 2 and 30 bars, after how straight the newest `period` bars went",
        first=length_of((1, PERIOD)),
        window=length_of((15, PERIOD), extra=600),
        default=10,
    ),
    _average(
        "hma",
        "Hull moving average",
        "WMA over √`period` of 2 × WMA(`period` / 2) − WMA(`period`); root and half rounded down",
        first=_HMA_FIRST,
        window=_HMA_WINDOW,
        low=4,
    ),
)
