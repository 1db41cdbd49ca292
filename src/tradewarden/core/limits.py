"""The figures behind the loss limits: the day's reference, marks that only rise, and what was paid in or out.

Pure arithmetic over the account's statement and the broker's deals. ``services.guard_limits`` calls it on every
account update and keeps the result; ``core.desk`` turns the figures into today's loss and the drawdown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tradewarden.core.account import AccountState, Deal
from tradewarden.core.desk import DayReference, LossBuffer, loss_base
from tradewarden.core.policy import DrawdownKind, DrawdownMark, RiskPolicy
from tradewarden.core.values import ZERO

# A reset is seen in time by a desk that looks within these minutes; later prices may have moved too far.
LATE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Up to where the broker's deals have been taken into the figures: the last deal's ticket, and the balance then."""

    deal: int
    balance: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFigures:
    """What limits are counted from: today's reference, the first balance, and the marks.

    ``deposits`` is what has been paid in since ``initial_balance`` was noted. Both marks are kept without it, so that
    neither a deposit nor a withdrawal moves them: ``high_water_mark`` of equity without credit at any moment,
    ``balance_mark`` of the balance at the end of each day. ``booked`` is None in records from before deals were read.
    """

    day: DayReference | None
    initial_balance: Decimal | None
    high_water_mark: Decimal | None
    balance_mark: Decimal | None = None
    deposits: Decimal = ZERO
    booked: Booked | None = None


