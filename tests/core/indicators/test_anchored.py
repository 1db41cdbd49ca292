"""Days, weeks and sessions over arrays of bar times, and the indicators that begin anew with them."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.indicators.cases import compute, spec_of
from tests.core.indicators.series import bars_of

from tradewarden.core.market.bars import Bars
from tradewarden.core.market.server_days import server_days, session_days, wall_seconds, weeks_of
from tradewarden.core.market.session import NAMED_SESSIONS, NEW_YORK_CLOSE, ServerClock, SessionWindow
from tradewarden.core.market.timeframe import Timeframe

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS = (ServerClock(), NEW_YORK_CLOSE, ServerClock("Europe/Athens"), ServerClock("Asia/Kolkata", -2))


def drawn(first: date, last: date) -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime.combine(first, time()), datetime.combine(last, time()), timezones=st.just(UTC))


# Around the changes to and from daylight saving time of the United States and of Europe, and anywhere else.
MOMENTS = st.one_of(
    drawn(date(2026, 3, 7), date(2026, 3, 30)),
    drawn(date(2025, 10, 24), date(2025, 11, 4)),
    drawn(date(2001, 1, 1), date(2035, 1, 1)),
)


def epochs(moments: list[datetime]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(sorted(int((moment - EPOCH).total_seconds()) for moment in moments), np.int64)


def at(bars: Bars, opens: datetime) -> Bars:
    """The same bars, the first of which opens at `opens`."""
    shift = int(opens.timestamp()) - int(bars.opened_at[0])
    return Bars(
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        opened_at=bars.opened_at + shift,
        ended_at=bars.ended_at + shift,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        spread=bars.spread,
    )


class TestClocks:
    @given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(CLOCKS))
    def test_days_are_those_of_the_server_clock(self, moments: list[datetime], clock: ServerClock) -> None:
        times = epochs(moments)
        days = server_days(clock, times)
        for moment, day in zip(times.tolist(), days.tolist(), strict=True):
            assert EPOCH.date() + timedelta(days=day) == clock.day_of(datetime.fromtimestamp(moment, UTC))

    @given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(sorted(NAMED_SESSIONS)))
    def test_session_days_agree_with_the_window(self, moments: list[datetime], name: str) -> None:
        times, window = epochs(moments), NAMED_SESSIONS[name]
        for moment, day in zip(times.tolist(), session_days(window, times).tolist(), strict=True):
            assert (day >= 0) == window.contains(datetime.fromtimestamp(moment, UTC))

    def test_a_session_past_midnight_belongs_to_the_day_it_began_on(self) -> None:
        window = SessionWindow("night", "22:00", "02:00", "UTC", (4,))
        friday = datetime(2026, 1, 9, 23, tzinfo=UTC)
        days = session_days(window, epochs([friday, friday + timedelta(hours=2), friday + timedelta(hours=4)]))
        assert days.tolist() == [(friday.date() - EPOCH.date()).days] * 2 + [-1]
        assert session_days(window, epochs([friday - timedelta(hours=22)])).tolist() == [-1]

    def test_weeks_begin_on_sunday(self) -> None:
        sunday = datetime(2026, 1, 11, tzinfo=UTC)
        days = server_days(ServerClock(), epochs([sunday + timedelta(days=offset) for offset in range(-1, 8)]))
        assert np.diff(weeks_of(days)).tolist() == [1, 0, 0, 0, 0, 0, 0, 1]

    def test_no_times_give_no_days(self) -> None:
        assert wall_seconds("Europe/London", np.array([], np.int64)).shape == (0,)


class TestDays:
    # Hourly bars from Thursday 2026-01-08 20:00 UTC; each hour the price is one higher.
    BARS = at(
        bars_of(
            100.0 + np.arange(80.0),
            opens=100.0 + np.arange(80.0),
            highs=100.5 + np.arange(80.0),
            lows=99.0 + np.arange(80.0),
            volume=2.0,
            timeframe=Timeframe.H1,
        ),
        datetime(2026, 1, 8, 20, tzinfo=UTC),
    )

    def test_previous_day_is_the_whole_day_before(self) -> None:
        found = compute(spec_of("previous_day"), self.BARS, ServerClock())
        # The first four bars may be the end of a day that began earlier: the first whole day is Friday.
        assert np.isnan(found["open"][:28]).all()
        for name, value in (("open", 104.0), ("high", 127.5), ("low", 103.0), ("close", 127.0)):
            assert set(found[name][28:52].tolist()) == {value}

    def test_the_server_clock_decides_where_a_day_begins(self) -> None:
        # New York + 7 hours is two hours ahead of UTC in January: the day begins at 22:00.
        found = compute(spec_of("previous_day"), self.BARS, NEW_YORK_CLOSE)
        assert np.isnan(found["open"][:26]).all()
        assert set(found["open"][26:50].tolist()) == {102.0}

    def test_a_day_without_bars_is_passed_over(self) -> None:
        times = [hour for hour in range(80) if not 28 <= hour < 52]
        gap = Bars(
            symbol="XAUUSD",
            timeframe=Timeframe.H1,
            opened_at=self.BARS.opened_at[times],
            ended_at=self.BARS.ended_at[times],
            **{name: getattr(self.BARS, name)[times] for name in ("open", "high", "low", "close", "volume", "spread")},
        )
        assert compute(spec_of("previous_day"), gap, ServerClock())["close"][28] == 127.0

    def test_classic_pivots_of_the_day_before(self) -> None:
        found = {
            name: float(values[30]) for name, values in compute(spec_of("pivots"), self.BARS, ServerClock()).items()
        }
        pivot = (127.5 + 103.0 + 127.0) / 3
        assert found == pytest.approx(
            {
                "pivot": pivot,
                "r1": 2 * pivot - 103.0,
                "r2": pivot + 24.5,
                "r3": 127.5 + 2 * (pivot - 103.0),
                "s1": 2 * pivot - 127.5,
                "s2": pivot - 24.5,
                "s3": 103.0 - 2 * (127.5 - pivot),
            }
        )

    def test_volume_and_money_begin_anew_with_the_day(self) -> None:
        obv = compute(spec_of("obv"), self.BARS, ServerClock())["value"]
        vwap = compute(spec_of("vwap"), self.BARS, ServerClock())["value"]
        assert np.isnan(obv[:4]).all()
        assert (obv[4], obv[27], obv[28]) == (2.0, 48.0, 2.0)
        typical = (self.BARS.high + self.BARS.low + self.BARS.close) / 3
        assert (vwap[4], vwap[28]) == (typical[4], typical[28])
        assert vwap[27] == pytest.approx(typical[4:28].mean())

    def test_vwap_is_unknown_until_volume_is_traded(self) -> None:
        volume = np.where(np.arange(80) < 6, 0.0, 3.0)
        bars = at(
            bars_of(100.0 + np.arange(80.0), volume=volume, timeframe=Timeframe.H1),
            datetime(2026, 1, 8, 20, tzinfo=UTC),
        )
        known = np.isfinite(compute(spec_of("vwap"), bars, ServerClock())["value"])
        assert known.nonzero()[0][0] == 6


class TestSessions:
    # Monday 2026-01-12 00:00 UTC on; London is at UTC: 08:00 to 17:00.
    BARS = at(TestDays.BARS, datetime(2026, 1, 12, tzinfo=UTC))

    def test_range_grows_in_the_session_and_stays_until_the_next(self) -> None:
        found = compute(spec_of("session_range", {"session": "London"}), self.BARS)
        assert np.isnan(found["high"][:8]).all()
        assert found["high"][8:17].tolist() == [108.5 + hour for hour in range(9)]
        assert set(found["high"][17:32].tolist()) == {116.5}
        assert set(found["low"][8:32].tolist()) == {107.0}
        assert (found["open"][31], found["open"][32], found["high"][32]) == (108.0, 132.0, 132.5)

    def test_a_session_that_began_before_the_first_bar_is_unknown(self) -> None:
        found = compute(spec_of("session_range", {"session": "London"}), self.BARS.window(10, 80))
        assert np.isnan(found["high"][:22]).all()
        assert found["high"][22] == 132.5

    def test_sessions_follow_the_clock_of_their_city(self) -> None:
        # From 2026-03-08 New York is on daylight saving time: 08:00 there is 12:00 UTC, not 13:00.
        before = at(self.BARS, datetime(2026, 3, 6, tzinfo=UTC))
        after = at(self.BARS, datetime(2026, 3, 9, tzinfo=UTC))
        spec = spec_of("session_range", {"session": "NewYork"})
        assert np.isfinite(compute(spec, before)["high"]).nonzero()[0][0] == 13
        assert np.isfinite(compute(spec, after)["high"]).nonzero()[0][0] == 12

    def test_volume_can_be_anchored_at_a_session(self) -> None:
        obv = compute(spec_of("obv", {"anchor": "London"}), self.BARS)["value"]
        assert (obv[8], obv[31], obv[32]) == (2.0, 48.0, 2.0)
