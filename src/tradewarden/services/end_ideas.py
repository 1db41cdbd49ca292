"""Ending ideas that wait for a person before anybody decided: their time is over, or an invalidation holds."""

from datetime import datetime

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.decision import Decision
from tradewarden.core.desk import IdeaStatus, SetupKey
from tradewarden.core.strategy.plan import INVALIDATION
from tradewarden.ports.storage import Writing
from tradewarden.services.book import Book
from tradewarden.services.context import Desk


def end_idea(tx: Writing, idea_id: str, *, at: datetime, rationale: str) -> bool:
    """Expire an idea that still waits for a person and say why in the history; return whether it did wait."""
    record = tx.idea(idea_id)
    if record is None or record.status is not IdeaStatus.NEEDS_APPROVAL:
        return False
    tx.move_idea(idea_id, to=IdeaStatus.EXPIRED, frm=(IdeaStatus.NEEDS_APPROVAL,), at=at)
    tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.IDEA_EXPIRED,
            actor="desk",
            rationale=rationale,
            symbol=record.idea.symbol,
            confidence_score=record.confidence_score,
            strategy_id=record.idea.strategy_id,
            trade_idea_id=idea_id,
            payload={"idea_digest": record.idea.digest},
        )
    )
    return True


def end_invalidated(desk: Desk, book: Book, decision: Decision, key: SetupKey) -> int:
    """End the waiting ideas of ``key`` when an invalidation holds in ``decision``; return how many."""
    evaluation = decision.evaluation
    if evaluation is None or not evaluation.invalid:
        return 0
    wanted = (key.strategy_id, key.symbol, key.side)
    waiting = [
        idea.idea_id
        for idea in book.open_ideas
        if idea.status is IdeaStatus.NEEDS_APPROVAL and (idea.strategy_id, idea.symbol, idea.side) == wanted
    ]
    if not waiting:
        return 0
    held = ", ".join(each.text for each in evaluation.conditions if each.section == INVALIDATION and each.holds)
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        return sum(end_idea(tx, each, at=at, rationale=f"an invalidation holds: {held}") for each in waiting)
