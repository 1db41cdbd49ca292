"""The desk itself: its status, halting, resuming, and who lets orders go."""

from fastapi import APIRouter

from tradewarden.api.answers import connection_answer, flat_answer
from tradewarden.api.dependencies import DeskDep, PartsDep, PrincipalDep
from tradewarden.api.schemas.acts import ActAnswer, ChangeMode, ConnectionAnswer, Flat, FlatAnswer, Halt
from tradewarden.services.change_policy import change_policy
from tradewarden.services.check_connection import check_connection
from tradewarden.services.go_flat import go_flat
from tradewarden.services.halt_trading import halt_trading
from tradewarden.services.queries import settings as queries
from tradewarden.services.queries.explanation import evaluate_symbol
from tradewarden.services.queries.models.explanation import ExplanationList
from tradewarden.services.queries.models.status import DeskStatus
from tradewarden.services.resume_trading import resume_trading

router = APIRouter(prefix="/ai", tags=["desk"])


@router.get("/status", operation_id="getStatus")
def get_status(parts: PartsDep) -> DeskStatus:
    """Return everything the status strip shows; from the last known state, with its age, when the record is down."""
    return parts.board.status()


@router.post("/halt", operation_id="haltTrading")
def halt(body: Halt, desk: DeskDep, principal: PrincipalDep) -> ActAnswer:
    """Stop opening trades at once: waiting ideas end and unsent orders are void; stops at the broker stay."""
    seq = halt_trading(desk, actor=principal.actor, reason=body.reason)
    return ActAnswer(history_seq=seq, message="trading is halted; open positions keep their stops")


@router.post("/resume", operation_id="resumeTrading")
def resume(desk: DeskDep, principal: PrincipalDep) -> ActAnswer:
    """Switch AI trading on again; refused while the cause of the halt holds."""
    seq = resume_trading(desk, actor=principal.actor)
    return ActAnswer(history_seq=seq, message="AI trading is on")


@router.post("/flat", operation_id="goFlat")
def flat(body: Flat, desk: DeskDep, principal: PrincipalDep) -> FlatAnswer:
    """Halt, and close every position of the desk; foreign positions are not touched. Needs the confirmation text."""
    result = go_flat(desk, actor=principal.actor, reason=body.reason, confirmation=body.confirm)
    return flat_answer(result)


@router.post("/evaluate/{symbol}", operation_id="evaluateSymbol")
def evaluate(symbol: str, desk: DeskDep) -> ExplanationList:
    """Evaluate every active strategy that trades the symbol, now, and tell all of it. Nothing is recorded or sent."""
    return evaluate_symbol(desk, symbol)


@router.post("/test-connection", operation_id="testConnection")
def test_connection(desk: DeskDep) -> ConnectionAnswer:
    """Ask the broker for the account once, and tell how long it took. Nothing is recorded or sent."""
    return connection_answer(check_connection(desk), as_of=desk.clock.market_now())


@router.post("/mode", operation_id="changeMode")
def change_mode(body: ChangeMode, desk: DeskDep, principal: PrincipalDep) -> ActAnswer:
    """Choose whether a person or the desk alone lets orders go."""
    before = queries.head_seq(desk)
    version = change_policy(desk, {"mode": body.mode}, actor=principal.actor)
    seq = queries.policy_entry(desk, version.version, after_seq=before)
    return ActAnswer(history_seq=seq, message=f"mode is {body.mode}")
