"""Wall clocks over whole arrays of bar times: the server's days, its weeks, and occurrences of session windows.

Bars carry epoch seconds only. What an indicator needs to know of days is derived here from their opening times and
the recorded server clock, so that a replay derives the same. A bar belongs to the day, week or session it opens in.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.market.bars import Int64
from tradewarden.core.market.session import ServerClock, SessionWindow, zone

_DAY = 86_400
# 1970-01-01, day 0, was a Thursday.
_THURSDAY = 3
_NO_SESSION = -1


def server_days(clock: ServerClock, opened_at: Int64) -> Int64:
    """Return the server's day of each time in ``opened_at`` (epoch seconds, sorted) as days since 1970-01-01."""
    days: Int64 = (wall_seconds(clock.zone_name, opened_at) + clock.offset_hours * 3600) // _DAY
    return days


def weeks_of(days: Int64) -> Int64:
    """Return the week of each day as a count; weeks begin on Sunday, because markets open on Sunday evening."""
    weeks: Int64 = (days + _THURSDAY + 1) // 7
    return weeks


def session_days(window: SessionWindow, opened_at: Int64) -> Int64:
    """Return for each time the day on which its occurrence of ``window`` began, -1 outside of the window.

    Times are epoch seconds, sorted; days count from 1970-01-01 on the clock of the window's zone.
    """
    wall = wall_seconds(window.zone_name, opened_at)
    day, minute = wall // _DAY, wall % _DAY // 60
    start, end = _minutes(window.start), _minutes(window.end)
    if start < end:
        inside, began = (minute >= start) & (minute < end), day
    else:
        inside, began = (minute >= start) | (minute < end), np.where(minute >= start, day, day - 1)
    allowed: NDArray[np.bool_] = np.isin((began + _THURSDAY) % 7, window.days)
    found: Int64 = np.where(inside & allowed, began, _NO_SESSION)
    return found


def wall_seconds(zone_name: str, at: Int64) -> Int64:
    """Return the wall clock of the zone at each epoch second of ``at``, as seconds since 1970-01-01 00:00 there."""
    if len(at) == 0:
        return at.copy()
    first, last = (datetime.fromtimestamp(int(moment), UTC).year for moment in (at.min(), at.max()))
    changes, offsets = _changes(zone_name, first, last)
    walls: Int64 = at + offsets[np.searchsorted(changes, at, side="right")]
    return walls


@lru_cache(maxsize=64)
def _changes(zone_name: str, first: int, last: int) -> tuple[Int64, Int64]:
    """Return the zone's changes of offset from the year ``first`` to ``last``, and the offsets around them.

    Shapes (n,) and (n + 1,), seconds. Zones change at most once a day, so that looking at midnights finds all.
    """
    tz = zone(zone_name)

    def offset(moment: int) -> int:
        return int((datetime.fromtimestamp(moment, UTC).astimezone(tz).utcoffset() or timedelta()).total_seconds())

    start, stop = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (first, last + 1))
    moments, offsets = [], [offset(start)]
    for midnight in range(start + _DAY, stop + _DAY, _DAY):
        if offset(midnight) == offsets[-1]:
            continue
        before, after = midnight - _DAY, midnight
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if offset(middle) == offsets[-1] else (before, middle)
        moments.append(after)
        offsets.append(offset(after))
    return np.array(moments, np.int64), np.array(offsets, np.int64)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
