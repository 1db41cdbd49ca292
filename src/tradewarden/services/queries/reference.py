"""Reading what the desk works with: watchlist, symbol map, sessions."""

from tradewarden.core.market.session import NAMED_SESSIONS, WEEKDAYS, SessionWindow
from tradewarden.core.market.symbols import SymbolMap, candidates
from tradewarden.ports.storage import Reading
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.reference import (
    SessionsView,
    SessionView,
    SymbolLine,
    SymbolMapView,
    WatchlistView,
)


def watchlist(desk: Desk) -> WatchlistView:
    """Return the watchlist in its order, with what could be added to it."""
    with desk.storage.read() as reading:
        symbols, version = reading.watchlist(), reading.watchlist_version()
    on_offer = tuple(symbol for symbol in desk.market.symbols() if symbol not in symbols)
    return WatchlistView(version=version, symbols=symbols, on_offer=on_offer)


def symbol_map(desk: Desk) -> SymbolMapView:
    """Return every name that strategies and watchlist use with what the broker calls it, mapped ones first."""
    with desk.storage.read() as reading:
        known, used = reading.symbol_map(), _used(reading)
    offered = tuple(known.broker_symbol(name) for name in desk.market.symbols())
    mapped = {line.canonical for line in known.names}
    names = (*sorted(mapped), *sorted(used - mapped))
    lines = tuple(_line(name, known, offered, used, is_mapped=name in mapped) for name in names)
    return SymbolMapView(version=known.version, lines=lines)


def sessions(desk: Desk) -> SessionsView:
    """Return the built-in sessions and the desk's own."""
    with desk.storage.read() as reading:
        own = reading.sessions()
    windows = (*NAMED_SESSIONS.values(), *own.windows)
    views = tuple(_session(window, built_in=window.name in NAMED_SESSIONS) for window in windows)
    return SessionsView(version=own.version, sessions=views)


def _used(reading: Reading) -> set[str]:
    named = {symbol for record in reading.strategies() for symbol in record.version.spec.allowed_symbols}
    return named | set(reading.watchlist())


def _line(name: str, known: SymbolMap, offered: tuple[str, ...], used: set[str], *, is_mapped: bool) -> SymbolLine:
    symbol = known.broker_symbol(name)
    found = symbol in offered if offered else None
    return SymbolLine(
        canonical=name,
        symbol=symbol,
        is_mapped=is_mapped,
        is_used=name in used,
        on_offer=found,
        candidates=candidates(name, offered) if found is False else (),
    )


def _session(window: SessionWindow, *, built_in: bool) -> SessionView:
    return SessionView(
        name=window.name,
        start=window.start,
        end=window.end,
        timezone=window.zone_name,
        days=tuple(WEEKDAYS[day] for day in window.days),
        built_in=built_in,
    )
