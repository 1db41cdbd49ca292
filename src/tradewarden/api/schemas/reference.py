"""What a client may send about watchlist, symbol map and sessions: each whole, so that nothing is lost by order."""

from typing import Annotated, Literal

from pydantic import Field

from tradewarden.api.schemas.base import Sent

SymbolText = Annotated[str, Field(min_length=1, max_length=31)]
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class ChangeWatchlist(Sent):
    """The whole watchlist in its order. ``expected_version`` refuses the change when it was changed meanwhile."""

    symbols: list[SymbolText] = Field(max_length=200)
    expected_version: int | None = None


class ChangeSymbolMap(Sent):
    """The whole symbol map: canonical name to broker's symbol. ``expected_version`` as for the watchlist."""

    names: dict[SymbolText, SymbolText] = Field(max_length=500)
    expected_version: int | None = None


class SessionBody(Sent):
    """A window of the desk on the wall clock of an IANA zone; ``days`` are those on which it starts."""

    name: str = Field(min_length=1, max_length=40)
    start: str = Field(min_length=5, max_length=5)
    end: str = Field(min_length=5, max_length=5)
    timezone: str = Field(min_length=1, max_length=64)
    days: list[Weekday] = Field(default=["Mon", "Tue", "Wed", "Thu", "Fri"], min_length=1, max_length=7)


class ChangeSessions(Sent):
    """All of the desk's own sessions; the built-in ones are always there."""

    sessions: list[SessionBody] = Field(max_length=200)
    expected_version: int | None = None
