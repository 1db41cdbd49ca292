"""The server clock of a bars file: by name, or found from a file that states both its own time and UTC.

A clock that is not known is never guessed: an hour off moves every session, embargo and day end.
"""

import re

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.mt5sim.server_time import server_times

Int64 = NDArray[np.int64]

UTC_CLOCK = ServerClock()
# EET/EEST with the European Union's switching days; Athens has kept them since 1981.
EET_CLOCK = ServerClock("Europe/Athens")
_NAMED = {"utc": UTC_CLOCK, "ny+7": NEW_YORK_CLOSE, "eet": EET_CLOCK}
CANDIDATES = (NEW_YORK_CLOSE, EET_CLOCK, UTC_CLOCK)
CLOCK_OPTION = "--clock utc, ny+7, eet or ZONE[+h] such as Europe/Athens or America/New_York+7"


def parse_clock(text: str) -> ServerClock:
    """Return the clock that ``text`` names: utc, ny+7, eet, or an IANA zone with whole hours added."""
    named = _NAMED.get(text.lower())
    if named is not None:
        return named
    match = re.fullmatch(r"([A-Za-z_/\-]*[A-Za-z_])(?:([+-])(\d{1,2}))?", text)
    if match is None:
        raise InvalidInput(f"clock {text!r} is not one of {CLOCK_OPTION}")
    hours = int(match[3] or 0) * (-1 if match[2] == "-" else 1)
    return ServerClock(match[1], hours)


def fitting_clocks(server_seconds: Int64, utc_seconds: Int64) -> tuple[ServerClock, ...]:
    """Return the usual clocks on which ``utc_seconds`` read ``server_seconds`` in every row."""
    return tuple(clock for clock in CANDIDATES if misfit(clock, server_seconds, utc_seconds) is None)


def misfit(clock: ServerClock, server_seconds: Int64, utc_seconds: Int64) -> int | None:
    """Return the first row at which ``clock`` does not turn UTC into the stated server time, or None."""
    wrong = server_times(clock).to_server(utc_seconds) != server_seconds
    return int(np.argmax(wrong)) if wrong.any() else None
