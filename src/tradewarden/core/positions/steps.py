"""The one thing to do with an open position: close it, close part of it, move its stop nearer, or leave it.

Every step names the rule that asked for it, so that the record, the history and the screens can say why.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradewarden.core.audit.codec import added_field


class Rule(StrEnum):
    """What asked for a step, in the order in which the rules are looked at."""

    MISSING_STOP = "missing_stop"
    LOOSENED_STOP = "loosened_stop"
    REFUSED_STOP = "refused_stop"
    EXCESS_RISK = "excess_risk"
    WEEKEND = "weekend"
    TIME_LIMIT = "time_limit"
    SESSION_END = "session_end"
    EXIT = "exit"
    TARGET = "target"
    BREAK_EVEN = "break_even"
    TRAIL = "trail"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAll:
    """Close the whole position. ``rule`` is None where a person asked."""

    lots: Decimal
    reason: str
    rule: Rule | None = added_field(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePart:
    """Close ``lots`` of the position; ``targets_done`` are the targets that count as taken once it is booked."""

    lots: Decimal
    reason: str
    rule: Rule
    targets_done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStop:
    """Put a stop in place, nearer than the one there is."""

    stop_loss: Decimal
    reason: str
    rule: Rule | None = added_field(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Leave the position as it is."""

    reason: str


PositionPlan = CloseAll | ClosePart | SetStop | Keep
