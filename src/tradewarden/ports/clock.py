"""Clocks: market time for everything recorded about trading, wall time for people and deadlines."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Market time and wall time; equal on a live market, apart on a simulated one."""

    @property
    def speed(self) -> float | None:
        """Return market seconds per wall second; None when market time is stepped (headless)."""

    def market_now(self) -> datetime:
        """Return the market's time, aware UTC."""

    def wall_now(self) -> datetime:
        """Return the real time, aware UTC."""
