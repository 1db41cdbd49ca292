"""How many lots a trade may have: Decimal arithmetic in which rounding never raises the risk.

``lots = floor_to_step(base × risk_fraction ÷ loss_per_lot)``, where the loss per lot is what the stop costs with
commission and slippage, at the tick value the terminal states for losses.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import CENT, ZERO, floor_to_step, money_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A size with its arithmetic. Amounts are in account currency; ``problem`` says why there is none."""

    base: Decimal
    risk_fraction: Decimal
    budget: Decimal
    loss_per_lot: Decimal
    lots: Decimal
    maximum_lots: Decimal
    risk_amount: Decimal
    margin: Decimal
    problem: str | None


def size_position(
    instrument: Instrument,
    account: AccountState | None,
    policy: RiskPolicy,
    spec: StrategySpec,
    *,
    entry: Decimal | None,
    stop_loss: Decimal,
    at_most: Decimal | None = None,
) -> Sizing:
    """Return the lots that risk at most the smaller of the policy's and the strategy's fraction of the base.

    The base is the lower of balance and equity without credit. ``at_most`` is what a person approved: it only lowers.
    """
    fraction = min(policy.risk_fraction, spec.risk_fraction or policy.risk_fraction)
    maximum = min(policy.max_lot_size, spec.max_lot_size or policy.max_lot_size, instrument.volume_max)
    maximum = floor_to_step(maximum, instrument.volume_step)
    base = ZERO if account is None else max(ZERO, min(account.balance, account.equity - account.credit))
    budget = (base * fraction).quantize(CENT, rounding=ROUND_DOWN)
    per_lot = loss_per_lot(instrument, policy, entry=entry, stop_loss=stop_loss)
    problem = _problem(account, entry, per_lot, instrument)
    lots = ZERO
    if problem is None and per_lot is not None:
        lots = min(floor_to_step(budget / per_lot, instrument.volume_step), maximum)
        if at_most is not None:
            lots = min(lots, floor_to_step(at_most, instrument.volume_step))
    return Sizing(
        base=base,
        risk_fraction=fraction,
        budget=budget,
        loss_per_lot=per_lot or ZERO,
        lots=lots,
        maximum_lots=maximum,
        risk_amount=money_up(lots * (per_lot or ZERO)),
        margin=money_up(lots * instrument.margin_per_lot),
        problem=problem,
    )


def loss_per_lot(
    instrument: Instrument, policy: RiskPolicy, *, entry: Decimal | None, stop_loss: Decimal
) -> Decimal | None:
    """Return what one lot loses from ``entry`` to ``stop_loss`` with costs, or None when it cannot be computed."""
    if entry is None or not instrument.tick_value_loss > 0:
        return None
    slippage = policy.slippage_points * instrument.point
    ticks = (abs(entry - stop_loss) + slippage) / instrument.tick_size
    return money_up(ticks * instrument.tick_value_loss + policy.commission_per_lot)


def _problem(
    account: AccountState | None, entry: Decimal | None, per_lot: Decimal | None, instrument: Instrument
) -> str | None:
    if account is None:
        return "no account"
    if entry is None:
        return "no executable price"
    if per_lot is None:
        return f"the terminal states a tick value of {instrument.tick_value_loss} for losses"
    return None if per_lot > 0 else f"one lot would lose {per_lot}"
