"""Named facts: how they are spelled out, what they take, and their counterparts in a mirrored market."""

from decimal import Decimal

import pytest

from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.registry import bind
from tradewarden.core.strategy.conditions import condition_text
from tradewarden.core.strategy.facts import FACTS, expand_fact, mirrored_fact
from tradewarden.core.strategy.mirror_conditions import Mirroring, hidden_name

each_fact = pytest.mark.parametrize("name", FACTS)


class TestTable:
    @each_fact
    def test_a_fact_reads_hidden_indicators_that_can_be_computed(self, name: str) -> None:
        group, indicators = expand_fact(name)
        assert group.fact.partition("(")[0] == name
        assert FACTS[name].description.endswith(".")
        for indicator in indicators:
            assert bind(indicator).spec.name == hidden_name(indicator)
            declared = {each.name for each in bind(indicator).kind.parameters} - {"period", "source"}
            assert {each.name for each in indicator.parameters} == declared

    @each_fact
    def test_the_opposite_is_the_mirror_image(self, name: str) -> None:
        group, indicators = expand_fact(name)
        mirroring = Mirroring(indicators, mirrored_fact)
        image = mirroring.condition(group, "")
        assert mirroring.problems == []
        assert (image, mirroring.indicators) == expand_fact(FACTS[name].mirror)
        assert FACTS[FACTS[name].mirror].mirror == name

    @each_fact
    def test_its_parameters_have_defaults_within_their_limits(self, name: str) -> None:
        for parameter in FACTS[name].parameters:
            assert parameter.default is not None
            assert parameter.description
            assert parameter.choices or parameter.low <= Decimal(str(parameter.default)) <= parameter.high


class TestParameters:
    def test_are_part_of_its_name_and_of_what_it_reads(self) -> None:
        group, (rsi,) = expand_fact("rsi_overbought", {"period": 9, "level": Decimal("22.5")})
        assert group.fact == "rsi_overbought(period=9, level=22.5)"
        assert condition_text(group) == "rsi_overbought(period=9, level=22.5): rsi(9) > 77.5"
        assert (rsi.kind, rsi.period) == ("rsi", 9)

    @pytest.mark.parametrize(
        ("name", "parameters", "message"),
        [
            ("rsi_oversold", {"level": Decimal(50)}, r"level is Decimal\('50'\), it must lie from 1 to 49"),
            ("rsi_oversold", {"period": Decimal("14.5")}, "it must be a whole number"),
            ("rsi_oversold", {"period": True}, "period is True, it must be a whole number"),
            ("rsi_oversold", {"periods": 14}, "takes no periods; it takes period, level"),
            ("hammer", {"period": 14}, "it takes no parameters"),
            ("uptrend", {"fast": 50}, "fast must be below slow, which is 50"),
            ("rsi_sold", {}, "no such fact: rsi_sold"),
        ],
    )
    def test_that_do_not_fit_are_refused(self, name: str, parameters: dict[str, int], message: str) -> None:
        with pytest.raises(InvalidInput, match=message):
            expand_fact(name, parameters)
