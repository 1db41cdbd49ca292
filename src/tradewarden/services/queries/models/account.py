"""The account, its curve, its positions and the desk's orders."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.desk import IntentStatus
from tradewarden.core.positions import Rule
from tradewarden.core.values import Side
from tradewarden.services.queries.models.common import StrategyRef
from tradewarden.services.queries.models.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The broker's statement. ``problem`` says why it cannot be believed, null when it can."""

    login: int
    server: str
    currency: str
    connected: bool
    trade_allowed: bool
    balance: Number
    credit: Number
    equity: Number
    floating: Number
    margin: Number
    margin_free: Number
    margin_level: Number | None
    leverage: int
    open_positions: int
    problem: str | None
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityPoint:
    """One point of the equity curve in account currency."""

    at: datetime
    balance: Number
    equity: Number
    floating: Number
    margin: Number
    open_positions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityCurve:
    """The equity curve, oldest first, thinned to the number of points asked for."""

    as_of: datetime
    points: tuple[EquityPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTargetView:
    """A target of an open position. ``lots`` is what the desk will close there; null once taken, and for the last one.

    The last target lies with the broker and closes what is left.
    """

    price: Number
    fraction: Number
    lots: Number | None
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAheadView:
    """A rule that acts on the position at ``price`` or at the moment ``at``; with neither, at the end of a bar."""

    rule: Rule
    words: str
    price: Number | None
    at: datetime | None
    lots: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """One open position at the broker. ``own`` is false for positions that the desk did not open.

    ``profit_r`` is what is realised of it with its open profit and swap in units of the initial risk, ``price_r`` how
    far the price has come in the same units; both null for foreign positions, the first (and ``realised``) also until
    the deals of a part that was closed are booked. ``risk_now`` is the loss if the stop were hit at its price, from
    the entry, without costs; null without a stop. ``ahead`` is what the desk does next.
    """

    ticket: int
    symbol: str
    side: Side
    digits: int | None
    lots: Number
    volume_step: Number | None
    entry_price: Number
    price: Number
    stop_loss: Number | None
    take_profit: Number | None
    profit: Number
    swap: Number
    profit_r: Number | None
    price_r: Number | None
    initial_risk: Number | None
    risk_now: Number | None
    initial_lots: Number | None
    realised: Number | None
    targets: tuple[PositionTargetView, ...]
    ahead: tuple[StepAheadView, ...]
    opened_at: datetime
    own: bool
    idea_id: str | None
    strategy: StrategyRef | None
    history_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPosition:
    """A position of the book that the broker does not show: being booked, or gone without a deal and to be cleared."""

    ticket: int
    symbol: str
    side: Side
    lots: Number
    opened_at: datetime
    strategy: StrategyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionList:
    """Open positions at the broker, newest first, with their sum, and those of the book that it does not show."""

    as_of: datetime
    captured_at: datetime
    currency: str
    floating: Number
    positions: tuple[PositionView, ...]
    lost: tuple[LostPosition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPositionView:
    """A finished position of the desk. ``net_profit`` includes commission and swap, in account currency."""

    ticket: int
    symbol: str
    side: Side
    digits: int | None
    lots: Number
    entry_price: Number
    exit_price: Number
    stop_loss: Number
    take_profit: Number
    initial_risk: Number
    net_profit: Number
    commission: Number
    swap: Number
    r_multiple: Number
    opened_at: datetime
    closed_at: datetime
    reason: str
    idea_id: str
    strategy: StrategyRef
    history_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPositionList:
    """Finished positions, newest first."""

    as_of: datetime
    currency: str | None
    positions: tuple[ClosedPositionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order of the desk on its way or settled; ``kind`` is open, reduce or protect."""

    intent_id: str
    kind: str
    symbol: str
    side: Side | None
    lots: Number | None
    price: Number | None
    stop_loss: Number | None
    take_profit: Number | None
    ticket: int | None
    idea_id: str | None
    status: IntentStatus
    detail: str
    history_seq: int
    judged_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """Orders, newest first."""

    as_of: datetime
    orders: tuple[OrderView, ...]
