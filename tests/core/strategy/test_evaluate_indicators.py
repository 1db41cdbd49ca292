"""Evaluation of indicators with parameters and several outputs: windows of their own, days, what is recorded."""

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.indicators.series import walk
from tests.core.strategy.specs import EVERY_KIND, with_indicators

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS
from tradewarden.core.indicators.registry import KINDS, bind
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.evaluate import Evaluation, evaluate, own_bars_required
from tradewarden.core.strategy.spec import StrategySpec

TICK = Decimal("0.01")
WALK = walk(3000, seed=23)
ANY = {"left": "close", "op": ">", "right": 0}


def strategy(indicators: dict[str, Any], *conditions: Any) -> StrategySpec:
    return parse_strategy(with_indicators(indicators, *(conditions or (ANY,))))


def result(spec: StrategySpec, end: int = len(WALK), clock: ServerClock | None = NEW_YORK_CLOSE) -> Evaluation:
    return evaluate(spec, WALK.window(0, end), tick_size=TICK, server_clock=clock)


def values_of(evaluation: Evaluation) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    return {reading.name: (reading.value, reading.previous) for reading in evaluation.indicators}


@pytest.mark.parametrize("name", EVERY_KIND)
class TestEveryKind:
    def test_is_recorded_with_its_outputs_parameters_and_window(self, name: str) -> None:
        spec = strategy({name: EVERY_KIND[name]})
        indicator = bind(spec.indicators[0])
        readings = [reading for reading in result(spec).indicators if reading.name != "stop_loss"]
        assert [reading.name for reading in readings] == list(indicator.kind.keys(name))
        for reading, output in zip(readings, indicator.kind.outputs, strict=True):
            assert (reading.kind, reading.period) == (indicator.kind.name, spec.indicators[0].period)
            assert reading.parameters == spec.indicators[0].parameters
            assert reading.unit == indicator.kind.unit_of(output.name).value
            assert reading.minimum_window == indicator.minimum_window(spec.timeframe)
            assert reading.bars_used >= reading.minimum_window

    def test_is_read_back_from_its_record_unchanged(self, name: str) -> None:
        spec = strategy({name: EVERY_KIND[name]})
        evaluation = result(spec)
        assert decode(StrategySpec, json.loads(json.dumps(encode(spec)))) == spec
        assert decode(Evaluation, json.loads(json.dumps(encode(evaluation)))) == evaluation

    def test_is_what_its_values_on_the_whole_run_are(self, name: str) -> None:
        spec = strategy({name: EVERY_KIND[name]})
        indicator = bind(spec.indicators[0])
        whole = indicator.compute(WALK, NEW_YORK_CLOSE)
        for reading, output in zip(result(spec).indicators, indicator.kind.outputs, strict=False):
            expected = whole[output.name][-1]
            assert (reading.value is None) == np.isnan(expected)
            if reading.value is not None:
                assert float(reading.value) == pytest.approx(expected, abs=2e-6)

    def test_older_history_changes_nothing(self, name: str) -> None:
        spec = strategy({name: EVERY_KIND[name]})
        needed = own_bars_required(spec)
        exact = evaluate(spec, WALK.window(2900 - needed, 2900), tick_size=TICK, server_clock=NEW_YORK_CLOSE)
        assert exact == result(spec, 2900)


def test_the_bars_required_cover_the_largest_window_and_the_look_back() -> None:
    macd = {"m": {"kind": "macd", "fast": 50, "slow": 100, "signal": 20}}
    assert own_bars_required(strategy(macd)) == 12 * 120 + 1
    shifted = {"left": {"series": "m", "output": "signal", "shift": 30}, "op": ">", "right": 0}
    assert own_bars_required(strategy(macd, shifted)) == 12 * 120 + 31
    assert own_bars_required(strategy({"h": {"kind": "hammer"}})) == MARKET_WINDOW_BARS


@settings(max_examples=40)
@given(st.sampled_from(sorted(EVERY_KIND)), st.sampled_from(sorted(EVERY_KIND)))
def test_an_indicator_does_not_depend_on_its_neighbours(name: str, neighbour: str) -> None:
    alone = values_of(result(strategy({name: EVERY_KIND[name]})))
    slow = {"kind": "sma", "period": 500}
    together = values_of(result(strategy({name: EVERY_KIND[name], neighbour: EVERY_KIND[neighbour], "slow": slow})))
    own = bind(strategy({name: EVERY_KIND[name]}).indicators[0]).kind.own_window
    for key in KINDS[EVERY_KIND[name]["kind"]].keys(name):
        for before, after in zip(alone[key], together[key], strict=True):
            if own:
                assert before == after
            else:
                assert abs((before or Decimal(0)) - (after or Decimal(0))) <= Decimal("0.000002")


def test_conditions_read_the_output_they_name() -> None:
    band = {"b": {"kind": "bollinger", "period": 20}}
    inside = {"left": "close", "op": "between", "right": ["b.lower", "b.upper"]}
    evaluation = result(strategy(band, inside, {"left": "b.percent_b", "op": "between", "right": [0, 1]}))
    by_price, by_place = evaluation.conditions
    assert by_price.holds == by_place.holds
    assert [operand.text for operand in by_price.operands] == ["close", "b.lower", "b.upper"]
    assert [operand.value for operand in by_price.operands[1:]] == [
        values_of(evaluation)["b.lower"][0],
        values_of(evaluation)["b.upper"][0],
    ]


def test_crosses_of_outputs_agree_with_the_sign_of_the_histogram() -> None:
    macd = {"m": {"kind": "macd"}}
    spec = strategy(macd, {"left": "m.line", "op": "crosses_above", "right": "m.signal"})
    crossed = 0
    for end in range(1200, 1500):
        evaluation = result(spec, end)
        now, before = values_of(evaluation)["m.histogram"]
        assert now is not None
        assert before is not None
        assert evaluation.entry == (before <= 0 < now)
        crossed += evaluation.entry
    assert crossed > 3


def test_days_are_those_of_the_clock_that_is_given() -> None:
    spec = strategy({"d": {"kind": "previous_day"}})
    assert values_of(result(spec))["d.open"] != values_of(result(spec, clock=ServerClock("Asia/Tokyo")))["d.open"]
    with pytest.raises(ValueError, match="no server clock was given"):
        result(spec, clock=None)
