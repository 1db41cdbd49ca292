"""A position that is gone at the broker without a deal: nothing is opened until a person says what it is."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world, document

from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.errors import BrokerUnavailable, Conflict, InvalidInput, NotFound
from tradewarden.services.clear_position import clear_position
from tradewarden.services.close_position import close_position
from tradewarden.services.queries.positions import positions

SETUP_AGAIN = ((3, QUIET), (3, ABOVE), (5, QUIET), (20, ABOVE))


def opened() -> tuple[DeskWorld, int]:
    world = a_world(*SETUP_AGAIN, strategies=[document(exit_rules={"take_profit": [{"rr": 9}]})])
    world.run(5)
    return world, world.positions()[0].ticket


def vanish(world: DeskWorld) -> None:
    """Let the broker forget the position and its result, as an account that was repaired by hand does."""
    account: Callable[[], Any] = world.terminal.account_info
    world.terminal.positions_get = lambda **_: ()
    deals: Callable[..., Any] = world.terminal.history_deals_get
    world.terminal.history_deals_get = lambda *span: tuple(deal for deal in deals(*span) if deal.entry != 1)

    def flat() -> Any:
        info = account()
        values = info._asdict() | {"equity": info.balance, "profit": 0.0, "margin": 0.0, "margin_free": info.balance}
        return type(info)(tuple(values.values()))

    world.terminal.account_info = flat


def test_a_position_gone_without_a_deal_blocks_opening_until_it_is_cleared() -> None:
    world, ticket = opened()
    vanish(world)
    world.step()
    health = world.desk.monitor.health
    assert not health.reconciled
    assert f"position {ticket} in EURUSD is gone" in (health.reconcile_problem or "")
    assert [lost.ticket for lost in positions(world.desk).lost] == [ticket]
    seq = clear_position(world.desk, ticket, actor="user:ann", reason="closed by the broker's support")
    (entry,) = world.history(Action.ADMIN_NOTE)
    assert (entry.seq, entry.draft.actor, entry.draft.human_override) == (seq, "user:ann", True)
    assert "its result is not known. closed by the broker's support" in entry.draft.rationale
    world.step()
    assert world.desk.monitor.health.reconciled
    assert world.desk.monitor.health.reconcile_problem is None
    with world.storage.read() as reading:
        assert reading.positions() == ()
        assert reading.closed_positions() == ()
        assert verify_chain(reading.walk_history()).ok
    with pytest.raises(NotFound):
        clear_position(world.desk, ticket, actor="user:ann", reason="again")


def test_an_open_position_is_not_cleared() -> None:
    world, ticket = opened()
    with pytest.raises(Conflict, match="close it"):
        clear_position(world.desk, ticket, actor="user:ann", reason="tidy up")
    assert [position.ticket for position in world.positions()] == [ticket]


def test_a_position_with_closing_deals_is_booked_instead() -> None:
    world, ticket = opened()
    close_position(world.desk, ticket, actor="user:ann")
    with pytest.raises(Conflict, match="deals are booked"):
        clear_position(world.desk, ticket, actor="user:ann", reason="it is gone")
    with world.storage.read() as reading:
        assert [closed.position.ticket for closed in reading.closed_positions()] == [ticket]


def test_nothing_is_cleared_without_a_reason_or_a_statement_to_believe() -> None:
    world, ticket = opened()
    with pytest.raises(InvalidInput, match="reason"):
        clear_position(world.desk, ticket, actor="user:ann", reason="  ")
    with pytest.raises(NotFound):
        clear_position(world.desk, ticket + 1, actor="user:ann", reason="what is this")
    # Positions hidden, money as it was: the statement contradicts itself.
    world.terminal.positions_get = lambda **_: ()
    with pytest.raises(BrokerUnavailable, match="believed"):
        clear_position(world.desk, ticket, actor="user:ann", reason="it is gone")
    assert len(world.positions()) == 1
