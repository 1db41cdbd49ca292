"""Trend indicators: direction and strength of a move, trailing lines, and the cloud.

Supertrend feeds on its own last value and is a short loop; everything else is vectorised.
"""

import numpy as np

from tradewarden.core.indicators.averages import SOURCE_PARAMETER
from tradewarden.core.indicators.kind import (
    NEUTRAL,
    PERIOD,
    PRICE,
    SIGNED,
    IndicatorKind,
    Length,
    Mirror,
    MirrorRule,
    Output,
    Outputs,
    Settings,
    View,
    bars_parameter,
    length_of,
    number_parameter,
)
from tradewarden.core.indicators.library import highest, lowest, shifted, talib
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.market.bars import Float64


def _macd(view: View) -> Outputs:
    settings = view.settings
    spans = (settings.count("fast"), settings.count("slow"), settings.count("signal"))
    line, signal, histogram = talib("MACD")(view.source, *spans)
    return {"line": line, "signal": signal, "histogram": histogram}


def _fast_below_slow(settings: Settings) -> tuple[str, str] | None:
    fast, slow = settings.count("fast"), settings.count("slow")
    return None if fast < slow else ("fast", f"must be below slow, which is {slow}")


def _adx(view: View) -> Outputs:
    bars, period = view.bars, view.settings.count()
    prices = (bars.high, bars.low, bars.close, period)
    return {"adx": talib("ADX")(*prices), "plus_di": talib("PLUS_DI")(*prices), "minus_di": talib("MINUS_DI")(*prices)}


def _aroon(view: View) -> Outputs:
    down, up = talib("AROON")(view.bars.high, view.bars.low, view.settings.count())
    return {"up": up, "down": down}


def _psar(view: View) -> Outputs:
    bars, settings = view.bars, view.settings
    line = talib("SAR")(bars.high, bars.low, settings.number("acceleration"), settings.number("maximum"))
    # The stop lies outside of the bar on the side it guards; on a bar without a range it may lie on it: 0.
    return {"line": line, "direction": np.sign((bars.high + bars.low) / 2 - line)}


def _acceleration_fits(settings: Settings) -> tuple[str, str] | None:
    if settings.number("acceleration") <= settings.number("maximum"):
        return None
    return "acceleration", f"must not be above maximum, which is {settings.text('maximum')}"


def _supertrend(view: View) -> Outputs:
    bars, period = view.bars, view.settings.count()
    reach = view.settings.number("multiple") * talib("ATR")(bars.high, bars.low, bars.close, period)
    middle = (bars.high + bars.low) / 2
    uppers, lowers = (middle + reach).tolist(), (middle - reach).tolist()
    closes, middles = bars.close.tolist(), middle.tolist()
    line, direction = np.full(len(bars), np.nan), np.full(len(bars), np.nan)
    upper, lower = uppers[period], lowers[period]
    rises = closes[period] >= middles[period]
    for index in range(period, len(closes)):
        before, close = closes[index - 1], closes[index]
        # A band only comes nearer, until the close has left it behind.
        if index == period or uppers[index] < upper or before > upper:
            upper = uppers[index]
        if index == period or lowers[index] > lower or before < lower:
            lower = lowers[index]
        rises = close >= lower if rises else close > upper
        line[index], direction[index] = (lower, 1.0) if rises else (upper, -1.0)
    return {"line": line, "direction": direction}


def _ichimoku(view: View) -> Outputs:
    bars, settings = view.bars, view.settings

    def middle(name: str) -> Float64:
        span = settings.count(name)
        middles: Float64 = (highest(bars.high, span) + lowest(bars.low, span)) / 2
        return middles

    tenkan, kijun, lead_b = middle("tenkan"), middle("kijun"), middle("senkou")
    lead_a = (tenkan + kijun) / 2
    ahead = settings.count("displacement")
    return {
        "tenkan": tenkan,
        "kijun": kijun,
        "span_a": shifted(lead_a, ahead),
        "span_b": shifted(lead_b, ahead),
        "lead_a": lead_a,
        "lead_b": lead_b,
    }


def _spans_rise(settings: Settings) -> tuple[str, str] | None:
    for shorter, longer in (("tenkan", "kijun"), ("kijun", "senkou")):
        if settings.count(shorter) > settings.count(longer):
            return shorter, f"must not be above {longer}, which is {settings.count(longer)}"
    return None


