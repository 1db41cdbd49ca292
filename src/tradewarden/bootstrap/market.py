"""Putting a simulated market together: bars from files or from the seeded generator, a terminal on them, a calendar.

There is one path: a source of M1 bars feeds the simulated terminal, and the broker adapter speaks to the terminal as
it would to a real one.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tradewarden.adapters.bar_files import load_bars_market, parse_clock
from tradewarden.adapters.brokers.mt5.broker import Mt5Broker
from tradewarden.adapters.feeds import load_calendar
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.calendar import CalendarView
from tradewarden.mt5sim.contracts import BUILT_IN
from tradewarden.mt5sim.generator import GeneratedMarket
from tradewarden.mt5sim.journal import Journal
from tradewarden.mt5sim.manifest import load_manifest
from tradewarden.mt5sim.sources import MarketSource
from tradewarden.mt5sim.terminal import SimulatedTerminal
from tradewarden.ports.calendar import Calendar
from tradewarden.ports.clock import Clock

# A Tuesday morning in London: the generated market opens on a busy hour, the same for everybody.
GENERATED_START = datetime(2026, 1, 6, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOptions:
    """What the market is made of. Without ``bars`` it is generated from ``seed``.

    ``symbol``, ``timeframe`` and ``clock`` say what a bars file does not say itself.
    """

    bars: tuple[Path, ...] = ()
    symbol: str | None = None
    timeframe: str | None = None
    clock: str | None = None
    manifest: Path | None = None
    calendar: Path | None = None
    no_calendar: bool = False
    seed: int = 7
    deposit: Decimal = Decimal(100_000)
    leverage: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPlan:
    """A market that is ready to be opened, with what a person should know about its data."""

    source: MarketSource
    calendar: Calendar
    has_calendar: bool
    label: str
    first_at: datetime
    last_at: datetime | None
    notices: tuple[str, ...] = field(default=())


class NoCalendar:
    """The absence of a calendar, said out loud: nothing is known, and the policy decides what follows."""

    def view(self, as_of: datetime, currencies: tuple[str, ...]) -> CalendarView:  # noqa: ARG002  the port's signature
        """Return a view without a capture time and without events."""
        return CalendarView(captured_at=None, covers_until=None, assumed=False, events=())


def plan_market(options: MarketOptions, *, now: datetime) -> MarketPlan:
    """Read what the options name. Raises InvalidInput or InvalidBars, naming file, value and rule.

    ``now`` is the real time: a bar after it cannot be real.
    """
    return _from_files(options, now) if options.bars else _generated(options)


def open_terminal(
    plan: MarketPlan, options: MarketOptions, *, starts_at: datetime, journal_path: Path | None
) -> SimulatedTerminal:
    """Return the simulated terminal on the market; with a journal it goes on where it stopped."""
    if journal_path is not None:
        journal_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SimulatedTerminal(
        plan.source,
        starts_at=starts_at,
        deposit=options.deposit,
        leverage=options.leverage,
        journal=None if journal_path is None else Journal(journal_path),
    )


def connect_broker(terminal: SimulatedTerminal, clock: Clock) -> Mt5Broker:
    """Return the broker adapter, connected to the terminal."""
    contracts = terminal.contracts
    broker = Mt5Broker(
        terminal, server_clock=terminal.server_clock, clock=clock, hours=lambda symbol: contracts[symbol].hours
    )
    broker.connect()
    return broker


def _from_files(options: MarketOptions, now: datetime) -> MarketPlan:
    contracts = BUILT_IN if options.manifest is None else load_manifest(options.manifest)
    clock = None if options.clock is None else parse_clock(options.clock)
    source, reports = load_bars_market(
        options.bars,
        contracts=contracts,
        symbol=options.symbol,
        timeframe=options.timeframe,
        clock=clock,
        now=now,
    )
    calendar, has_calendar, said = _calendar(options)
    notices = [f"{report.path.name}: {note}" for report in reports for note in report.notes]
    names = ", ".join(source.contracts)
    return MarketPlan(
        source=source,
        calendar=calendar,
        has_calendar=has_calendar,
        label=f"real bars: {names}",
        first_at=source.first_at,
        last_at=source.last_at,
        notices=(*notices, *said),
    )


def _generated(options: MarketOptions) -> MarketPlan:
    source = GeneratedMarket(options.seed, starts_at=GENERATED_START)
    calendar, has_calendar, said = _calendar(options)
    if options.calendar is None and not options.no_calendar:
        calendar, has_calendar, said = source.calendar, True, ()
    return MarketPlan(
        source=source,
        calendar=calendar,
        has_calendar=has_calendar,
        label=f"generated market, seed {options.seed}",
        first_at=GENERATED_START - timedelta(days=45),
        last_at=None,
        notices=said,
    )


def _calendar(options: MarketOptions) -> tuple[Calendar, bool, tuple[str, ...]]:
    if options.calendar is not None:
        if options.no_calendar:
            raise InvalidInput("--calendar and --no-calendar contradict each other")
        return load_calendar([options.calendar]), True, ()
    if options.no_calendar:
        return NoCalendar(), False, ("No calendar, as asked: news embargoes are not judged.",)
    note = "No calendar: embargoes cannot be judged, so every idea is denied (NEWS_EMBARGO). "
    return NoCalendar(), True, (note + "Give --calendar FILE, or --no-calendar to run without.",)
