"""Results of acts as answers: every act names its history entry and says in words what came of it."""

from collections.abc import Mapping
from datetime import datetime

from tradewarden.api.schemas.acts import ApprovalAnswer, CloseAnswer, ConnectionAnswer, FlatAnswer, OrderOutcome
from tradewarden.core.decision import ENGINE_VERSION
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.orders import Accepted, Rejected, SubmitOutcome
from tradewarden.core.replay import ReplayReport
from tradewarden.ports.storage import StoredDecision
from tradewarden.services.approve_idea import ApprovalResult
from tradewarden.services.check_connection import Connection
from tradewarden.services.close_position import CloseResult
from tradewarden.services.explain import failures
from tradewarden.services.go_flat import FlatResult
from tradewarden.services.queries.models.history import FindingView, ReplayDifference, ReplayView, VerificationView
from tradewarden.services.queries.views import verdict_view
from tradewarden.services.verify_history import HistoryReport

_APPROVED = {
    IdeaStatus.APPROVED_EXECUTED: "approved and executed",
    IdeaStatus.WAITING: "approved; the order is on its way and being reconciled",
    IdeaStatus.FAILED: "approved, but the order did not come to be",
}


def approval_answer(idea_id: str, result: ApprovalResult) -> ApprovalAnswer:
    """Return what came of an approval: an order, another question, or a denial with its reasons."""
    verdict = result.decision.verdict
    blocking = () if verdict is None else verdict.failures()
    words = _APPROVED.get(result.status, f"the idea is {result.status}")
    if blocking and verdict is not None:
        words = f"not executed: {failures(verdict)}"
    return ApprovalAnswer(
        idea_id=idea_id,
        status=result.status,
        history_seq=result.seq,
        blocked_by=[entry.code for entry in blocking],
        verdict=None if verdict is None else verdict_view(verdict),
        outcome=None if result.outcome is None else order_outcome(result.outcome),
        message=words,
    )


def close_answer(ticket: int, result: CloseResult) -> CloseAnswer:
    """Return what came of closing a position."""
    outcome = None if result.outcome is None else order_outcome(result.outcome)
    words = "recorded; the order is on its way" if outcome is None else outcome.message
    return CloseAnswer(ticket=ticket, history_seq=result.seq, outcome=outcome, message=f"position {ticket}: {words}")


def flat_answer(result: FlatResult) -> FlatAnswer:
    """Return what came of closing everything, with what is still open and why."""
    closed = [close_answer(ticket, each) for ticket, each in result.closed]
    words = f"{len(closed)} positions closed or being closed; trading is halted"
    if result.problems or result.on_their_way:
        words += f"; {len(result.problems)} could not be closed, {len(result.on_their_way)} orders may still fill"
    return FlatAnswer(
        history_seq=result.seq,
        closed=closed,
        problems=list(result.problems),
        on_their_way=list(result.on_their_way),
        message=words,
    )


def connection_answer(connection: Connection, *, as_of: datetime) -> ConnectionAnswer:
    """Return the broker's answer to one question."""
    account = connection.account
    return ConnectionAnswer(
        ok=connection.problem is None,
        problem=connection.problem,
        milliseconds=round(connection.latency_milliseconds, 2),
        login=None if account is None else str(account.login),
        server=None if account is None else account.server,
        currency=None if account is None else account.currency,
        margin_mode=None if account is None else account.margin_mode,
        trade_allowed=None if account is None else account.trade_allowed,
        open_positions=None if account is None else len(account.positions),
        as_of=as_of,
    )


def order_outcome(outcome: SubmitOutcome) -> OrderOutcome:
    """Return the broker's answer; one that nobody knows yet is called unknown, and counts as done meanwhile."""
    if isinstance(outcome, Accepted):
        return OrderOutcome(
            state="accepted",
            message=f"{outcome.lots} lots at {outcome.price}",
            position_ticket=outcome.position_ticket,
            lots=outcome.lots,
            price=outcome.price,
            retcode=outcome.retcode,
        )
    rejected = isinstance(outcome, Rejected)
    return OrderOutcome(
        state="rejected" if rejected else "unknown",
        message=outcome.reason if rejected else f"unknown, being reconciled: {outcome.reason}",
        position_ticket=None,
        lots=None,
        price=None,
        retcode=outcome.retcode if isinstance(outcome, Rejected) else None,
    )


def replay_view(
    seq: int, stored: StoredDecision, report: ReplayReport, libraries_now: Mapping[str, str], *, milliseconds: float
) -> ReplayView:
    """Return a replay's outcome with the versions that computed both sides."""
    return ReplayView(
        seq=seq,
        decision_id=report.decision_id,
        identical=report.identical,
        recorded_digest=report.recorded_digest,
        recomputed_digest=report.recomputed_digest,
        differences=tuple(
            ReplayDifference(stage=d.stage, field=d.field, recorded=d.recorded, recomputed=d.recomputed)
            for d in report.differences
        ),
        milliseconds=round(milliseconds, 2),
        engine_version_recorded=stored.engine_version,
        engine_version_now=ENGINE_VERSION,
        library_versions_recorded=dict(stored.library_versions),
        library_versions_now=dict(libraries_now),
    )


def verification_view(report: HistoryReport, *, milliseconds: float) -> VerificationView:
    """Return a verification's outcome with everything that it found."""
    return VerificationView(
        ok=report.ok,
        entries=report.entries,
        decisions=report.decisions,
        first_bad_seq=report.first_bad_seq,
        findings=tuple(FindingView(seq=finding.seq, problem=finding.problem) for finding in report.findings),
        head_seq=report.head.seq,
        head_hash=report.head.entry_hash,
        anchored_seq=report.anchored_seq,
        milliseconds=round(milliseconds, 2),
    )
