"""The structures that the MetaTrader5 package returns, field by field.

Each is a tuple with named fields, built from one iterable of exact length as the package's own C structures
are, with ``_asdict`` and ``__match_args__``. No behaviour lives here; the terminal fills them, adapters read
them.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, TypeVar, get_type_hints

import numpy as np

_RECORD = TypeVar("_RECORD", bound=tuple[Any, ...])
_EMPTY: dict[Any, Any] = {int: 0, float: 0.0, str: "", bool: False}

RATES_DTYPE = np.dtype(
    [
        ("time", "<i8"),
        ("open", "<f8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("tick_volume", "<u8"),
        ("spread", "<i4"),
        ("real_volume", "<u8"),
    ]
)


def _from_iterable(cls: type[_RECORD]) -> type[_RECORD]:
    """Make ``cls`` take one iterable of exact length, as the package's structures do."""
    fields: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]

    def new(kind: type[_RECORD], values: Iterable[Any]) -> _RECORD:
        items = tuple(values)
        if len(items) != len(fields):
            raise TypeError(f"{cls.__name__}: Invalid tuple size: {len(items)} values for {len(fields)} fields")
        return tuple.__new__(kind, items)

    def newargs(self: _RECORD) -> tuple[Any, ...]:
        return (tuple(self),)

    cls.__new__ = new  # type: ignore[assignment, method-assign]
    cls.__getnewargs__ = newargs  # type: ignore[attr-defined]
    return cls


@_from_iterable
class TradeRequest(NamedTuple):
    """A trade request; in results it is what was asked."""

    action: int
    magic: int
    order: int
    symbol: str
    volume: float
    price: float
    stoplimit: float
    sl: float
    tp: float
    deviation: int
    type: int
    type_filling: int
    type_time: int
    expiration: int
    comment: str
    position: int
    position_by: int


@_from_iterable
class TradePosition(NamedTuple):
    """An open position."""

    ticket: int
    time: int
    time_msc: int
    time_update: int
    time_update_msc: int
    type: int
    magic: int
    identifier: int
    reason: int
    volume: float
    price_open: float
    sl: float
    tp: float
    price_current: float
    swap: float
    profit: float
    symbol: str
    comment: str
    external_id: str


@_from_iterable
class TradeOrder(NamedTuple):
    """An order, resting or in the history."""

    ticket: int
    time_setup: int
    time_setup_msc: int
    time_done: int
    time_done_msc: int
    time_expiration: int
    type: int
    type_time: int
    type_filling: int
    state: int
    magic: int
    position_id: int
    position_by_id: int
    reason: int
    volume_initial: float
    volume_current: float
    price_open: float
    sl: float
    tp: float
    price_current: float
    price_stoplimit: float
    symbol: str
    comment: str
    external_id: str


@_from_iterable
class TradeDeal(NamedTuple):
    """A deal: a fill or a change of the balance."""

    ticket: int
    order: int
    time: int
    time_msc: int
    type: int
    entry: int
    magic: int
    position_id: int
    reason: int
    volume: float
    price: float
    commission: float
    swap: float
    profit: float
    fee: float
    symbol: str
    comment: str
    external_id: str


@_from_iterable
class OrderSendResult(NamedTuple):
    """The server's reply to a trade request."""

    retcode: int
    deal: int
    order: int
    volume: float
    price: float
    bid: float
    ask: float
    comment: str
    request_id: int
    retcode_external: int
    request: TradeRequest


@_from_iterable
class OrderCheckResult(NamedTuple):
    """What a trade request would do to the account."""

    retcode: int
    balance: float
    equity: float
    profit: float
    margin: float
    margin_free: float
    margin_level: float
    comment: str
    request: TradeRequest


@_from_iterable
class Tick(NamedTuple):
    """A quote; ``time`` is on the server clock."""

    time: int
    bid: float
    ask: float
    last: float
    volume: int
    time_msc: int
    flags: int
    volume_real: float


