"""Rows to records and back: history, decisions, ideas, intents and positions. No statements here."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import Action, HistoryDraft, HistoryEntry
from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.desk import DeskPosition, IdeaStatus, IntentStatus, PositionTarget
from tradewarden.core.errors import IntegrityError
from tradewarden.core.ideas import TradeIdea
from tradewarden.core.orders import OpenIntent, OrderIntent, ProtectIntent, ReduceIntent
from tradewarden.core.values import Side
from tradewarden.ports.storage import ClosedPosition, IdeaRecord, IntentRecord, StoredDecision, StoredIntent

AnyRow = Row[*tuple[Any, ...]]
Values = dict[str, Any]

# The fastest level: content is written far more often than read, and bars gain little from more.
_COMPRESSION = 1
_INTENT_KINDS: dict[str, type[OrderIntent]] = {"open": OpenIntent, "reduce": ReduceIntent, "protect": ProtectIntent}
_KIND_NAMES = {kind: name for name, kind in _INTENT_KINDS.items()}


def pack(content: bytes) -> bytes:
    """Return ``content`` compressed."""
    return zlib.compress(content, _COMPRESSION)


def unpack(content: bytes) -> bytes:
    """Return what :func:`pack` was given; content that is none of its making comes back as it is.

    Every reader compares digests, and damaged content has none that fits.
    """
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def unpack_json(content: bytes | None) -> JsonValue:
    """Return the JSON value in packed ``content``; None, which no digest fits, when it is missing or damaged."""
    if content is None:
        return None
    try:
        value: JsonValue = json.loads(unpack(content))
    except ValueError:
        return None
    return value


def normalised(draft: HistoryDraft) -> HistoryDraft:
    """Return ``draft`` as it will be read back: an empty payload is an object, and no score is a negative zero."""
    score = draft.confidence_score
    if score is not None and score == 0:
        score = score.copy_abs()
    return replace(draft, payload=dict(draft.payload or {}), confidence_score=score)


def entry_values(entry: HistoryEntry) -> Values:
    """Return the columns of a history entry."""
    draft = entry.draft
    return {
        "seq": entry.seq,
        "occurred_at": draft.occurred_at,
        "symbol": draft.symbol,
        "action": draft.action.value,
        "rationale": draft.rationale,
        "confidence_score": draft.confidence_score,
        "risk_check_result": draft.risk_check_result,
        "strategy_id": draft.strategy_id,
        "trade_idea_id": draft.trade_idea_id,
        "snapshot_ref": draft.snapshot_ref,
        "human_override": draft.human_override,
        "actor": draft.actor,
        "payload": draft.payload,
        "prev_hash": entry.prev_hash,
        "entry_hash": entry.entry_hash,
    }


def entry_of(row: AnyRow) -> HistoryEntry:
    """Return the history entry of ``row``. Raises IntegrityError for an action that no version has written."""
    try:
        action = Action(row.action)
    except ValueError as error:
        raise IntegrityError(f"entry {row.seq} was changed: its action is {row.action!r}") from error
    draft = HistoryDraft(
        occurred_at=row.occurred_at,
        action=action,
        actor=row.actor,
        rationale=row.rationale,
        symbol=row.symbol,
        confidence_score=row.confidence_score,
        risk_check_result=row.risk_check_result,
        strategy_id=row.strategy_id,
        trade_idea_id=row.trade_idea_id,
        snapshot_ref=row.snapshot_ref,
        human_override=row.human_override,
        payload=row.payload,
    )
    return HistoryEntry(seq=row.seq, draft=draft, prev_hash=row.prev_hash, entry_hash=row.entry_hash)


def decision_values(stored: StoredDecision) -> Values:
    """Return the columns of a decision; its inputs are kept beside it, by digest."""
    return {
        "decision_id": stored.decision_id,
        "seq": stored.seq,
        "inputs_digest": stored.inputs_digest,
        "decision": stored.decision,
        "decision_digest": stored.decision_digest,
        "engine_version": stored.engine_version,
        "library_versions": dict(stored.library_versions),
    }


def bundle_values(digest: str, content: bytes) -> Values:
    """Return the columns of content that is kept by digest."""
    return {"digest": digest, "content": pack(content), "size_bytes": len(content)}


def decision_of(row: AnyRow) -> StoredDecision:
    """Return the decision of ``row`` with its inputs."""
    return StoredDecision(
        decision_id=row.decision_id,
        seq=row.seq,
        inputs=unpack_json(row.content),
        inputs_digest=row.inputs_digest,
        decision=row.decision,
        decision_digest=row.decision_digest,
        engine_version=row.engine_version,
        library_versions=row.library_versions,
    )


def idea_values(record: IdeaRecord) -> Values:
    """Return the columns of an idea."""
    idea = record.idea
    return {
        "id": idea.idea_id,
        "symbol": idea.symbol,
        "direction": idea.side.value,
        "entry_price": idea.entry,
        "stop_loss": idea.stop_loss,
        "take_profit": list(idea.take_profits),
        "rr": idea.rr,
        "lots": record.lots,
        "risk_amount": record.risk_amount,
        "rationale": record.rationale,
        "confidence_score": record.confidence_score,
        "status": record.status.value,
        "strategy_id": idea.strategy_id,
        "strategy_version": idea.strategy_version,
        "history_seq": record.history_seq,
        "idea": encode(idea),
        "created_at": idea.created_at,
        "expires_at": idea.expires_at,
        "wall_expires_at": record.wall_expires_at,
        "updated_at": record.updated_at,
    }


def idea_of(row: AnyRow) -> IdeaRecord:
    """Return the idea of ``row``."""
    return IdeaRecord(
        idea=decode(TradeIdea, row.idea),
        status=IdeaStatus(row.status),
        confidence_score=row.confidence_score,
        lots=row.lots,
        risk_amount=row.risk_amount,
        rationale=row.rationale,
        history_seq=row.history_seq,
        wall_expires_at=row.wall_expires_at,
        updated_at=row.updated_at,
    )


def intent_values(record: IntentRecord) -> Values:
    """Return the columns of an intent: what never changes."""
    intent = record.intent
    opening = intent if isinstance(intent, OpenIntent) else None
    return {
        "id": intent.intent_id,
        "kind": _KIND_NAMES[type(intent)],
        "decision_id": intent.decision_id,
        "idea_id": opening.idea_id if opening else None,
        "strategy_id": opening.strategy_id if opening else None,
        "symbol": intent.symbol,
        "side": None if isinstance(intent, ProtectIntent) else intent.side.value,
        "ticket": None if isinstance(intent, OpenIntent) else intent.ticket,
        "lots": None if isinstance(intent, ProtectIntent) else intent.lots,
        "risk_amount": opening.risk_amount if opening else None,
        "margin": opening.margin if opening else None,
        "magic": opening.magic if opening else None,
        "intent": encode(intent),
        "digest": record.digest,
        "history_seq": record.history_seq,
        "judged_at": intent.judged_at,
    }


def fate_values(record: IntentRecord) -> Values:
    """Return the columns of what became of an intent."""
    return {
        "status": record.status.value,
        "position_ticket": record.position_ticket,
        "lookups": record.lookups,
        "last_lookup_at": record.last_lookup_at,
        "detail": record.detail,
        "updated_at": record.updated_at,
    }


def intent_of(row: AnyRow) -> IntentRecord:
    """Return the intent of ``row`` with what became of it."""
    return IntentRecord(
        intent=decode(_INTENT_KINDS[row.kind], row.intent),
        digest=row.digest,
        history_seq=row.history_seq,
        status=IntentStatus(row.status),
        position_ticket=row.position_ticket,
        lookups=row.lookups,
        last_lookup_at=row.last_lookup_at,
        detail=row.detail,
        updated_at=row.updated_at,
    )


def stored_intent_of(row: AnyRow) -> StoredIntent:
    """Return the intent of ``row`` as it lies there."""
    return StoredIntent(
        intent_id=row.id,
        history_seq=row.history_seq,
        kind=_INTENT_KINDS[row.kind].__name__,
        intent=row.intent,
        digest=row.digest,
    )


def position_values(position: DeskPosition) -> Values:
    """Return the columns of an open position."""
    return {
        "ticket": position.ticket,
        "idea_id": position.idea_id,
        "strategy_id": position.strategy_id,
        "symbol": position.symbol,
        "side": position.side.value,
        "lots": position.lots,
        "entry_price": position.entry_price,
        "stop_loss": position.stop_loss,
        "take_profit": position.take_profit,
        "initial_risk": position.initial_risk,
        "opened_at": position.opened_at,
        "initial_lots": position.initial_lots,
        "initial_stop": position.initial_stop,
        "targets": [encode(target) for target in position.targets],
        "targets_done": position.targets_done,
        "approved_lots": position.approved_lots,
        "realised": position.realised,
        "realised_lots": position.realised_lots,
    }


def position_of(row: AnyRow) -> DeskPosition:
    """Return the position of ``row``."""
    return DeskPosition(
        ticket=row.ticket,
        idea_id=row.idea_id,
        strategy_id=row.strategy_id,
        symbol=row.symbol,
        side=Side(row.side),
        lots=row.lots,
        entry_price=row.entry_price,
        stop_loss=row.stop_loss,
        take_profit=row.take_profit,
        initial_risk=row.initial_risk,
        opened_at=row.opened_at,
        initial_lots=row.initial_lots,
        initial_stop=row.initial_stop,
        targets=tuple(decode(PositionTarget, target) for target in row.targets),
        targets_done=row.targets_done,
        approved_lots=row.approved_lots,
        realised=row.realised,
        realised_lots=row.realised_lots,
    )


def closing_values(closed: ClosedPosition) -> Values:
    """Return the columns of a position that is over, its last size and stop among them."""
    return {
        **position_values(closed.position),
        "closed_at": closed.closed_at,
        "exit_price": closed.exit_price,
        "net_profit": closed.net_profit,
        "commission": closed.commission,
        "swap": closed.swap,
        "r_multiple": closed.r_multiple,
        "close_reason": closed.reason,
        "close_seq": closed.history_seq,
    }


def closed_of(row: AnyRow) -> ClosedPosition:
    """Return the closed position of ``row``."""
    return ClosedPosition(
        position=position_of(row),
        exit_price=row.exit_price,
        closed_at=row.closed_at,
        net_profit=row.net_profit,
        commission=row.commission,
        swap=row.swap,
        r_multiple=row.r_multiple,
        reason=row.close_reason,
        history_seq=row.close_seq,
    )


def fixed_of(position: DeskPosition) -> Mapping[str, object]:
    """Return what stays as it was booked: the initial risk above all, from which R is counted."""
    return {
        "idea": position.idea_id,
        "strategy": position.strategy_id,
        "symbol": position.symbol,
        "side": position.side,
        "initial risk": position.initial_risk,
    }
