"""Evaluation of whole strategies: sections, readings, refusals, and that nothing later or older than needed is read."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.indicators.series import bars_of, real_bars, walk
from tests.core.strategy.specs import DOCUMENT, compare, indicator, series, spec, value

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS
from tradewarden.core.indicators.registry import bind
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.evaluate import STOP_INDICATOR, Evaluation, evaluate, own_bars_required
from tradewarden.core.strategy.spec import AtrStop, Condition, Forbidden, StrategySpec

TICK = Decimal("0.01")
SPEC = parse_strategy(DOCUMENT)
NEEDED = own_bars_required(SPEC)
WALK = walk(1500, seed=11)
TRUE: Condition = compare(series("close"), ">", value(0))
FALSE: Condition = compare(series("close"), "<", value(0))


def minimum_window(kind: str, period: int) -> int:
    return bind(indicator("x", kind, period)).minimum_window(Timeframe.M15)


def sections(**conditions: Any) -> Evaluation:
    strategy = spec(**conditions)
    return evaluate(strategy, walk(own_bars_required(strategy)), tick_size=TICK)


class TestSections:
    def test_entry_needs_all(self) -> None:
        assert sections(entry=(TRUE, TRUE)).entry
        partly = sections(entry=(TRUE, FALSE, FALSE))
        assert (partly.entry, partly.entry_failed) == (False, 2)

    def test_exit_needs_any(self) -> None:
        assert sections(exit=(FALSE, TRUE)).exit
        assert not sections(exit=(FALSE, FALSE)).exit

    def test_strong_and_weak_are_counted(self) -> None:
        result = sections(strong=(TRUE, TRUE, FALSE), weak=(TRUE,))
        assert (result.strong, result.strong_share, result.strong_count) == (False, Decimal("0.6667"), 3)
        assert (result.weak, result.weak_share, result.weak_count) == (True, Decimal("1.0000"), 1)

    def test_an_empty_list_is_false(self) -> None:
        result = sections()
        assert (result.entry, result.exit, result.strong, result.weak) == (False, False, False, False)
        assert result.entry_failed == 0
        assert result.strong_share == result.weak_share == Decimal(0)

    def test_results_stand_in_the_order_of_the_document(self) -> None:
        result = sections(weak=(TRUE,), entry=(FALSE, TRUE))
        assert [(item.section, item.pointer, item.holds) for item in result.conditions] == [
            ("entry", "/conditions/entry/0", False),
            ("entry", "/conditions/entry/1", True),
            ("weak", "/conditions/weak/0", True),
        ]


class TestBans:
    def test_any_invalidation_and_any_forbidden_condition_counts(self) -> None:
        neither = sections(invalidations=(FALSE, FALSE), forbidden=Forbidden(conditions=(FALSE,)))
        assert (neither.invalid, neither.forbidden) == (False, False)
        assert sections(invalidations=(FALSE, TRUE)).invalid
        assert sections(forbidden=Forbidden(conditions=(FALSE, TRUE))).forbidden
        assert (sections().invalid, sections().forbidden) == (False, False)

    def test_are_recorded_with_their_place_in_the_document(self) -> None:
        result = sections(entry=(TRUE,), invalidations=(FALSE, TRUE), forbidden=Forbidden(conditions=(TRUE,)))
        assert [(item.section, item.pointer, item.holds) for item in result.conditions] == [
            ("entry", "/conditions/entry/0", True),
            ("invalidation", "/conditions/invalidations/0", False),
            ("invalidation", "/conditions/invalidations/1", True),
            ("forbidden", "/forbidden_conditions/conditions/0", True),
        ]
        assert decode(Evaluation, json.loads(json.dumps(encode(result)))) == result

    def test_change_nothing_that_the_confidence_counts(self) -> None:
        plain, banned = sections(entry=(TRUE,)), sections(entry=(TRUE,), invalidations=(TRUE,))
        assert replace(banned, invalid=False, conditions=plain.conditions) == plain

    def test_what_is_unknown_bans_nothing_by_itself(self) -> None:
        unknown = compare(series("rsi"), "<", value(30))
        strategy = spec(indicator("rsi", "rsi", 14), invalidations=(unknown,))
        result = evaluate(strategy, bars_of([100.0] * own_bars_required(strategy)), tick_size=TICK)
        assert (result.invalid, result.conditions[0].unknown) == (False, True)

    def test_are_part_of_what_must_be_read(self) -> None:
        deep = compare(series("close"), ">", series("close", shift=90))
        slow = spec(indicator("slow", "ema", 100), invalidations=(compare(series("slow", shift=60), ">", value(1)),))
        assert own_bars_required(slow) == minimum_window("ema", 100) + 61
        assert own_bars_required(spec(forbidden=Forbidden(conditions=(deep,)))) == MARKET_WINDOW_BARS


class TestReadings:
    def test_every_indicator_is_recorded_with_its_window(self) -> None:
        strategy = spec(indicator("mean", "sma", 3), entry=(TRUE,))
        count = own_bars_required(strategy)
        closes = [100.0] * (count - 4) + [101.0, 102.0, 103.0, 107.0]
        reading = evaluate(strategy, bars_of(closes), tick_size=TICK).indicators[0]
        assert (reading.name, reading.kind, reading.period, reading.unit) == ("mean", "sma", 3, "price")
        assert (reading.bars_used, reading.minimum_window) == (count, 3)
        assert (reading.value, reading.previous) == (Decimal(104), Decimal(102))

    def test_the_stop_is_a_multiple_of_its_atr(self) -> None:
        strategy = spec(stop_loss=AtrStop(period=10, multiple=Decimal("1.75")))
        flat = np.full(own_bars_required(strategy), 100.0)
        result = evaluate(strategy, bars_of(flat, highs=flat + 1, lows=flat - 1), tick_size=TICK)
        assert result.stop_distance == Decimal("3.5")
        (reading,) = result.indicators
        assert (reading.name, reading.kind, reading.period, reading.value) == (STOP_INDICATOR, "atr", 10, Decimal(2))

    def test_the_stop_shares_an_atr_that_the_strategy_names(self) -> None:
        strategy = spec(indicator("range", "atr", 14))
        result = evaluate(strategy, walk(own_bars_required(strategy)), tick_size=TICK)
        assert [reading.name for reading in result.indicators] == ["range"]
        assert result.stop_distance is not None

    def test_bars_without_any_range_give_no_stop(self) -> None:
        assert evaluate(spec(), bars_of([100.0] * own_bars_required(spec())), tick_size=TICK).stop_distance is None

    def test_names_the_newest_bar(self) -> None:
        assert evaluate(SPEC, WALK, tick_size=TICK).bar_ended_at == WALK.last_ended_at

    def test_all_values_are_recorded_and_read_back_unchanged(self) -> None:
        evaluation = evaluate(SPEC, WALK, tick_size=TICK)
        assert decode(Evaluation, json.loads(json.dumps(encode(evaluation)))) == evaluation

    def test_the_record_alone_tells_every_result(self) -> None:
        """What is compared is what is recorded: the simple comparisons can be repeated from it."""
        for end in range(NEEDED, len(WALK), 13):
            for result in evaluate(SPEC, WALK.window(end - NEEDED, end), tick_size=TICK).conditions:
                if result.text.startswith("rsi between"):
                    reading, low, high = (operand.value for operand in result.operands)
                    assert low is not None
                    assert high is not None
                    assert reading is not None
                    assert result.holds is (low <= reading <= high)


class TestRequiredBars:
    def test_is_never_below_what_the_market_state_reads(self) -> None:
        assert own_bars_required(spec()) == MARKET_WINDOW_BARS

    def test_covers_the_largest_window_and_the_bar_before(self) -> None:
        window = minimum_window("ema", 100)
        assert own_bars_required(spec(indicator("slow", "ema", 100))) == window + 1

    def test_adds_the_bars_that_operands_look_back(self) -> None:
        slow, window = indicator("slow", "ema", 100), minimum_window("ema", 100)
        shifted = spec(slow, entry=(compare(series("slow", shift=30), ">", value(1)),))
        moving = spec(slow, entry=(compare(series("slow", shift=2), "rising", value(5)),))
        assert own_bars_required(shifted) == window + 31
        assert own_bars_required(moving) == window + 8

    def test_covers_the_atr_of_the_stop(self) -> None:
        stop = AtrStop(period=100, multiple=Decimal(2))
        assert own_bars_required(spec(stop_loss=stop)) == minimum_window("atr", 100) + 1


class TestRefusal:
    def test_one_bar_too_few_is_refused_not_approximated(self) -> None:
        result = evaluate(SPEC, WALK.window(0, NEEDED - 1), tick_size=TICK)
        assert result.refusal == f"Pullback needs {NEEDED} closed M15 bars, has {NEEDED - 1}"
        assert (result.entry, result.exit, result.strong, result.weak) == (False, False, False, False)
        assert (result.entry_failed, result.conditions, result.stop_distance) == (3, (), None)
        assert (result.bars_used, result.bars_required) == (NEEDED - 1, NEEDED)
        assert decode(Evaluation, encode(result)) == result

    def test_no_bars_at_all_is_refused(self) -> None:
        result = evaluate(SPEC, WALK.window(0, 0), tick_size=TICK)
        assert result.refusal is not None
        assert result.bar_ended_at is None

    def test_bars_of_another_timeframe_are_an_error(self) -> None:
        with pytest.raises(InvalidInput, match="Pullback runs on M15 bars, it was given M5 bars"):
            evaluate(SPEC, bars_of([100.0] * NEEDED, timeframe=Timeframe.M5), tick_size=TICK)


class TestNoLookAhead:
    @settings(max_examples=60)
    @given(end=st.integers(min_value=NEEDED, max_value=len(WALK)), extra=st.integers(min_value=0, max_value=900))
    def test_deciding_on_a_prefix_equals_deciding_in_the_full_run(self, end: int, extra: int) -> None:
        alone = evaluate(SPEC, WALK.window(end - NEEDED, end), tick_size=TICK)
        with_history = evaluate(SPEC, WALK.window(max(0, end - NEEDED - extra), end), tick_size=TICK)
        assert with_history == alone

    @settings(max_examples=30)
    @given(end=st.integers(min_value=NEEDED, max_value=len(WALK) - 1), seed=st.integers(0, 1000))
    def test_no_later_bar_can_change_it(self, end: int, seed: int) -> None:
        other = walk(1500, seed=seed)
        joined = bars_of(np.concatenate((WALK.close[:end], other.close[end:])))
        same = bars_of(WALK.close[:end])
        as_of = same.last_ended_at
        assert as_of is not None
        assert evaluate(SPEC, joined.closed_by(as_of, NEEDED), tick_size=TICK) == evaluate(SPEC, same, tick_size=TICK)


def shipped(repository: Path) -> dict[str, StrategySpec]:
    folder = repository / "src" / "tradewarden" / "resources" / "strategies"
    return {path.stem: parse_strategy(path.read_text(), source=path.name) for path in sorted(folder.glob("*.json"))}


class TestShippedStrategies:
    def test_are_accepted(self, repository: Path) -> None:
        specs = shipped(repository)
        assert specs.keys() >= {"gold_pullback", "index_dip", "euro_rally_fade", "trend_both_ways", "demo_pulse"}
        assert len({strategy.name for strategy in specs.values()}) == len(specs)

    def test_can_reach_a_full_score(self, repository: Path) -> None:
        """An empty strong list would cap the confidence at 90, the default threshold."""
        assert all(strategy.strong for strategy in shipped(repository).values())

    def test_demo_says_what_it_is(self, repository: Path) -> None:
        demo = shipped(repository)["demo_pulse"]
        assert "demonstration on the simulated market only" in demo.description
        assert demo.allowed_symbols == ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "US30")

    @pytest.mark.parametrize(
        ("stem", "file", "symbol", "tick", "least", "most"),
        [
            ("gold_pullback", "ftmo_m1/XAUUSD_M1", "XAUUSD", "0.01", 2, 12),
            ("index_dip", "ftmo_m1/US30_M1", "US30", "0.01", 1, 8),
            ("index_dip", "ftmo_m1/US100_M1", "US100", "0.01", 1, 8),
            ("euro_rally_fade", "eurusd_utc/EURUSD_M15", "EURUSD", "0.00001", 2, 12),
        ],
    )
    def test_find_a_setup_a_few_times_a_week(
        self, stem: str, file: str, symbol: str, tick: str, least: int, most: int, repository: Path, test_data: Path
    ) -> None:
        strategy = shipped(repository)[stem]
        bars = real_bars(test_data, file, symbol, strategy.timeframe).window(0, 5500)
        needed, setups, armed = own_bars_required(strategy), 0, True
        for end in range(needed, len(bars) + 1):
            newest = bars.window(end - needed, end)
            ended_at = newest.last_ended_at
            assert ended_at is not None
            if not any(window.contains(ended_at) for window in strategy.session_windows):
                continue
            evaluation = evaluate(strategy, newest, tick_size=Decimal(tick))
            setups += evaluation.entry and not evaluation.exit and armed
            armed = not evaluation.entry
        weeks = (bars.ended_at[-1] - bars.ended_at[needed]) / (7 * 86_400)
        assert least <= setups / weeks <= most
