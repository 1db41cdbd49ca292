"""The decision history as a hash chain.

An entry's hash covers every column of it and the hash before it, so that an edit, a hole or a swap is found by
recomputing. The record assigns ``seq`` and ``prev_hash`` under one lock; this module only computes and checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tradewarden.core.audit.canonical import JsonValue, canonical_json, decimal_text, digest_bytes, time_text

GENESIS_HASH = "0" * 64


class Action(StrEnum):
    """What a history entry says happened."""

    AI_PROPOSED = "ai_proposed"
    AI_AUTO_EXECUTED = "ai_auto_executed"
    HUMAN_APPROVED = "human_approved"
    HUMAN_REJECTED = "human_rejected"
    RISK_REJECTED = "risk_rejected"
    AI_HALTED = "ai_halted"
    AI_RESUMED = "ai_resumed"
    IDEA_EXPIRED = "idea_expired"
    ORDER_SUBMITTED = "order_submitted"
    ORDER_ACCEPTED = "order_accepted"
    ORDER_REJECTED = "order_rejected"
    ORDER_UNKNOWN = "order_unknown"
    ORDER_RECONCILED = "order_reconciled"
    POSITION_MANAGED = "position_managed"
    POSITION_CLOSED = "position_closed"
    MANUAL_ORDER = "manual_order"
    DRIFT_DETECTED = "drift_detected"
    EMERGENCY_FLAT = "emergency_flat"
    SETTINGS_CHANGED = "settings_changed"
    STRATEGY_PUBLISHED = "strategy_published"
    IMPORTED = "imported"
    ADMIN_NOTE = "admin_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDraft:
    """An entry before the record has placed it in the chain.

    ``snapshot_ref`` is the digest of the recorded inputs of the decision, where the entry stems from one;
    ``payload`` holds canonical JSON values only.
    """

    occurred_at: datetime
    action: Action
    actor: str
    rationale: str
    symbol: str | None = None
    confidence_score: Decimal | None = None
    risk_check_result: str | None = None
    strategy_id: str | None = None
    trade_idea_id: str | None = None
    snapshot_ref: str | None = None
    human_override: bool = False
    payload: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """A placed entry: the draft with its position and the two hashes that bind it."""

    seq: int
    draft: HistoryDraft
    prev_hash: str
    entry_hash: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest entry of a chain; ``seq`` 0 with the genesis hash for an empty one."""

    seq: int
    entry_hash: str


EMPTY_CHAIN = ChainHead(0, GENESIS_HASH)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The outcome of a verification: how many entries were read and the first that does not fit."""

    ok: bool
    entries: int
    first_bad_seq: int | None
    problem: str | None
    head: ChainHead


def entry_body(seq: int, draft: HistoryDraft, prev_hash: str) -> dict[str, Any]:
    """Return the JSON object whose canonical encoding is hashed: every column of the row."""
    score = draft.confidence_score
    return {
        "seq": seq,
        "occurred_at": time_text(draft.occurred_at),
        "symbol": draft.symbol,
        "action": draft.action.value,
        "actor": draft.actor,
        "rationale": draft.rationale,
        "confidence_score": None if score is None else decimal_text(score),
        "risk_check_result": draft.risk_check_result,
        "strategy_id": draft.strategy_id,
        "trade_idea_id": draft.trade_idea_id,
        "snapshot_ref": draft.snapshot_ref,
        "human_override": draft.human_override,
        "payload": dict(draft.payload or {}),
        "prev_hash": prev_hash,
    }


def seal(draft: HistoryDraft, head: ChainHead) -> HistoryEntry:
    """Return ``draft`` as the entry that follows ``head``."""
    seq = head.seq + 1
    entry_hash = digest_bytes(canonical_json(entry_body(seq, draft, head.entry_hash)))
    return HistoryEntry(seq=seq, draft=draft, prev_hash=head.entry_hash, entry_hash=entry_hash)


def entry_problem(entry: HistoryEntry, head: ChainHead) -> str | None:
    """Return why ``entry`` cannot follow ``head``, or None when it does."""
    if entry.seq != head.seq + 1:
        return f"entry {entry.seq} follows {head.seq}: {entry.seq - head.seq - 1} missing or out of order"
    if entry.prev_hash != head.entry_hash:
        return f"entry {entry.seq} cites {entry.prev_hash[:12]} before it, the chain has {head.entry_hash[:12]}"
    expected = seal(entry.draft, head).entry_hash
    if entry.entry_hash != expected:
        return f"entry {entry.seq} was changed: its content hashes to {expected[:12]}, it says {entry.entry_hash[:12]}"
    return None


def verify_chain(entries: Iterable[HistoryEntry], start: ChainHead = EMPTY_CHAIN) -> ChainReport:
    """Return whether ``entries``, in order of ``seq``, form one unbroken chain after ``start``."""
    head = start
    count = 0
    for entry in entries:
        problem = entry_problem(entry, head)
        if problem is not None:
            bad = min(entry.seq, head.seq + 1) if entry.seq > head.seq else entry.seq
            return ChainReport(False, count, bad, problem, head)
        head = ChainHead(entry.seq, entry.entry_hash)
        count += 1
    return ChainReport(True, count, None, None, head)
