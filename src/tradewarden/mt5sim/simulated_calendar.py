"""The economic calendar that belongs to the generated market: recurring releases with drawn figures.

Weeks are made on demand from the seed; titles say that they are simulated. The generator reads the same events, so
that its prices jump when the calendar says they should.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from tradewarden.core.market.calendar import CalendarEvent, CalendarView, Impact
from tradewarden.core.market.session import zone
from tradewarden.mt5sim.random_streams import Stream

KNOWN_AHEAD = timedelta(days=7)
_BEFORE, _AFTER = timedelta(hours=24), timedelta(hours=48)
_NEW_YORK, _BERLIN, _LONDON, _TOKYO = "America/New_York", "Europe/Berlin", "Europe/London", "Asia/Tokyo"
_EVERY_WEEK = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class _Release:
    """A recurring release: weekday (Monday = 0), local time, weeks of the month, and its figure's usual values."""

    title: str
    currency: str
    impact: Impact
    weekday: int
    at: str
    zone_name: str
    weeks: tuple[int, ...]
    usual: float
    spread: float
    unit: str
    # Meetings come every so many weeks instead: week number modulo 6.
    cycle: int | None = None


_RELEASES = (
    _Release("US JOLTS openings", "USD", Impact.MEDIUM, 1, "10:00", _NEW_YORK, (1,), 7.6, 0.2, "M"),
    _Release("US retail sales m/m", "USD", Impact.HIGH, 1, "08:30", _NEW_YORK, (3,), 0.3, 0.4, "%"),
    _Release("US private payrolls", "USD", Impact.MEDIUM, 2, "08:15", _NEW_YORK, (1,), 110, 45, "K"),
    _Release("US CPI y/y", "USD", Impact.HIGH, 2, "08:30", _NEW_YORK, (2,), 2.8, 0.2, "%"),
    _Release("US policy rate", "USD", Impact.HIGH, 2, "14:00", _NEW_YORK, _EVERY_WEEK, 4.0, 0.2, "%", 0),
    _Release("US jobless claims", "USD", Impact.MEDIUM, 3, "08:30", _NEW_YORK, _EVERY_WEEK, 225, 12, "K"),
    _Release("US GDP q/q", "USD", Impact.HIGH, 3, "08:30", _NEW_YORK, (4,), 2.2, 0.6, "%"),
    _Release("US nonfarm payrolls", "USD", Impact.HIGH, 4, "08:30", _NEW_YORK, (1,), 140, 70, "K"),
    _Release("US flash PMI", "USD", Impact.MEDIUM, 4, "09:45", _NEW_YORK, (3,), 52.0, 1.2, ""),
    _Release("Euro area sentiment", "EUR", Impact.LOW, 0, "10:30", _BERLIN, _EVERY_WEEK, -5, 4, ""),
    _Release("German ifo climate", "EUR", Impact.MEDIUM, 0, "10:00", _BERLIN, (4,), 88.0, 1.0, ""),
    _Release("Euro area CPI flash y/y", "EUR", Impact.HIGH, 1, "11:00", _BERLIN, (1,), 2.1, 0.2, "%"),
    _Release("ECB policy rate", "EUR", Impact.HIGH, 3, "14:15", _BERLIN, _EVERY_WEEK, 2.0, 0.2, "%", 2),
    _Release("Euro area flash PMI", "EUR", Impact.MEDIUM, 4, "10:00", _BERLIN, (3,), 50.5, 0.8, ""),
    _Release("UK claimant count", "GBP", Impact.MEDIUM, 1, "07:00", _LONDON, (2,), 15, 12, "K"),
    _Release("UK CPI y/y", "GBP", Impact.HIGH, 2, "07:00", _LONDON, (3,), 3.1, 0.3, "%"),
    _Release("BoE policy rate", "GBP", Impact.HIGH, 3, "12:00", _LONDON, _EVERY_WEEK, 4.0, 0.2, "%", 3),
    _Release("UK retail sales m/m", "GBP", Impact.MEDIUM, 4, "07:00", _LONDON, (3,), 0.2, 0.6, "%"),
    _Release("Japan household spending y/y", "JPY", Impact.LOW, 1, "08:30", _TOKYO, (1,), 1.2, 1.5, "%"),
    _Release("BoJ policy rate", "JPY", Impact.HIGH, 3, "12:00", _TOKYO, _EVERY_WEEK, 0.5, 0.1, "%", 4),
    _Release("Tokyo core CPI y/y", "JPY", Impact.MEDIUM, 4, "08:30", _TOKYO, (4,), 2.6, 0.2, "%"),
)


class SimulatedCalendar:
    """``Calendar`` of the generated market of ``seed``; always fresh and known a week ahead."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def view(self, as_of: datetime, currencies: tuple[str, ...]) -> CalendarView:
        """Return the events of ``currencies`` from 24 h before to 48 h after ``as_of``, figures after release only."""
        first, last = as_of - _BEFORE, as_of + _AFTER
        monday = _monday(first.date())
        events: list[CalendarEvent] = []
        while datetime.combine(monday, time(0), UTC) <= last:
            events += [
                event if event.at <= as_of else _unreleased(event)
                for event in week_events(self._seed, monday)
                if first <= event.at <= last and event.currency in currencies
            ]
            monday += timedelta(days=7)
        return CalendarView(captured_at=as_of, covers_until=as_of + KNOWN_AHEAD, assumed=False, events=tuple(events))


@lru_cache(maxsize=64)
def week_events(seed: int, monday: date) -> tuple[CalendarEvent, ...]:
    """Return the events of the week of ``monday`` with their figures, in the order of their times."""
    events = []
    for release in _RELEASES:
        day = monday + timedelta(days=release.weekday)
        week = monday.toordinal() // 7
        if (day.day - 1) // 7 + 1 not in release.weeks or release.cycle not in (None, week % 6):
            continue
        hour, minute = map(int, release.at.split(":"))
        at = datetime.combine(day, time(hour, minute), zone(release.zone_name)).astimezone(UTC)
        previous, forecast, actual = Stream(seed, "calendar", release.title, week).normal(3) * release.spread
        events.append(
            CalendarEvent(
                at=at,
                currency=release.currency,
                impact=release.impact,
                title=f"Simulated: {release.title}",
                captured_at=at,
                previous=_figure(release, previous),
                forecast=_figure(release, forecast / 2),
                actual=_figure(release, actual),
            )
        )
    return tuple(sorted(events, key=lambda event: (event.at, event.currency, event.title)))


@lru_cache(maxsize=1024)
def _unreleased(event: CalendarEvent) -> CalendarEvent:
    return replace(event, actual="", captured_at=event.at - KNOWN_AHEAD)


def _figure(release: _Release, deviation: float) -> str:
    digits = 0 if release.unit == "K" else 1
    return f"{release.usual + deviation:.{digits}f}{release.unit}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
