"""Economic calendar events and the embargo they impose.

An event counts as it was known: ``captured_at`` says when we knew of it. A released figure is blank before its time.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import le


class Impact(StrEnum):
    """How strongly the calendar's publisher expects an event to move the market."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One release or speech. ``all_day`` events have no clock time: ``at`` is then the start of their day."""

    at: datetime
    currency: str
    impact: Impact
    title: str
    captured_at: datetime
    all_day: bool = False
    previous: str = ""
    forecast: str = ""
    actual: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """What was known of the calendar: when it was last captured and the events around now.

    ``captured_at`` is None when there is no calendar at all. ``assumed`` says that the source carries no capture
    times and is taken as known one week ahead.
    """

    captured_at: datetime | None
    covers_until: datetime | None
    assumed: bool
    events: tuple[CalendarEvent, ...]
    # The times of the events once they were asked for; empty where they are not in order.
    _times: tuple[datetime, ...] | None = field(default=None, init=False, repr=False, compare=False)

    def between(self, first: datetime, last: datetime) -> tuple[CalendarEvent, ...]:
        """Return the events from ``first`` to ``last``, both ends included."""
        times = self._times
        if times is None:
            times = tuple([event.at for event in self.events])
            if not all(map(le, times, times[1:])):
                times = ()
            object.__setattr__(self, "_times", times)
        if times:
            return self.events[bisect_left(times, first) : bisect_right(times, last)]
        return tuple([event for event in self.events if first <= event.at <= last])


@dataclass(frozen=True, slots=True)
class Embargo:
    """The window of minutes around an event in which nothing is opened."""

    before_minutes: int
    after_minutes: int

    def widened(self, other: "Embargo") -> "Embargo":
        """Return the wider of both on each side: a strategy can only widen what the policy sets."""
        return Embargo(max(self.before_minutes, other.before_minutes), max(self.after_minutes, other.after_minutes))

    def covers(self, event: CalendarEvent, at: datetime) -> bool:
        """Return whether ``at`` lies in the window around ``event``; both ends are in it."""
        start = event.at - timedelta(minutes=self.before_minutes)
        return start <= at <= event.at + timedelta(minutes=self.after_minutes)


def events_in_embargo(
    calendar: CalendarView,
    *,
    at: datetime,
    embargo: Embargo,
    currencies: tuple[str, ...],
    impact: Impact = Impact.HIGH,
) -> tuple[CalendarEvent, ...]:
    """Return the timed events of ``currencies`` with ``impact`` in whose window ``at`` lies.

    An event for ``ALL`` currencies concerns every symbol. All-day events have no clock and impose no window.
    """
    near = calendar.between(
        at - timedelta(minutes=embargo.after_minutes), at + timedelta(minutes=embargo.before_minutes)
    )
    return tuple(
        [
            event
            for event in near
            if event.impact is impact
            and not event.all_day
            and (event.currency in currencies or event.currency.upper() == "ALL")
        ]
    )
