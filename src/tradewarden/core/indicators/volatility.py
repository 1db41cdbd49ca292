"""Volatility: ranges, their rank among recent ones, and bands around a mean.

Everything is in price units or a share of the price; a band of no width has no place for the price in it.
"""

import numpy as np

from tradewarden.core.indicators.averages import SOURCE_PARAMETER
from tradewarden.core.indicators.kind import (
    NEUTRAL,
    PERIOD,
    PRICE,
    SINGLE,
    IndicatorKind,
    Length,
    Mirror,
    MirrorRule,
    Output,
    Outputs,
    View,
    bars_parameter,
    length_of,
    number_parameter,
)
from tradewarden.core.indicators.library import highest, lowest, means_of, padded, talib, windows
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.market.bars import Bars, Float64

UPPER = Mirror(MirrorRule.PRICE, partner="lower")
LOWER = Mirror(MirrorRule.PRICE, partner="upper")
_ONE = Mirror(MirrorRule.REFLECTED, total=1)
# Wilder's recursion leaves float noise on equal ranges; a true range is no better known than this.
_EQUAL = 1 + 1e-9


def _true_range(bars: Bars, period: int) -> Float64:
    mean: Float64 = talib("ATR")(bars.high, bars.low, bars.close, period)
    return mean


def _atr(view: View) -> Outputs:
    return {SINGLE: _true_range(view.bars, view.settings.count())}


def _natr(view: View) -> Outputs:
    bars = view.bars
    return {SINGLE: talib("NATR")(bars.high, bars.low, bars.close, view.settings.count())}


def _atr_percentile(view: View) -> Outputs:
    period, lookback = view.settings.count(), view.settings.count("lookback")
    ranges = windows(_true_range(view.bars, period)[period:], lookback)[-view.newest :]
    at_or_below = np.count_nonzero(ranges <= ranges[:, -1:] * _EQUAL, axis=1)
    return {SINGLE: padded(100.0 * at_or_below / lookback, len(view.bars))}


