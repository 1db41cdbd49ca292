"""The dealer: judges a trade request as the broker's server does and books what it allows.

Every refusal is a retcode with the terminal's words, in the order in which a server finds them. What this
terminal does not offer yet (resting orders, close-by) is refused as a broker refuses what it forbids.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.values import from_epoch
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.book import Book
from tradewarden.mt5sim.contracts import Contract, Execution, SymbolTradeMode
from tradewarden.mt5sim.ledger import ZERO, HeldPosition, Traded
from tradewarden.mt5sim.prices import Tick
from tradewarden.mt5sim.requests import RETCODE_WORDS, Request
from tradewarden.mt5sim.server_time import ServerTimes

# A tick older than this inside trading hours means that the feed is silent, as on a holiday.
QUOTE_LIFETIME_SECONDS = 600
_FILLING_FLAG = {mt5.ORDER_FILLING_FOK: mt5.SYMBOL_FILLING_FOK, mt5.ORDER_FILLING_IOC: mt5.SYMBOL_FILLING_IOC}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server does not do it."""

    retcode: int
    detail: str = ""

    @property
    def words(self) -> str:
        """Return the server's comment."""
        return self.detail or RETCODE_WORDS[self.retcode]


@dataclass(frozen=True, slots=True)
class Opening:
    """An allowed opening: the price it is filled at and the margin it takes."""

    price: Decimal
    margin: Decimal


@dataclass(frozen=True, slots=True)
class Closing:
    """An allowed closing of ``position``: price and profit."""

    position: HeldPosition
    price: Decimal
    profit: Decimal


@dataclass(frozen=True, slots=True)
class StopChange:
    """An allowed change of a position's levels."""

    position: HeldPosition


Allowed = Opening | Closing | StopChange


