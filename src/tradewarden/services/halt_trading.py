"""Halting: nothing more is opened until a person resumes.

In one transaction a halt ends waiting ideas and voids opening orders that were not sent. Broker stops stay, position
management goes on, and the first reason stands.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import Action, HistoryDraft, HistoryEntry
from tradewarden.core.desk import Halt, IdeaStatus, IntentStatus
from tradewarden.core.orders import OpenIntent
from tradewarden.ports.storage import Writing
from tradewarden.services.book import read_book
from tradewarden.services.context import Desk

MANUAL = "MANUAL"
_OPEN = (IdeaStatus.WAITING, IdeaStatus.NEEDS_APPROVAL)


def halt_trading(desk: Desk, *, actor: str, reason: str, code: str = MANUAL) -> int:
    """Halt now and return the ``seq`` of the entry; while a halt is in force its first reason stands."""
    with desk.storage.write() as tx:
        return halt_within(tx, at=desk.clock.market_now(), actor=actor, reason=reason, code=code).seq


def halt_within(
    tx: Writing,
    *,
    at: datetime,
    actor: str,
    reason: str,
    code: str,
    evidence: dict[str, JsonValue] | None = None,
) -> HistoryEntry:
    """Halt inside a transaction of the caller's and return the entry."""
    book = read_book(tx)
    halt = book.halt or Halt(code=code, reason=reason, actor=actor, since=at)
    ended = [idea.idea_id for idea in book.open_ideas if end_idea(tx, idea.idea_id, idea.status, at)]
    voided = void_unsent(tx, at, "voided by a halt")
    before = book.policy.policy.ai_trading_enabled
    tx.set_halt(halt)
    if before:
        tx.save_policy(replace(book.policy.policy, ai_trading_enabled=False), at=at)
    payload: dict[str, Any] = {
        "code": code,
        "first_code": halt.code,
        "first_reason": halt.reason,
        "ai_trading_enabled": {"before": before, "after": False},
        "ended_ideas": ended,
        "voided_intents": voided,
        **(evidence or {}),
    }
    return tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.AI_HALTED,
            actor=actor,
            rationale=reason,
            risk_check_result=code,
            human_override=actor.startswith("user:"),
            payload=payload,
        )
    )


def end_idea(
    tx: Writing, idea_id: str, status: IdeaStatus, at: datetime, *, to: IdeaStatus = IdeaStatus.HALTED_BY_RISK
) -> bool:
    """End an idea that waits; one whose order is already on its way ends with that order instead."""
    intents = tx.intents(idea_id=idea_id)
    if any(record.status in (IntentStatus.SENT, IntentStatus.UNKNOWN) for record in intents):
        return False
    tx.move_idea(idea_id, to=to, frm=_OPEN, at=at)
    return status.is_open


def void_unsent(tx: Writing, at: datetime, detail: str) -> list[JsonValue]:
    """Void the opening orders that were not sent, saying ``detail``; return their ids."""
    voided: list[JsonValue] = []
    for record in tx.outbox():
        if isinstance(record.intent, OpenIntent) and record.status is IntentStatus.QUEUED:
            tx.update_intent(replace(record, status=IntentStatus.VOIDED, detail=detail, updated_at=at))
            voided.append(record.intent.intent_id)
    return voided
