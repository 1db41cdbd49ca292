"""When a position is over by the clock: the weekend, its time limit, the end of its session."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.hours import since_close, until_weekend
from tradewarden.core.market.session import SessionWindow, WeeklyHours
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions.steps import Rule
from tradewarden.core.strategy.spec import StrategySpec

# Positions are looked at every minute, so that this is the last look before a close.
LAST_LOOK = timedelta(minutes=1)


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
        due = leave_at(ends, hours, as_of=as_of, server_time=server_time)
        if as_of >= due:
            before = "" if due == ends else ", and the market is closed then"
            return Rule.SESSION_END, f"its session ends at {ends:%Y-%m-%d %H:%M} UTC{before}"
    return None


def leave_at(ends: datetime, hours: WeeklyHours, *, as_of: datetime, server_time: datetime) -> datetime:
    """Return when a position that must be over by ``ends`` is closed: then, or a minute before an earlier close.

    ``server_time`` is ``as_of`` on the broker's clock. One that closed more than a day before sets no earlier time.
    """
    server_end = server_time + (ends - as_of)
    if not hours.intervals or hours.contains(server_end):
        return ends
    closed_for = since_close(hours, server_end)
    return ends - closed_for - LAST_LOOK if closed_for < timedelta(days=1) else ends


@lru_cache(maxsize=4096)
def session_end(windows: Sequence[SessionWindow], opened_at: datetime) -> datetime:
    """Return when the window ends that a position was opened in; of several the last.

    One that was filled outside of all windows has no session left: its end is the opening itself.
    """
    ends = [end for window in windows if (end := window.ends_at(opened_at)) is not None]
    return max(ends, default=opened_at)
