"""The simulated terminal: the MetaTrader5 package's functions over a simulated market and account.

Names, arguments and results are the package's; what fails answers None or False and sets ``last_error``. Time moves
only by ``advance_to``, and no function shows anything after it. Calls from several threads are taken one at a time.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.errors import InvalidInput, StorageUnavailable
from tradewarden.core.market.session import ServerClock
from tradewarden.core.values import from_epoch, to_epoch
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.book import Book, Present
from tradewarden.mt5sim.contracts import Contract
from tradewarden.mt5sim.dealing import Dealer
from tradewarden.mt5sim.journal import FORMAT, Journal, JournalHead
from tradewarden.mt5sim.ledger import Ledger
from tradewarden.mt5sim.money import MoneyRules
from tradewarden.mt5sim.prices import SymbolPrices
from tradewarden.mt5sim.rates import TIMEFRAMES
from tradewarden.mt5sim.records import (
    AccountInfo,
    OrderCheckResult,
    OrderSendResult,
    SymbolInfo,
    TerminalInfo,
    Tick,
    TradeDeal,
    TradeOrder,
    TradePosition,
)
from tradewarden.mt5sim.replies import OrderDesk
from tradewarden.mt5sim.requests import InvalidArgument, Request, exact, parse_request
from tradewarden.mt5sim.server import Server
from tradewarden.mt5sim.server_time import server_times
from tradewarden.mt5sim.sources import MarketSource
from tradewarden.mt5sim.views import Views, account_record, chosen, matches_group, server_seconds, terminal_record

BUILD = 5200
_SUCCESS = (mt5.RES_S_OK, "Success")
_NO_CONNECTION = (mt5.RES_E_INTERNAL_FAIL_CONNECT, "No IPC connection")
_INVALID_PARAMS = (mt5.RES_E_INVALID_PARAMS, "Terminal: Invalid params")
_CALL_FAILED = (mt5.RES_E_FAIL, "Terminal: Call failed")
_NOT_FOUND = (mt5.RES_E_NOT_FOUND, "Terminal: Not found")
_UNNAMED = (mt5.RES_E_INVALID_PARAMS, "Unnamed arguments not allowed")
_API_DISABLED = (mt5.RES_E_AUTO_TRADING_DISABLED, "Auto-Trading using Python API disabled in Terminal")
Moment = datetime | int | float
Rates = NDArray[np.void]
_T = TypeVar("_T")


class SimulatedTerminal:
    """A hedging account on the market of ``source``, kept in ``journal`` (None: in memory only).

    The account starts with ``deposit`` at ``starts_at``; one read back from its journal goes on where it stopped and
    is never before ``starts_at``. ``stop_out_level`` is the margin level in percent at which positions are closed.
    """

    def __init__(
        self,
        source: MarketSource,
        *,
        starts_at: datetime,
        deposit: Decimal = Decimal(100_000),
        currency: str = "USD",
        leverage: int = 100,
        login: int = 5_000_001,
        server: str = "Tradewarden-Simulated",
        stop_out_level: Decimal = Decimal(50),
        journal: Journal | None = None,
    ) -> None:
        if deposit <= 0 or leverage < 1 or not 0 <= stop_out_level < 100:
            raise InvalidInput(
                f"deposit {deposit} must be above 0, leverage {leverage} at least 1, "
                f"stop-out level {stop_out_level} in 0 to 100 (exclusive)"
            )
        self._lock = RLock()
        self._source, self._journal = source, journal
        self._stop_out_level = stop_out_level
        self._head = head = JournalHead(
            format=FORMAT, market=source.identity, login=login, server=server, currency=currency, leverage=leverage
        )
        ledger = Ledger() if journal is None else journal.open(head)
        self._times = server_times(source.server_clock)
        self._present = Present(ledger.last_at if ledger.deals else to_epoch(starts_at))
        self._prices = {
            symbol: SymbolPrices(contract, source, self._times) for symbol, contract in source.contracts.items()
        }
        money = MoneyRules(self._prices, currency, leverage, self._present)
        self._money = money
        self._book = Book(ledger, self._prices, money, self._present, journal)
        if not ledger.deals:
            self._book.deposit(deposit, "Deposit")
        self._server = Server(self._book, self._times, stop_out_level)
        self._desk = OrderDesk(self._book, Dealer(self._book, self._times))
        self._views = Views(self._book, self._times)
        self._connected, self._auto_trading, self._api_trading = False, True, True
        self._error = _SUCCESS
        # An account that comes back meets every stop between its last market time and the start asked for.
        self._server.advance(max(self._present.seconds, to_epoch(starts_at)))

    # What a real terminal does by itself, and what its window offers.

    @property
    def now(self) -> datetime:
        """Return market time, aware UTC."""
        return from_epoch(self._present.seconds)

    @property
    def server_clock(self) -> ServerClock:
        """Return the clock of all times in this terminal."""
        return self._source.server_clock

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """Return the contract of every symbol."""
        return self._source.contracts

    def advance_to(self, at: datetime) -> None:
        """Move market time to ``at`` (whole seconds), with all stops, targets and rollovers on the way.

        Raises InvalidInput when ``at`` is before :attr:`now`.
        """
        with self._lock:
            self._server.advance(to_epoch(at))

    def minutes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield the ends of the M1 bars of any symbol in (``start``, ``end``]: the market's own steps, no prices."""
        first, last = to_epoch(start), to_epoch(end)
        with self._lock:
            ends = [prices.bar_ends(first, last) for prices in self._prices.values()]
        yield from map(from_epoch, np.unique(np.concatenate(ends)).tolist())

    def set_trading(self, *, auto_trading: bool = True, api: bool = True) -> None:
        """Press the AutoTrading button, or (dis)allow trading through the Python interface."""
        with self._lock:
            self._auto_trading, self._api_trading = auto_trading, api

    def deposit(self, amount: Decimal, comment: str = "Deposit", deal_type: int = mt5.DEAL_TYPE_BALANCE) -> None:
        """Book ``amount`` as the broker's back office does, out when negative, by default as a deposit or withdrawal.

        Raises InvalidInput for amounts that cannot be booked.
        """
        with self._lock:
            self._book.pay_in(amount, comment, deal_type)

    def close(self) -> None:
        """Note market time and close the journal; the terminal takes no further orders."""
        with self._lock:
            self._connected = False
            if self._journal is not None:
                self._server.note_clock()
                self._journal.close()

    # The package's functions.

    def initialize(
        self,
        path: str | None = None,  # noqa: ARG002
        *,
        login: int | None = None,
        password: str | None = None,  # noqa: ARG002
        server: str | None = None,
        timeout: int = 60_000,  # noqa: ARG002
        portable: bool = False,  # noqa: ARG002
    ) -> bool:
        """Connect. False with −6 when another login or server is asked for than this account's."""
        if login not in (None, self._head.login) or server not in (None, self._head.server):
            self._error = (mt5.RES_E_AUTH_FAILED, "Terminal: Authorization failed")
            return False
        self._connected, self._error = True, _SUCCESS
        return True

    def shutdown(self) -> None:
        """Disconnect; the account lives on."""
        with self._lock:
            if self._connected and self._journal is not None:
                self._server.note_clock()
            self._connected = False

    def last_error(self) -> tuple[int, str]:
        """Return code and text of the last call's outcome."""
        return self._error

    def version(self) -> tuple[int, int, str] | None:
        """Return terminal version, build and release date."""
        return self._answer(lambda: (500, BUILD, "20 Nov 2026"))

    def terminal_info(self) -> TerminalInfo | None:
        """Return the terminal's state."""
        return self._answer(lambda: terminal_record(BUILD, self._auto_trading, self._api_trading))

    def account_info(self) -> AccountInfo | None:
        """Return the account at the present quotes."""
        return self._answer(lambda: account_record(self._book, self._head, self._stop_out_level))

    def symbols_total(self) -> int:
        """Return how many symbols there are."""
        return self._answer(lambda: len(self._prices)) or 0

    def symbols_get(self, group: str | None = None) -> tuple[SymbolInfo, ...] | None:
        """Return all symbols, or those of ``group``."""
        return self._answer(
            lambda: tuple(
                self._views.symbol(name) for name in self._prices if group is None or matches_group(name, group)
            )
        )

    def symbol_info(self, symbol: str) -> SymbolInfo | None:
        """Return contract and quote of ``symbol``."""
        return self._of_symbol(symbol, lambda: self._views.symbol(symbol))

    def symbol_info_tick(self, symbol: str) -> Tick | None:
        """Return the newest quote of ``symbol``."""
        return self._of_symbol(symbol, lambda: self._views.tick(symbol))

    def symbol_select(self, symbol: str, enable: bool = True) -> bool:  # noqa: FBT001, FBT002
        """Show a symbol; all of them always are, so that hiding one fails."""
        return bool(self._of_symbol(symbol, lambda: enable or None))

    def copy_rates_from(self, symbol: str, timeframe: int, date_from: Moment, count: int) -> Rates | None:
        """Return up to ``count`` bars that open at or before ``date_from``."""
        return self._rates(
            symbol,
            timeframe,
            count,
            lambda prices, now: prices.rates_until(now, timeframe, server_seconds(date_from), count),
        )

    def copy_rates_from_pos(self, symbol: str, timeframe: int, start_pos: int, count: int) -> Rates | None:
        """Return ``count`` bars up to the one ``start_pos`` before the newest; 0 is the one being formed."""
        return self._rates(
            symbol,
            timeframe,
            count if start_pos >= 0 else 0,
            lambda prices, now: prices.rates(now, timeframe, start_pos, count),
        )

    def copy_rates_range(self, symbol: str, timeframe: int, date_from: Moment, date_to: Moment) -> Rates | None:
        """Return the bars that open from ``date_from`` to ``date_to``."""
        first, last = server_seconds(date_from), server_seconds(date_to)
        return self._rates(symbol, timeframe, 1, lambda prices, now: prices.rates_between(now, timeframe, first, last))

    def order_calc_margin(self, action: int, symbol: str, volume: float, price: float) -> float | None:
        """Return the margin of an opening in account currency."""
        if action not in (mt5.ORDER_TYPE_BUY, mt5.ORDER_TYPE_SELL) or volume <= 0 or price <= 0:
            return self._fail(_INVALID_PARAMS)
        return self._of_symbol(
            symbol,
            lambda: _float(self._money.margin(self.contracts[symbol], exact(volume), exact(price))),
        )

    def order_calc_profit(
        self, action: int, symbol: str, volume: float, price_open: float, price_close: float
    ) -> float | None:
        """Return the profit of a round trip in account currency."""
        if action not in (mt5.ORDER_TYPE_BUY, mt5.ORDER_TYPE_SELL) or min(volume, price_open, price_close) <= 0:
            return self._fail(_INVALID_PARAMS)
        sign = 1 if action == mt5.ORDER_TYPE_BUY else -1
        return self._of_symbol(
            symbol,
            lambda: _float(
                self._money.profit(self.contracts[symbol], sign, exact(volume), exact(price_open), exact(price_close))
            ),
        )

    def order_check(self, request: Mapping[str, Any]) -> OrderCheckResult | None:
        """Return what ``request`` would do; retcode 0 when the server would take it."""
        return self._with_request(request, self._desk.check)

    def order_send(self, request: Mapping[str, Any]) -> OrderSendResult | None:
        """Send ``request``; None only when it never left the terminal."""
        return self._with_request(request, lambda parsed: self._desk.send(parsed, auto_trading=self._auto_trading))

    def positions_total(self) -> int | None:
        """Return how many positions are open."""
        return self._answer(lambda: len(self._book.ledger.positions))

    def positions_get(
        self, *unnamed: object, symbol: str | None = None, group: str | None = None, ticket: int | None = None
    ) -> tuple[TradePosition, ...] | None:
        """Return open positions."""
        if unnamed:
            return self._fail(_UNNAMED)
        return self._answer(
            lambda: tuple(
                self._views.position(held)
                for held in chosen(self._book.ledger.positions.values(), symbol=symbol, group=group, ticket=ticket)
            )
        )

    def orders_total(self) -> int | None:
        """Return how many orders rest: none, this terminal takes market orders only."""
        return self._answer(lambda: 0)

    def orders_get(
        self, *unnamed: object, symbol: str | None = None, group: str | None = None, ticket: int | None = None
    ) -> tuple[TradeOrder, ...] | None:
        """Return resting orders: none."""
        del symbol, group, ticket
        return self._fail(_UNNAMED) if unnamed else self._answer(lambda: ())

    def history_orders_total(self, date_from: Moment, date_to: Moment) -> int | None:
        """Return how many orders the history holds in the interval."""
        orders = self.history_orders_get(date_from, date_to)
        return None if orders is None else len(orders)

    def history_orders_get(
        self,
        date_from: Moment | None = None,
        date_to: Moment | None = None,
        *,
        group: str | None = None,
        ticket: int | None = None,
        position: int | None = None,
    ) -> tuple[TradeOrder, ...] | None:
        """Return finished orders by interval (and group), by ticket or by position."""
        return self._history(
            lambda: self._views.orders(date_from, date_to, group=group, ticket=ticket, position=position)
        )

    def history_deals_total(self, date_from: Moment, date_to: Moment) -> int | None:
        """Return how many deals the history holds in the interval."""
        deals = self.history_deals_get(date_from, date_to)
        return None if deals is None else len(deals)

    def history_deals_get(
        self,
        date_from: Moment | None = None,
        date_to: Moment | None = None,
        *,
        group: str | None = None,
        ticket: int | None = None,
        position: int | None = None,
    ) -> tuple[TradeDeal, ...] | None:
        """Return deals by interval (and group), by the ticket of their order, or by position."""
        return self._history(
            lambda: self._views.deals(date_from, date_to, group=group, ticket=ticket, position=position)
        )

    def _history(self, read: Callable[[], tuple[_T, ...] | None]) -> tuple[_T, ...] | None:
        with self._lock:
            found = self._answer(read)
            return self._fail(_INVALID_PARAMS) if found is None and self._connected else found

    def _answer(self, produce: Callable[[], _T]) -> _T | None:
        """Return what ``produce`` makes while connected; None with −10004 otherwise."""
        with self._lock:
            if not self._connected:
                return self._fail(_NO_CONNECTION)
            self._error = _SUCCESS
            return produce()

    def _of_symbol(self, symbol: str, produce: Callable[[], _T | None]) -> _T | None:
        with self._lock:
            answer = self._answer(produce) if symbol in self._prices else self._answer(lambda: None)
            if answer is None and self._connected:
                return self._fail(_CALL_FAILED if symbol in self._prices else _NOT_FOUND)
            return answer

    def _rates(
        self, symbol: str, timeframe: int, count: int, read: Callable[[SymbolPrices, int], Rates]
    ) -> Rates | None:
        if timeframe not in TIMEFRAMES or count < 1:
            return self._fail(_INVALID_PARAMS)
        return self._of_symbol(symbol, lambda: read(self._prices[symbol], self._present.seconds))

    def _with_request(self, fields: object, handle: Callable[[Request], _T]) -> _T | None:
        with self._lock:
            if not self._connected:
                return self._fail(_NO_CONNECTION)
            if not self._api_trading:
                return self._fail(_API_DISABLED)
            try:
                request = parse_request(fields)
            except InvalidArgument as error:
                return self._fail((mt5.RES_E_INVALID_PARAMS, str(error)))
            self._error = _SUCCESS
            try:
                return handle(request)
            except StorageUnavailable as error:
                # Nothing was booked; the caller cannot know that and has to ask for the order by its magic.
                return self._fail((mt5.RES_E_FAIL, f"Terminal: Call failed: {error}"))

    def _fail(self, error: tuple[int, str], answer: _T | None = None) -> _T | None:
        """Set ``last_error``; return the ``answer`` of a failed call, so that callers can return it in one line."""
        self._error = error
        return answer


def _float(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
