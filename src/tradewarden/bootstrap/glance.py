"""Putting a desk together for one look at a market: nothing of it is kept."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.adapters.clock import SteppedClock, system_now
from tradewarden.adapters.ids import DerivedIds
from tradewarden.adapters.memory import MemoryStorage
from tradewarden.bootstrap.market import MarketOptions, connect_broker, open_terminal, plan_market
from tradewarden.bootstrap.versions import library_versions
from tradewarden.core.errors import InvalidInput
from tradewarden.services.book import read_book
from tradewarden.services.context import Desk
from tradewarden.services.guard_limits import guard_limits
from tradewarden.services.start_desk import start_desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A desk at one moment of a market, with the first policy of a new desk, and what to know about its data."""

    desk: Desk
    notices: tuple[str, ...]


def glance_at(options: MarketOptions, at: datetime | None) -> Glance:
    """Return a desk that stands at ``at`` in the market, at the end of its bars when that is left out.

    Raises InvalidInput for a moment outside the bars, InvalidInput or InvalidBars for what cannot be used.
    """
    plan = plan_market(options, now=system_now())
    moment = at or plan.last_at
    if moment is None:
        raise InvalidInput("a generated market has no end: give --at")
    if not plan.first_at <= moment or (plan.last_at is not None and moment > plan.last_at):
        last = "never end" if plan.last_at is None else f"end {plan.last_at.isoformat()}"
        raise InvalidInput(
            f"{moment.isoformat()} is outside the bars: they begin {plan.first_at.isoformat()} and {last}"
        )
    clock = SteppedClock(moment)
    broker = connect_broker(open_terminal(plan, options, starts_at=moment, journal_path=None), clock)
    desk = Desk(
        storage=MemoryStorage(),
        broker=broker,
        market=broker,
        calendar=plan.calendar,
        clock=clock,
        ids=DerivedIds(f"glance:{plan.source.identity}"),
        simulated=True,
        market_label=plan.label,
        library_versions=library_versions(),
    )
    start_desk(desk, (), policy_changes={"calendar_required": plan.has_calendar})
    with desk.storage.read() as reading:
        book = read_book(reading)
    guard_limits(desk, book, broker.account(), as_of=moment)
    # There is nothing that could have been missed: the account was opened at this moment.
    desk.monitor.note_reconciled(reconciled=True)
    return Glance(desk=desk, notices=plan.notices)
