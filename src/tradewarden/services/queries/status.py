"""Reading the desk's status: what the record says, and what the broker, the market and the calendar say now.

The two are read apart, so that a lost record does not hide the rest: ``RecordFacts`` may be older than the answer.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradewarden import __version__
from tradewarden.core.account import AccountState
from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import ENGINE_VERSION
from tradewarden.core.desk import DayReference, daily_loss, drawdown, drawdown_base, loss_base
from tradewarden.core.errors import BrokerUnavailable, MarketDataUnavailable
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.checks_desk import is_bound, limit_checks
from tradewarden.core.values import ZERO, money
from tradewarden.ports.storage import HistoryFilter
from tradewarden.services.book import Book, desk_state, read_book
from tradewarden.services.context import Desk
from tradewarden.services.queries.calendar import watched_currencies
from tradewarden.services.queries.limits import limits_view
from tradewarden.services.queries.models.status import (
    AccountStrip,
    CalendarHealth,
    DayView,
    DeskStatus,
    DrawdownView,
    HaltView,
    Health,
    HealthItem,
    HealthState,
    MarketClockView,
    QuoteHealth,
    StatusSource,
)
from tradewarden.services.queries.money import share
from tradewarden.services.queries.views import seconds_between


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """What the record said at ``read_at`` (wall time)."""

    book: Book
    head_seq: int
    halt_seq: int | None
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The broker's answer: an account, or why there is none."""

    account: AccountState | None
    problem: str | None


def read_facts(desk: Desk) -> RecordFacts:
    """Return what the record says now. Raises StorageUnavailable, InvalidSetting before the desk's first start."""
    with desk.storage.read() as reading:
        book = read_book(reading)
        halts = reading.history(HistoryFilter(actions=(Action.AI_HALTED,), limit=20)) if book.halt else ()
        head = reading.head().seq
    since = None if book.halt is None else book.halt.since
    halt_seq = next((entry.seq for entry in reversed(halts) if since and entry.draft.occurred_at >= since), None)
    return RecordFacts(book=book, head_seq=head, halt_seq=halt_seq, read_at=desk.clock.wall_now())


def ask_broker(desk: Desk) -> Statement:
    """Return the broker's statement now; no answer is an answer too."""
    try:
        account = desk.broker.account()
    except BrokerUnavailable as error:
        return Statement(account=None, problem=str(error))
    return Statement(account=account, problem=account.problem())


def desk_status(
    desk: Desk,
    facts: RecordFacts,
    statement: Statement,
    *,
    source: StatusSource,
    broker: HealthItem,
    record: HealthItem,
) -> DeskStatus:
    """Return the whole status. ``broker`` and ``record`` are the health of both as their watcher knows it."""
    now, wall = desk.clock.market_now(), desk.clock.wall_now()
    book, policy = facts.book, facts.book.policy.policy
    account = statement.account
    # Of another account than the record's neither the day nor a limit can be told.
    known = account is not None and statement.problem is None and is_bound(account, desk_state(book, desk))
    believable = account if known else None
    can_resume, blocked_by = _resume(desk, book, statement, record)
    return DeskStatus(
        source=source,
        as_of=now,
        wall_at=wall,
        age_seconds=seconds_between(facts.read_at, wall) if source is StatusSource.LAST_KNOWN else 0.0,
        mode=policy.mode,
        ai_trading_enabled=policy.ai_trading_enabled,
        policy_version=book.policy.version,
        halt=_halt(facts),
        can_resume=can_resume,
        resume_blocked_by=blocked_by,
        market=_market(desk, now),
        account=None if account is None else _account(account, statement.problem, now),
        day=None if believable is None else _day(desk, book, believable),
        drawdown=None if believable is None else _drawdown(desk, book, believable),
        limits=None if believable is None else limits_view(desk, book, believable, now),
        open_positions=None if account is None else len(account.positions),
        waiting_ideas=len(book.open_ideas),
        unfinished_orders=len(book.outbox),
        watchlist=book.watchlist,
        history_seq=facts.head_seq,
        health=_health(desk, book, now, wall, broker=broker, record=record),
        product_version=__version__,
        engine_version=ENGINE_VERSION,
        library_versions=dict(desk.library_versions),
    )


def _halt(facts: RecordFacts) -> HaltView | None:
    halt = facts.book.halt
    if halt is None:
        return None
    return HaltView(code=halt.code, reason=halt.reason, actor=halt.actor, since=halt.since, history_seq=facts.halt_seq)


def _resume(desk: Desk, book: Book, statement: Statement, record: HealthItem) -> tuple[bool, str | None]:
    """Return whether resuming would be accepted now, and what stands against it while trading is off."""
    policy = book.policy.policy
    if book.halt is None and policy.ai_trading_enabled:
        return False, None
    if record.state is HealthState.DOWN:
        return False, f"the record does not answer: {record.detail}"
    if statement.account is None:
        return False, f"the broker gives no account statement: {statement.problem}"
    for entry in limit_checks(statement.account, desk_state(book, desk), policy):
        if not entry.passed:
            return False, f"{entry.code}: {entry.observed}, limit {entry.limit}"
    return True, None


