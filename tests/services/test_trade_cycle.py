"""From a setup to a booked trade: the whole pipeline over memory record and simulated terminal, with hand figures."""

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import SYMBOL, D
from tests.services.desk_world import ABOVE, QUIET, a_world, document

from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.orders import Accepted
from tradewarden.core.policy import Mode
from tradewarden.core.replay import replay
from tradewarden.mt5sim import constants as mt5
from tradewarden.services.approve_idea import approve_idea
from tradewarden.services.close_position import close_position

UP = ((3, QUIET), (5, ABOVE))
BRIEFLY_UP = ((3, QUIET), (1, ABOVE), (60, QUIET + 0.0004))


def test_a_setup_becomes_one_order_with_stop_and_target_and_is_booked_at_its_target() -> None:
    world = a_world(*UP, (30, 1.1040))
    world.run(4)
    assert world.actions() == ["ai_auto_executed", "order_submitted", "order_accepted"]
    (held,) = world.held()
    assert (held.price_open, held.sl, held.tp, held.volume) == (1.1011, 1.10015, 1.103, 4.67)
    (position,) = world.positions()
    # 95 points × 4.67 lots
    assert (position.ticket, position.initial_risk) == (held.ticket, D("443.65"))
    assert world.idea().status is IdeaStatus.AUTO_EXECUTED
    world.run(6)
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
        assert reading.positions() == ()
    # 190 points × 4.67 = 887.30, less commission of 2.50 per lot and side: 11.68 twice
    assert (closed.net_profit, closed.commission, closed.reason) == (D("863.94"), D("-23.36"), "tp")
    assert closed.r_multiple == D("1.95")
    assert world.desk.broker.account().balance == D("100863.94")
    assert len(world.openings()) == 1


def test_a_stop_is_booked_as_a_loss_of_about_one_r() -> None:
    world = a_world(*UP, (30, 1.0990))
    world.run(12)
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    assert (closed.reason, closed.exit_price) == ("sl", D("1.10015"))
    assert closed.net_profit == D("-467.01")
    assert closed.r_multiple == D("-1.05")
    entry = world.history(Action.POSITION_CLOSED)[0]
    assert (entry.draft.actor, entry.draft.trade_idea_id) == ("broker", closed.position.idea_id)


def test_everything_that_was_recorded_replays_and_chains() -> None:
    world = a_world(*UP, (10, 1.1040))
    world.run(12)
    with world.storage.read() as reading:
        assert verify_chain(reading.walk_history()).ok
        decisions = list(reading.walk_decisions())
        assert decisions
        for stored in decisions:
            inputs: Any = stored.inputs
            bars = [bar["digest"] for bar in inputs["snapshot"]["bars"]]
            report = replay(stored.inputs, stored.decision, reading.blobs(bars), recorded_digest=stored.decision_digest)
            assert report.identical, report.differences


def test_supervised_waits_and_the_approval_sends_the_lots_that_were_said() -> None:
    world = a_world(*UP, (30, 1.1040), mode=Mode.SUPERVISED)
    record = world.until_idea()
    assert record.status is IdeaStatus.NEEDS_APPROVAL
    assert world.terminal.sent == []
    result = approve_idea(
        world.desk, record.idea.idea_id, actor="user:ann", idea_digest=record.idea.digest, lots=D("1.50")
    )
    assert result.status is IdeaStatus.APPROVED_EXECUTED
    assert isinstance(result.outcome, Accepted)
    assert [held.volume for held in world.held()] == [1.5]
    assert world.actions() == ["ai_proposed", "human_approved", "order_submitted", "order_accepted"]
    approved = world.history(Action.HUMAN_APPROVED)[0].draft
    assert (approved.actor, approved.human_override) == ("user:ann", True)


