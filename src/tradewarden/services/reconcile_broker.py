"""Bringing the desk's book into step with the broker: orders of unknown fate, positions, and closings.

Runs at start, after a lost broker, and whenever the book and the account differ. Until it has gone through, nothing is
opened. What the broker holds is never changed here.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tradewarden.core.account import AccountState, Deal, DealEntry
from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.orders import Accepted, OpenIntent, ProtectIntent, ReduceIntent
from tradewarden.core.values import ZERO
from tradewarden.ports.storage import IntentRecord, Reading
from tradewarden.services.book import Book
from tradewarden.services.book_closings import book_end, book_levels, book_size, differs, position_deals
from tradewarden.services.book_fill import held_position
from tradewarden.services.context import Desk
from tradewarden.services.record_outcome import order_entry, record_outcome

LOOKS_NEEDED = 2
BETWEEN_LOOKS = timedelta(seconds=60)


def reconcile_broker(desk: Desk, book: Book, account: AccountState) -> bool:
    """Settle what can be settled and return whether book and broker now agree.

    An opening order found at the broker is adopted; one not found in two looks at least a minute apart is failed and
    never sent again. Closed positions are booked from their deals. Raises BrokerUnavailable, StorageUnavailable.
    """
    settled = True
    for record in book.outbox:
        if _is_open_question(record):
            settled = _settle(desk, record) and settled
    held = {position.ticket: position for position in account.positions}
    agree, problems = True, []
    # Settling may have booked something: what is compared now is the book as it is now.
    with desk.storage.read() as reading:
        positions = reading.positions()
    for position in positions:
        shown = held.get(position.ticket)
        if shown is None:
            booked = book_end(desk, position)
            agree = booked and agree
            if not booked:
                problems.append(
                    f"position {position.ticket} in {position.symbol} is gone at the broker and no deal closed it: "
                    "find out what happened there, then clear it with a reason"
                )
        elif differs(position, shown):
            agree = book_size(desk, position, shown) and agree
            book_levels(desk, position, shown)
    if not settled:
        problems.append("the fate of an order is being looked for")
    desk.monitor.note_reconciled(reconciled=agree and settled, problem="; ".join(problems) or None)
    return agree and settled


def needs_reconciling(desk: Desk, book: Book, account: AccountState) -> bool:
    """Return whether the book and the account's statement differ, or an order's fate is open."""
    if not desk.monitor.health.reconciled or any(_is_open_question(record) for record in book.outbox):
        return True
    held = {position.ticket: position for position in account.positions}
    return any(differs(position, held.get(position.ticket)) for position in book.positions)


def _is_open_question(record: IntentRecord) -> bool:
    return record.status in (IntentStatus.SENT, IntentStatus.UNKNOWN)


def _settle(desk: Desk, record: IntentRecord) -> bool:
    """Look for an intent whose fate is unknown; return whether it is settled now."""
    intent, now = record.intent, desk.clock.market_now()
    if not isinstance(intent, OpenIntent):
        return _settle_change(desk, record, now)
    trace = desk.broker.find(intent.magic)
    if trace.outcome is not None:
        record_outcome(desk, intent.intent_id, trace.outcome, reconciled=True)
        return True
    if trace.pending:
        return False
    if record.last_lookup_at is not None and now - record.last_lookup_at < BETWEEN_LOOKS:
        return False
    looks = record.lookups + 1
    with desk.storage.write() as tx:
        current = next((r for r in tx.outbox() if r.intent.intent_id == intent.intent_id), None)
        if current is None:
            return True
        if looks < LOOKS_NEEDED:
            tx.update_intent(replace(current, status=IntentStatus.UNKNOWN, lookups=looks, last_lookup_at=now))
            return False
        detail = (
            f"not found at the broker in {looks} looks at least {BETWEEN_LOOKS.seconds} s apart: it is not sent again"
        )
        failed = replace(current, status=IntentStatus.FAILED, lookups=looks, last_lookup_at=now, detail=detail)
        tx.update_intent(failed)
        tx.move_idea(intent.idea_id, to=IdeaStatus.FAILED, frm=(IdeaStatus.WAITING,), at=now)
        tx.append(order_entry(intent, Action.ORDER_RECONCILED, now, detail, {"intent_digest": current.digest}))
    return True


def _settle_change(desk: Desk, record: IntentRecord, now: datetime) -> bool:
    """Settle a reduction or a stop from what the broker shows; return whether it is settled now.

    One that was sent a moment ago may still be answered by the thread that sent it, and is left alone meanwhile. A part
    that was not closed is looked for twice, so that no second one is sent while the first may still arrive; a repeat
    is a new decision.
    """
    if record.status is IntentStatus.SENT and now - record.updated_at < BETWEEN_LOOKS:
        return False
    if record.last_lookup_at is not None and now - record.last_lookup_at < BETWEEN_LOOKS:
        return False
    found = _change_found(desk, record)
    if found is not None:
        record_outcome(desk, record.intent.intent_id, found, reconciled=True)
        return True
    looks = record.lookups + 1
    with desk.storage.write() as tx:
        current = next((r for r in tx.outbox() if r.intent.intent_id == record.intent.intent_id), None)
        if current is None:
            return True
        if looks < LOOKS_NEEDED and _closes_a_part(tx, current):
            tx.update_intent(replace(current, status=IntentStatus.UNKNOWN, lookups=looks, last_lookup_at=now))
            return False
        what = "closing" if isinstance(record.intent, ReduceIntent) else "stop change"
        detail = f"the {what}'s reply was lost, and the account does not show it: its statement stands"
        tx.update_intent(replace(current, status=IntentStatus.FAILED, detail=detail, updated_at=now))
        tx.append(order_entry(record.intent, Action.ORDER_RECONCILED, now, detail, {"intent_digest": record.digest}))
    return True


def _closes_a_part(reading: Reading, record: IntentRecord) -> bool:
    """Return whether the order leaves something open: only then could a repeat close too much."""
    intent = record.intent
    held = None if isinstance(intent, OpenIntent) else held_position(reading, intent.ticket)
    return isinstance(intent, ReduceIntent) and held is not None and intent.lots < held.lots


def _change_found(desk: Desk, record: IntentRecord) -> Accepted | None:
    """Return the doing of a reduction or a stop whose answer was lost, as deals and statement tell of it."""
    intent = record.intent
    if isinstance(intent, OpenIntent):
        return None
    shown = next((held for held in desk.broker.account().positions if held.ticket == intent.ticket), None)
    with desk.storage.read() as reading:
        held = held_position(reading, intent.ticket)
    if held is None:
        return None
    if isinstance(intent, ProtectIntent):
        if shown is None or shown.stop_loss != intent.stop_loss:
            return None
        return _done(intent.ticket, ZERO, intent.stop_loss, record.updated_at, "the stop is in place")
    if (ZERO if shown is None else shown.lots) > held.lots - intent.lots:
        return None
    # The broker's times are whole seconds.
    since = intent.judged_at.replace(microsecond=0)
    deals = [deal for deal in position_deals(desk, held) if deal.entry is DealEntry.OUT and deal.at >= since]
    deal = next((deal for deal in deals if deal.lots == intent.lots), None)
    if deal is None:
        return None
    return _done(intent.ticket, deal.lots, deal.price, deal.at, f"deal {deal.ticket}", deal)


def _done(ticket: int, lots: Decimal, price: Decimal, at: datetime, raw: str, deal: Deal | None = None) -> Accepted:
    return Accepted(
        retcode=0,
        order_ticket=0 if deal is None else deal.order,
        deal_ticket=0 if deal is None else deal.ticket,
        position_ticket=ticket,
        lots=lots,
        price=price,
        at=at,
        raw=f"found at the broker: {raw}",
    )
