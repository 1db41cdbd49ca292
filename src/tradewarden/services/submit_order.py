"""Sending an intent to the broker, once.

The intent read back must be the one hashed in the history; it is marked as sent, and that is committed, before it
leaves; an opening order's identity is looked up first. What the broker answered is recorded as it is: accepted,
rejected, or unknown, which is left to reconciliation.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tradewarden.core.audit.chain import Action
from tradewarden.core.audit.codec import encode
from tradewarden.core.decision import Result
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.errors import IntegrityError
from tradewarden.core.orders import OpenIntent, OrderIntent, ReduceIntent, SubmitOutcome, intent_digest
from tradewarden.core.positions import Rule
from tradewarden.ports.storage import IntentRecord, Reading, Writing
from tradewarden.services.context import Desk
from tradewarden.services.explain import failures
from tradewarden.services.gathering import keep_decision
from tradewarden.services.judge_again import judge_again, strategy_of
from tradewarden.services.record_outcome import approval_of, describe, order_entry, record_outcome

FRESH_FOR = timedelta(seconds=30)


def submit_order(desk: Desk, intent_id: str) -> SubmitOutcome | None:
    """Send the queued intent and record the outcome; None when it was not queued any more or was not sent.

    An opening order judged more than half a minute of market time ago is judged again first. Raises
    StorageUnavailable before anything is sent, or after sending: the record then still says ``sent``, and
    reconciliation finds out.
    """
    intent_id = _refresh(desk, intent_id)
    known = _find(desk, intent_id)
    intent = _claim(desk, intent_id)
    if intent is None:
        return None
    outcome = known or _send(desk, intent)
    record_outcome(desk, intent_id, outcome)
    return outcome


def _find(desk: Desk, intent_id: str) -> SubmitOutcome | None:
    """Return what the broker already knows of an opening order's identity: such an order is adopted, not sent.

    Raises BrokerUnavailable, and then the intent stays queued.
    """
    with desk.storage.read() as reading:
        record = _queued(reading, intent_id)
    if record is None or not isinstance(record.intent, OpenIntent):
        return None
    return desk.broker.find(record.intent.magic).outcome


def _refresh(desk: Desk, intent_id: str) -> str:
    """Judge a stale opening order again and return the id of the intent to send: a new one when it was replaced."""
    with desk.storage.read() as reading:
        record = _queued(reading, intent_id)
        if record is None or not isinstance(record.intent, OpenIntent):
            return intent_id
        now = desk.clock.market_now()
        if now - record.intent.judged_at <= FRESH_FOR or now > _deadline(reading, record.intent):
            return intent_id
        idea = reading.idea(record.intent.idea_id)
        if idea is None:
            raise IntegrityError(f"intent {intent_id} cites idea {record.intent.idea_id}, which is missing")
        strategy = strategy_of(reading, idea)
    with desk.storage.write() as tx:
        record = _queued(tx, intent_id)
        if record is None or not isinstance(record.intent, OpenIntent) or not _is_as_recorded(tx, record):
            return intent_id
        judged = judge_again(
            tx,
            desk,
            idea,
            strategy,
            approval=approval_of(tx, record),
            at_most=record.intent.lots,
            purpose="resend",
        )
        decision, at = judged.decision, judged.inputs.as_of
        if decision.result is not Result.EXECUTE or decision.intent is None or decision.verdict is None:
            why = "no verdict" if decision.verdict is None else failures(decision.verdict)
            text = f"not sent: judged again before sending, and {why}"
            keep_decision(tx, desk, judged.inputs, decision, action=Action.RISK_REJECTED, actor="desk", rationale=text)
            tx.update_intent(replace(record, status=IntentStatus.VOIDED, detail=text, updated_at=at))
            tx.move_idea(idea.idea.idea_id, to=IdeaStatus.REJECTED, frm=(IdeaStatus.WAITING,), at=at)
            return intent_id
        text = "judged again before sending: every check passed"
        entry = keep_decision(
            tx, desk, judged.inputs, decision, action=Action.AI_AUTO_EXECUTED, actor="desk", rationale=text
        )
        tx.update_intent(
            replace(record, status=IntentStatus.VOIDED, detail="replaced by a newer verdict", updated_at=at)
        )
        tx.save_intent(
            replace(
                record,
                intent=decision.intent,
                digest=intent_digest(decision.intent),
                history_seq=entry.seq,
                status=IntentStatus.QUEUED,
                updated_at=at,
            )
        )
        return decision.intent.intent_id


def _claim(desk: Desk, intent_id: str) -> OrderIntent | None:
    """Mark the intent as sent, in a transaction of its own, and return it; None when somebody else has it."""
    with desk.storage.write() as tx:
        record = _queued(tx, intent_id)
        if record is None:
            return None
        intent, at = record.intent, desk.clock.market_now()
        if not _is_as_recorded(tx, record):
            _refuse_altered(tx, record, at)
            return None
        if isinstance(intent, OpenIntent) and at > (deadline := _deadline(tx, intent)):
            detail = f"not sent: its time was over at {deadline.isoformat()}"
            tx.update_intent(replace(record, status=IntentStatus.FAILED, detail=detail, updated_at=at))
            tx.move_idea(intent.idea_id, to=IdeaStatus.FAILED, frm=(IdeaStatus.WAITING,), at=at)
            tx.append(order_entry(intent, Action.RISK_REJECTED, at, detail, {"intent_digest": record.digest}))
            return None
        if isinstance(intent, ReduceIntent) and intent.rule == Rule.TARGET and at - intent.judged_at > FRESH_FOR:
            # The price may be back under its target: whether a part is due is decided anew.
            detail = f"not sent: judged at {intent.judged_at.isoformat()}, more than {FRESH_FOR.seconds} s ago"
            tx.update_intent(replace(record, status=IntentStatus.VOIDED, detail=detail, updated_at=at))
            tx.append(order_entry(intent, Action.ORDER_REJECTED, at, detail, {"intent_digest": record.digest}))
            return None
        tx.update_intent(replace(record, status=IntentStatus.SENT, updated_at=at))
        request: Any = {"intent_digest": record.digest, "request": encode(intent)}
        tx.append(order_entry(intent, Action.ORDER_SUBMITTED, at, describe(intent), request))
        return intent


def _deadline(reading: Reading, intent: OpenIntent) -> datetime:
    """Return until when the idea's order may be sent: a newer verdict never prolongs the time of the first one."""
    own = [record.intent for record in reading.intents(idea_id=intent.idea_id)]
    return min((known.not_after for known in own if isinstance(known, OpenIntent)), default=intent.not_after)


