"""Setups that held without an idea, ideas that an invalidation ends, and strategies that read higher timeframes."""

from typing import Any

from tests.builders import D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world, document

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.policy import Mode
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.evaluate import required_bars

HIGH = 1.1030
# Invalid from 1.1020 on; the exit stays out of it.
INVALID_ABOVE: list[dict[str, Any]] = [{"left": "close", "op": ">", "right": 1.1020}]


def refusals(world: DeskWorld) -> list[str | None]:
    """What the evaluations without an idea say, oldest first."""
    with world.storage.read() as reading:
        return [row.refusal for row in reading.walk_evaluations()]


def supervised(*segments: tuple[int, float], **changes: Any) -> DeskWorld:
    strategy = document(**changes)
    return a_world(*segments, strategies=(strategy,), mode=Mode.SUPERVISED, policy={"idea_life_bars": 20})


def test_an_invalidation_ends_the_idea_that_waits_and_says_so() -> None:
    world = supervised((3, QUIET), (5, ABOVE), (30, HIGH), conditions={"invalidations": INVALID_ABOVE})
    record = world.until_idea()
    assert record.status is IdeaStatus.NEEDS_APPROVAL
    world.run(8)
    assert world.idea(record.idea.idea_id).status is IdeaStatus.EXPIRED
    (entry,) = world.history(Action.IDEA_EXPIRED)
    assert entry.draft.rationale == "an invalidation holds: close > 1.102"
    assert entry.draft.trade_idea_id == record.idea.idea_id
    assert "an invalidation holds: close > 1.102" in refusals(world)
    assert world.terminal.sent == []


def test_without_an_invalidation_the_idea_waits_on() -> None:
    world = supervised((3, QUIET), (5, ABOVE), (30, HIGH))
    record = world.until_idea()
    world.run(8)
    assert world.idea(record.idea.idea_id).status is IdeaStatus.NEEDS_APPROVAL


def test_an_invalidation_prevents_the_idea() -> None:
    world = supervised((3, QUIET), (20, HIGH), conditions={"invalidations": INVALID_ABOVE})
    world.run(10)
    assert world.ideas() == ()
    assert "an invalidation holds: close > 1.102" in refusals(world)


def test_a_held_setup_whose_stop_cannot_be_leaves_the_reason_in_its_evaluation() -> None:
    rules = {"stop_loss": {"kind": "indicator", "series": "high"}}
    world = supervised((3, QUIET), (20, ABOVE), exit_rules=rules)
    world.run(6)
    assert world.ideas() == ()
    found = [text for text in refusals(world) if text]
    assert found
    assert all("is not below the entry" in text and "(high = 1.1012)" in text for text in found)


def test_a_strategy_that_reads_higher_bars_trades_and_replays_them() -> None:
    changes = {
        "indicators": {"trend": {"kind": "ema", "period": 3, "timeframe": "M5"}},
        "conditions": {
            "entry": [
                {"left": "close", "op": ">", "right": "trend"},
                {"left": {"series": "close", "timeframe": "M15"}, "op": ">", "right": 1.09},
            ]
        },
    }
    world = a_world((3, QUIET), (20, ABOVE), strategies=(document(**changes),))
    world.run(8)
    spec = parse_strategy(document(**changes))
    assert [timeframe.value for timeframe in required_bars(spec)] == ["M1", "M5", "M15"]
    assert world.ideas(), refusals(world)
    (held,) = world.positions()
    assert held.lots > D(0)