@_from_iterable
class TerminalInfo(NamedTuple):
    """The state of the terminal."""

    community_account: bool
    community_connection: bool
    connected: bool
    dlls_allowed: bool
    trade_allowed: bool
    tradeapi_disabled: bool
    email_enabled: bool
    ftp_enabled: bool
    notifications_enabled: bool
    mqid: bool
    build: int
    maxbars: int
    codepage: int
    ping_last: int
    community_balance: float
    retransmission: float
    company: str
    name: str
    language: str
    path: str
    data_path: str
    commondata_path: str


@_from_iterable
class AccountInfo(NamedTuple):
    """The account."""

    login: int
    trade_mode: int
    leverage: int
    limit_orders: int
    margin_so_mode: int
    trade_allowed: bool
    trade_expert: bool
    margin_mode: int
    currency_digits: int
    fifo_close: bool
    balance: float
    credit: float
    profit: float
    equity: float
    margin: float
    margin_free: float
    margin_level: float
    margin_so_call: float
    margin_so_so: float
    margin_initial: float
    margin_maintenance: float
    assets: float
    liabilities: float
    commission_blocked: float
    name: str
    server: str
    currency: str
    company: str


@_from_iterable
class SymbolInfo(NamedTuple):
    """Contract and quote of a symbol."""

    custom: bool
    chart_mode: int
    select: bool
    visible: bool
    session_deals: int
    session_buy_orders: int
    session_sell_orders: int
    volume: int
    volumehigh: int
    volumelow: int
    time: int
    digits: int
    spread: int
    spread_float: bool
    ticks_bookdepth: int
    trade_calc_mode: int
    trade_mode: int
    start_time: int
    expiration_time: int
    trade_stops_level: int
    trade_freeze_level: int
    trade_exemode: int
    swap_mode: int
    swap_rollover3days: int
    margin_hedged_use_leg: bool
    expiration_mode: int
    filling_mode: int
    order_mode: int
    order_gtc_mode: int
    option_mode: int
    option_right: int
    bid: float
    bidhigh: float
    bidlow: float
    ask: float
    askhigh: float
    asklow: float
    last: float
    lasthigh: float
    lastlow: float
    volume_real: float
    volumehigh_real: float
    volumelow_real: float
    option_strike: float
    point: float
    trade_tick_value: float
    trade_tick_value_profit: float
    trade_tick_value_loss: float
    trade_tick_size: float
    trade_contract_size: float
    trade_accrued_interest: float
    trade_face_value: float
    trade_liquidity_rate: float
    volume_min: float
    volume_max: float
    volume_step: float
    volume_limit: float
    swap_long: float
    swap_short: float
    margin_initial: float
    margin_maintenance: float
    session_volume: float
    session_turnover: float
    session_interest: float
    session_buy_orders_volume: float
    session_sell_orders_volume: float
    session_open: float
    session_close: float
    session_aw: float
    session_price_settlement: float
    session_price_limit_min: float
    session_price_limit_max: float
    margin_hedged: float
    price_change: float
    price_volatility: float
    price_theoretical: float
    price_greeks_delta: float
    price_greeks_theta: float
    price_greeks_gamma: float
    price_greeks_vega: float
    price_greeks_rho: float
    price_greeks_omega: float
    price_sensitivity: float
    basis: str
    category: str
    currency_base: str
    currency_profit: str
    currency_margin: str
    bank: str
    description: str
    exchange: str
    formula: str
    isin: str
    name: str
    page: str
    path: str


def build(kind: type[_RECORD], **values: Any) -> _RECORD:
    """Return a ``kind`` of ``values``; a field left out is 0, 0.0, "" or False, as the terminal leaves it."""
    fields, names, empty = _shape(kind)
    if not values.keys() <= names:
        raise TypeError(f"{kind.__name__} has no fields {sorted(values.keys() - names)}")
    made: _RECORD = kind._make(map(values.get, fields, empty))  # type: ignore[attr-defined]
    return made


@cache
def _shape(kind: type[Any]) -> tuple[tuple[str, ...], frozenset[str], tuple[Any, ...]]:
    """Return the fields of a structure in order and as a set, and the value of each that nobody states."""
    hints = get_type_hints(kind)
    return kind._fields, frozenset(kind._fields), tuple(_EMPTY.get(hints[name]) for name in kind._fields)
