"""Judging the loss limits on every account update, idea or not, and keeping what they are counted from.

The day's reference, the first balance and the high-water mark live here. Only a believable statement is judged: a
terminal that reports zeros trips no halt.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tradewarden.core.account import AccountState
from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.desk import DayReference
from tradewarden.core.market.session import ServerClock, zone
from tradewarden.core.policy import BROKER_ZONE, RiskPolicy
from tradewarden.core.risk.checks_desk import limit_checks
from tradewarden.core.risk.reasons import OnFail
from tradewarden.core.values import ZERO
from tradewarden.ports.storage import AccountPoint, DeskFigures
from tradewarden.services.book import Book, desk_state
from tradewarden.services.context import Desk
from tradewarden.services.halt_trading import halt_within

_LATE_AFTER = timedelta(minutes=5)


def guard_limits(desk: Desk, book: Book, account: AccountState, *, as_of: datetime) -> bool:
    """Bring the figures up to date and halt on a breach; return whether anything was written."""
    if account.problem() is not None:
        return False
    figures = current_figures(book, account, desk.market.server_clock, as_of)
    moved = figures != book.figures
    if moved:
        book = replace(book, figures=figures)
    breach = _breach(desk, book, account)
    if not moved and breach is None:
        return False
    with desk.storage.write() as tx:
        if moved:
            tx.save_figures(figures)
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


def current_figures(book: Book, account: AccountState, clock: ServerClock, as_of: datetime) -> DeskFigures:
    """Return the figures after this statement: a new day where one has begun, and a mark that only rises.

    A reset first seen late is marked so: its loss is then counted from the higher of balance and equity.
    """
    before = book.figures
    started = day_start(as_of, book.policy.policy, clock)
    day = before.day
    if day is None or day.day_started_at != started:
        day = DayReference(
            day_started_at=started,
            balance=account.balance,
            equity=account.equity,
            realised_profit=ZERO,
            late=day is not None and as_of - started > _LATE_AFTER,
        )
    realised = account.balance - day.balance
    if realised != day.realised_profit:
        day = replace(day, realised_profit=realised)
    mark = account.equity if before.high_water_mark is None else max(before.high_water_mark, account.equity)
    return DeskFigures(day=day, initial_balance=before.initial_balance or account.balance, high_water_mark=mark)


def day_start(as_of: datetime, policy: RiskPolicy, clock: ServerClock) -> datetime:
    """Return when the risk day of ``as_of`` began: broker midnight, or midnight of the policy's zone."""
    if policy.day_reset_zone == BROKER_ZONE:
        return clock.day_start(as_of)
    tz: ZoneInfo = zone(policy.day_reset_zone)
    return ServerClock(tz.key).day_start(as_of)


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


def _breach(desk: Desk, book: Book, account: AccountState) -> tuple[str, str, str] | None:
    """Return code, observation and limit of the first halting breach, or None; nothing while a halt is in force."""
    if book.halt is not None or not book.policy.policy.ai_trading_enabled:
        return None
    for entry in limit_checks(account, desk_state(book, desk), book.policy.policy):
        if not entry.passed and entry.on_fail is OnFail.HALT:
            return entry.code.value, entry.observed, entry.limit
    return None
