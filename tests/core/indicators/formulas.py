"""Every indicator again, written from its definition one bar at a time, sharing nothing with what is tested.

Each function takes bars, settings and a clock and returns the outputs as lists as long as the bars, None where the
definition gives nothing. Candle patterns have no formula here: they are shown on bars drawn by hand.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import isqrt, sqrt
from zoneinfo import ZoneInfo

from tradewarden.core.indicators.kind import Settings
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NAMED_SESSIONS, ServerClock

Values = list[float | None]
Formula = Callable[[Bars, Settings, ServerClock], dict[str, Values]]


def column(bars: Bars, settings: Settings) -> list[float]:
    values: list[float] = getattr(bars, settings.text("source")).tolist()
    return values


def single(values: Values) -> dict[str, Values]:
    return {"value": values}


def runs(values: Sequence[float], count: int, of: Callable[[Sequence[float]], float | None]) -> Values:
    """What `of` says of each run of `count` values, at the newest of them."""
    return [None if end < count else of(values[end - count : end]) for end in range(1, len(values) + 1)]


def chained(values: Values, of: Callable[[list[float]], Values]) -> Values:
    """What `of` gives on the known part of `values`, which is known from some bar on."""
    known = [value for value in values if value is not None]
    return [None] * (len(values) - len(known)) + of(known)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def sma(values: Sequence[float], count: int) -> Values:
    return runs(values, count, mean)


def smoothed(values: Sequence[float], count: int, weight: float) -> Values:
    """The mean of the first `count`, then a share `weight` of each new value."""
    if len(values) < count:
        return [None] * len(values)
    found: list[float] = [mean(values[:count])]
    for value in values[count:]:
        found.append(found[-1] + (value - found[-1]) * weight)
    return [None] * (count - 1) + [*found]


def ema(values: Sequence[float], count: int) -> Values:
    return smoothed(values, count, 2 / (count + 1))


def wilder(values: Sequence[float], count: int) -> Values:
    return smoothed(values, count, 1 / count)


def wma(values: Sequence[float], count: int) -> Values:
    weights = range(1, count + 1)
    return runs(values, count, lambda run: sum(w * v for w, v in zip(weights, run, strict=True)) / sum(weights))


def combined(of: Callable[..., float | None], *columns: Values) -> Values:
    """`of` the columns bar by bar, None where one of them is."""
    return [None if None in row else of(*row) for row in zip(*columns, strict=True)]


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


def prices(bars: Bars) -> tuple[list[float], list[float], list[float]]:
    return bars.high.tolist(), bars.low.tolist(), bars.close.tolist()


def typical(bars: Bars) -> list[float]:
    return [(high + low + close) / 3 for high, low, close in zip(*prices(bars), strict=True)]


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
    for i, mean in enumerate(ranges):
        if mean is None:
            line.append(None)
            direction.append(None)
            continue
        middle = (high[i] + low[i]) / 2
        top, bottom = middle + multiple * mean, middle - multiple * mean
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


def moments(bars: Bars) -> list[datetime]:
    return [datetime.fromtimestamp(moment, UTC) for moment in bars.opened_at.tolist()]


def occurrences(bars: Bars, session: str) -> list[date | None]:
    """The day on which the session that each bar opens in began, None outside of it."""
    window = NAMED_SESSIONS[session]
    tz = ZoneInfo(window.zone_name)
    return [moment.astimezone(tz).date() if window.contains(moment) else None for moment in moments(bars)]


def anchors(bars: Bars, anchor: str, clock: ServerClock) -> list[object]:
    """Something that changes exactly where the anchor is set anew; None before the first session."""
    days = [clock.day_of(moment) for moment in moments(bars)]
    if anchor == "day":
        return [*days]
    if anchor == "week":
        return [day - timedelta(days=(day.weekday() + 1) % 7) for day in days]
    newest: list[object] = []
    for began in occurrences(bars, anchor):
        newest.append(began or (newest[-1] if newest else None))
    return newest


def anchored(marks: list[object], gains: list[tuple[float, float]]) -> Values:
    """Sum of the first parts over sum of the second since the mark changed; None until it has."""
    found: Values = []
    above = below = None
    for index, (first, second) in enumerate(gains):
        if index and marks[index] != marks[index - 1]:
            above = below = 0.0
        if above is None or below is None:
            found.append(None)
            continue
        above, below = above + first, below + second
        found.append(above / below if below else None)
    return found


def vwap(bars: Bars, settings: Settings, clock: ServerClock) -> dict[str, Values]:
    marks = anchors(bars, settings.text("anchor"), clock)
    gains = [(price * volume, volume) for price, volume in zip(typical(bars), bars.volume.tolist(), strict=True)]
    return single(anchored(marks, gains))


def obv(bars: Bars, settings: Settings, clock: ServerClock) -> dict[str, Values]:
    marks = anchors(bars, settings.text("anchor"), clock)
    close, volume = bars.close.tolist(), bars.volume.tolist()
    sums: Values = []
    total = None
    for i in range(len(close)):
        if i and marks[i] != marks[i - 1]:
            total = 0.0
        if total is not None:
            total += volume[i] * ((close[i] > close[i - 1]) - (close[i] < close[i - 1]))
        sums.append(total)
    return single(sums)


def previous_day(bars: Bars, _: Settings, clock: ServerClock) -> dict[str, Values]:
    days: list[date] = [clock.day_of(moment) for moment in moments(bars)]
    ordered = list(dict.fromkeys(days))
    rows: dict[date, list[int]] = {day: [i for i, each in enumerate(days) if each == day] for day in ordered}
    found: dict[str, Values] = {name: [] for name in ("open", "high", "low", "close")}
    for day in days:
        place_of = ordered.index(day)
        held = rows[ordered[place_of - 1]] if place_of >= 2 else []
        found["open"].append(float(bars.open[held[0]]) if held else None)
        found["high"].append(max(float(bars.high[i]) for i in held) if held else None)
        found["low"].append(min(float(bars.low[i]) for i in held) if held else None)
        found["close"].append(float(bars.close[held[-1]]) if held else None)
    return found


def pivots(bars: Bars, settings: Settings, clock: ServerClock) -> dict[str, Values]:
    day = previous_day(bars, settings, clock)
    high, low, close = day["high"], day["low"], day["close"]
    pivot = combined(lambda h, w, c: (h + w + c) / 3, high, low, close)
    return {
        "pivot": pivot,
        "r1": combined(lambda p, w: 2 * p - w, pivot, low),
        "r2": combined(lambda p, h, w: p + h - w, pivot, high, low),
        "r3": combined(lambda p, h, w: h + 2 * (p - w), pivot, high, low),
        "s1": combined(lambda p, h: 2 * p - h, pivot, high),
        "s2": combined(lambda p, h, w: p - h + w, pivot, high, low),
        "s3": combined(lambda p, h, w: w - 2 * (h - p), pivot, high, low),
    }


def session_range(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    began = occurrences(bars, settings.text("session"))
    found: dict[str, Values] = {"open": [], "high": [], "low": []}
    newest: date | None = began[0]
    range_of: tuple[float | None, float | None, float | None] = (None, None, None)
    for i, day in enumerate(began):
        high, low = float(bars.high[i]), float(bars.low[i])
        if day is not None and day != newest:
            newest, range_of = day, (float(bars.open[i]), high, low)
        elif day is not None and range_of[1] is not None and range_of[2] is not None:
            range_of = (range_of[0], max(range_of[1], high), min(range_of[2], low))
        for name, value in zip(found, range_of, strict=True):
            found[name].append(value)
    return found


def swings(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    strength, lookback = settings.count("strength"), settings.count("lookback")

    def of(values: list[float], name: str, sign: int) -> dict[str, Values]:
        newest: Values = []
        before: Values = []
        for now in range(len(values)):
            peaks = [
                i
                for i in range(max(strength, now - lookback), now - strength + 1)
                if all(values[i] > values[j] for j in range(i - strength, i))
                and all(values[i] >= values[j] for j in range(i + 1, i + strength + 1))
            ]
            newest.append(sign * values[peaks[-1]] if peaks else None)
            before.append(sign * values[peaks[-2]] if len(peaks) > 1 else None)
        return {name: newest, f"previous_{name}": before}

    return of(bars.high.tolist(), "high", 1) | of([-low for low in bars.low.tolist()], "low", -1)


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
