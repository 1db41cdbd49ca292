"""The rules that rows of a bars file must keep before anything trades on them.

Each rule names file, row, time and value of its first breach. Gaps inside trading hours are no breach but are told;
longer than four days they are one, because no market rests that long.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.errors import InvalidBars
from tradewarden.core.market.session import ServerClock
from tradewarden.core.values import from_epoch, to_epoch
from tradewarden.mt5sim.contracts import WEEK_MINUTES, Contract
from tradewarden.mt5sim.server_time import server_times

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

LONGEST_GAP_HOURS = 96
# Monday is the first day of trading hours, the epoch began on a Thursday.
_FIRST_MONDAY_MINUTE = 4 * 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a file: UTC opening seconds, prices, ticks and spread in points, all of shape (n,)."""

    opened: Int64
    open: Float64
    high: Float64
    low: Float64
    close: Float64
    volume: Float64
    spread: Float64


@dataclass(frozen=True, slots=True)
class Gaps:
    """Missing minutes inside trading hours: how many stretches, the longest in minutes, and where the first begins."""

    count: int
    longest_minutes: int
    first_at: datetime


class RowChecker:
    """Checks the rows of one file."""

    def __init__(self, path: Path, rows: Rows) -> None:
        self._path = path
        self._rows = rows

    def check_values(self) -> None:
        """Refuse prices that are none, bars that contradict themselves, negative volume or spread."""
        rows = self._rows
        for name in ("open", "high", "low", "close"):
            values = getattr(rows, name)
            self._refuse(~np.isfinite(values), f"{name} is not a finite number", values)
            self._refuse(values <= 0, f"{name} is not above 0", values)
        self._refuse(rows.high < rows.low, "high is below low", rows.high, rows.low)
        top, bottom = np.maximum(rows.open, rows.close), np.minimum(rows.open, rows.close)
        self._refuse(top > rows.high, "open or close is above high", top, rows.high)
        self._refuse(bottom < rows.low, "open or close is below low", bottom, rows.low)
        for name in ("volume", "spread"):
            values = getattr(rows, name)
            self._refuse(~(np.isfinite(values) & (values >= 0)), f"{name} is not 0 or above", values)

    def check_times(self, *, now: datetime | None) -> None:
        """Refuse times that repeat, run backwards, are off the minute, or lie after ``now``."""
        opened = self._rows.opened
        steps = np.diff(opened, prepend=opened[0] - 60)
        self._refuse(steps == 0, "the same time stands twice")
        self._refuse(steps < 0, "is earlier than the row before: times are not sorted")
        self._refuse(opened % 60 != 0, "is not on a whole minute, M1 bars are")
        if len(opened) > 1:
            usual = int(np.bincount(np.minimum(steps[1:] // 60, 2000)).argmax())
            if usual != 1:
                raise InvalidBars(f"{self._path}: rows are usually {usual} minutes apart, M1 bars are 1")
        if now is not None:
            self._refuse(opened + 60 > to_epoch(now), f"lies in the future, it is {now.isoformat()}")

    def check_hours(self, contract: Contract, clock: ServerClock) -> Gaps | None:
        """Refuse bars outside the symbol's trading hours and gaps over four days; return the smaller gaps inside."""
        server_minutes = server_times(clock).to_server(self._rows.opened) // 60 - _FIRST_MONDAY_MINUTE
        is_open = _open_minutes(contract)
        closed = ~is_open[server_minutes % WEEK_MINUTES]
        self._refuse(closed, f"lies outside the trading hours of {contract.symbol} on the clock {clock.label}")
        gaps = np.diff(self._rows.opened)
        if gaps.size and gaps.max() > LONGEST_GAP_HOURS * 3600:
            row = int(gaps.argmax())
            raise InvalidBars(
                f"{self._at(row + 1)}: {gaps[row] / 3600:.1f} hours after the row before; "
                f"a gap of more than {LONGEST_GAP_HOURS} hours is refused, use the part before or after it"
            )
        traded = np.concatenate(([0], np.cumsum(is_open)))
        clock_minutes = server_minutes // WEEK_MINUTES * traded[-1] + traded[server_minutes % WEEK_MINUTES]
        missing = np.diff(clock_minutes) - 1
        if not (missing > 0).any():
            return None
        first = int(np.argmax(missing > 0))
        begins = from_epoch(int(self._rows.opened[first]) + 60)
        return Gaps(int((missing > 0).sum()), int(missing.max()), begins)

    def _refuse(self, bad: Flags, rule: str, *values: Float64) -> None:
        if bad.any():
            row = int(np.argmax(bad))
            shown = " and ".join(f"{value[row]:.10g}" for value in values)
            found = f" ({shown})" if shown else ""
            raise InvalidBars(f"{self._at(row)}: {rule}{found}; {int(bad.sum())} such rows")

    def _at(self, row: int) -> str:
        return f"{self._path} row {row + 1} at {from_epoch(int(self._rows.opened[row])).isoformat()}"


def _open_minutes(contract: Contract) -> Flags:
    is_open = np.zeros(WEEK_MINUTES, np.bool_)
    for start, end in contract.hours.intervals:
        is_open[start:end] = True
    return is_open