MACD = IndicatorKind(
    name="macd",
    title="Moving average convergence divergence",
    definition="`line` = EMA(`fast`) − EMA(`slow`), `signal` = EMA of the line, `histogram` = line − signal (Appel)",
    reads="source",
    parameters=(
        bars_parameter(2, 12, "Bars of the fast EMA.", "fast"),
        bars_parameter(3, 26, "Bars of the slow EMA.", "slow"),
        bars_parameter(1, 9, "Bars of the signal's EMA.", "signal", 200),
        SOURCE_PARAMETER,
    ),
    outputs=tuple(Output(name, None, SIGNED) for name in ("line", "signal", "histogram")),
    first_index=length_of((1, "slow"), (1, "signal"), extra=-2),
    minimum_window=length_of((12, "slow"), (12, "signal")),
    function=_macd,
    check=_fast_below_slow,
)
ADX = IndicatorKind(
    name="adx",
    title="Average directional index (Wilder)",
    definition="`plus_di` and `minus_di`: share of up and down movement in the true range; `adx`: Wilder's mean of "
    "their difference over their sum (Wilder 1978)",
    reads="high, low, close",
    parameters=(bars_parameter(2, 14),),
    outputs=(
        Output("adx", Unit.OSCILLATOR, NEUTRAL, 0, 100),
        Output("plus_di", Unit.OSCILLATOR, Mirror(MirrorRule.NEUTRAL, partner="minus_di"), 0, 100),
        Output("minus_di", Unit.OSCILLATOR, Mirror(MirrorRule.NEUTRAL, partner="plus_di"), 0, 100),
    ),
    first_index=length_of((2, PERIOD), extra=-1),
    minimum_window=length_of((30, PERIOD)),
    function=_adx,
)
AROON = IndicatorKind(
    name="aroon",
    title="Aroon",
    definition="how recently the highest high (`up`) and lowest low (`down`) of `period` + 1 bars came, 100 is now; of "
    "equal ones the newest counts (Chande 1995)",
    reads="high, low",
    parameters=(bars_parameter(2, 25),),
    outputs=(
        Output("up", Unit.OSCILLATOR, Mirror(MirrorRule.NEUTRAL, partner="down"), 0, 100),
        Output("down", Unit.OSCILLATOR, Mirror(MirrorRule.NEUTRAL, partner="up"), 0, 100),
    ),
    first_index=length_of((1, PERIOD)),
    minimum_window=length_of((1, PERIOD), extra=1),
    function=_aroon,
)
SUPERTREND = IndicatorKind(
    name="supertrend",
    title="Supertrend",
    definition="`line`: a band of `multiple` ATRs around the middle of the bar that only comes nearer, until a close "
    "crosses it and the other band takes over; `direction`: 1 with the line below, −1 above",
    reads="high, low, close",
    parameters=(
        bars_parameter(2, 10, "Bars of the ATR.", high=200),
        number_parameter("multiple", "0.5", "10", "3", "ATRs from the middle of the bar to the band."),
    ),
    outputs=(Output("line", Unit.PRICE, PRICE), Output("direction", Unit.SIGN, SIGNED, -1, 1)),
    first_index=length_of((1, PERIOD)),
    minimum_window=Length(
        lambda s, _: 24 * s.count() + int(100 * s.number("multiple")), "24 × period + 100 × multiple"
    ),
    function=_supertrend,
)
PSAR = IndicatorKind(
    name="psar",
    title="Parabolic SAR (Wilder)",
    definition="`line`: a stop that nears the price faster with each new extreme and changes sides when it is touched; "
    "`direction`: 1 with the line below, −1 above, 0 where a bar without a range leaves it open (Wilder 1978)",
    reads="high, low",
    parameters=(
        number_parameter("acceleration", "0.005", "0.2", "0.02", "First step towards the extreme, and its growth."),
        number_parameter("maximum", "0.05", "1", "0.2", "Largest step towards the extreme."),
    ),
    outputs=(Output("line", Unit.PRICE, PRICE), Output("direction", Unit.SIGN, SIGNED, -1, 1)),
    first_index=length_of(extra=1),
    minimum_window=Length(lambda s, _: int(10 / s.number("acceleration")) + 50, "10 / acceleration + 50"),
    function=_psar,
    check=_acceleration_fits,
)
ICHIMOKU = IndicatorKind(
    name="ichimoku",
    title="Ichimoku cloud",
    definition="middles of the ranges of `tenkan`, `kijun` and `senkou` bars; `span_a` and `span_b`: the cloud over "
    "the newest bar, computed `displacement` bars ago; `lead_a` and `lead_b`: the cloud computed now, drawn ahead",
    reads="high, low",
    parameters=(
        bars_parameter(2, 9, "Bars of the conversion line.", "tenkan"),
        bars_parameter(2, 26, "Bars of the base line.", "kijun"),
        bars_parameter(2, 52, "Bars of the slow span.", "senkou"),
        bars_parameter(1, 26, "Bars that the cloud is drawn ahead.", "displacement", 200),
    ),
    outputs=tuple(
        Output(name, Unit.PRICE, PRICE) for name in ("tenkan", "kijun", "span_a", "span_b", "lead_a", "lead_b")
    ),
    first_index=length_of((1, "senkou"), (1, "displacement"), extra=-1),
    minimum_window=length_of((1, "senkou"), (1, "displacement")),
    function=_ichimoku,
    check=_spans_rise,
)
TREND = (MACD, ADX, AROON, SUPERTREND, PSAR, ICHIMOKU)
