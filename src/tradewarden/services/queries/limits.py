"""Reading the loss limits: ``core.headroom`` on the account's statement now, in words and fractions for people."""

from datetime import datetime, timedelta
from decimal import Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DayReference, LossBuffer
from tradewarden.core.errors import BrokerUnavailable, MarketDataUnavailable
from tradewarden.core.headroom import Distance, LimitHeadroom, limit_headroom
from tradewarden.core.limits import mark_locked
from tradewarden.core.policy import BROKER_ZONE, DrawdownKind, DrawdownMark, LossReference, RiskPolicy
from tradewarden.core.risk.checks_desk import is_bound
from tradewarden.core.risk.open_book import loss_at_stop
from tradewarden.core.values import ZERO, money
from tradewarden.services.book import Book, desk_state, read_book
from tradewarden.services.context import Desk
from tradewarden.services.guard_limits import day_start
from tradewarden.services.queries.models.limits import LimitsView, LimitView, ProfitTargetView
from tradewarden.services.queries.money import share
from tradewarden.services.queries.views import seconds_between

# From the start of any day, 23 to 25 hours long, this reaches into the next one and no farther.
_INTO_THE_NEXT_DAY = timedelta(hours=36)
_DAY_BASIS = {
    LossReference.BALANCE: "balance at the reset",
    LossReference.EQUITY: "equity at the reset",
    LossReference.HIGHER: "the higher of balance and equity at the reset",
}
_MARK_BASIS = {
    DrawdownMark.INTRADAY_EQUITY: "the highest equity",
    DrawdownMark.END_OF_DAY_BALANCE: "the highest balance at a day's end",
}


def limits(desk: Desk) -> LimitsView:
    """Return the limits now. Raises BrokerUnavailable without a believable statement, StorageUnavailable."""
    account = desk.broker.account()
    problem = account.problem()
    if problem is not None:
        raise BrokerUnavailable(f"the account's statement cannot be believed: {problem}")
    with desk.storage.read() as reading:
        book = read_book(reading)
    if not is_bound(account, desk_state(book, desk)):
        raise BrokerUnavailable(f"the terminal is on account {account.login}, which is not the desk's")
    return limits_view(desk, book, account, desk.clock.market_now())


def limits_view(desk: Desk, book: Book, account: AccountState, now: datetime) -> LimitsView:
    """Return the limits on a believable ``account``."""
    state, policy, figures = desk_state(book, desk), book.policy.policy, book.figures
    found = limit_headroom(account, state, policy, stop_losses=_stop_losses(desk, account, policy))
    day, locked = figures.day, mark_locked(figures, policy)
    started = day_start(now, policy, desk.market.server_clock)
    trailing = policy.drawdown_kind is DrawdownKind.TRAILING
    daily_mark = policy.drawdown_mark is DrawdownMark.END_OF_DAY_BALANCE
    return LimitsView(
        currency=account.currency,
        equity=found.equity,
        daily_loss=_limit(found.daily_loss, _day_basis(day, policy)),
        drawdown=_limit(found.drawdown, _drawdown_basis(book, policy, locked=locked)),
        first=found.first,
        left=_left(found),
        opening_stops_at=found.opening_stops_at,
        flattens_at=found.flattens_at,
        buffer=LossBuffer.NONE if day is None else day.buffer,
        open_risk=found.open_risk,
        unbounded=found.unbounded,
        left_after_stops=found.left_after_stops,
        daily_loss_reference=policy.daily_loss_reference,
        drawdown_kind=policy.drawdown_kind,
        drawdown_mark=policy.drawdown_mark,
        mark=None if not trailing else figures.balance_mark if daily_mark else figures.high_water_mark,
        mark_locked=locked,
        late=day is not None and day.late,
        day_started_at=None if day is None else day.day_started_at,
        resets_at=day_start(started + _INTO_THE_NEXT_DAY, policy, desk.market.server_clock),
        reset_zone=desk.market.server_clock.label if policy.day_reset_zone == BROKER_ZONE else policy.day_reset_zone,
        deposits_today=ZERO if day is None else day.deposits,
        deposits=figures.deposits,
        daily_target=_target(None if day is None else day.realised_profit, policy.daily_profit_target),
        profit_target=_target(_profit(book, account), policy.profit_target),
        captured_at=account.captured_at,
        age_seconds=seconds_between(account.captured_at, now),
    )


def _limit(distance: Distance | None, basis: str) -> LimitView | None:
    if distance is None:
        return None
    used, left = money(max(ZERO, distance.used)), money(max(ZERO, distance.left))
    fraction = min(share(used, distance.limit) or ZERO, Decimal(1))
    return LimitView(
        counted_from=money(distance.base),
        basis=basis,
        used=used,
        left=left,
        limit=distance.limit,
        used_fraction=fraction,
        left_fraction=1 - fraction,
        breach_equity=money(distance.breach_equity),
        reached=distance.left <= 0,
    )


def _left(found: LimitHeadroom) -> Decimal | None:
    return None if found.left is None else money(max(ZERO, found.left))


def _target(realised: Decimal | None, target: Decimal | None) -> ProfitTargetView | None:
    if realised is None or target is None:
        return None
    reached = min(share(max(ZERO, realised), target) or ZERO, Decimal(1))
    return ProfitTargetView(realised=money(realised), target=target, reached_fraction=reached)


def _profit(book: Book, account: AccountState) -> Decimal | None:
    """Return what has been realised since the first balance, deposits left out."""
    initial = book.figures.initial_balance
    return None if initial is None else account.balance - initial - book.figures.deposits


def _day_basis(day: DayReference | None, policy: RiskPolicy) -> str:
    if day is not None and day.late:
        return "the highest balance or equity around the reset, which was seen late" + _paid(day.deposits)
    return _DAY_BASIS[policy.daily_loss_reference] + _paid(ZERO if day is None else day.deposits)


def _drawdown_basis(book: Book, policy: RiskPolicy, *, locked: bool) -> str:
    if policy.drawdown_kind is DrawdownKind.STATIC:
        return "the first balance" + _paid(book.figures.deposits)
    return _MARK_BASIS[policy.drawdown_mark] + (", locked" if locked else "") + _paid(book.figures.deposits)


def _paid(deposits: Decimal) -> str:
    if not deposits:
        return ""
    return f", with {deposits} paid in since" if deposits > 0 else f", with {-deposits} withdrawn since"


def _stop_losses(desk: Desk, account: AccountState, policy: RiskPolicy) -> dict[int, Decimal]:
    """Return by ticket what each position loses from here to its stop as the gate counts it, where that is known."""
    losses: dict[int, Decimal] = {}
    for position in account.positions:
        try:
            loss = loss_at_stop(position, desk.market.instrument(position.symbol), policy)
        except (MarketDataUnavailable, BrokerUnavailable):
            # Without its contract the position's loss is unknown, and the view names its ticket.
            continue
        if loss is not None:
            losses[position.ticket] = loss
    return losses
