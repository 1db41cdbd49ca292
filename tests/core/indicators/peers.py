"""The same indicators by TA-Lib and by talipp, a second library of the field, and how far they are apart.

Both are asked for what they call the indicator; where their definition differs, the note says how, and the
comparison is made on what they share. Values are compared once the way each library begins has worn off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import talib
from talipp import indicators as peer
from talipp.ohlcv import OHLCV
from tests.core.indicators.cases import spec_of

from tradewarden.core.indicators.kind import Value
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.server_days import server_days
from tradewarden.core.market.session import ServerClock

Outputs = dict[str, Float64]


@dataclass(frozen=True)
class Peer:
    """One library's answer for one indicator, and where its definition is another.

    `tolerance` is the largest difference in quanta, `apart` the share of bars that may lie further apart.
    """

    spec: IndicatorSpec
    compute: Callable[[Bars, ServerClock], Outputs]
    note: str = ""
    tolerance: float = 0.5
    apart: float = 0.0


def _ohlcv(bars: Bars) -> list[OHLCV]:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [OHLCV(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _array(values: list[Any], length: int) -> Float64:
    known = np.array([np.nan if value is None else float(value) for value in values])
    return np.concatenate((np.full(length - len(known), np.nan), known))


def _talipp(
    kind: str,
    build: Callable[[list[Any]], Any],
    *,
    bars: bool = True,
    note: str = "",
    tolerance: float = 0.5,
    **outputs: str,
) -> Peer:
    """A peer that reads whole bars or closes; `outputs` name its fields by ours, none for a plain number."""
    values: dict[str, Value] = {"k_smoothing": 1} if kind == "stochastic" else {}

    def compute(series: Bars, _: ServerClock) -> Outputs:
        found = list(build(_ohlcv(series) if bars else series.close.tolist()))
        if not outputs:
            return {"value": _array(found, len(series))}
        return {
            ours: _array([None if row is None else getattr(row, theirs) for row in found], len(series))
            for ours, theirs in outputs.items()
        }

    return Peer(spec_of(kind, values), compute, note, tolerance)


def _by_day(of: Callable[[list[OHLCV]], list[Any]]) -> Callable[[Bars, ServerClock], Outputs]:
    def compute(bars: Bars, clock: ServerClock) -> Outputs:
        days, rows = server_days(clock, bars.opened_at), _ohlcv(bars)
        starts = [*(np.flatnonzero(np.diff(days)) + 1).tolist(), len(rows)]
        found: list[Any] = [None] * starts[0]
        for start, stop in pairwise(starts):
            found += of(rows[start - 1 : stop])
        return {"value": _array(found, len(bars))}

    return compute


def _day_obv(rows: list[OHLCV]) -> list[float]:
    totals = list(peer.OBV(rows))
    return [total - totals[0] for total in totals[1:]]


def _trend(found: Any) -> Any:
    return [None if row is None else (row.value, 1.0 if row.trend.name == "UP" else -1.0) for row in found]


def _line_and_direction(kind: str, build: Callable[[list[OHLCV]], Any], note: str = "", apart: float = 0.0) -> Peer:
    def compute(bars: Bars, _: ServerClock) -> Outputs:
        rows = _trend(build(_ohlcv(bars)))
        return {
            name: _array([None if row is None else row[place] for row in rows], len(bars))
            for place, name in enumerate(("line", "direction"))
        }

    return Peer(spec_of(kind), compute, note, apart=apart)


def _cloud(bars: Bars, _: ServerClock) -> Outputs:
    found = list(peer.Ichimoku(26, 9, 26, 52, 26, input_values=_ohlcv(bars)))
    fields = {
        "tenkan": "conversion_line",
        "kijun": "base_line",
        "span_a": "cloud_leading_fast_line",
        "span_b": "cloud_leading_slow_line",
    }
    lines = {
        ours: _array([None if row is None else getattr(row, theirs) for row in found], len(bars))
        for ours, theirs in fields.items()
    }
    # talipp reads the slow span one bar further back than the fast one.
    lines["span_b"] = np.append(lines["span_b"][1:], np.nan)
    return lines


_RUNNING = "talipp keeps a running sum, whose rounding a small deviation enlarges"
_TOUCH = "a price that just touches the stop turns it here and in TA-Lib, not in talipp"
SMA: Any = vars(talib)["MA_Type"].SMA
_FAST = "talipp's %K is not smoothed: compared with `k_smoothing` 1"
TALIPP = (
    _talipp("sma", lambda v: peer.SMA(20, v), bars=False),
    _talipp("ema", lambda v: peer.EMA(20, v), bars=False),
    _talipp("wma", lambda v: peer.WMA(20, v), bars=False),
    _talipp("dema", lambda v: peer.DEMA(20, v), bars=False),
    _talipp("tema", lambda v: peer.TEMA(20, v), bars=False),
    _talipp("kama", lambda v: peer.KAMA(10, 2, 30, v), bars=False),
    _talipp("hma", lambda v: peer.HMA(20, v), bars=False),
    _talipp("rsi", lambda v: peer.RSI(14, v), bars=False),
    _talipp("stochastic", lambda v: peer.Stoch(14, 3, v), note=_FAST, k="k", d="d"),
    _talipp("cci", lambda v: peer.CCI(20, v), note=_RUNNING, tolerance=50),
    _talipp("roc", lambda v: peer.ROC(10, v), bars=False),
    _talipp("williams_r", lambda v: peer.Williams(14, v)),
    _talipp("macd", lambda v: peer.MACD(12, 26, 9, v), bars=False, line="macd", signal="signal", histogram="histogram"),
    _talipp("adx", lambda v: peer.ADX(14, 14, v), adx="adx", plus_di="plus_di", minus_di="minus_di"),
    _talipp("aroon", lambda v: peer.Aroon(25, v), up="up", down="down"),
    _line_and_direction("supertrend", lambda v: peer.SuperTrend(10, 3, v)),
    _line_and_direction("psar", lambda v: peer.ParabolicSAR(0.02, 0.02, 0.2, v), _TOUCH, apart=0.04),
    Peer(
        spec_of("ichimoku"), _cloud, "talipp shows the slow span one bar later than the fast one: compared one bar on"
    ),
    _talipp("atr", lambda v: peer.ATR(14, v)),
    _talipp("natr", lambda v: peer.NATR(14, v)),
    _talipp("bollinger", lambda v: peer.BB(20, 2, v), bars=False, upper="ub", middle="cb", lower="lb"),
    _talipp("keltner", lambda v: peer.KeltnerChannels(20, 10, 2, 2, v), upper="ub", middle="cb", lower="lb"),
    _talipp("donchian", lambda v: peer.DonchianChannels(20, v), upper="ub", middle="cb", lower="lb"),
    Peer(spec_of("vwap"), _by_day(lambda rows: list(peer.VWAP(rows[1:]))), "run anew for each server day"),
    Peer(spec_of("obv"), _by_day(_day_obv), "its running total, counted from the end of the day before"),
)


def _by_talib(kind: str, of: Callable[[Bars], Any], *names: str, note: str = "") -> Peer:
    def compute(bars: Bars, _: ServerClock) -> Outputs:
        found = of(bars)
        arrays = found if isinstance(found, tuple) else (found,)
        return dict(zip(names or ("value",), arrays, strict=True))

    return Peer(spec_of(kind), compute, note)


def _candle(kind: str, function: str, note: str = "", *, apart: float = 0.0, sign: int = 1) -> Peer:
    def of(bars: Bars, _: ServerClock) -> Outputs:
        marks = getattr(talib, function)(bars.open, bars.high, bars.low, bars.close)
        return {"value": sign * np.sign(marks).astype(float)}

    return Peer(spec_of(kind), of, note, apart=apart)


TALIB = (
    _by_talib("sma", lambda b: talib.SMA(b.close, 20)),
    _by_talib("ema", lambda b: talib.EMA(b.close, 20)),
    _by_talib("wma", lambda b: talib.WMA(b.close, 20)),
    _by_talib("dema", lambda b: talib.DEMA(b.close, 20)),
    _by_talib("tema", lambda b: talib.TEMA(b.close, 20)),
    _by_talib("kama", lambda b: talib.KAMA(b.close, 10)),
    _by_talib("rsi", lambda b: talib.RSI(b.close, 14)),
    _by_talib("stochastic", lambda b: talib.STOCH(b.high, b.low, b.close, 14, 3, SMA, 3, SMA), "k", "d"),
    _by_talib("cci", lambda b: talib.CCI(b.high, b.low, b.close, 20), note="not used: its last digits vary"),
    _by_talib("roc", lambda b: talib.ROC(b.close, 10)),
    _by_talib("mfi", lambda b: talib.MFI(b.high, b.low, b.close, b.volume, 14),
              note="not used: equal typical prices that differ in their last bits move it"),
    _by_talib("williams_r", lambda b: talib.WILLR(b.high, b.low, b.close, 14)),
    _by_talib("macd", lambda b: talib.MACD(b.close, 12, 26, 9), "line", "signal", "histogram"),
    _by_talib(
        "adx",
        lambda b: tuple(f(b.high, b.low, b.close, 14) for f in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI)),
        *("adx", "plus_di", "minus_di"),
    ),
    _by_talib("aroon", lambda b: talib.AROON(b.high, b.low, 25), "down", "up"),
    _by_talib("psar", lambda b: talib.SAR(b.high, b.low, 0.02, 0.2), "line"),
    _by_talib("ichimoku", lambda b: tuple(talib.MIDPRICE(b.high, b.low, n) for n in (9, 26)), "tenkan", "kijun",
              note="its middle of a range, for two of the lines"),
    _by_talib("atr", lambda b: talib.ATR(b.high, b.low, b.close, 14)),
    _by_talib("natr", lambda b: talib.NATR(b.high, b.low, b.close, 14)),
    _by_talib("bollinger", lambda b: talib.BBANDS(b.close, 20, 2, 2), "upper", "middle", "lower",
              note="not used for the deviation: it leaves noise where the price stands still"),
    _by_talib("donchian", lambda b: (talib.MAX(b.high, 20), talib.MIN(b.low, 20)), "upper", "lower"),
    _candle("engulfing", "CDLENGULFING", "TA-Lib takes a body of no size for a rising one", apart=0.002),
    _candle("harami", "CDLHARAMI"),
    _candle("marubozu", "CDLMARUBOZU"),
    _candle("doji", "CDLDOJI"),
    _candle("hammer", "CDLHAMMER"),
    _candle("inverted_hammer", "CDLINVERTEDHAMMER"),
    _candle("dragonfly_doji", "CDLDRAGONFLYDOJI"),
    _candle("piercing", "CDLPIERCING"),
    _candle("morning_star", "CDLMORNINGSTAR"),
    _candle("evening_star", "CDLEVENINGSTAR"),
    _candle("three_white_soldiers", "CDL3WHITESOLDIERS"),
    _candle("gravestone_doji", "CDLGRAVESTONEDOJI", "TA-Lib marks it 1, here it is −1", sign=-1),
    _candle("shooting_star", "CDLSHOOTINGSTAR", "TA-Lib wants a gap between the bodies", apart=0.04),
    _candle("hanging_man", "CDLHANGINGMAN", "TA-Lib wants a body near the high before it", apart=0.03),
    _candle("dark_cloud", "CDLDARKCLOUDCOVER", "TA-Lib's first body need not be that long", apart=0.001),
    _candle("three_black_crows", "CDL3BLACKCROWS", "TA-Lib wants a rising bar before them", apart=0.005),
)  # fmt: skip
