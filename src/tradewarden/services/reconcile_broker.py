"""Bringing the desk's book into step with the broker: orders of unknown fate, positions, and closings.

Runs at start, after a lost broker, and whenever the book and the account differ. Until it has gone through, nothing is
opened. What the broker holds is never changed here.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tradewarden.core.account import AccountState, Deal, DealEntry
from tradewarden.core.audit.canonical import decimal_text
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import DeskPosition, IdeaStatus, IntentStatus
from tradewarden.core.orders import OpenIntent, ReduceIntent
from tradewarden.core.values import ZERO, money, round_to_step
from tradewarden.ports.storage import ClosedPosition, IntentRecord, Writing
from tradewarden.services.book import Book
from tradewarden.services.context import Desk
from tradewarden.services.record_outcome import order_entry, record_outcome

LOOKS_NEEDED = 2
BETWEEN_LOOKS = timedelta(seconds=60)
_R_STEP = Decimal("0.01")
_BEFORE_OPENING = timedelta(days=1)


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
    agree = True
    for position in book.positions:
        if position.ticket not in held:
            agree = _book_closing(desk, position) and agree
        elif held[position.ticket].lots != position.lots:
            _note_size(desk, position, held[position.ticket].lots)
    desk.monitor.note_reconciled(reconciled=agree and settled)
    return agree and settled


def needs_reconciling(desk: Desk, book: Book, account: AccountState) -> bool:
    """Return whether the book and the account's statement differ, or an order's fate is open."""
    if not desk.monitor.health.reconciled or any(_is_open_question(record) for record in book.outbox):
        return True
    held = {position.ticket: position.lots for position in account.positions}
    return any(held.get(position.ticket) != position.lots for position in book.positions)


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
    """Close the question of a reduction or a stop: the account shows the result, a repeat would be a new decision.

    One that was sent a moment ago may still be answered by the thread that sent it, and is left alone meanwhile.
    """
    if record.status is IntentStatus.SENT and now - record.updated_at < BETWEEN_LOOKS:
        return False
    intent = record.intent
    what = "closing" if isinstance(intent, ReduceIntent) else "stop change"
    detail = f"the {what}'s reply was lost: the account's statement stands"
    with desk.storage.write() as tx:
        current = next((r for r in tx.outbox() if r.intent.intent_id == intent.intent_id), None)
        if current is None:
            return True
        tx.update_intent(replace(current, status=IntentStatus.FAILED, detail=detail, updated_at=now))
        tx.append(order_entry(intent, Action.ORDER_RECONCILED, now, detail, {"intent_digest": record.digest}))
    return True


def _book_closing(desk: Desk, position: DeskPosition) -> bool:
    """Book a position that the broker no longer holds; return whether its closing deals were found."""
    # The opening was booked on the broker's clock, which a desk that was late to hear of it may be well ahead of.
    deals = desk.broker.deals(position.opened_at - _BEFORE_OPENING)
    mine = [deal for deal in deals if deal.position_id == position.ticket]
    outs = [deal for deal in mine if deal.entry is DealEntry.OUT]
    now = desk.clock.market_now()
    with desk.storage.write() as tx:
        if all(held.ticket != position.ticket for held in tx.positions()):
            return True
        if not outs:
            _note_drift(tx, position, now)
            return False
        _close(tx, position, mine, outs)
    return True


def _close(tx: Writing, position: DeskPosition, deals: list[Deal], outs: list[Deal]) -> None:
    swap = sum((deal.swap for deal in deals), ZERO)
    commission = sum((deal.commission for deal in deals), ZERO)
    net = money(sum((deal.profit for deal in deals), ZERO) + swap + commission)
    lots = sum((deal.lots for deal in outs), ZERO)
    last = outs[-1]
    exit_price = (sum((deal.price * deal.lots for deal in outs), ZERO) / lots).quantize(last.price)
    r_multiple = round_to_step(net / position.initial_risk, _R_STEP)
    reason = _reason(tx, position, last)
    payload: Any = {
        "ticket": position.ticket,
        "exit_price": decimal_text(exit_price),
        "net_profit": decimal_text(net),
        "commission": decimal_text(commission),
        "swap": decimal_text(swap),
        "initial_risk": decimal_text(position.initial_risk),
        "r_multiple": decimal_text(r_multiple),
        "reason": reason,
        "deals": [deal.ticket for deal in deals],
    }
    entry = tx.append(
        HistoryDraft(
            occurred_at=last.at,
            action=Action.POSITION_CLOSED,
            actor="broker" if reason in ("sl", "tp", "so") else "desk",
            rationale=f"{position.side} {position.symbol} closed at {exit_price}: {reason}, {net} ({r_multiple} R)",
            symbol=position.symbol,
            strategy_id=position.strategy_id,
            trade_idea_id=position.idea_id,
            payload=payload,
        )
    )
    tx.close_position(
        ClosedPosition(
            position=position,
            exit_price=exit_price,
            closed_at=last.at,
            net_profit=net,
            commission=commission,
            swap=swap,
            r_multiple=r_multiple,
            reason=reason,
            history_seq=entry.seq,
        )
    )


def _reason(tx: Writing, position: DeskPosition, last: Deal) -> str:
    """Return why the position was closed: the broker's cause, or the reason of the desk's own closing order."""
    if last.reason in ("sl", "tp", "so"):
        return last.reason
    for record in tx.intents(limit=50):
        if isinstance(record.intent, ReduceIntent) and record.intent.ticket == position.ticket:
            return record.intent.reason
    return last.reason


def _note_size(desk: Desk, position: DeskPosition, lots: Decimal) -> None:
    """Take over the broker's size of a position: partly closed by the desk, or changed by somebody else."""
    with desk.storage.write() as tx:
        asked = any(
            isinstance(record.intent, ReduceIntent)
            and record.intent.ticket == position.ticket
            and record.intent.lots == position.lots - lots
            for record in tx.intents(limit=50)
        )
        tx.save_position(replace(position, lots=lots))
        what = "partly closed" if asked else "changed outside the desk"
        tx.append(
            HistoryDraft(
                occurred_at=desk.clock.market_now(),
                action=Action.POSITION_MANAGED if asked else Action.DRIFT_DETECTED,
                actor="desk" if asked else "broker",
                rationale=f"position {position.ticket} {what}: {position.lots} lots to {lots}",
                symbol=position.symbol,
                strategy_id=position.strategy_id,
                trade_idea_id=position.idea_id,
                payload={"ticket": position.ticket, "before": str(position.lots), "after": str(lots)},
            )
        )


def _note_drift(tx: Writing, position: DeskPosition, at: datetime) -> None:
    """Record, once per position, that the broker holds neither the position nor a deal that closed it."""
    name = f"drift:{position.ticket}"
    if tx.bookmark(name) is not None:
        return
    tx.set_bookmark(name, at.isoformat())
    tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.DRIFT_DETECTED,
            actor="desk",
            rationale=f"position {position.ticket} is gone at the broker, and no deal closed it: opening is blocked",
            symbol=position.symbol,
            strategy_id=position.strategy_id,
            trade_idea_id=position.idea_id,
            payload={"ticket": position.ticket, "lots": decimal_text(position.lots)},
        )
    )
