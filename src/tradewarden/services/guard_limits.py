"""Judging the loss limits on every account update, idea or not, and keeping what they are counted from.

The day's reference, the first balance, the marks and what was paid in live here; ``core.limits`` reckons them. Only a
believable statement is judged: a terminal that reports zeros trips no halt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tradewarden.core.account import AccountState, Deal
from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.desk import DeskState, LossBuffer
from tradewarden.core.errors import BrokerUnavailable
from tradewarden.core.limits import DeskFigures, EquityBefore, figures_after, figures_within_day, needs_deals
from tradewarden.core.market.session import ServerClock, zone
from tradewarden.core.policy import BROKER_ZONE, RiskPolicy
from tradewarden.core.risk.checks_desk import is_bound, limit_checks
from tradewarden.core.risk.reasons import OnFail
from tradewarden.ports.storage import AccountPoint
from tradewarden.services.apply_loss_buffers import flatten, stop_opening
from tradewarden.services.book import Book, desk_state
from tradewarden.services.context import Desk
from tradewarden.services.halt_trading import halt_within

# Deals are asked for from well before the last one booked: clocks change, and the ticket tells them apart anyway.
_DEALS_BEFORE = timedelta(days=1)
_HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Whether anything was written, and what could not be read or closed, in words."""

    wrote: bool
    problems: tuple[str, ...] = ()


def guard_limits(
    desk: Desk, book: Book, account: AccountState, *, as_of: datetime, read_deals: bool = False
) -> Guarded:
    """Bring the figures up to date, act on the loss buffers and halt on a breach.

    The broker's deals are read when the balance has moved and when a day begins: BrokerUnavailable is raised when they
    are not told then. With ``read_deals`` they are read in any case, for a deposit and a loss of the same amount leave
    the balance where it was; not told, that is one of the problems.
    """
    state = desk_state(book, desk)
    if account.problem() is not None or not is_bound(account, state):
        return Guarded(wrote=False)
    policy, problems = book.policy.policy, list[str]()
    figures: DeskFigures | None = book.figures
    if needs_deals(book.figures, account, day_start(as_of, policy, desk.market.server_clock)):
        figures = _figures_now(desk, book, account, as_of)
    else:
        try:
            figures = _figures_now(desk, book, account, as_of) if read_deals else book.figures
        except BrokerUnavailable as error:
            problems.append(str(error))
        if figures is book.figures:
            figures = figures_within_day(book.figures, account, policy)
    if figures is None or figures.day is None:
        return Guarded(wrote=False)
    if figures is not book.figures:
        state = desk_state(replace(book, figures=figures), desk)
    wrote = _record(desk, book, state, account, figures, as_of)
    flattens = policy.flatten_loss_fraction is not None and figures.day.buffer is LossBuffer.FLATTEN
    if flattens and book.positions:
        wrote = True
        problems += flatten(desk, book, as_of=as_of)
    return Guarded(wrote=wrote, problems=tuple(problems))


def _record(
    desk: Desk, book: Book, state: DeskState, account: AccountState, figures: DeskFigures, as_of: datetime
) -> bool:
    """Write new figures, what a loss buffer stops, and a halt, in one transaction; return whether there was any.

    ``state`` is the desk with the new figures.
    """
    before, day = book.figures.day, figures.day
    moved = figures != book.figures
    breach = _breach(book, state, account)
    in_buffer = day is not None and day.buffer is not LossBuffer.NONE
    if not (moved or breach is not None or (in_buffer and book.outbox)):
        return False
    with desk.storage.write() as tx:
        if moved:
            tx.save_figures(figures)
        if in_buffer and day is not None:
            same_day = before is not None and before.day_started_at == day.day_started_at
            known = before.buffer if before is not None and same_day else LossBuffer.NONE
            stop_opening(tx, account, day, crossed=day.buffer is not known, at=as_of)
        if breach is not None and tx.halt() is None:
            code, observed, limit = breach
            reason = f"{code}: {observed}, limit {limit}"
            evidence: dict[str, JsonValue] = {
                "equity": str(account.equity),
                "balance": str(account.balance),
                "observed": observed,
            }
            halt_within(tx, at=as_of, actor=f"rule:{code}", reason=reason, code=code, evidence=evidence)
    return True


