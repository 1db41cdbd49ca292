"""Clocks and hours of the market: the broker's server clock, weekly trading hours and session windows.

A broker states all its times on a server clock that follows some zone's daylight-saving rule; sessions follow the
zone of their city. Everything here converts, nothing here asks what time it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tradewarden.core.errors import InvalidInput, InvalidSetting

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES_PER_DAY = 1440


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone ``name``. Raises InvalidInput when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(f"time zone {name!r} is not an IANA zone such as 'Europe/London'") from error


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The broker's clock: the wall time of ``zone_name`` plus a fixed ``offset_hours``.

    Many brokers run on New York + 7 hours (so that the day ends with the New York close), others on EET/EEST.
    """

    zone_name: str = "UTC"
    offset_hours: int = 0

    def __post_init__(self) -> None:
        zone(self.zone_name)
        if not -12 <= self.offset_hours <= 14:
            raise InvalidInput(f"server clock offset {self.offset_hours} h is outside -12 to 14")

    @property
    def label(self) -> str:
        """Return the clock in words, such as ``America/New_York+7``."""
        return f"{self.zone_name}{self.offset_hours:+d}" if self.offset_hours else self.zone_name

    def to_server(self, at: datetime) -> datetime:
        """Return the naive server time of the aware ``at``."""
        if at.tzinfo is UTC:
            return _server_time(self.zone_name, self.offset_hours, at)
        return at.astimezone(zone(self.zone_name)).replace(tzinfo=None) + timedelta(hours=self.offset_hours)

    def to_utc(self, server_time: datetime) -> datetime:
        """Return the aware UTC time of the naive ``server_time`` (the first of the two in a fold)."""
        local = server_time - timedelta(hours=self.offset_hours)
        return local.replace(tzinfo=zone(self.zone_name)).astimezone(UTC)

    def day_of(self, at: datetime) -> date:
        """Return the server's calendar day of ``at``."""
        return self.to_server(at).date()

    def day_start(self, at: datetime) -> datetime:
        """Return the UTC time of the server midnight at or before ``at``."""
        return self.to_utc(datetime.combine(self.day_of(at), time(0)))


@lru_cache(maxsize=256)
def _server_time(zone_name: str, offset_hours: int, at: datetime) -> datetime:
    """Return the naive server time of ``at``, a time in UTC; a decision asks for that of one moment many times."""
    return at.astimezone(zone(zone_name)).replace(tzinfo=None) + timedelta(hours=offset_hours)


NEW_YORK_CLOSE = ServerClock("America/New_York", 7)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Trading hours of a week as half-open intervals of minutes since server Monday 00:00, sorted, not touching."""

    intervals: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        previous = -1
        for start, end in self.intervals:
            if not (previous < start < end <= 7 * MINUTES_PER_DAY):
                raise InvalidInput(f"trading hours {start}-{end} overlap, are unsorted or leave the week")
            previous = end

    def contains(self, server_time: datetime) -> bool:
        """Return whether the naive ``server_time`` lies inside trading hours."""
        minute = server_time.weekday() * MINUTES_PER_DAY + server_time.hour * 60 + server_time.minute
        for start, end in self.intervals:  # noqa: SIM110  # any() over a generator takes three times as long
            if start <= minute < end:
                return True
        return False


def weekly_hours(open_at: time, close_at: time, first_day: int = 0, last_day: int = 4) -> WeeklyHours:
    """Return hours that open and close at the same server times on each day from ``first_day`` to ``last_day``.

    ``close_at`` 00:00 means the midnight that ends the day. Days count from Monday = 0.
    """
    start = open_at.hour * 60 + open_at.minute
    end = close_at.hour * 60 + close_at.minute or MINUTES_PER_DAY
    merged: list[tuple[int, int]] = []
    for day in range(first_day, last_day + 1):
        begin, finish = day * MINUTES_PER_DAY + start, day * MINUTES_PER_DAY + end
        if merged and merged[-1][1] == begin:
            merged[-1] = (merged[-1][0], finish)
        else:
            merged.append((begin, finish))
    return WeeklyHours(tuple(merged))


@dataclass(frozen=True, slots=True)
class SessionWindow:
    """A recurring window on the wall clock of a zone; ``end`` at or before ``start`` runs past midnight.

    ``days`` are the weekdays (0 = Monday) on which the window *starts*.
    """

    name: str
    start: str
    end: str
    zone_name: str
    days: tuple[int, ...]

    def contains(self, at: datetime) -> bool:
        """Return whether ``at`` lies in the window; the start is in it, the end is not."""
        return self.ends_at(at) is not None

    def ends_at(self, at: datetime) -> datetime | None:
        """Return the UTC end of the occurrence that ``at`` lies in, or None when it lies in none."""
        bounds = self.bounds_at(at)
        return None if bounds is None else bounds[1]

    def bounds_at(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Return the UTC start and end of the occurrence that ``at`` lies in, or None when it lies in none."""
        for opens, closes in _occurrences(self, at.astimezone(UTC).date()):
            if opens <= at < closes:
                return opens, closes
        return None


