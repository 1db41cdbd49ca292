"""Indicators in strategy documents: parameters, outputs, and what is said of those that are not known."""

from decimal import Decimal
from typing import Any

import pytest
from tests.core.strategy.specs import EVERY_KIND, document, with_entry, with_indicators

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.indicators.kind import PERIOD, SOURCE
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.strategy.document import json_schema, parse_strategy
from tradewarden.core.strategy.spec import Comparison, SeriesOperand

MACD = {"m": {"kind": "macd"}}


def left_of(given: dict[str, Any]) -> SeriesOperand:
    (condition,) = parse_strategy(given).entry
    assert isinstance(condition, Comparison)
    assert isinstance(condition.left, SeriesOperand)
    return condition.left


def refusal(indicators: dict[str, Any], *conditions: Any) -> str:
    used = conditions or ({"left": "close", "op": "rising"},)
    with pytest.raises(InvalidStrategy) as refused:
        parse_strategy(with_indicators(indicators, *used))
    (problem,) = refused.value.problems
    return str(problem)


class TestParameters:
    @pytest.mark.parametrize("name", EVERY_KIND)
    def test_every_kind_is_accepted_with_its_defaults_written_down(self, name: str) -> None:
        given = with_indicators({name: EVERY_KIND[name]}, {"left": "close", "op": "rising"})
        (spec,) = parse_strategy(given).indicators
        kind = KINDS[spec.kind]
        recorded = {each.name: each.value for each in spec.parameters}
        assert list(recorded) == [each.name for each in kind.parameters if each.name not in (PERIOD, SOURCE)]
        for each in kind.parameters:
            if each.default is not None and each.name in recorded:
                assert recorded[each.name] == each.default
        assert (spec.period > 0) == any(each.name == PERIOD for each in kind.parameters)

    def test_given_parameters_are_exact(self) -> None:
        part = {"kind": "bollinger", "period": 30, "multiple": 2.25, "source": "low"}
        (spec,) = parse_strategy(with_indicators({"b": part}, {"left": "b.lower", "op": "rising"})).indicators
        parameters = (IndicatorParameter(name="multiple", value=Decimal("2.25")),)
        assert spec == IndicatorSpec(name="b", kind="bollinger", period=30, source="low", parameters=parameters)

    def test_what_had_no_parameters_before_has_none_now(self) -> None:
        (spec,) = parse_strategy(
            with_indicators({"e": {"kind": "ema", "period": 9}}, {"left": "e", "op": "rising"})
        ).indicators
        assert spec == IndicatorSpec(name="e", kind="ema", period=9)

    @pytest.mark.parametrize(
        ("part", "said"),
        [
            ({"kind": "mcad"}, "/indicators/x/kind: must be one of sma, ema"),
            ({"kind": "mcad"}, "did you mean 'macd'?"),
            ({"kind": 5}, "/indicators/x/kind: must be one of"),
            ({"period": 5}, "/indicators/x/kind: is required"),
            ("ema", "/indicators/x: must be an object"),
            ({"kind": "ema"}, "/indicators/x/period: is required"),
            ({"kind": "session_range"}, "/indicators/x/session: is required"),
            ({"kind": "macd", "fast": 30}, "/indicators/x/fast: must be below slow, which is 26 (found 30)"),
            ({"kind": "macd", "fst": 8}, "unknown key; known here are kind, timeframe, fast, slow, signal, source"),
            ({"kind": "macd", "fst": 8}, "did you mean 'fast'?"),
            ({"kind": "macd", "period": 8}, "/indicators/x/period: unknown key"),
            ({"kind": "bollinger", "multiple": 0}, "/indicators/x/multiple: must be a number from 0.1 to 10"),
            ({"kind": "bollinger", "multiple": "2"}, "/indicators/x/multiple: must be a number from 0.1 to 10"),
            ({"kind": "hma", "period": 3}, "/indicators/x/period: must be a whole number from 4 to 500"),
            ({"kind": "vwap", "anchor": "Londn"}, "did you mean 'London'?"),
            ({"kind": "psar", "acceleration": 0.2, "maximum": 0.1}, "must not be above maximum, which is 0.1"),
            ({"kind": "ichimoku", "tenkan": 30}, "/indicators/x/tenkan: must not be above kijun, which is 26"),
            (
                {"kind": "swings", "strength": 50, "lookback": 40},
                "/indicators/x/lookback: must be at least 2 × strength, 100",
            ),
            ({"kind": "hammer", "period": 5}, "unknown key; known here are kind, timeframe"),
            ({"kind": "macd", "timeframe": "M5"}, "/indicators/x/timeframe: must be the strategy's timeframe M15 or"),
        ],
    )
    def test_what_a_kind_does_not_take_is_named(self, part: object, said: str) -> None:
        assert said in refusal({"x": part})

    @pytest.mark.parametrize("kind", ["vwap", "obv", "session_range"])
    def test_hours_of_a_day_need_bars_within_a_day(self, kind: str) -> None:
        given = document(
            timeframe="D1",
            indicators={"x": EVERY_KIND[f"my_{kind}"]},
            conditions={"entry": [{"left": "close", "op": "rising"}]},
        )
        with pytest.raises(InvalidStrategy, match="needs bars shorter than D1"):
            parse_strategy(given)


