"""Rejecting an idea: a person says no, with a reason, and it stays no."""

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.errors import Conflict, NotFound
from tradewarden.services.context import Desk


def reject_idea(desk: Desk, idea_id: str, *, actor: str, reason: str = "") -> int:
    """Reject ``idea_id`` and return the entry's ``seq``. Raises NotFound, Conflict when it is decided already."""
    with desk.storage.write() as tx:
        record = tx.idea(idea_id)
        if record is None:
            raise NotFound(f"no idea {idea_id}")
        if record.status is not IdeaStatus.NEEDS_APPROVAL:
            raise Conflict(f"idea {idea_id} is {record.status} and waits for nobody")
        at = desk.clock.market_now()
        tx.move_idea(idea_id, to=IdeaStatus.REJECTED, frm=(IdeaStatus.NEEDS_APPROVAL,), at=at)
        return tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.HUMAN_REJECTED,
                actor=actor,
                rationale=reason or "rejected without a reason given",
                symbol=record.idea.symbol,
                confidence_score=record.confidence_score,
                strategy_id=record.idea.strategy_id,
                trade_idea_id=idea_id,
                human_override=True,
                payload={"idea_digest": record.idea.digest, "rejected_wall_at": desk.clock.wall_now().isoformat()},
            )
        ).seq
