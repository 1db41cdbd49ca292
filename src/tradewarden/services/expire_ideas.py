"""Ending ideas whose time is over."""

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import IdeaStatus
from tradewarden.services.approve_idea import is_expired
from tradewarden.services.book import Book
from tradewarden.services.context import Desk


def expire_ideas(desk: Desk, book: Book) -> int:
    """Expire the ideas that waited too long for a person; return how many."""
    waiting = [idea.idea_id for idea in book.open_ideas if idea.status is IdeaStatus.NEEDS_APPROVAL]
    if not waiting:
        return 0
    with desk.storage.read() as reading:
        due = [record for idea_id in waiting if (record := reading.idea(idea_id)) and is_expired(record, desk)]
    if not due:
        return 0
    expired = 0
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        for record in due:
            current = tx.idea(record.idea.idea_id)
            if current is None or current.status is not IdeaStatus.NEEDS_APPROVAL:
                continue
            tx.move_idea(record.idea.idea_id, to=IdeaStatus.EXPIRED, frm=(IdeaStatus.NEEDS_APPROVAL,), at=at)
            tx.append(
                HistoryDraft(
                    occurred_at=at,
                    action=Action.IDEA_EXPIRED,
                    actor="desk",
                    rationale=f"nobody decided before its end: {record.idea.expiry_rule}",
                    symbol=record.idea.symbol,
                    confidence_score=record.confidence_score,
                    strategy_id=record.idea.strategy_id,
                    trade_idea_id=record.idea.idea_id,
                    payload={"idea_digest": record.idea.digest},
                )
            )
            expired += 1
    return expired
