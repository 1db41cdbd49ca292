"""Moments of a market's week on the broker's server clock: its weekend, its openings, and the rollover at midnight.

Pure arithmetic over :class:`WeeklyHours`; what follows from a moment (a closed gate, a flat book, a stop that waits) is
decided elsewhere.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.session import MINUTES_PER_DAY, WeeklyHours

_WEEK_MINUTES = 7 * MINUTES_PER_DAY
_WEEK = timedelta(days=7)
# In microseconds.
_MINUTE = 60_000_000
# A shorter pause is a daily break or a holiday's eve; markets that never pause as long have no weekend.
LEAST_WEEKEND_MINUTES = MINUTES_PER_DAY


@lru_cache(maxsize=512)
def weekend_close_minute(hours: WeeklyHours) -> int | None:
    """Return the minute since server Monday 00:00 at which the week's longest closed stretch begins.

    None for a market that is never closed for a whole day on end.
    """
    if not hours.intervals:
        return None
    longest, closes = 0, 0
    following = [*(start for start, _ in hours.intervals[1:]), hours.intervals[0][0] + _WEEK_MINUTES]
    for (_, end), opens in zip(hours.intervals, following, strict=True):
        if opens - end > longest:
            longest, closes = opens - end, end
    return closes if longest >= LEAST_WEEKEND_MINUTES else None


def until_weekend(hours: WeeklyHours, server_time: datetime) -> timedelta | None:
    """Return how long the market's last close of the week is away, None for a market without a weekend.

    At the close itself the next one is a week away.
    """
    closes = weekend_close_minute(hours)
    if closes is None:
        return None
    left = timedelta(minutes=closes) - _into_week(server_time)
    return left if left > timedelta(0) else left + _WEEK


def since_opening(hours: WeeklyHours, server_time: datetime) -> timedelta | None:
    """Return for how long the market has been open, None while it is closed or for one that never closes."""
    into = _into_week(server_time)
    minute = into // timedelta(minutes=1)
    for start, end in hours.intervals:
        if not start <= minute < end:
            continue
        before = hours.intervals[-1]
        if start == 0 and before[1] == _WEEK_MINUTES:
            # The stretch runs on over the end of the week; one that fills the whole week has no opening.
            return None if before == (start, end) else into + _WEEK - timedelta(minutes=before[0])
        return into - timedelta(minutes=start)
    return None


def since_close(hours: WeeklyHours, server_time: datetime) -> timedelta:
    """Return for how long the market has been closed, nothing while it is open; a closed moment begins at the close."""
    if not hours.intervals or hours.contains(server_time):
        return timedelta(0)
    into = _into_week(server_time)
    passed = [into - timedelta(minutes=end) for _, end in hours.intervals]
    return min(left if left >= timedelta(0) else left + _WEEK for left in passed)


def in_rollover(pause: Embargo, server_time: datetime) -> bool:
    """Return whether the naive ``server_time`` lies within ``pause`` around a server midnight; both ends are in it."""
    at = server_time
    into = ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
    return into <= pause.after_minutes * _MINUTE or MINUTES_PER_DAY * _MINUTE - into <= pause.before_minutes * _MINUTE


def _into_week(server_time: datetime) -> timedelta:
    at = server_time
    return timedelta(at.weekday(), (at.hour * 60 + at.minute) * 60 + at.second, at.microsecond)
