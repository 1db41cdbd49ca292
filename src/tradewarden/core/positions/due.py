"""Whether a position may need a step now: a cheap look between bars, before a whole snapshot is gathered.

It may say yes too often, never too seldom: what a rule can ask for between two bars follows from the price, the book
and the clock alone. Rules that read bars (exit conditions, trailing by ATR or by a series) come up when a bar ends.
"""

from datetime import datetime

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.session import WeeklyHours
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions.moments import over_because
from tradewarden.core.positions.plan import stop_is_loose
from tradewarden.core.positions.situation import has_reached, risk_distance
from tradewarden.core.positions.stops import break_even_price, step_trail_level
from tradewarden.core.strategy.spec import StepTrail, StrategySpec


def is_due_by_price(
    position: Position, held: DeskPosition, spec: StrategySpec, instrument: Instrument, policy: RiskPolicy
) -> bool:
    """Return whether the broker's statement alone may ask for a step: stop, size, target, break-even or step trail.

    ``instrument`` may be some hours old: of it only the tick and what it is worth are read.
    """
    if stop_is_loose(position, held):
        return True
    if held.approved_lots is not None and position.lots > held.approved_lots:
        return True
    sign, price = position.side.sign, position.price
    nearer = held.targets[held.targets_done : -1]
    if nearer and (price - nearer[0].price) * sign >= 0:
        return True
    stop = position.stop_loss
    if stop is None or risk_distance(held) == 0:
        return False
    if spec.break_even_at_r is not None and has_reached(held, price, spec.break_even_at_r):
        wanted = break_even_price(position, held, instrument, policy)
        if wanted is not None and (wanted - stop) * sign > 0:
            return True
    trail = spec.trail
    if not isinstance(trail, StepTrail) or not has_reached(held, price, trail.from_r):
        return False
    level, _ = step_trail_level(trail, held, price)
    return (level - stop) * sign >= instrument.tick_size


def is_due_by_time(
    held: DeskPosition,
    spec: StrategySpec,
    policy: RiskPolicy,
    hours: WeeklyHours,
    *,
    as_of: datetime,
    server_time: datetime,
) -> bool:
    """Return whether the weekend, the time limit or the end of the session asks for a step."""
    return over_because(held, spec, policy, hours, as_of=as_of, server_time=server_time) is not None
