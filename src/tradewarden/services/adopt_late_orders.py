"""Adopting an order that the desk had given up and that came into being all the same.

It is an incident, and an entry; the position is booked with its idea and its initial risk, so that it counts, is looked
after and is closed like any other. Positions whose identity the desk never issued are somebody else's and stay so.
"""

from dataclasses import replace
from typing import Any

from tradewarden.core.account import AccountState, Position
from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.orders import OpenIntent
from tradewarden.ports.storage import IntentRecord, Reading, Writing
from tradewarden.services.book import Book
from tradewarden.services.book_fill import book_open
from tradewarden.services.context import Desk
from tradewarden.services.record_outcome import approval_of, order_entry

_GIVEN_UP = (IntentStatus.FAILED, IntentStatus.REJECTED, IntentStatus.VOIDED)
_INTENTS_LOOKED_AT = 1000


def strangers(book: Book, account: AccountState) -> tuple[Position, ...]:
    """Return the positions that carry an order identity and are not in the book."""
    known = {position.ticket for position in book.positions}
    return tuple(held for held in account.positions if held.magic and held.ticket not in known)


def adopt_late_orders(desk: Desk, positions: tuple[Position, ...]) -> int:
    """Book those of ``positions`` whose order the desk had given up; return how many.

    Raises BrokerUnavailable and StorageUnavailable, and then nothing of the position in question is booked.
    """
    adopted = 0
    for position in positions:
        with desk.storage.read() as reading:
            known = _given_up(reading, position)
        if known is None:
            continue
        outcome = desk.broker.find(position.magic).outcome
        if outcome is None or outcome.position_ticket != position.ticket:
            continue
        instrument = desk.market.instrument(position.symbol)
        with desk.storage.write() as tx:
            record = _given_up(tx, position)
            if record is None or not isinstance(record.intent, OpenIntent):
                continue
            at, intent = desk.clock.market_now(), record.intent
            detail = f"incident: the order was {record.status} here and is position {position.ticket} at the broker"
            settled = replace(
                record, status=IntentStatus.FILLED, position_ticket=position.ticket, detail=detail, updated_at=at
            )
            tx.update_intent(settled)
            book_open(tx, intent, replace(outcome, lots=position.lots), instrument)
            _revive_idea(tx, settled, intent)
            payload: Any = {"intent_digest": record.digest, "ticket": position.ticket}
            tx.append(order_entry(intent, Action.DRIFT_DETECTED, at, detail, payload))
        adopted += 1
    return adopted


def _given_up(reading: Reading, position: Position) -> IntentRecord | None:
    """Return the newest given-up intent of the position's identity; None while another one may still claim it."""
    found = [
        record
        for record in reading.intents(limit=_INTENTS_LOOKED_AT)
        if isinstance(record.intent, OpenIntent) and record.intent.magic == position.magic
    ]
    if not found or any(record.status not in _GIVEN_UP for record in found):
        return None
    return found[0]


def _revive_idea(tx: Writing, record: IntentRecord, intent: OpenIntent) -> None:
    """Say of the idea that it was executed after all, by whom it had been let go."""
    idea = tx.idea(intent.idea_id)
    if idea is None or idea.status in (IdeaStatus.AUTO_EXECUTED, IdeaStatus.APPROVED_EXECUTED):
        return
    approved = approval_of(tx, record) is not None
    executed = IdeaStatus.APPROVED_EXECUTED if approved else IdeaStatus.AUTO_EXECUTED
    tx.move_idea(intent.idea_id, to=executed, frm=(idea.status,), at=record.updated_at)
