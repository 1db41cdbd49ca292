"""The terminal's structures as the desk's values: Decimal, aware UTC, the desk's words.

Translation of single records only; what to ask and what an answer means for an order is in ``broker``.
"""

import json
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from tradewarden.adapters.brokers.mt5.server_clock import ServerTime
from tradewarden.core.account import AccountState, Booking, Deal, DealEntry, MarginMode, Position
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.instrument import Instrument, TradeMode
from tradewarden.core.market.session import WeeklyHours
from tradewarden.core.values import Side
from tradewarden.mt5sim import constants as mt5

_TRADE_MODES = {
    mt5.SYMBOL_TRADE_MODE_DISABLED: TradeMode.DISABLED,
    mt5.SYMBOL_TRADE_MODE_LONGONLY: TradeMode.LONG_ONLY,
    mt5.SYMBOL_TRADE_MODE_SHORTONLY: TradeMode.SHORT_ONLY,
    mt5.SYMBOL_TRADE_MODE_CLOSEONLY: TradeMode.CLOSE_ONLY,
    mt5.SYMBOL_TRADE_MODE_FULL: TradeMode.FULL,
}
_ENTRIES = {
    mt5.DEAL_ENTRY_IN: DealEntry.IN,
    mt5.DEAL_ENTRY_OUT: DealEntry.OUT,
    mt5.DEAL_ENTRY_INOUT: DealEntry.INOUT,
    mt5.DEAL_ENTRY_OUT_BY: DealEntry.OUT,
}
_REASONS = {
    mt5.DEAL_REASON_CLIENT: "client",
    mt5.DEAL_REASON_MOBILE: "mobile",
    mt5.DEAL_REASON_WEB: "web",
    mt5.DEAL_REASON_EXPERT: "expert",
    mt5.DEAL_REASON_SL: "sl",
    mt5.DEAL_REASON_TP: "tp",
    mt5.DEAL_REASON_SO: "so",
    mt5.DEAL_REASON_ROLLOVER: "rollover",
    mt5.DEAL_REASON_VMARGIN: "variation margin",
    mt5.DEAL_REASON_SPLIT: "split",
}
_MARGIN_MODES = {
    mt5.ACCOUNT_MARGIN_MODE_RETAIL_NETTING: MarginMode.NETTING,
    mt5.ACCOUNT_MARGIN_MODE_EXCHANGE: MarginMode.NETTING,
    mt5.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING: MarginMode.HEDGING,
}
_MONEY = ("balance", "credit", "equity", "margin", "margin_free", "margin_level")
_POSITION_NUMBERS = ("volume", "price_open", "price_current", "sl", "tp", "profit", "swap")
_DEAL_NUMBERS = ("volume", "price", "profit", "swap", "commission", "fee")
_CONTRACT_NUMBERS = (
    "point",
    "trade_tick_size",
    "trade_tick_value_profit",
    "trade_tick_value_loss",
    "trade_contract_size",
    "volume_min",
    "volume_max",
    "volume_step",
)
_BOOKINGS = {
    mt5.DEAL_TYPE_BALANCE: Booking.DEPOSIT,
    mt5.DEAL_TYPE_CREDIT: Booking.CREDIT,
    mt5.DEAL_TYPE_BONUS: Booking.BONUS,
    mt5.DEAL_TYPE_CORRECTION: Booking.CORRECTION,
    mt5.DEAL_TYPE_CHARGE: Booking.CHARGE,
}
_SIDES = {mt5.DEAL_TYPE_BUY: Side.BUY, mt5.DEAL_TYPE_SELL: Side.SELL}


def decimal_of(value: float, digits: int = 8) -> Decimal:
    """Return the decimal number that a float of the interface stands for, rounded to ``digits``."""
    return Decimal(f"{value:.{digits}f}")


def plain(value: float) -> Decimal:
    """Return a lot size or contract number without trailing zeros."""
    number = decimal_of(value).normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def money_of(value: float) -> Decimal:
    """Return an amount in account currency, to the cent."""
    return decimal_of(value, 2)


def level_of(price: float, digits: int) -> Decimal | None:
    """Return a stop or target, None where the terminal says 0."""
    return decimal_of(price, digits) if price else None


def raw_text(reply: Any) -> str:
    """Return the terminal's reply as one line of JSON, as it came."""
    fields = reply._asdict()
    fields["request"] = fields["request"]._asdict()
    return json.dumps(fields, sort_keys=True, default=str)


def _check_finite(record: Any, names: tuple[str, ...], what: str) -> None:
    """Raise InvalidInput naming the first of ``names`` whose value is no number."""
    for name in names:
        value = getattr(record, name)
        if not isfinite(value):
            raise InvalidInput(f"{what}: {name} is {value}, it must be a number")


