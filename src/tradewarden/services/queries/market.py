"""Reading the market: contracts, quotes and bars for charts."""

from datetime import datetime

from tradewarden.core.errors import MarketDataUnavailable, NotFound
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import from_epoch, to_epoch
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.common import QuoteView
from tradewarden.services.queries.models.market import BarRow, BarsView, SymbolList, SymbolView
from tradewarden.services.queries.views import instrument_view, quote_view

TIMEFRAMES = tuple(Timeframe)
# A forming bar is put together from one-minute bars; a server day has at most this many.
_FORMING_MINUTES = 1440


def symbols(desk: Desk) -> SymbolList:
    """Return every symbol on offer with its contract. Raises MarketDataUnavailable when one cannot be read."""
    now = desk.clock.market_now()
    with desk.storage.read() as reading:
        watched = reading.watchlist()
    on_offer = desk.market.symbols()
    return SymbolList(as_of=now, symbols=tuple(_symbol(desk, symbol, now, watched) for symbol in on_offer))


def quote(desk: Desk, symbol: str) -> QuoteView:
    """Return the executable prices of ``symbol``. Raises NotFound, MarketDataUnavailable without a quote."""
    instrument = known_instrument(desk, symbol)
    current = desk.market.quote(symbol)
    if current is None:
        raise MarketDataUnavailable(f"{symbol} has no executable quote now")
    return quote_view(symbol, current, instrument, desk.clock.market_now())


def watched_quotes(desk: Desk, watched: tuple[str, ...]) -> tuple[QuoteView, ...]:
    """Return the quotes of the watched symbols that have one."""
    on_offer = set(desk.market.symbols())
    found = []
    for symbol in watched:
        current = desk.market.quote(symbol) if symbol in on_offer else None
        if current is not None:
            found.append(quote_view(symbol, current, desk.market.instrument(symbol), desk.clock.market_now()))
    return tuple(found)


def bars(desk: Desk, symbol: str, timeframe: Timeframe, *, limit: int, until: datetime | None) -> BarsView:
    """Return the newest ``limit`` bars that ended by now, or by ``until``. Raises NotFound for an unknown symbol."""
    instrument, now = known_instrument(desk, symbol), desk.clock.market_now()
    moment = now if until is None else min(until, now)
    closed = desk.market.closed_bars(symbol, timeframe, limit, moment)
    forming = None if until is not None else _forming(desk, symbol, timeframe, closed, now)
    return bars_view(closed, instrument, as_of=moment, forming=forming, more=len(closed) == limit)


def bars_view(
    closed: Bars, instrument: Instrument, *, as_of: datetime, forming: BarRow | None = None, more: bool = False
) -> BarsView:
    """Return a series for a chart."""
    columns = (closed.open, closed.high, closed.low, closed.close, closed.volume, closed.spread)
    rows = zip(closed.opened_at.tolist(), *(column.tolist() for column in columns), strict=True)
    return BarsView(
        symbol=closed.symbol,
        timeframe=closed.timeframe,
        digits=instrument.digits,
        as_of=as_of,
        bars=tuple(rows),
        forming=forming,
        previous_before=int(closed.opened_at[0]) if more and len(closed) else None,
    )


def known_instrument(desk: Desk, symbol: str) -> Instrument:
    """Return the contract of ``symbol``. Raises NotFound when the source does not offer it."""
    on_offer = desk.market.symbols()
    if symbol not in on_offer:
        raise NotFound(f"no symbol {symbol!r}; on offer are {', '.join(on_offer)}")
    return desk.market.instrument(symbol)


def _symbol(desk: Desk, symbol: str, now: datetime, watched: tuple[str, ...]) -> SymbolView:
    instrument, current = desk.market.instrument(symbol), desk.market.quote(symbol)
    return SymbolView(
        instrument=instrument_view(instrument),
        timeframes=TIMEFRAMES,
        on_watchlist=symbol in watched,
        market_open=instrument.trading_hours.contains(desk.market.server_clock.to_server(now)),
        quote=None if current is None else quote_view(symbol, current, instrument, now),
    )


def _forming(desk: Desk, symbol: str, timeframe: Timeframe, closed: Bars, now: datetime) -> BarRow | None:
    """Return the unfinished bar from the closed minutes since the newest closed bar and the bid now.

    None for one-minute bars, whose inside nobody recorded, and while no minute of the new bar is closed.
    """
    current, ended = desk.market.quote(symbol), closed.last_ended_at
    if timeframe is Timeframe.M1 or current is None or ended is None:
        return None
    minutes = desk.market.closed_bars(symbol, Timeframe.M1, min(_FORMING_MINUTES, timeframe.minutes), now)
    inside = minutes.window(int((minutes.opened_at < to_epoch(ended)).sum()), len(minutes))
    if not len(inside) or current.at < from_epoch(int(inside.ended_at[-1])):
        return None
    return _merged(inside, current)


def _merged(minutes: Bars, current: Quote) -> BarRow:
    bid = float(current.bid)
    return (
        int(minutes.opened_at[0]),
        float(minutes.open[0]),
        max(float(minutes.high.max()), bid),
        min(float(minutes.low.min()), bid),
        bid,
        float(minutes.volume.sum()),
        float(minutes.spread[-1]),
    )