def test_a_setup_proposes_again_only_after_its_entry_has_been_false() -> None:
    # The first trade is stopped out while the entry still holds (its level is 1.0985); then it holds on and on.
    low = document(conditions={"entry": [{"left": "close", "op": ">", "right": 1.0985}]}, name="Low")
    world = a_world((2, QUIET), (2, 1.0988), (5, 1.0987), (3, 1.0980), (5, QUIET), strategies=[low])
    world.run(9)
    assert len(world.openings()) == 1
    assert world.positions() == ()
    reasons = [entry.draft.rationale for entry in world.history(Action.RISK_REJECTED)]
    assert reasons
    assert "proposed already" in reasons[-1]
    world.run(6)
    assert len(world.openings()) == 2


def test_a_rejected_duplicate_does_not_touch_the_open_position() -> None:
    world = a_world(*UP, (10, ABOVE), policy={"max_per_symbol": 5})
    world.run(10)
    assert len(world.held()) == 1
    denied = [e.draft.payload["failed_checks"] for e in world.history(Action.RISK_REJECTED) if e.draft.payload]
    assert all(codes == ["DUPLICATE_IDEA"] for codes in denied)


def test_an_exit_condition_closes_through_the_pipeline() -> None:
    leaving = document(conditions={"exit": [{"left": "close", "op": "<", "right": 1.1006}]})
    world = a_world(*BRIEFLY_UP, strategies=[leaving])
    world.run(7)
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    assert "exit condition holds" in closed.reason
    assert world.actions()[:6] == [
        "ai_auto_executed",
        "order_submitted",
        "order_accepted",
        "position_managed",
        "order_submitted",
        "order_accepted",
    ]
    assert world.held() == ()
    assert "position_closed" in world.actions()


def test_an_exit_is_not_missed_when_the_record_fails_in_its_turn() -> None:
    """Each minute's first turn breaks after some writes; the second turn of the minute must still close in time."""
    leaving = document(conditions={"exit": [{"left": "close", "op": "<", "right": 1.1006}]})
    closings = []
    for writes in (None, 0, 1, 2, 3):
        world = a_world(*BRIEFLY_UP, strategies=[leaving])
        world.run(4)
        assert len(world.held()) == 1
        for _ in range(3):
            world.advance()
            if writes is not None:
                world.storage.commits_left = writes
                world.cycle()
                world.storage.commits_left = None
            world.cycle()
        with world.storage.read() as reading:
            (closed,) = reading.closed_positions()
        closings.append(closed.closed_at)
    assert set(closings) == {closings[0]}


def test_a_time_limit_closes_through_the_pipeline() -> None:
    patient = document(exit_rules={"time_limit_minutes": 5})
    world = a_world(*BRIEFLY_UP, strategies=[patient])
    world.run(8)
    assert len(world.held()) == 1
    world.run(3)
    assert world.held() == ()
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    assert closed.reason == "time limit of 5 minutes reached"
    assert closed.closed_at - closed.position.opened_at == timedelta(minutes=5)


def test_a_halt_does_not_stop_position_management() -> None:
    from tradewarden.services.halt_trading import halt_trading

    patient = document(exit_rules={"time_limit_minutes": 5})
    world = a_world(*BRIEFLY_UP, strategies=[patient])
    world.run(5)
    halt_trading(world.desk, actor="user:ann", reason="enough")
    world.run(6)
    assert world.held() == ()


def set_stop(world, ticket: int, stop: float, target: float) -> None:  # type: ignore[no-untyped-def]
    reply = world.terminal.order_send(
        {"action": mt5.TRADE_ACTION_SLTP, "symbol": SYMBOL, "position": ticket, "sl": stop, "tp": target}
    )
    assert reply.retcode == mt5.TRADE_RETCODE_DONE, reply


def test_a_missing_broker_stop_is_put_back() -> None:
    world = a_world(*UP, (20, ABOVE))
    world.run(4)
    (held,) = world.held()
    set_stop(world, held.ticket, 0.0, held.tp)
    world.step()
    (again,) = world.held()
    assert (again.sl, again.tp) == (held.sl, held.tp)
    managed = world.history(Action.POSITION_MANAGED)
    assert len(managed) == 1
    assert "stop was missing" in managed[0].draft.rationale
    world.run(3)
    assert len(world.history(Action.POSITION_MANAGED)) == 1


