"""Running the desk headless over a simulated market, as fast as it can go.

The same turns as the live desk, one at the end of every market minute; the record is as real as a live one, so that it
can be replayed and verified afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from tradewarden.core.account import AccountState
from tradewarden.core.desk import Halt
from tradewarden.core.errors import BrokerUnavailable, InvalidInput, MarketDataUnavailable, StorageUnavailable
from tradewarden.core.limits import LATE_AFTER
from tradewarden.core.market.calendar import CalendarEvent
from tradewarden.core.performance import Drawdown, DrawdownMeter
from tradewarden.core.risk.reasons import Code
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.ports.stepper import MarketStepper
from tradewarden.services.book import BookReader
from tradewarden.services.context import Desk
from tradewarden.services.guard_limits import day_start, guard_limits
from tradewarden.services.resume_trading import resume_within
from tradewarden.services.run_cycle import CycleState, flush_evaluations, run_cycle
from tradewarden.services.take_decision import Taken

DAILY_HALTS = frozenset({Code.DAILY_LOSS_REACHED.value, Code.DAILY_TARGET_REACHED.value})
_REPORT_EVERY = 200
_ROWS_AT_ONCE = 500
_ACTOR = "simulation"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSeen:
    """One evaluation of the run: where it fell and what came of it; ``refusal`` says why it could not be made.

    ``no_idea`` says why a setup that held led to no idea.
    """

    at: datetime
    symbol: str
    strategy_id: str
    embargo_title: str | None
    proposed: bool
    opened: bool
    refusal: str | None
    no_idea: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRun:
    """What the run saw on its way; what it did is in the record."""

    started_at: datetime
    ended_at: datetime
    minutes: int
    evaluations: tuple[EvaluationSeen, ...]
    events: tuple[CalendarEvent, ...]
    max_drawdown: Drawdown
    final_account: AccountState


@dataclass(slots=True)
class _Progress:
    evaluations: list[EvaluationSeen] = field(default_factory=list)
    meter: DrawdownMeter = field(default_factory=DrawdownMeter)
    account: AccountState | None = None

    def take(self, taken: Taken, strategy: StrategyVersion, symbol: str) -> None:
        """Remember an evaluation."""
        self.evaluations.append(
            EvaluationSeen(
                at=taken.decision.as_of,
                symbol=symbol,
                strategy_id=strategy.strategy_id,
                embargo_title=taken.embargo_title,
                proposed=taken.seq is not None,
                opened=taken.intent_id is not None,
                refusal=None if taken.decision.evaluation is None else taken.decision.evaluation.refusal,
                no_idea=taken.decision.no_idea,
            )
        )

    def statement(self, account: AccountState) -> None:
        """Remember the account's newest statement."""
        self.account = account
        self.meter.add(account.equity)


def simulate(
    desk: Desk,
    stepper: MarketStepper,
    start: datetime,
    end: datetime,
    *,
    on_progress: Callable[[int, int, datetime], None] | None = None,
) -> SimulationRun:
    """Run the desk from ``start`` to ``end`` of market time and return what it saw.

    ``on_progress`` gets minutes done, minutes in all, and the market's time. Raises what a port raised: headless there
    is nobody to wait for it to come back.
    """
    if end <= start:
        raise InvalidInput(f"the simulation ends {end.isoformat()}, which is not after its start {start.isoformat()}")
    minutes = list(stepper.minutes(start, end))
    if not minutes:
        raise InvalidInput(f"no bar of any symbol ends between {start.isoformat()} and {end.isoformat()}")
    seen = _Progress()
    state = CycleState(
        reader=BookReader(desk),
        flush_rows=_ROWS_AT_ONCE,
        account_every=timedelta(hours=1),
        on_taken=seen.take,
        on_account=seen.statement,
    )
    for done, (before, minute) in enumerate(pairwise((start, *minutes)), start=1):
        _look_at_reset(desk, stepper, state.reader, before, minute)
        stepper.advance_to(minute)
        _end_daily_halt(desk, state.reader, minute)
        if not run_cycle(desk, state):
            _raise_problem(desk)
        if on_progress is not None and (done % _REPORT_EVERY == 0 or done == len(minutes)):
            on_progress(done, len(minutes), minute)
    flush_evaluations(desk, state)
    account = seen.account
    if account is None:
        raise BrokerUnavailable("the simulated account never gave a statement")
    return SimulationRun(
        started_at=start,
        ended_at=minutes[-1],
        minutes=len(minutes),
        evaluations=tuple(seen.evaluations),
        events=_events(desk, start, end),
        max_drawdown=seen.meter.deepest,
        final_account=account,
    )


def _look_at_reset(desk: Desk, stepper: MarketStepper, reader: BookReader, before: datetime, minute: datetime) -> None:
    """Take the day's reference at a reset in a pause of the market, so that a run misses none for want of bars."""
    if minute - before <= LATE_AFTER:
        return
    reset = day_start(minute, reader.book().policy.policy, desk.market.server_clock)
    if before < reset < minute:
        stepper.advance_to(reset)
        guard_limits(desk, reader.book(), desk.broker.account(), as_of=reset)


def _end_daily_halt(desk: Desk, reader: BookReader, now: datetime) -> None:
    """Lift a halt of a daily limit when its day is over; a drawdown halt stays, as does a person's."""
    halt: Halt | None = reader.book().halt
    if halt is None or halt.code not in DAILY_HALTS:
        return
    policy = reader.book().policy.policy
    clock = desk.market.server_clock
    if day_start(now, policy, clock) == day_start(halt.since, policy, clock):
        return
    account = desk.broker.account()
    with desk.storage.write() as tx:
        figures = tx.figures()
        if figures.day is not None and figures.day.day_started_at < day_start(now, policy, clock):
            return  # the guard has not begun the new day yet; it does so in this minute's turn
        resume_within(tx, desk, account, at=now, actor=_ACTOR)


def _raise_problem(desk: Desk) -> None:
    health = desk.monitor.health
    if health.storage_error is not None:
        raise StorageUnavailable(health.storage_error)
    if health.broker_error is not None:
        raise BrokerUnavailable(health.broker_error)
    raise MarketDataUnavailable(health.market_error or "the turn did not go through")


def _events(desk: Desk, start: datetime, end: datetime) -> tuple[CalendarEvent, ...]:
    """Return the calendar's events between ``start`` and ``end``, each as it was known on its day."""
    currencies = {code for symbol in desk.market.symbols() for code in desk.market.instrument(symbol).currencies}
    wanted = tuple(sorted(currencies))
    found: dict[tuple[datetime, str, str], CalendarEvent] = {}
    day = start
    while day <= end + timedelta(days=1):
        for event in desk.calendar.view(min(day, end), wanted).events:
            if start <= event.at <= end:
                found[event.at, event.currency, event.title] = event
        day += timedelta(days=1)
    return tuple(found[key] for key in sorted(found))
