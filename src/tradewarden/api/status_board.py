"""The status board: the newest status, whatever still answers.

It remembers what the record said last, so that a lost database does not blank the screen, and since when something
has been down.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime

from tradewarden.core.errors import StorageUnavailable
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.status import DeskStatus, HealthItem, HealthState, StatusSource
from tradewarden.services.queries.status import RecordFacts, ask_broker, desk_status, read_facts


@dataclass(slots=True)
class _Watch:
    """Since when a dependency has been in its present state."""

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None

    def note(self, state: HealthState, detail: str | None, now: datetime) -> HealthItem:
        if state is not self.state:
            self.state, self.since = state, now
        return HealthItem(state=state, detail=detail, since=None if state is HealthState.OK else self.since)


class StatusBoard:
    """Makes the status for everybody who asks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._facts: RecordFacts | None = None
        self._revision: int | None = None
        self._broker = _Watch()
        self._record = _Watch()

    def status(self) -> DeskStatus:
        """Return the status now. Raises StorageUnavailable when the record has not answered once yet."""
        facts, problem = self._read()
        statement = ask_broker(self._desk)
        now = self._desk.clock.wall_now()
        with self._lock:
            record = self._record.note(HealthState.OK if problem is None else HealthState.DOWN, problem, now)
            down = statement.account is None or not statement.account.connected
            doubtful = HealthState.OK if statement.problem is None else HealthState.STALE
            broker = self._broker.note(HealthState.DOWN if down else doubtful, statement.problem, now)
        return desk_status(
            self._desk,
            facts,
            statement,
            source=StatusSource.LIVE if problem is None else StatusSource.LAST_KNOWN,
            broker=broker,
            record=record,
        )

    def _read(self) -> tuple[RecordFacts, str | None]:
        """Return what the record says, read again only when it has changed, or what it said last and the problem."""
        try:
            revision = self._desk.storage.revision()
            with self._lock:
                known = self._facts if revision == self._revision else None
            facts = read_facts(self._desk) if known is None else replace(known, read_at=self._desk.clock.wall_now())
        except StorageUnavailable as error:
            with self._lock:
                last = self._facts
            if last is None:
                raise
            return last, str(error)
        with self._lock:
            self._facts, self._revision = facts, revision
        return facts, None
