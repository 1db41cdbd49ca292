"""What every record promises about the desk's book: transactions, ideas, intents, positions, figures."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from tests.builders import NOW, STRATEGY_ID, SYMBOL, D, a_day, a_desk_position, a_policy, an_idea
from tests.contracts.records import (
    a_closed_position,
    a_draft,
    a_point,
    a_reduce_intent,
    a_strategy_record,
    an_evaluation,
    an_idea_record,
    an_intent_record,
    an_open_intent,
    keep_decision,
    keep_idea,
    written,
)

from tradewarden.core.desk import Halt, IdeaStatus, IntentStatus, LossBuffer, PositionTarget, SetupKey
from tradewarden.core.errors import Conflict, IntegrityError, InvalidInput, NotFound, RiskViolation
from tradewarden.core.limits import Booked, DeskFigures
from tradewarden.core.policy import Mode
from tradewarden.core.values import Side
from tradewarden.ports.storage import Storage


class Stopped(Exception):
    """Raised inside a block to end it early."""


def test_an_empty_record_answers_with_nothing(storage: Storage) -> None:
    with storage.read() as reading:
        assert reading.policy() is None
        assert reading.halt() is None
        assert reading.watchlist() == ()
        assert reading.strategies() == ()
        assert reading.open_ideas() == ()
        assert reading.outbox() == ()
        assert reading.positions() == ()
        assert reading.figures() == DeskFigures(day=None, initial_balance=None, high_water_mark=None)
        assert reading.bookmark("deals") is None
        assert reading.head().seq == 0
        assert list(reading.walk_history()) == []
        assert list(reading.walk_decisions()) == []
        assert reading.account_points() == ()
    assert storage.is_writable()
    assert storage.anchored_head() is None


def test_a_block_that_raises_leaves_nothing_behind(storage: Storage) -> None:
    keep_idea(storage)
    before = storage.revision()
    with pytest.raises(Stopped), storage.write() as tx:  # noqa: PT012  the block is what is tested
        tx.append(a_draft())
        tx.save_policy(a_policy(), at=NOW)
        tx.set_halt(Halt(code="MANUAL", reason="stop", actor="user:Ada", since=NOW))
        tx.set_watchlist(["EURUSD"], at=NOW)
        tx.move_idea("1" * 32, to=IdeaStatus.EXPIRED, frm=(IdeaStatus.WAITING,), at=NOW)
        tx.save_position(a_desk_position())
        tx.spend_setup(SetupKey(strategy_id=STRATEGY_ID, symbol=SYMBOL, side=Side.BUY))
        tx.save_figures(DeskFigures(day=a_day(), initial_balance=D(1), high_water_mark=D(2)))
        tx.set_bookmark("deals", "7")
        tx.save_account_point(a_point(NOW))
        tx.save_evaluations([an_evaluation(1)])
        raise Stopped
    assert storage.revision() == before
    with storage.read() as reading:
        assert reading.head().seq == 1
        assert reading.policy() is None
        assert reading.halt() is None
        assert reading.watchlist() == ()
        assert [idea.status for idea in reading.open_ideas()] == [IdeaStatus.WAITING]
        assert reading.positions() == ()
        assert reading.spent_setups() == ()
        assert reading.figures().day is None
        assert reading.bookmark("deals") is None
        assert reading.account_points() == ()
        assert list(reading.walk_evaluations()) == []


def test_a_transaction_sees_what_it_has_written(storage: Storage) -> None:
    with storage.write() as tx:
        assert tx.watchlist() == ()
        tx.set_watchlist(["XAUUSD", "EURUSD"], at=NOW)
        assert tx.watchlist() == ("XAUUSD", "EURUSD")
        assert tx.append(a_draft()).seq == 1
        assert tx.append(a_draft()).seq == 2
        assert tx.head().seq == 2
    with storage.read() as reading:
        assert reading.watchlist() == ("XAUUSD", "EURUSD")


def test_a_second_block_inside_a_transaction_is_refused(storage: Storage) -> None:
    with storage.write():
        with pytest.raises(RuntimeError, match="a transaction is open"), storage.read():
            pass
        with pytest.raises(RuntimeError, match="a transaction is open"), storage.write():
            pass
    with storage.write() as tx:
        tx.append(a_draft())


def test_writers_queue_up_and_leave_a_chain_without_gap_or_fork(storage: Storage) -> None:
    def write_fifty(number: int) -> None:
        for _ in range(50):
            written(storage, lambda tx: tx.append(a_draft(actor=f"thread {number}")))

    threads = [threading.Thread(target=write_fifty, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with storage.read() as reading:
        entries = list(reading.walk_history())
    assert [entry.seq for entry in entries] == list(range(1, 201))
    assert all(later.prev_hash == before.entry_hash for before, later in pairwise(entries))
    head = storage.anchored_head()
    assert head is not None
    assert (head.seq, head.entry_hash) == (200, entries[-1].entry_hash)


def test_the_revision_rises_with_the_book_and_not_with_measurements(storage: Storage) -> None:
    revisions = [storage.revision()]
    for act in (
        lambda tx: tx.append(a_draft()),
        lambda tx: tx.save_policy(a_policy(), at=NOW),
        lambda tx: tx.set_bookmark("deals", "1"),
        lambda tx: tx.save_figures(DeskFigures(day=None, initial_balance=D(1), high_water_mark=None)),
    ):
        written(storage, act)
        revisions.append(storage.revision())
    assert revisions == sorted(set(revisions))
    written(storage, lambda tx: tx.save_account_point(a_point(NOW)))
    written(storage, lambda tx: tx.save_evaluations([an_evaluation(1)]))
    with storage.read() as reading:
        reading.policy()
    assert storage.revision() == revisions[-1]


def test_every_policy_is_a_new_version(storage: Storage) -> None:
    with storage.write() as tx:
        assert tx.save_policy(a_policy(), at=NOW).version == 1
    supervised = a_policy(mode=Mode.SUPERVISED, max_daily_loss=None, risk_fraction=D("0.0100"))
    with storage.write() as tx:
        assert tx.save_policy(supervised, at=NOW).version == 2
    with storage.read() as reading:
        found = reading.policy()
    assert found is not None
    assert (found.version, found.policy) == (2, supervised)
    assert str(found.policy.risk_fraction) == "0.0100"


def test_the_first_halt_stands_until_it_is_lifted(storage: Storage) -> None:
    first = Halt(code="DAILY_LOSS_REACHED", reason="2000 lost", actor="rule", since=NOW)
    written(storage, lambda tx: tx.set_halt(first))
    written(storage, lambda tx: tx.set_halt(replace(first, code="MANUAL", reason="me too")))
    with storage.read() as reading:
        assert reading.halt() == first
    written(storage, lambda tx: tx.set_halt(None))
    with storage.read() as reading:
        assert reading.halt() is None
    written(storage, lambda tx: tx.set_halt(replace(first, reason="again")))
    with storage.read() as reading:
        halt = reading.halt()
    assert halt is not None
    assert halt.reason == "again"


def test_the_watchlist_keeps_its_order_and_holds_a_symbol_once(storage: Storage) -> None:
    written(storage, lambda tx: tx.set_watchlist(["US30", "EURUSD", "XAUUSD"], at=NOW))
    with pytest.raises(Conflict, match="twice"):
        written(storage, lambda tx: tx.set_watchlist(["US30", "US30"], at=NOW))
    with storage.read() as reading:
        assert reading.watchlist() == ("US30", "EURUSD", "XAUUSD")


def test_a_strategy_version_never_changes(storage: Storage) -> None:
    first = a_strategy_record()
    written(storage, lambda tx: tx.save_strategy(first))
    written(storage, lambda tx: tx.save_strategy(first))
    with pytest.raises(Conflict, match="version 1"):
        written(storage, lambda tx: tx.save_strategy(a_strategy_record(digest="6" * 64)))
    with pytest.raises(Conflict, match="next version is 2"):
        written(storage, lambda tx: tx.save_strategy(a_strategy_record(version=3, digest="6" * 64)))
    second = a_strategy_record(version=2, digest="6" * 64, description="better")
    written(storage, lambda tx: tx.save_strategy(second))
    with storage.read() as reading:
        assert reading.strategies() == (second,)
        assert reading.strategy(STRATEGY_ID) == second
        assert reading.strategy(STRATEGY_ID, 1) == first
        assert reading.strategy(STRATEGY_ID, 3) is None
        assert reading.strategy("unknown") is None


def test_two_strategies_cannot_share_a_name(storage: Storage) -> None:
    record = a_strategy_record()
    other = replace(record, version=replace(record.version, strategy_id="b" * 32))
    written(storage, lambda tx: tx.save_strategy(record))
    with pytest.raises(Conflict, match="another strategy"):
        written(storage, lambda tx: tx.save_strategy(other))


def test_a_strategy_is_switched_in_all_its_versions(storage: Storage) -> None:
    written(storage, lambda tx: tx.save_strategy(a_strategy_record()))
    written(storage, lambda tx: tx.set_strategy_active(STRATEGY_ID, active=False, at=NOW))
    with storage.read() as reading:
        assert [record.version.is_active for record in reading.strategies()] == [False]
        old = reading.strategy(STRATEGY_ID, 1)
    assert old is not None
    assert not old.version.is_active
    with pytest.raises(NotFound, match="unknown"):
        written(storage, lambda tx: tx.set_strategy_active("unknown", active=True, at=NOW))


def test_an_idea_comes_back_as_it_was_kept(storage: Storage) -> None:
    seq = keep_idea(storage)
    with storage.read() as reading:
        assert reading.idea("1" * 32) == an_idea_record(seq)
        assert reading.ideas() == (an_idea_record(seq),)
        assert [idea.idea_id for idea in reading.open_ideas()] == ["1" * 32]
        assert reading.idea("2" * 32) is None


def test_an_idea_moves_only_from_where_it_is_thought_to_be(storage: Storage) -> None:
    keep_idea(storage, status=IdeaStatus.NEEDS_APPROVAL)
    later = NOW + timedelta(minutes=1)
    with pytest.raises(Conflict, match="needs_approval"), storage.write() as tx:
        tx.move_idea("1" * 32, to=IdeaStatus.FAILED, frm=(IdeaStatus.WAITING,), at=later)
    with pytest.raises(NotFound, match="22"), storage.write() as tx:
        tx.move_idea("2" * 32, to=IdeaStatus.FAILED, frm=(IdeaStatus.WAITING,), at=later)
    frm = (IdeaStatus.WAITING, IdeaStatus.NEEDS_APPROVAL)
    written(storage, lambda tx: tx.move_idea("1" * 32, to=IdeaStatus.REJECTED, frm=frm, at=later))
    with storage.read() as reading:
        found = reading.idea("1" * 32)
        assert reading.open_ideas() == ()
        assert reading.ideas(statuses=(IdeaStatus.WAITING,)) == ()
        assert len(reading.ideas(statuses=(IdeaStatus.REJECTED,), symbol=SYMBOL)) == 1
        assert reading.ideas(symbol="XAUUSD") == ()
    assert found is not None
    assert (found.status, found.updated_at) == (IdeaStatus.REJECTED, later)


def test_ideas_are_listed_newest_first(storage: Storage) -> None:
    seq = keep_idea(storage)
    with storage.write() as tx:
        tx.save_idea(an_idea_record(seq, idea_id="2" * 32))
        tx.save_idea(an_idea_record(seq, idea_id="0" * 32))
    with storage.read() as reading:
        assert [record.idea.idea_id[0] for record in reading.ideas()] == ["0", "2", "1"]
        assert [record.idea.idea_id[0] for record in reading.ideas(limit=2)] == ["0", "2"]
        assert [idea.idea_id[0] for idea in reading.open_ideas()] == ["1", "2", "0"]


def test_an_idea_needs_its_strategy_version_and_its_entry(storage: Storage) -> None:
    with pytest.raises(IntegrityError), storage.write() as tx:
        tx.save_idea(an_idea_record(tx.append(a_draft()).seq))
    with storage.write() as tx:
        tx.save_strategy(a_strategy_record())
    with pytest.raises(IntegrityError), storage.write() as tx:
        tx.save_idea(an_idea_record(99))
    with storage.read() as reading:
        assert reading.ideas() == ()
        assert reading.head().seq == 0


def test_an_idea_is_kept_once(storage: Storage) -> None:
    seq = keep_idea(storage)
    with pytest.raises(Conflict, match="recorded already"), storage.write() as tx:
        tx.save_idea(an_idea_record(seq))


def test_an_intent_waits_in_the_outbox_until_its_fate_is_settled(storage: Storage) -> None:
    seq = keep_idea(storage)
    record = an_intent_record(an_open_intent(), seq)
    closing = an_intent_record(a_reduce_intent(), seq)
    with storage.write() as tx:
        tx.save_intent(record)
        tx.save_intent(closing)
    with storage.read() as reading:
        assert reading.outbox() == (record, closing)
        assert [intent.lots for intent in reading.unfinished_intents()] == [D("0.50")]
        assert reading.intents() == (closing, record)
        assert reading.intents(idea_id="1" * 32) == (record,)
    filled = replace(
        record,
        status=IntentStatus.FILLED,
        position_ticket=1001,
        lookups=1,
        last_lookup_at=NOW,
        detail="done",
        updated_at=NOW + timedelta(seconds=1),
    )
    written(storage, lambda tx: tx.update_intent(filled))
    with storage.read() as reading:
        assert reading.outbox() == (closing,)
        assert reading.unfinished_intents() == ()
        assert reading.intents(idea_id="1" * 32) == (filled,)


def test_an_intent_itself_never_changes(storage: Storage) -> None:
    seq = keep_idea(storage)
    record = an_intent_record(an_open_intent(), seq)
    written(storage, lambda tx: tx.save_intent(record))
    larger = an_open_intent(lots=D("5.00"))
    with pytest.raises(Conflict, match="cannot change"):
        written(storage, lambda tx: tx.update_intent(an_intent_record(larger, seq)))
    with pytest.raises(IntegrityError, match="digest"):
        written(storage, lambda tx: tx.update_intent(replace(record, intent=larger)))
    with pytest.raises(NotFound):
        written(storage, lambda tx: tx.update_intent(an_intent_record(an_open_intent(intent_id="f" * 32), seq)))
    with storage.read() as reading:
        assert reading.intents() == (record,)


def test_an_intent_that_does_not_match_its_digest_is_refused(storage: Storage) -> None:
    seq = keep_idea(storage)
    record = replace(an_intent_record(an_open_intent(), seq), digest="0" * 64)
    with pytest.raises(IntegrityError, match="digest"):
        written(storage, lambda tx: tx.save_intent(record))


@pytest.mark.parametrize("status", [IntentStatus.QUEUED, IntentStatus.UNKNOWN, IntentStatus.FILLED])
def test_an_order_identity_belongs_to_one_intent(storage: Storage, status: IntentStatus) -> None:
    seq = keep_idea(storage)
    written(storage, lambda tx: tx.save_intent(an_intent_record(an_open_intent(), seq, status=status)))
    second = an_intent_record(an_open_intent(intent_id="f" * 32), seq)
    with pytest.raises(Conflict, match="order identity"):
        written(storage, lambda tx: tx.save_intent(second))


def test_an_order_identity_is_free_again_after_a_refusal(storage: Storage) -> None:
    seq = keep_idea(storage)
    first = an_intent_record(an_open_intent(), seq)
    second = an_intent_record(an_open_intent(intent_id="f" * 32), seq)
    with storage.write() as tx:
        tx.save_intent(first)
        tx.update_intent(replace(first, status=IntentStatus.REJECTED, detail="10019 no money"))
        tx.save_intent(second)
    with pytest.raises(Conflict, match="order identity"):
        written(storage, lambda tx: tx.update_intent(replace(first, status=IntentStatus.UNKNOWN)))
    with storage.read() as reading:
        assert reading.outbox() == (second,)


def test_an_intent_needs_its_idea_and_its_decision(storage: Storage) -> None:
    seq = keep_idea(storage)
    for orphan in (an_open_intent(idea_id="9" * 32), a_reduce_intent(decision_id="9" * 32)):
        with pytest.raises(IntegrityError), storage.write() as tx:
            tx.save_intent(an_intent_record(orphan, seq))
    with storage.read() as reading:
        assert reading.outbox() == ()


def test_a_position_moves_from_open_to_closed_once(storage: Storage) -> None:
    seq = keep_idea(storage)
    written(storage, lambda tx: tx.save_position(a_desk_position()))
    half = a_desk_position(lots=D("0.25"), stop_loss=D("1.09900"))
    written(storage, lambda tx: tx.save_position(half))
    with storage.read() as reading:
        assert reading.positions() == (half,)
    closed = a_closed_position(seq, half)
    written(storage, lambda tx: tx.close_position(closed))
    with storage.read() as reading:
        assert reading.positions() == ()
        assert reading.closed_positions() == (closed,)
    with pytest.raises(Conflict, match="closed"):
        written(storage, lambda tx: tx.close_position(closed))
    with pytest.raises(Conflict, match="closed"):
        written(storage, lambda tx: tx.save_position(half))


def test_all_that_the_desk_knows_of_a_position_is_read_back(storage: Storage) -> None:
    seq = keep_idea(storage)
    goals = (
        PositionTarget(price=D("1.10200"), fraction=D("0.5")),
        PositionTarget(price=D("1.10400"), fraction=D("0.5")),
    )
    filled = a_desk_position(initial_lots=D("0.50"), initial_stop=D("1.09700"), targets=goals, approved_lots=D("0.45"))
    written(storage, lambda tx: tx.save_position(filled))
    with storage.read() as reading:
        assert reading.positions() == (filled,)
    half = replace(
        filled,
        lots=D("0.25"),
        stop_loss=D("1.09900"),
        targets_done=1,
        approved_lots=None,
        realised=D("76.25"),
        realised_lots=D("0.25"),
    )
    written(storage, lambda tx: tx.save_position(half))
    with storage.read() as reading:
        assert reading.positions() == (half,)
    closed = a_closed_position(seq, half)
    written(storage, lambda tx: tx.close_position(closed))
    with storage.read() as reading:
        assert reading.closed_positions() == (closed,)


def test_a_position_that_a_person_cleared_is_over_without_figures(storage: Storage) -> None:
    seq = keep_idea(storage)
    written(storage, lambda tx: tx.save_position(a_desk_position()))
    written(storage, lambda tx: tx.clear_position(1001, at=NOW, reason="gone", history_seq=seq))
    with storage.read() as reading:
        assert reading.positions() == ()
        assert reading.closed_positions() == ()
    for again in (
        lambda tx: tx.clear_position(1001, at=NOW, reason="gone", history_seq=seq),
        lambda tx: tx.save_position(a_desk_position()),
        lambda tx: tx.close_position(a_closed_position(seq)),
    ):
        with pytest.raises(Conflict):
            written(storage, again)


def test_the_initial_risk_of_a_position_is_fixed_at_the_fill(storage: Storage) -> None:
    seq = keep_idea(storage)
    written(storage, lambda tx: tx.save_position(a_desk_position()))
    riskier = a_desk_position(initial_risk=D("500.00"))
    with pytest.raises(Conflict, match="initial risk"):
        written(storage, lambda tx: tx.save_position(riskier))
    with pytest.raises(Conflict, match="initial risk"):
        written(storage, lambda tx: tx.close_position(a_closed_position(seq, riskier)))


def test_closed_positions_are_listed_newest_first(storage: Storage) -> None:
    seq = keep_idea(storage)
    with storage.write() as tx:
        for number in range(3):
            position = a_desk_position(ticket=2000 + number)
            tx.close_position(a_closed_position(seq, position, closed_at=NOW + timedelta(minutes=number)))
    with storage.read() as reading:
        assert [closed.position.ticket for closed in reading.closed_positions()] == [2002, 2001, 2000]
        assert [closed.position.ticket for closed in reading.closed_positions(limit=1)] == [2002]


def test_a_spent_setup_rearms(storage: Storage) -> None:
    key = SetupKey(strategy_id=STRATEGY_ID, symbol=SYMBOL, side=Side.BUY)
    other = replace(key, side=Side.SELL)
    with storage.write() as tx:
        tx.spend_setup(key)
        tx.spend_setup(key)
        tx.spend_setup(other)
    with storage.read() as reading:
        assert reading.spent_setups() == (key, other)
    with storage.write() as tx:
        tx.rearm_setup(key)
        tx.rearm_setup(key)
    with storage.read() as reading:
        assert reading.spent_setups() == (other,)


@pytest.mark.parametrize("mark", ["high_water_mark", "balance_mark"])
def test_a_mark_never_falls(storage: Storage, mark: str) -> None:
    def at(level: Decimal | None) -> Any:
        return {mark: level}

    figures = replace(
        DeskFigures(day=a_day(late=True), initial_balance=D("100000.00"), high_water_mark=D("100100.00")),
        **at(D("100500.00")),
    )
    written(storage, lambda tx: tx.save_figures(figures))
    for lower in (D("100499.99"), None):
        with pytest.raises(RiskViolation, match=r"100500\.00"), storage.write() as tx:
            tx.save_figures(replace(figures, **at(lower)))
    written(storage, lambda tx: tx.save_figures(replace(figures, day=None)))
    with storage.read() as reading:
        assert reading.figures() == replace(figures, day=None)


def test_figures_come_back_whole(storage: Storage) -> None:
    figures = DeskFigures(
        day=a_day(deposits=D("-250.00"), buffer=LossBuffer.SOFT),
        initial_balance=D("100000.00"),
        high_water_mark=D("100500.00"),
        balance_mark=D("100200.00"),
        deposits=D("4750.00"),
        booked=Booked(deal=5_000_123, balance=D("104900.10"), at=NOW),
    )
    written(storage, lambda tx: tx.save_figures(figures))
    with storage.read() as reading:
        assert reading.figures() == figures


def test_bookmarks_are_replaced(storage: Storage) -> None:
    written(storage, lambda tx: tx.set_bookmark("deals", "1"))
    written(storage, lambda tx: tx.set_bookmark("deals", "2"))
    with storage.read() as reading:
        assert reading.bookmark("deals") == "2"


def test_evaluations_are_filtered_and_walked(storage: Storage) -> None:
    rows = [
        an_evaluation(2, embargo_title="FOMC", bar_ended_at=None),
        an_evaluation(1, symbol="XAUUSD"),
        an_evaluation(3, strategy_id="other", refusal="needs 500 bars"),
    ]
    written(storage, lambda tx: tx.save_evaluations(rows))
    written(storage, lambda tx: tx.save_evaluations([]))
    with storage.read() as reading:
        assert list(reading.walk_evaluations()) == [rows[1], rows[0], rows[2]]
        assert reading.evaluations() == (rows[2], rows[0], rows[1])
        assert reading.evaluations(symbol=SYMBOL, strategy_id=STRATEGY_ID) == (rows[0],)
        assert reading.evaluations(limit=1) == (rows[2],)
    with pytest.raises(Conflict, match="recorded already"):
        written(storage, lambda tx: tx.save_evaluations([rows[0]]))


def test_the_equity_curve_is_thinned_but_keeps_its_ends(storage: Storage) -> None:
    points = [a_point(NOW + timedelta(minutes=number), f"{100000 + number}.00") for number in range(1000)]
    with storage.write() as tx:
        for point in points:
            tx.save_account_point(point)
    with storage.read() as reading:
        assert reading.account_points() == tuple(points)
        thin = reading.account_points(limit=7)
        assert reading.account_points(since=points[990].at, limit=10) == tuple(points[990:])
        assert reading.account_points(since=points[999].at) == (points[999],)
        assert reading.last_account_point(points[0].at) is None
        assert reading.last_account_point(points[500].at) == points[499]
        assert reading.last_account_point(points[500].at + timedelta(seconds=1)) == points[500]
        assert reading.account_points(since=NOW + timedelta(days=9)) == ()
        with pytest.raises(InvalidInput, match="at least 2"):
            reading.account_points(limit=1)
    assert len(thin) == 7
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    gaps = {later.at - before.at for before, later in pairwise(thin)}
    assert max(gaps) - min(gaps) <= timedelta(minutes=1)


def test_a_later_point_of_the_same_moment_replaces_the_first(storage: Storage) -> None:
    with storage.write() as tx:
        for equity in ("1.00", "2.00"):
            tx.save_account_point(a_point(NOW, equity))
            tx.save_account_point(a_point(NOW + timedelta(minutes=1), equity))
    with pytest.raises(Stopped), storage.write() as tx:  # noqa: PT012  the block is what is tested
        tx.save_account_point(a_point(NOW, "3.00"))
        raise Stopped
    with storage.read() as reading:
        assert [str(point.equity) for point in reading.account_points()] == ["2.00", "2.00"]


def test_a_rejected_idea_is_kept_with_no_lots(storage: Storage) -> None:
    with storage.write() as tx:
        tx.save_strategy(a_strategy_record())
        seq = keep_decision(tx).entry.seq
        record = replace(an_idea_record(seq, status=IdeaStatus.REJECTED), lots=D("0.00"), risk_amount=D(0))
        tx.save_idea(replace(record, wall_expires_at=NOW))
    with storage.read() as reading:
        found = reading.idea(an_idea().idea_id)
    assert found == replace(record, wall_expires_at=NOW)
