"""What to do with an open position of the desk: exactly one step, the most urgent.

The order: an unprotected position, more risk than was approved, the clock (weekend, time limit, session end), the exit
conditions, the targets, and last the optional moves of the stop. Nothing here opens, enlarges or loosens.
"""

from datetime import timedelta
from decimal import Decimal

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.positions.moments import over_because
from tradewarden.core.positions.situation import Situation
from tradewarden.core.positions.steps import CloseAll, ClosePart, Keep, PositionPlan, Rule, SetStop
from tradewarden.core.positions.stops import break_even_stop, trailing_stop, waits_because
from tradewarden.core.positions.targets import next_target
from tradewarden.core.strategy.evaluate import Evaluation

# A stop that the broker has refused this often within this time is not going to be taken.
REPAIRS_TRIED = 3
REPAIRS_WITHIN = timedelta(minutes=10)


def plan_position(situation: Situation) -> PositionPlan:
    """Return the step that is due.

    A stop that the price has already passed can only be honoured by closing. Exit conditions count on bars that ended
    after the opening.
    """
    position, held = situation.position, situation.held
    urgent = _repair(situation) or _excess(position, held, situation.snapshot.instrument.volume_min)
    if urgent is not None:
        return urgent
    over = over_because(
        held,
        situation.spec,
        situation.policy,
        situation.snapshot.instrument.trading_hours,
        as_of=situation.as_of,
        server_time=situation.server_time,
    )
    if over is not None:
        rule, reason = over
        return CloseAll(lots=position.lots, reason=reason, rule=rule)
    evaluation = situation.evaluation
    if evaluation is not None and evaluation.exit and _after_opening(evaluation, held):
        return CloseAll(lots=position.lots, reason=f"exit condition holds: {_exit_text(evaluation)}", rule=Rule.EXIT)
    return next_target(situation) or _move_stop(situation)


def stop_is_loose(position: Position, held: DeskPosition) -> bool:
    """Return whether the broker's stop is missing, or farther away than the desk's book has it."""
    if position.stop_loss is None:
        return True
    return (held.stop_loss - position.stop_loss) * position.side.sign > 0


def _repair(situation: Situation) -> PositionPlan | None:
    """Return how an unprotected position is protected again, None for a protected one."""
    position, held = situation.position, situation.held
    if not stop_is_loose(position, held):
        return None
    rule, what = Rule.MISSING_STOP, "the broker's stop was missing"
    if position.stop_loss is not None:
        rule = Rule.LOOSENED_STOP
        what = f"the broker's stop {position.stop_loss} was farther away than the desk's {held.stop_loss}"
    if not (position.price - held.stop_loss) * position.side.sign > 0:
        return CloseAll(lots=position.lots, reason=f"{what} and the price is past it", rule=rule)
    if situation.refused_repairs >= REPAIRS_TRIED:
        minutes = REPAIRS_WITHIN // timedelta(minutes=1)
        why = f"the broker refused {situation.refused_repairs} times within {minutes} minutes to put it back"
        return CloseAll(lots=position.lots, reason=f"{what}, and {why}", rule=Rule.REFUSED_STOP)
    return SetStop(stop_loss=held.stop_loss, reason=what, rule=rule)


def _excess(position: Position, held: DeskPosition, volume_min: Decimal) -> CloseAll | ClosePart | None:
    """Return the closing of what the fill put at risk beyond the approval, None where it stayed within."""
    allowed = held.approved_lots
    # Where book and broker differ in size, the last closing is not booked yet.
    if allowed is None or position.lots <= allowed or position.lots != held.lots:
        return None
    reason = f"the fill risks more than was approved: {allowed} of {position.lots} lots stay within it"
    if allowed < volume_min:
        return CloseAll(lots=position.lots, reason=reason, rule=Rule.EXCESS_RISK)
    return ClosePart(lots=position.lots - allowed, reason=reason, rule=Rule.EXCESS_RISK, targets_done=held.targets_done)


def _move_stop(situation: Situation) -> SetStop | Keep:
    spec = situation.spec
    if spec.break_even_at_r is None and spec.trail is None:
        return Keep(reason="no exit holds")
    moves = [move for move in (break_even_stop(situation), trailing_stop(situation)) if move is not None]
    if not moves:
        return Keep(reason="no exit holds")
    waits = waits_because(situation)
    return moves[0] if waits is None else Keep(reason=f"{waits}: {moves[0].reason}")


def _after_opening(evaluation: Evaluation, held: DeskPosition) -> bool:
    return evaluation.bar_ended_at is not None and evaluation.bar_ended_at > held.opened_at


def _exit_text(evaluation: Evaluation) -> str:
    held = (entry.text for entry in evaluation.conditions if entry.section == "exit" and entry.holds)
    return next(held, "exit")
