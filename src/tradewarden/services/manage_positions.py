"""Looking after open positions as their strategies and the policy say, one step at a time.

Every step is a decision of the same pipeline, recorded with its inputs; only reductions and nearer stops come of it.
"""

from datetime import datetime, timedelta

from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import Decision, ManageRequest, Result, decide
from tradewarden.core.desk import DeskPosition, IntentStatus
from tradewarden.core.orders import OpenIntent, ProtectIntent
from tradewarden.core.positions import Rule, SetStop
from tradewarden.core.positions.plan import REPAIRS_WITHIN, stop_is_loose
from tradewarden.ports.storage import IntentRecord, Reading
from tradewarden.services.book import Book, read_book
from tradewarden.services.context import Desk
from tradewarden.services.explain import rationale
from tradewarden.services.gathering import World, inputs_of, keep_decision, observe
from tradewarden.services.submit_order import submit_order
from tradewarden.services.take_decision import enqueue
from tradewarden.services.watch_positions import strategy_behind

# A broker that refuses an optional move is not asked again every minute.
AFTER_REFUSAL = timedelta(minutes=5)
_OPTIONAL = (Rule.BREAK_EVEN, Rule.TRAIL)
_REPAIRS = (Rule.MISSING_STOP.value, Rule.LOOSENED_STOP.value)
_INTENTS_LOOKED_AT = 100


def manage_position(desk: Desk, position: DeskPosition, book: Book, *, as_of: datetime) -> int | None:
    """Do what is due with ``position``; return the entry's ``seq``, or None when it is left alone.

    Raises MarketDataUnavailable, BrokerUnavailable, StorageUnavailable; the position's broker stop stays in any case.
    """
    if _is_being_changed(position, book):
        return None
    with desk.storage.read() as reading:
        record = strategy_behind(reading, position)
    if record is None:
        return None
    strategy = record.version
    world = observe(desk, position.symbol, strategy, book, as_of)
    decision_id = desk.ids.next_id("manage", str(position.ticket))
    request = ManageRequest(ticket=position.ticket, refused_repairs=_refused_repairs(desk, position, world))
    inputs = inputs_of(desk, world, book, request, decision_id=decision_id, strategy=strategy)
    decision = decide(inputs)
    if decision.result is Result.KEEP or _was_refused_lately(desk, position, decision):
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


def _refused_repairs(desk: Desk, position: DeskPosition, world: World) -> int:
    """Return how often the broker has refused lately to put the stop back; looked up only where it is not in place."""
    shown = None
    if world.account is not None:
        shown = next((held for held in world.account.positions if held.ticket == position.ticket), None)
    if shown is None or not stop_is_loose(shown, position):
        return 0
    since = world.snapshot.as_of - REPAIRS_WITHIN
    with desk.storage.read() as reading:
        refused = _refused(reading, position.ticket, since)
    return sum(record.intent.rule in _REPAIRS for record in refused if isinstance(record.intent, ProtectIntent))


def _was_refused_lately(desk: Desk, position: DeskPosition, decision: Decision) -> bool:
    """Return whether the step is an optional one that the broker has just refused: it may wait."""
    plan = decision.plan
    if not isinstance(plan, SetStop) or plan.rule not in _OPTIONAL:
        return False
    with desk.storage.read() as reading:
        refused = _refused(reading, position.ticket, decision.as_of - AFTER_REFUSAL)
    return any(isinstance(record.intent, ProtectIntent) and record.intent.rule == plan.rule for record in refused)


def _refused(reading: Reading, ticket: int, since: datetime) -> list[IntentRecord]:
    """Return the orders on the position that the broker refused after ``since``, newest first."""
    return [
        record
        for record in reading.intents(limit=_INTENTS_LOOKED_AT)
        if not isinstance(record.intent, OpenIntent)
        and record.intent.ticket == ticket
        and record.status is IntentStatus.REJECTED
        and record.updated_at > since
    ]
