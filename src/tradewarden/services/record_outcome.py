"""Recording what the broker answered to an intent, and booking what it did to a position.

Used by the sender and by reconciliation alike, so that an order found later is booked exactly as one confirmed at once.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tradewarden.core.audit.canonical import decimal_text
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.errors import IntegrityError
from tradewarden.core.ideas import Approval
from tradewarden.core.orders import (
    Accepted,
    OpenIntent,
    OrderIntent,
    ProtectIntent,
    ReduceIntent,
    Rejected,
    SubmitOutcome,
    Unknown,
)
from tradewarden.ports.storage import IntentRecord, Reading, Writing
from tradewarden.services.book_fill import book_change, book_open
from tradewarden.services.context import Desk


def record_outcome(desk: Desk, intent_id: str, outcome: SubmitOutcome, *, reconciled: bool = False) -> None:
    """Record what became of a sent intent, and book the position that it opened, reduced or protected."""
    with desk.storage.write() as tx:
        record = next((r for r in tx.outbox() if r.intent.intent_id == intent_id), None)
        if record is None:
            return  # settled already: the sender and reconciliation may both have learnt the outcome
        intent, at = record.intent, desk.clock.market_now()
        action, status = _settled(outcome)
        ticket = outcome.position_ticket if isinstance(outcome, Accepted) else None
        detail = _answer(intent, outcome)
        tx.update_intent(replace(record, status=status, position_ticket=ticket, detail=detail, updated_at=at))
        if isinstance(intent, OpenIntent):
            _settle_idea(tx, intent, outcome, at)
            if isinstance(outcome, Accepted):
                book_open(tx, intent, outcome, desk.market.instrument(intent.symbol))
        elif isinstance(outcome, Accepted):
            book_change(tx, intent, outcome)
        payload: Any = {"intent_digest": record.digest, "outcome": type(outcome).__name__, "reply": encode(outcome)}
        tx.append(order_entry(intent, Action.ORDER_RECONCILED if reconciled else action, at, detail, payload))


def _settle_idea(tx: Writing, intent: OpenIntent, outcome: SubmitOutcome, at: datetime) -> None:
    if isinstance(outcome, Unknown):
        return
    status = IdeaStatus.FAILED
    if isinstance(outcome, Accepted):
        entry = next(iter(tx.intents(idea_id=intent.idea_id)), None)
        approved = entry is not None and approval_of(tx, entry) is not None
        status = IdeaStatus.APPROVED_EXECUTED if approved else IdeaStatus.AUTO_EXECUTED
    tx.move_idea(intent.idea_id, to=status, frm=(IdeaStatus.WAITING, IdeaStatus.NEEDS_APPROVAL), at=at)


def _settled(outcome: SubmitOutcome) -> tuple[Action, IntentStatus]:
    if isinstance(outcome, Accepted):
        return Action.ORDER_ACCEPTED, IntentStatus.FILLED
    if isinstance(outcome, Rejected):
        return Action.ORDER_REJECTED, IntentStatus.REJECTED
    return Action.ORDER_UNKNOWN, IntentStatus.UNKNOWN


def _answer(intent: OrderIntent, outcome: SubmitOutcome) -> str:
    if isinstance(outcome, Accepted):
        if isinstance(intent, ProtectIntent):
            return f"stop at {decimal_text(intent.stop_loss)}, ticket {outcome.position_ticket}"
        return f"{decimal_text(outcome.lots)} lots at {decimal_text(outcome.price)}, ticket {outcome.position_ticket}"
    return outcome.reason


def describe(intent: OrderIntent) -> str:
    """Return an intent in words."""
    if isinstance(intent, OpenIntent):
        return f"{intent.side} {intent.lots} {intent.symbol}, stop {intent.stop_loss}, target {intent.take_profit}"
    if isinstance(intent, ReduceIntent):
        return f"close {intent.lots} of position {intent.ticket} in {intent.symbol}: {intent.reason}"
    return f"stop {intent.stop_loss} for position {intent.ticket} in {intent.symbol}: {intent.reason}"


def order_entry(intent: OrderIntent, action: Action, at: datetime, text: str, payload: dict[str, Any]) -> HistoryDraft:
    """Return the history entry of a step in an order's life."""
    opening = intent if isinstance(intent, OpenIntent) else None
    return HistoryDraft(
        occurred_at=at,
        action=action,
        actor="desk",
        rationale=text,
        symbol=intent.symbol,
        strategy_id=opening.strategy_id if opening else None,
        trade_idea_id=opening.idea_id if opening else None,
        payload={"intent_id": intent.intent_id, "decision_id": intent.decision_id, **payload},
    )


def approval_of(reading: Reading, record: IntentRecord) -> Approval | None:
    """Return the approval that the intent's decision was judged with, or None for one the desk took alone."""
    stored = reading.decision(record.intent.decision_id)
    if stored is None:
        raise IntegrityError(f"intent {record.intent.intent_id} cites decision {record.intent.decision_id}: missing")
    inputs: Any = stored.inputs
    approval = inputs["request"].get("approval")
    return None if approval is None else decode(Approval, approval)
