"""What every rule of stop and trail measures of the bars, and the price that the idea makes of it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import DECISION_ID, D, a_policy, a_quote, a_snapshot, a_strategy, an_instrument
from tests.core.indicators.series import bars_of, real_bars, walk
from tests.core.strategy.mirroring import INDICATORS, STOPS, TRAILS, of
from tests.core.strategy.specs import compare, series, spec, value

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.ideas import NoIdea, TradeIdea, draft
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.evaluate import Evaluation, evaluate, own_bars_required
from tradewarden.core.strategy.spec import (
    AtrStop,
    AtrTrail,
    IndicatorStop,
    IndicatorTrail,
    PercentStop,
    PointsStop,
    StepTrail,
    StopRule,
    StrategySpec,
    StructureStop,
    SwingStop,
    Target,
    TrailRule,
)
from tradewarden.core.values import Side, is_multiple_of

ALWAYS = compare(series("close"), ">", value("0.001"))
TICK = D("0.00001")
CENT_GOLD = an_instrument(digits=2, point=D("0.01"), tick_size=D("0.05"))


def shaped(lows: list[float], highs: list[float], *, before: int = 400, spread: float = 10.0) -> Bars:
    """Still bars from 1.09 to 1.11 that close at 1.1, then bars with `lows` and `highs`."""
    count = before + len(lows)
    low, high = np.full(count, 1.09), np.full(count, 1.11)
    low[before:], high[before:] = lows, highs
    return bars_of(np.full(count, 1.1), opens=np.full(count, 1.1), highs=high, lows=low, symbol="EURUSD", spread=spread)


# A swing low of 1.0812 and a swing high of 1.1190, both confirmed by two bars, and nothing as far after them.
SWINGING = shaped(
    [1.085, 1.084, 1.0812, 1.0865, 1.087, 1.088, 1.089],
    [1.111, 1.112, 1.113, 1.119, 1.114, 1.1135, 1.113],
)


def measured(rule: StopRule, side: Side = Side.BUY, bars: Bars = SWINGING, **more: Any) -> Evaluation:
    strategy = replace(spec(*INDICATORS, side=side, stop_loss=rule), **more)
    return evaluate(strategy, (bars,), tick_size=TICK, point=TICK)


def simple(rule: StopRule, side: Side, bars: Bars = SWINGING) -> Evaluation:
    return evaluate(spec(side=side, stop_loss=rule, entry=(ALWAYS,)), bars, tick_size=TICK, point=TICK)


class TestMeasures:
    @pytest.mark.parametrize(
        ("rule", "side", "level"),
        [
            (SwingStop(strength=2, lookback=50, buffer_points=20), Side.BUY, "1.0810"),
            (SwingStop(strength=2, lookback=50, buffer_points=20), Side.SELL, "1.1192"),
            (StructureStop(bars=3, buffer_points=10), Side.BUY, "1.0869"),
            (StructureStop(bars=3, buffer_points=0), Side.SELL, "1.114"),
            (StructureStop(bars=6, buffer_points=0), Side.BUY, "1.0812"),
            (StructureStop(bars=1, buffer_points=0), Side.BUY, "1.089"),
            (StructureStop(bars=1, buffer_points=3), Side.SELL, "1.11303"),
            (IndicatorStop(level=of("low", shift=2), buffer_points=5), Side.BUY, "1.08695"),
            (IndicatorStop(level=of("high", shift=2), buffer_points=5), Side.SELL, "1.11405"),
        ],
    )
    def test_a_level_stands_beyond_what_it_reads_by_its_buffer(self, rule: StopRule, side: Side, level: str) -> None:
        found = simple(rule, side)
        assert (found.stop_level, found.stop_distance, found.stop_problem) == (D(level), None, "")

    def test_a_distance_in_points_is_of_the_contract(self) -> None:
        strategy = spec(stop_loss=PointsStop(points=300))
        gold = bars_of([100.0] * own_bars_required(strategy))
        assert evaluate(strategy, gold, tick_size=D("0.05"), point=D("0.01")).stop_distance == D("3.00")
        assert evaluate(strategy, gold, tick_size=D("0.01")).stop_distance == D("3.00")

    def test_a_share_of_the_price_is_left_to_the_quote(self) -> None:
        found = simple(PercentStop(fraction=D("0.004")), Side.BUY)
        assert (found.stop_distance, found.stop_level, found.stop_problem) == (None, None, "")

    def test_a_swing_that_is_not_there_is_a_problem_with_a_name(self) -> None:
        found = simple(SwingStop(strength=3, lookback=20, buffer_points=0), Side.BUY, shaped([], []))
        text = "the newest swing low (3 bars on each side, at most 20 bars old) is unknown on this bar"
        assert (found.stop_level, found.stop_problem) == (None, text)

    def test_a_swing_is_used_only_once_it_is_confirmed(self) -> None:
        rule = SwingStop(strength=2, lookback=50, buffer_points=0)
        low, high = SWINGING.low, SWINGING.high
        for end, expected in ((404, None), (405, "1.0812"), (406, "1.0812")):
            bars = replace(shaped(low[400:end].tolist(), high[400:end].tolist(), before=400))
            assert simple(rule, Side.BUY, bars).stop_level == (None if expected is None else D(expected))

    def test_what_the_stop_reads_is_recorded(self) -> None:
        found = simple(SwingStop(strength=2, lookback=50, buffer_points=0), Side.BUY)
        names = [(reading.name, reading.kind, reading.value) for reading in found.indicators]
        assert ("stop_loss.low", "swings", D("1.0812")) in names
        assert ("stop_loss.high", "swings", D("1.1190")) in names

    def test_an_indicator_may_be_called_like_the_stop(self) -> None:
        strategy = spec(
            replace(INDICATORS[0], name="stop_loss"),
            replace(INDICATORS[0], name="trail"),
            stop_loss=AtrStop(period=5, multiple=D(1)),
            trail=AtrTrail(period=9, multiple=D(1), from_r=D(1)),
        )
        readings = evaluate(strategy, SWINGING, tick_size=TICK).indicators
        assert [(each.name, each.kind, each.period) for each in readings] == [
            ("stop_loss", "ema", 9),
            ("trail", "ema", 9),
            ("stop_loss()", "atr", 5),
            ("trail()", "atr", 9),
        ]

    @settings(max_examples=60)
    @given(STOPS, TRAILS, st.sampled_from(Side))
    def test_every_rule_says_one_thing(self, rule: StopRule, trail: TrailRule | None, side: Side) -> None:
        if isinstance(rule, IndicatorStop) and rule.level.timeframe is not None:
            rule = replace(rule, level=replace(rule.level, timeframe=None))
        indicators = tuple(replace(each, timeframe=None) for each in INDICATORS)
        found = measured(rule, side, walk(1500), indicators=indicators, trail=trail)
        said = [found.stop_distance is not None, found.stop_level is not None, found.stop_problem != ""]
        assert said.count(True) == 1
        assert found.stop_distance is None or found.stop_distance > 0
        assert decode(Evaluation, encode(found)) == found


class TestTrails:
    def test_by_the_average_true_range_a_distance(self) -> None:
        found = measured(
            PointsStop(points=10), indicators=(), trail=AtrTrail(period=14, multiple=D("1.5"), from_r=D(1))
        )
        atr = next(each for each in found.indicators if each.name == "trail")
        assert (atr.kind, atr.period) == ("atr", 14)
        assert found.trail_distance == (atr.value or D(0)) * D("1.5")
        assert found.trail_level is None

    def test_shares_the_range_of_the_stop(self) -> None:
        trail = AtrTrail(period=14, multiple=D(3), from_r=D(1))
        found = measured(AtrStop(period=14, multiple=D("1.5")), indicators=(), trail=trail)
        assert [each.name for each in found.indicators] == ["stop_loss"]
        assert found.trail_distance == (found.stop_distance or D(0)) * 2

    @pytest.mark.parametrize(("side", "level"), [(Side.BUY, "1.08690"), (Side.SELL, "1.11410")])
    def test_by_a_series_a_level_with_its_buffer(self, side: Side, level: str) -> None:
        column = "low" if side is Side.BUY else "high"
        trail = IndicatorTrail(level=of(column, shift=2), buffer_points=10, from_r=D(1))
        found = measured(PointsStop(points=10), side, indicators=(), trail=trail)
        assert (found.trail_level, found.trail_distance) == (D(level), None)

    @pytest.mark.parametrize("trail", [None, StepTrail(step_r=D("0.5"), from_r=D(1))])
    def test_without_a_series_nothing(self, trail: TrailRule | None) -> None:
        found = measured(PointsStop(points=10), indicators=(), trail=trail)
        assert (found.trail_level, found.trail_distance) == (None, None)


def drafted(
    rule: StopRule, side: Side, bars: Bars = SWINGING, instrument: Instrument | None = None, **changes: Any
) -> TradeIdea | NoIdea:
    """The idea at a bid of 1.10000 and an ask of 1.10010."""
    strategy = a_strategy(side=side, stop_loss=rule, entry=(ALWAYS,), **changes)
    snapshot = a_snapshot(quote=a_quote("1.10000", "1.10010"), instrument=instrument or an_instrument())
    evaluation = evaluate(strategy.spec, bars, tick_size=snapshot.instrument.tick_size, point=snapshot.instrument.point)
    return draft(strategy, snapshot, evaluation, a_policy(), decision_id=DECISION_ID)


class TestPrices:
    @pytest.mark.parametrize(
        ("rule", "side", "price", "words"),
        [
            (PointsStop(points=300), Side.BUY, "1.09710", "300 points = 0.003 from the ask"),
            (PointsStop(points=300), Side.SELL, "1.10310", "300 points = 0.003 from the bid, plus the spread"),
            (
                PercentStop(fraction=D("0.004")),
                Side.BUY,
                "1.09569",
                "0.4 % of the ask 1.10010 = 0.0044004 from it",
            ),
            (
                PercentStop(fraction=D("0.004")),
                Side.SELL,
                "1.10450",
                "0.4 % of the bid 1.10000 = 0.0044 from it, plus the spread",
            ),
            (
                SwingStop(strength=2, lookback=50, buffer_points=20),
                Side.BUY,
                "1.08100",
                "the newest swing low (2 bars on each side, at most 50 bars old) less 20 points = 1.081",
            ),
            (
                StructureStop(bars=3, buffer_points=20),
                Side.SELL,
                "1.11430",
                "the highest high of 3 bars plus 20 points = 1.1142, plus the spread",
            ),
            (IndicatorStop(level=of("low"), buffer_points=0), Side.BUY, "1.08900", "low = 1.089"),
        ],
    )
    def test_say_the_rule_that_put_them_there(self, rule: StopRule, side: Side, price: str, words: str) -> None:
        idea = drafted(rule, side)
        assert isinstance(idea, TradeIdea)
        assert (idea.stop_loss, idea.levels[1].rule) == (D(price), words)

    @pytest.mark.parametrize(
        ("rule", "side", "reason"),
        [
            (
                IndicatorStop(level=of("high"), buffer_points=0),
                Side.BUY,
                "the stop would stand at 1.11300, which is not below the entry 1.10010 (high = 1.113)",
            ),
            (
                IndicatorStop(level=of("low"), buffer_points=0),
                Side.SELL,
                "the stop would stand at 1.08910, which is not above the entry 1.10000 (low = 1.089)",
            ),
            (
                PointsStop(points=200_000),
                Side.BUY,
                "the stop would stand at -0.89990, which is no price (200000 points = 2 from the ask)",
            ),
            (
                SwingStop(strength=3, lookback=6, buffer_points=0),
                Side.SELL,
                "no stop: the newest swing high (3 bars on each side, at most 6 bars old) is unknown on this bar",
            ),
        ],
    )
    def test_that_cannot_be_are_no_idea_with_its_reason(self, rule: StopRule, side: Side, reason: str) -> None:
        bars = shaped([], []) if isinstance(rule, SwingStop) else SWINGING
        assert drafted(rule, side, bars) == NoIdea(reason=reason)

    @settings(max_examples=60)
    @given(
        st.one_of(
            st.builds(PointsStop, points=st.integers(1, 5000)),
            st.builds(PercentStop, fraction=st.decimals("0.0001", "0.05", places=4)),
            st.builds(StructureStop, bars=st.integers(1, 7), buffer_points=st.integers(0, 400)),
        ),
        st.sampled_from(Side),
        st.sampled_from([D("0.00001"), D("0.00005"), D("0.0002")]),
    )
    def test_lie_on_the_tick_and_never_nearer_than_the_rule(self, rule: StopRule, side: Side, tick: Decimal) -> None:
        idea = drafted(rule, side, instrument=an_instrument(tick_size=tick))
        assert isinstance(idea, TradeIdea)
        assert is_multiple_of(idea.stop_loss, tick)
        exact = drafted(rule, side)
        assert isinstance(exact, TradeIdea)
        if isinstance(rule, PointsStop):
            asked = rule.points * D("0.00001") + (D("0.0001") if side is Side.SELL else 0)
            assert asked <= (idea.entry - idea.stop_loss) * side.sign < asked + tick
        assert (exact.stop_loss - idea.stop_loss) * side.sign >= 0


class TestTargets:
    HALVES = (Target(rr=D(2), fraction=D("0.5")), Target(rr=D(3), fraction=D("0.5")))

    @pytest.mark.parametrize(
        ("side", "prices"), [(Side.BUY, ("1.10610", "1.10910")), (Side.SELL, ("1.09380", "1.09070"))]
    )
    def test_stand_at_their_multiples_of_the_risk(self, side: Side, prices: tuple[str, str]) -> None:
        idea = drafted(PointsStop(points=300), side, take_profits=self.HALVES)
        assert isinstance(idea, TradeIdea)
        assert idea.take_profits == tuple(D(price) for price in prices)
        assert (idea.fractions, idea.rr) == ((D("0.5"), D("0.5")), D("2.50"))
        assert [(each.name, each.rule) for each in idea.levels[2:]] == [
            ("take_profit", "2 R, 0.5 of the position"),
            ("take_profit", "3 R, 0.5 of the position"),
        ]

    def test_weigh_by_what_they_close(self) -> None:
        uneven = (
            Target(rr=D(1), fraction=D("0.7")),
            Target(rr=D(2), fraction=D("0.2")),
            Target(rr=D(10), fraction=D("0.1")),
        )
        idea = drafted(PointsStop(points=300), Side.BUY, take_profits=uneven)
        assert isinstance(idea, TradeIdea)
        assert idea.rr == D("2.10")

    def test_a_single_one_closes_all_and_names_no_fraction(self) -> None:
        idea = drafted(PointsStop(points=300), Side.BUY)
        assert isinstance(idea, TradeIdea)
        assert (idea.fractions, len(idea.take_profits), idea.rr) == ((), 1, D("2.00"))


def test_swing_and_structure_stops_on_real_bars_are_what_a_trader_would_draw(test_data: Path) -> None:
    """Found again bar by bar: the newest low with three higher lows on each side, and the lowest of twenty."""
    bars = real_bars(test_data, "ftmo_m1/XAUUSD_M1", "XAUUSD", Timeframe.M15)
    swing = spec(stop_loss=SwingStop(strength=3, lookback=100, buffer_points=20))
    structure = spec(side=Side.SELL, stop_loss=StructureStop(bars=20, buffer_points=20))
    needed = max(own_bars_required(swing), own_bars_required(structure))
    low, high = bars.low, bars.high

    def newest_swing(now: int) -> float:
        for at in range(now - 3, now - 101, -1):
            before, after = (min(low[at + sign * step] for step in (1, 2, 3)) for sign in (-1, 1))
            if low[at] < before and low[at] <= after:
                return float(low[at])
        raise AssertionError("no swing low in 100 bars")

    def said(strategy: StrategySpec, end: int) -> Evaluation:
        return evaluate(
            strategy, bars.window(end - needed, end), tick_size=D("0.01"), point=D("0.01"), server_clock=NEW_YORK_CLOSE
        )

    for end in np.linspace(2000, len(bars), 60).astype(int).tolist():
        assert float(said(swing, end).stop_level or 0) == pytest.approx(newest_swing(end - 1) - 0.2, abs=1e-6)
        expected = float(high[end - 20 : end].max()) + 0.2
        assert float(said(structure, end).stop_level or 0) == pytest.approx(expected, abs=1e-6)
