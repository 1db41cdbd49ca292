"""Where the stop moves to: break-even and trailing. Only ever nearer, on the tick, and where the broker takes it.

These moves are optional: they wait at the rollover and in the first minutes after an opening, when quotes say little.
"""

from datetime import timedelta
from decimal import Decimal

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.hours import in_rollover, since_opening
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions.situation import Situation, best_price, has_reached, price_at, risk_distance
from tradewarden.core.positions.steps import Rule, SetStop
from tradewarden.core.strategy.spec import AtrTrail, IndicatorTrail, StepTrail
from tradewarden.core.values import ZERO, Side, ceil_to_step, floor_to_step

# A trailing stop moves by at least this share of R (and a tick): smaller moves cost requests and protect nothing.
LEAST_TRAIL_STEP_R = Decimal("0.05")


def waits_because(situation: Situation) -> str | None:
    """Return why optional moves wait now, or None."""
    policy, server = situation.policy, situation.server_time
    if in_rollover(policy.rollover_pause, server):
        return "stops are not moved at the rollover"
    opened = since_opening(situation.snapshot.instrument.trading_hours, server)
    if opened is not None and opened < timedelta(minutes=policy.opening_pause_minutes):
        return f"stops are not moved in the first {policy.opening_pause_minutes} minutes of a session"
    return None


def break_even_stop(situation: Situation) -> SetStop | None:
    """Return the move to break-even, or None when it is not due, done already, or not possible at this price."""
    wanted = situation.spec.break_even_at_r
    held = situation.held
    if wanted is None or not has_reached(held, best_price(situation), wanted):
        return None
    stop = break_even_price(situation.position, held, situation.snapshot.instrument, situation.policy)
    if stop is None or not _tightens(situation, stop, ZERO) or not _is_allowed(situation, stop):
        return None
    return SetStop(
        stop_loss=stop,
        reason=f"break-even after {wanted} R: stop to {stop}, where spread, commission and swap are paid",
        rule=Rule.BREAK_EVEN,
    )


def break_even_price(
    position: Position, held: DeskPosition, instrument: Instrument, policy: RiskPolicy
) -> Decimal | None:
    """Return the stop at which the open lots lose nothing; None without a usable tick value.

    Entry and stop are executed on opposite sides of the quote, so that a stop at the entry price has paid the spread;
    commission and a negative swap are added in ticks, rounded up. A positive swap is not counted upon.
    """
    per_tick = min(instrument.tick_value, instrument.tick_value_loss) * position.lots
    if not per_tick > 0:
        return None
    costs = policy.commission_per_lot * position.lots + max(ZERO, -position.swap)
    ticks = ceil_to_step(costs / per_tick, Decimal(1))
    price = held.entry_price + position.side.sign * ticks * instrument.tick_size
    rounded = ceil_to_step if position.side is Side.BUY else floor_to_step
    return rounded(price, instrument.tick_size)


def trailing_stop(situation: Situation) -> SetStop | None:
    """Return the trailing move, or None when it is not due, too small, or not possible at this price."""
    trail, held = situation.spec.trail, situation.held
    if trail is None or not has_reached(held, best_price(situation), trail.from_r):
        return None
    followed = _followed(situation)
    if followed is None:
        return None
    level, what = followed
    position, instrument = situation.position, situation.snapshot.instrument
    rounded = floor_to_step if position.side is Side.BUY else ceil_to_step
    stop = rounded(level, instrument.tick_size)
    if not (position.price - stop) * position.side.sign > 0:
        return None
    # Nearer to the price than the broker takes: as near as it does, which is still behind what the rule asks.
    nearest = rounded(position.price - position.side.sign * _least_distance(situation), instrument.tick_size)
    stop = min(stop, nearest) if position.side is Side.BUY else max(stop, nearest)
    least = max(instrument.tick_size, risk_distance(held) * LEAST_TRAIL_STEP_R)
    if not stop > 0 or not _tightens(situation, stop, least) or not _is_allowed(situation, stop):
        return None
    return SetStop(stop_loss=stop, reason=f"trailing from {trail.from_r} R: stop to {stop}, {what}", rule=Rule.TRAIL)


def step_trail_level(trail: StepTrail, held: DeskPosition, best: Decimal) -> tuple[Decimal, Decimal]:
    """Return the price that a step trail asks for at the excursion ``best``, and its R."""
    best_r = (best - held.entry_price) * held.side.sign / risk_distance(held)
    stop_r = floor_to_step((best_r - trail.from_r) / trail.step_r, Decimal(1)) * trail.step_r
    return price_at(held, stop_r), stop_r


def _followed(situation: Situation) -> tuple[Decimal, str] | None:
    """Return the level that the trailing rule asks for and its rule in words."""
    trail, evaluation = situation.spec.trail, situation.evaluation
    if isinstance(trail, StepTrail):
        level, stop_r = step_trail_level(trail, situation.held, best_price(situation))
        return level, f"{stop_r} R for the best excursion in steps of {trail.step_r} R"
    if evaluation is None or evaluation.bar_ended_at is None or not evaluation.bar_ended_at > situation.held.opened_at:
        return None
    sign = situation.position.side.sign
    if isinstance(trail, AtrTrail) and evaluation.trail_distance is not None:
        close = _newest_close(situation)
        if close is None:
            return None
        level = close - sign * evaluation.trail_distance
        words = f"{trail.multiple} × ATR({trail.period}) = {evaluation.trail_distance} from the close at {close}"
    elif isinstance(trail, IndicatorTrail) and evaluation.trail_level is not None:
        # The evaluation has taken the buffer off already.
        level = evaluation.trail_level
        words = f"{trail.buffer_points} points behind {trail.level.series}: {evaluation.trail_level}"
    else:
        return None
    quote = situation.snapshot.quote
    if situation.position.side is Side.SELL:
        if quote is None:
            return None
        # Bars are bids, a short's stop triggers on the ask.
        return level + quote.spread, f"{words}, plus the spread"
    return level, words


def _newest_close(situation: Situation) -> Decimal | None:
    bars = situation.snapshot.series(situation.spec.timeframe)
    if bars is None or not len(bars):
        return None
    return Decimal(repr(float(bars.close[-1])))


def _tightens(situation: Situation, stop: Decimal, least: Decimal) -> bool:
    current = situation.position.stop_loss
    if current is None:
        return False
    gain = (stop - current) * situation.position.side.sign
    return gain > 0 and gain >= least


def _least_distance(situation: Situation) -> Decimal:
    """Return how far from the closing price a stop must lie at least, in price units; never on the price itself."""
    instrument = situation.snapshot.instrument
    return max(instrument.stops_level * instrument.point, instrument.tick_size)


def _is_allowed(situation: Situation, stop: Decimal) -> bool:
    """Return whether the broker takes ``stop``: outside the stops level, no present level inside the freeze level."""
    position, instrument = situation.position, situation.snapshot.instrument
    if (position.price - stop) * position.side.sign < _least_distance(situation):
        return False
    frozen = instrument.freeze_level * instrument.point
    levels = (level for level in (position.stop_loss, position.take_profit) if level is not None)
    return not frozen or all(abs(position.price - level) > frozen for level in levels)
