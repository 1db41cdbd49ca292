"""What facts say of bars: drawn by hand, and real ones against a computation that shares nothing with them."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.core.indicators.cases import settings_of, spec_of
from tests.core.indicators.formula_parts import Values
from tests.core.indicators.formulas import FORMULAS
from tests.core.indicators.series import bars_of, real_bars
from tests.core.indicators.test_candles import Candle, ending_in
from tests.core.strategy.specs import spec

from tradewarden.core.indicators.kind import Value
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.evaluate import evaluate, own_bars_required
from tradewarden.core.strategy.facts import FACTS, expand_fact
from tradewarden.core.strategy.spec import StrategySpec

TICK = Decimal("0.01")


def facts_as_conditions(**parameters: dict[str, Value]) -> StrategySpec:
    """A strategy that counts every fact one by one, with its defaults unless told."""
    expanded = [expand_fact(name, parameters.get(name)) for name in FACTS]
    indicators = {each.name: each for _, needed in expanded for each in needed}
    return spec(*indicators.values(), strong=tuple(group for group, _ in expanded))


ALL = facts_as_conditions()
NEEDED = own_bars_required(ALL)


def held(bars: Bars, strategy: StrategySpec = ALL) -> set[str]:
    """The facts that hold at the newest of `bars`."""
    evaluation = evaluate(strategy, bars, tick_size=TICK, server_clock=NEW_YORK_CLOSE)
    assert evaluation.refusal is None
    return {name for name, result in zip(FACTS, evaluation.conditions, strict=True) if result.holds}


class TestDrawnByHand:
    RISE = bars_of(2000.0 + np.cumsum(0.5 + np.arange(NEEDED) / NEEDED))

    def test_a_steady_rise_is_bullish_and_a_steady_fall_bearish(self) -> None:
        bullish = {
            "price_above_ema",
            "ema_fast_above_slow",
            "uptrend",
            "strong_trend",
            "rsi_bullish",
            "rsi_overbought",
            "macd_above_zero",
            "atr_above_median",
            "price_above_vwap",
        }
        assert held(self.RISE) == bullish
        fall = bars_of(6000.0 - self.RISE.close)
        assert held(fall) == {FACTS[name].mirror for name in bullish}

    def test_crosses_happen_on_one_bar(self) -> None:
        turns = {"ema_bullish_cross": 0, "macd_bullish_cross": 0, "rsi_leaves_oversold": 0}
        falls = 4000.0 - np.arange(NEEDED) * 1.0
        for rise in range(1, 90):
            closes = np.concatenate((falls[rise:], falls[-1] + 2.0 * np.arange(1, rise + 1)))
            for name in held(bars_of(closes)) & turns.keys():
                turns[name] += 1
        assert turns == dict.fromkeys(turns, 1)

    @pytest.mark.parametrize(
        ("candle", "facts"),
        [
            ((2050.0, 2051.5, 2045.0, 2051.0), {"long_lower_wick"}),
            ((2050.0, 2051.0, 2045.0, 2048.0), set()),
            ((2050.0, 2052.6, 2049.9, 2050.8), {"long_upper_wick"}),
            ((2050.0, 2050.0, 2050.0, 2050.0), {"doji"}),
            ((2050.0, 2053.0, 2047.5, 2050.5), {"doji"}),
            # Twice the body, and half of the range: both to the point, then a little less than each.
            ((2050.0, 2052.0, 2046.0, 2052.0), {"long_lower_wick"}),
            ((2050.0, 2052.25, 2046.0, 2052.25), set()),
            ((2050.0, 2054.0, 2046.0, 2051.0), {"long_lower_wick"}),
            ((2050.0, 2054.25, 2046.0, 2051.0), set()),
        ],
    )
    def test_wicks_are_measured_by_body_and_range(self, candle: Candle, facts: set[str]) -> None:
        said = held(padded(ending_in(candle)))
        assert said & {"long_lower_wick", "long_upper_wick", "doji"} == facts

    def test_parameters_move_the_limits(self) -> None:
        bars = padded(ending_in((2050.0, 2052.25, 2046.0, 2052.25)))
        lenient = facts_as_conditions(long_lower_wick={"body_multiple": Decimal("1.5")})
        assert "long_lower_wick" in held(bars, lenient)

    @pytest.mark.parametrize(
        ("candles", "fact"),
        [
            (((2050.0, 2051.0, 2039.0, 2040.0), (2039.5, 2040.6, 2034.0, 2040.5)), "hammer"),
            (((2040.0, 2051.0, 2039.0, 2050.0), (2050.5, 2056.0, 2049.4, 2049.5)), "shooting_star"),
            (((2050.0, 2051.0, 2045.0, 2046.0), (2045.0, 2052.0, 2044.0, 2051.0)), "bullish_engulfing"),
            (((2046.0, 2051.0, 2045.0, 2050.0), (2051.0, 2052.0, 2044.0, 2045.0)), "bearish_engulfing"),
        ],
    )
    def test_patterns_end_on_their_bar(self, candles: tuple[Candle, Candle], fact: str) -> None:
        bars = padded(ending_in(*candles))
        assert fact in held(bars)
        assert fact not in held(bars.window(0, len(bars) - 1))

    @pytest.mark.parametrize(
        ("turns", "fact"),
        [
            # A steep fall, a rise, and a slow fall to just below the first low.
            (((1980, 4), (1992, 8), (1979, 12)), "bullish_divergence"),
            # As before, but not as deep.
            (((1980, 4), (1992, 8), (1981, 12)), None),
            # A rise with a shallow dip, and a long fall to just above it; and to just below it.
            (((2030, 20), (2024, 3), (2036, 6), (2025, 12)), "hidden_bullish_divergence"),
            (((2030, 20), (2024, 3), (2036, 6), (2023, 12)), None),
        ],
    )
    def test_divergence_is_drawn_between_two_lows(self, turns: tuple[tuple[float, int], ...], fact: str | None) -> None:
        path = [2000.0]
        for level, steps in turns:
            path += _line(path[-1], level, steps)
        path += [path[-1] + step for step in (1.0, 2.0, 3.0)]
        bars = padded(bars_of(np.array(path)), level=2000.0)
        at_lows = {"bullish_divergence", "hidden_bullish_divergence"}
        found = held(bars) & at_lows
        assert found == ({fact} if fact else set())
        assert held(bars.window(0, len(bars) - 1)) & at_lows == set()
        over = bars_of(4000.0 - bars.close, opens=4000.0 - bars.open, highs=4000.0 - bars.low, lows=4000.0 - bars.high)
        assert held(over) & {FACTS[name].mirror for name in at_lows} == {FACTS[name].mirror for name in found}


def _line(start: float, end: float, steps: int) -> list[float]:
    return [start + (end - start) * step / steps for step in range(1, steps + 1)]


def padded(bars: Bars, level: float = 2052.0) -> Bars:
    """`bars` after so many quiet ones that every fact can be judged."""
    count = NEEDED + 5
    quiet = level + 0.25 * np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
    join = partial(np.concatenate)
    opens = np.concatenate((quiet[:1], quiet[:-1]))
    return bars_of(
        join((quiet, bars.close)),
        opens=join((opens, bars.open)),
        highs=join((np.maximum(opens, quiet), bars.high)),
        lows=join((np.minimum(opens, quiet), bars.low)),
    )


Truths = list[bool | None]


class Independent:
    """Every fact again, from the formulas written for the tests and from the definitions of the candles."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.close, self.volume = bars.close.tolist(), bars.volume.tolist()
        self.candles = list(zip(bars.open.tolist(), bars.high.tolist(), bars.low.tolist(), self.close, strict=True))

    def of(self, kind: str, output: str = "value", **values: Value) -> Values:
        wanted = spec_of(kind, dict(values))
        return FORMULAS[kind](self.bars, settings_of(wanted), NEW_YORK_CLOSE)[output]

    def all(self) -> dict[str, Truths]:
        close: Values = [*self.close]
        ema20, ema50, rsi = self.of("ema", period=20), self.of("ema", period=50), self.of("rsi", period=14)
        line, signal, adx = self.of("macd", "line"), self.of("macd", "signal"), self.of("adx", "adx")
        vwap, atr, median = self.of("vwap"), self.of("atr"), self.of("atr_median")
        upper, lower = self.of("bollinger", "upper"), self.of("bollinger", "lower")
        mean: Values = self.of("sma", period=20, source="volume")
        trends = above(adx, [20.0] * len(close))
        found = {
            "price_above_ema": above(close, ema50),
            "ema_fast_above_slow": above(ema20, ema50),
            "ema_bullish_cross": crosses(ema20, ema50),
            "uptrend": both(above(ema20, ema50), above(close, ema50), trends),
            "strong_trend": above(adx, [25.0] * len(close)),
            "rsi_oversold": above([30.0] * len(close), rsi),
            "rsi_bullish": above(rsi, [50.0] * len(close)),
            "rsi_leaves_oversold": crosses(rsi, [30.0] * len(close)),
            "macd_bullish_cross": crosses(line, signal),
            "macd_above_zero": above(line, [0.0] * len(close)),
            "price_above_vwap": above(close, vwap),
            "price_above_bollinger": above(close, upper),
            "atr_above_median": above(atr, median),
            "volume_above_average": above([*self.volume], scaled(mean, 1.5)),
            # The other side of each.
            "price_below_ema": above(ema50, close),
            "ema_fast_below_slow": above(ema50, ema20),
            "ema_bearish_cross": crosses(ema50, ema20),
            "downtrend": both(above(ema50, ema20), above(ema50, close), trends),
            "rsi_overbought": above(rsi, [70.0] * len(close)),
            "rsi_bearish": above([50.0] * len(close), rsi),
            "rsi_leaves_overbought": crosses([70.0] * len(close), rsi),
            "macd_bearish_cross": crosses(signal, line),
            "macd_below_zero": above([0.0] * len(close), line),
            "price_below_vwap": above(vwap, close),
            "price_below_bollinger": above(lower, close),
            "atr_below_median": above(median, atr),
            "volume_below_average": above(mean, scaled([*self.volume], 1.5)),
        }
        for name, sign in (("bullish", 1.0), ("bearish", -1.0)):
            found[f"{name}_divergence"] = [value == sign for value in self.of("divergence", "regular")]
            found[f"hidden_{name}_divergence"] = [value == sign for value in self.of("divergence", "hidden")]
        return found | self.of_candles()

    def of_candles(self) -> dict[str, Truths]:
        upright, over = self.candles, [(-o, -low, -high, -c) for o, high, low, c in self.candles]
        rules: dict[str, tuple[Callable[[list[tuple[float, ...]], int], bool], str]] = {
            "bullish_engulfing": (engulfs, "bearish_engulfing"),
            "hammer": (is_hammer, "shooting_star"),
            "long_lower_wick": (has_long_lower_wick, "long_upper_wick"),
            "doji": (is_doji, ""),
        }
        found: dict[str, Truths] = {}
        for name, (rule, opposite) in rules.items():
            for each, candles in ((name, upright), (opposite, over)):
                found |= {each: [at >= 12 and rule([*candles], at) for at in range(len(candles))]} if each else {}
        return found


