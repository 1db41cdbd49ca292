"""Approving an idea: a person answers the open questions, and the gate judges once more on what holds now.

An approval is bound to the idea's digest, a maximum of lots and, where given, a worst price. What the gate denies
cannot be approved: the idea is then rejected, and the entry says why.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import Decision, Result
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.errors import (
    BrokerUnavailable,
    Conflict,
    IntegrityError,
    InvalidInput,
    NotFound,
    PreconditionFailed,
)
from tradewarden.core.ideas import Approval
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.orders import SubmitOutcome
from tradewarden.core.risk.reasons import OnFail
from tradewarden.core.values import is_multiple_of
from tradewarden.ports.storage import HistoryFilter, IdeaRecord, Reading
from tradewarden.services.context import Desk
from tradewarden.services.explain import failures
from tradewarden.services.gathering import keep_decision
from tradewarden.services.halt_trading import halt_within
from tradewarden.services.judge_again import judge_again, strategy_of
from tradewarden.services.submit_order import submit_order
from tradewarden.services.take_decision import enqueue


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalResult:
    """Where the idea stands after the approval, the entry that says so, and what the broker answered, if asked."""

    status: IdeaStatus
    seq: int
    decision: Decision
    outcome: SubmitOutcome | None


def approve_idea(
    desk: Desk,
    idea_id: str,
    *,
    actor: str,
    idea_digest: str,
    lots: Decimal,
    worst_price: Decimal | None = None,
) -> ApprovalResult:
    """Approve ``idea_id`` for at most ``lots`` and send its order when the gate agrees.

    Raises NotFound; Conflict for an idea that has expired or was decided already; PreconditionFailed when the digest
    is not the idea's; InvalidInput for lots off the step, below the minimum or above what was proposed.
    """
    with desk.storage.read() as reading:
        record = _open_idea(reading, idea_id, desk)
        strategy = strategy_of(reading, record)
        answers = asked(reading, record)
    if idea_digest != record.idea.digest:
        raise PreconditionFailed(f"idea {idea_id} is {record.idea.digest[:12]}, the approval names {idea_digest[:12]}")
    check_lots(lots, record, desk.market.instrument(record.idea.symbol))
    with desk.storage.write() as tx:
        record = _open_idea(tx, idea_id, desk)
        approval = Approval(
            actor=actor,
            idea_digest=idea_digest,
            max_lots=lots,
            worst_price=worst_price,
            answers=answers,
            approved_at=desk.clock.market_now(),
        )
        judged = judge_again(tx, desk, record, strategy, approval=approval, at_most=lots, purpose="approve")
        decision, at = judged.decision, judged.inputs.as_of
        action, status, text = _consequence(decision, actor)
        entry = keep_decision(
            tx,
            desk,
            judged.inputs,
            decision,
            action=action,
            actor=actor,
            rationale=text,
            human_override=status is IdeaStatus.WAITING,
            extra={"approved_wall_at": desk.clock.wall_now().isoformat()},
        )
        if status is not IdeaStatus.NEEDS_APPROVAL:
            tx.move_idea(idea_id, to=status, frm=(IdeaStatus.NEEDS_APPROVAL,), at=at)
        intent_id = enqueue(tx, decision, entry.seq)
        _halt_on_breach(tx, decision, at)
    if intent_id is None:
        return ApprovalResult(status=status, seq=entry.seq, decision=decision, outcome=None)
    outcome = _send(desk, intent_id)
    with desk.storage.read() as reading:
        after = reading.idea(idea_id)
    settled = status if after is None else after.status
    return ApprovalResult(status=settled, seq=entry.seq, decision=decision, outcome=outcome)


def _send(desk: Desk, intent_id: str) -> SubmitOutcome | None:
    """Send the approved order; without a broker it waits in the outbox, and the next turn sends it in its time."""
    try:
        return submit_order(desk, intent_id)
    except BrokerUnavailable as error:
        desk.monitor.note_error(broker=str(error))
        return None


def asked(reading: Reading, record: IdeaRecord) -> tuple[str, ...]:
    """Return the codes that the newest recorded verdict on the idea asked a person about.

    That is the first one, or the one of an approval which met a new question and left the idea waiting.
    """
    wanted = HistoryFilter(idea_id=record.idea.idea_id, actions=(Action.AI_PROPOSED,), limit=1)
    newest = reading.history(wanted)
    stored = reading.decision_at(newest[0].seq) if newest else reading.decision(record.idea.decision_id)
    if stored is None:
        raise IntegrityError(f"idea {record.idea.idea_id} cites decision {record.idea.decision_id}, which is missing")
    decision: Any = stored.decision
    checks = decision["verdict"]["checks"]
    return tuple(c["code"] for c in checks if not c["passed"] and c["on_fail"] == OnFail.ASK.value)


def _open_idea(reading: Reading, idea_id: str, desk: Desk) -> IdeaRecord:
    record = reading.idea(idea_id)
    if record is None:
        raise NotFound(f"no idea {idea_id}")
    if record.status is not IdeaStatus.NEEDS_APPROVAL:
        raise Conflict(f"idea {idea_id} is {record.status} and waits for nobody")
    if is_expired(record, desk):
        raise Conflict(f"idea {idea_id} expired at {record.idea.expires_at.isoformat()} ({record.idea.expiry_rule})")
    return record


def is_expired(record: IdeaRecord, desk: Desk) -> bool:
    """Return whether the idea's time is over: wall time where it was given, market time otherwise."""
    if record.wall_expires_at is not None:
        return desk.clock.wall_now() >= record.wall_expires_at
    return desk.clock.market_now() >= record.idea.expires_at


def check_lots(lots: Decimal, record: IdeaRecord, instrument: Instrument) -> None:
    """Raise InvalidInput, naming value and limit, for lots that an approval of ``record`` may not ask for."""
    if not lots.is_finite() or lots < instrument.volume_min:
        raise InvalidInput(f"{lots} lots is below the minimum of {instrument.volume_min} in {instrument.symbol}")
    if lots > record.lots:
        raise InvalidInput(f"{lots} lots is above the {record.lots} proposed; an approval can only lower the size")
    if not is_multiple_of(lots, instrument.volume_step):
        raise InvalidInput(f"{lots} lots is not a multiple of the step {instrument.volume_step} in {instrument.symbol}")


def _consequence(decision: Decision, actor: str) -> tuple[Action, IdeaStatus, str]:
    verdict = decision.verdict
    if verdict is None:
        raise IntegrityError(f"decision {decision.decision_id} has no verdict")
    if decision.result is Result.EXECUTE:
        text = f"approved by {actor}: {verdict.lots} lots, {verdict.risk_amount} at risk"
        return Action.HUMAN_APPROVED, IdeaStatus.WAITING, text
    text = f"approved by {actor}, but {failures(verdict)}"
    if decision.result is Result.NEEDS_APPROVAL:
        return Action.AI_PROPOSED, IdeaStatus.NEEDS_APPROVAL, text
    halted = decision.result is Result.HALTED_BY_RISK
    return Action.RISK_REJECTED, IdeaStatus.HALTED_BY_RISK if halted else IdeaStatus.REJECTED, text


def _halt_on_breach(tx: Any, decision: Decision, at: datetime) -> None:
    cause = None if decision.verdict is None else decision.verdict.halt_cause
    if cause is not None and tx.halt() is None:
        reason = f"{cause.code}: {cause.observed}, limit {cause.limit}"
        halt_within(tx, at=at, actor=f"rule:{cause.code}", reason=reason, code=cause.code)
