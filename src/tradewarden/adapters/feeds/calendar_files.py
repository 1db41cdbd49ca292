"""The economic calendar from files, as it was known at a moment.

A file with capture times answers from the newest capture before the moment asked for: events move, appear and vanish
between captures. One without is taken as known a week ahead, and says so. Figures are blank before their release.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

from tradewarden.adapters.feeds.calendar_rows import IMPACTS, Row, read_rows
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.calendar import CalendarEvent, CalendarView
from tradewarden.core.values import from_epoch, to_epoch

KNOWN_AHEAD = timedelta(days=7)
_BEFORE, _AFTER = timedelta(hours=24), timedelta(hours=48)
_WEEK = timedelta(days=7)
_NOTHING = CalendarView(captured_at=None, covers_until=None, assumed=False, events=())


class CalendarFiles:
    """``Calendar`` over rows of calendar files, all with capture times or all without. Raises InvalidInput."""

    def __init__(self, rows: Sequence[Row]) -> None:
        captures = {row.captured for row in rows}
        if None in captures and len(captures) > 1:
            raise InvalidInput("calendar files with and without capture times cannot be mixed")
        if not rows:
            raise InvalidInput("a calendar needs at least one event")
        self._assumed = None in captures
        self._table = _Table(rows) if self._assumed else None
        self._captures = [] if self._assumed else _captures(rows)

    def view(self, as_of: datetime, currencies: tuple[str, ...]) -> CalendarView:
        """Return the events of ``currencies`` and of ALL from 24 h before to 48 h after ``as_of``, as known then."""
        wanted = tuple(dict.fromkeys((*currencies, "ALL")))
        first, last = as_of - _BEFORE, as_of + _AFTER
        if self._table is not None:
            return self._assumed_view(self._table, as_of, first, last, wanted)
        known = [capture for capture in self._captures if capture.at <= as_of]
        if not known:
            return _NOTHING
        # A capture tells of its own week; other weeks are answered by the newest capture of theirs.
        newest = {capture.week: capture for capture in known}
        events = [
            event
            for week, capture in newest.items()
            if week <= last and first < week + _WEEK
            for event in capture.table.events(first, last, wanted, as_of, capture.at)
        ]
        covers_until = max(newest) + _WEEK
        return CalendarView(
            captured_at=known[-1].at, covers_until=covers_until, assumed=False, events=tuple(sorted(events, key=_order))
        )

    def _assumed_view(
        self, table: "_Table", as_of: datetime, first: datetime, last: datetime, wanted: tuple[str, ...]
    ) -> CalendarView:
        if as_of < table.first_at - KNOWN_AHEAD:
            return _NOTHING
        events = table.events(first, last, wanted, as_of, None)
        return CalendarView(
            captured_at=min(as_of, table.last_at), covers_until=table.last_at, assumed=True, events=tuple(events)
        )


class _Table:
    """Rows by currency in the order of their times; an event is built once for each state of its figure."""

    def __init__(self, rows: Iterable[Row]) -> None:
        ordered = sorted(rows, key=itemgetter(0))
        self.first_at, self.last_at = from_epoch(ordered[0].at), from_epoch(ordered[-1].at)
        self._by_currency: dict[str, list[Row]] = {}
        for row in ordered:
            self._by_currency.setdefault(row.currency, []).append(row)
        self._times = {currency: [row.at for row in rows] for currency, rows in self._by_currency.items()}
        self._built: dict[tuple[str, int, bool], CalendarEvent] = {}
        self._memo: tuple[object, list[CalendarEvent]] = (None, [])

    def events(
        self, first: datetime, last: datetime, wanted: Iterable[str], as_of: datetime, captured_at: datetime | None
    ) -> list[CalendarEvent]:
        """Return the events of ``wanted`` in [``first``, ``last``]; figures only of those before ``as_of``."""
        start, stop, now = to_epoch(first), to_epoch(last), to_epoch(as_of)
        spans = [(name, *self._span(name, start, now, stop)) for name in wanted]
        key = (captured_at, *spans)
        known, events = self._memo
        if key != known:
            # The same events answer for many minutes, until one enters, leaves or is released.
            events = [
                self._event(name, index, index < released, captured_at)
                for name, begin, released, end in spans
                for index in range(begin, end)
            ]
            events.sort(key=_order)
            self._memo = (key, events)
        return events

    def _span(self, currency: str, start: int, now: int, stop: int) -> tuple[int, int, int]:
        """Return the indices of a currency's first event in the window, first unreleased, and first after it."""
        times = self._times.get(currency, [])
        begin = bisect_left(times, start)
        released = bisect_right(times, now, lo=begin)
        return begin, released, bisect_right(times, stop, lo=released)

    def _event(self, currency: str, index: int, is_released: bool, captured_at: datetime | None) -> CalendarEvent:  # noqa: FBT001
        event = self._built.get((currency, index, is_released))
        if event is None:
            row = self._by_currency[currency][index]
            # Without captures the event was known a week ahead, and its figure at the release.
            at = from_epoch(row.at)
            assumed_at = at if is_released else at - KNOWN_AHEAD
            event = self._built[currency, index, is_released] = CalendarEvent(
                at=at,
                currency=row.currency,
                impact=IMPACTS[row.impact],
                title=row.title,
                captured_at=captured_at or assumed_at,
                all_day=row.all_day,
                previous=row.previous,
                forecast=row.forecast,
                actual=row.actual if is_released else "",
            )
        return event


class _Capture:
    """The events of one week as one capture showed them."""

    def __init__(self, at: datetime, week: datetime, rows: Iterable[Row]) -> None:
        self.at = at
        self.week = week
        self.table = _Table(rows)


def load_calendar(paths: Iterable[Path]) -> CalendarFiles:
    """Return the calendar in ``paths``. Raises InvalidInput, naming file, row and value."""
    return CalendarFiles([row for path in paths for row in read_rows(path)])


def _captures(rows: Sequence[Row]) -> list[_Capture]:
    """Return the captures in the order of their times, each with the week that most of its events lie in."""
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        assert row.captured is not None
        grouped.setdefault(row.captured, []).append(row)
    captures = []
    for at, members in sorted(grouped.items()):
        middle = sorted(row.at for row in members)[len(members) // 2]
        captures.append(_Capture(from_epoch(at), _week_start(from_epoch(middle)), members))
    return captures


def _week_start(at: datetime) -> datetime:
    """Return the Sunday 00:00 UTC at or before ``at``: the weekly export runs from Sunday to Saturday."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _order(event: CalendarEvent) -> tuple[datetime, str, str]:
    return event.at, event.currency, event.title
