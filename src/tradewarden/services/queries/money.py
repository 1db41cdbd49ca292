"""The few sums that screens show beside what the gate computed; exact, in account currency."""

from decimal import ROUND_DOWN, Decimal

from tradewarden.core.account import Position
from tradewarden.core.ideas import TradeIdea
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.values import ZERO, floor_to_step, money_up, round_to_step

FRACTION_STEP = Decimal("0.0001")
R_STEP = Decimal("0.01")
_CENT = Decimal("0.01")


def share(part: Decimal, whole: Decimal | None) -> Decimal | None:
    """Return ``part`` over ``whole`` to 4 digits, or None where there is no whole to be a part of."""
    if whole is None or not whole > 0:
        return None
    return round_to_step(part / whole, FRACTION_STEP)


def reward_amount(
    instrument: Instrument, policy: RiskPolicy, *, lots: Decimal, entry: Decimal, idea: TradeIdea
) -> Decimal:
    """Return what ``lots`` gain from ``entry`` when each target closes its fraction, less commission, in whole cents.

    Rounded down. What a fraction comes to on the volume step is known only with the fill.
    """
    fractions = idea.fractions or (Decimal(1),)
    distance = sum((abs(price - entry) * part for price, part in zip(idea.take_profits, fractions, strict=True)), ZERO)
    ticks = distance / instrument.tick_size
    gross = ticks * instrument.tick_value * lots
    return (gross - policy.commission_per_lot * lots).quantize(_CENT, rounding=ROUND_DOWN)


def loss_to_stop(position: Position, instrument: Instrument) -> Decimal | None:
    """Return what the position loses against its entry when its stop is hit (negative once the stop is in profit).

    Costs are left out. None without a stop, or where the terminal states no tick value.
    """
    if position.stop_loss is None:
        return None
    distance = (position.entry_price - position.stop_loss) * position.side.sign
    value = instrument.tick_value_loss if distance > 0 else instrument.tick_value
    if not value > 0:
        return None
    return money_up(distance / instrument.tick_size * value * position.lots)


def profit_in_r(profit: Decimal, initial_risk: Decimal) -> Decimal | None:
    """Return ``profit`` in units of the initial risk to hundredths, rounded down, or None without a risk."""
    return None if not initial_risk > ZERO else floor_to_step(profit / initial_risk, R_STEP)


def decimals(price: Decimal) -> int:
    """Return how many decimals a price quantised to its instrument is shown with."""
    exponent = price.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