def _send(desk: Desk, intent: OrderIntent) -> SubmitOutcome:
    if isinstance(intent, OpenIntent):
        return desk.broker.open(intent)
    if isinstance(intent, ReduceIntent):
        return desk.broker.reduce(intent)
    return desk.broker.protect(intent)


def _is_as_recorded(tx: Writing, record: IntentRecord) -> bool:
    """Return whether the intent read back is the one hashed in its history entry."""
    entry = tx.entry(record.history_seq)
    hashed = None if entry is None else (entry.draft.payload or {}).get("intent_digest")
    return hashed == record.digest == intent_digest(record.intent)


def _refuse_altered(tx: Writing, record: IntentRecord, at: datetime) -> None:
    """Void an intent that is not the one recorded, and make the incident an entry: it never reaches the broker."""
    intent = record.intent
    detail = f"refused: this is not the intent recorded in entry {record.history_seq}"
    tx.update_intent(replace(record, status=IntentStatus.VOIDED, detail=detail, updated_at=at))
    if isinstance(intent, OpenIntent):
        tx.move_idea(intent.idea_id, to=IdeaStatus.FAILED, frm=(IdeaStatus.WAITING,), at=at)
    found = {"intent_digest": record.digest, "found_digest": intent_digest(intent)}
    tx.append(order_entry(intent, Action.DRIFT_DETECTED, at, detail, found))


def _queued(reading: Reading, intent_id: str) -> IntentRecord | None:
    for record in reading.outbox():
        if record.intent.intent_id == intent_id:
            return record if record.status is IntentStatus.QUEUED else None
    return None
