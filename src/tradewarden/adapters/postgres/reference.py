"""What the desk works with, in PostgreSQL: its account, watchlist, symbol map and sessions.

The tables hold what is in force, so that it can be queried; every version is kept whole beside them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from tradewarden.adapters.postgres.tables import (
    ACCOUNTS,
    INTENTS,
    POSITIONS,
    REFERENCE_VERSIONS,
    SESSIONS,
    SYMBOL_MAP,
    WATCHLIST,
)
from tradewarden.core.desk import AccountBinding, RecentOutcome
from tradewarden.core.errors import Conflict
from tradewarden.core.market.session import DeskSessions, SessionWindow
from tradewarden.core.market.symbols import SymbolMap, SymbolName
from tradewarden.core.values import Side
from tradewarden.ports.storage import OPENINGS_WINDOW, OUTCOMES_KEPT, Opening

WATCHLIST_KIND, SYMBOL_MAP_KIND, SESSIONS_KIND = "watchlist", "symbol_map", "sessions"

_WATCHLIST = select(WATCHLIST.c.symbol).order_by(WATCHLIST.c.place)
_OUTCOMES = (
    select(POSITIONS.c.strategy_id, POSITIONS.c.symbol, POSITIONS.c.side, POSITIONS.c.closed_at, POSITIONS.c.net_profit)
    .where(POSITIONS.c.closed_at.is_not(None))
    .order_by(POSITIONS.c.closed_at.desc(), POSITIONS.c.ticket.desc())
    .limit(OUTCOMES_KEPT)
)
_NEWEST_OPENING = select(func.max(INTENTS.c.judged_at)).where(INTENTS.c.kind == "open").scalar_subquery()
_OPENINGS = (
    select(INTENTS.c.idea_id, func.max(INTENTS.c.judged_at).label("judged_at"))
    .where(INTENTS.c.kind == "open", INTENTS.c.judged_at > _NEWEST_OPENING - OPENINGS_WINDOW)
    .group_by(INTENTS.c.idea_id)
    .order_by(func.max(INTENTS.c.judged_at), INTENTS.c.idea_id)
)


def read_account(connection: Connection) -> AccountBinding | None:
    """Return the account that the record belongs to."""
    row = connection.execute(select(ACCOUNTS.c.login, ACCOUNTS.c.server)).one_or_none()
    return None if row is None else AccountBinding(login=row.login, server=row.server)


def read_watchlist(connection: Connection) -> tuple[str, ...]:
    """Return the watchlist in its order."""
    return tuple(connection.execute(_WATCHLIST).scalars())


def read_version(connection: Connection, kind: str) -> int:
    """Return the newest version of a kind, 0 before the first."""
    newest = select(func.coalesce(func.max(REFERENCE_VERSIONS.c.version), 0)).where(REFERENCE_VERSIONS.c.kind == kind)
    return int(connection.execute(newest).scalar_one())


def read_symbol_map(connection: Connection) -> SymbolMap:
    """Return the symbol map in force."""
    rows = connection.execute(select(SYMBOL_MAP))
    names = tuple(SymbolName(canonical=row.canonical, broker=row.symbol) for row in rows)
    ordered = tuple(sorted(names, key=lambda line: line.canonical))
    return SymbolMap(version=read_version(connection, SYMBOL_MAP_KIND), names=ordered)


def read_sessions(connection: Connection) -> DeskSessions:
    """Return the desk's sessions in force."""
    rows = connection.execute(select(SESSIONS))
    windows = (SessionWindow(row.name, row.starts, row.ends, row.timezone, tuple(row.days)) for row in rows)
    ordered = tuple(sorted(windows, key=lambda window: window.name))
    return DeskSessions(version=read_version(connection, SESSIONS_KIND), windows=ordered)


def read_outcomes(connection: Connection) -> tuple[RecentOutcome, ...]:
    """Return the newest closed positions, newest first."""
    return tuple(
        RecentOutcome(
            strategy_id=row.strategy_id,
            symbol=row.symbol,
            side=Side(row.side),
            closed_at=row.closed_at,
            net_profit=row.net_profit,
        )
        for row in connection.execute(_OUTCOMES)
    )


def read_openings(connection: Connection) -> tuple[Opening, ...]:
    """Return the openings of the day up to the newest one, oldest first."""
    return tuple(Opening(idea_id=row.idea_id, judged_at=row.judged_at) for row in connection.execute(_OPENINGS))


def version_values(kind: str, version: int, content: Any, at: datetime) -> dict[str, Any]:
    """Return the row that keeps a version whole."""
    return {"kind": kind, "version": version, "content": content, "created_at": at}


def symbol_rows(symbols: SymbolMap) -> list[dict[str, Any]]:
    """Return the rows of a symbol map."""
    return [{"canonical": line.canonical, "symbol": line.broker} for line in symbols.names]


def session_rows(sessions: DeskSessions) -> list[dict[str, Any]]:
    """Return the rows of the desk's sessions."""
    return [
        {
            "name": window.name,
            "starts": window.start,
            "ends": window.end,
            "timezone": window.zone_name,
            "days": list(window.days),
        }
        for window in sessions.windows
    ]


def require_next(kind: str, version: int, newest: int) -> None:
    """Raise Conflict when ``version`` does not follow ``newest``."""
    if version != newest + 1:
        raise Conflict(f"the next version of the {kind.replace('_', ' ')} is {newest + 1}, not {version}")
