"""Market data over a MetaTrader 5 terminal: contracts, quotes, closed bars and the quotes that convert currencies.

What the terminal states badly never becomes a value: a quote that is crossed, not positive or not a number is no
quote, and a contract number that is not finite is a refusal that names it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from math import ceil, isfinite
from typing import Any

import numpy as np

from tradewarden.adapters.brokers.mt5 import records
from tradewarden.adapters.brokers.mt5.conversions import ConversionTable
from tradewarden.adapters.brokers.mt5.line import TerminalLine
from tradewarden.core.errors import InvalidInput, MarketDataUnavailable
from tradewarden.core.market.bars import Bars, check_bars
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.session import WeeklyHours
from tradewarden.core.market.snapshot import ConversionQuote
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import to_epoch
from tradewarden.mt5sim import constants as mt5

_TIMEFRAMES = {timeframe: getattr(mt5, f"TIMEFRAME_{timeframe}") for timeframe in Timeframe}
# The terminal rounds profits to the cent: the value of a tick is taken from a move of many, worth some money, and
# small against the price, because a conversion may follow it.
_TICKS = 1000
_TELLING_AMOUNT = 100.0
_WIDEST_MOVE = 0.01


class Mt5Market:
    """Prices and contracts over ``line``; ``hours`` gives the trading hours of a terminal's symbol on its clock.

    Public functions take and return the desk's names. Contracts and conversion quotes are asked for once while market
    time stands still, closed bars once for one moment.
    """

    def __init__(self, line: TerminalLine, hours: Callable[[str], WeeklyHours]) -> None:
        self._line = line
        self._hours = hours
        self._symbols: tuple[str, ...] = ()
        self._table: ConversionTable | None = None
        self._digits: dict[str, int] = {}
        self._prices: dict[str, tuple[float, float]] = {}
        self._known_at: datetime | None = None
        self._instruments: dict[str, tuple[float, float, Instrument]] = {}
        self._conversions: dict[tuple[tuple[str, ...], str], tuple[ConversionQuote, ...]] = {}
        self._bars_at: datetime | None = None
        self._bars: dict[tuple[str, Timeframe], tuple[int, Bars]] = {}

    def symbols(self) -> tuple[str, ...]:
        """Return the terminal's symbols, asked for once. Raises BrokerUnavailable."""
        self._read_symbols()
        return tuple(self._line.to_desk(symbol) for symbol in self._symbols)

    def use_symbols(self, symbols: SymbolMap) -> None:
        """Name symbols by ``symbols`` from now on."""
        if symbols != self._line.symbols:
            self._line.use_symbols(symbols)
            self._known_at = self._bars_at = None

    def instrument(self, symbol: str) -> Instrument:
        """Return the contract at the last usable quote. Raises MarketDataUnavailable."""
        self._forget_the_past()
        # Asked for each time, so that what is kept never hides a quote that moved or a terminal that went away.
        tick = self._line.terminal.symbol_info_tick(self._line.to_terminal(symbol))
        kept = self._instruments.get(symbol)
        if kept is not None and tick is not None and kept[:2] == (tick.bid, tick.ask):
            return kept[2]
        made = self._read_instrument(symbol)
        if tick is not None:
            self._instruments[symbol] = (tick.bid, tick.ask, made)
        return made

    def quote(self, symbol: str) -> Quote | None:
        """Return the executable quote, None when there is none. Raises MarketDataUnavailable for an unknown symbol."""
        return self._quote(self._line.to_terminal(symbol))

    def _quote(self, symbol: str) -> Quote | None:
        digits = self.digits_of(symbol)
        tick = self._line.terminal.symbol_info_tick(symbol)
        if tick is None or not _is_usable(tick.bid, tick.ask):
            return None
        bid, ask = records.decimal_of(tick.bid, digits), records.decimal_of(tick.ask, digits)
        return Quote(bid, ask, self._line.times.utc_of(tick.time)) if bid > 0 else None

    def conversions(self, currencies: Sequence[str], to: str) -> tuple[ConversionQuote, ...]:
        """Return the quotes that lead from ``currencies`` to ``to``; none where no symbol on offer does."""
        self._forget_the_past()
        key = (tuple(currencies), to)
        if key not in self._conversions:
            table = self._read_symbols()
            pairs = dict.fromkeys(pair for currency in key[0] for pair in table.route(currency, to))
            self._conversions[key] = tuple(
                ConversionQuote(symbol=self._line.to_desk(pair.symbol), base=pair.base, profit=pair.profit, quote=quote)
                for pair in pairs
                if (quote := self._quote(pair.symbol)) is not None
            )
        return self._conversions[key]

    def closed_bars(self, symbol: str, timeframe: Timeframe, count: int, as_of: datetime) -> Bars:
        """Return the newest ``count`` bars that ended by ``as_of``. Raises MarketDataUnavailable, InvalidBars.

        All who ask at one moment get windows on the same bars, read again only for one who asks for more of them.
        """
        with self._line.lock:
            if as_of != self._bars_at:
                self._bars.clear()
                self._bars_at = as_of
            asked, bars = self._bars.get((symbol, timeframe), (0, None))
            if bars is None or asked < count:
                bars = self._read_bars(symbol, timeframe, count, as_of)
                self._bars[symbol, timeframe] = (count, bars)
        return bars if len(bars) <= count else bars.window(len(bars) - count, len(bars))

    def _read_bars(self, symbol: str, timeframe: Timeframe, count: int, as_of: datetime) -> Bars:
        times = self._line.times
        until = times.seconds_of(as_of)
        # The newest may still be open: it is asked for on top and dropped by its end.
        name = self._line.to_terminal(symbol)
        rates = self._line.terminal.copy_rates_from(name, _TIMEFRAMES[timeframe], until, count + 1)
        if rates is None:
            raise MarketDataUnavailable(f"{symbol} {timeframe}: no bars: {self._line.why()}")
        ended = times.utc_array(rates["time"] + timeframe.seconds)
        stop = int(np.searchsorted(ended, to_epoch(as_of), side="right"))
        first = max(0, stop - count)
        rates, ended = rates[first:stop], ended[first:stop]
        bars = Bars(
            symbol=symbol,
            timeframe=timeframe,
            opened_at=times.utc_array(rates["time"]),
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

    def digits_of(self, symbol: str) -> int:
        """Return the price digits of the terminal's ``symbol``, those of money for a booking without a symbol."""
        if not symbol:
            return 2
        if symbol not in self._digits:
            self._digits[symbol] = int(self._info(symbol).digits)
        return self._digits[symbol]

    def _forget_the_past(self) -> None:
        now = self._line.clock.market_now()
        if now != self._known_at:
            self._instruments.clear()
            self._conversions.clear()
            self._known_at = now

    def _read_symbols(self) -> ConversionTable:
        if self._table is None:
            infos = self._line.need(self._line.terminal.symbols_get(), "the symbols")
            self._symbols = tuple(info.name for info in infos)
            self._table = ConversionTable(infos)
        return self._table

    def _read_instrument(self, name: str) -> Instrument:
        symbol = self._line.to_terminal(name)
        info = self._info(symbol)
        bid, ask = self._last_prices(symbol, info)
        margin = self._line.terminal.order_calc_margin(mt5.ORDER_TYPE_BUY, symbol, 1.0, ask)
        if margin is None:
            raise MarketDataUnavailable(f"{symbol}: its margin cannot be computed: {self._line.why()}")
        try:
            return records.instrument_from(
                info,
                margin,
                self._hours(symbol),
                name=name,
                calculated_tick_value=self._calculated_tick_value(info, bid, ask),
            )
        except InvalidInput as error:
            raise MarketDataUnavailable(f"the terminal's contract cannot be used: {error}") from error

    def _last_prices(self, symbol: str, info: Any) -> tuple[float, float]:
        """Return the last usable bid and ask: a contract stays what it was while the quote is broken."""
        if _is_usable(info.bid, info.ask):
            self._prices[symbol] = (info.bid, info.ask)
        if symbol not in self._prices:
            raise MarketDataUnavailable(f"{symbol}: there is no quote yet")
        return self._prices[symbol]

    def _calculated_tick_value(self, info: Any, bid: float, ask: float) -> Decimal | None:
        """Return the loss of one lot per tick by the terminal's own profit calculation, the worse of both sides."""
        ticks = _ticks_to_ask_for(info.trade_tick_size, info.trade_tick_value_loss, bid)
        if ticks is None:
            return None
        move = ticks * info.trade_tick_size
        calculate = self._line.terminal.order_calc_profit
        buying = calculate(mt5.ORDER_TYPE_BUY, info.name, 1.0, ask, ask - move)
        selling = calculate(mt5.ORDER_TYPE_SELL, info.name, 1.0, bid, bid + move)
        if buying is None or selling is None or not (isfinite(buying) and isfinite(selling)):
            return None
        loss = -min(buying, selling)
        return records.decimal_of(loss / ticks, 10).normalize() if loss > 0 else None

    def _info(self, symbol: str) -> Any:
        info = self._line.terminal.symbol_info(symbol)
        if info is None:
            raise MarketDataUnavailable(f"{symbol}: the terminal does not offer it: {self._line.why()}")
        if not info.select:
            self._line.terminal.symbol_select(symbol, True)
        return info


def _is_usable(bid: float, ask: float) -> bool:
    return isfinite(ask) and 0 < bid <= ask


def _ticks_to_ask_for(tick_size: float, tick_value: float, bid: float) -> int | None:
    """Return how many ticks make a telling, small move; None where the contract's own numbers are unusable."""
    if not (isfinite(tick_size) and tick_size > 0 and isfinite(tick_value)):
        return None
    telling = ceil(_TELLING_AMOUNT / tick_value) if tick_value > 0 else _TICKS
    widest = int((Decimal(str(bid * _WIDEST_MOVE)) / Decimal(str(tick_size))).to_integral_value(ROUND_FLOOR))
    return max(1, min(max(_TICKS, telling), widest))
