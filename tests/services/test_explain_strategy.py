"""Explaining a strategy at one bar: the same arithmetic as a decision, shown whole, with nothing recorded."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.builders import D
from tests.services.desk_world import DeskWorld, a_world, document

from tradewarden.core.errors import InvalidInput, NotFound
from tradewarden.core.values import Side
from tradewarden.services.queries.explanation import explain_strategy, version_of
from tradewarden.services.queries.models.explanation import ConditionNode, Explanation

SYMBOL = "EURUSD"
FACTS = {
    "entry": [
        {"any": [{"fact": "price_above_ema", "period": 9}, {"not": "rsi_oversold"}]},
        {"left": "close", "op": ">", "right": "slow"},
    ],
    "invalidations": ["strong_trend"],
    "strong": [{"fact": "uptrend", "fast": 5, "slow": 9}],
}


def facts_document(**changes: Any) -> dict[str, Any]:
    indicators = {"slow": {"kind": "sma", "period": 5, "timeframe": "M5"}}
    return document(name="Facts", direction="both", indicators=indicators, conditions=FACTS, **changes)


def explained(world: DeskWorld, given: dict[str, Any], **asked: Any) -> tuple[Explanation, ...]:
    version = version_of(json.dumps(given), source="given.json")
    return explain_strategy(world.desk, version, SYMBOL, **asked).explanations


@pytest.fixture
def world() -> DeskWorld:
    made = a_world((30, 1.1002), (10, 1.1010))
    made.run(20)
    return made


def test_nothing_is_recorded(world: DeskWorld) -> None:
    before = len(world.history())
    explained(world, facts_document())
    explained(world, facts_document(), at=world.desk.clock.market_now() - timedelta(minutes=7))
    assert len(world.history()) == before
    assert world.terminal.sent == []


def test_both_sides_are_explained_with_the_bars_of_every_timeframe(world: DeskWorld) -> None:
    long, short = explained(world, facts_document())
    assert (long.side, short.side) == (Side.BUY, Side.SELL)
    for side in (long, short):
        assert [str(each.timeframe) for each in side.bars] == ["M1", "M5"]
        assert all(each.count >= each.required - 1 for each in side.bars)
        assert side.evaluation.refusal is None
        assert {"slow", "rsi(14)", "adx(14)", "ema(9)"} <= {
            reading.name.partition(".")[0] for reading in side.evaluation.indicators
        }


def test_conditions_are_a_tree_with_facts_over_what_they_spell_out(world: DeskWorld) -> None:
    long, _ = explained(world, facts_document())
    entry = next(each for each in long.conditions if each.section == "entry")
    group, plain = entry.conditions
    assert (plain.fact, plain.members) == ("", ())
    fact, negated = group.members
    assert fact.fact == "price_above_ema(period=9)"
    (spelled,) = fact.members
    assert [operand.text for operand in spelled.operands] == ["close", "ema(9)"]
    assert negated.members[0].fact == "rsi_oversold(period=14, level=30)"
    assert _truth(group) == (_truth(fact) or _truth(negated))
    assert [each.section for each in long.conditions] == ["entry", "invalidation", "strong"]


def _truth(node: ConditionNode) -> bool:
    return node.holds


def test_the_score_is_the_sum_of_its_contributions(world: DeskWorld) -> None:
    for side in explained(world, facts_document()):
        assert side.confidence is not None
        assert D(str(side.confidence.contributions[-1].running_total)) == D(str(side.confidence.score))


def test_levels_are_shown_although_the_setup_does_not_hold() -> None:
    world = a_world((30, 1.1002))
    world.run(5)
    (side,) = explained(world, document())
    assert not side.is_idea
    assert not side.evaluation.entry
    assert [level.name for level in side.levels] == ["entry", "stop_loss", "take_profit"]
    assert side.verdict is None


def test_an_idea_is_shown_with_the_gates_answer() -> None:
    world = a_world((30, 1.1010))
    world.run(5)
    (side,) = explained(world, document(name="Other"))
    assert side.is_idea
    assert side.verdict is not None
    assert side.levels_problem == ""


def test_a_past_moment_shows_what_had_closed_then(world: DeskWorld) -> None:
    at = world.desk.clock.market_now() - timedelta(minutes=7, seconds=20)
    (side,) = explained(world, document(), at=at)
    newest = side.bars[0]
    assert newest.newest_ended_at == at.replace(second=0, microsecond=0)
    assert side.quote is not None
    assert side.quote_is_of_bar
    assert side.quote.bid == newest.close
    again = explained(world, document(), at=at)
    assert again == (side,)


def test_what_cannot_be_shown_is_refused(world: DeskWorld) -> None:
    with pytest.raises(InvalidInput, match="is still to come"):
        explained(world, document(), at=world.desk.clock.market_now() + timedelta(minutes=1))
    with pytest.raises(NotFound, match="the market has no BTCUSD; it has EURUSD"):
        explain_strategy(world.desk, version_of(json.dumps(document()), source="given.json"), "BTCUSD")


def test_too_few_bars_are_said_and_nothing_is_made_up(world: DeskWorld) -> None:
    indicators = {"slow": {"kind": "ema", "period": 500, "timeframe": "D1"}}
    given = document(indicators=indicators, conditions={"entry": [{"left": "close", "op": ">", "right": "slow"}]})
    (side,) = explained(world, given)
    assert "closed D1 bars" in str(side.evaluation.refusal)
    assert side.levels == ()
    assert "closed D1 bars" in side.levels_problem