def statement_from(
    terminal: Any, account: Any, positions: tuple[Position, ...], *, captured_at: datetime
) -> AccountState:
    """Return the account's statement. Raises InvalidInput for what cannot be a statement."""
    _check_finite(account, _MONEY, f"account {account.login}")
    mode = _MARGIN_MODES.get(account.margin_mode)
    if mode is None:
        raise InvalidInput(f"account {account.login}: margin_mode {account.margin_mode} is not a known one")
    margin = money_of(account.margin)
    return AccountState(
        login=int(account.login),
        server=account.server,
        currency=account.currency,
        connected=bool(terminal.connected),
        trade_allowed=bool(
            account.trade_allowed and account.trade_expert and terminal.trade_allowed and not terminal.tradeapi_disabled
        ),
        balance=money_of(account.balance),
        credit=money_of(account.credit),
        equity=money_of(account.equity),
        margin=margin,
        margin_free=money_of(account.margin_free),
        margin_level=money_of(account.margin_level) if margin else None,
        leverage=int(account.leverage),
        positions=positions,
        captured_at=captured_at,
        margin_mode=MarginMode.FIFO if account.fifo_close and mode is MarginMode.HEDGING else mode,
    )


def position_from(record: Any, symbol: str, digits: int, times: ServerTime) -> Position:
    """Return an open position in the desk's ``symbol``. Raises InvalidInput naming a value that is no number."""
    _check_finite(record, _POSITION_NUMBERS, f"position {record.ticket}")
    return Position(
        ticket=int(record.ticket),
        symbol=symbol,
        side=Side.BUY if record.type == mt5.POSITION_TYPE_BUY else Side.SELL,
        lots=plain(record.volume),
        entry_price=decimal_of(record.price_open, digits),
        price=decimal_of(record.price_current, digits),
        stop_loss=level_of(record.sl, digits),
        take_profit=level_of(record.tp, digits),
        profit=money_of(record.profit),
        swap=money_of(record.swap),
        opened_at=times.utc_of(record.time),
        magic=int(record.magic),
        comment=record.comment,
    )


def deal_from(record: Any, symbol: str, digits: int, times: ServerTime) -> Deal:
    """Return a booked deal in the desk's ``symbol``; what is neither bought nor sold is a booking on the balance.

    Raises InvalidInput naming a value that is no number.
    """
    _check_finite(record, _DEAL_NUMBERS, f"deal {record.ticket}")
    side = _SIDES.get(record.type)
    return Deal(
        ticket=int(record.ticket),
        order=int(record.order),
        position_id=int(record.position_id),
        symbol=symbol,
        entry=DealEntry.BALANCE if side is None else _ENTRIES[record.entry],
        side=side,
        lots=plain(record.volume),
        price=decimal_of(record.price, digits),
        profit=money_of(record.profit),
        swap=money_of(record.swap),
        commission=money_of(record.commission + record.fee),
        at=times.utc_of(record.time),
        magic=int(record.magic),
        comment=record.comment,
        reason=_REASONS.get(record.reason, f"reason {record.reason}"),
        booking=None if side is not None else _BOOKINGS.get(record.type, Booking.OTHER),
    )


def instrument_from(
    record: Any, margin_per_lot: float, hours: WeeklyHours, *, name: str, calculated_tick_value: Decimal | None
) -> Instrument:
    """Return a contract under the desk's ``name``; ``hours`` come from elsewhere, the package does not tell them.

    Raises InvalidInput naming the field and its value where the contract cannot be one.
    """
    _check_finite(record, _CONTRACT_NUMBERS, record.name)
    if not isfinite(margin_per_lot):
        raise InvalidInput(f"{record.name}: the margin of one lot is {margin_per_lot}, it must be a number")
    if record.trade_mode not in _TRADE_MODES:
        raise InvalidInput(f"{record.name}: trade_mode {record.trade_mode} is not a known one")
    digits = int(record.digits)
    return Instrument(
        symbol=name,
        description=record.description,
        digits=digits,
        point=decimal_of(record.point, digits),
        tick_size=decimal_of(record.trade_tick_size, digits),
        tick_value=plain(record.trade_tick_value_profit),
        tick_value_loss=plain(record.trade_tick_value_loss),
        contract_size=plain(record.trade_contract_size),
        volume_min=plain(record.volume_min),
        volume_max=plain(record.volume_max),
        volume_step=plain(record.volume_step),
        stops_level=int(record.trade_stops_level),
        freeze_level=int(record.trade_freeze_level),
        margin_per_lot=money_of(margin_per_lot),
        currency_base=record.currency_base,
        currency_profit=record.currency_profit,
        currency_margin=record.currency_margin,
        trade_mode=_TRADE_MODES[record.trade_mode],
        trading_hours=hours,
        calculated_tick_value=calculated_tick_value,
        broker_symbol="" if record.name == name else record.name,
    )


def filling_for(filling_mode: int) -> int:
    """Return the filling to ask for by the symbol's flags: all or nothing where it is offered."""
    if filling_mode & mt5.SYMBOL_FILLING_FOK:
        return mt5.ORDER_FILLING_FOK
    return mt5.ORDER_FILLING_IOC if filling_mode & mt5.SYMBOL_FILLING_IOC else mt5.ORDER_FILLING_RETURN


def order_type(side: Side) -> int:
    """Return the market order type of ``side``."""
    return mt5.ORDER_TYPE_BUY if side is Side.BUY else mt5.ORDER_TYPE_SELL
