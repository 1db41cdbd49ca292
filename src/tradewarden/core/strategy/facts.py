"""Named facts: what a document may say in one word, and the conditions that the word stands for.

A fact is nothing but primitive conditions on hidden indicators, so that the record shows every reading behind it.
Hidden indicators are named after kind and parameters, such as ``ema(50)``, as no indicator of a document can be.
"""

from collections.abc import Mapping
from decimal import Decimal

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.kind import Parameter, Settings, Value, bars_parameter, number_parameter
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.strategy import fact_parts as parts
from tradewarden.core.strategy.fact_parts import Fact, neutral, opposites
from tradewarden.core.strategy.spec import Group, GroupKind, Operator

__all__ = ["FACTS", "Fact", "expand_fact", "fact_settings", "mirrored_fact"]


def expand_fact(name: str, parameters: Mapping[str, Value] | None = None) -> tuple[Group, tuple[IndicatorSpec, ...]]:
    """Return the conditions of the fact ``name`` as one group, and the hidden indicators that they read.

    What ``parameters`` leaves out has its default. Two facts that need the same hidden indicator name it alike. Raises
    InvalidInput for an unknown fact or parameter and for a value outside its limits.
    """
    fact = FACTS.get(name)
    if fact is None:
        raise InvalidInput(f"no such fact: {name}; known are {', '.join(FACTS)}")
    settings = fact_settings(fact, parameters or {})
    expansion = fact.expand(settings)
    said = ", ".join(f"{key}={_text(value)}" for key, value in settings.values.items())
    text = f"{name}({said})" if said else name
    return Group(kind=GroupKind.ALL, members=expansion.members, fact=text), expansion.indicators


def fact_settings(fact: Fact, parameters: Mapping[str, Value]) -> Settings:
    """Return the parameters of ``fact`` with defaults filled in.

    Raises InvalidInput for one it does not take, for a value outside its limits, and for values that contradict.
    """
    known = {parameter.name: parameter for parameter in fact.parameters}
    for name in parameters:
        if name not in known:
            raise InvalidInput(f"{fact.name} takes no {name}; it takes {', '.join(known) or 'no parameters'}")
    values = {name: _within(fact, each, parameters.get(name, each.default)) for name, each in known.items()}
    settings = Settings(values)
    problem = fact.check(settings)
    if problem is not None:
        raise InvalidInput(f"{fact.name}: {problem[0]} {problem[1]}")
    return settings


def _within(fact: Fact, parameter: Parameter, value: Value | None) -> Value:
    shown = f"{fact.name}: {parameter.name} is {value!r}"
    if parameter.choices:
        if value not in parameter.choices:
            raise InvalidInput(f"{shown}, it must be one of {', '.join(parameter.choices)}")
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or (parameter.whole and value != int(value)):
        raise InvalidInput(f"{shown}, it must be a {'whole ' if parameter.whole else ''}number")
    if not parameter.low <= value <= parameter.high:
        raise InvalidInput(f"{shown}, it must lie from {parameter.low} to {parameter.high}")
    return int(value) if parameter.whole else Decimal(value)


def mirrored_fact(text: str) -> str:
    """Return what the fact ``text``, a name with its parameters, is called in a mirrored market."""
    name, bracket, rest = text.partition("(")
    return f"{FACTS[name].mirror}{bracket}{rest}"


def _text(value: Value) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


_FAST_AND_SLOW = (
    bars_parameter(2, 20, "Bars of the fast EMA.", "fast"),
    bars_parameter(3, 50, "Bars of the slow EMA.", "slow"),
)
_RSI_PERIOD = bars_parameter(2, 14, "Bars of the RSI.")
_LEVEL = number_parameter("level", "1", "49", "30", "The oversold level; the overbought one is 100 less it.")
_MACD_SPANS = (
    bars_parameter(2, 12, "Bars of the fast EMA.", "fast"),
    bars_parameter(3, 26, "Bars of the slow EMA.", "slow"),
    bars_parameter(1, 9, "Bars of the signal's EMA.", "signal", 200),
)
_BANDS = (
    bars_parameter(2, 20, "Bars of the bands."),
    number_parameter("multiple", "0.1", "10", "2", "Standard deviations from the middle to a band."),
)
_ATR = (
    bars_parameter(2, 14, "Bars of the ATR."),
    bars_parameter(2, 120, "Newest values of the ATR whose median is taken.", "bars"),
)
_WICK = (
    number_parameter("body_multiple", "0.1", "20", "2", "The wick is at least so many bodies long."),
    number_parameter("least_range_fraction", "0.05", "1", "0.5", "The wick is at least this share of the range."),
)
_DIVERGENCE = KINDS["divergence"].parameters
_VOLUME = (
    bars_parameter(2, 20, "Bars of the mean volume."),
    number_parameter("multiple", "1", "20", "1.5", "How many times above, or below, the mean."),
)

