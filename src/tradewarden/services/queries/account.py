"""Reading the account: the statement, the curve, positions joined with the desk's own book, orders and fills."""

from datetime import datetime

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskPosition
from tradewarden.core.errors import BrokerUnavailable, InvalidInput
from tradewarden.core.orders import OpenIntent, OrderIntent, ProtectIntent, ReduceIntent
from tradewarden.ports.storage import ClosedPosition, IntentRecord
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.account import (
    AccountView,
    ClosedPositionList,
    ClosedPositionView,
    EquityCurve,
    EquityPoint,
    OrderList,
    OrderView,
)
from tradewarden.services.queries.models.story import FillList, FillView
from tradewarden.services.queries.money import decimals
from tradewarden.services.queries.views import StrategyNames, account_view


def account(desk: Desk) -> AccountView:
    """Return the broker's statement now. Raises BrokerUnavailable."""
    return account_view(desk.broker.account())


def equity_curve(desk: Desk, *, since: datetime | None, limit: int) -> EquityCurve:
    """Return the equity curve, oldest first. Raises InvalidInput for a time without a zone."""
    if since is not None and since.tzinfo is None:
        raise InvalidInput(f"since {since.isoformat()} has no time zone; write it as {since.isoformat()}Z for UTC")
    with desk.storage.read() as reading:
        points = reading.account_points(since=since, limit=limit)
    return EquityCurve(
        as_of=desk.clock.market_now(),
        points=tuple(
            EquityPoint(
                at=point.at,
                balance=point.balance,
                equity=point.equity,
                floating=point.floating,
                margin=point.margin,
                open_positions=point.open_positions,
            )
            for point in points
        ),
    )


def closed_positions(desk: Desk, *, limit: int) -> ClosedPositionList:
    """Return finished positions of the desk, newest first."""
    with desk.storage.read() as reading:
        closed = reading.closed_positions(limit=limit)
        names = StrategyNames(reading.strategies())
    return ClosedPositionList(
        as_of=desk.clock.market_now(),
        currency=_currency(desk),
        positions=tuple(_closed(entry, names) for entry in closed),
    )


def orders(desk: Desk, *, limit: int) -> OrderList:
    """Return the desk's orders, newest first."""
    with desk.storage.read() as reading:
        records = reading.intents(limit=limit)
    return OrderList(as_of=desk.clock.market_now(), orders=tuple(_order(record) for record in records))


def fills(desk: Desk, *, symbol: str | None, limit: int) -> FillList:
    """Return where the desk's positions were opened and closed, newest first."""
    with desk.storage.read() as reading:
        held, closed = reading.positions(), reading.closed_positions(limit=limit)
    found = [open_fill(position) for position in (*held, *(entry.position for entry in closed))]
    found += [close_fill(entry) for entry in closed]
    wanted = [fill for fill in found if symbol is None or fill.symbol == symbol]
    wanted.sort(key=lambda fill: (fill.at, fill.ticket, fill.kind == "close"), reverse=True)
    return FillList(as_of=desk.clock.market_now(), currency=_currency(desk), fills=tuple(wanted[:limit]))


def open_fill(position: DeskPosition) -> FillView:
    """Return the opening of a position."""
    return FillView(
        symbol=position.symbol,
        side=position.side,
        kind="open",
        ticket=position.ticket,
        lots=position.lots if position.initial_lots is None else position.initial_lots,
        price=position.entry_price,
        at=position.opened_at,
        profit=None,
        r_multiple=None,
        reason=None,
        idea_id=position.idea_id,
        history_seq=None,
    )


def close_fill(closed: ClosedPosition) -> FillView:
    """Return the end of a position with its result."""
    position = closed.position
    return FillView(
        symbol=position.symbol,
        side=position.side,
        kind="close",
        ticket=position.ticket,
        lots=position.lots,
        price=closed.exit_price,
        at=closed.closed_at,
        profit=closed.net_profit,
        r_multiple=closed.r_multiple,
        reason=closed.reason,
        idea_id=position.idea_id,
        history_seq=closed.history_seq,
    )


def statement_or_none(desk: Desk) -> AccountState | None:
    """Return the broker's statement, or None when it does not answer: the caller shows that it is unknown."""
    try:
        return desk.broker.account()
    except BrokerUnavailable:
        return None


def intent_kind(intent: OrderIntent) -> str:
    """Return what an intent does: ``open``, ``reduce`` or ``protect``."""
    return {OpenIntent: "open", ReduceIntent: "reduce", ProtectIntent: "protect"}[type(intent)]


def _currency(desk: Desk) -> str | None:
    statement = statement_or_none(desk)
    return None if statement is None else statement.currency


def _closed(closed: ClosedPosition, names: StrategyNames) -> ClosedPositionView:
    position = closed.position
    return ClosedPositionView(
        ticket=position.ticket,
        symbol=position.symbol,
        side=position.side,
        digits=decimals(position.entry_price),
        lots=position.lots,
        entry_price=position.entry_price,
        exit_price=closed.exit_price,
        stop_loss=position.stop_loss,
        take_profit=position.take_profit,
        initial_risk=position.initial_risk,
        net_profit=closed.net_profit,
        commission=closed.commission,
        swap=closed.swap,
        r_multiple=closed.r_multiple,
        opened_at=position.opened_at,
        closed_at=closed.closed_at,
        reason=closed.reason,
        idea_id=position.idea_id,
        strategy=names.ref(position.strategy_id),
        history_seq=closed.history_seq,
    )


def _order(record: IntentRecord) -> OrderView:
    intent = record.intent
    opening = intent if isinstance(intent, OpenIntent) else None
    return OrderView(
        intent_id=intent.intent_id,
        kind=intent_kind(intent),
        symbol=intent.symbol,
        side=None if isinstance(intent, ProtectIntent) else intent.side,
        lots=None if isinstance(intent, ProtectIntent) else intent.lots,
        price=None if opening is None else opening.price,
        stop_loss=None if isinstance(intent, ReduceIntent) else intent.stop_loss,
        take_profit=None if isinstance(intent, ReduceIntent) else intent.take_profit,
        ticket=record.position_ticket if isinstance(intent, OpenIntent) else intent.ticket,
        idea_id=None if opening is None else opening.idea_id,
        status=record.status,
        detail=record.detail,
        history_seq=record.history_seq,
        judged_at=intent.judged_at,
        updated_at=record.updated_at,
    )
