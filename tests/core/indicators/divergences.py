"""Divergence again, found as one finds it by eye: bar by bar, swing by swing, sharing nothing with what is tested."""

from itertools import pairwise

from tests.core.indicators.formula_parts import Values, chained, combined, ema, wilder

from tradewarden.core.indicators.kind import Settings
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import ServerClock


def _rsi(values: list[float], count: int) -> Values:
    moves = [b - a for a, b in pairwise(values)]
    gains, losses = (wilder([max(sign * move, 0) for move in moves], count) for sign in (1, -1))
    return [None, *combined(lambda gain, loss: 100 * gain / (gain + loss), gains, losses)]


def _histogram(values: list[float]) -> Values:
    late: Values = [None] * 14
    line = combined(lambda a, b: a - b, late + ema(values[14:], 12), ema(values, 26))
    return combined(lambda a, b: a - b, line, chained(line, lambda known: ema(known, 9)))


def _swings(values: list[float], now: int, strength: int, lookback: int, sign: int) -> list[int]:
    """The places of the swings that are known at the bar `now`: highs for a sign of 1, lows for −1."""
    found = []
    for place in range(max(strength, now - lookback), now - strength + 1):
        before = max(sign * value for value in values[place - strength : place])
        after = max(sign * value for value in values[place + 1 : place + strength + 1])
        if sign * values[place] > before and sign * values[place] >= after:
            found.append(place)
    return found


def divergence(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    close, high, low = bars.close.tolist(), bars.high.tolist(), bars.low.tolist()
    reading = _rsi(close, settings.count()) if settings.text("oscillator") == "rsi" else _histogram(close)
    strength, lookback = settings.count("strength"), settings.count("lookback")
    regular: Values = []
    hidden: Values = []
    for now in range(len(close)):
        signs = {"regular": 0.0, "hidden": 0.0}
        newest = {"regular": -1, "hidden": -1}
        for sign, prices in ((1, high), (-1, low)):
            for older, newer in list(pairwise(_swings(prices, now, strength, lookback, sign)))[-1:]:
                price = sign * (prices[newer] - prices[older])
                apart = sign * ((reading[newer] or 0.0) - (reading[older] or 0.0))
                for name, holds in (("regular", price > 0 > apart), ("hidden", price < 0 < apart)):
                    if holds and newer >= newest[name]:
                        # Of two that contradict each other the newer counts, and neither at the same bar.
                        signs[name] = 0.0 if newer == newest[name] else float(-sign)
                        newest[name] = newer
        regular.append(signs["regular"])
        hidden.append(signs["hidden"])
    return {"regular": regular, "hidden": hidden}
