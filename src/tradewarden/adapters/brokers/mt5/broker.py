"""The desk's broker and market data over a MetaTrader 5 terminal, real or simulated.

Turns intents into trade requests and replies into values: done, refused or unknown, never an exception for a lost
reply. It judges nothing; the gate has done that before an intent exists. One lock stands around the terminal, whose
library is not made for threads.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from threading import RLock
from typing import Any

import numpy as np

from tradewarden.adapters.brokers.mt5 import records
from tradewarden.adapters.brokers.mt5.retcodes import LOCAL_REFUSALS, REQUOTES, Meaning, meaning_of, words_for
from tradewarden.adapters.brokers.mt5.server_clock import ServerTime
from tradewarden.adapters.brokers.mt5.terminal_api import TerminalApi
from tradewarden.core.account import AccountState, Deal
from tradewarden.core.errors import BrokerUnavailable, MarketDataUnavailable
from tradewarden.core.market.bars import Bars, check_bars
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.session import ServerClock, WeeklyHours
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.orders import Accepted, OpenIntent, ProtectIntent, ReduceIntent, Rejected, SubmitOutcome, Unknown
from tradewarden.core.values import to_epoch
from tradewarden.mt5sim import constants as mt5
from tradewarden.ports.broker import BrokerTrace
from tradewarden.ports.clock import Clock

_TIMEFRAMES = {timeframe: getattr(mt5, f"TIMEFRAME_{timeframe}") for timeframe in Timeframe}
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
        self._terminal = terminal
        self._times = ServerTime(server_clock)
        self._clock = clock
        self._hours = hours
        self._lock = RLock()
        self._account_key: str | None = None
        self._symbols: tuple[str, ...] = ()
        self._digits: dict[str, int] = {}

    def connect(self) -> None:
        """Connect to the terminal. Raises BrokerUnavailable."""
        with self._lock:
            if not self._terminal.initialize():
                raise BrokerUnavailable(f"the terminal does not connect: {self._why()}")

    # Broker

    @property
    def account_key(self) -> str:
        """Return ``login@server``. Raises BrokerUnavailable while no account was ever seen."""
        with self._lock:
            if self._account_key is None:
                account = self._need(self._terminal.account_info(), "the account")
                self._account_key = f"{account.login}@{account.server}"
            return self._account_key

    def account(self) -> AccountState:
        """Return the account's statement, equity and positions of one moment. Raises BrokerUnavailable."""
        with self._lock:
            terminal = self._need(self._terminal.terminal_info(), "the terminal's state")
            account = self._need(self._terminal.account_info(), "the account")
            held: Any = ()
            for _ in range(_CONSISTENT_ATTEMPTS):
                held = self._need(self._terminal.positions_get(), "the positions")
                before, account = account, self._need(self._terminal.account_info(), "the account")
                if (before.equity, before.balance) == (account.equity, account.balance):
                    break
            return self._statement(terminal, account, held)

    def _statement(self, terminal: Any, account: Any, held: Any) -> AccountState:
        margin = records.money_of(account.margin)
        return AccountState(
            login=int(account.login),
            server=account.server,
            currency=account.currency,
            connected=bool(terminal.connected),
            trade_allowed=bool(
                account.trade_allowed
                and account.trade_expert
                and terminal.trade_allowed
                and not terminal.tradeapi_disabled
            ),
            balance=records.money_of(account.balance),
            credit=records.money_of(account.credit),
            equity=records.money_of(account.equity),
            margin=margin,
            margin_free=records.money_of(account.margin_free),
            margin_level=records.money_of(account.margin_level) if margin else None,
            leverage=int(account.leverage),
            positions=tuple(
                records.position_from(position, self._digits_of(position.symbol), self._times) for position in held
            ),
            captured_at=self._clock.market_now(),
        )

    def open(self, intent: OpenIntent) -> SubmitOutcome:
        """Send a market order with stop and target at the judged price, within the intent's deviation."""
        with self._lock:
            request = {
                "action": mt5.TRADE_ACTION_DEAL,
                "symbol": intent.symbol,
                "volume": float(intent.lots),
                "type": records.order_type(intent.side),
                "price": float(intent.price),
                "sl": float(intent.stop_loss),
                "tp": float(intent.take_profit),
                "deviation": intent.max_deviation_points,
                "magic": intent.magic,
                "comment": intent.comment,
                "type_filling": self._filling(intent.symbol),
                "type_time": mt5.ORDER_TIME_GTC,
            }
            return self._send(request, lots=intent.lots, position_ticket=None)

    def reduce(self, intent: ReduceIntent) -> SubmitOutcome:
        """Close ``intent.lots`` of a position at the market; a requote is asked again at the new price."""
        with self._lock:
            outcome = self._reduce_once(intent)
            for _ in range(_REDUCE_ATTEMPTS - 1):
                if not (isinstance(outcome, Rejected) and outcome.retcode in REQUOTES):
                    break
                outcome = self._reduce_once(intent)
            return outcome

    def _reduce_once(self, intent: ReduceIntent) -> SubmitOutcome:
        tick = self._terminal.symbol_info_tick(intent.symbol)
        side = intent.side.opposite
        price = 0.0 if tick is None else tick.ask if records.order_type(side) == mt5.ORDER_TYPE_BUY else tick.bid
        request = {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": intent.symbol,
            "volume": float(intent.lots),
            "type": records.order_type(side),
            "position": intent.ticket,
            "price": float(price),
            "deviation": _REDUCE_DEVIATION_POINTS,
            "type_filling": self._filling(intent.symbol),
        }
        return self._send(request, lots=intent.lots, position_ticket=intent.ticket)

    def protect(self, intent: ProtectIntent) -> SubmitOutcome:
        """Change a position's stop, keeping its target."""
        with self._lock:
            request = {
                "action": mt5.TRADE_ACTION_SLTP,
                "symbol": intent.symbol,
                "position": intent.ticket,
                "sl": float(intent.stop_loss),
                "tp": float(intent.take_profit or 0),
            }
            return self._send(request, lots=Decimal(0), position_ticket=intent.ticket)

    def find(self, magic: int) -> BrokerTrace:
        """Return what positions, orders and both histories know of ``magic``. Raises BrokerUnavailable."""
        with self._lock:
            until = self._times.seconds_of(self._clock.market_now() + _DAY)
            held = self._need(self._terminal.positions_get(), "the positions")
            resting = self._need(self._terminal.orders_get(), "the orders")
            deals = self._need(self._terminal.history_deals_get(0, until), "the deals")
            orders = self._need(self._terminal.history_orders_get(0, until), "the order history")
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
            price=records.decimal_of(price, self._digits_of(source.symbol)),
            at=self._times.utc_of(opened),
            raw=str(source._asdict()),
        )

    def deals(self, since: datetime) -> tuple[Deal, ...]:
        """Return the deals booked at or after ``since``, oldest first. Raises BrokerUnavailable."""
        with self._lock:
            first = self._times.seconds_of(since)
            last = self._times.seconds_of(self._clock.market_now() + _DAY)
            found = self._need(self._terminal.history_deals_get(first, last), "the deals")
            booked = [records.deal_from(deal, self._digits_of(deal.symbol), self._times) for deal in found]
            return tuple(sorted((deal for deal in booked if deal.at >= since), key=lambda deal: (deal.at, deal.ticket)))

    # MarketData

    @property
    def server_clock(self) -> ServerClock:
        """Return the broker's clock."""
        return self._times.clock

    def symbols(self) -> tuple[str, ...]:
        """Return the terminal's symbols, asked for once. Raises BrokerUnavailable."""
        with self._lock:
            if not self._symbols:
                self._symbols = tuple(info.name for info in self._need(self._terminal.symbols_get(), "the symbols"))
            return self._symbols

    def instrument(self, symbol: str) -> Instrument:
        """Return the contract at the last quote. Raises MarketDataUnavailable."""
        with self._lock:
            info = self._info(symbol)
            if not info.ask > 0:
                raise MarketDataUnavailable(f"{symbol}: there is no quote yet")
            margin = self._terminal.order_calc_margin(mt5.ORDER_TYPE_BUY, symbol, 1.0, info.ask)
            if margin is None:
                raise MarketDataUnavailable(f"{symbol}: its margin cannot be computed: {self._why()}")
            return records.instrument_from(info, margin, self._hours(symbol))

    def quote(self, symbol: str) -> Quote | None:
        """Return the executable quote, None when there is none. Raises MarketDataUnavailable for an unknown symbol."""
        with self._lock:
            digits = self._digits_of(symbol)
            tick = self._terminal.symbol_info_tick(symbol)
            if tick is None or not (tick.bid > 0 and tick.ask >= tick.bid):
                return None
            return Quote(
                records.decimal_of(tick.bid, digits),
                records.decimal_of(tick.ask, digits),
                self._times.utc_of(tick.time),
            )

    def closed_bars(self, symbol: str, timeframe: Timeframe, count: int, as_of: datetime) -> Bars:
        """Return the newest ``count`` bars that ended by ``as_of``. Raises MarketDataUnavailable, InvalidBars."""
        with self._lock:
            until = self._times.seconds_of(as_of)
            # The newest may still be open: it is asked for on top and dropped by its end.
            rates = self._terminal.copy_rates_from(symbol, _TIMEFRAMES[timeframe], until, count + 1)
            if rates is None:
                raise MarketDataUnavailable(f"{symbol} {timeframe}: no bars: {self._why()}")
        ended = self._times.utc_array(rates["time"] + timeframe.seconds)
        stop = int(np.searchsorted(ended, to_epoch(as_of), side="right"))
        first = max(0, stop - count)
        rates, ended = rates[first:stop], ended[first:stop]
        bars = Bars(
            symbol=symbol,
            timeframe=timeframe,
            opened_at=self._times.utc_array(rates["time"]),
            ended_at=ended,
            open=np.ascontiguousarray(rates["open"]),
            high=np.ascontiguousarray(rates["high"]),
            low=np.ascontiguousarray(rates["low"]),
            close=np.ascontiguousarray(rates["close"]),
            volume=rates["tick_volume"].astype(np.float64),
            spread=rates["spread"].astype(np.float64),
        )
        check_bars(bars)
        return bars

    # The terminal's answers

    def _send(self, request: dict[str, Any], *, lots: Decimal, position_ticket: int | None) -> SubmitOutcome:
        reply = self._terminal.order_send(request)
        at = self._clock.market_now()
        if reply is None:
            code, text = self._terminal.last_error()
            raw = f"None, last_error {code}: {text}"
            if code in LOCAL_REFUSALS:
                return Rejected(retcode=code, reason=f"the terminal did not send it: {text} ({code})", at=at, raw=raw)
            return Unknown(reason=f"the terminal gave no reply: {text} ({code})", at=at, raw=raw)
        retcode, raw = int(reply.retcode), records.raw_text(reply)
        reason = words_for(retcode, reply.comment)
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
                    price=records.decimal_of(reply.price, self._digits_of(request["symbol"])),
                    at=at,
                    raw=raw,
                )

    def _need(self, answer: Any, what: str) -> Any:
        if answer is None:
            raise BrokerUnavailable(f"the terminal does not tell {what}: {self._why()}")
        return answer

    def _info(self, symbol: str) -> Any:
        info = self._terminal.symbol_info(symbol)
        if info is None:
            raise MarketDataUnavailable(f"{symbol}: the terminal does not offer it: {self._why()}")
        if not info.select:
            self._terminal.symbol_select(symbol, True)
        return info

    def _digits_of(self, symbol: str) -> int:
        if not symbol:
            return 2
        if symbol not in self._digits:
            self._digits[symbol] = int(self._info(symbol).digits)
        return self._digits[symbol]

    def _filling(self, symbol: str) -> int:
        info = self._terminal.symbol_info(symbol)
        return records.filling_for(0 if info is None else info.filling_mode)

    def _why(self) -> str:
        code, text = self._terminal.last_error()
        return f"{text} ({code})"
