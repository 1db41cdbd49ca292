"""The account, its positions, the desk's orders and fills."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from tradewarden.api.answers import close_answer
from tradewarden.api.dependencies import DeskDep, PrincipalDep
from tradewarden.api.schemas.acts import ActAnswer, ClearPosition, CloseAnswer, ClosePosition
from tradewarden.services.clear_position import clear_position
from tradewarden.services.close_position import close_position
from tradewarden.services.queries import account as queries
from tradewarden.services.queries.limits import limits
from tradewarden.services.queries.models.account import (
    AccountView,
    ClosedPositionList,
    EquityCurve,
    OrderList,
    PositionList,
)
from tradewarden.services.queries.models.limits import LimitsView
from tradewarden.services.queries.models.story import FillList
from tradewarden.services.queries.positions import positions

router = APIRouter(tags=["account"])
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/account", operation_id="getAccount")
def get_account(desk: DeskDep) -> AccountView:
    """Return the broker's statement now."""
    return queries.account(desk)


@router.get("/account/equity", operation_id="getEquityCurve")
def get_equity(
    desk: DeskDep, since: datetime | None = None, limit: Annotated[int, Query(ge=2, le=5000)] = 500
) -> EquityCurve:
    """Return the equity curve, oldest first."""
    return queries.equity_curve(desk, since=since, limit=limit)


@router.get("/account/limits", operation_id="getLimits")
def get_limits(desk: DeskDep) -> LimitsView:
    """Return every loss limit: what is lost of it, what is left, and the equity at which it is breached."""
    return limits(desk)


@router.get("/positions", operation_id="listPositions")
def list_positions(desk: DeskDep) -> PositionList:
    """Return the broker's open positions, the desk's own with their targets, result in R and what comes next."""
    return positions(desk)


@router.get("/positions/closed", operation_id="listClosedPositions")
def list_closed(desk: DeskDep, limit: Limit = 100) -> ClosedPositionList:
    """Return finished positions of the desk, newest first."""
    return queries.closed_positions(desk, limit=limit)


@router.post("/positions/{ticket}/close", operation_id="closePosition")
def close(ticket: int, body: ClosePosition, desk: DeskDep, principal: PrincipalDep) -> CloseAnswer:
    """Close a position, whole or in part; no halt or limit stands against it."""
    return close_answer(ticket, close_position(desk, ticket, actor=principal.actor, lots=body.lots))


@router.post("/positions/{ticket}/clear", operation_id="clearPosition")
def clear(ticket: int, body: ClearPosition, desk: DeskDep, principal: PrincipalDep) -> ActAnswer:
    """Take a position out of the book that the broker neither holds nor has closed by a deal; needs a reason."""
    seq = clear_position(desk, ticket, actor=principal.actor, reason=body.reason)
    return ActAnswer(history_seq=seq, message=f"position {ticket} is cleared from the book, its result is not known")


@router.get("/orders", operation_id="listOrders")
def list_orders(desk: DeskDep, limit: Limit = 100) -> OrderList:
    """Return the desk's orders, newest first."""
    return queries.orders(desk, limit=limit)


@router.get("/executions", operation_id="listExecutions")
def list_executions(desk: DeskDep, symbol: str | None = None, limit: Limit = 200) -> FillList:
    """Return where the desk's positions were opened and closed, newest first: marks for a chart."""
    return queries.fills(desk, symbol=symbol, limit=limit)
