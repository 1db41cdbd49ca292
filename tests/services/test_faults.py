"""Lost requests, lost replies, a record or broker that is away, altered intents: nothing is sent twice or unseen."""

from dataclasses import replace
from typing import Any

import pytest
from tests.builders import SYMBOL, D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world, document, level_bars

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.errors import IntegrityError, StorageUnavailable
from tradewarden.core.orders import OpenIntent, intent_digest
from tradewarden.core.policy import Mode
from tradewarden.mt5sim import constants as mt5
from tradewarden.services.approve_idea import approve_idea
from tradewarden.services.run_cycle import run_cycle
from tradewarden.services.submit_order import submit_order

UP = ((3, QUIET), (60, ABOVE))


def statuses(world: DeskWorld) -> list[IntentStatus]:
    return [record.status for record in world.intents()]


# Unknown outcomes


def test_an_order_whose_reply_was_lost_is_found_and_adopted() -> None:
    world = a_world(*UP)
    world.terminal.lose_reply = True
    world.run(4)
    assert statuses(world) == [IntentStatus.UNKNOWN]
    assert world.positions() == ()
    world.terminal.lose_reply = False
    world.step()
    assert statuses(world) == [IntentStatus.FILLED]
    (position,) = world.positions()
    assert [held.ticket for held in world.held()] == [position.ticket]
    assert position.initial_risk == D("443.65")
    assert world.idea(position.idea_id).status is IdeaStatus.AUTO_EXECUTED
    assert world.actions()[:4] == ["ai_auto_executed", "order_submitted", "order_unknown", "order_reconciled"]
    assert len(world.openings()) == len(world.terminal.sent) == 1


def test_an_order_that_never_arrived_fails_after_two_looks_a_minute_apart_and_is_never_sent_again() -> None:
    world = a_world(*UP)
    world.terminal.lose_request = True
    world.run(4)
    assert statuses(world) == [IntentStatus.UNKNOWN]
    world.terminal.lose_request = False
    world.step(10)
    assert world.intents()[0].lookups == 1
    world.step(30)
    assert world.intents()[0].lookups == 1, "the second look comes a minute after the first"
    world.step(30)
    assert statuses(world) == [IntentStatus.FAILED]
    assert world.ideas()[-1].status is IdeaStatus.FAILED
    assert "2 looks" in world.history(Action.ORDER_RECONCILED)[0].draft.rationale
    world.run(10)
    assert world.terminal.sent == []


def test_an_order_that_appears_after_it_was_given_up_is_an_incident_and_is_looked_after() -> None:
    world = a_world(*UP, policy={"max_per_symbol": 5, "max_concurrent_trades": 9})
    world.terminal.lose_request = True
    world.run(4)
    world.terminal.lose_request = False
    world.run(3)
    assert world.ideas()[-1].status is IdeaStatus.FAILED
    # The request was under way all the time.
    (late,) = world.terminal.lost
    reply = world.terminal.order_send(late)
    assert reply.retcode == mt5.TRADE_RETCODE_DONE
    world.step()
    (position,) = world.positions()
    assert (position.ticket, position.initial_risk) == (reply.order, D("443.65"))
    assert world.idea(position.idea_id).status is IdeaStatus.AUTO_EXECUTED
    (incident,) = world.history(Action.DRIFT_DETECTED)
    assert "incident: the order was failed here" in incident.draft.rationale
    world.run(3)
    assert len(world.history(Action.DRIFT_DETECTED)) == 1
    assert len(world.openings()) == 1


def test_a_position_with_an_identity_of_somebody_else_stays_his() -> None:
    world = a_world(*UP, policy={"max_per_symbol": 5})
    world.buy_by_hand(magic=4711)
    world.run(5)
    assert len(world.held()) == 2
    assert len(world.positions()) == 1
    assert world.history(Action.DRIFT_DETECTED) == []


def test_an_unknown_order_counts_in_every_limit_and_blocks_opening_until_it_is_settled() -> None:
    world = a_world(*UP)
    world.terminal.lose_request = True
    world.run(4)
    with world.storage.read() as reading:
        (unfinished,) = reading.unfinished_intents()
    assert (unfinished.lots, unfinished.risk_amount) == (D("4.67"), D("499.69"))
    world.step()
    codes: Any = world.history(Action.RISK_REJECTED)[-1].draft.payload
    assert {"NOT_RECONCILED", "MAX_PER_SYMBOL", "DUPLICATE_IDEA"} <= set(codes["failed_checks"])


def test_a_closing_whose_reply_was_lost_is_booked_from_its_deals() -> None:
    from tradewarden.services.close_position import close_position

    world = a_world(*UP)
    world.run(4)
    ticket = world.positions()[0].ticket
    world.terminal.lose_reply = True
    close_position(world.desk, ticket, actor="user:ann")
    world.terminal.lose_reply = False
    world.run(2)
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    assert closed.reason == "closed by user:ann"
    assert world.positions() == ()
    assert IntentStatus.UNKNOWN not in statuses(world)
    assert world.desk.monitor.health.reconciled