NO_FIGURES = DeskFigures(day=None, initial_balance=None, high_water_mark=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityBefore:
    """Equity without credit as last recorded before a reset."""

    at: datetime
    equity: Decimal


def needs_deals(figures: DeskFigures, account: AccountState, day_started_at: datetime) -> bool:
    """Return whether the broker's deals have to be read before ``account`` can be judged.

    That is when the balance has moved, when a day has begun, and at the first look.
    """
    booked, day = figures.booked, figures.day
    if booked is None or day is None or day.day_started_at != day_started_at or figures.high_water_mark is None:
        return True
    return booked.balance != account.balance


def figures_within_day(before: DeskFigures, account: AccountState, policy: RiskPolicy) -> DeskFigures:
    """Return the figures after a believable statement that :func:`needs_deals` wants none for: ``before`` or newer.

    The balance has not moved and no day has begun, so that only the mark and the buffer can have risen.
    """
    day, known, initial = before.day, before.high_water_mark, before.initial_balance
    if day is None or known is None or initial is None:
        raise ValueError("figures without a day, a mark or a first balance need the broker's deals")
    mark = _risen(known, account.own_equity - before.deposits, _cap(initial, policy))
    buffer = _buffer(day, account, policy)
    if mark == known and buffer is day.buffer:
        return before
    return replace(before, day=replace(day, buffer=buffer), high_water_mark=mark)


def figures_after(
    before: DeskFigures,
    account: AccountState,
    policy: RiskPolicy,
    *,
    as_of: datetime,
    resets: Sequence[datetime],
    deals: Sequence[Deal] = (),
    recorded: EquityBefore | None = None,
) -> DeskFigures:
    """Return the figures after a believable statement.

    ``resets`` are the starts of the days since the one in ``before``, oldest first; none while that day goes on.
    ``deals`` are the broker's since the earlier of the last booked one and the newest reset, oldest first, and may be
    left out where :func:`needs_deals` says no. ``recorded`` is the last equity noted before the newest reset. Where
    there are no figures yet, the statement is the reference, and its balance the first one.
    """
    start = before.booked or Booked(deal=_newest(deals), balance=account.balance, at=as_of)
    new = _new_in_statement(start, account, deals)
    booked = Booked(deal=max(start.deal, _newest(new)), balance=account.balance, at=as_of)
    initial = account.balance if before.initial_balance is None else before.initial_balance
    cap = _cap(initial, policy)
    deposits = before.deposits + _paid_in(new)
    balance_mark = initial if before.balance_mark is None else before.balance_mark
    if before.day is None:
        day = DayReference(
            day_started_at=resets[-1],
            balance=account.balance,
            equity=account.own_equity,
            realised_profit=ZERO,
            late=False,
        )
    elif resets:
        for reset in resets:
            until = tuple(deal for deal in new if deal.at < reset)
            ended_with = start.balance + _balance_change(until) - before.deposits - _paid_in(until)
            balance_mark = _risen(balance_mark, ended_with, cap)
        day = _new_day(before.day, start, account, resets[-1], as_of, _known(start, deals, new), new, recorded)
    else:
        day = replace(before.day, deposits=before.day.deposits + _paid_in(new))
    realised = account.balance - day.balance - day.deposits
    mark = initial if before.high_water_mark is None else before.high_water_mark
    return DeskFigures(
        day=replace(day, realised_profit=realised, buffer=_buffer(day, account, policy)),
        initial_balance=initial,
        high_water_mark=_risen(mark, account.own_equity - deposits, cap),
        balance_mark=balance_mark,
        deposits=deposits,
        booked=before.booked if booked.deal == start.deal and _same_balance(before.booked, account) else booked,
    )


def fallen_mark(before: DeskFigures, after: DeskFigures) -> str | None:
    """Return which mark would fall, in words, or None: marks only rise."""
    for name, old, new in (
        ("high-water mark", before.high_water_mark, after.high_water_mark),
        ("mark of daily balances", before.balance_mark, after.balance_mark),
    ):
        if old is not None and (new is None or new < old):
            return f"the {name} is {old} and cannot fall to {new}"
    return None


def mark_locked(figures: DeskFigures, policy: RiskPolicy) -> bool:
    """Return whether the mark that the policy judges by stands still: the floor has reached the first balance."""
    if figures.initial_balance is None or policy.drawdown_kind is DrawdownKind.STATIC:
        return False
    cap = _cap(figures.initial_balance, policy)
    daily = policy.drawdown_mark is DrawdownMark.END_OF_DAY_BALANCE
    mark = figures.balance_mark if daily else figures.high_water_mark
    return cap is not None and mark is not None and mark >= cap


def loss_buffer(loss: Decimal, policy: RiskPolicy) -> LossBuffer:
    """Return the farthest share of the daily loss limit, of those that the policy names, that ``loss`` has reached."""
    if policy.max_daily_loss is None:
        return LossBuffer.NONE
    for share, reached in (
        (policy.flatten_loss_fraction, LossBuffer.FLATTEN),
        (policy.soft_loss_fraction, LossBuffer.SOFT),
    ):
        if share is not None and loss >= share * policy.max_daily_loss:
            return reached
    return LossBuffer.NONE


def opening_stops_at(policy: RiskPolicy) -> Decimal | None:
    """Return the loss of today from which nothing more is opened before the limit itself, or None where none is set.

    Where only the share is named at which positions are closed, opening stops there too.
    """
    shares = [share for share in (policy.soft_loss_fraction, policy.flatten_loss_fraction) if share is not None]
    return None if policy.max_daily_loss is None or not shares else min(shares) * policy.max_daily_loss


def _buffer(day: DayReference, account: AccountState, policy: RiskPolicy) -> LossBuffer:
    now = loss_buffer(loss_base(day, policy.daily_loss_reference) - account.own_equity, policy)
    return max(day.buffer, now, key=list(LossBuffer).index)


def _new_day(
    ended: DayReference,
    start: Booked,
    account: AccountState,
    reset: datetime,
    as_of: datetime,
    known: tuple[Deal, ...],
    new: tuple[Deal, ...],
    recorded: EquityBefore | None,
) -> DayReference:
    """Return the reference of the day that began at ``reset``, as far as deals and records tell it.

    The balance of the reset is reckoned back from the statement's, and forward from the one booked last; where they
    differ, deals are missing, and the higher stands. Amounts from after the reset are without what was paid in since.
    """
    since = tuple(deal for deal in known if deal.at >= reset)
    paid_in = _paid_in(since)
    balance = account.balance - _balance_change(since)
    if start.at <= reset:
        balance = max(balance, start.balance + _balance_change(tuple(deal for deal in new if deal.at < reset)))
    equity = account.own_equity - paid_in
    went_back = ended.day_started_at > reset
    late = went_back or as_of - reset > LATE_AFTER
    if late:
        equity = max(equity, account.balance - paid_in)
        if recorded is not None:
            between = tuple(deal for deal in known if recorded.at < deal.at < reset)
            equity = max(equity, recorded.equity + _paid_in(between))
    if went_back:
        # The policy's reset was moved: today's loss must not become smaller by that.
        equity = max(equity, max(ended.balance, ended.equity) + ended.deposits + _paid_in(new) - paid_in)
    return DayReference(
        day_started_at=reset, balance=balance, equity=equity, realised_profit=ZERO, late=late, deposits=paid_in
    )


def _new_in_statement(start: Booked, account: AccountState, deals: Sequence[Deal]) -> tuple[Deal, ...]:
    """Return the deals after the last booked one that the statement's balance holds already.

    Statement and deals are two questions: a deal booked between them waits for the next statement. Where no number of
    them leads to the balance, all count, and the rest is a result: the broker's word on what was paid in stands.
    """
    later = sorted((deal for deal in deals if deal.ticket > start.deal), key=lambda deal: deal.ticket)
    balance = start.balance + _balance_change(later)
    for count in range(len(later), -1, -1):
        if balance == account.balance:
            return tuple(later[:count])
        if count:
            balance -= later[count - 1].balance_change
    return tuple(later)


def _known(start: Booked, deals: Sequence[Deal], new: tuple[Deal, ...]) -> tuple[Deal, ...]:
    return (*(deal for deal in deals if deal.ticket <= start.deal), *new)


def _same_balance(booked: Booked | None, account: AccountState) -> bool:
    return booked is not None and booked.balance == account.balance


def _newest(deals: Sequence[Deal]) -> int:
    return max((deal.ticket for deal in deals), default=0)


def _balance_change(deals: Sequence[Deal]) -> Decimal:
    return sum((deal.balance_change for deal in deals), ZERO)


def _paid_in(deals: Sequence[Deal]) -> Decimal:
    return sum((deal.paid_in for deal in deals), ZERO)


def _cap(initial: Decimal, policy: RiskPolicy) -> Decimal | None:
    """Return where a locked mark stands still: there its floor is the first balance."""
    if not policy.drawdown_lock or policy.max_drawdown_amount is None:
        return None
    return initial + policy.max_drawdown_amount


def _risen(mark: Decimal, candidate: Decimal, cap: Decimal | None) -> Decimal:
    return max(mark, candidate if cap is None else min(candidate, cap))
