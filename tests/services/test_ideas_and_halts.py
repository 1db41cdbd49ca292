"""People's acts: approving, rejecting, letting expire, halting and resuming, each with its named refusals."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import D, an_event
from tests.services.desk_world import ABOVE, QUIET, START, WALL, DeskWorld, a_world, document

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.errors import Conflict, InvalidInput, InvalidSetting, NotFound, PreconditionFailed
from tradewarden.core.policy import Mode
from tradewarden.ports.storage import IdeaRecord
from tradewarden.services.approve_idea import ApprovalResult, approve_idea
from tradewarden.services.change_policy import change_policy
from tradewarden.services.close_position import close_position
from tradewarden.services.halt_trading import halt_trading
from tradewarden.services.publish_strategy import toggle_strategy
from tradewarden.services.reject_idea import reject_idea
from tradewarden.services.resume_trading import resume_trading

UP = ((3, QUIET), (40, ABOVE))
LONG_LIFE = {"idea_life_bars": 20}


def waiting(*segments: tuple[int, float], **options: object) -> tuple[DeskWorld, IdeaRecord]:
    """Return a supervised desk with its first idea waiting for 20 minutes."""
    options.setdefault("policy", LONG_LIFE)
    world = a_world(*(segments or UP), mode=Mode.SUPERVISED, **options)  # type: ignore[arg-type]
    return world, world.until_idea()


def approve(world: DeskWorld, record: IdeaRecord, **changes: object) -> ApprovalResult:
    values: dict[str, object] = {"actor": "user:ann", "idea_digest": record.idea.digest, "lots": record.lots}
    return approve_idea(world.desk, record.idea.idea_id, **(values | changes))  # type: ignore[arg-type]


def test_approval_refuses_by_name_what_it_cannot_take() -> None:
    world, record = waiting()
    with pytest.raises(NotFound, match="no idea nobody"):
        approve_idea(world.desk, "nobody", actor="user:ann", idea_digest="0" * 64, lots=D(1))
    with pytest.raises(PreconditionFailed, match="the approval names 000000000000"):
        approve(world, record, idea_digest="0" * 64)
    assert world.terminal.sent == []
    assert world.idea(record.idea.idea_id).status is IdeaStatus.NEEDS_APPROVAL


@pytest.mark.parametrize(
    ("lots", "words"),
    [
        ("1.005", "1.005 lots is not a multiple of the step 0.01"),
        ("99", "99 lots is above the 4.67 proposed"),
        ("4.68", "above the 4.67 proposed"),
        ("1E+40", "above the 4.67 proposed"),
        ("0.009", "below the minimum of 0.01"),
        ("0", "below the minimum"),
        ("-1", "below the minimum"),
        ("NaN", "NaN lots is below the minimum"),
        ("Infinity", "below the minimum"),
    ],
)
def test_lots_off_the_step_or_outside_the_bounds_are_refused(lots: str, words: str) -> None:
    world, record = waiting()
    with pytest.raises(InvalidInput) as caught:
        approve(world, record, lots=Decimal(lots))
    assert words in str(caught.value)
    assert world.terminal.sent == []


def test_an_idea_is_decided_once() -> None:
    world, record = waiting()
    approve(world, record)
    with pytest.raises(Conflict, match="is approved_executed and waits for nobody"):
        approve(world, record)
    with pytest.raises(Conflict, match="approved_executed"):
        reject_idea(world.desk, record.idea.idea_id, actor="user:bob")
    assert len(world.held()) == 1


def test_a_rejection_is_recorded_with_its_reason_and_stands() -> None:
    world, record = waiting()
    seq = reject_idea(world.desk, record.idea.idea_id, actor="user:bob", reason="no trades before lunch")
    entry = next(e for e in world.history(Action.HUMAN_REJECTED))
    assert (entry.seq, entry.draft.actor, entry.draft.rationale) == (seq, "user:bob", "no trades before lunch")
    with pytest.raises(Conflict, match="is rejected and waits for nobody"):
        approve(world, record)
    world.run(10)
    assert world.terminal.sent == []
    assert len(world.ideas(IdeaStatus.NEEDS_APPROVAL)) == 0, "it does not come up again while its entry holds"
    with pytest.raises(NotFound):
        reject_idea(world.desk, "nobody", actor="user:bob")


def test_an_idea_nobody_decides_expires_and_cannot_be_approved_late() -> None:
    world, record = waiting(policy={})
    assert record.idea.expires_at == START + timedelta(minutes=5)
    world.advance(60)
    with pytest.raises(Conflict, match="expired at 2025-12-10T10:05:00"):
        approve(world, record)
    world.cycle()
    assert world.idea(record.idea.idea_id).status is IdeaStatus.EXPIRED
    (entry,) = world.history(Action.IDEA_EXPIRED)
    assert "bar life" in entry.draft.rationale


def test_on_an_accelerated_market_a_person_gets_two_minutes_of_wall_time() -> None:
    world, record = waiting(policy={"max_entry_drift_r": D(1)}, speed=60.0)
    assert record.wall_expires_at == WALL + timedelta(minutes=2)
    world.run(10)
    assert world.idea(record.idea.idea_id).status is IdeaStatus.NEEDS_APPROVAL
    world.clock.wall_at = WALL + timedelta(minutes=2)
    with pytest.raises(Conflict, match="expired"):
        approve(world, record)
    world.step()
    assert world.idea(record.idea.idea_id).status is IdeaStatus.EXPIRED


def test_a_long_lived_idea_keeps_its_whole_life_on_an_accelerated_market() -> None:
    world, record = waiting(speed=2.0)
    # 20 bars of a minute at twice the speed are ten minutes of a person's time.
    assert record.wall_expires_at == WALL + timedelta(minutes=10)
    assert world.idea(record.idea.idea_id).status is IdeaStatus.NEEDS_APPROVAL


def test_an_approval_that_fails_its_recheck_rejects_the_idea_and_says_why() -> None:
    world, record = waiting((3, QUIET), (2, ABOVE), (30, 1.1016))
    world.run(3)
    result = approve(world, record)
    assert (result.status, result.outcome) == (IdeaStatus.REJECTED, None)
    entry = world.history(Action.RISK_REJECTED)[-1]
    assert entry.draft.actor == "user:ann"
    assert "PRICE_MOVED" in entry.draft.payload["failed_checks"]  # type: ignore[index,operator]
    assert world.terminal.sent == []


def test_a_worst_price_that_is_passed_stops_the_order() -> None:
    world, record = waiting()
    result = approve(world, record, worst_price=D("1.10109"))
    assert result.status is IdeaStatus.REJECTED
    assert world.terminal.sent == []


def test_a_new_question_asks_again_and_its_approval_answers_it() -> None:
    world, record = waiting()
    with world.desk.storage.write() as tx:
        tx.set_watchlist(["GBPUSD"], at=world.clock.market_now())
    first = approve(world, record)
    assert (first.status, first.outcome) == (IdeaStatus.NEEDS_APPROVAL, None)
    assert world.terminal.sent == []
    second = approve(world, record)
    assert second.status is IdeaStatus.APPROVED_EXECUTED
    assert len(world.held()) == 1


def test_a_strategy_switched_off_meanwhile_denies_the_approval() -> None:
    world, record = waiting()
    toggle_strategy(world.desk, record.idea.strategy_id, active=False, actor="user:ann")
    assert approve(world, record).status is IdeaStatus.REJECTED
    assert "STRATEGY_INACTIVE" in str(world.history(Action.RISK_REJECTED)[-1].draft.payload)


def test_an_embargo_that_begins_ends_the_idea() -> None:
    event = an_event(START + timedelta(minutes=25))
    world, record = waiting(events=(event,))
    assert (record.idea.expires_at, record.idea.expiry_rule) == (START + timedelta(minutes=10), "news embargo")
    world.run(7)
    assert world.idea(record.idea.idea_id).status is IdeaStatus.EXPIRED


def test_broker_gone_at_approval_opens_nothing_and_kills_nothing_silently() -> None:
    world, record = waiting()
    world.terminal.shutdown()
    from tradewarden.core.errors import MarketDataUnavailable

    with pytest.raises(MarketDataUnavailable):
        approve(world, record)
    assert world.idea(record.idea.idea_id).status is IdeaStatus.NEEDS_APPROVAL
    world.terminal.initialize()
    world.cycle()
    assert approve(world, record).status is IdeaStatus.APPROVED_EXECUTED


# Halts


def test_a_halt_ends_waiting_ideas_and_later_approvals() -> None:
    world, record = waiting()
    halt_trading(world.desk, actor="user:ann", reason="lunch")
    assert world.idea(record.idea.idea_id).status is IdeaStatus.HALTED_BY_RISK
    with pytest.raises(Conflict, match="halted_by_risk"):
        approve(world, record)
    world.run(5)
    assert world.terminal.sent == []


def test_a_halt_between_record_and_send_voids_the_order() -> None:
    world = a_world(*UP)
    world.cycle()
    original = world.terminal.history_deals_get
    # The look before sending finds the line cut once: the order stays recorded and queued.
    world.terminal.history_deals_get = lambda *_: None
    world.run(4)
    assert [record.status for record in world.intents()] == [IntentStatus.QUEUED]
    assert world.outcomes[-1] is False
    halt_trading(world.desk, actor="user:ann", reason="stop everything")
    world.terminal.history_deals_get = original
    world.run(5)
    assert [record.status for record in world.intents()] == [IntentStatus.VOIDED]
    assert world.terminal.sent == []
    assert world.ideas()[-1].status is IdeaStatus.HALTED_BY_RISK
    entry = world.history(Action.AI_HALTED)[0]
    assert entry.draft.payload["voided_intents"] == [world.intents()[0].intent.intent_id]  # type: ignore[index]


def test_a_halt_between_approval_and_send_lets_nothing_out() -> None:
    world, record = waiting()
    original = world.terminal.history_deals_get
    world.terminal.history_deals_get = lambda *_: None
    assert approve(world, record).status is IdeaStatus.WAITING
    halt_trading(world.desk, actor="user:bob", reason="not now")
    world.terminal.history_deals_get = original
    world.run(3)
    assert world.terminal.sent == []
    assert world.idea(record.idea.idea_id).status is IdeaStatus.HALTED_BY_RISK


def test_the_first_reason_of_a_halt_stands_until_a_person_resumes() -> None:
    world = a_world(*UP)
    halt_trading(world.desk, actor="user:ann", reason="first")
    halt_trading(world.desk, actor="user:bob", reason="second")
    with world.storage.read() as reading:
        halt = reading.halt()
        policy = reading.policy()
    assert halt is not None
    assert (halt.reason, halt.actor) == ("first", "user:ann")
    assert policy is not None
    assert policy.policy.ai_trading_enabled is False
    world.run(6)
    assert world.terminal.sent == []
    resume_trading(world.desk, actor="user:ann")
    with world.storage.read() as reading:
        assert reading.halt() is None
    with pytest.raises(Conflict, match="nothing to resume"):
        resume_trading(world.desk, actor="user:ann")


def test_a_daily_loss_halts_on_the_account_update_and_resume_is_refused_while_it_holds() -> None:
    world = a_world(*UP[:1], (5, ABOVE), (40, 1.0990))
    world.run(6)
    assert len(world.held()) == 1
    # Set before the opening, the limit would have made the size smaller.
    change_policy(world.desk, {"max_daily_loss": D("300.00")}, actor="user:ann")
    world.run(6)
    (entry,) = world.history(Action.AI_HALTED)
    assert entry.draft.actor == "rule:DAILY_LOSS_REACHED"
    assert world.desk.broker.account().balance == D("99532.99")
    with pytest.raises(Conflict, match=r"the cause still holds: DAILY_LOSS_REACHED, loss today 467\.01"):
        resume_trading(world.desk, actor="user:ann")
    change_policy(world.desk, {"max_daily_loss": D("1000.00")}, actor="user:ann")
    resume_trading(world.desk, actor="user:ann")
    assert [e.draft.actor for e in world.history(Action.AI_RESUMED)] == ["user:ann"]


def test_a_floating_loss_counts_before_anything_is_closed() -> None:
    world = a_world((3, QUIET), (3, ABOVE), (20, 1.1004))
    world.run(4)
    change_policy(world.desk, {"max_daily_loss": D("250.00")}, actor="user:ann")
    world.run(4)
    assert len(world.held()) == 1
    assert [e.draft.risk_check_result for e in world.history(Action.AI_HALTED)] == ["DAILY_LOSS_REACHED"]


def test_the_daily_target_halts_on_realised_profit() -> None:
    world = a_world((3, QUIET), (5, ABOVE), (40, 1.1040), policy={"daily_profit_target": D("500.00")})
    world.run(8)
    assert world.history(Action.AI_HALTED) == []
    world.run(4)
    assert [e.draft.actor for e in world.history(Action.AI_HALTED)] == ["rule:DAILY_TARGET_REACHED"]


def test_a_terminal_that_reports_zeros_never_halts() -> None:
    world = a_world(*UP)
    real = world.terminal.account_info

    def zeros():  # type: ignore[no-untyped-def]
        account = real()
        return type(account)([0 if isinstance(v, (int, float)) else v for v in account])

    world.terminal.account_info = zeros
    world.run(8)
    assert world.history(Action.AI_HALTED) == []
    assert world.terminal.sent == []
    halt_trading(world.desk, actor="user:ann", reason="x")
    with pytest.raises(Conflict, match="still holds"):
        resume_trading(world.desk, actor="user:ann")


# Other acts


def test_closing_refuses_by_name_what_it_cannot_take() -> None:
    world = a_world(*UP)
    world.run(4)
    ticket = world.positions()[0].ticket
    for lots in ("4.68", "0", "-1", "0.005", "1E+40", "NaN", "Infinity"):
        with pytest.raises(InvalidInput):
            close_position(world.desk, ticket, actor="user:ann", lots=Decimal(lots))
    with pytest.raises(NotFound, match="no open position 5"):
        close_position(world.desk, 5, actor="user:ann")
    assert len(world.terminal.sent) == 1


def test_a_person_may_close_a_foreign_position_while_halted() -> None:
    world = a_world(*UP)
    ticket = world.buy_by_hand()
    halt_trading(world.desk, actor="user:ann", reason="stop")
    close_position(world.desk, ticket, actor="user:ann")
    assert world.held() == ()


def test_switching_trading_on_is_no_setting_and_changes_are_recorded_with_before_and_after() -> None:
    world = a_world(*UP)
    with pytest.raises(InvalidSetting, match="halt and resume"):
        change_policy(world.desk, {"ai_trading_enabled": True}, actor="user:ann")
    with pytest.raises(InvalidSetting, match="unknown policy field 'lots'"):
        change_policy(world.desk, {"lots": D(1)}, actor="user:ann")
    before = len(world.history())
    version = change_policy(world.desk, {"max_per_symbol": 2}, actor="user:ann")
    assert change_policy(world.desk, {"max_per_symbol": 2}, actor="user:ann") == version
    assert len(world.history()) == before + 1
    assert world.history()[-1].draft.payload == {
        "policy_version": version.version,
        "changes": {"max_per_symbol": {"before": 1, "after": 2}},
    }


def test_a_second_start_changes_nothing() -> None:
    from tradewarden.services.start_desk import start_desk

    world = a_world(*UP)
    before = len(world.history())
    assert start_desk(world.desk, []) is False
    assert len(world.history()) == before


def test_an_inactive_strategy_is_not_evaluated() -> None:
    world = a_world(*UP, strategies=[document(is_active=False)])
    world.run(8)
    assert world.ideas() == ()