def test_a_stop_change_under_way_is_not_declared_lost_by_the_other_thread() -> None:
    from tradewarden.services.reconcile_broker import reconcile_broker

    world = a_world(*UP)
    world.run(4)
    ticket = world.positions()[0].ticket
    original = world.desk.broker.reduce
    seen: list[IntentStatus] = []

    def reduce(intent: Any) -> Any:
        # While the reply is on its way the scheduler's thread takes its turn.
        reconcile_broker(world.desk, world.state.reader.book(), world.desk.broker.account())
        seen.append(world.intents()[0].status)
        return original(intent)

    from tradewarden.services.close_position import close_position

    broker: Any = world.desk.broker
    broker.reduce = reduce
    close_position(world.desk, ticket, actor="user:ann")
    assert seen == [IntentStatus.SENT]
    assert world.intents()[0].status is IntentStatus.FILLED


# The order that waits


def test_a_queued_order_is_judged_again_before_it_is_sent_late() -> None:
    world = a_world((3, QUIET), (1, ABOVE), (60, 1.1016))
    cut(world)
    world.run(4)
    assert statuses(world) == [IntentStatus.QUEUED]
    mend(world)
    world.step()
    assert world.terminal.sent == []
    assert IntentStatus.VOIDED in statuses(world)
    assert "PRICE_MOVED" in str(world.history(Action.RISK_REJECTED)[0].draft.payload)


def test_a_queued_order_is_sent_late_while_the_gate_still_agrees_and_its_time_lasts() -> None:
    world = a_world(*UP)
    cut(world)
    world.run(5)
    assert world.terminal.sent == []
    mend(world)
    world.step()
    assert len(world.terminal.sent) == 1
    assert statuses(world).count(IntentStatus.FILLED) == 1
    assert [r.status for r in world.ideas() if r.status is IdeaStatus.AUTO_EXECUTED]


def test_a_queued_order_is_not_sent_after_its_time_however_often_it_was_judged_again() -> None:
    world = a_world(*UP)
    cut(world)
    # From the second turn on each judges again (the last verdict is older than half a minute) and meets the cut line.
    world.run(7)
    assert statuses(world).count(IntentStatus.VOIDED) >= 1
    mend(world)
    world.step()
    assert world.terminal.sent == []
    assert IntentStatus.FAILED in statuses(world)
    assert not any(status.is_unfinished for status in statuses(world))


def cut(world: DeskWorld) -> None:
    """Let the look before sending fail: an order is recorded and cannot leave. The first turn has read the deals."""
    world.cycle()
    world.terminal.history_deals_get = lambda *_: None


def mend(world: DeskWorld) -> None:
    del world.terminal.history_deals_get


def test_an_approval_stands_while_the_broker_is_away_and_its_order_follows() -> None:
    world = a_world(*UP, mode=Mode.SUPERVISED, policy={"idea_life_bars": 20})
    record = world.until_idea()
    cut(world)
    result = approve_idea(world.desk, record.idea.idea_id, actor="user:ann", idea_digest=record.idea.digest, lots=D(1))
    assert (result.status, result.outcome) == (IdeaStatus.WAITING, None)
    mend(world)
    world.step()
    assert world.idea(record.idea.idea_id).status is IdeaStatus.APPROVED_EXECUTED
    assert [held.volume for held in world.held()] == [1.0]


# Away


def test_with_the_broker_away_nothing_opens_and_the_desk_says_so() -> None:
    world = a_world(*UP)
    world.step()
    world.terminal.shutdown()
    world.run(5)
    assert world.outcomes[1:] == [False] * 5
    health = world.desk.monitor.health
    assert "does not tell" in (health.broker_error or "")
    assert not health.reconciled
    world.terminal.initialize()
    world.step()
    assert world.desk.monitor.health.broker_error is None
    assert world.desk.monitor.health.reconciled


def test_a_terminal_that_lost_its_account_closes_nothing_in_the_book_and_is_named() -> None:
    world = a_world(*UP)
    world.run(4)
    before = len(world.history())
    real = world.terminal.account_info
    world.terminal.account_info = lambda: type(real())(0 if isinstance(v, int | float) else v for v in real())
    world.terminal.positions_get = lambda: ()
    world.run(3)
    assert len(world.positions()) == 1
    assert len(world.history()) == before
    assert "cannot be believed: balance is 0.00" in (world.desk.monitor.health.broker_error or "")
    assert not world.desk.monitor.health.reconciled
    del world.terminal.account_info, world.terminal.positions_get
    world.run(2)
    health = world.desk.monitor.health
    assert (health.reconciled, health.broker_error) == (True, None)
    assert world.history(Action.DRIFT_DETECTED) == []


