"""The desk's broker and market data over a MetaTrader 5 terminal, real or simulated.

Turns intents into trade requests and replies into values: done, refused or unknown, never an exception for a lost
reply. It judges nothing; the gate has done that before an intent exists. One lock stands around the terminal, whose
library is not made for threads.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from tradewarden.adapters.brokers.mt5 import records
from tradewarden.adapters.brokers.mt5.line import TerminalLine
from tradewarden.adapters.brokers.mt5.market import Mt5Market
from tradewarden.adapters.brokers.mt5.retcodes import LOCAL_REFUSALS, REQUOTES, Meaning, meaning_of, words_for
from tradewarden.adapters.brokers.mt5.server_clock import ServerTime
from tradewarden.adapters.brokers.mt5.terminal_api import TerminalApi
from tradewarden.core.account import AccountState, Deal, Position
from tradewarden.core.errors import BrokerUnavailable, InvalidInput
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.session import ServerClock, WeeklyHours
from tradewarden.core.market.snapshot import ConversionQuote
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.orders import Accepted, OpenIntent, ProtectIntent, ReduceIntent, Rejected, SubmitOutcome, Unknown
from tradewarden.mt5sim import constants as mt5
from tradewarden.ports.broker import BrokerTrace
from tradewarden.ports.clock import Clock

# A reduction takes the market's price: it is bounded only so that a broken quote cannot be filled.
_REDUCE_DEVIATION_POINTS = 1000
_REDUCE_ATTEMPTS = 3
# Account and positions are two questions; a price that moves between them is asked for again.
_CONSISTENT_ATTEMPTS = 5
_DAY = timedelta(days=1)


class Mt5Broker:
    """``Broker`` and ``MarketData`` over ``terminal``.

    ``hours`` gives the trading hours of a symbol on the server clock, which the package does not tell. Market time
    comes from ``clock``.
    """

    def __init__(
        self,
        terminal: TerminalApi,
        *,
        server_clock: ServerClock,
        clock: Clock,
        hours: Callable[[str], WeeklyHours],
    ) -> None:
        self._line = TerminalLine(terminal, ServerTime(server_clock), clock)
        self._market = Mt5Market(self._line, hours)
        self._account_key: str | None = None

    def connect(self) -> None:
        """Connect to the terminal. Raises BrokerUnavailable."""
        with self._line.lock:
            if not self._line.terminal.initialize():
                raise BrokerUnavailable(f"the terminal does not connect: {self._line.why()}")

    # Broker

    @property
    def account_key(self) -> str:
        """Return ``login@server``. Raises BrokerUnavailable while no account was ever seen."""
        with self._line.lock:
            if self._account_key is None:
                account = self._line.need(self._line.terminal.account_info(), "the account")
                self._account_key = f"{account.login}@{account.server}"
            return self._account_key

    def account(self) -> AccountState:
        """Return the account's statement, equity and positions of one moment. Raises BrokerUnavailable."""
        with self._line.lock:
            terminal = self._line.need(self._line.terminal.terminal_info(), "the terminal's state")
            account = self._line.need(self._line.terminal.account_info(), "the account")
            held: Any = ()
            for _ in range(_CONSISTENT_ATTEMPTS):
                held = self._line.need(self._line.terminal.positions_get(), "the positions")
                before, account = account, self._line.need(self._line.terminal.account_info(), "the account")
                if (before.equity, before.balance) == (account.equity, account.balance):
                    break
            try:
                return records.statement_from(
                    terminal,
                    account,
                    tuple(self._position(record) for record in held),
                    captured_at=self._line.clock.market_now(),
                )
            except InvalidInput as error:
                raise BrokerUnavailable(f"the terminal's statement cannot be read: {error}") from error

    def _position(self, record: Any) -> Position:
        symbol = self._line.to_desk(record.symbol)
        return records.position_from(record, symbol, self._market.digits_of(record.symbol), self._line.times)

    def open(self, intent: OpenIntent) -> SubmitOutcome:
        """Send a market order with stop and target at the judged price, within the intent's deviation."""
        with self._line.lock:
            request = {
                "action": mt5.TRADE_ACTION_DEAL,
                "symbol": self._line.to_terminal(intent.symbol),
                "volume": float(intent.lots),
                "type": records.order_type(intent.side),
                "price": float(intent.price),
                "sl": float(intent.stop_loss),
                "tp": float(intent.take_profit),
                "deviation": intent.max_deviation_points,
                "magic": intent.magic,
                "comment": intent.comment,
                "type_filling": self._filling(self._line.to_terminal(intent.symbol)),
                "type_time": mt5.ORDER_TIME_GTC,
            }
            return self._send(request, lots=intent.lots, position_ticket=None)

    def reduce(self, intent: ReduceIntent) -> SubmitOutcome:
        """Close ``intent.lots`` of a position at the market; a requote is asked again at the new price."""
        with self._line.lock:
            outcome = self._reduce_once(intent)
            for _ in range(_REDUCE_ATTEMPTS - 1):
                if not (isinstance(outcome, Rejected) and outcome.retcode in REQUOTES):
                    break
                outcome = self._reduce_once(intent)
            return outcome

    def _reduce_once(self, intent: ReduceIntent) -> SubmitOutcome:
        tick = self._line.terminal.symbol_info_tick(self._line.to_terminal(intent.symbol))
        side = intent.side.opposite
        price = 0.0 if tick is None else tick.ask if records.order_type(side) == mt5.ORDER_TYPE_BUY else tick.bid
        request = {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": self._line.to_terminal(intent.symbol),
            "volume": float(intent.lots),
            "type": records.order_type(side),
            "position": intent.ticket,
            "price": float(price),
            "deviation": _REDUCE_DEVIATION_POINTS,
            "type_filling": self._filling(self._line.to_terminal(intent.symbol)),
        }
        return self._send(request, lots=intent.lots, position_ticket=intent.ticket)

    def protect(self, intent: ProtectIntent) -> SubmitOutcome:
        """Change a position's stop, keeping its target."""
        with self._line.lock:
            request = {
                "action": mt5.TRADE_ACTION_SLTP,
                "symbol": self._line.to_terminal(intent.symbol),
                "position": intent.ticket,
                "sl": float(intent.stop_loss),
                "tp": float(intent.take_profit or 0),
            }
            return self._send(request, lots=Decimal(0), position_ticket=intent.ticket)

    def find(self, magic: int) -> BrokerTrace:
        """Return what positions, orders and both histories know of ``magic``. Raises BrokerUnavailable."""
        with self._line.lock:
            until = self._line.times.seconds_of(self._line.clock.market_now() + _DAY)
            held = self._line.need(self._line.terminal.positions_get(), "the positions")
            resting = self._line.need(self._line.terminal.orders_get(), "the orders")
            deals = self._line.need(self._line.terminal.history_deals_get(0, until), "the deals")
            orders = self._line.need(self._line.terminal.history_orders_get(0, until), "the order history")
            opened = [deal for deal in deals if deal.magic == magic and deal.entry == mt5.DEAL_ENTRY_IN]
            positions = [position for position in held if position.magic == magic]
            filled = [order for order in orders if order.magic == magic and order.state == mt5.ORDER_STATE_FILLED]
            outcome = self._found(opened, positions, filled)
            return BrokerTrace(magic=magic, outcome=outcome, pending=any(order.magic == magic for order in resting))

    def _found(self, deals: list[Any], positions: list[Any], orders: list[Any]) -> Accepted | None:
        """Return the opening that the first of deals, positions, orders tells of; all say the same once settled."""
        source = (deals or positions or orders or [None])[0]
        if source is None:
            return None
        deal, position, order = ((items or [None])[0] for items in (deals, positions, orders))
        order_ticket = deal.order if deal else order.ticket if order else position.identifier if position else 0
        ticket = deal.position_id if deal else position.ticket if position else source.position_id
        lots = sum((records.plain(item.volume) for item in deals), Decimal(0)) if deals else None
        price = deal.price if deal else source.price_open
        opened = source.time_done if source is order else source.time
        return Accepted(
            retcode=mt5.TRADE_RETCODE_DONE,
            order_ticket=int(order_ticket),
            deal_ticket=int(deal.ticket) if deal else 0,
            position_ticket=int(ticket),
            lots=lots or records.plain(position.volume if position else source.volume_initial),
            price=records.decimal_of(price, self._market.digits_of(source.symbol)),
            at=self._line.times.utc_of(opened),
            raw=str(source._asdict()),
        )

    def deals(self, since: datetime) -> tuple[Deal, ...]:
        """Return the deals booked at or after ``since``, oldest first. Raises BrokerUnavailable."""
        with self._line.lock:
            first = self._line.times.seconds_of(since)
            last = self._line.times.seconds_of(self._line.clock.market_now() + _DAY)
            found = self._line.need(self._line.terminal.history_deals_get(first, last), "the deals")
            try:
                booked = [self._deal(record) for record in found]
            except InvalidInput as error:
                raise BrokerUnavailable(f"the terminal's deals cannot be read: {error}") from error
            return tuple(sorted((deal for deal in booked if deal.at >= since), key=lambda deal: (deal.at, deal.ticket)))

    def _deal(self, record: Any) -> Deal:
        symbol = self._line.to_desk(record.symbol)
        return records.deal_from(record, symbol, self._market.digits_of(record.symbol), self._line.times)

    # MarketData

    @property
    def server_clock(self) -> ServerClock:
        """Return the broker's clock."""
        return self._line.times.clock

    def symbols(self) -> tuple[str, ...]:
        """Return the terminal's symbols, asked for once. Raises BrokerUnavailable."""
        with self._line.lock:
            return self._market.symbols()

    def instrument(self, symbol: str) -> Instrument:
        """Return the contract at the last usable quote. Raises MarketDataUnavailable."""
        with self._line.lock:
            return self._market.instrument(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """Return the executable quote, None when there is none. Raises MarketDataUnavailable for an unknown symbol."""
        with self._line.lock:
            return self._market.quote(symbol)

    def use_symbols(self, symbols: SymbolMap) -> None:
        """Name symbols by ``symbols`` from now on, in both directions."""
        with self._line.lock:
            self._market.use_symbols(symbols)

    def conversions(self, currencies: Sequence[str], to: str) -> tuple[ConversionQuote, ...]:
        """Return the quotes that lead from ``currencies`` to ``to``; none where no symbol on offer does."""
        with self._line.lock:
            return self._market.conversions(currencies, to)

    def closed_bars(self, symbol: str, timeframe: Timeframe, count: int, as_of: datetime) -> Bars:
        """Return the newest ``count`` bars that ended by ``as_of``. Raises MarketDataUnavailable, InvalidBars."""
        return self._market.closed_bars(symbol, timeframe, count, as_of)

    # The terminal's answers

    def _send(self, request: dict[str, Any], *, lots: Decimal, position_ticket: int | None) -> SubmitOutcome:
        reply = self._line.terminal.order_send(request)
        at = self._line.clock.market_now()
        if reply is None:
            code, text = self._line.terminal.last_error()
            raw = f"None, last_error {code}: {text}"
            if code in LOCAL_REFUSALS:
                return Rejected(retcode=code, reason=f"the terminal did not send it: {text} ({code})", at=at, raw=raw)
            return Unknown(reason=f"the terminal gave no reply: {text} ({code})", at=at, raw=raw)
        retcode, raw = int(reply.retcode), records.raw_text(reply)
        reason = words_for(retcode, reply.comment)
        if not (isfinite(reply.price) and isfinite(reply.volume)):
            reason = f"the reply states {reply.volume} lots at {reply.price}, which are no numbers ({reason})"
            return Unknown(reason=reason, at=at, raw=raw)
        match meaning_of(retcode):
            case Meaning.REFUSED:
                return Rejected(retcode=retcode, reason=reason, at=at, raw=raw)
            case Meaning.UNKNOWN:
                return Unknown(reason=reason, at=at, raw=raw)
            case Meaning.DONE:
                return Accepted(
                    retcode=retcode,
                    order_ticket=int(reply.order),
                    deal_ticket=int(reply.deal),
                    # On a hedging account a position carries the ticket of the order that opened it.
                    position_ticket=int(reply.order) if position_ticket is None else position_ticket,
                    lots=records.plain(reply.volume) if reply.volume else lots,
                    price=records.decimal_of(reply.price, self._market.digits_of(request["symbol"])),
                    at=at,
                    raw=raw,
                )

    def _filling(self, symbol: str) -> int:
        info = self._line.terminal.symbol_info(symbol)
        return records.filling_for(0 if info is None else info.filling_mode)
