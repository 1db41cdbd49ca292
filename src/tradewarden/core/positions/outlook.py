"""What lies ahead of an open position: which rule acts next, at which price or at what time. For people, not deciding.

The same arithmetic as the plan, so that what a screen announces is what will be done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.hours import until_weekend
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.session import ServerClock
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions.moments import leave_at, session_end
from tradewarden.core.positions.situation import has_reached, price_at, risk_distance
from tradewarden.core.positions.steps import Rule
from tradewarden.core.positions.stops import break_even_price
from tradewarden.core.positions.targets import open_parts
from tradewarden.core.strategy.spec import StepTrail, StrategySpec
from tradewarden.core.values import ceil_to_step, floor_to_step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAhead:
    """A rule that waits for ``price`` on the closing side, or for the moment ``at``; for neither: for the next bar."""

    rule: Rule
    price: Decimal | None = None
    at: datetime | None = None
    lots: Decimal | None = None


def steps_ahead(
    position: Position,
    held: DeskPosition,
    spec: StrategySpec,
    policy: RiskPolicy,
    instrument: Instrument,
    *,
    server_clock: ServerClock,
    as_of: datetime,
) -> tuple[StepAhead, ...]:
    """Return what comes next: prices from near to far, then rules on bars, then times from early to late.

    The broker's own stop and target are not among them, nor exit conditions, which no price tells.
    """
    priced = [
        step
        for step in (
            _target(position, held, instrument),
            _break_even(position, held, spec, policy, instrument),
            _trail(position, held, spec, instrument),
        )
        if step is not None
    ]
    priced.sort(key=lambda step: (step.price is None, abs((step.price or position.price) - position.price)))
    timed = sorted(_times(held, spec, policy, instrument, server_clock, as_of), key=lambda step: step.at or as_of)
    return (*priced, *timed)


def _target(position: Position, held: DeskPosition, instrument: Instrument) -> StepAhead | None:
    if held.targets_done >= len(held.targets) - 1:
        return None
    parts = open_parts(held, position.lots, instrument)
    due = ((held.targets[held.targets_done + offset].price, part) for offset, part in enumerate(parts) if part)
    price, lots = next(due, (None, None))
    return None if price is None else StepAhead(rule=Rule.TARGET, price=price, lots=lots)


def _break_even(
    position: Position, held: DeskPosition, spec: StrategySpec, policy: RiskPolicy, instrument: Instrument
) -> StepAhead | None:
    wanted = break_even_price(position, held, instrument, policy)
    if spec.break_even_at_r is None or wanted is None or position.stop_loss is None:
        return None
    if (wanted - position.stop_loss) * position.side.sign <= 0:
        return None
    return StepAhead(rule=Rule.BREAK_EVEN, price=_on_tick(price_at(held, spec.break_even_at_r), position, instrument))


def _trail(position: Position, held: DeskPosition, spec: StrategySpec, instrument: Instrument) -> StepAhead | None:
    trail, stop = spec.trail, position.stop_loss
    if trail is None or stop is None or not risk_distance(held) > 0:
        return None
    if not isinstance(trail, StepTrail):
        begun = has_reached(held, position.price, trail.from_r)
        begins = None if begun else _on_tick(price_at(held, trail.from_r), position, instrument)
        return StepAhead(rule=Rule.TRAIL, price=begins)
    stop_r = (stop - held.entry_price) * held.side.sign / risk_distance(held)
    steps = max(Decimal(0), floor_to_step(stop_r / trail.step_r, Decimal(1)) + 1)
    price = price_at(held, trail.from_r + steps * trail.step_r)
    return StepAhead(rule=Rule.TRAIL, price=_on_tick(price, position, instrument))


def _on_tick(price: Decimal, position: Position, instrument: Instrument) -> Decimal:
    """Return the first price on the tick at which ``price`` is reached."""
    rounded = ceil_to_step if position.side.sign > 0 else floor_to_step
    return rounded(price, instrument.tick_size)


def _times(
    held: DeskPosition,
    spec: StrategySpec,
    policy: RiskPolicy,
    instrument: Instrument,
    server_clock: ServerClock,
    as_of: datetime,
) -> list[StepAhead]:
    found = []
    server_time = server_clock.to_server(as_of)
    left = until_weekend(instrument.trading_hours, server_time)
    if policy.flat_before_weekend and left is not None:
        at = as_of + left - timedelta(minutes=policy.weekend_flat_minutes)
        found.append(StepAhead(rule=Rule.WEEKEND, at=at))
    if spec.time_limit_minutes is not None:
        at = held.opened_at + timedelta(minutes=spec.time_limit_minutes)
        found.append(StepAhead(rule=Rule.TIME_LIMIT, at=at))
    if spec.close_at_session_end:
        ends = session_end(spec.session_windows, held.opened_at)
        at = leave_at(ends, instrument.trading_hours, as_of=as_of, server_time=server_time)
        found.append(StepAhead(rule=Rule.SESSION_END, at=at))
    return found
