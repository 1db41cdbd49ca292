"""Candles: patterns, 1 where a bullish one ended on the bar, −1 for a bearish one, 0 for none; and their parts.

TA-Lib recognises them. A bearish pattern is the bullish one on prices turned upside down, so that a mirrored strategy
sees exactly what the original sees in a mirrored market: TA-Lib's own are not always mirror images (its shooting star
wants a gap, its hammer none; a body of no size counts as rising).
"""

from collections.abc import Callable

import numpy as np

from tradewarden.core.indicators.kind import (
    NEUTRAL,
    SIGNED,
    SINGLE,
    IndicatorKind,
    Mirror,
    MirrorRule,
    Output,
    Outputs,
    View,
    length_of,
)
from tradewarden.core.indicators.library import talib
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.market.bars import Bars, Float64


def _upright(bars: Bars) -> tuple[Float64, Float64, Float64, Float64]:
    return bars.open, bars.high, bars.low, bars.close


def _upside_down(bars: Bars) -> tuple[Float64, Float64, Float64, Float64]:
    return -bars.open, -bars.low, -bars.high, -bars.close


def _pattern(function: str, first: int, output: Output) -> Callable[[View], Outputs]:
    rises, falls = output.high == 1, output.low == -1

    def recognise(view: View) -> Outputs:
        find, found = talib(function), np.zeros(len(view.bars))
        if rises:
            found += find(*_upright(view.bars)) > 0
        if falls:
            found -= find(*_upside_down(view.bars)) > 0
        found[:first] = np.nan
        return {SINGLE: found}

    return recognise


def _candle(
    name: str,
    title: str,
    definition: str,
    *,
    function: str,
    first: int,
    output: Output,
    partner: str = "",
) -> IndicatorKind:
    return IndicatorKind(
        name=name,
        title=title,
        definition=definition,
        reads="open, high, low, close",
        parameters=(),
        outputs=(output,),
        first_index=length_of(extra=first),
        minimum_window=length_of(extra=first + 1),
        function=_pattern(function, first, output),
        partner=partner,
    )


_BOTH = Output(SINGLE, Unit.SIGN, SIGNED, -1, 1)
_NEITHER = Output(SINGLE, Unit.SIGN, NEUTRAL, 0, 1)
_BULLISH = Output(SINGLE, Unit.SIGN, SIGNED, 0, 1)
_BEARISH = Output(SINGLE, Unit.SIGN, SIGNED, -1, 0)

_TWO_SIDED = (
    _candle(
        "engulfing",
        "Engulfing",
        "a body that covers the opposite body before it",
        function="CDLENGULFING",
        first=2,
        output=_BOTH,
    ),
    _candle(
        "harami",
        "Harami",
        "a short body inside the long one before it; 1 after a falling bar, −1 after a rising one",
        function="CDLHARAMI",
        first=11,
        output=_BOTH,
    ),
    _candle(
        "marubozu",
        "Marubozu",
        "a long body with next to no shadows",
        function="CDLMARUBOZU",
        first=10,
        output=_BOTH,
    ),
    _candle(
        "doji",
        "Doji",
        "a body of at most a tenth of the mean range of ten bars; 1 or 0",
        function="CDLDOJI",
        first=10,
        output=_NEITHER,
    ),
)
# Bullish name and title, bearish name and title, what it is, TA-Lib's function for the bullish one, first index.
_PAIRS = (
    (
        ("hammer", "Hammer", "a short body near or below the low before it, a long lower shadow, no upper one"),
        ("shooting_star", "Shooting star", "the hammer upside down, near or above the high before it"),
        ("CDLHAMMER", 11),
    ),
    (
        (
            "inverted_hammer",
            "Inverted hammer",
            "a short body below the one before it, a long upper shadow, no lower one",
        ),
        (
            "hanging_man",
            "Hanging man",
            "the inverted hammer upside down: a body above the one before it, a long lower shadow",
        ),
        ("CDLINVERTEDHAMMER", 11),
    ),
    (
        ("dragonfly_doji", "Dragonfly doji", "a doji with a lower shadow and no upper one"),
        ("gravestone_doji", "Gravestone doji", "a doji with an upper shadow and no lower one"),
        ("CDLDRAGONFLYDOJI", 10),
    ),
    (
        ("piercing", "Piercing line", "after a long fall, a long rise from below its low to above its middle"),
        ("dark_cloud", "Dark cloud cover", "the piercing line upside down"),
        ("CDLPIERCING", 11),
    ),
    (
        ("morning_star", "Morning star", "a long fall, a short body below it, a rise far into the first body"),
        ("evening_star", "Evening star", "the morning star upside down"),
        ("CDLMORNINGSTAR", 12),
    ),
    (
        (
            "three_white_soldiers",
            "Three white soldiers",
            "three rising bodies, each from within the one before, near their highs",
        ),
        ("three_black_crows", "Three black crows", "the three white soldiers upside down"),
        ("CDL3WHITESOLDIERS", 12),
    ),
)


def _pairs() -> tuple[IndicatorKind, ...]:
    kinds = []
    for bullish, bearish, (function, first) in _PAIRS:
        kinds.append(_candle(*bullish, function=function, first=first, output=_BULLISH, partner=bearish[0]))
        kinds.append(_candle(*bearish, function=function, first=first, output=_BEARISH, partner=bullish[0]))
    return tuple(kinds)


def _parts(view: View) -> Outputs:
    bars = view.bars
    top, bottom = np.maximum(bars.open, bars.close), np.minimum(bars.open, bars.close)
    return {
        "upper_wick": bars.high - top,
        "lower_wick": bottom - bars.low,
        "body": top - bottom,
        "range": bars.high - bars.low,
    }


CANDLES = (*_TWO_SIDED, *_pairs())
CANDLE_PARTS = IndicatorKind(
    name="candle_parts",
    title="Parts of the candle",
    definition="`upper_wick`: from the body up to the high, `lower_wick`: from the body down to the low, `body`: "
    "between open and close, `range`: from low to high; all at least 0",
    reads="open, high, low, close",
    parameters=(),
    outputs=(
        Output("upper_wick", Unit.PRICE, Mirror(MirrorRule.NEUTRAL, partner="lower_wick"), 0),
        Output("lower_wick", Unit.PRICE, Mirror(MirrorRule.NEUTRAL, partner="upper_wick"), 0),
        Output("body", Unit.PRICE, NEUTRAL, 0),
        Output("range", Unit.PRICE, NEUTRAL, 0),
    ),
    first_index=length_of(extra=0),
    minimum_window=length_of(extra=1),
    function=_parts,
)
