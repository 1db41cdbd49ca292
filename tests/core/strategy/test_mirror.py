"""The short side of a strategy: the long one in a market turned upside down, condition by condition and as a whole."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import DECISION_ID, STRATEGY_ID, a_policy, a_quote, a_snapshot, an_instrument
from tests.core.indicators.series import real_bars, walk
from tests.core.strategy.mirroring import FACT_GROUPS, INDICATORS, PERCENT, STOPS, of, specs
from tests.core.strategy.specs import compare, group, spec, value
from tests.core.strategy.test_timeframes import higher

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.ideas import NoIdea, TradeIdea, draft
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.conditions import condition_text
from tradewarden.core.strategy.evaluate import Evaluation, evaluate
from tradewarden.core.strategy.facts import FACTS, expand_fact
from tradewarden.core.strategy.mirror import Written, WrittenConditions, mirrored_spec
from tradewarden.core.strategy.spec import (
    Condition,
    Forbidden,
    IndicatorStop,
    IndicatorTrail,
    StopRule,
    StrategySpec,
    StrategyVersion,
    Target,
)
from tradewarden.core.values import Side

TICK = Decimal("0.01")
M15, H1 = Timeframe.M15, Timeframe.H1
# On the grid and a power of two, so that turning a price upside down loses no bit of it.
AXIS = 4096.0
WALK = walk(1503, seed=5, start=AXIS / 2, step=0.5, tick=1 / 64).window(3, 1503)


def turned(condition: Condition) -> str:
    """The mirror image of an entry condition, in words."""
    return condition_text(mirrored_spec(spec(*INDICATORS, entry=(condition,))).entry[0])


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (compare(of("close"), ">", of("mean")), "close < mean"),
            (compare(of("close"), "crosses_above", of("bands.upper")), "close crosses below bands.lower"),
            (compare(of("high", shift=1), "<=", of("channel.upper")), "low[1] >= channel.lower"),
            (compare(of("swing.high"), ">", of("swing.previous_high")), "swing.low < swing.previous_low"),
            (compare(of("close"), "between", of("bands.lower"), of("mean")), "close between mean and bands.upper"),
            (compare(of("trend"), "rising", value(3)), "trend falling over 3 bars"),
            (compare(of("rsi"), "<", value(30)), "rsi > 70"),
            (compare(value(30), ">=", of("rsi")), "70 <= rsi"),
            (compare(of("rsi"), "between", value(40), value("60.5")), "rsi between 39.5 and 60"),
            (compare(of("rsi"), "crosses_above", of("slow_rsi")), "rsi crosses below slow_rsi"),
            (compare(of("rsi", multiple=Decimal("0.5")), ">", value(30)), "0.5 × rsi < 20"),
            (compare(of("wr"), "<", value(-80)), "wr > -20"),
            (compare(of("macd.histogram"), ">", value("0.5")), "macd.histogram < -0.5"),
            (compare(of("macd.line"), ">", of("range", multiple=Decimal("0.1"))), "macd.line < -0.1 × range"),
            (compare(of("super.direction"), ">", value(0)), "super.direction < 0"),
            (compare(of("adx.adx"), ">", value(25)), "adx.adx > 25"),
            (compare(of("adx.plus_di"), ">", of("adx.minus_di")), "adx.minus_di > adx.plus_di"),
            (compare(of("adx.plus_di"), "rising", value(2)), "adx.minus_di rising over 2 bars"),
            (compare(of("range"), ">", of("range", shift=5)), "range > range[5]"),
            (compare(of("volume"), ">", of("activity")), "volume > activity"),
            (compare(of("spread"), "<", value(30)), "spread < 30"),
            (
                group("any", compare(of("close"), ">", of("open")), group("not", compare(of("rsi"), ">", value(80)))),
                "any of (close < open; not (rsi < 20))",
            ),
        ],
    )
    def test_turn_as_their_series_declare(self, condition: Condition, expected: str) -> None:
        assert turned(condition) == expected

    @pytest.mark.parametrize(
        ("condition", "reason"),
        [
            (
                compare(of("close"), ">", value(2600)),
                "close > 2600 cannot be mirrored: a price level has no counterpart",
            ),
            (compare(of("mean"), ">", of("close", multiple=Decimal("1.01"))), "1.01 × close is a multiple of a price"),
            (compare(of("close"), ">", of("range")), "range is a distance, no price level"),
            (compare(of("rsi"), ">", of("adx.adx")), "its sides are reflected around different middles"),
            (
                compare(of("rsi"), ">", of("slow_rsi", multiple=Decimal("0.9"))),
                "its sides are reflected around different middles",
            ),
        ],
    )
    def test_without_a_mirror_image_are_refused_where_they_stand(self, condition: Condition, reason: str) -> None:
        strategy = spec(
            *INDICATORS,
            entry=(compare(of("close"), ">", of("mean")),),
            weak=(group("all", group("not", condition)),),
        )
        with pytest.raises(InvalidStrategy) as raised:
            mirrored_spec(strategy, source="file.json")
        (problem,) = raised.value.problems
        assert problem.pointer == "/conditions/weak/0/all/0/not"
        assert reason in problem.message
        assert problem.message.endswith("write conditions_short")
        assert raised.value.source == "file.json"

    def test_every_problem_is_found_at_once(self) -> None:
        level = compare(of("close"), ">", value(2600))
        strategy = spec(
            *INDICATORS,
            entry=(level,),
            invalidations=(level,),
            forbidden=Forbidden(conditions=(level,)),
            stop_loss=IndicatorStop(level=of("range"), buffer_points=0),
            trail=IndicatorTrail(level=of("macd.line"), buffer_points=0, from_r=Decimal(1)),
        )
        with pytest.raises(InvalidStrategy) as raised:
            mirrored_spec(strategy)
        assert {problem.pointer for problem in raised.value.problems} == {
            "/conditions/entry/0",
            "/conditions/invalidations/0",
            "/forbidden_conditions/conditions/0",
            "/exit_rules/stop_loss",
            "/exit_rules/trail",
        }

    @given(FACT_GROUPS)
    def test_a_fact_becomes_its_declared_opposite(self, fact: Condition) -> None:
        name = fact.fact.partition("(")[0]  # type: ignore[union-attr]
        _, indicators = expand_fact(name)
        image = mirrored_spec(spec(*indicators, entry=(fact,)))
        assert (image.entry[0], image.indicators) == expand_fact(FACTS[name].mirror)


class TestWhole:
    @settings(max_examples=150)
    @given(specs())
    def test_mirroring_twice_gives_the_strategy_back(self, strategy: StrategySpec) -> None:
        image = mirrored_spec(strategy)
        assert mirrored_spec(image) == strategy
        assert image.side is strategy.side.opposite
        kept = ("name", "description", "timeframe", "take_profits", "rr_expectation", "risk_fraction")
        assert all(getattr(image, name) == getattr(strategy, name) for name in kept)
        assert decode(StrategySpec, encode(image)) == image

    def test_what_the_document_writes_of_the_short_side_is_taken_as_it_stands(self) -> None:
        long = spec(
            *INDICATORS,
            entry=(compare(of("close"), ">", value(2600)),),
            forbidden=Forbidden(conditions=(compare(of("bird"), ">", value(0)), compare(of("top"), ">", of("mean")))),
            stop_loss=IndicatorStop(level=of("bands.lower"), buffer_points=5),
        )
        entry = (compare(of("close"), "<", value(2500)), compare(of("bird"), "<", value(1)))
        stop = IndicatorStop(level=of("top"), buffer_points=7)
        short = mirrored_spec(long, Written(conditions=WrittenConditions(entry=entry), stop_loss=stop))
        assert (short.entry, short.exit, short.stop_loss, short.side) == (entry, (), stop, Side.SELL)
        # The ban is mirrored beside them: what differs from the original is read under a name of its own.
        assert [condition_text(each) for each in short.forbidden.conditions] == [
            "mirrored(bird) < 0",
            "mirrored(top) < mean",
        ]
        by_name = {each.name: each for each in short.indicators}
        assert (by_name["bird"].kind, by_name["mirrored(bird)"].kind) == ("hammer", "shooting_star")
        assert (by_name["top"].source, by_name["mirrored(top)"].source) == ("high", "low")
        assert "mirrored(mean)" not in by_name


def upside_down(bars: Bars, axis: float) -> Bars:
    """The bars at C − p; the grid of the prices is kept."""

    def of_price(values: np.ndarray) -> np.ndarray:
        return np.round((axis - values) * 64) / 64 if axis == AXIS else np.round(axis - values, 2)

    return replace(
        bars, open=of_price(bars.open), high=of_price(bars.low), low=of_price(bars.high), close=of_price(bars.close)
    )


def said(strategy: StrategySpec, bars: tuple[Bars, ...]) -> Evaluation:
    return evaluate(strategy, bars, tick_size=TICK, server_clock=NEW_YORK_CLOSE)


def verdicts(evaluation: Evaluation) -> tuple[object, ...]:
    return (
        evaluation.refusal,
        evaluation.entry,
        evaluation.exit,
        evaluation.strong_share,
        evaluation.weak_share,
        evaluation.invalid,
        evaluation.forbidden,
        tuple((each.section, each.pointer, each.holds, each.unknown) for each in evaluation.conditions),
        evaluation.stop_problem,
    )


def assert_mirrored(long: Evaluation, short: Evaluation, axis: Decimal, within: Decimal) -> None:
    assert verdicts(long) == verdicts(short)
    for distance, image in ((long.stop_distance, short.stop_distance), (long.trail_distance, short.trail_distance)):
        assert (distance is None) == (image is None)
        assert distance is None or abs(distance - (image or 0)) <= within
    for level, image in ((long.stop_level, short.stop_level), (long.trail_level, short.trail_level)):
        assert (level is None) == (image is None)
        assert level is None or abs(level + (image or 0) - axis) <= within


def drafted(
    strategy: StrategySpec, bars: tuple[Bars, ...], bid: Decimal, ask: Decimal, tick: Decimal
) -> TradeIdea | NoIdea:
    instrument = an_instrument(point=tick, tick_size=tick)
    snapshot = a_snapshot(instrument=instrument, quote=a_quote(str(bid), str(ask)))
    evaluation = evaluate(strategy, bars, tick_size=tick, point=tick, server_clock=NEW_YORK_CLOSE)
    version = StrategyVersion(strategy_id=STRATEGY_ID, version=1, digest="", is_active=True, spec=strategy)
    return draft(version, snapshot, evaluation, a_policy(), decision_id=DECISION_ID)


class TestUpsideDown:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(specs(), st.integers(1100, 1500))
    def test_the_image_decides_upside_down_as_the_original_does(self, strategy: StrategySpec, end: int) -> None:
        bars = WALK.window(0, end)
        over = upside_down(bars, AXIS)
        long = said(strategy, (bars, higher(bars, H1)))
        short = said(mirrored_spec(strategy), (over, higher(over, H1)))
        assert_mirrored(long, short, Decimal(int(AXIS)), Decimal("0.000004"))

    def test_a_strategy_of_every_series_decides_alike_on_real_bars_turned_upside_down(self, test_data: Path) -> None:
        strategy = spec(
            *INDICATORS,
            entry=tuple(compare(of("close"), ">", each) for each in (of("mean"), of("trend"), of("bands.middle"))),
            exit=(compare(of("rsi"), ">", value(80)), compare(of("macd.line"), "crosses_below", of("macd.signal"))),
            strong=(compare(of("stoch.k"), ">", of("stoch.d")), compare(of("adx.plus_di"), ">", of("adx.minus_di"))),
            weak=(compare(of("gulp"), "<", value(0)), compare(of("bird"), ">", value(0))),
            invalidations=(compare(of("swing.high"), "<", of("swing.previous_high")),),
            stop_loss=IndicatorStop(level=of("super.line"), buffer_points=20),
            trail=IndicatorTrail(level=of("channel.lower"), buffer_points=10, from_r=Decimal(1)),
        )
        image, axis, entries = mirrored_spec(strategy), 6000.0, 0
        bars, hours = (real_bars(test_data, "ftmo_m1/XAUUSD_M1", "XAUUSD", each) for each in (M15, H1))
        for end in np.linspace(3000, len(bars), 200).astype(int).tolist():
            long = said(strategy, (bars.window(end - 1000, end), hours))
            short = said(image, (upside_down(bars.window(end - 1000, end), axis), upside_down(hours, axis)))
            assert_mirrored(long, short, Decimal(6000), Decimal("0.000004"))
            entries += long.entry
        assert 20 < entries < 150

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(STOPS, st.integers(1100, 1500), st.integers(0, 40))
    def test_the_image_drafts_mirrored_levels(self, rule: StopRule, end: int, spread: int) -> None:
        """C − p with bid and ask swapped: entries mirror, and so do levels but for the spread that a short adds."""
        bars = WALK.window(0, end)
        over, axis, tick = upside_down(bars, AXIS), Decimal(int(AXIS)), Decimal(1) / 64
        bid, gap = Decimal(float(bars.close[-1])), spread * tick
        targets = (Target(rr=Decimal(2), fraction=Decimal("0.5")), Target(rr=Decimal(3), fraction=Decimal("0.5")))
        always = (compare(of("range"), ">=", value(0)),)
        long = spec(*INDICATORS, entry=always, stop_loss=rule, take_profits=targets)
        first = drafted(long, (bars, higher(bars, H1)), bid, bid + gap, tick)
        second = drafted(mirrored_spec(long), (over, higher(over, H1)), axis - bid - gap, axis - bid, tick)
        if isinstance(first, NoIdea) or isinstance(second, NoIdea):
            # The spread may bring the stop of the short to the right side of its entry, never the other way round.
            assert isinstance(first, NoIdea)
            assert gap or isinstance(second, NoIdea)
            return
        assert second.entry == axis - first.entry
        assert second.stop_loss == axis - first.stop_loss + gap
        for target, image, rr in zip(first.take_profits, second.take_profits, (2, 3), strict=True):
            assert image == axis - target - rr * gap
        assert (second.rr, second.fractions) == (first.rr, first.fractions)

    @pytest.mark.parametrize("kind", ["roc", "natr", "mfi"])
    def test_shares_of_the_price_are_only_as_good_as_the_two_prices_are_the_same(self, kind: str) -> None:
        """Why these are not among the series above: upside down, the same move is another share of the price."""
        from tests.core.indicators.cases import compute, spec_of

        bars = walk(400, seed=5, start=1000.0, step=1.0, tick=1 / 64)
        original, image = (compute(spec_of(kind), each)["value"][100:] for each in (bars, upside_down(bars, AXIS)))
        wanted = {"roc": -original, "natr": original, "mfi": 100 - original}[kind]
        assert np.nanmax(np.abs(image - wanted)) > 1e-3

    def test_a_percentage_of_the_price_is_no_distance_that_the_bars_tell(self) -> None:
        image = mirrored_spec(spec(stop_loss=PERCENT))
        assert image.stop_loss == PERCENT
        assert said(image, (WALK,)).stop_problem == ""
