"""The part of the record that says what the desk works with: account, watchlist, symbol map, sessions.

All but the account are versioned: every change makes the next version, which is kept. ``Reading`` and ``Writing`` of
``ports.storage`` offer these among everything else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tradewarden.core.desk import AccountBinding
from tradewarden.core.market.session import DeskSessions
from tradewarden.core.market.symbols import SymbolMap


class ReferenceReading(Protocol):
    """Questions about what the desk works with."""

    def account_binding(self) -> AccountBinding | None:
        """Return the account that the record belongs to, or None before the first start has bound it."""

    def watchlist(self) -> tuple[str, ...]:
        """Return the watchlist in its order."""

    def watchlist_version(self) -> int:
        """Return how often the watchlist has been set."""

    def symbol_map(self) -> SymbolMap:
        """Return what the broker calls the desk's symbols."""

    def sessions(self) -> DeskSessions:
        """Return the desk's own named sessions."""


class ReferenceWriting(Protocol):
    """Changes of what the desk works with."""

    def bind_account(self, binding: AccountBinding, *, at: datetime) -> None:
        """Note the account that the record belongs to. Raises Conflict when it belongs to another already."""

    def set_watchlist(self, symbols: Sequence[str], *, at: datetime) -> int:
        """Replace the watchlist and return its new version. Raises Conflict for a symbol that stands twice."""

    def save_symbol_map(self, symbols: SymbolMap, *, at: datetime) -> None:
        """Put the next version of the symbol map in force. Raises Conflict when it is not the next."""

    def save_sessions(self, sessions: DeskSessions, *, at: datetime) -> None:
        """Put the next version of the desk's sessions in force. Raises Conflict when it is not the next."""