def _atr_median(view: View) -> Outputs:
    period, lookback = view.settings.count(), view.settings.count("lookback")
    ordered = np.sort(windows(_true_range(view.bars, period)[period:], lookback)[-view.newest :], axis=1)
    medians = (ordered[:, (lookback - 1) // 2] + ordered[:, lookback // 2]) / 2
    return {SINGLE: padded(medians, len(view.bars))}


def _bollinger(view: View) -> Outputs:
    source, period, multiple = view.source, view.settings.count(), view.settings.number("multiple")
    # Neither TA-Lib's deviation, which subtracts two sums of squares and leaves noise where the price stands still, nor
    # its running mean, whose rounding a narrow band enlarges in percent_b.
    spans = windows(source, period)
    means = means_of(spans)
    deviations = np.sqrt(means_of(np.square(spans - means[:, None])))
    middle, deviation = padded(means, len(source)), padded(deviations, len(source))
    deviation[highest(source, period) == lowest(source, period)] = 0.0
    reach = multiple * deviation
    upper, lower = middle + reach, middle - reach
    return {
        "upper": upper,
        "middle": middle,
        "lower": lower,
        "width": _ratio(2 * reach, middle),
        "percent_b": _ratio(source - lower, 2 * reach),
    }


def _ratio(above: Float64, below: Float64) -> Float64:
    """Return ``above`` / ``below``, NaN where ``below`` is 0."""
    share: Float64 = np.divide(above, below, out=np.full(len(above), np.nan), where=below != 0)
    return share


def _keltner(view: View) -> Outputs:
    settings = view.settings
    middle = talib("EMA")(view.bars.close, settings.count())
    reach = settings.number("multiple") * _true_range(view.bars, settings.count("atr_period"))
    return {"upper": middle + reach, "middle": middle, "lower": middle - reach}


def _donchian(view: View) -> Outputs:
    period = view.settings.count()
    upper, lower = highest(view.bars.high, period), lowest(view.bars.low, period)
    return {"upper": upper, "middle": (upper + lower) / 2, "lower": lower}


ATR = IndicatorKind(
    name="atr",
    title="Average true range (Wilder)",
    definition="Wilder's mean of the range of a bar and its gap to the close before (Wilder 1978)",
    reads="high, low, close",
    parameters=(bars_parameter(2, 14),),
    outputs=(Output(SINGLE, Unit.PRICE, NEUTRAL, 0),),
    first_index=length_of((1, PERIOD)),
    minimum_window=length_of((20, PERIOD), extra=1),
    function=_atr,
    # Decisions recorded before each kind had a window of its own computed it on all bars at hand.
    own_window=False,
)
NATR = IndicatorKind(
    name="natr",
    title="Normalised average true range",
    definition="`atr` in percent of the close",
    reads="high, low, close",
    parameters=(bars_parameter(2, 14),),
    outputs=(Output(SINGLE, Unit.PERCENT, NEUTRAL, 0),),
    first_index=length_of((1, PERIOD)),
    minimum_window=length_of((24, PERIOD), extra=1),
    function=_natr,
)
ATR_PERCENTILE = IndicatorKind(
    name="atr_percentile",
    title="Percentile of the average true range",
    definition="share of the newest `lookback` values of `atr` that are at or below the newest, in percent",
    reads="high, low, close",
    parameters=(
        bars_parameter(2, 14, "Bars of the ATR."),
        bars_parameter(10, 120, "Bars among which the newest ATR is ranked.", "lookback"),
    ),
    outputs=(Output(SINGLE, Unit.OSCILLATOR, NEUTRAL, 0, 100),),
    first_index=length_of((1, PERIOD), (1, "lookback"), extra=-1),
    minimum_window=length_of((24, PERIOD), (1, "lookback")),
    function=_atr_percentile,
)
ATR_MEDIAN = IndicatorKind(
    name="atr_median",
    title="Median of the average true range",
    definition="median of the newest `lookback` values of `atr`",
    reads="high, low, close",
    parameters=(
        bars_parameter(2, 14, "Bars of the ATR."),
        bars_parameter(2, 120, "Newest values of the ATR whose median is taken.", "lookback"),
    ),
    outputs=(Output(SINGLE, Unit.PRICE, NEUTRAL, 0),),
    first_index=length_of((1, PERIOD), (1, "lookback"), extra=-1),
    minimum_window=length_of((24, PERIOD), (1, "lookback")),
    function=_atr_median,
)
BOLLINGER = IndicatorKind(
    name="bollinger",
    title="Bollinger bands",
    definition="`multiple` standard deviations (of the whole population) around the mean of `period` values; `width` = "
    "(upper − lower) / middle, `percent_b` = (source − lower) / (upper − lower)",
    reads="source",
    parameters=(
        bars_parameter(2, 20),
        number_parameter("multiple", "0.1", "10", "2", "Standard deviations from the middle to a band."),
        SOURCE_PARAMETER,
    ),
    outputs=(
        Output("upper", None, UPPER),
        Output("middle", None, PRICE),
        Output("lower", None, LOWER),
        Output("width", Unit.RATIO, NEUTRAL, 0),
        Output("percent_b", Unit.RATIO, _ONE),
    ),
    first_index=length_of((1, PERIOD), extra=-1),
    minimum_window=length_of((1, PERIOD)),
    function=_bollinger,
)
KELTNER = IndicatorKind(
    name="keltner",
    title="Keltner channel",
    definition="`multiple` ATRs around the EMA of `period` closes",
    reads="high, low, close",
    parameters=(
        bars_parameter(2, 20, "Bars of the EMA."),
        number_parameter("multiple", "0.1", "10", "2", "ATRs from the middle to a band."),
        bars_parameter(2, 10, "Bars of the ATR.", "atr_period"),
    ),
    outputs=(
        Output("upper", Unit.PRICE, UPPER),
        Output("middle", Unit.PRICE, PRICE),
        Output("lower", Unit.PRICE, LOWER),
    ),
    first_index=Length(
        lambda s, _: max(s.count() - 1, s.count("atr_period")),
        "max(period − 1, atr_period)",
    ),
    minimum_window=Length(
        lambda s, _: max(12 * s.count(), 22 * s.count("atr_period") + 1),
        "max(12 × period, 22 × atr_period + 1)",
    ),
    function=_keltner,
)
DONCHIAN = IndicatorKind(
    name="donchian",
    title="Donchian channel",
    definition="highest high and lowest low of `period` bars, the newest included, and the middle between them",
    reads="high, low",
    parameters=(bars_parameter(2, 20),),
    outputs=(
        Output("upper", Unit.PRICE, UPPER),
        Output("middle", Unit.PRICE, PRICE),
        Output("lower", Unit.PRICE, LOWER),
    ),
    first_index=length_of((1, PERIOD), extra=-1),
    minimum_window=length_of((1, PERIOD)),
    function=_donchian,
)
VOLATILITY = (ATR, NATR, ATR_PERCENTILE, ATR_MEDIAN, BOLLINGER, KELTNER, DONCHIAN)
