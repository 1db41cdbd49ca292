"""Times of the terminal: epoch seconds on the broker's server clock, to and from aware UTC.

The package's documentation says UTC; it is the server's wall clock, daylight saving included.
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.market.session import ServerClock
from tradewarden.core.values import from_epoch, to_epoch
from tradewarden.mt5sim.server_time import server_times


class ServerTime:
    """Converts between the terminal's numbers and UTC on one ``ServerClock``."""

    def __init__(self, clock: ServerClock) -> None:
        self.clock = clock
        self._times = server_times(clock)

    def seconds_of(self, at: datetime) -> int:
        """Return the server epoch seconds of the aware ``at``."""
        return self._times.to_server(to_epoch(at))

    def utc_of(self, server_seconds: int) -> datetime:
        """Return the aware UTC time of server epoch seconds."""
        return from_epoch(self._times.to_utc(int(server_seconds)))

    def utc_array(self, server_seconds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return UTC epoch seconds of an array of server epoch seconds."""
        return self._times.to_utc(server_seconds)
