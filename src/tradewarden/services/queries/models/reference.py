"""What the desk works with, as people see it: watchlist, symbol map, sessions, each with its version."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistView:
    """The watchlist in its order. ``on_offer`` are the other symbols of the market, empty while no desk runs."""

    version: int
    symbols: tuple[str, ...]
    on_offer: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolLine:
    """A name of the desk with what the broker calls it.

    ``is_used`` says that a strategy or the watchlist names it. ``on_offer`` says whether the terminal has the broker's
    symbol, null while no desk runs; where it has not, ``candidates`` are its symbols that may be meant.
    """

    canonical: str
    symbol: str
    is_mapped: bool
    is_used: bool
    on_offer: bool | None
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolMapView:
    """The symbol map in force, and the names in use that need no line in it."""

    version: int
    lines: tuple[SymbolLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A named window; ``days`` are those on which it starts. An end at or before the start is on the next day."""

    name: str
    start: str
    end: str
    timezone: str
    days: tuple[str, ...]
    built_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsView:
    """The sessions that documents may name. ``version`` counts the changes of the desk's own."""

    version: int
    sessions: tuple[SessionView, ...]
