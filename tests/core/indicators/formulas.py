"""Every indicator again, written from its definition one bar at a time, sharing nothing with what is tested.

Each function takes bars, settings and a clock and returns the outputs as lists as long as the bars, None where the
definition gives nothing. Candle patterns have no formula here: they are shown on bars drawn by hand.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isqrt, sqrt
from statistics import median

from tests.core.indicators.divergences import divergence
from tests.core.indicators.formula_parts import (
    Formula,
    Values,
    chained,
    column,
    combined,
    ema,
    mean,
    prices,
    runs,
    single,
    sma,
    typical,
    wilder,
    wma,
)
from tests.core.indicators.formulas_by_day import obv, pivots, previous_day, session_range, swings, vwap

from tradewarden.core.indicators.kind import Settings
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import ServerClock


def dema(values: Sequence[float], count: int) -> Values:
    first = ema(values, count)
    return combined(lambda a, b: 2 * a - b, first, chained(first, lambda known: ema(known, count)))


def tema(values: Sequence[float], count: int) -> Values:
    first = ema(values, count)
    second = chained(first, lambda known: ema(known, count))
    third = chained(second, lambda known: ema(known, count))
    return combined(lambda a, b, c: 3 * a - 3 * b + c, first, second, third)


def kama(values: Sequence[float], count: int) -> Values:
    fast, slow = 2 / 3, 2 / 31
    found: Values = [None] * count
    newest = values[count - 1]
    for index in range(count, len(values)):
        path = sum(abs(b - a) for a, b in pairwise(values[index - count : index + 1]))
        straight = abs(values[index] - values[index - count]) / path if path else 1.0
        newest += (straight * (fast - slow) + slow) ** 2 * (values[index] - newest)
        found.append(newest)
    return found


def hma(values: Sequence[float], count: int) -> Values:
    raw = combined(lambda fast, slow: 2 * fast - slow, wma(values, count // 2), wma(values, count))
    return chained(raw, lambda known: wma(known, isqrt(count)))


def average(of: Callable[[Sequence[float], int], Values]) -> Formula:
    return lambda bars, settings, _: single(of(column(bars, settings), settings.count()))


def rsi(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    values, count = column(bars, settings), settings.count()
    moves = [b - a for a, b in pairwise(values)]
    gains, losses = (wilder([max(sign * move, 0) for move in moves], count) for sign in (1, -1))
    return single([None, *combined(lambda gain, loss: 100 * gain / (gain + loss), gains, losses)])


def place(high: Sequence[float], low: Sequence[float], close: Sequence[float], count: int) -> Values:
    """Where the close stands in the range of `count` bars, from 0 to 1."""
    tops, bottoms = runs(high, count, max), runs(low, count, min)
    return combined(lambda c, t, b: (c - b) / (t - b) if t > b else None, list(close), tops, bottoms)


def stochastic(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    raw = combined(lambda share: 100 * share, place(*prices(bars), settings.count("k_period")))
    k = chained(raw, lambda known: sma(known, settings.count("k_smoothing")))
    return {"k": k, "d": chained(k, lambda known: sma(known, settings.count("d_period")))}


def cci(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    def of(run: Sequence[float]) -> float:
        middle = mean(run)
        return (run[-1] - middle) / (0.015 * mean([abs(value - middle) for value in run]))

    return single(runs(typical(bars), settings.count(), of))


def roc(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    return single(runs(column(bars, settings), settings.count() + 1, lambda run: 100 * (run[-1] - run[0]) / run[0]))


def mfi(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    price, volume, count = typical(bars), bars.volume.tolist(), settings.count()
    found: Values = [None] * count
    for index in range(count, len(price)):
        flows = [(price[i] - price[i - 1], price[i] * volume[i]) for i in range(index - count + 1, index + 1)]
        # Equal sums of three prices may differ in their last bits.
        gained = sum(flow for move, flow in flows if move > 1e-6)
        lost = sum(flow for move, flow in flows if move < -1e-6)
        found.append(100 * gained / (gained + lost))
    return single(found)


def williams_r(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    return single(combined(lambda share: 100 * share - 100, place(*prices(bars), settings.count())))


def macd(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    values, fast, slow = column(bars, settings), settings.count("fast"), settings.count("slow")
    # TA-Lib begins both averages where the slow one begins.
    quick = [None] * (slow - fast) + ema(values[slow - fast :], fast)
    line = combined(lambda a, b: a - b, quick, ema(values, slow))
    signal = chained(line, lambda known: ema(known, settings.count("signal")))
    return {"line": line, "signal": signal, "histogram": combined(lambda a, b: a - b, line, signal)}


def true_ranges(bars: Bars) -> list[float]:
    high, low, close = prices(bars)
    return [max(high[i], close[i - 1]) - min(low[i], close[i - 1]) for i in range(1, len(close))]


def atr_of(bars: Bars, count: int) -> Values:
    return [None, *wilder(true_ranges(bars), count)]


def atr(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    return single(atr_of(bars, settings.count()))


def natr(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    return single(combined(lambda mean, close: 100 * mean / close, atr_of(bars, settings.count()), bars.close.tolist()))


def atr_percentile(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    ranges, lookback = atr_of(bars, settings.count()), settings.count("lookback")
    return single(
        chained(
            ranges,
            lambda known: runs(known, lookback, lambda run: 100 * sum(v <= run[-1] for v in run) / lookback),
        )
    )


def atr_median(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    ranges, lookback = atr_of(bars, settings.count()), settings.count("lookback")
    return single(chained(ranges, lambda known: runs(known, lookback, median)))


def candle_parts(bars: Bars, _: Settings, __: ServerClock) -> dict[str, Values]:
    rows = list(zip(bars.open.tolist(), *prices(bars), strict=True))
    return {
        "upper_wick": [high - max(opened, close) for opened, high, _, close in rows],
        "lower_wick": [min(opened, close) - low for opened, _, low, close in rows],
        "body": [abs(opened - close) for opened, _, _, close in rows],
        "range": [high - low for _, high, low, _ in rows],
    }


def adx(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    (high, low, _close), count = prices(bars), settings.count()
    up, down = [], []
    for i in range(1, len(high)):
        rise, fall = high[i] - high[i - 1], low[i - 1] - low[i]
        up.append(rise if rise > fall and rise > 0 else 0.0)
        down.append(fall if fall > rise and fall > 0 else 0.0)
    # Wilder's sums as TA-Lib begins them: with one bar less than the period, then a full period of decay.
    sums = []
    for moves in (up, down, true_ranges(bars)):
        total = sum(moves[: count - 1])
        running: list[float] = []
        for move in moves[count - 1 :]:
            total += move - total / count
            running.append(total)
        sums.append(running)
    plus = [100 * move / reach for move, reach in zip(sums[0], sums[2], strict=True)]
    minus = [100 * move / reach for move, reach in zip(sums[1], sums[2], strict=True)]
    strength = [100 * abs(a - b) / (a + b) for a, b in zip(plus, minus, strict=True)]
    before: Values = [None] * count
    return {
        "adx": before + wilder(strength, count),
        "plus_di": [*before, *plus],
        "minus_di": [*before, *minus],
    }


def aroon(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    count = settings.count()

    def of(run: Sequence[float], best: float) -> float:
        newest = max(place for place, value in enumerate(run) if value == best)
        return 100 * newest / count

    return {
        "up": runs(bars.high.tolist(), count + 1, lambda run: of(run, max(run))),
        "down": runs(bars.low.tolist(), count + 1, lambda run: of(run, min(run))),
    }


def supertrend(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    high, low, close = prices(bars)
    ranges, multiple = atr_of(bars, settings.count()), settings.number("multiple")
    line: Values = []
    direction: Values = []
    upper = lower = None
    trend = 0.0
    for i, reach in enumerate(ranges):
        if reach is None:
            line.append(None)
            direction.append(None)
            continue
        middle = (high[i] + low[i]) / 2
        top, bottom = middle + multiple * reach, middle - multiple * reach
        upper = top if upper is None or close[i - 1] > upper else min(top, upper)
        lower = bottom if lower is None or close[i - 1] < lower else max(bottom, lower)
        if trend == 0:
            trend = 1.0 if close[i] >= middle else -1.0
        if trend < 0 and close[i] > upper:
            trend = 1.0
        elif trend > 0 and close[i] < lower:
            trend = -1.0
        line.append(lower if trend > 0 else upper)
        direction.append(trend)
    return {"line": line, "direction": direction}


def psar(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    high, low, _close = prices(bars)
    start, limit = settings.number("acceleration"), settings.number("maximum")
    fell = low[0] - low[1]
    rising = not (fell > 0 and fell > high[1] - high[0])
    extreme, stop = (high[1], low[0]) if rising else (low[1], high[0])
    step = start
    line: Values = [None]
    direction: Values = [None]
    for i in range(1, len(high)):
        # The very first bar has no bar before it that counts.
        before = i - 1 if i > 1 else i
        if (low[i] <= stop) if rising else (high[i] >= stop):
            stop = max(extreme, high[before], high[i]) if rising else min(extreme, low[before], low[i])
            line.append(stop)
            rising, step = not rising, start
            extreme = high[i] if rising else low[i]
        else:
            line.append(stop)
            if (high[i] > extreme) if rising else (low[i] < extreme):
                extreme, step = (high[i] if rising else low[i]), min(step + start, limit)
        stop += step * (extreme - stop)
        stop = min(stop, low[before], low[i]) if rising else max(stop, high[before], high[i])
        direction.append(1.0 if rising else -1.0)
    return {"line": line, "direction": direction}


def ichimoku(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    high, low, _close = prices(bars)

    def middle(name: str) -> Values:
        count = settings.count(name)
        return combined(lambda top, bottom: (top + bottom) / 2, runs(high, count, max), runs(low, count, min))

    tenkan, kijun, lead_b = middle("tenkan"), middle("kijun"), middle("senkou")
    lead_a = combined(lambda a, b: (a + b) / 2, tenkan, kijun)
    back = settings.count("displacement")
    gap: Values = [None] * back
    late = [gap + lead[:-back] for lead in (lead_a, lead_b)]
    return {
        "tenkan": tenkan,
        "kijun": kijun,
        "span_a": late[0],
        "span_b": late[1],
        "lead_a": lead_a,
        "lead_b": lead_b,
    }


def bollinger(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    values, count, multiple = column(bars, settings), settings.count(), settings.number("multiple")
    middle = sma(values, count)
    reach = runs(values, count, lambda run: multiple * sqrt(mean([(value - mean(run)) ** 2 for value in run])))
    return {
        "upper": combined(lambda m, r: m + r, middle, reach),
        "middle": middle,
        "lower": combined(lambda m, r: m - r, middle, reach),
        "width": combined(lambda m, r: 2 * r / m, middle, reach),
        "percent_b": combined(lambda v, m, r: (v - m + r) / (2 * r) if r else None, [*values], middle, reach),
    }


def keltner(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    middle, multiple = ema(bars.close.tolist(), settings.count()), settings.number("multiple")
    ranges = atr_of(bars, settings.count("atr_period"))
    return {
        "upper": combined(lambda m, r: m + multiple * r, middle, ranges),
        "middle": middle,
        "lower": combined(lambda m, r: m - multiple * r, middle, ranges),
    }


def donchian(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    count = settings.count()
    upper, lower = runs(bars.high.tolist(), count, max), runs(bars.low.tolist(), count, min)
    return {"upper": upper, "middle": combined(lambda a, b: (a + b) / 2, upper, lower), "lower": lower}


FORMULAS: dict[str, Formula] = {
    "sma": average(sma),
    "ema": average(ema),
    "wma": average(wma),
    "dema": average(dema),
    "tema": average(tema),
    "kama": average(kama),
    "hma": average(hma),
    "rsi": rsi,
    "stochastic": stochastic,
    "cci": cci,
    "roc": roc,
    "mfi": mfi,
    "williams_r": williams_r,
    "macd": macd,
    "adx": adx,
    "aroon": aroon,
    "supertrend": supertrend,
    "psar": psar,
    "ichimoku": ichimoku,
    "atr": atr,
    "natr": natr,
    "atr_percentile": atr_percentile,
    "atr_median": atr_median,
    "candle_parts": candle_parts,
    "divergence": divergence,
    "bollinger": bollinger,
    "keltner": keltner,
    "donchian": donchian,
    "vwap": vwap,
    "obv": obv,
    "pivots": pivots,
    "previous_day": previous_day,
    "session_range": session_range,
    "swings": swings,
}
