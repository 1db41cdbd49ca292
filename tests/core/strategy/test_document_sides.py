"""Documents that trade both sides: the short side mirrored, or written, and what cannot be."""

from decimal import Decimal
from typing import Any

import pytest
from tests.core.strategy.specs import document

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.conditions import condition_text
from tradewarden.core.strategy.document import ParsedStrategy, parse_sides, parse_strategy
from tradewarden.core.strategy.plan import plan_of
from tradewarden.core.strategy.spec import Condition, IndicatorStop, SeriesOperand, StrategySpec
from tradewarden.core.values import Side

SHORT = {"entry": [{"left": "close", "op": "<", "right": 2000}, {"fact": "rsi_overbought", "period": 9}]}
BANDS = {"b": {"kind": "bollinger"}, "top": {"kind": "ema", "period": 20, "source": "high"}}


def both(**changes: Any) -> dict[str, Any]:
    return document(direction="both", **changes)


def texts(conditions: tuple[Condition, ...]) -> list[str]:
    return [condition_text(condition) for condition in conditions]


def short_of(given: dict[str, Any]) -> StrategySpec:
    parsed = parse_sides(given)
    assert parsed.short is not None
    return parsed.short


def test_one_side_is_parsed_alone() -> None:
    assert parse_sides(document()) == ParsedStrategy(parse_strategy(document()))
    assert [spec.side for spec in parse_sides(document(direction="short")).sides] == [Side.SELL]


def test_both_sides_are_the_document_and_its_mirror_image() -> None:
    parsed = parse_sides(both())
    assert parsed.short is not None
    assert parsed.spec == parse_strategy(both()) == parse_strategy(document())
    assert (parsed.short.side, parsed.short.name) == (Side.SELL, parsed.spec.name)
    assert texts(parsed.short.entry)[:2] == ["fast < slow", "rsi between 39.5 and 60"]
    assert texts(parsed.short.exit) == ["rsi < 30"]
    assert texts(parsed.short.strong) == ["close <= low[1]", "volume > activity"]


def test_written_conditions_replace_all_five_lists() -> None:
    short = short_of(both(conditions_short=SHORT))
    assert texts(short.entry) == ["close < 2000", "rsi_overbought(period=9, level=30): rsi(9) > 70"]
    assert (short.exit, short.strong, short.weak, short.invalidations) == ((), (), (), ())
    assert "rsi(9)" in [indicator.name for indicator in short.indicators]
    assert (short.conditions_key, short_of(both()).conditions_key) == ("conditions_short", "conditions")
    pointers = [node.pointer for node in plan_of(short, Decimal("0.01")).nodes]
    assert pointers == ["/conditions_short/entry/0", "/conditions_short/entry/1"]
    assert "rsi(9)" not in [indicator.name for indicator in parse_strategy(both(conditions_short=SHORT)).indicators]


def test_the_stop_of_the_short_side_is_the_mirror_or_what_is_written() -> None:
    given = both(indicators=document()["indicators"] | BANDS)
    given["exit_rules"]["stop_loss"] = {"kind": "indicator", "series": "b.lower"}
    assert short_of(given).stop_loss == IndicatorStop(level=SeriesOperand(series="b", output="upper"), buffer_points=0)
    given["exit_rules"]["stop_loss"] |= {"series_short": "top", "buffer_points": 5}
    short = short_of(given)
    assert isinstance(short.stop_loss, IndicatorStop)
    (read,) = [each for each in short.indicators if each.name == short.stop_loss.level.series]
    assert (read.kind, read.period, read.source) == ("ema", 20, "high")


def test_what_cannot_be_mirrored_is_named_and_can_be_written() -> None:
    conditions = {
        "entry": [{"left": "close", "op": ">", "right": 2000}],
        "exit": [{"left": "close", "op": "<", "right": 1}],
    }
    with pytest.raises(InvalidStrategy) as refused:
        parse_sides(both(conditions=conditions), source="both.json")
    assert [problem.pointer for problem in refused.value.problems] == ["/conditions/entry/0", "/conditions/exit/0"]
    assert "write conditions_short" in str(refused.value)
    assert str(refused.value).startswith("both.json: 2 problems")
    assert short_of(both(conditions=conditions, conditions_short=SHORT)).side is Side.SELL


def test_bans_of_both_sides_are_mirrored_whoever_writes_the_conditions() -> None:
    given = both(forbidden_conditions={"conditions": ["rsi_overbought"]}, conditions_short=SHORT)
    assert texts(parse_strategy(given).forbidden.conditions) == ["rsi_overbought(period=14, level=30): rsi(14) > 70"]
    assert texts(short_of(given).forbidden.conditions) == ["rsi_oversold(period=14, level=30): rsi(14) < 30"]


@pytest.mark.parametrize("direction", ["long", "short"])
def test_written_conditions_need_both_directions(direction: str) -> None:
    with pytest.raises(InvalidStrategy, match='/conditions_short: goes with "direction": "both" only'):
        parse_sides(document(direction=direction, conditions_short=SHORT))


def test_problems_of_written_conditions_have_their_own_pointer() -> None:
    with pytest.raises(InvalidStrategy, match="/conditions_short/entry/0/left: no such series"):
        parse_sides(both(conditions_short={"entry": [{"left": "fsat", "op": "rising"}]}))
