"""The generated market: the same from the same seed, and believable."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.bars import Bars, check_bars
from tradewarden.core.market.calendar import Impact
from tradewarden.core.values import from_epoch
from tradewarden.mt5sim import GeneratedMarket, SimulatedCalendar, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.generator import SYMBOLS
from tradewarden.mt5sim.server_time import server_times
from tradewarden.mt5sim.simulated_calendar import week_events

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def bars(seed: int, symbol: str, *, until: datetime = NOW, history: timedelta = 3 * WEEK) -> Bars:
    market = GeneratedMarket(seed, starts_at=NOW, history=history)
    return market.load(symbol, after=None, until=int(until.timestamp()))[0]


def test_same_seed_same_bars_however_they_are_asked_for() -> None:
    whole = bars(7, "XAUUSD", until=NOW + 4 * WEEK)
    market = GeneratedMarket(7, starts_at=NOW, history=3 * WEEK)
    covered, parts = None, []
    for step in range(0, 29, 3):
        until = int((NOW + timedelta(days=step)).timestamp())
        if covered is None or until >= covered:
            part, covered = market.load("XAUUSD", after=covered, until=until)
            parts.append(part)
    assert len(parts) > 3
    for column in ("opened_at", "open", "high", "low", "close", "volume", "spread"):
        joined = np.concatenate([getattr(part, column) for part in parts])
        assert np.array_equal(joined, getattr(whole, column))


def test_where_history_begins_does_not_change_a_bar() -> None:
    short, long = bars(7, "EURUSD", history=WEEK), bars(7, "EURUSD", history=6 * WEEK)
    assert np.array_equal(long.close[-len(short) :], short.close)
    assert len(long) > 3 * len(short)


def test_other_seeds_make_other_markets() -> None:
    assert not np.array_equal(bars(7, "EURUSD").close, bars(8, "EURUSD").close)
    assert GeneratedMarket(7, starts_at=NOW).identity != GeneratedMarket(8, starts_at=NOW).identity


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_bars_keep_the_rules_and_the_hours(symbol: str) -> None:
    series = bars(11, symbol)
    check_bars(series)
    market = GeneratedMarket(11, starts_at=NOW)
    hours = market.contracts[symbol].hours
    times = server_times(market.server_clock)
    outside = [
        opened
        for opened in series.opened_at[::7].tolist()
        if not hours.contains(from_epoch(times.to_server(opened)).replace(tzinfo=None))
    ]
    assert outside == []


def test_has_weekends_daily_breaks_busy_hours_and_wide_spreads_at_rollover() -> None:
    series = bars(5, "XAUUSD", history=8 * WEEK)
    server = server_times(GeneratedMarket(5, starts_at=NOW).server_clock).to_server(series.opened_at)
    hour = server // 3600 % 24
    gaps = np.diff(series.opened_at) // 60
    assert set(np.unique(gaps).tolist()) == {1, 61, 48 * 60 + 61}
    reach = series.high - series.low
    assert np.median(reach[hour == 16]) > 1.5 * np.median(reach[hour == 3])
    assert np.median(series.volume[hour == 16]) > 1.5 * np.median(series.volume[hour == 3])
    euro = bars(5, "EURUSD", history=8 * WEEK)
    euro_hour = server_times(GeneratedMarket(5, starts_at=NOW).server_clock).to_server(euro.opened_at) // 3600 % 24
    assert np.median(euro.spread[euro_hour == 0]) > 2 * np.median(euro.spread[euro_hour == 14])


@pytest.mark.parametrize(
    ("symbol", "low", "high"),
    [
        ("EURUSD", 0.003, 0.010),
        ("GBPUSD", 0.003, 0.012),
        ("USDJPY", 0.003, 0.013),
        ("XAUUSD", 0.006, 0.022),
        ("US30", 0.005, 0.018),
    ],
)
def test_a_days_range_is_that_of_the_real_symbol(symbol: str, low: float, high: float) -> None:
    simulated = SimulatedTerminal(GeneratedMarket(2, starts_at=NOW), starts_at=NOW)
    simulated.initialize()
    days = simulated.copy_rates_from_pos(symbol, mt5.TIMEFRAME_D1, 1, 60)
    assert days is not None
    assert len(days) == 60
    assert low < np.median((days["high"] - days["low"]) / days["close"]) < high


def test_a_demo_starts_with_at_least_45_days_of_history() -> None:
    simulated = SimulatedTerminal(GeneratedMarket(1, starts_at=NOW), starts_at=NOW)
    simulated.initialize()
    first = simulated.copy_rates_range("EURUSD", mt5.TIMEFRAME_D1, 0, 2**32)
    assert first is not None
    assert from_epoch(int(first["time"][0])) < NOW - timedelta(days=45)


def test_releases_move_the_market() -> None:
    stirred = [
        event.at
        for week in range(12)
        for event in week_events(4, date(2026, 1, 5) + week * WEEK)
        if event.impact is Impact.HIGH and event.currency == "USD"
    ]
    series = bars(4, "EURUSD", until=NOW + 6 * WEEK, history=9 * WEEK)
    reach = series.high - series.low
    at = np.searchsorted(series.opened_at, [int(moment.timestamp()) for moment in stirred])
    inside = at[(at > 60) & (at < len(series))]
    quiet = [reach[index - 60 : index - 5].mean() for index in inside]
    assert np.median(reach[inside] / np.asarray(quiet)) > 2.5


def test_the_calendar_is_labelled_stable_and_blank_before_the_release() -> None:
    calendar = SimulatedCalendar(4)
    payrolls = next(event for event in week_events(4, date(2026, 3, 2)) if "nonfarm" in event.title)
    before = calendar.view(payrolls.at - timedelta(hours=1), ("USD",))
    after = calendar.view(payrolls.at, ("USD",))
    shown = next(event for event in before.events if event.title == payrolls.title)
    assert (shown.actual, shown.captured_at <= payrolls.at - timedelta(hours=1)) == ("", True)
    assert payrolls in after.events
    assert payrolls.actual
    assert all(event.title.startswith("Simulated: ") for event in after.events)
    assert {event.currency for event in after.events} == {"USD"}
    assert calendar.view(payrolls.at, ("USD",)) == after


def test_refuses_a_negative_seed_and_a_start_before_its_origin() -> None:
    with pytest.raises(InvalidInput, match="seed is -1"):
        GeneratedMarket(-1, starts_at=NOW)
    with pytest.raises(InvalidInput, match="2020"):
        GeneratedMarket(1, starts_at=datetime(2020, 2, 1, tzinfo=UTC))
