"""The market's week on the server clock: where its weekend begins, how long it has been open, when it rolls over."""

from datetime import datetime, time, timedelta

import pytest
from tests.builders import FX_HOURS, utc

from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.hours import in_rollover, since_close, since_opening, until_weekend, weekend_close_minute
from tradewarden.core.market.session import WeeklyHours, weekly_hours

DAILY_BREAK = weekly_hours(time(1, 0), time(23, 55))
ALWAYS_OPEN = WeeklyHours(((0, 10_080),))
# A server on UTC: from Sunday 22:00 over the end of the week to Friday 21:00.
OVER_THE_END = WeeklyHours(((0, 4 * 1440 + 21 * 60), (6 * 1440 + 22 * 60, 10_080)))
# 2025-12-08 is a Monday.


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return utc(2025, 12, 7 + day, hour, minute, second).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("hours", "minute"),
    [(FX_HOURS, 7200), (DAILY_BREAK, 4 * 1440 + 23 * 60 + 55), (OVER_THE_END, 7020), (ALWAYS_OPEN, None)],
)
def test_the_weekend_begins_where_the_longest_closed_stretch_does(hours: WeeklyHours, minute: int | None) -> None:
    assert weekend_close_minute(hours) == minute


def test_a_market_without_hours_or_without_a_whole_closed_day_has_no_weekend() -> None:
    assert weekend_close_minute(WeeklyHours(())) is None
    assert weekend_close_minute(WeeklyHours(((0, 10_080 - 1439),))) is None
    assert weekend_close_minute(WeeklyHours(((0, 10_080 - 1440),))) == 10_080 - 1440
    assert until_weekend(ALWAYS_OPEN, at(3)) is None


def test_the_way_to_the_weekend_is_told_to_the_second() -> None:
    assert until_weekend(FX_HOURS, at(5, 23, 44, 59)) == timedelta(minutes=15, seconds=1)
    assert until_weekend(DAILY_BREAK, at(5, 23, 40)) == timedelta(minutes=15)
    assert until_weekend(DAILY_BREAK, at(5, 23, 55)) == timedelta(days=7)
    assert until_weekend(OVER_THE_END, at(7, 22)) == timedelta(days=4, hours=23)


def test_an_opening_is_counted_from_its_own_stretch_and_over_the_end_of_the_week() -> None:
    assert since_opening(DAILY_BREAK, at(2, 1, 4, 59)) == timedelta(minutes=4, seconds=59)
    assert since_opening(DAILY_BREAK, at(2, 0, 59)) is None
    assert since_opening(FX_HOURS, at(2)) == timedelta(days=1)
    assert since_opening(OVER_THE_END, at(1, 0, 30)) == timedelta(hours=2, minutes=30)
    assert since_opening(ALWAYS_OPEN, at(1, 0, 30)) is None


def test_a_closed_market_says_for_how_long() -> None:
    assert since_close(DAILY_BREAK, at(2, 23, 55)) == timedelta(0)
    assert since_close(DAILY_BREAK, at(3, 0, 30)) == timedelta(minutes=35)
    assert since_close(DAILY_BREAK, at(1, 0, 30)) == timedelta(days=2, minutes=35)
    assert since_close(DAILY_BREAK, at(3, 12)) == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (at(2, 23, 54, 59), False),
        (at(2, 23, 55), True),
        (at(3), True),
        (at(3, 0, 10), True),
        (at(3, 0, 10, 1), False),
        (at(3, 12), False),
    ],
)
def test_the_rollover_pause_holds_both_its_ends(moment: datetime, inside: bool) -> None:
    assert in_rollover(Embargo(5, 10), moment) is inside
