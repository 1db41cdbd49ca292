"""Looking after open positions: what a strategy and the policy want done with one, as exactly one step.

``plan_position`` is the decision; ``due`` is the cheap look before it. Everything here only reduces or protects.
"""

from tradewarden.core.positions.plan import plan_position
from tradewarden.core.positions.situation import Situation
from tradewarden.core.positions.steps import CloseAll, ClosePart, Keep, PositionPlan, Rule, SetStop

__all__ = ["CloseAll", "ClosePart", "Keep", "PositionPlan", "Rule", "SetStop", "Situation", "plan_position"]
