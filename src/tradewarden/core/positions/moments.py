"""When a position is over by the clock: the weekend, its time limit, the end of its session."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.hours import until_weekend
from tradewarden.core.market.session import SessionWindow, WeeklyHours
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions.steps import Rule
from tradewarden.core.strategy.spec import StrategySpec


def over_because(
    held: DeskPosition,
    spec: StrategySpec,
    policy: RiskPolicy,
    hours: WeeklyHours,
    *,
    as_of: datetime,
    server_time: datetime,
) -> tuple[Rule, str] | None:
    """Return the first rule of time that ends the position now, with its words; None while it may go on."""
    if policy.flat_before_weekend:
        left = until_weekend(hours, server_time)
        if left is not None and left <= timedelta(minutes=policy.weekend_flat_minutes):
            return Rule.WEEKEND, f"flat {policy.weekend_flat_minutes} minutes before the weekend"
    if spec.time_limit_minutes is not None and as_of - held.opened_at >= timedelta(minutes=spec.time_limit_minutes):
        return Rule.TIME_LIMIT, f"time limit of {spec.time_limit_minutes} minutes reached"
    if spec.close_at_session_end:
        ends = session_end(spec.session_windows, held.opened_at)
        if as_of >= ends:
            return Rule.SESSION_END, f"its session ended at {ends.isoformat()}"
    return None


@lru_cache(maxsize=4096)
def session_end(windows: Sequence[SessionWindow], opened_at: datetime) -> datetime:
    """Return when the window ends that a position was opened in; of several the last.

    One that was filled outside of all windows has no session left: its end is the opening itself.
    """
    ends = [end for window in windows if (end := window.ends_at(opened_at)) is not None]
    return max(ends, default=opened_at)
