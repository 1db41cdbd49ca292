"""Putting the live desk together: record, market, broker, clock, and the scheduler that runs its turns."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tradewarden.adapters.clock import AcceleratedClock, system_now
from tradewarden.adapters.ids import RandomIds
from tradewarden.bootstrap.market import GENERATED_START, MarketOptions, connect_broker, open_terminal, plan_market
from tradewarden.bootstrap.record import Record, open_record
from tradewarden.bootstrap.strategies import shipped_strategies, skip_without_bars
from tradewarden.bootstrap.versions import library_versions
from tradewarden.core.market.session import ServerClock, WeeklyHours
from tradewarden.mt5sim.terminal import SimulatedTerminal
from tradewarden.ports.storage import Storage
from tradewarden.services.book import BookReader
from tradewarden.services.context import Desk
from tradewarden.services.run_cycle import CycleState
from tradewarden.services.start_desk import start_desk
from tradewarden.settings import Settings

_STEP = timedelta(minutes=1)
# On a market that runs faster than a person, its price goes further before somebody can approve (in R).
ACCELERATED_DRIFT_R = Decimal("0.75")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDesk:
    """A desk ready to run: ``cycle`` and ``advance`` are what a scheduler needs; ``first_start`` is said to people."""

    desk: Desk
    record: Record
    cycle: CycleState
    advance: Callable[[datetime], None]
    first_start: bool
    notices: tuple[str, ...]


class SimulatedMarketClock:
    """Moves the simulated terminal along the accelerated clock, and past hours in which nothing trades."""

    def __init__(self, terminal: SimulatedTerminal, clock: AcceleratedClock, *, last_at: datetime | None) -> None:
        self._terminal = terminal
        self._clock = clock
        self._last_at = last_at
        self._hours = tuple({contract.hours for contract in terminal.contracts.values()})

    def advance(self, now: datetime) -> None:
        """Bring the terminal to ``now``; when every symbol is closed, jump to the next opening."""
        opening = next_opening(now, self._hours, self._terminal.server_clock)
        if opening > now:
            self._clock.anchor(opening)
            now = opening
        if self._last_at is not None and now > self._last_at:
            now = self._last_at
            self._clock.anchor(now)
        self._terminal.advance_to(max(now, self._terminal.now))


def next_opening(now: datetime, hours: tuple[WeeklyHours, ...], clock: ServerClock) -> datetime:
    """Return ``now`` while any market is open, else the next minute in which one is (within a week)."""
    moment = now
    limit = now + timedelta(days=8)
    while moment < limit:
        server = clock.to_server(moment)
        if any(entry.contains(server) for entry in hours):
            return moment
        moment = moment.replace(second=0, microsecond=0) + _STEP
    return now


def last_recorded_at(storage: Storage) -> datetime | None:
    """Return the latest market time in the record, or None for an empty one.

    A terminal that was killed may have noted an earlier time than the record; market time never goes back.
    """
    with storage.read() as reading:
        newest = reading.entry(reading.head().seq)
        if newest is None:
            return None
        points = reading.account_points(since=newest.draft.occurred_at)
    return max([newest.draft.occurred_at, *(point.at for point in points)])


@contextmanager
def open_live_desk(
    settings: Settings, options: MarketOptions, *, starts_at: datetime | None, on_progress: Callable[[str], None]
) -> Iterator[LiveDesk]:
    """Open record, simulated terminal and broker, and give a new desk its first policy and strategies.

    Everything is closed in reverse order when the block ends. Raises what the parts raise, in their words.
    """
    with ExitStack() as stack:
        record = stack.enter_context(
            open_record(settings.data_dir, database_url=settings.database_url, attach=False, on_progress=on_progress)
        )
        on_progress("Opening the simulated terminal")
        plan = plan_market(options, now=system_now())
        begins = starts_at or (GENERATED_START if plan.last_at is None else plan.first_at)
        begins = max(begins, last_recorded_at(record.storage) or begins)
        terminal = open_terminal(
            plan, options, starts_at=begins, journal_path=settings.data_dir / "terminal" / "journal.jsonl"
        )
        stack.callback(terminal.close)
        clock = AcceleratedClock(terminal.now, settings.speed)
        broker = connect_broker(terminal, clock)
        desk = Desk(
            storage=record.storage,
            broker=broker,
            market=broker,
            calendar=plan.calendar,
            clock=clock,
            ids=RandomIds(),
            simulated=True,
            market_label=plan.label,
            library_versions=library_versions(),
        )
        on_progress("Preparing the desk")
        strategies, skipped = skip_without_bars(shipped_strategies(), tuple(plan.source.contracts))
        changes: dict[str, Any] = {"calendar_required": plan.has_calendar}
        if settings.speed > 1:
            changes["max_entry_drift_r"] = ACCELERATED_DRIFT_R
        first = start_desk(desk, strategies, policy_changes=changes)
        yield LiveDesk(
            desk=desk,
            record=record,
            cycle=CycleState(reader=BookReader(desk)),
            advance=SimulatedMarketClock(terminal, clock, last_at=plan.last_at).advance,
            first_start=first,
            notices=(*plan.notices, *skipped),
        )
