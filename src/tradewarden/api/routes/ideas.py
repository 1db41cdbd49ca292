"""Trade ideas: what waits, why, what approving would do, and the person's yes or no."""

from typing import Annotated

from fastapi import APIRouter, Query

from tradewarden.api.answers import approval_answer
from tradewarden.api.dependencies import DeskDep, PrincipalDep
from tradewarden.api.schemas.acts import ActAnswer, ApprovalAnswer, Approve, Reject
from tradewarden.api.schemas.base import SentNumber
from tradewarden.core.desk import IdeaStatus
from tradewarden.services.approve_idea import approve_idea
from tradewarden.services.queries import ideas as queries
from tradewarden.services.queries.models.ideas import ActiveIdeas, ApprovalOffer, IdeaDetail, IdeaList
from tradewarden.services.queries.offer import approval_offer
from tradewarden.services.reject_idea import reject_idea

router = APIRouter(prefix="/ai/ideas", tags=["ideas"])
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/active", operation_id="listActiveIdeas")
def list_active(desk: DeskDep) -> ActiveIdeas:
    """Return the ideas that wait for a person or for their order, each with its reasons."""
    return queries.active_ideas(desk)


@router.get("", operation_id="listIdeas")
def list_ideas(
    desk: DeskDep,
    status: Annotated[list[IdeaStatus] | None, Query()] = None,
    symbol: str | None = None,
    limit: Limit = 100,
) -> IdeaList:
    """Return ideas, newest first."""
    return queries.ideas(desk, statuses=tuple(status or ()), symbol=symbol, limit=limit)


@router.get("/{idea_id}", operation_id="getIdea")
def get_idea(idea_id: str, desk: DeskDep) -> IdeaDetail:
    """Return an idea and, while it waits for a person, what approving it now would do."""
    return queries.idea_detail(desk, idea_id)


@router.get("/{idea_id}/preview", operation_id="previewApproval")
def preview(idea_id: str, lots: SentNumber, desk: DeskDep) -> ApprovalOffer:
    """Return what approving ``lots`` now would do, in money and check by check. Nothing is recorded."""
    return approval_offer(desk, idea_id, lots=lots)


@router.post("/{idea_id}/approve", operation_id="approveIdea")
def approve(idea_id: str, body: Approve, desk: DeskDep, principal: PrincipalDep) -> ApprovalAnswer:
    """Approve an idea: the gate judges again on what holds now, and sends the order when nothing denies."""
    result = approve_idea(
        desk,
        idea_id,
        actor=principal.actor,
        idea_digest=body.idea_digest,
        lots=body.lots,
        worst_price=body.worst_price,
    )
    return approval_answer(idea_id, result)


@router.post("/{idea_id}/reject", operation_id="rejectIdea")
def reject(idea_id: str, body: Reject, desk: DeskDep, principal: PrincipalDep) -> ActAnswer:
    """Reject an idea for good."""
    seq = reject_idea(desk, idea_id, actor=principal.actor, reason=body.reason)
    return ActAnswer(history_seq=seq, message=f"idea {idea_id} is rejected")