def current_figures(
    book: Book,
    account: AccountState,
    clock: ServerClock,
    as_of: datetime,
    *,
    deals: Sequence[Deal] = (),
    recorded: EquityBefore | None = None,
) -> DeskFigures:
    """Return the figures after this statement, with a new day where one has begun on ``clock`` or in the policy's zone.

    ``deals`` are the broker's where they are needed, ``recorded`` is the last equity noted before the newest reset.
    """
    policy = book.policy.policy
    day = book.figures.day
    resets = resets_since(None if day is None else day.day_started_at, as_of, policy, clock)
    return figures_after(book.figures, account, policy, as_of=as_of, resets=resets, deals=deals, recorded=recorded)


def day_start(as_of: datetime, policy: RiskPolicy, clock: ServerClock) -> datetime:
    """Return when the risk day of ``as_of`` began: broker midnight, or midnight of the policy's zone."""
    if policy.day_reset_zone == BROKER_ZONE:
        return clock.day_start(as_of)
    tz: ZoneInfo = zone(policy.day_reset_zone)
    return ServerClock(tz.key).day_start(as_of)


def resets_since(
    known: datetime | None, as_of: datetime, policy: RiskPolicy, clock: ServerClock
) -> tuple[datetime, ...]:
    """Return the starts of the risk days after the one that began at ``known``, up to ``as_of``, oldest first.

    Without a known day, and where the policy's zone was changed so that the day now began earlier, it is the newest.
    """
    newest = day_start(as_of, policy, clock)
    if known == newest:
        return ()
    found = [newest]
    while known is not None and (earlier := day_start(found[0] - _HALF_A_DAY, policy, clock)) > known:
        found.insert(0, earlier)
    return tuple(found)


def record_account(desk: Desk, account: AccountState, *, as_of: datetime) -> None:
    """Add the statement to the equity curve."""
    with desk.storage.write() as tx:
        tx.save_account_point(
            AccountPoint(
                at=as_of,
                balance=account.balance,
                equity=account.equity,
                margin=account.margin,
                margin_free=account.margin_free,
                floating=account.floating,
                open_positions=len(account.positions),
            )
        )


def _figures_now(desk: Desk, book: Book, account: AccountState, as_of: datetime) -> DeskFigures | None:
    """Return the figures after ``account`` and the broker's deals.

    None when the balance moved while the first deals were asked for: what is in it cannot be told then.
    """
    clock, known = desk.market.server_clock, book.figures
    reset = day_start(as_of, book.policy.policy, clock)
    begins = known.day is not None and known.day.day_started_at != reset
    recorded = _recorded_before(desk, reset) if begins else None
    moments = [reset, as_of if known.booked is None else known.booked.at]
    if recorded is not None:
        moments.append(recorded.at)
    deals = desk.broker.deals(min(moments) - _DEALS_BEFORE)
    if known.booked is None and desk.broker.account().balance != account.balance:
        return None
    return current_figures(book, account, clock, as_of, deals=deals, recorded=recorded)


def _recorded_before(desk: Desk, reset: datetime) -> EquityBefore | None:
    """Return the last equity without credit that was noted before ``reset``."""
    with desk.storage.read() as reading:
        point = reading.last_account_point(reset)
    return None if point is None else EquityBefore(at=point.at, equity=point.balance + point.floating)


def _breach(book: Book, state: DeskState, account: AccountState) -> tuple[str, str, str] | None:
    """Return code, observation and limit of the first halting breach, or None; nothing while a halt is in force."""
    if book.halt is not None or not book.policy.policy.ai_trading_enabled:
        return None
    for entry in limit_checks(account, state, book.policy.policy):
        if not entry.passed and entry.on_fail is OnFail.HALT:
            return entry.code.value, entry.observed, entry.limit
    return None
