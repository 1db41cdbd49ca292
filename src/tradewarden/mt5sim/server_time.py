"""Whole arrays of times between UTC and a broker's server clock.

``ServerClock`` converts one time; bars come by the hundred thousand. The offsets of the clock's zone are
looked up once as a table of transitions and then applied with numpy. Everything is epoch seconds; nothing
here asks the time.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.market.session import ServerClock, zone

Int64 = NDArray[np.int64]

# A zone keeps each offset for weeks at least, so that probing weekly misses no transition.
_FIRST_YEAR, _LAST_YEAR, _PROBE = 1995, 2060, timedelta(days=7)


class ServerTimes:
    """The conversion table of one ``ServerClock``; times outside 1995 to 2060 use the nearest offset known."""

    def __init__(self, clock: ServerClock) -> None:
        self.clock = clock
        changes, offsets = _transitions(clock.zone_name)
        self._offsets = np.asarray(offsets, np.int64) + clock.offset_hours * 3600
        self._utc_changes = np.asarray(changes, np.int64)
        # In the hour that a clock shows twice the first one counts, in an hour it skips the offset from
        # before.
        later = np.maximum(self._offsets[:-1], self._offsets[1:])
        self._server_changes = self._utc_changes + later

    @overload
    def to_server(self, utc_seconds: int) -> int: ...
    @overload
    def to_server(self, utc_seconds: Int64) -> Int64: ...
    def to_server(self, utc_seconds: int | Int64) -> int | Int64:
        """Return server epoch seconds of UTC epoch seconds."""
        offset = self._offsets[self._utc_changes.searchsorted(utc_seconds, side="right")]
        return utc_seconds + (offset if isinstance(utc_seconds, np.ndarray) else int(offset))

    @overload
    def to_utc(self, server_seconds: int) -> int: ...
    @overload
    def to_utc(self, server_seconds: Int64) -> Int64: ...
    def to_utc(self, server_seconds: int | Int64) -> int | Int64:
        """Return UTC epoch seconds of server epoch seconds (the first of the two in an hour shown twice)."""
        offset = self._offsets[self._server_changes.searchsorted(server_seconds, side="right")]
        return server_seconds - (offset if isinstance(server_seconds, np.ndarray) else int(offset))


@lru_cache(maxsize=16)
def server_times(clock: ServerClock) -> ServerTimes:
    """Return the table of ``clock``, made once."""
    return ServerTimes(clock)


@lru_cache(maxsize=16)
def _transitions(zone_name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the UTC epoch seconds at which the zone's offset changes, and the offsets before, between and after."""
    tz = zone(zone_name)

    def offset_at(epoch: int) -> int:
        shift = datetime.fromtimestamp(epoch, tz).utcoffset()
        assert shift is not None
        return int(shift.total_seconds())

    step = int(_PROBE.total_seconds())
    low = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    changes: list[int] = []
    offsets = [offset_at(low)]
    while low < last:
        high = low + step
        if offset_at(high) != offsets[-1]:
            before, after = low, high
            while after - before > 1:
                middle = (before + after) // 2
                if offset_at(middle) == offsets[-1]:
                    before = middle
                else:
                    after = middle
            changes.append(after)
            offsets.append(offset_at(after))
        low = high
    return tuple(changes), tuple(offsets)
