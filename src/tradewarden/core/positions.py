"""What to do with an open position of the desk: leave it, protect it, or close it.

Only ever reduces or protects; the reasons are the strategy's own exit conditions, its time limit, and a broker stop
that is missing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import StrategySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAll:
    """Close the whole position."""

    lots: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStop:
    """Put a stop in place."""

    stop_loss: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Leave the position as it is."""

    reason: str


PositionPlan = CloseAll | SetStop | Keep


def plan_position(
    position: Position, held: DeskPosition, spec: StrategySpec, evaluation: Evaluation | None, as_of: datetime
) -> PositionPlan:
    """Return what the strategy wants done with ``position``.

    A missing broker stop comes first, because an unprotected position is the greater danger; a stop that the price
    has already passed can only be honoured by closing. Exit conditions count on bars that ended after the opening.
    """
    if position.stop_loss is None:
        if (position.price - held.stop_loss) * position.side.sign > 0:
            return SetStop(stop_loss=held.stop_loss, reason="the broker's stop was missing")
        return CloseAll(lots=position.lots, reason="the broker's stop was missing and the price is past it")
    if spec.time_limit_minutes is not None:
        limit = timedelta(minutes=spec.time_limit_minutes)
        if as_of - held.opened_at >= limit:
            return CloseAll(lots=position.lots, reason=f"time limit of {spec.time_limit_minutes} minutes reached")
    if evaluation is not None and evaluation.exit and _after_opening(evaluation, held):
        return CloseAll(lots=position.lots, reason=f"exit condition holds: {_exit_text(evaluation)}")
    return Keep(reason="no exit holds")


def _after_opening(evaluation: Evaluation, held: DeskPosition) -> bool:
    return evaluation.bar_ended_at is not None and evaluation.bar_ended_at > held.opened_at


def _exit_text(evaluation: Evaluation) -> str:
    held = (entry.text for entry in evaluation.conditions if entry.section == "exit" and entry.holds)
    return next(held, "exit")