class Dealer:
    """Judges and executes requests against one book."""

    def __init__(self, book: Book, times: ServerTimes) -> None:
        self._book = book
        self._times = times

    def judge(self, request: Request) -> Allowed | Refusal:
        """Return what the server would do with ``request``."""
        match request.record.action:
            case mt5.TRADE_ACTION_DEAL if request.record.position:
                return self._judge_close(request)
            case mt5.TRADE_ACTION_DEAL:
                return self._judge_open(request)
            case mt5.TRADE_ACTION_SLTP:
                return self._judge_stops(request)
            case mt5.TRADE_ACTION_PENDING | mt5.TRADE_ACTION_MODIFY | mt5.TRADE_ACTION_REMOVE:
                return Refusal(mt5.TRADE_RETCODE_INVALID_ORDER, "Pending orders are not offered")
            case mt5.TRADE_ACTION_CLOSE_BY:
                return Refusal(mt5.TRADE_RETCODE_INVALID_ORDER, "Close by is not offered")
            case _:
                return Refusal(mt5.TRADE_RETCODE_INVALID)

    def execute(self, request: Request, allowed: Allowed) -> Traded | None:
        """Book what :meth:`judge` allowed; None for a change of levels."""
        match allowed:
            case Opening():
                return self._book.open(request, allowed.price, allowed.margin)
            case Closing():
                return self._book.close(
                    allowed.position,
                    request.volume,
                    allowed.price,
                    profit=allowed.profit,
                    type_filling=request.record.type_filling,
                )
            case StopChange():
                self._book.move_stops(allowed.position.ticket, request.stop_loss, request.take_profit)
                return None

    def _judge_open(self, request: Request) -> Opening | Refusal:
        record = request.record
        contract = self._contract(record.symbol)
        if contract is None:
            return Refusal(mt5.TRADE_RETCODE_INVALID, "Unknown symbol")
        if record.type not in (mt5.ORDER_TYPE_BUY, mt5.ORDER_TYPE_SELL):
            return Refusal(mt5.TRADE_RETCODE_INVALID_ORDER)
        tick = self._tradable(contract)
        refusal = (
            self._volume(contract, request.volume)
            or self._filling(contract, record.type_filling)
            or self._direction(contract, record.type)
            or (tick if isinstance(tick, Refusal) else None)
        )
        if refusal is not None or isinstance(tick, Refusal):
            return refusal or Refusal(mt5.TRADE_RETCODE_INVALID)
        price = self._price(contract, tick.ask if record.type == mt5.ORDER_TYPE_BUY else tick.bid)
        refusal = self._asked_price(contract, request, price) or self._levels(
            contract, record.type, tick, request.stop_loss, request.take_profit
        )
        if refusal is not None:
            return refusal
        return self._affordable(contract, request, price, tick)

    def _affordable(self, contract: Contract, request: Request, price: Decimal, tick: Tick) -> Opening | Refusal:
        is_buy = request.record.type == mt5.ORDER_TYPE_BUY
        money = self._book.money
        margin = money.margin(contract, request.volume, price)
        closing = self._price(contract, tick.bid if is_buy else tick.ask)
        cost = money.profit(contract, 1 if is_buy else -1, request.volume, price, closing)
        if margin is None or cost is None:
            return Refusal(mt5.TRADE_RETCODE_TRADE_DISABLED, "No conversion rate to account currency")
        totals = self._book.totals()
        if totals.free < margin + contract.commission_per_lot * request.volume:
            return Refusal(mt5.TRADE_RETCODE_NO_MONEY)
        return Opening(price, margin)

    def _judge_close(self, request: Request) -> Closing | Refusal:
        record = request.record
        position = self._book.ledger.positions.get(record.position)
        if position is None:
            return Refusal(mt5.TRADE_RETCODE_POSITION_CLOSED)
        if record.symbol != position.symbol or record.type != 1 - position.position_type:
            return Refusal(mt5.TRADE_RETCODE_INVALID, "Not the opposite of the position")
        contract = self._book.contract(position.symbol)
        if contract.trade_mode is SymbolTradeMode.DISABLED:
            return Refusal(mt5.TRADE_RETCODE_TRADE_DISABLED)
        refusal = self._close_volume(contract, position, request.volume) or self._filling(contract, record.type_filling)
        if refusal is not None:
            return refusal
        tick = self._tradable(contract)
        if isinstance(tick, Refusal):
            return tick
        price = self._book.closing_price(position)
        refusal = self._asked_price(contract, request, price)
        if refusal is not None:
            return refusal
        profit = self._book.money.profit(contract, position.sign, request.volume, position.price_open, price)
        if profit is None:
            return Refusal(mt5.TRADE_RETCODE_PRICE_OFF, "No conversion rate to account currency")
        return Closing(position, price, profit)

    def _judge_stops(self, request: Request) -> StopChange | Refusal:
        position = self._book.ledger.positions.get(request.record.position)
        if position is None:
            return Refusal(mt5.TRADE_RETCODE_POSITION_CLOSED)
        if request.record.symbol not in ("", position.symbol):
            return Refusal(mt5.TRADE_RETCODE_INVALID, "Not the symbol of the position")
        contract = self._book.contract(position.symbol)
        if (request.stop_loss, request.take_profit) == (position.stop_loss, position.take_profit):
            return Refusal(mt5.TRADE_RETCODE_NO_CHANGES)
        tick = self._tradable(contract)
        if isinstance(tick, Refusal):
            return tick
        refusal = self._frozen(contract, position, tick) or self._levels(
            contract, position.position_type, tick, request.stop_loss, request.take_profit
        )
        return refusal or StopChange(position)

    def _contract(self, symbol: str) -> Contract | None:
        prices = self._book.prices.get(symbol)
        return None if prices is None else prices.contract

    def _price(self, contract: Contract, points: int) -> Decimal:
        return self._book.prices[contract.symbol].price(points)

    def is_open(self, contract: Contract) -> bool:
        """Return whether the symbol trades now by its hours."""
        server = from_epoch(self._times.to_server(self._book.present.seconds)).replace(tzinfo=None)
        return contract.hours.contains(server)

    def _tradable(self, contract: Contract) -> Tick | Refusal:
        if not self.is_open(contract):
            return Refusal(mt5.TRADE_RETCODE_MARKET_CLOSED)
        tick = self._book.tick(contract.symbol)
        if tick is None or self._book.present.seconds - tick.at > QUOTE_LIFETIME_SECONDS:
            return Refusal(mt5.TRADE_RETCODE_PRICE_OFF)
        return tick

    @staticmethod
    def _volume(contract: Contract, volume: Decimal) -> Refusal | None:
        low, high, step = contract.volume_min, contract.volume_max, contract.volume_step
        return None if low <= volume <= high and volume % step == 0 else Refusal(mt5.TRADE_RETCODE_INVALID_VOLUME)

    @staticmethod
    def _close_volume(contract: Contract, position: HeldPosition, volume: Decimal) -> Refusal | None:
        if volume > position.volume:
            return Refusal(mt5.TRADE_RETCODE_INVALID_CLOSE_VOLUME)
        left = position.volume - volume
        fits = volume > ZERO and volume % contract.volume_step == 0 and (not left or left >= contract.volume_min)
        return None if fits else Refusal(mt5.TRADE_RETCODE_INVALID_VOLUME)

    @staticmethod
    def _filling(contract: Contract, type_filling: int) -> Refusal | None:
        allowed = contract.filling_flags & _FILLING_FLAG.get(type_filling, 0)
        return None if allowed else Refusal(mt5.TRADE_RETCODE_INVALID_FILL)

    @staticmethod
    def _direction(contract: Contract, order_type: int) -> Refusal | None:
        match contract.trade_mode:
            case SymbolTradeMode.DISABLED:
                return Refusal(mt5.TRADE_RETCODE_TRADE_DISABLED)
            case SymbolTradeMode.CLOSE_ONLY:
                return Refusal(mt5.TRADE_RETCODE_CLOSE_ONLY)
            case SymbolTradeMode.LONG_ONLY if order_type == mt5.ORDER_TYPE_SELL:
                return Refusal(mt5.TRADE_RETCODE_LONG_ONLY)
            case SymbolTradeMode.SHORT_ONLY if order_type == mt5.ORDER_TYPE_BUY:
                return Refusal(mt5.TRADE_RETCODE_SHORT_ONLY)
            case _:
                return None

    @staticmethod
    def _asked_price(contract: Contract, request: Request, price: Decimal) -> Refusal | None:
        """Refuse a price that is none, or further from the market than the deviation allows."""
        asked = request.price
        if not asked:
            market = contract.execution is Execution.MARKET
            return None if market else Refusal(mt5.TRADE_RETCODE_INVALID_PRICE)
        if asked % contract.point:
            return Refusal(mt5.TRADE_RETCODE_INVALID_PRICE)
        if abs(asked - price) <= request.record.deviation * contract.point:
            return None
        instant = contract.execution is Execution.INSTANT
        return Refusal(mt5.TRADE_RETCODE_REQUOTE if instant else mt5.TRADE_RETCODE_PRICE_CHANGED)

    def _levels(
        self, contract: Contract, order_type: int, tick: Tick, stop_loss: Decimal, take_profit: Decimal
    ) -> Refusal | None:
        """Refuse levels off the price grid, on the wrong side, or nearer to the closing quote than allowed."""
        if stop_loss % contract.point or take_profit % contract.point:
            return Refusal(mt5.TRADE_RETCODE_INVALID_STOPS)
        is_buy = order_type == mt5.ORDER_TYPE_BUY
        sign = 1 if is_buy else -1
        quote = self._price(contract, tick.bid if is_buy else tick.ask)
        # Even without a stops level a level on the quote itself would be hit at once.
        nearest = max(contract.stops_level, 1) * contract.point
        if stop_loss and (quote - stop_loss) * sign < nearest:
            return Refusal(mt5.TRADE_RETCODE_INVALID_STOPS)
        if take_profit and (take_profit - quote) * sign < nearest:
            return Refusal(mt5.TRADE_RETCODE_INVALID_STOPS)
        return None

    def _frozen(self, contract: Contract, position: HeldPosition, tick: Tick) -> Refusal | None:
        if not contract.freeze_level:
            return None
        is_buy = position.position_type == mt5.POSITION_TYPE_BUY
        quote = self._price(contract, tick.bid if is_buy else tick.ask)
        levels = (level for level in (position.stop_loss, position.take_profit) if level)
        frozen = any(abs(quote - level) <= contract.freeze_level * contract.point for level in levels)
        return Refusal(mt5.TRADE_RETCODE_FROZEN) if frozen else None