def above(left: Values, right: Values) -> Truths:
    return [None if a is None or b is None else a > b for a, b in zip(left, right, strict=True)]


def scaled(values: Values, factor: float) -> Values:
    return [None if value is None else value * factor for value in values]


def crosses(left: Values, right: Values) -> Truths:
    now, not_before = above(left, right), [None if each is None else not each for each in above(left, right)]
    return [None, *(None if a is None or b is None else a and b for a, b in zip(now[1:], not_before, strict=False))]


def both(*columns: Truths) -> Truths:
    return [None if None in row else all(row) for row in zip(*columns, strict=True)]


def engulfs(candles: list[tuple[float, ...]], at: int) -> bool:
    (open_before, _, _, close_before), (open_, _, _, close) = candles[at - 1], candles[at]
    if not (close_before < open_before and close >= open_):
        return False
    return (close >= open_before and open_ < close_before) or (close > open_before and open_ <= close_before)


def mean_range(candles: list[tuple[float, ...]], end: int, count: int) -> float:
    return sum(high - low for _, high, low, _ in candles[end - count : end]) / count


def is_doji(candles: list[tuple[float, ...]], at: int) -> bool:
    open_, _, _, close = candles[at]
    return abs(close - open_) <= 0.1 * mean_range(candles, at, 10)