@lru_cache(maxsize=1024)
def _occurrences(window: SessionWindow, utc_day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return start and end in UTC of every occurrence of ``window`` that may reach into ``utc_day``, newest first."""
    tz = zone(window.zone_name)
    start, end = _clock_time(window.start), _clock_time(window.end)
    found = []
    # The wall clock of the zone may be a day ahead of UTC, or behind it while yesterday's window is still open.
    for days in (1, 0, -1, -2):
        day = utc_day + timedelta(days=days)
        if day.weekday() not in window.days:
            continue
        opens = datetime.combine(day, start, tz)
        closes = datetime.combine(day + timedelta(days=1) if window.end <= window.start else day, end, tz)
        found.append((opens.astimezone(UTC), closes.astimezone(UTC)))
    return tuple(found)


def _clock_time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


_WORKDAYS = (0, 1, 2, 3, 4)
NAMED_SESSIONS: dict[str, SessionWindow] = {
    window.name: window
    for window in (
        SessionWindow("Sydney", "07:00", "16:00", "Australia/Sydney", _WORKDAYS),
        SessionWindow("Tokyo", "09:00", "18:00", "Asia/Tokyo", _WORKDAYS),
        SessionWindow("London", "08:00", "17:00", "Europe/London", _WORKDAYS),
        SessionWindow("NewYork", "08:00", "17:00", "America/New_York", _WORKDAYS),
    )
}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,39}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSessions:
    """The desk's own named windows, by name; ``version`` counts the changes, 0 before the first."""

    version: int = 0
    windows: tuple[SessionWindow, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for window in self.windows:
            check_named_window(window)
            if window.name in seen:
                raise InvalidSetting(f"session {window.name!r} stands twice")
            seen.add(window.name)

    def known(self) -> dict[str, SessionWindow]:
        """Return every window that a document may name: the built-in ones and the desk's own."""
        return {**NAMED_SESSIONS, **{window.name: window for window in self.windows}}

    def changed(self, additions: Sequence[SessionWindow], removals: Sequence[str] = ()) -> "DeskSessions":
        """Return the next version. Raises InvalidSetting for a window that cannot stand or a name that is not there."""
        windows = {window.name: window for window in self.windows}
        for name in removals:
            if name not in windows:
                raise InvalidSetting(f"session {name!r} is not the desk's; it has: {', '.join(windows) or 'none'}")
            del windows[name]
        windows |= {window.name: window for window in additions}
        ordered = tuple(windows[name] for name in sorted(windows))
        return DeskSessions(version=self.version + 1, windows=ordered)


def check_named_window(window: SessionWindow) -> None:
    """Raise InvalidSetting, naming the part and its rule, for a window that cannot be a session of the desk."""
    name = window.name
    if not _NAME.fullmatch(name):
        raise InvalidSetting(f"session name {name!r} must be 1 to 40 letters, digits, spaces, _ or -, a letter first")
    if name in NAMED_SESSIONS:
        raise InvalidSetting(f"session {name!r} is built in and cannot be changed")
    for what, text in (("start", window.start), ("end", window.end)):
        if not _CLOCK.fullmatch(text):
            raise InvalidSetting(f"session {name!r}: {what} {text!r} must be a time of day such as 07:30")
    if window.start == window.end:
        raise InvalidSetting(f"session {name!r}: start and end are both {window.start}")
    if not window.days or any(day not in range(7) for day in window.days) or len(set(window.days)) < len(window.days):
        raise InvalidSetting(f"session {name!r}: days {window.days} must be weekdays, each once")
    try:
        zone(window.zone_name)
    except InvalidInput as error:
        raise InvalidSetting(f"session {name!r}: {error}") from error
