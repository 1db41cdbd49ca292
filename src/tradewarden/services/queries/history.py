"""Reading the decision history: pages of rows, one entry with its links."""

from datetime import datetime
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryEntry
from tradewarden.core.errors import InvalidInput, NotFound
from tradewarden.ports.storage import HistoryFilter, Reading
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.history import HistoryDetail, HistoryPage, HistoryRow, RelatedEntry
from tradewarden.services.queries.views import StrategyNames

_RELATED_LIMIT = 200
_WORDS: dict[Action, str] = {
    Action.AI_PROPOSED: "Idea proposed",
    Action.AI_AUTO_EXECUTED: "Idea executed by the desk",
    Action.HUMAN_APPROVED: "Idea approved",
    Action.HUMAN_REJECTED: "Idea rejected",
    Action.RISK_REJECTED: "Idea denied by the risk gate",
    Action.AI_HALTED: "AI trading halted",
    Action.AI_RESUMED: "AI trading resumed",
    Action.IDEA_EXPIRED: "Idea expired",
    Action.ORDER_SUBMITTED: "Order sent to the broker",
    Action.ORDER_ACCEPTED: "Order accepted by the broker",
    Action.ORDER_REJECTED: "Order not executed",
    Action.ORDER_UNKNOWN: "Order's fate unknown, being reconciled",
    Action.ORDER_RECONCILED: "Order reconciled with the broker",
    Action.POSITION_MANAGED: "Position managed",
    Action.POSITION_CLOSED: "Position closed",
    Action.MANUAL_ORDER: "Manual order",
    Action.DRIFT_DETECTED: "Book and broker disagree",
    Action.EMERGENCY_FLAT: "Everything closed in an emergency",
    Action.SETTINGS_CHANGED: "Settings changed",
    Action.STRATEGY_PUBLISHED: "Strategy published",
    Action.IMPORTED: "Imported from an earlier record",
    Action.ADMIN_NOTE: "Note",
}


def history_page(desk: Desk, wanted: HistoryFilter) -> HistoryPage:
    """Return one page of entries, newest first. Raises InvalidInput for times without a zone or in wrong order."""
    _check_times(wanted.since, wanted.until)
    with desk.storage.read() as reading:
        entries = reading.history(wanted)
        names = StrategyNames(reading.strategies())
        head = reading.head().seq
    more = len(entries) == wanted.limit and entries[-1].seq > 1
    return HistoryPage(
        as_of=desk.clock.market_now(),
        head_seq=head,
        entries=tuple(history_row(entry, names) for entry in entries),
        next_cursor=entries[-1].seq if more else None,
    )


def entries_after(desk: Desk, seq: int, limit: int) -> tuple[HistoryRow, ...]:
    """Return the entries that follow ``seq``, oldest first: what an event stream has to tell."""
    with desk.storage.read() as reading:
        if reading.head().seq <= seq:
            return ()
        names = StrategyNames(reading.strategies())
        entries = reading.history(HistoryFilter(after_seq=seq, limit=limit))
    return tuple(history_row(entry, names) for entry in entries)


def history_detail(desk: Desk, seq: int) -> HistoryDetail:
    """Return the entry ``seq`` whole. Raises NotFound."""
    with desk.storage.read() as reading:
        entry = entry_of(reading, seq)
        names = StrategyNames(reading.strategies())
        related = related_entries(reading, entry)
    payload: dict[str, Any] = dict(entry.draft.payload or {})
    return HistoryDetail(
        entry=history_row(entry, names),
        snapshot_ref=entry.draft.snapshot_ref,
        payload=payload,
        prev_hash=entry.prev_hash,
        entry_hash=entry.entry_hash,
        related=tuple(related_view(other) for other in related),
    )


def entry_of(reading: Reading, seq: int) -> HistoryEntry:
    """Return the entry ``seq``. Raises NotFound, naming the newest one."""
    entry = reading.entry(seq)
    if entry is None:
        raise NotFound(f"no history entry {seq}; the newest is {reading.head().seq}")
    return entry


def related_entries(reading: Reading, entry: HistoryEntry) -> tuple[HistoryEntry, ...]:
    """Return the other entries of the same idea or the same decision, oldest first."""
    found: dict[int, HistoryEntry] = {}
    idea_id = entry.draft.trade_idea_id
    if idea_id is not None:
        wanted = HistoryFilter(idea_id=idea_id, limit=_RELATED_LIMIT)
        found.update((other.seq, other) for other in reading.history(wanted))
    decision_id = decision_id_of(entry)
    if decision_id is not None:
        # What was sent and answered names its decision; closings carry no idea.
        wanted = HistoryFilter(symbol=entry.draft.symbol, after_seq=entry.seq - 1, limit=_RELATED_LIMIT)
        near = (other for other in reading.history(wanted) if decision_id_of(other) == decision_id)
        found.update((other.seq, other) for other in near)
    found.pop(entry.seq, None)
    return tuple(found[seq] for seq in sorted(found))


def decision_id_of(entry: HistoryEntry) -> str | None:
    """Return the decision that the entry's payload names, or None."""
    named = (entry.draft.payload or {}).get("decision_id")
    return named if isinstance(named, str) else None


def related_view(entry: HistoryEntry) -> RelatedEntry:
    """Return an entry as a link."""
    draft = entry.draft
    return RelatedEntry(
        seq=entry.seq, occurred_at=draft.occurred_at, action=draft.action, actor=draft.actor, words=words(entry)
    )


def history_row(entry: HistoryEntry, names: StrategyNames) -> HistoryRow:
    """Return an entry in short."""
    draft = entry.draft
    return HistoryRow(
        seq=entry.seq,
        occurred_at=draft.occurred_at,
        action=draft.action,
        actor=draft.actor,
        symbol=draft.symbol,
        words=words(entry),
        rationale=draft.rationale,
        confidence_score=draft.confidence_score,
        risk_check_result=draft.risk_check_result,
        strategy=None if draft.strategy_id is None else names.ref(draft.strategy_id),
        trade_idea_id=draft.trade_idea_id,
        human_override=draft.human_override,
        has_decision=draft.snapshot_ref is not None,
    )


def words(entry: HistoryEntry) -> str:
    """Return what happened in a few words: the action, and the symbol where there is one."""
    said = _WORDS[entry.draft.action]
    return said if entry.draft.symbol is None else f"{said}: {entry.draft.symbol}"


def _check_times(since: datetime | None, until: datetime | None) -> None:
    for name, at in (("from", since), ("to", until)):
        if at is not None and at.tzinfo is None:
            raise InvalidInput(f"{name} {at.isoformat()} has no time zone; write it as {at.isoformat()}Z for UTC")
    if since is not None and until is not None and since > until:
        raise InvalidInput(f"from {since.isoformat()} is after to {until.isoformat()}")
