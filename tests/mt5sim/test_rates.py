"""Bars and quotes as the terminal shows them, and that it never shows what has not happened yet."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mt5sim.market import START, after, buy, flat, minute_bars, terminal

from tradewarden.mt5sim import GeneratedMarket, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.rates import TIMEFRAMES
from tradewarden.mt5sim.records import RATES_DTYPE

SERVER_OFFSET = 2 * 3600
ZIGZAG = [(1.1, 1.1001 + 0.0001 * (i % 7), 1.1 - 0.0001 * (i % 5), 1.1 + 0.00001 * (i % 3)) for i in range(200)]


def test_times_are_epoch_seconds_on_the_server_clock() -> None:
    simulated = terminal(minute_bars("EURUSD", flat(1.1, 3)))
    tick = simulated.symbol_info_tick("EURUSD")
    rates = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M1, 0, 1)
    assert tick is not None
    assert rates is not None
    assert tick.time == rates["time"][0] == int(START.timestamp()) + SERVER_OFFSET
    assert rates.dtype == RATES_DTYPE


def test_the_bar_being_formed_is_what_the_path_has_shown() -> None:
    simulated = terminal(minute_bars("EURUSD", [(1.1, 1.102, 1.099, 1.101)]))
    shown = []
    for second in (0, 19, 20, 40, 58, 59):
        simulated.advance_to(START.replace(second=second))
        bar = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M1, 0, 1)[0]  # type: ignore[index]
        shown.append(tuple(bar)[1:5])
    assert shown == [
        (1.1, 1.1, 1.1, 1.1),
        (1.1, 1.1, 1.1, 1.1),
        (1.1, 1.1, 1.099, 1.099),
        (1.1, 1.102, 1.099, 1.102),
        (1.1, 1.102, 1.099, 1.102),
        (1.1, 1.102, 1.099, 1.101),
    ]


def test_higher_timeframes_begin_on_the_server_clock() -> None:
    simulated = terminal(minute_bars("EURUSD", ZIGZAG, start=START - timedelta(minutes=100)), starts_at=after(90))
    for timeframe, hours in ((mt5.TIMEFRAME_H1, 1), (mt5.TIMEFRAME_H4, 4), (mt5.TIMEFRAME_D1, 24)):
        rates = simulated.copy_rates_from_pos("EURUSD", timeframe, 0, 10)
        assert rates is not None
        assert (rates["time"] % (hours * 3600) == 0).all()
    m15 = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M15, 1, 1)
    m1 = simulated.copy_rates_range("EURUSD", 1, int(m15["time"][0]), int(m15["time"][0]) + 899)  # type: ignore[index]
    assert m1 is not None
    assert m15 is not None
    assert len(m1) == 15
    assert m15["high"][0] == m1["high"].max()
    assert m15["low"][0] == m1["low"].min()
    assert (m15["open"][0], m15["close"][0]) == (m1["open"][0], m1["close"][-1])
    assert m15["tick_volume"][0] == m1["tick_volume"].sum()


def test_days_follow_new_york_through_its_change_of_time() -> None:
    # The US changed on 2026-03-08: server midnight is 22:00 UTC before and 21:00 UTC after.
    market = GeneratedMarket(3, starts_at=datetime(2026, 3, 12, tzinfo=UTC), history=timedelta(days=14))
    simulated = SimulatedTerminal(market, starts_at=datetime(2026, 3, 12, tzinfo=UTC))
    simulated.initialize()
    days = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_D1, 0, 6)
    minutes = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M1, 0, 20_000)
    assert days is not None
    assert minutes is not None
    assert (days["time"] % 86_400 == 0).all()
    for day in days[:-1]:
        inside = minutes[(minutes["time"] >= day["time"]) & (minutes["time"] < day["time"] + 86_400)]
        if len(inside):
            assert (inside["open"][0], inside["close"][-1]) == (day["open"], day["close"])
            assert len(inside) == 1440


def test_positions_of_bars_and_ranges_agree() -> None:
    simulated = terminal(minute_bars("EURUSD", ZIGZAG), starts_at=after(150))
    newest = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M5, 0, 20)
    shifted = simulated.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M5, 3, 17)
    assert newest is not None
    assert shifted is not None
    assert np.array_equal(newest[:17], shifted)
    until = simulated.copy_rates_from("EURUSD", mt5.TIMEFRAME_M5, int(newest["time"][10]), 5)
    between = simulated.copy_rates_range("EURUSD", mt5.TIMEFRAME_M5, int(newest["time"][6]), int(newest["time"][10]))
    assert until is not None
    assert between is not None
    assert np.array_equal(until, newest[6:11])
    assert np.array_equal(between, newest[6:11])


@pytest.mark.parametrize(("timeframe", "count"), [(mt5.TIMEFRAME_M1, 0), (mt5.TIMEFRAME_M1, -5), (7, 10), (0, 10)])
def test_bad_arguments_give_none_and_an_error(timeframe: int, count: int) -> None:
    simulated = terminal(minute_bars("EURUSD", ZIGZAG))
    assert simulated.copy_rates_from_pos("EURUSD", timeframe, 0, count) is None
    assert simulated.last_error()[0] == mt5.RES_E_INVALID_PARAMS
    assert simulated.copy_rates_from_pos("NOSUCH", 1, 0, 1) is None
    assert simulated.last_error()[0] == mt5.RES_E_NOT_FOUND


def test_nothing_is_answered_before_initialize_and_after_shutdown() -> None:
    simulated = terminal(minute_bars("EURUSD", ZIGZAG))
    simulated.shutdown()
    assert simulated.account_info() is None
    assert simulated.last_error()[0] == mt5.RES_E_INTERNAL_FAIL_CONNECT
    assert simulated.symbols_get() is None
    assert simulated.copy_rates_from_pos("EURUSD", 1, 0, 1) is None
    assert simulated.positions_get() is None
    assert simulated.order_send({"action": 1}) is None
    assert simulated.initialize(login=1) is False
    assert simulated.last_error()[0] == mt5.RES_E_AUTH_FAILED
    assert simulated.initialize()
    assert simulated.account_info() is not None


def everything(simulated: SimulatedTerminal) -> list[object]:
    """Return all that the terminal tells about market and account."""
    told: list[object] = [simulated.account_info(), simulated.positions_get(), simulated.history_deals_get(0, 2**32)]
    for info in simulated.symbols_get() or ():
        told += [info, simulated.symbol_info_tick(info.name)]
        for timeframe in sorted(TIMEFRAMES):
            rates = simulated.copy_rates_from_pos(info.name, timeframe, 0, 1000)
            ahead = simulated.copy_rates_range(info.name, timeframe, 0, 2**32)
            later = simulated.copy_rates_from(info.name, timeframe, 2**32, 1000)
            assert rates is not None
            assert ahead is not None
            assert later is not None
            assert np.array_equal(ahead[-1000:], rates)
            told += [rates.tobytes(), later.tobytes()]
    return told


moves = st.lists(st.integers(-30, 30), min_size=2, max_size=60)


@settings(max_examples=25)
@given(steps=moves, future=moves, second=st.integers(0, 59), spread=st.integers(0, 20))
def test_a_changed_future_changes_nothing_before_it(
    steps: list[int], future: list[int], second: int, spread: int
) -> None:
    def rows(changes: list[int], price: int) -> list[tuple[float, float, float, float]]:
        made = []
        for change in changes:
            low, high = min(price, price + change) - 3, max(price, price + change) + 4
            made.append((price / 1e5, high / 1e5, low / 1e5, (price + change) / 1e5))
            price += change
        return made

    known = rows(steps, 110_000)
    now = after(len(steps) - 1) + timedelta(seconds=second)
    told = []
    for unknown in (rows(future, 120_000), rows(future[::-1], 90_000), []):
        # The open bar is known only in part, so that its own end belongs to the future as well.
        simulated = terminal(minute_bars("EURUSD", known + unknown, spread=spread))
        buy(simulated, "EURUSD", 0.1, sl=1.0980, tp=1.1030)
        simulated.advance_to(now)
        told.append(everything(simulated))
    assert told[0] == told[1] == told[2]


def test_the_open_minutes_future_is_hidden_too() -> None:
    told = []
    for high, close in ((1.102, 1.101), (1.105, 1.1001)):
        simulated = terminal(minute_bars("EURUSD", [(1.1, high, 1.099, close), (close, close, close, close)]))
        simulated.advance_to(START.replace(second=39))
        told.append(everything(simulated))
    assert told[0] == told[1]