class TestOutputs:
    @pytest.mark.parametrize("name", EVERY_KIND)
    def test_every_output_can_be_read_both_ways(self, name: str) -> None:
        indicators = {name: EVERY_KIND[name]}
        outputs = KINDS[EVERY_KIND[name]["kind"]].outputs
        for output in outputs:
            several = len(outputs) > 1
            expected = SeriesOperand(series=name, output=output.name if several else "")
            text = f"{name}.{output.name}" if several else name
            parts = {"series": name} | ({"output": output.name} if several else {})
            for left in (text, parts, {"series": text}):
                assert left_of(with_indicators(indicators, {"left": left, "op": "rising"})) == expected

    def test_shift_and_multiple_go_with_an_output(self) -> None:
        left = {"series": "m", "output": "signal", "shift": 3, "multiple": 1.5}
        expected = SeriesOperand(series="m", output="signal", shift=3, multiple=Decimal("1.5"))
        assert left_of(with_indicators(MACD, {"left": left, "op": ">", "right": 0})) == expected

    @pytest.mark.parametrize(
        ("left", "said"),
        [
            ("m", "/left: m has several outputs: name one of m.line, m.signal, m.histogram"),
            ({"series": "m"}, "/left: m has several outputs"),
            ("m.histgram", "/left: m has no such output; it has line, signal, histogram"),
            ("m.histgram", "did you mean 'm.histogram'?"),
            ({"series": "m", "output": "sgnal"}, "/left/output: m has no such output"),
            ({"series": "m", "output": "sgnal"}, "did you mean 'signal'?"),
            ({"series": "m.line", "output": "line"}, '/left/output: series already names the output "line"'),
            ({"series": "close", "output": "line"}, "/left/output: close has one output: leave output out"),
            ("close.line", "close has one output"),
            ("m.line.line", "m has no such output"),
            ("n.line", "no such series; known are open"),
            ("n.line", "did you mean 'm.line'?"),
        ],
    )
    def test_what_is_no_output_is_named(self, left: object, said: str) -> None:
        assert said in refusal(MACD, {"left": left, "op": ">", "right": 0})

    def test_units_are_those_of_the_output(self) -> None:
        band = {"b": {"kind": "bollinger"}, "r": {"kind": "rsi"}}
        parse_strategy(with_indicators(band, {"left": "b.upper", "op": "<", "right": "close"}))
        compared = {"left": "b.width", "op": "<", "right": "b.upper"}
        assert "different units: price and ratio" in refusal(band, compared)
        parse_strategy(
            with_indicators(
                {"b": {"kind": "sma", "period": 3, "source": "volume"}}, {"left": "b", "op": "<", "right": "volume"}
            )
        )

    def test_what_refers_to_an_indicator_that_is_not_understood_is_not_held_against_it(self) -> None:
        conditions = [{"left": name, "op": ">", "right": 0} for name in ("x", "x.line", {"series": "x", "output": "y"})]
        assert refusal({"x": {"kind": "mcad"}}, *conditions).startswith("/indicators/x/kind")


class TestSchema:
    def test_offers_every_kind_with_its_parameters_limits_and_defaults(self) -> None:
        schema = json_schema()
        parts = {part["properties"]["kind"]["const"]: part for part in schema["$defs"].values() if _is_indicator(part)}
        assert parts.keys() == KINDS.keys()
        for name, kind in KINDS.items():
            shown = parts[name]["properties"]
            assert shown.keys() == {"kind", "timeframe"} | {each.name for each in kind.parameters}
            for each in kind.parameters:
                field = shown[each.name]
                assert field["description"] == each.description
                assert (each.name in parts[name]["required"]) == (each.default is None)
                if each.default is not None:
                    assert str(field["default"]) == str(each.default)
                if each.choices:
                    assert field["enum"] == list(each.choices)
                else:
                    assert (field["minimum"], field["maximum"]) == (float(each.low), float(each.high))

    def test_names_of_indicators_have_a_pattern(self) -> None:
        names = set(json_schema()["properties"]["indicators"]["patternProperties"])
        assert names == {"^[A-Za-z][A-Za-z0-9_]{0,31}$"}


def _is_indicator(part: dict[str, Any]) -> bool:
    known = part.get("properties", {})
    return "timeframe" in known and "const" in known.get("kind", {})


def test_a_strategy_without_indicators_reads_columns_only() -> None:
    assert left_of(with_entry({"left": "close", "op": "rising"})) == SeriesOperand(series="close")
