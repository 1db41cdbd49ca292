"""The decision history: listing, one entry, its story, recomputing it, and verifying the chain."""

import time
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from tradewarden.api.answers import replay_view, verification_view
from tradewarden.api.dependencies import DeskDep
from tradewarden.core.audit.chain import Action
from tradewarden.ports.storage import HistoryFilter
from tradewarden.services.queries import history as queries
from tradewarden.services.queries.models.history import HistoryDetail, HistoryPage, ReplayView, VerificationView
from tradewarden.services.queries.models.story import DecisionStory
from tradewarden.services.queries.story import decision_story, stored_decision
from tradewarden.services.replay_decisions import replay_one
from tradewarden.services.verify_history import verify_history

router = APIRouter(prefix="/ai/history", tags=["history"])


@router.get("", operation_id="listHistory")
def list_history(
    desk: DeskDep,
    symbol: str | None = None,
    action: Annotated[list[Action] | None, Query()] = None,
    strategy: str | None = None,
    idea: str | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    cursor: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> HistoryPage:
    """Return entries, newest first; ``cursor`` is the ``next_cursor`` of the page before."""
    wanted = HistoryFilter(
        symbol=symbol,
        actions=tuple(action or ()),
        strategy_id=strategy,
        idea_id=idea,
        since=since,
        until=until,
        before_seq=cursor,
        limit=limit,
    )
    return queries.history_page(desk, wanted)


@router.get("/verify", operation_id="verifyHistory")
def verify(desk: DeskDep) -> VerificationView:
    """Check the whole chain, its anchor and everything it cites."""
    started = time.perf_counter()
    report = verify_history(desk.storage)
    return verification_view(report, milliseconds=(time.perf_counter() - started) * 1000)


@router.get("/{seq}", operation_id="getHistoryEntry")
def get_entry(seq: int, desk: DeskDep) -> HistoryDetail:
    """Return one entry whole, with the other entries of its idea."""
    return queries.history_detail(desk, seq)


@router.get("/{seq}/snapshot", operation_id="getDecisionStory")
def get_story(seq: int, desk: DeskDep) -> DecisionStory:
    """Return what the desk saw and why it decided as it did, stage by stage, from the record alone."""
    return decision_story(desk, seq)


@router.post("/{seq}/replay", operation_id="replayDecision")
def replay(seq: int, desk: DeskDep) -> ReplayView:
    """Recompute the decision from its recorded inputs and compare it with the record."""
    stored = stored_decision(desk, seq)
    started = time.perf_counter()
    report = replay_one(desk.storage, seq)
    milliseconds = (time.perf_counter() - started) * 1000
    return replay_view(seq, stored, report, desk.library_versions, milliseconds=milliseconds)
