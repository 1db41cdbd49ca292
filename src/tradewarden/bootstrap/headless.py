"""Putting a headless desk together: a market as fast as it can go, and a record of its own in a data directory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewarden.adapters.clock import SteppedClock, system_now
from tradewarden.adapters.embedded import DataDirLock
from tradewarden.adapters.ids import DerivedIds
from tradewarden.bootstrap.market import MarketOptions, MarketPlan, connect_broker, open_terminal, plan_market
from tradewarden.bootstrap.record import open_record
from tradewarden.bootstrap.strategies import read_strategies, skip_without_bars
from tradewarden.bootstrap.versions import library_versions
from tradewarden.core.errors import Conflict, InvalidInput
from tradewarden.core.policy import Mode
from tradewarden.mt5sim.terminal import SimulatedTerminal
from tradewarden.services.context import Desk
from tradewarden.services.start_desk import start_desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Headless:
    """A desk whose market time is stepped, what it will run over, and what a person should know about its data."""

    desk: Desk
    stepper: "TerminalStepper"
    start: datetime
    end: datetime
    notices: tuple[str, ...]


class TerminalStepper:
    """Steps the simulated terminal and the clock of the desk together."""

    def __init__(self, terminal: SimulatedTerminal, clock: SteppedClock) -> None:
        self._terminal = terminal
        self._clock = clock

    def advance_to(self, at: datetime) -> None:
        """Move the terminal and then the desk's market time to ``at``."""
        self._terminal.advance_to(at)
        self._clock.step_to(at)

    def minutes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield the ends of the M1 bars of any symbol in ``(start, end]``."""
        return self._terminal.minutes(start, end)


@contextmanager
def open_headless(
    data_dir: Path,
    options: MarketOptions,
    *,
    start: datetime | None,
    end: datetime | None,
    strategies: tuple[Path, ...],
    mode: Mode,
    policy_changes: dict[str, Any],
    database_url: str | None = None,
    on_progress: Callable[[str], None],
) -> Iterator[Headless]:
    """Open a desk that has nothing in its record yet, ready to be run from ``start`` to ``end``.

    Without ``start`` or ``end`` the market's own ends count. Raises Conflict when the directory holds a desk already,
    InvalidInput or InvalidBars for what cannot be used.
    """
    on_progress("Reading the market")
    plan = plan_market(options, now=system_now())
    begins, ends = _span(plan, start, end)
    files, skipped = skip_without_bars(read_strategies(strategies), tuple(plan.source.contracts))
    if not files:
        raise InvalidInput("no strategy has bars of a symbol that it trades: nothing could be decided")
    with (
        DataDirLock(data_dir),
        open_record(
            data_dir, database_url=database_url, exclusive=True, attach=False, on_progress=on_progress
        ) as record,
    ):
        with record.storage.read() as reading:
            if reading.head().seq:
                raise Conflict(f"{data_dir} already holds the record of a desk: choose an empty --data-dir")
        clock = SteppedClock(begins)
        terminal = open_terminal(plan, options, starts_at=begins, journal_path=None)
        broker = connect_broker(terminal, clock)
        desk = Desk(
            storage=record.storage,
            broker=broker,
            market=broker,
            calendar=plan.calendar,
            clock=clock,
            ids=DerivedIds(f"simulate:{plan.source.identity}:{begins.isoformat()}"),
            simulated=True,
            market_label=plan.label,
            library_versions=library_versions(),
        )
        changes = {"mode": mode, "calendar_required": plan.has_calendar, **policy_changes}
        start_desk(desk, files, policy_changes=changes)
        yield Headless(
            desk=desk,
            stepper=TerminalStepper(terminal, clock),
            start=begins,
            end=ends,
            notices=(*plan.notices, *skipped),
        )


def _span(plan: MarketPlan, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    begins = plan.first_at if start is None else max(start, plan.first_at)
    if end is None:
        if plan.last_at is None:
            raise InvalidInput("a generated market has no end: give --to")
        return begins, plan.last_at
    ends = end if plan.last_at is None else min(end, plan.last_at)
    if ends <= begins:
        last = "never" if plan.last_at is None else plan.last_at.isoformat()
        raise InvalidInput(
            f"nothing to run from {begins.isoformat()} to {ends.isoformat()}: the end must come after the start, "
            f"and the market's bars begin {plan.first_at.isoformat()} and end {last}"
        )
    return begins, ends