def _market(desk: Desk, now: datetime) -> MarketClockView:
    clock = desk.market.server_clock
    broker_time = clock.to_server(now).replace(microsecond=0)
    offset = broker_time - now.replace(tzinfo=None, microsecond=0)
    return MarketClockView(
        simulated=desk.simulated,
        label=desk.market_label,
        speed=desk.clock.speed,
        market_at=now,
        broker_time=broker_time.isoformat(),
        broker_clock=clock.label,
        broker_offset_minutes=round(offset.total_seconds() / 60),
    )


def _account(account: AccountState, problem: str | None, now: datetime) -> AccountStrip:
    return AccountStrip(
        currency=account.currency,
        balance=account.balance,
        equity=account.equity,
        floating=money(account.floating),
        margin_level=account.margin_level,
        problem=problem,
        captured_at=account.captured_at,
        age_seconds=seconds_between(account.captured_at, now),
    )


def _day(desk: Desk, book: Book, account: AccountState) -> DayView | None:
    state, policy, day = desk_state(book, desk), book.policy.policy, book.figures.day
    loss = daily_loss(account, state, policy)
    if day is None or loss is None:
        return None
    base, limit = loss_base(day, policy.daily_loss_reference), policy.max_daily_loss
    lost = money(max(ZERO, loss))
    used = None if limit is None else _at_most_one(share(lost, limit))
    return DayView(
        started_at=day.day_started_at,
        late=day.late,
        reference=base,
        profit=money(-loss),
        profit_fraction=share(-loss, base),
        realised_profit=money(day.realised_profit),
        loss=lost,
        loss_limit=limit,
        loss_used_fraction=used,
        loss_free_fraction=None if used is None else 1 - used,
        loss_free_amount=None if limit is None else money(max(ZERO, limit - lost)),
        target=policy.daily_profit_target,
        target_reached_fraction=_target_share(day, policy),
    )


def _target_share(day: DayReference, policy: RiskPolicy) -> Decimal | None:
    if policy.daily_profit_target is None:
        return None
    return _at_most_one(share(max(ZERO, day.realised_profit), policy.daily_profit_target))


def _drawdown(desk: Desk, book: Book, account: AccountState) -> DrawdownView | None:
    state, policy = desk_state(book, desk), book.policy.policy
    amount, mark = drawdown(account, state, policy), drawdown_base(state, policy)
    if amount is None or mark is None:
        return None
    fallen, limit = money(max(ZERO, amount)), policy.max_drawdown_amount
    return DrawdownView(
        amount=fallen, high_water_mark=mark, limit=limit, used_fraction=_at_most_one(share(fallen, limit))
    )


def _health(desk: Desk, book: Book, now: datetime, wall: datetime, *, broker: HealthItem, record: HealthItem) -> Health:
    seen = desk.monitor.health
    last = seen.last_cycle_wall_at
    return Health(
        broker=broker,
        record=record,
        reconciled=seen.reconciled,
        reconcile_problem=seen.reconcile_problem,
        calendar=_calendar(desk, book, now),
        quotes=tuple(_quote(desk, symbol, book.policy.policy, now) for symbol in book.watchlist),
        last_cycle_at=last,
        last_cycle_age_seconds=None if last is None else seconds_between(last, wall),
    )


def _calendar(desk: Desk, book: Book, now: datetime) -> CalendarHealth:
    exposed = watched_currencies(desk, book.watchlist)
    view = desk.calendar.view(now, tuple(dict.fromkeys(name for names in exposed.values() for name in names)))
    state = HealthState.OK
    if view.captured_at is None:
        state = HealthState.DOWN if book.policy.policy.calendar_required else HealthState.UNKNOWN
    elif view.covers_until is not None and view.covers_until < now:
        state = HealthState.STALE
    return CalendarHealth(
        state=state, captured_at=view.captured_at, covers_until=view.covers_until, assumed=view.assumed
    )


def _quote(desk: Desk, symbol: str, policy: RiskPolicy, now: datetime) -> QuoteHealth:
    """Return a watched quote's age against the gate's own limit; outside trading hours an old quote is not stale."""
    limit = policy.max_quote_age_seconds
    try:
        quote = desk.market.quote(symbol)
        hours = desk.market.instrument(symbol).trading_hours
    except MarketDataUnavailable:
        return QuoteHealth(symbol=symbol, state=HealthState.DOWN, at=None, age_seconds=None, limit_seconds=limit)
    if quote is None:
        return QuoteHealth(symbol=symbol, state=HealthState.UNKNOWN, at=None, age_seconds=None, limit_seconds=limit)
    age = seconds_between(quote.at, now)
    trading = hours.contains(desk.market.server_clock.to_server(now))
    state = HealthState.STALE if trading and age > limit else HealthState.OK
    return QuoteHealth(symbol=symbol, state=state, at=quote.at, age_seconds=age, limit_seconds=limit)


def _at_most_one(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else min(fraction, Decimal(1))