def test_a_position_without_stop_whose_price_is_past_it_is_closed() -> None:
    world = a_world(*UP, (20, 1.0995))
    world.run(8)
    (held,) = world.held()
    set_stop(world, held.ticket, 0.0, held.tp)
    world.run(2)
    assert world.held() == ()
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    assert "past it" in closed.reason


def test_a_person_closes_in_parts_and_the_book_follows() -> None:
    world = a_world(*UP, (30, ABOVE))
    world.run(4)
    ticket = world.positions()[0].ticket
    result = close_position(world.desk, ticket, actor="user:ann", lots=D("1.67"))
    assert isinstance(result.outcome, Accepted)
    world.step()
    (position,) = world.positions()
    assert (position.lots, position.initial_risk) == (D("3.00"), D("443.65"))
    assert world.history(Action.DRIFT_DETECTED) == []
    close_position(world.desk, ticket, actor="user:ann")
    world.step()
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    assert closed.reason == "closed by user:ann"
    # Two exits at 10 points below the entry, and both commissions: −46.70 − 23.36 (a cent of rounding each way)
    assert closed.net_profit == world.desk.broker.account().balance - D(100_000)


def test_foreign_positions_count_in_limits_and_are_never_touched() -> None:
    world = a_world(*UP, (20, ABOVE), policy={"max_per_symbol": 1})
    world.step()
    foreign = world.buy_by_hand()
    world.run(8)
    assert world.terminal.sent == []
    assert [held.ticket for held in world.held()] == [foreign]
    codes = [e.draft.payload["failed_checks"] for e in world.history(Action.RISK_REJECTED) if e.draft.payload]
    assert codes
    assert all("MAX_PER_SYMBOL" in found for found in codes)  # type: ignore[operator]


def test_a_size_changed_by_somebody_else_is_adopted_as_drift() -> None:
    world = a_world(*UP, (20, ABOVE))
    world.run(4)
    (held,) = world.held()
    tick = world.terminal.symbol_info_tick(SYMBOL)
    world.terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": SYMBOL,
            "volume": 1.0,
            "type": mt5.ORDER_TYPE_SELL,
            "position": held.ticket,
            "price": tick.bid,
            "type_filling": mt5.ORDER_FILLING_FOK,
        }
    )
    world.step()
    assert world.positions()[0].lots == D("3.67")
    (drift,) = world.history(Action.DRIFT_DETECTED)
    assert "4.67 lots to 3.67" in drift.draft.rationale


def test_a_refusal_by_the_broker_ends_the_idea_and_is_not_repeated() -> None:
    world = a_world(*UP, (20, ABOVE))
    world.terminal.set_trading(auto_trading=False)
    world.run(8)
    assert world.held() == ()
    assert "order_rejected" not in world.actions(), "the account says that trading is off: nothing is even sent"
    assert world.terminal.sent == []


def test_a_requote_fails_the_idea() -> None:
    world = a_world(*UP, (20, ABOVE))
    original = world.terminal.order_send

    def requote(request):  # type: ignore[no-untyped-def]
        return original({**request, "price": round(request["price"] - 0.0010, 5)})

    world.terminal.order_send = requote
    world.run(6)
    rejected = [r for r in world.ideas() if r.status is IdeaStatus.FAILED]
    assert len(rejected) == 1
    assert world.intents()[-1].status is IntentStatus.REJECTED
    assert world.openings() == []


@pytest.mark.parametrize("minutes", [1, 4])
def test_a_desk_started_in_the_middle_of_a_bar_does_not_act_on_old_news(minutes: int) -> None:
    world = a_world(*UP, (20, ABOVE))
    world.advance(60 * 4 + 61 if minutes == 1 else 60 * 7 + 1)
    # The newest bar ended a second ago, or a minute and more: only the fresh one is acted on.
    world.advance(0)
    world.cycle()
    assert len(world.terminal.sent) == 1
