"""Evaluation of a strategy on closed bars: which conditions hold, and on what readings.

``required_bars(spec) -> int`` says how many closed bars an evaluation needs;
``evaluate(spec, bars, *, tick_size) -> Evaluation`` reads the newest of them. Fewer bars is a refusal, never an
approximation.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradewarden.core.strategy.conditions import ConditionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorReading:
    """The newest value of one indicator output and the one before, with the window it was computed on.

    ``name`` is the strategy's name for it (``name.output`` where a kind has several outputs).
    """

    name: str
    kind: str
    period: int
    unit: str
    bars_used: int
    minimum_window: int
    value: Decimal | None
    previous: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a strategy says at the end of the newest closed bar.

    ``refusal`` says why nothing could be evaluated; entry, exit, strong and weak are then false. Shares are
    fractions of the declared conditions that hold, to 4 digits, 0 for an empty list. ``stop_distance`` is in price
    units, rounded to a ten-thousandth of the tick.
    """

    bar_ended_at: datetime | None
    bars_used: int
    bars_required: int
    refusal: str | None
    entry: bool
    exit: bool
    strong: bool
    weak: bool
    entry_failed: int
    strong_share: Decimal
    weak_share: Decimal
    strong_count: int
    weak_count: int
    indicators: tuple[IndicatorReading, ...]
    conditions: tuple[ConditionResult, ...]
    stop_distance: Decimal | None
