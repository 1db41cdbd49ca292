"""A market whose time can be moved: the simulated terminal, and nothing else."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


class MarketStepper(Protocol):
    """Moves a simulated market through its time."""

    def advance_to(self, at: datetime) -> None:
        """Move the market's time to ``at``; everything due until then happens. Time never goes back."""

    def minutes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield, in order, the ends of the M1 bars of any symbol in ``(start, end]``: when something can change."""
