"""What the stop and the trail of a strategy are measured by: the series they read, and the words for it.

The plan computes that series like any other and an evaluation reads it; the idea, which knows the quote and the
contract, makes a price of it.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.strategy.conditions import operand_text
from tradewarden.core.strategy.spec import (
    AtrStop,
    AtrTrail,
    IndicatorStop,
    IndicatorTrail,
    SeriesOperand,
    StopRule,
    StructureStop,
    SwingStop,
    TrailRule,
)
from tradewarden.core.values import Side

STOP_INDICATOR = "stop_loss"
TRAIL_INDICATOR = "trail"


@dataclass(frozen=True, slots=True)
class Measure:
    """A series that a stop or a trail is measured by.

    ``operand`` is read at the newest bar; it gives a distance where ``is_distance`` and a bid price otherwise, beyond
    which the stop stands by ``buffer_points``. ``indicator`` is the hidden indicator that it needs, if any. ``words``
    name it for people.
    """

    operand: SeriesOperand
    is_distance: bool
    buffer_points: int
    indicator: IndicatorSpec | None
    words: str


def stop_measure(rule: StopRule, side: Side) -> Measure | None:
    """Return what ``rule`` reads of the bars for a stop of ``side``; None where it reads none."""
    if isinstance(rule, AtrStop):
        return _atr(STOP_INDICATOR, rule.period, rule.multiple)
    if isinstance(rule, SwingStop):
        return _swing(rule, side)
    if isinstance(rule, StructureStop):
        return _structure(rule, side)
    if isinstance(rule, IndicatorStop):
        return Measure(rule.level, False, rule.buffer_points, None, operand_text(rule.level))
    return None


def trail_measure(rule: TrailRule | None) -> Measure | None:
    """Return what the trail ``rule`` reads of the bars; None where it reads none."""
    if isinstance(rule, AtrTrail):
        return _atr(TRAIL_INDICATOR, rule.period, rule.multiple)
    if isinstance(rule, IndicatorTrail):
        return Measure(rule.level, False, rule.buffer_points, None, operand_text(rule.level))
    return None


def _atr(name: str, period: int, multiple: Decimal) -> Measure:
    indicator = IndicatorSpec(name=name, kind="atr", period=period)
    return Measure(SeriesOperand(series=name, multiple=multiple), True, 0, indicator, f"ATR({period})")


def _swing(rule: SwingStop, side: Side) -> Measure:
    output = "low" if side is Side.BUY else "high"
    parameters = (
        IndicatorParameter(name="strength", value=rule.strength),
        IndicatorParameter(name="lookback", value=rule.lookback),
    )
    indicator = IndicatorSpec(name=STOP_INDICATOR, kind="swings", parameters=parameters)
    words = f"the newest swing {output} ({rule.strength} bars on each side, at most {rule.lookback} bars old)"
    return Measure(SeriesOperand(series=STOP_INDICATOR, output=output), False, rule.buffer_points, indicator, words)


def _structure(rule: StructureStop, side: Side) -> Measure:
    output, column = ("lower", "low") if side is Side.BUY else ("upper", "high")
    words = f"the {'lowest low' if side is Side.BUY else 'highest high'} of {rule.bars} bars"
    if rule.bars == 1:
        return Measure(SeriesOperand(series=column), False, rule.buffer_points, None, words)
    indicator = IndicatorSpec(name=STOP_INDICATOR, kind="donchian", period=rule.bars)
    return Measure(SeriesOperand(series=STOP_INDICATOR, output=output), False, rule.buffer_points, indicator, words)
