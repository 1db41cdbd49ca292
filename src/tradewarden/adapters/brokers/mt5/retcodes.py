"""What a return code of the terminal means for an order: done, definitely not done, or not known.

The table is closed: a code that is not in it is unknown, and an unknown order counts as done in every limit.
"""

from enum import StrEnum

from tradewarden.mt5sim import constants as mt5


class Meaning(StrEnum):
    """The three outcomes that a sender must tell apart."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# Only these two say for certain that nothing left the terminal.
LOCAL_REFUSALS = frozenset((mt5.RES_E_INVALID_PARAMS, mt5.RES_E_AUTO_TRADING_DISABLED))
# A quote that moved: asking again at the new price is safe, because the server did nothing.
REQUOTES = frozenset((mt5.TRADE_RETCODE_REQUOTE, mt5.TRADE_RETCODE_PRICE_CHANGED))

_DONE = (mt5.TRADE_RETCODE_PLACED, mt5.TRADE_RETCODE_DONE, mt5.TRADE_RETCODE_DONE_PARTIAL)
_WORDS: dict[int, str] = {
    mt5.TRADE_RETCODE_REQUOTE: "the price moved before the order arrived",
    mt5.TRADE_RETCODE_REJECT: "the broker rejected the request",
    mt5.TRADE_RETCODE_CANCEL: "the request was cancelled",
    mt5.TRADE_RETCODE_INVALID: "the request is invalid",
    mt5.TRADE_RETCODE_INVALID_VOLUME: "the lots are outside the symbol's limits or off its step",
    mt5.TRADE_RETCODE_INVALID_PRICE: "the price is invalid",
    mt5.TRADE_RETCODE_INVALID_STOPS: "stop or target is on the wrong side or too near",
    mt5.TRADE_RETCODE_TRADE_DISABLED: "trading the symbol is disabled",
    mt5.TRADE_RETCODE_MARKET_CLOSED: "the market is closed",
    mt5.TRADE_RETCODE_NO_MONEY: "there is not enough free margin",
    mt5.TRADE_RETCODE_PRICE_CHANGED: "the price changed",
    mt5.TRADE_RETCODE_PRICE_OFF: "there are no quotes",
    mt5.TRADE_RETCODE_INVALID_EXPIRATION: "the expiration is invalid",
    mt5.TRADE_RETCODE_ORDER_CHANGED: "the order's state changed",
    mt5.TRADE_RETCODE_TOO_MANY_REQUESTS: "there were too many requests",
    mt5.TRADE_RETCODE_NO_CHANGES: "the request changes nothing",
    mt5.TRADE_RETCODE_SERVER_DISABLES_AT: "the server has switched automatic trading off",
    mt5.TRADE_RETCODE_CLIENT_DISABLES_AT: "the AutoTrading button in the terminal is off",
    mt5.TRADE_RETCODE_LOCKED: "the request is locked for processing",
    mt5.TRADE_RETCODE_FROZEN: "order or position is frozen near its level",
    mt5.TRADE_RETCODE_INVALID_FILL: "the filling mode is not supported",
    mt5.TRADE_RETCODE_ONLY_REAL: "only real accounts may do this",
    mt5.TRADE_RETCODE_LIMIT_ORDERS: "the number of resting orders is at its limit",
    mt5.TRADE_RETCODE_LIMIT_VOLUME: "the volume on the symbol is at its limit",
    mt5.TRADE_RETCODE_INVALID_ORDER: "the order type is invalid or not offered",
    mt5.TRADE_RETCODE_POSITION_CLOSED: "the position is closed already",
    mt5.TRADE_RETCODE_INVALID_CLOSE_VOLUME: "the lots to close are more than are open",
    mt5.TRADE_RETCODE_CLOSE_ORDER_EXIST: "a closing order for the position exists already",
    mt5.TRADE_RETCODE_LIMIT_POSITIONS: "the number of positions is at its limit",
    mt5.TRADE_RETCODE_REJECT_CANCEL: "the pending order's activation was rejected",
    mt5.TRADE_RETCODE_LONG_ONLY: "only long positions are allowed",
    mt5.TRADE_RETCODE_SHORT_ONLY: "only short positions are allowed",
    mt5.TRADE_RETCODE_CLOSE_ONLY: "only closing is allowed",
    mt5.TRADE_RETCODE_FIFO_CLOSE: "positions must be closed oldest first",
}


def meaning_of(retcode: int) -> Meaning:
    """Return what ``retcode`` says about the order; anything unlisted is unknown."""
    if retcode in _DONE:
        return Meaning.DONE
    return Meaning.REFUSED if retcode in _WORDS else Meaning.UNKNOWN


def words_for(retcode: int, comment: str) -> str:
    """Return the reason in words, with the server's own comment."""
    words = _WORDS.get(retcode, "the outcome is not known")
    return f"{words} (retcode {retcode}: {comment})" if comment else f"{words} (retcode {retcode})"
