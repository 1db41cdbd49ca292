"""Looking after open positions as their strategies say: missing stops, exit conditions, time limits.

Every act is a decision of the same pipeline, recorded with its inputs; only reductions and nearer stops come of it.
"""

from datetime import datetime

from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import ManageRequest, Result, decide
from tradewarden.core.desk import DeskPosition, IntentStatus
from tradewarden.core.orders import OpenIntent
from tradewarden.services.book import Book, read_book
from tradewarden.services.context import Desk
from tradewarden.services.explain import rationale
from tradewarden.services.gathering import inputs_of, keep_decision, observe
from tradewarden.services.submit_order import submit_order
from tradewarden.services.take_decision import enqueue


def manage_position(desk: Desk, position: DeskPosition, book: Book, *, as_of: datetime) -> int | None:
    """Do what the strategy wants done with ``position``; return the entry's ``seq``, or None when it is left alone.

    Raises MarketDataUnavailable, BrokerUnavailable, StorageUnavailable; the position's broker stop stays in any case.
    """
    if _is_being_changed(position, book):
        return None
    with desk.storage.read() as reading:
        idea = reading.idea(position.idea_id)
        version = None if idea is None else idea.idea.strategy_version
        record = reading.strategy(position.strategy_id, version)
    if record is None:
        return None
    strategy = record.version
    world = observe(desk, position.symbol, strategy, book, as_of)
    decision_id = desk.ids.next_id("manage", str(position.ticket))
    request = ManageRequest(ticket=position.ticket)
    inputs = inputs_of(desk, world, book, request, decision_id=decision_id, strategy=strategy)
    if decide(inputs).result is Result.KEEP:
        return None
    with desk.storage.write() as tx:
        fresh = read_book(tx)
        if _is_being_changed(position, fresh):
            return None
        inputs = inputs_of(desk, world, fresh, request, decision_id=decision_id, strategy=strategy, recording=True)
        decision = decide(inputs)
        if decision.result is Result.KEEP:
            return None
        entry = keep_decision(
            tx,
            desk,
            inputs,
            decision,
            action=Action.POSITION_MANAGED,
            actor="desk",
            rationale=rationale(decision, strategy.spec.name),
            idea_id=position.idea_id,
        )
        intent_id = enqueue(tx, decision, entry.seq)
    if intent_id is not None:
        submit_order(desk, intent_id)
    return entry.seq


def _is_being_changed(position: DeskPosition, book: Book) -> bool:
    """Return whether an order on this position is already on its way."""
    return any(
        not isinstance(record.intent, OpenIntent)
        and record.intent.ticket == position.ticket
        and record.status in (IntentStatus.QUEUED, IntentStatus.SENT, IntentStatus.UNKNOWN)
        for record in book.outbox
    )
