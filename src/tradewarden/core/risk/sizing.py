"""How many lots a trade may have: Decimal arithmetic in which rounding never raises the risk.

``lots = floor_to_step(budget ÷ loss_per_lot)``, where the loss per lot is what the stop costs with commission and
slippage, at the larger of the tick values that the terminal states and computes. The budget is a fraction of the base,
and never more than what the limits on the day, the drawdown, all open risk, margin and exposure leave.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import CENT, ZERO, floor_to_step, maker_of, money_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the limits leave for one more trade; None where a limit is not set or not known (its check then denies).

    ``money`` may be lost and ``margin`` taken, in account currency; ``lots`` is the most that any limit on the size
    itself allows.
    """

    money: Decimal | None = None
    margin: Decimal | None = None
    lots: Decimal | None = None


UNLIMITED = Room()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A size with its arithmetic. Amounts are in account currency; ``problem`` says why there is none.

    ``budget`` is the fraction of the base, ``room`` what the limits leave to be lost where any is set; ``least_risk``
    and ``least_margin`` are those of the broker's minimum.
    """

    base: Decimal
    risk_fraction: Decimal
    budget: Decimal
    room: Decimal | None
    loss_per_lot: Decimal
    lots: Decimal
    maximum_lots: Decimal
    risk_amount: Decimal
    margin: Decimal
    problem: str | None
    least_risk: Decimal
    least_margin: Decimal


_make_sizing = maker_of(Sizing)


def size_position(
    instrument: Instrument,
    account: AccountState | None,
    policy: RiskPolicy,
    spec: StrategySpec,
    *,
    entry: Decimal | None,
    stop_loss: Decimal,
    at_most: Decimal | None = None,
    room: Room = UNLIMITED,
) -> Sizing:
    """Return the lots that risk at most the smaller of the policy's and the strategy's fraction of the base.

    The base is the lowest of balance, equity without credit and the policy's fixed amount, where one is set.
    ``at_most`` is what a person approved, ``room`` what the limits leave: both only lower.
    """
    fraction = min(policy.risk_fraction, spec.risk_fraction or policy.risk_fraction)
    maximum = min(policy.max_lot_size, spec.max_lot_size or policy.max_lot_size, instrument.volume_max)
    maximum = floor_to_step(maximum, instrument.volume_step)
    base = sizing_base(account, policy)
    budget = (base * fraction).quantize(CENT, rounding=ROUND_DOWN)
    per_lot = loss_per_lot(instrument, policy, entry=entry, stop_loss=stop_loss)
    problem = _problem(account, entry, per_lot, instrument)
    # A margin that is not known bounds nothing here: its check denies.
    margin_per_lot = instrument.margin_per_lot if is_amount(instrument.margin_per_lot) else ZERO
    lots = ZERO
    if problem is None and per_lot is not None:
        money = budget if room.money is None else min(budget, room.money)
        bounds = [money / per_lot, maximum]
        if room.margin is not None and margin_per_lot > 0:
            bounds.append(room.margin / margin_per_lot)
        bounds += [bound for bound in (at_most, room.lots) if bound is not None]
        lots = floor_to_step(max(ZERO, min(bounds)), instrument.volume_step)
    one = per_lot or ZERO
    return _make_sizing(
        base=base,
        risk_fraction=fraction,
        budget=budget,
        room=room.money,
        loss_per_lot=one,
        lots=lots,
        maximum_lots=maximum,
        risk_amount=money_up(lots * one),
        margin=money_up(lots * margin_per_lot),
        problem=problem,
        least_risk=money_up(instrument.volume_min * one),
        least_margin=money_up(instrument.volume_min * margin_per_lot),
    )


def sizing_base(account: AccountState | None, policy: RiskPolicy) -> Decimal:
    """Return what fractions are fractions of: never above balance or equity without credit, never below 0."""
    if account is None:
        return ZERO
    base = min(account.balance, account.equity - account.credit)
    if policy.base_amount is not None:
        base = min(base, policy.base_amount)
    return max(ZERO, base)


def worst_tick_value(instrument: Instrument) -> Decimal | None:
    """Return the larger of the stated and the computed loss of one lot per tick, None when either is not above 0."""
    stated, calculated = instrument.tick_value_loss, instrument.calculated_tick_value
    if not is_amount(stated):
        return None
    if calculated is None:
        return stated
    return max(stated, calculated) if is_amount(calculated) else None


def is_amount(value: Decimal) -> bool:
    """Return whether ``value`` is a number above 0: neither zero nor negative, NaN or infinite."""
    return value.is_finite() and value > ZERO


def loss_per_lot(
    instrument: Instrument, policy: RiskPolicy, *, entry: Decimal | None, stop_loss: Decimal
) -> Decimal | None:
    """Return what one lot loses from ``entry`` to ``stop_loss`` with costs, or None when it cannot be computed."""
    value = worst_tick_value(instrument)
    if entry is None or value is None:
        return None
    slippage = policy.slippage_points * instrument.point
    ticks = (abs(entry - stop_loss) + slippage) / instrument.tick_size
    return money_up(ticks * value + policy.commission_per_lot)


def _problem(
    account: AccountState | None, entry: Decimal | None, per_lot: Decimal | None, instrument: Instrument
) -> str | None:
    if account is None:
        return "no account"
    if entry is None:
        return "no executable price"
    if per_lot is None:
        stated, calculated = instrument.tick_value_loss, instrument.calculated_tick_value
        return f"the terminal states a tick value of {stated} for losses and computes {calculated}"
    return None if per_lot > 0 else f"one lot would lose {per_lot}"
