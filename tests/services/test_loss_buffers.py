"""What happens before the daily limit itself: opening stops at one share of it, positions are closed at another."""

from typing import Any

import pytest
from tests.builders import D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.orders import ReduceIntent
from tradewarden.core.policy import Mode
from tradewarden.services.apply_loss_buffers import FLATTEN_ACTOR, SOFT_ACTOR
from tradewarden.services.halt_trading import halt_trading
from tradewarden.services.replay_decisions import replay_all

# About 5.6 lots are opened at 1.1011; the stop is some 8 pips away and would cost 500.
HALFWAY = 1.1006
UP_AND_HALFWAY = ((3, QUIET), (3, ABOVE), (30, HALFWAY))


def buffers(world: DeskWorld) -> list[HistoryDraft]:
    """Return the entries of the buffers, oldest first."""
    entries = [entry.draft for entry in world.history(Action.RISK_REJECTED)]
    return [draft for draft in entries if draft.actor in (SOFT_ACTOR, FLATTEN_ACTOR)]


def closings(world: DeskWorld) -> list[HistoryDraft]:
    """Return the recorded decisions to close that came from the buffer."""
    entries = [entry.draft for entry in world.history(Action.POSITION_MANAGED)]
    return [draft for draft in entries if draft.actor == FLATTEN_ACTOR]


def test_the_second_buffer_closes_the_desks_positions_by_recorded_decisions() -> None:
    world = a_world(*UP_AND_HALFWAY, policy={"max_daily_loss": D(1000), "flatten_loss_fraction": D("0.2")})
    world.run(4)
    assert len(world.held()) == 1
    world.run(8)
    assert world.held() == ()
    assert world.positions() == ()
    assert len(closings(world)) == 1
    assert not closings(world)[0].human_override
    assert [draft.actor for draft in buffers(world)] == [FLATTEN_ACTOR]
    assert world.history(Action.AI_HALTED) == []
    replayed = replay_all(world.storage, stopwatch=lambda: 0.0, workers=1)
    assert replayed.identical == replayed.decisions > 1


def test_positions_of_others_are_left_alone() -> None:
    world = a_world((60, QUIET), policy={"max_daily_loss": D(1000), "flatten_loss_fraction": D("0.25")})
    world.step()
    ticket = world.buy_by_hand("20.00")
    world.run(3)
    assert [held.ticket for held in world.held()] == [ticket]
    assert [draft.actor for draft in buffers(world)] == [FLATTEN_ACTOR]


def test_a_halt_does_not_keep_the_buffer_from_closing() -> None:
    world = a_world(*UP_AND_HALFWAY, policy={"max_daily_loss": D(1000), "flatten_loss_fraction": D("0.2")})
    world.run(5)
    halt_trading(world.desk, actor="user:ann", reason="lunch")
    world.run(8)
    assert world.held() == ()
    assert len(closings(world)) == 1


def test_a_refused_closing_is_tried_again_after_a_minute_and_not_at_every_look() -> None:
    world = a_world(*UP_AND_HALFWAY, policy={"max_daily_loss": D(1000), "flatten_loss_fraction": D("0.2")})
    world.run(5)
    world.terminal.set_trading(auto_trading=False)
    for _ in range(24):
        world.step(10)
    refused = len(closings(world))
    assert 2 <= refused <= 4
    assert all(
        record.status is IntentStatus.REJECTED for record in world.intents() if isinstance(record.intent, ReduceIntent)
    )
    world.terminal.set_trading()
    world.run(3)
    assert world.held() == ()


def test_a_closing_whose_reply_is_lost_is_not_sent_twice() -> None:
    world = a_world(*UP_AND_HALFWAY, policy={"max_daily_loss": D(1000), "flatten_loss_fraction": D("0.2")})
    world.run(5)
    world.terminal.lose_reply = True
    world.run(2)
    world.terminal.lose_reply = False
    world.run(5)
    assert world.held() == ()
    assert len(closings(world)) == 1
    assert len([sent for sent in world.terminal.sent if sent.get("position")]) == 1


def test_the_first_buffer_voids_an_order_that_was_not_sent() -> None:
    world = a_world((3, QUIET), (60, ABOVE), policy={"max_daily_loss": D(2000), "soft_loss_fraction": D("0.25")})
    world.cycle()
    told = world.terminal.history_deals_get
    world.terminal.history_deals_get = lambda *_: None
    world.run(4)
    assert [record.status for record in world.intents()] == [IntentStatus.QUEUED]
    world.terminal.history_deals_get = told
    world.buy_by_hand("50.00")
    world.run(3)
    assert [record.status for record in world.intents()] == [IntentStatus.VOIDED]
    assert world.ideas()[-1].status is IdeaStatus.REJECTED
    (entry,) = buffers(world)
    assert entry.actor == SOFT_ACTOR
    payload: Any = entry.payload
    assert (payload["buffer"], len(payload["voided_intents"]), len(payload["ended_ideas"])) == ("soft", 1, 1)
    assert world.history(Action.AI_HALTED) == []


def test_the_first_buffer_ends_an_idea_that_waits_for_a_person() -> None:
    world = a_world(
        (3, QUIET),
        (60, ABOVE),
        mode=Mode.SUPERVISED,
        policy={"max_daily_loss": D(2000), "soft_loss_fraction": D("0.25"), "idea_life_bars": 20},
    )
    world.until_idea()
    assert world.idea().status is IdeaStatus.NEEDS_APPROVAL
    world.buy_by_hand("50.00")
    world.step()
    assert world.ideas()[-1].status is IdeaStatus.REJECTED
    world.run(2)
    assert len(buffers(world)) == 1


@pytest.mark.parametrize(("lots", "crossed"), [("5.00", 0), ("50.00", 1)])
def test_a_buffer_is_one_entry_a_day(lots: str, crossed: int) -> None:
    world = a_world((60, QUIET), policy={"max_daily_loss": D(2000), "soft_loss_fraction": D("0.25")})
    world.step()
    ticket = world.buy_by_hand(lots)
    world.run(5)
    assert len(buffers(world)) == crossed
    assert ticket in [held.ticket for held in world.held()]


def test_a_flatten_waits_for_the_market_to_open() -> None:
    """The loss crosses the buffer at the week's last minute; the broker takes no order until Sunday evening."""
    world = a_world(*UP_AND_HALFWAY, policy={"max_daily_loss": D(1000), "flatten_loss_fraction": D("0.2")})
    world.run(5)
    world.advance(2 * 86_400 + 12 * 3600)  # Friday, 22:05 UTC: the server's Saturday
    world.run(2)
    assert closings(world) == []
    assert "when its market opens" in (world.desk.monitor.health.market_error or "")
