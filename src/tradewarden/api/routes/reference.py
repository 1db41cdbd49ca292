"""What the desk works with: watchlist, symbol map, sessions. A change replaces the whole and is recorded."""

from fastapi import APIRouter

from tradewarden.api.dependencies import DeskDep, PrincipalDep
from tradewarden.api.schemas.reference import ChangeSessions, ChangeSymbolMap, ChangeWatchlist
from tradewarden.core.errors import InvalidSetting
from tradewarden.core.market.session import WEEKDAYS, SessionWindow
from tradewarden.services.change_sessions import change_sessions
from tradewarden.services.change_symbol_map import change_symbol_map
from tradewarden.services.change_watchlist import change_watchlist
from tradewarden.services.queries import reference as queries
from tradewarden.services.queries.models.reference import SessionsView, SymbolMapView, WatchlistView

router = APIRouter(tags=["reference"])


@router.get("/watchlist", operation_id="getWatchlist")
def get_watchlist(desk: DeskDep) -> WatchlistView:
    """Return the watchlist in its order, and what could be added to it."""
    return queries.watchlist(desk)


@router.put("/watchlist", operation_id="changeWatchlist")
def put_watchlist(body: ChangeWatchlist, desk: DeskDep, principal: PrincipalDep) -> WatchlistView:
    """Replace the watchlist; the change counts from the next judgement."""
    change_watchlist(desk, body.symbols, actor=principal.actor, expected_version=body.expected_version)
    return queries.watchlist(desk)


@router.get("/symbols/map", operation_id="getSymbolMap")
def get_symbol_map(desk: DeskDep) -> SymbolMapView:
    """Return what the broker calls the symbols in use, with candidates for those it does not offer."""
    return queries.symbol_map(desk)


@router.put("/symbols/map", operation_id="changeSymbolMap")
def put_symbol_map(body: ChangeSymbolMap, desk: DeskDep, principal: PrincipalDep) -> SymbolMapView:
    """Replace the symbol map; refused for a symbol in which something is open or on its way."""
    with desk.storage.read() as reading:
        before = reading.symbol_map()
    removals = [line.canonical for line in before.names if line.canonical not in body.names]
    # Bound to the version that the removals were counted from: another change in between is not undone unseen.
    expected = before.version if body.expected_version is None else body.expected_version
    change_symbol_map(desk, body.names, removals, actor=principal.actor, expected_version=expected)
    return queries.symbol_map(desk)


@router.get("/sessions", operation_id="getSessions")
def get_sessions(desk: DeskDep) -> SessionsView:
    """Return the sessions that strategy documents may name: the built-in ones and the desk's own."""
    return queries.sessions(desk)


@router.put("/sessions", operation_id="changeSessions")
def put_sessions(body: ChangeSessions, desk: DeskDep, principal: PrincipalDep) -> SessionsView:
    """Replace the desk's own sessions; published strategies keep the windows that they were published with."""
    names = [sent.name for sent in body.sessions]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise InvalidSetting(f"session {twice!r} stands twice")
    windows = [
        SessionWindow(
            sent.name, sent.start, sent.end, sent.timezone, tuple(sorted({WEEKDAYS.index(day) for day in sent.days}))
        )
        for sent in body.sessions
    ]
    with desk.storage.read() as reading:
        before = reading.sessions()
    removals = [window.name for window in before.windows if window.name not in names]
    expected = before.version if body.expected_version is None else body.expected_version
    change_sessions(desk, windows, removals, actor=principal.actor, expected_version=expected)
    return queries.sessions(desk)
