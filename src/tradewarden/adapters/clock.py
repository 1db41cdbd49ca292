"""The clocks of the edges: the only place of the product that reads the time of day.

A live desk runs on ``SystemClock``, a simulated one on ``AcceleratedClock``, a headless simulation steps its
market time itself with ``SteppedClock``. Core functions never see a clock; they are handed a moment.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tradewarden.core.errors import InvalidInput

_MAXIMUM_SPEED = 100_000.0


def system_now() -> datetime:
    """Return the machine's time, aware UTC."""
    return datetime.now(UTC)


class SystemClock:
    """A live market: market time is wall time."""

    @property
    def speed(self) -> float | None:
        """Return 1: a market second is a second."""
        return 1.0

    def market_now(self) -> datetime:
        """Return the machine's time, aware UTC."""
        return system_now()

    def wall_now(self) -> datetime:
        """Return the machine's time, aware UTC."""
        return system_now()


class AcceleratedClock:
    """Market time that runs ``speed`` times as fast as real time from ``market_start`` on.

    Progress is measured on a steady clock, so that a corrected system time never moves the market backwards; on a
    machine that sleeps the market sleeps too. ``seconds`` and ``wall`` are replaceable for tests.
    """

    def __init__(
        self,
        market_start: datetime,
        speed: float,
        *,
        wall: Callable[[], datetime] = system_now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < speed <= _MAXIMUM_SPEED:
            raise InvalidInput(f"market speed is {speed}, allowed is above 0 up to {_MAXIMUM_SPEED:g}")
        self._speed = speed
        self._wall = wall
        self._seconds = seconds
        self._lock = threading.Lock()
        self._market_start = _aware(market_start)
        self._started = seconds()

    @property
    def speed(self) -> float | None:
        """Return market seconds per real second."""
        return self._speed

    def market_now(self) -> datetime:
        """Return the market's time, aware UTC."""
        with self._lock:
            passed = self._seconds() - self._started
            return self._market_start + timedelta(seconds=passed * self._speed)

    def wall_now(self) -> datetime:
        """Return the machine's time, aware UTC."""
        return self._wall()

    def anchor(self, market_at: datetime) -> None:
        """Let market time go on from ``market_at`` now: after a restart, or past hours without any market."""
        with self._lock:
            self._market_start = _aware(market_at)
            self._started = self._seconds()


class SteppedClock:
    """Market time that moves only when it is told to, as fast as the simulation can go."""

    def __init__(self, market_start: datetime, *, wall: Callable[[], datetime] = system_now) -> None:
        self._market_at = _aware(market_start)
        self._wall = wall

    @property
    def speed(self) -> float | None:
        """Return None: no rate connects the two times."""
        return None

    def market_now(self) -> datetime:
        """Return the market's time, aware UTC."""
        return self._market_at

    def wall_now(self) -> datetime:
        """Return the machine's time, aware UTC."""
        return self._wall()

    def step_to(self, market_at: datetime) -> None:
        """Move market time to ``market_at``. Raises ValueError when that would go back."""
        moved = _aware(market_at)
        if moved < self._market_at:
            raise ValueError(f"market time cannot go back from {self._market_at.isoformat()} to {moved.isoformat()}")
        self._market_at = moved


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"market time {at.isoformat()} has no time zone")
    return at.astimezone(UTC)
