"""Taking a position out of the book that the broker neither holds nor has closed by a deal: a person's deliberate act.

What it came to is not known, and is not made up: it leaves the open positions without a result, and with an entry that
says who cleared it and why. Until then nothing is opened.
"""

from typing import Any

from tradewarden.core.audit.canonical import decimal_text
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import DeskPosition
from tradewarden.core.errors import BrokerUnavailable, Conflict, InvalidInput, NotFound
from tradewarden.services.book_closings import book_end
from tradewarden.services.book_fill import held_position
from tradewarden.services.context import Desk

LONGEST_REASON = 500


def clear_position(desk: Desk, ticket: int, *, actor: str, reason: str) -> int:
    """Take the position out of the book and return the history entry's ``seq``.

    Raises InvalidInput without a reason, NotFound when the book holds no such position, Conflict when the broker still
    holds it or has deals that closed it (these are booked then), BrokerUnavailable when neither can be known.
    """
    why = reason.strip()
    if not 0 < len(why) <= LONGEST_REASON:
        raise InvalidInput(f"a position is cleared with a reason of 1 to {LONGEST_REASON} characters, found {len(why)}")
    with desk.storage.read() as reading:
        held = _held(held_position(reading, ticket), ticket)
    account = desk.broker.account()
    disbelief = account.problem()
    if disbelief is not None:
        raise BrokerUnavailable(f"position {ticket} is not cleared on a statement that cannot be believed: {disbelief}")
    if any(shown.ticket == ticket for shown in account.positions):
        raise Conflict(f"position {ticket} is open at the broker: close it, it cannot be cleared")
    if book_end(desk, held):
        raise Conflict(
            f"position {ticket} was closed at the broker, and its deals are booked: there is nothing to clear"
        )
    with desk.storage.write() as tx:
        held = _held(held_position(tx, ticket), ticket)
        at = desk.clock.market_now()
        text = (
            f"position {ticket} cleared from the book: {held.side} {held.lots} {held.symbol}, its result is not known. "
        )
        payload: Any = {
            "ticket": ticket,
            "lots": decimal_text(held.lots),
            "initial_risk": decimal_text(held.initial_risk),
            "realised": decimal_text(held.realised),
            "reason": why,
            "cleared_wall_at": desk.clock.wall_now().isoformat(),
        }
        entry = tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.ADMIN_NOTE,
                actor=actor,
                rationale=text + why,
                symbol=held.symbol,
                strategy_id=held.strategy_id,
                trade_idea_id=held.idea_id,
                human_override=True,
                payload=payload,
            )
        )
        tx.clear_position(ticket, at=at, reason=f"cleared by {actor}: {why}", history_seq=entry.seq)
    return entry.seq


def _held(held: DeskPosition | None, ticket: int) -> DeskPosition:
    if held is None:
        raise NotFound(f"the desk's book holds no open position {ticket}")
    return held