_TREND_FACTS = (
    *opposites(
        ("price_above_ema", "price_below_ema"),
        ("The close is above its EMA.", "The close is below its EMA."),
        parts.price_above_ema,
        (bars_parameter(2, 50, "Bars of the EMA."),),
    ),
    *opposites(
        ("ema_fast_above_slow", "ema_fast_below_slow"),
        ("The fast EMA of the close is above the slow one.", "The fast EMA of the close is below the slow one."),
        parts.two_emas(Operator.ABOVE),
        _FAST_AND_SLOW,
        parts.fast_below_slow,
    ),
    *opposites(
        ("ema_bullish_cross", "ema_bearish_cross"),
        (
            "The fast EMA crossed above the slow one on this bar.",
            "The fast EMA crossed below the slow one on this bar.",
        ),
        parts.two_emas(Operator.CROSSES_ABOVE),
        _FAST_AND_SLOW,
        parts.fast_below_slow,
    ),
    *opposites(
        ("uptrend", "downtrend"),
        (
            "The fast EMA and the close are above the slow EMA, and the ADX(14) is above the limit.",
            "The fast EMA and the close are below the slow EMA, and the ADX(14) is above the limit.",
        ),
        parts.uptrend,
        (*_FAST_AND_SLOW, number_parameter("adx", "0", "100", "20", "The ADX must be above this.")),
        parts.fast_below_slow,
    ),
    neutral(
        "strong_trend",
        "The ADX(14) is above the limit, whichever way the price goes.",
        parts.strong_trend,
        (number_parameter("adx", "0", "100", "25", "The ADX must be above this."),),
    ),
)
_OSCILLATOR_FACTS = (
    *opposites(
        ("rsi_oversold", "rsi_overbought"),
        ("The RSI is below the level.", "The RSI is above 100 less the level."),
        parts.rsi_against(Operator.BELOW),
        (_RSI_PERIOD, _LEVEL),
    ),
    *opposites(
        ("rsi_bullish", "rsi_bearish"),
        ("The RSI is above 50.", "The RSI is below 50."),
        parts.rsi_against(Operator.ABOVE, Decimal(50)),
        (_RSI_PERIOD,),
    ),
    *opposites(
        ("rsi_leaves_oversold", "rsi_leaves_overbought"),
        ("The RSI crossed above the level on this bar.", "The RSI crossed below 100 less the level on this bar."),
        parts.rsi_against(Operator.CROSSES_ABOVE),
        (_RSI_PERIOD, _LEVEL),
    ),
    *opposites(
        ("macd_bullish_cross", "macd_bearish_cross"),
        ("The MACD line crossed above its signal on this bar.", "The MACD line crossed below its signal on this bar."),
        parts.macd_crosses_signal,
        _MACD_SPANS,
        parts.fast_below_slow,
    ),
    *opposites(
        ("macd_above_zero", "macd_below_zero"),
        ("The MACD line is above zero.", "The MACD line is below zero."),
        parts.macd_above_zero,
        _MACD_SPANS,
        parts.fast_below_slow,
    ),
)
_DIVERGENCE_FACTS = (
    *opposites(
        ("bullish_divergence", "bearish_divergence"),
        (
            "Of the two newest swing lows the later one is lower in price and higher in the oscillator.",
            "Of the two newest swing highs the later one is higher in price and lower in the oscillator.",
        ),
        parts.diverges("regular"),
        _DIVERGENCE,
        parts.lookback_holds_two_swings,
    ),
    *opposites(
        ("hidden_bullish_divergence", "hidden_bearish_divergence"),
        (
            "Of the two newest swing lows the later one is higher in price and lower in the oscillator.",
            "Of the two newest swing highs the later one is lower in price and higher in the oscillator.",
        ),
        parts.diverges("hidden"),
        _DIVERGENCE,
        parts.lookback_holds_two_swings,
    ),
)
_CANDLE_FACTS = (
    *opposites(
        ("bullish_engulfing", "bearish_engulfing"),
        ("A rising body covers the falling one before it.", "A falling body covers the rising one before it."),
        parts.candle("engulfing"),
    ),
    *opposites(
        ("hammer", "shooting_star"),
        (
            "A short body near or below the low before it, with a long lower shadow and no upper one.",
            "A short body near or above the high before it, with a long upper shadow and no lower one.",
        ),
        parts.candle("hammer"),
    ),
    *opposites(
        ("long_lower_wick", "long_upper_wick"),
        (
            "The wick below the body is at least a multiple of the body and a share of the range.",
            "The wick above the body is at least a multiple of the body and a share of the range.",
        ),
        parts.long_lower_wick,
        _WICK,
    ),
    neutral("doji", "The body is at most a tenth of the mean range of ten bars.", parts.candle("doji")),
)
_PLACE_FACTS = (
    *opposites(
        ("price_above_vwap", "price_below_vwap"),
        ("The close is above the VWAP of the server's day.", "The close is below the VWAP of the server's day."),
        parts.price_above_vwap,
    ),
    *opposites(
        ("price_above_bollinger", "price_below_bollinger"),
        ("The close is above the upper Bollinger band.", "The close is below the lower Bollinger band."),
        parts.price_above_bollinger,
        _BANDS,
    ),
    neutral(
        "atr_above_median",
        "The ATR is above the median of its newest values.",
        parts.atr_against_median(Operator.ABOVE),
        _ATR,
    ),
    neutral(
        "atr_below_median",
        "The ATR is below the median of its newest values.",
        parts.atr_against_median(Operator.BELOW),
        _ATR,
    ),
    neutral(
        "volume_above_average",
        "The volume is more than the multiple of its mean.",
        parts.volume_above_average,
        _VOLUME,
    ),
    neutral(
        "volume_below_average",
        "The multiple of the volume is less than its mean.",
        parts.volume_below_average,
        _VOLUME,
    ),
)
FACTS: dict[str, Fact] = {
    fact.name: fact for fact in (*_TREND_FACTS, *_OSCILLATOR_FACTS, *_DIVERGENCE_FACTS, *_CANDLE_FACTS, *_PLACE_FACTS)
}
