"""A trade request as the terminal takes it: a dictionary checked field by field before it leaves the machine.

What fails here never reaches the server: the package answers None with last_error −2 and the name of the
argument.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import index
from typing import Any

from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.records import TradeRequest, build

# Users report limits between 27 and 31 characters; 31 is what the terminal's own dialog takes.
COMMENT_LIMIT = 31
_INTEGERS = frozenset(("action", "magic", "order", "deviation", "position", "position_by", "expiration"))
_INTEGERS |= {"type", "type_filling", "type_time"}
_FLOATS = frozenset(("volume", "price", "stoplimit", "sl", "tp"))
_TEXTS = {"symbol": 31, "comment": COMMENT_LIMIT}
_LARGEST = 2**64
# Eight decimals are more than any price or lot has, and take off what binary fractions leave behind.
_DECIMALS = 8


class InvalidArgument(Exception):
    """An argument that the package refuses; the message names it as the package does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A trade request with exact numbers; a field that was not given is 0 or empty."""

    record: TradeRequest
    volume: Decimal
    price: Decimal
    stop_loss: Decimal
    take_profit: Decimal


def exact(value: float) -> Decimal:
    """Return the decimal number that a float of the interface stands for."""
    return Decimal(str(round(float(value), _DECIMALS))).normalize() + 0


def parse_request(fields: object) -> Request:
    """Return the request of ``fields``. Raises InvalidArgument, naming the first bad argument."""
    if not isinstance(fields, Mapping):
        raise InvalidArgument("Invalid arguments")
    values: dict[str, Any] = {}
    for name, value in fields.items():
        values[name] = _field(name, value)
    if "action" not in values:
        raise InvalidArgument('Invalid "action" argument')
    record = build(TradeRequest, **values)
    return Request(
        record=record,
        volume=exact(record.volume),
        price=exact(record.price),
        stop_loss=exact(record.sl),
        take_profit=exact(record.tp),
    )


def _field(name: object, value: object) -> int | float | str:
    valid: int | float | str | None = None
    if name in _INTEGERS:
        valid = _integer(value)
    elif name in _FLOATS:
        valid = _float(value)
    elif isinstance(value, str) and _TEXTS.get(str(name), -1) >= len(value):
        valid = value
    if valid is None:
        raise InvalidArgument(f'Invalid "{name}" argument')
    return valid


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        return None
    return number if 0 <= number < _LARGEST else None


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


RETCODE_WORDS: dict[int, str] = {
    0: "Done",
    mt5.TRADE_RETCODE_REQUOTE: "Requote",
    mt5.TRADE_RETCODE_DONE: "Request executed",
    mt5.TRADE_RETCODE_INVALID: "Invalid request",
    mt5.TRADE_RETCODE_INVALID_VOLUME: "Invalid volume",
    mt5.TRADE_RETCODE_INVALID_PRICE: "Invalid price",
    mt5.TRADE_RETCODE_INVALID_STOPS: "Invalid stops",
    mt5.TRADE_RETCODE_TRADE_DISABLED: "Trade disabled",
    mt5.TRADE_RETCODE_MARKET_CLOSED: "Market closed",
    mt5.TRADE_RETCODE_NO_MONEY: "No money",
    mt5.TRADE_RETCODE_PRICE_CHANGED: "Price changed",
    mt5.TRADE_RETCODE_PRICE_OFF: "No quotes",
    mt5.TRADE_RETCODE_NO_CHANGES: "No changes",
    mt5.TRADE_RETCODE_CLIENT_DISABLES_AT: "AutoTrading disabled by client",
    mt5.TRADE_RETCODE_FROZEN: "Position is frozen",
    mt5.TRADE_RETCODE_INVALID_FILL: "Unsupported filling mode",
    mt5.TRADE_RETCODE_INVALID_ORDER: "This kind of order is not offered",
    mt5.TRADE_RETCODE_POSITION_CLOSED: "Position doesn't exist",
    mt5.TRADE_RETCODE_INVALID_CLOSE_VOLUME: "Invalid close volume",
    mt5.TRADE_RETCODE_LONG_ONLY: "Only long positions are allowed",
    mt5.TRADE_RETCODE_SHORT_ONLY: "Only short positions are allowed",
    mt5.TRADE_RETCODE_CLOSE_ONLY: "Only closing is allowed",
}
