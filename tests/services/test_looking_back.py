"""What the gate is told of the recent past: closings, openings, and the account that the record belongs to."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import AccountBinding, DeskState, RecentOutcome
from tradewarden.core.values import Side
from tradewarden.services.book import Book, desk_state, read_book, recent_outcomes
from tradewarden.services.start_desk import start_desk

FAR = 1.1040


def book_of(world: DeskWorld) -> Book:
    with world.storage.read() as reading:
        return read_book(reading)


def state_of(world: DeskWorld, idea_id: str = "") -> DeskState:
    return desk_state(book_of(world), world.desk, at=world.clock.market_now(), idea_id=idea_id)


def an_outcome(world: DeskWorld, days: float, *, symbol: str = "EURUSD", strategy: str = "s") -> RecentOutcome:
    at = world.clock.market_now() - timedelta(days=days)
    return RecentOutcome(strategy_id=strategy, symbol=symbol, side=Side.BUY, closed_at=at, net_profit=D("-1.00"))


def test_a_position_that_closed_is_an_outcome_and_its_order_an_opening() -> None:
    world = a_world((2, QUIET), (3, ABOVE), (30, FAR))
    record = world.until_idea()
    opened = state_of(world)
    assert opened.outcomes == ()
    assert opened.opens_sent_at == (world.intents()[0].intent.judged_at,)
    assert state_of(world, record.idea.idea_id).opens_sent_at == ()
    world.run(6)
    with world.storage.read() as reading:
        (closed,) = reading.closed_positions()
    (outcome,) = state_of(world).outcomes
    assert (outcome.net_profit, outcome.closed_at) == (closed.net_profit, closed.closed_at)
    assert (outcome.strategy_id, outcome.symbol, outcome.side) == (
        record.idea.strategy_id,
        record.idea.symbol,
        Side.BUY,
    )
    later = desk_state(book_of(world), world.desk, at=world.clock.market_now() + timedelta(days=8))
    assert (later.outcomes, later.opens_sent_at) == ((), ())


def test_outcomes_reach_as_far_back_as_the_protections_in_force() -> None:
    world = a_world((5, QUIET))
    now = world.clock.market_now()
    book = replace(book_of(world), outcomes=(an_outcome(world, 1), an_outcome(world, 6), an_outcome(world, 12)))
    assert recent_outcomes(book, now) == book.outcomes[:2]
    policy = replace(book.policy.policy, losses_pause_minutes=20 * 1440)
    patient = replace(book, policy=replace(book.policy, policy=policy))
    assert recent_outcomes(patient, now) == book.outcomes


def test_the_newest_of_a_strategy_and_symbol_is_shown_however_many_closed_since() -> None:
    world = a_world((5, QUIET))
    busy = tuple(an_outcome(world, number / 100) for number in range(1, 120))
    quiet = an_outcome(world, 3, symbol="XAUUSD")
    book = replace(book_of(world), outcomes=(*busy, quiet))
    shown = recent_outcomes(book, world.clock.market_now())
    assert shown == (*busy[:50], quiet)
    policy = replace(book.policy.policy, max_consecutive_losses=80)
    counting = replace(book, policy=replace(book.policy, policy=policy))
    assert len(recent_outcomes(counting, world.clock.market_now())) == 81


def test_the_first_start_binds_the_record_to_its_account() -> None:
    world = a_world((5, QUIET))
    account = world.desk.broker.account()
    assert state_of(world).binding == AccountBinding(login=account.login, server=account.server)
    said = [entry.draft.rationale for entry in world.history(Action.SETTINGS_CHANGED)]
    assert f"the record belongs to account {account.login} at {account.server}" in said
    before = len(world.history())
    assert start_desk(world.desk, ()) is False
    assert len(world.history()) == before