def is_hammer(candles: list[tuple[float, ...]], at: int) -> bool:
    open_, high, low, close = candles[at]
    bodies = sum(abs(c - o) for o, _, _, c in candles[at - 10 : at]) / 10
    body, bottom = abs(close - open_), min(open_, close)
    near = candles[at - 1][2] + 0.2 * mean_range(candles, at - 1, 5)
    return (
        body < bodies
        and bottom - low > body
        and high - max(open_, close) < 0.1 * mean_range(candles, at, 10)
        and bottom <= near
    )


def has_long_lower_wick(candles: list[tuple[float, ...]], at: int) -> bool:
    open_, high, low, close = candles[at]
    wick = round(min(open_, close) - low, 6)
    return high > low and wick >= round(2 * abs(close - open_), 6) and wick >= round((high - low) / 2, 6)


def test_every_fact_agrees_with_an_independent_computation_on_real_bars(test_data: Path) -> None:
    bars = real_bars(test_data, "ftmo_m1/XAUUSD_M1", "XAUUSD", Timeframe.M15).window(0, 4200)
    expected = Independent(bars).all()
    assert expected.keys() == FACTS.keys()
    seen: dict[str, set[bool]] = {name: set() for name in FACTS}
    for end in range(len(bars) - 1600, len(bars) + 1):
        said = held(bars.window(end - NEEDED, end))
        for name, truths in expected.items():
            assert truths[end - 1] is (name in said), f"{name} at bar {end - 1}"
            seen[name].add(name in said)
    assert {name for name, truths in seen.items() if len(truths) < 2} == set()
