"""Ending ideas whose time is over."""

from tradewarden.core.desk import IdeaStatus
from tradewarden.services.approve_idea import is_expired
from tradewarden.services.book import Book
from tradewarden.services.context import Desk
from tradewarden.services.end_ideas import end_idea


def expire_ideas(desk: Desk, book: Book) -> int:
    """Expire the ideas that waited too long for a person; return how many."""
    waiting = [idea.idea_id for idea in book.open_ideas if idea.status is IdeaStatus.NEEDS_APPROVAL]
    if not waiting:
        return 0
    with desk.storage.read() as reading:
        due = [record for idea_id in waiting if (record := reading.idea(idea_id)) and is_expired(record, desk)]
    if not due:
        return 0
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        return sum(
            end_idea(
                tx, record.idea.idea_id, at=at, rationale=f"nobody decided before its end: {record.idea.expiry_rule}"
            )
            for record in due
        )
