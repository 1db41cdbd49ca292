"""Server clocks, weekly hours and session windows over both daylight-saving rules."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import FX_HOURS, an_instrument, utc

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import (
    NAMED_SESSIONS,
    NEW_YORK_CLOSE,
    ServerClock,
    SessionWindow,
    WeeklyHours,
    weekly_hours,
)
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.risk.checks_market import newest_due_bar_end

EET = ServerClock("Europe/Helsinki")
LONDON, NEW_YORK = NAMED_SESSIONS["London"], NAMED_SESSIONS["NewYork"]
METALS = weekly_hours(time(1), time(0))


@pytest.mark.parametrize(
    ("clock", "at", "midnight"),
    [
        # The US switches on 8 March 2026, the EU on 29 March; in between they differ.
        (NEW_YORK_CLOSE, utc(2026, 3, 6, 12), utc(2026, 3, 5, 22)),
        (NEW_YORK_CLOSE, utc(2026, 3, 10, 12), utc(2026, 3, 9, 21)),
        (EET, utc(2026, 3, 10, 12), utc(2026, 3, 9, 22)),
        (EET, utc(2026, 3, 30, 12), utc(2026, 3, 29, 21)),
        # And back: EU on 25 October 2026, US on 1 November.
        (EET, utc(2026, 10, 27, 12), utc(2026, 10, 26, 22)),
        (NEW_YORK_CLOSE, utc(2026, 10, 27, 12), utc(2026, 10, 26, 21)),
        (NEW_YORK_CLOSE, utc(2026, 11, 3, 12), utc(2026, 11, 2, 22)),
        (ServerClock(), utc(2026, 3, 10, 12), utc(2026, 3, 10)),
    ],
)
def test_server_day_starts_at_the_brokers_midnight(clock: ServerClock, at: datetime, midnight: datetime) -> None:
    assert clock.day_start(at) == midnight
    assert clock.day_start(midnight) == midnight
    assert clock.day_start(midnight - timedelta(seconds=1)) < midnight


@given(
    at=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001  made aware below
    clock=st.sampled_from([NEW_YORK_CLOSE, EET, ServerClock(), ServerClock("UTC", 2)]),
)
def test_server_time_converts_there_and_back_outside_the_doubled_hour(at: datetime, clock: ServerClock) -> None:
    moment = at.replace(tzinfo=utc(2000, 1, 1).tzinfo, microsecond=0)
    back = clock.to_utc(clock.to_server(moment))
    assert back in (moment, moment - timedelta(hours=1))
    assert clock.to_server(back) == clock.to_server(moment)


def test_a_clock_refuses_a_zone_that_does_not_exist_and_an_absurd_offset() -> None:
    with pytest.raises(InvalidInput, match="Mars/Olympus"):
        ServerClock("Mars/Olympus")
    with pytest.raises(InvalidInput, match="offset 15"):
        ServerClock("UTC", 15)


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        # London 08:00–17:00: in winter UTC, in summer one hour earlier in UTC.
        (utc(2026, 1, 14, 7, 59), False),
        (utc(2026, 1, 14, 8), True),
        (utc(2026, 1, 14, 16, 59), True),
        (utc(2026, 1, 14, 17), False),
        (utc(2026, 7, 15, 7), True),
        (utc(2026, 7, 15, 16), False),
        (utc(2026, 1, 17, 12), False),
    ],
)
def test_a_session_follows_its_citys_clock_and_days(at: datetime, inside: bool) -> None:
    assert LONDON.contains(at) is inside


def test_between_the_two_switches_london_and_new_york_overlap_an_hour_longer() -> None:
    assert not NEW_YORK.contains(utc(2026, 3, 4, 12, 30))
    assert NEW_YORK.contains(utc(2026, 3, 11, 12, 30))
    assert LONDON.contains(utc(2026, 3, 11, 12, 30))


def test_a_window_past_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    night = SessionWindow("night", "22:00", "02:00", "UTC", (4,))  # Fridays
    assert night.ends_at(utc(2026, 1, 16, 22)) == utc(2026, 1, 17, 2)
    assert night.ends_at(utc(2026, 1, 17, 1, 59)) == utc(2026, 1, 17, 2)
    assert night.ends_at(utc(2026, 1, 17, 2)) is None
    assert night.ends_at(utc(2026, 1, 16, 1)) is None
    assert night.ends_at(utc(2026, 1, 17, 22)) is None


def test_a_window_that_ends_where_it_starts_lasts_a_whole_day() -> None:
    whole = SessionWindow("whole", "00:00", "00:00", "UTC", (2,))
    assert whole.contains(utc(2026, 1, 14))
    assert whole.contains(utc(2026, 1, 14, 23, 59))
    assert not whole.contains(utc(2026, 1, 15))


def test_a_window_over_the_switch_keeps_its_wall_clock_ends() -> None:
    # Saturday 22:00 to Sunday 06:00 in New York while the clock jumps from 02:00 to 03:00: seven hours.
    night = SessionWindow("night", "22:00", "06:00", "America/New_York", (5,))
    assert night.ends_at(utc(2026, 3, 8, 3)) == utc(2026, 3, 8, 10)


def test_weekly_hours_hold_on_the_server_clock_and_refuse_disorder() -> None:
    assert METALS.contains(datetime(2026, 1, 14, 1, 0))  # noqa: DTZ001  server times are naive
    assert not METALS.contains(datetime(2026, 1, 14, 0, 59))  # noqa: DTZ001
    assert not FX_HOURS.contains(datetime(2026, 1, 17, 0, 0))  # noqa: DTZ001
    with pytest.raises(InvalidInput, match="overlap"):
        WeeklyHours(((0, 100), (50, 200)))
    with pytest.raises(InvalidInput, match="leave the week"):
        WeeklyHours(((0, 10081),))


@pytest.mark.parametrize(
    ("hours", "timeframe", "at", "due"),
    [
        # In the middle of the week, and exactly at the end of a bar.
        (FX_HOURS, Timeframe.M15, utc(2025, 12, 10, 10, 7), utc(2025, 12, 10, 10)),
        (FX_HOURS, Timeframe.M15, utc(2025, 12, 10, 10, 15), utc(2025, 12, 10, 10, 15)),
        (FX_HOURS, Timeframe.M15, utc(2025, 12, 10, 10, 14, 59), utc(2025, 12, 10, 10)),
        # On the weekend the newest due bar is Friday's last one: it ended at 22:00 UTC.
        (FX_HOURS, Timeframe.M15, utc(2025, 12, 13, 15), utc(2025, 12, 12, 22)),
        (FX_HOURS, Timeframe.H4, utc(2025, 12, 13, 15), utc(2025, 12, 12, 22)),
        (FX_HOURS, Timeframe.D1, utc(2025, 12, 13, 15), utc(2025, 12, 12, 22)),
        # Monday's first minutes still look back to Friday, then the first bar is due.
        (FX_HOURS, Timeframe.M15, utc(2025, 12, 14, 22, 10), utc(2025, 12, 12, 22)),
        (FX_HOURS, Timeframe.M15, utc(2025, 12, 14, 22, 15), utc(2025, 12, 14, 22, 15)),
        (FX_HOURS, Timeframe.D1, utc(2025, 12, 15, 12), utc(2025, 12, 12, 22)),
        # The daily break of metals, 00:00–01:00 on the server: no bar is due from it.
        (METALS, Timeframe.M15, utc(2025, 12, 10, 22, 50), utc(2025, 12, 10, 22)),
        (METALS, Timeframe.M15, utc(2025, 12, 10, 23, 10), utc(2025, 12, 10, 22)),
        (METALS, Timeframe.M15, utc(2025, 12, 10, 23, 15), utc(2025, 12, 10, 23, 15)),
        # An H1 bar over the break is not due; an H4 bar that reaches out of it is.
        (METALS, Timeframe.H1, utc(2025, 12, 10, 23, 30), utc(2025, 12, 10, 22)),
        (METALS, Timeframe.H4, utc(2025, 12, 11, 2, 30), utc(2025, 12, 11, 2)),
        # In summer the server's day starts an hour earlier in UTC.
        (FX_HOURS, Timeframe.D1, utc(2025, 7, 10, 12), utc(2025, 7, 9, 21)),
    ],
)
def test_newest_due_bar(hours: WeeklyHours, timeframe: Timeframe, at: datetime, due: datetime) -> None:
    assert newest_due_bar_end(an_instrument(trading_hours=hours), timeframe, at, NEW_YORK_CLOSE) == due


def test_nothing_is_due_where_nothing_trades() -> None:
    closed = an_instrument(trading_hours=WeeklyHours(()))
    assert newest_due_bar_end(closed, Timeframe.M15, utc(2025, 12, 10), NEW_YORK_CLOSE) is None
