"""Timeframes of bars and their length."""

from enum import StrEnum


class Timeframe(StrEnum):
    """A bar length under its MetaTrader name."""

    M1 = "M1"
    M5 = "M5"
    M15 = "M15"
    M30 = "M30"
    H1 = "H1"
    H4 = "H4"
    D1 = "D1"

    @property
    def minutes(self) -> int:
        """Return the length in minutes; a D1 bar is a day of the broker's server clock."""
        return _MINUTES[self]

    @property
    def seconds(self) -> int:
        """Return the length in seconds."""
        return _MINUTES[self] * 60


_MINUTES = {
    Timeframe.M1: 1,
    Timeframe.M5: 5,
    Timeframe.M15: 15,
    Timeframe.M30: 30,
    Timeframe.H1: 60,
    Timeframe.H4: 240,
    Timeframe.D1: 1440,
}
