"""Calendar files of every form, as they were known at a moment."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tradewarden.adapters.feeds import load_calendar
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.calendar import Impact
from tradewarden.ports.calendar import Calendar

CPI_AT = datetime(2026, 8, 12, 12, 30, tzinfo=UTC)


def table(path: Path, **changes: list[Any]) -> Path:
    columns: dict[str, list[Any]] = {
        "date": [date(2026, 8, 12), date(2026, 8, 12), date(2026, 8, 13), date(2026, 8, 20)],
        "currency": ["USD", "EUR", "USD", "USD"],
        "impact": ["High", "Medium", "Holiday", "Low"],
        "event": ["CPI m/m", "Sentiment", "Bank Holiday", "Later"],
        "actual": ["0.3%", "5", "", "1"],
        "forecast": ["0.2%", "4", "", ""],
        "previous": ["0.1%", "", "", ""],
        "all_day": [False, False, True, False],
        "time_utc": [datetime(2026, 8, 12, 12, 30), datetime(2026, 8, 12, 9), None, datetime(2026, 8, 20, 9)],  # noqa: DTZ001
    }
    pl.DataFrame(columns | changes).write_parquet(path)
    return path


def weekly(path: Path, *events: tuple[str, str]) -> Path:
    items = [
        {"title": title, "country": "USD", "date": at, "impact": "High", "forecast": "1", "previous": "2"}
        for title, at in events
    ]
    path.write_text(json.dumps(items))
    return path


def test_a_table_without_capture_times_is_known_a_week_ahead_and_says_so(tmp_path: Path) -> None:
    calendar: Calendar = load_calendar([table(tmp_path / "calendar.parquet")])
    before = calendar.view(CPI_AT - timedelta(minutes=1), ("USD",))
    assert before.assumed
    assert before.captured_at == CPI_AT - timedelta(minutes=1)
    assert [(event.title, event.impact, event.all_day, event.actual) for event in before.events] == [
        ("CPI m/m", Impact.HIGH, False, ""),
        ("Bank Holiday", Impact.HOLIDAY, True, ""),
    ]
    assert before.events[0].captured_at == CPI_AT - timedelta(days=7)
    assert before.events[1].at == datetime(2026, 8, 13, tzinfo=UTC)


def test_a_figure_appears_with_its_release(tmp_path: Path) -> None:
    calendar = load_calendar([table(tmp_path / "calendar.parquet")])
    event = calendar.view(CPI_AT, ("USD",)).events[0]
    assert (event.actual, event.captured_at) == ("0.3%", CPI_AT)


def test_shows_the_currencies_asked_for_and_all(tmp_path: Path) -> None:
    path = table(tmp_path / "calendar.parquet", currency=["All", "EUR", "USD", "USD"])
    calendar = load_calendar([path])
    assert [event.currency for event in calendar.view(CPI_AT, ("EUR",)).events] == ["EUR", "ALL"]
    assert [event.currency for event in calendar.view(CPI_AT, ("JPY",)).events] == ["ALL"]


def test_beyond_its_end_a_table_says_how_old_it_is(tmp_path: Path) -> None:
    calendar = load_calendar([table(tmp_path / "calendar.parquet")])
    view = calendar.view(datetime(2026, 9, 1, tzinfo=UTC), ("USD",))
    assert view.events == ()
    assert view.captured_at == view.covers_until == datetime(2026, 8, 20, 9, tzinfo=UTC)
    assert calendar.view(datetime(2026, 7, 1, tzinfo=UTC), ("USD",)).captured_at is None


def test_captures_are_seen_from_their_time_on(tmp_path: Path) -> None:
    first = weekly(tmp_path / "ff_thisweek_2026-08-10T060000.json", ("CPI m/m", "2026-08-12T08:30:00-04:00"))
    moved = weekly(
        tmp_path / "ff_thisweek_2026-08-11T060000.json",
        ("CPI m/m", "2026-08-12T10:00:00-04:00"),
        ("Speech", "2026-08-12T11:00:00-04:00"),
    )
    calendar = load_calendar([moved, first])
    nothing = calendar.view(datetime(2026, 8, 10, 5, tzinfo=UTC), ("USD",))
    assert (nothing.captured_at, nothing.events, nothing.assumed) == (None, (), False)
    early = calendar.view(datetime(2026, 8, 11, 5, tzinfo=UTC), ("USD",))
    assert [event.at for event in early.events] == [CPI_AT]
    assert early.captured_at == datetime(2026, 8, 10, 6, tzinfo=UTC)
    late = calendar.view(datetime(2026, 8, 11, 7, tzinfo=UTC), ("USD",))
    assert [event.title for event in late.events] == ["CPI m/m", "Speech"]
    assert late.events[0].at == CPI_AT + timedelta(minutes=90)
    assert late.covers_until == datetime(2026, 8, 16, tzinfo=UTC)


def test_a_capture_of_this_week_leaves_last_weeks_events_visible(tmp_path: Path) -> None:
    last = weekly(tmp_path / "ff_thisweek_2026-08-14T060000.json", ("Old", "2026-08-15T16:00:00+00:00"))
    this = weekly(tmp_path / "ff_thisweek_2026-08-16T060000.json", ("New", "2026-08-17T08:00:00+00:00"))
    view = load_calendar([last, this]).view(datetime(2026, 8, 16, 7, tzinfo=UTC), ("USD",))
    assert [event.title for event in view.events] == ["Old", "New"]


XML = """<?xml version="1.0" encoding="windows-1252"?>
<weeklyevents><event><title>Caf\xe9 index</title><country>USD</country><date><![CDATA[08-12-2026]]></date>
<time><![CDATA[12:30pm]]></time><impact><![CDATA[High]]></impact><forecast /><previous>1</previous></event>
<event><title>Bank Holiday</title><country>All</country><date>08-13-2026</date><time>All Day</time>
<impact>Holiday</impact></event></weeklyevents>"""
CSV = "Title,Country,Date,Time,Impact,Forecast,Previous,URL\nCPI,USD,08-12-2026,12:30pm,High,1,2,http\n"


def test_reads_the_weekly_xml_in_its_declared_encoding(tmp_path: Path) -> None:
    path = tmp_path / "week.xml"
    path.write_bytes(XML.encode("cp1252"))
    view = load_calendar([path]).view(CPI_AT, ("USD",))
    assert [(event.title, event.at, event.all_day) for event in view.events] == [
        ("Café index", CPI_AT, False),
        ("Bank Holiday", datetime(2026, 8, 13, tzinfo=UTC), True),
    ]
    assert view.assumed


def test_reads_the_weekly_csv(tmp_path: Path) -> None:
    path = tmp_path / "week.csv"
    path.write_text(CSV)
    (event,) = load_calendar([path]).view(CPI_AT, ("USD",)).events
    assert (event.at, event.impact, event.previous) == (CPI_AT, Impact.HIGH, "2")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "[", "not JSON"),
        ("a.json", "{}", "must be a list"),
        ("a.json", "[]", "holds no events"),
        ("a.json", '[{"title": "x"}]', "event 1: needs title, country and date"),
        ("a.json", '[{"title": "x", "country": "USD", "date": "soon", "impact": "Low"}]', "event 1: date 'soon'"),
        ("a.json", '[{"title":"x","country":"USD","date":"2026-08-12T08:30:00","impact":"Low"}]', "has no offset"),
        ("a.json", '[{"title":"x","country":"USD","date":"2026-08-12T08:30:00Z","impact":"Huge"}]', "impact 'Huge'"),
        ("a.xml", "<weeklyevents>", "not XML"),
        ("a.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>', "declares a document type"),
        ("a.csv", CSV + "CPI,USD\n", "row 2: has another number of fields"),
        ("a.csv", CSV.replace("08-12-2026", "2026-08-12"), "is not MM-DD-YYYY"),
        ("a.parquet", "PAR1", "not a complete Parquet file"),
        ("a.txt", "x", "named .parquet, .json, .xml, .csv"),
    ],
)
def test_refuses_bad_files_by_place_and_value(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InvalidInput, match=message):
        load_calendar([path])


def test_refuses_a_table_with_unknown_impacts_or_without_times(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="impact 'huge' is none of"):
        load_calendar([table(tmp_path / "a.parquet", impact=["Huge", "Low", "Low", "Low"])])
    with pytest.raises(InvalidInput, match="row 3: has neither a time nor a date"):
        load_calendar([table(tmp_path / "b.parquet", date=[None] * 4)])


def test_refuses_to_mix_files_with_and_without_capture_times(tmp_path: Path) -> None:
    captured = weekly(tmp_path / "ff_thisweek_2026-08-10T060000.json", ("CPI", "2026-08-12T08:30:00-04:00"))
    with pytest.raises(InvalidInput, match="cannot be mixed"):
        load_calendar([captured, table(tmp_path / "calendar.parquet")])


def test_real_calendar_knows_the_releases_of_the_winter(test_data: Path) -> None:
    calendar = load_calendar([test_data / "calendar/calendar_2007_2026.parquet"])
    releases = {
        datetime(2025, 12, 10, 19, tzinfo=UTC): "Fed Interest Rate Decision",
        datetime(2025, 12, 16, 13, 30, tzinfo=UTC): "Nonfarm Payrolls",
        datetime(2025, 12, 18, 13, 30, tzinfo=UTC): "CPI",
        datetime(2026, 1, 9, 13, 30, tzinfo=UTC): "Nonfarm Payrolls",
        datetime(2026, 1, 13, 13, 30, tzinfo=UTC): "CPI",
    }
    for at, title in releases.items():
        for as_of in (at - timedelta(minutes=30), at + timedelta(minutes=15)):
            view = calendar.view(as_of, ("XAU", "USD"))
            found = [
                event
                for event in view.events
                if event.at == at and title in event.title and event.impact is Impact.HIGH
            ]
            assert found
            assert any(event.actual for event in found) == (as_of > at)


def test_real_captures_move_events_as_they_were_known(test_data: Path) -> None:
    table_file = load_calendar([test_data / "calendar/ff_point_in_time_2026-08.parquet"])
    json_files = load_calendar(sorted((test_data / "calendar/ff_weekly_json").glob("*.json")))
    as_of = datetime(2026, 8, 12, 12, tzinfo=UTC)
    for calendar in (table_file, json_files):
        view = calendar.view(as_of, ("USD",))
        assert view.captured_at is not None
        assert view.captured_at <= as_of
        assert any(event.title == "CPI m/m" and event.at == CPI_AT for event in view.events)
        assert all(event.captured_at <= as_of for event in view.events)


def test_real_weekly_xml(test_data: Path) -> None:
    calendar = load_calendar(sorted((test_data / "calendar/ff_xml").glob("*.xml")))
    cpi = [
        event
        for event in calendar.view(datetime(2025, 6, 11, 12, tzinfo=UTC), ("USD",)).events
        if event.title == "CPI m/m"
    ]
    assert [event.at for event in cpi] == [datetime(2025, 6, 11, 12, 30, tzinfo=UTC)]