def test_with_the_record_away_nothing_reaches_the_terminal_and_the_desk_says_so() -> None:
    world = a_world(*UP)
    world.run(3)
    world.storage.down = True
    world.run(5)
    assert world.terminal.sent == []
    assert world.desk.monitor.health.storage_error == "the record is out of reach"
    assert world.outcomes[-1] is False
    world.storage.down = False
    world.step()
    assert world.desk.monitor.health.storage_error is None


@pytest.mark.parametrize("commits", range(8))
def test_a_record_that_breaks_between_any_two_commits_loses_and_doubles_nothing(commits: int) -> None:
    world = a_world(*UP)
    world.run(3)
    world.storage.commits_left = commits
    world.step()
    world.storage.commits_left = None
    world.run(6)
    assert len(world.openings()) == len(world.held()) <= 1
    assert len(world.positions()) == len(world.held())
    assert not any(status.is_unfinished for status in statuses(world))
    submitted = world.history(Action.ORDER_SUBMITTED)
    assert len(submitted) == len(world.terminal.sent) or not world.terminal.sent


def test_a_broken_record_stops_the_sender_before_the_broker() -> None:
    world = a_world(*UP)
    cut(world)
    world.run(4)
    mend(world)
    (record,) = world.intents()
    world.storage.commits_left = 0
    with pytest.raises(StorageUnavailable):
        submit_order(world.desk, record.intent.intent_id)
    assert world.terminal.sent == []


def test_one_symbol_without_prices_does_not_hold_up_the_others() -> None:
    other = level_bars([(60, 1.3)], symbol="GBPUSD")
    both = document(name="A both", allowed_symbols=["GBPUSD", SYMBOL])
    world = a_world(*UP, strategies=[both], others=[other])
    rates = world.terminal.copy_rates_from
    world.terminal.copy_rates_from = lambda symbol, *rest: None if symbol == "GBPUSD" else rates(symbol, *rest)
    world.run(5)
    assert len(world.held()) == 1
    assert all(world.outcomes)
    assert "GBPUSD" in (world.desk.monitor.health.market_error or "")


# Tampering


def altered(world: DeskWorld, **changes: Any) -> None:
    """Change the queued intent where it is kept, as somebody with access to the table would."""
    kept: Any = world.storage._state.intents
    (intent_id,) = kept
    record = kept[intent_id]
    assert isinstance(record.intent, OpenIntent)
    kept[intent_id] = replace(record, intent=replace(record.intent, **changes))


@pytest.mark.parametrize("changes", [{"lots": D("9.00")}, {"stop_loss": D("1.0")}, {"symbol": "XAUUSD"}])
def test_an_intent_altered_in_the_outbox_never_reaches_the_terminal(changes: dict[str, Any]) -> None:
    world = a_world(*UP)
    cut(world)
    world.run(4)
    altered(world, **changes)
    mend(world)
    with pytest.raises(IntegrityError):
        submit_order(world.desk, world.intents()[0].intent.intent_id)
    assert run_cycle(world.desk, world.state) is False
    assert world.terminal.sent == []
    assert world.desk.monitor.health.storage_error is not None
    world.run(5)
    assert world.terminal.sent == []


def test_an_intent_altered_with_its_digest_is_an_incident_in_the_history() -> None:
    world = a_world(*UP)
    cut(world)
    world.run(4)
    altered(world, lots=D("9.00"))
    kept: Any = world.storage._state.intents
    (intent_id,) = kept
    kept[intent_id] = replace(kept[intent_id], digest=intent_digest(kept[intent_id].intent))
    mend(world)
    world.run(3)
    assert world.terminal.sent == []
    assert statuses(world) == [IntentStatus.VOIDED]
    (entry,) = world.history(Action.DRIFT_DETECTED)
    assert "not the intent recorded" in entry.draft.rationale


def test_positions_are_still_looked_after_while_an_altered_intent_is_refused() -> None:
    world = a_world(*UP, policy={"max_per_symbol": 5})
    world.run(4)
    (held,) = world.held()
    kept: Any = world.storage._state.intents
    (record,) = kept.values()
    forged = replace(record.intent, intent_id="f" * 32, lots=D("50.00"), magic=1)
    kept["f" * 32] = replace(record, intent=forged, status=IntentStatus.QUEUED)
    world.terminal.order_send(
        {"action": mt5.TRADE_ACTION_SLTP, "symbol": SYMBOL, "position": held.ticket, "sl": 0.0, "tp": held.tp}
    )
    world.run(2)
    assert [position.sl for position in world.held()] == [held.sl], "its stop is put back"
    assert len(world.openings()) == 1


def test_a_restart_goes_on_where_the_record_stands() -> None:
    world = a_world(*UP)
    world.run(4)
    world.restart()
    world.run(5)
    assert len(world.openings()) == 1
    assert len(world.positions()) == 1
