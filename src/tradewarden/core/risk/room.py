"""What the limits on amounts leave for one more trade, once for all checks.

A size is fitted into this room, and the check of a limit fails when not even the broker's smallest size fits. So a
tighter policy can only make trades smaller or deny them: it never lets through what a looser one denied.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState, daily_loss, drawdown
from tradewarden.core.market.conversion import Rate
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.open_book import OpenBook, legs, lot_notional
from tradewarden.core.risk.sizing import Room, sizing_base
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import CENT, ONE_HUNDRED, ZERO, Side, maker_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLimit:
    """A limit on money that can be lost: what counts against it already, and what is left.

    ``limit`` is None where none is set. ``problem`` says why it cannot be judged.
    """

    limit: Decimal | None = None
    used: Decimal = ZERO
    problem: str = ""

    @property
    def left(self) -> Decimal | None:
        """Return what is left, None where there is no limit or it cannot be judged."""
        return None if self.limit is None or self.problem else self.limit - self.used


NO_LIMIT = MoneyLimit()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureLimit:
    """The limit on the net amount per currency, and what one lot of the trade adds to each of its legs."""

    limit: Decimal | None = None
    per_lot: Decimal = ZERO
    legs: tuple[tuple[str, int], ...] = ()
    problem: str = ""


NO_EXPOSURE_LIMIT = ExposureLimit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit on amounts as it stands before the trade. ``daily`` and ``drawdown`` count open stops as hit."""

    daily: MoneyLimit
    drawdown: MoneyLimit
    open_risk: MoneyLimit
    strategy_risk: MoneyLimit
    exposure: ExposureLimit
    room: Room


_make_limit = maker_of(MoneyLimit)
_make_exposure = maker_of(ExposureLimit)
_make_room = maker_of(Room)
_make_limits = maker_of(Limits)


def measure_limits(
    instrument: Instrument,
    account: AccountState | None,
    desk: DeskState,
    policy: RiskPolicy,
    spec: StrategySpec,
    book: OpenBook,
    *,
    side: Side,
    price: Decimal | None,
    rate: Rate | None,
) -> Limits:
    """Return where every limit on amounts stands and what all of them together leave for the trade."""
    believable = account is not None and account.problem() is None
    why = "" if believable else "no believable account statement"
    daily = strict = NO_LIMIT
    if policy.max_daily_loss is not None:
        loss = daily_loss(account, desk, policy) if account is not None and believable else None
        daily = _with_open(policy.max_daily_loss, loss, book, why or "no reference for today")
    if policy.max_drawdown_amount is not None:
        loss = drawdown(account, desk, policy) if account is not None and believable else None
        strict = _with_open(policy.max_drawdown_amount, loss, book, why or "nothing to count the drawdown from")
    base = sizing_base(account, policy)
    open_risk = _fraction(policy.max_open_risk_fraction, base, book.all_risk.amount, book.all_risk.problem)
    strategy_risk = _fraction(spec.max_open_risk_fraction, base, book.own_risk.amount, book.own_risk.problem)
    exposure = _exposure(instrument, account, policy, side=side, price=price, rate=rate)
    left = [entry.left for entry in (daily, strict, open_risk, strategy_risk) if entry.left is not None]
    room = _make_room(
        money=_cents(min(left)) if left else None,
        margin=_margin_room(account, policy, book),
        lots=_exposure_lots(exposure, book),
    )
    return _make_limits(
        daily=daily, drawdown=strict, open_risk=open_risk, strategy_risk=strategy_risk, exposure=exposure, room=room
    )


def _with_open(limit: Decimal, loss: Decimal | None, book: OpenBook, why: str) -> MoneyLimit:
    if loss is None:
        return _make_limit(limit=limit, problem=why)
    return _make_limit(limit=limit, used=loss + book.all_risk.amount, problem=book.all_risk.problem)


def _fraction(fraction: Decimal | None, base: Decimal, used: Decimal, problem: str) -> MoneyLimit:
    if fraction is None:
        return NO_LIMIT
    return _make_limit(limit=_cents(base * fraction), used=used, problem=problem)


def _margin_room(account: AccountState | None, policy: RiskPolicy, book: OpenBook) -> Decimal | None:
    if account is None:
        return None
    room = account.margin_free - book.margin
    if policy.min_margin_level > 0:
        room = min(room, account.equity * ONE_HUNDRED / policy.min_margin_level - account.margin - book.margin)
    return _cents(room)


def _exposure(
    instrument: Instrument,
    account: AccountState | None,
    policy: RiskPolicy,
    *,
    side: Side,
    price: Decimal | None,
    rate: Rate | None,
) -> ExposureLimit:
    multiple = policy.max_currency_exposure
    if multiple is None:
        return NO_EXPOSURE_LIMIT
    if account is None:
        return ExposureLimit(limit=ZERO, problem="no account statement")
    limit = account.equity * multiple
    if price is None:
        return ExposureLimit(limit=limit, problem="no quote")
    if rate is None:
        return ExposureLimit(limit=limit, problem=f"no rate from {instrument.currency_profit} to {account.currency}")
    return _make_exposure(limit=limit, per_lot=lot_notional(instrument, price, rate), legs=legs(instrument, side))


def _exposure_lots(exposure: ExposureLimit, book: OpenBook) -> Decimal | None:
    """Return the most lots whose legs stay within the limit, None where there is none or it cannot be judged."""
    if exposure.limit is None or exposure.problem or book.nets.problem or not exposure.per_lot > 0:
        return None
    nets = book.nets.amounts
    return min([(exposure.limit - sign * nets.get(name, ZERO)) / exposure.per_lot for name, sign in exposure.legs])


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_DOWN)
