"""The desk's working parts, handed to every service, and what the worker saw last.

``Desk`` is put together once, in the composition root; nothing here decides or records.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tradewarden.ports.broker import Broker
from tradewarden.ports.calendar import Calendar
from tradewarden.ports.clock import Clock
from tradewarden.ports.ids import Ids
from tradewarden.ports.market_data import MarketData
from tradewarden.ports.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the worker saw last. Errors are None while all is well; times are None before the first look.

    ``reconcile_problem`` says what keeps book and broker apart, None while nothing does.
    """

    reconciled: bool = False
    reconcile_problem: str | None = None
    last_cycle_at: datetime | None = None
    last_cycle_wall_at: datetime | None = None
    broker_error: str | None = None
    storage_error: str | None = None
    market_error: str | None = None


class DeskMonitor:
    """The latest :class:`Health`, shared between the worker's thread and everybody who asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._health = Health()

    @property
    def health(self) -> Health:
        """Return the latest health."""
        with self._lock:
            return self._health

    def note_reconciled(self, *, reconciled: bool, problem: str | None = None) -> None:
        """Remember whether the desk's book agrees with the broker, and what keeps them apart."""
        with self._lock:
            self._health = replace(self._health, reconciled=reconciled, reconcile_problem=problem)

    def note_cycle(self, *, at: datetime, wall_at: datetime) -> None:
        """Remember that a cycle went through without an error."""
        with self._lock:
            self._health = replace(
                self._health,
                last_cycle_at=at,
                last_cycle_wall_at=wall_at,
                broker_error=None,
                storage_error=None,
                market_error=None,
            )

    def note_error(self, *, broker: str | None = None, storage: str | None = None, market: str | None = None) -> None:
        """Remember what did not answer; a lost broker or record also voids what was reconciled.

        What was noted before stands until a turn goes through.
        """
        with self._lock:
            known = self._health
            self._health = replace(
                known,
                reconciled=known.reconciled and broker is None and storage is None,
                broker_error=broker or known.broker_error,
                storage_error=storage or known.storage_error,
                market_error=market or known.market_error,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One desk: its ports, and what kind of market it stands on.

    ``market_label`` says in words where prices come from, such as ``generated market, seed 7``. ``library_versions``
    names the libraries whose arithmetic decisions depend on.
    """

    storage: Storage
    broker: Broker
    market: MarketData
    calendar: Calendar
    clock: Clock
    ids: Ids
    simulated: bool
    market_label: str
    library_versions: Mapping[str, str]
    monitor: DeskMonitor = field(default_factory=DeskMonitor)
