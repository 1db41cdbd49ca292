"""Market, calendar, account, positions and orders over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.integration.api_rig import START, DeskRig, error_of, open_rig

from tradewarden.core.values import to_epoch


@pytest.fixture(scope="module")
def quiet() -> Iterator[DeskRig]:
    """A desk on which nothing is done."""
    with open_rig() as opened:
        opened.step(7)
        yield opened


@pytest.fixture
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        yield opened


def test_symbols_come_with_contract_and_quote(quiet: DeskRig) -> None:
    answer = quiet.take(quiet.machine(), "market/symbols")
    by_name = {symbol["instrument"]["symbol"]: symbol for symbol in answer["symbols"]}
    assert set(by_name) == {"EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "US30"}
    euro = by_name["EURUSD"]
    assert euro["instrument"]["digits"] == 5
    assert euro["instrument"]["volume_step"] == "0.01"
    assert euro["on_watchlist"]
    assert euro["market_open"]
    assert Decimal(euro["quote"]["ask"]) > Decimal(euro["quote"]["bid"])


def test_bars_end_at_the_present_and_page_into_the_past(quiet: DeskRig) -> None:
    machine = quiet.machine()
    newest = quiet.take(machine, "market/bars", symbol="EURUSD", timeframe="M5", limit=50)
    assert len(newest["bars"]) == 50
    assert newest["bars"][-1][0] + 300 <= to_epoch(quiet.clock.market_now())
    older = quiet.take(
        machine, "market/bars", symbol="EURUSD", timeframe="M5", limit=50, before=newest["previous_before"]
    )
    assert older["bars"][-1][0] + 300 <= newest["bars"][0][0]
    assert older["forming"] is None
    opened = [bar[0] for bar in (*older["bars"], *newest["bars"])]
    assert opened == sorted(set(opened))


def test_the_forming_bar_is_made_of_the_minutes_since_and_the_bid(quiet: DeskRig) -> None:
    machine = quiet.machine()
    answer = quiet.take(machine, "market/bars", symbol="EURUSD", timeframe="M5", limit=2)
    forming, last = answer["forming"], answer["bars"][-1]
    assert forming[0] == last[0] + 300
    minutes = quiet.take(machine, "market/bars", symbol="EURUSD", timeframe="M1", limit=2)["bars"]
    bid = float(quiet.take(machine, "market/quote", symbol="EURUSD")["bid"])
    assert forming[1] == minutes[0][1]
    assert forming[2] == max(minutes[0][2], minutes[1][2], bid)
    assert forming[4] == bid
    assert quiet.take(machine, "market/bars", symbol="EURUSD", timeframe="M1", limit=2)["forming"] is None


def test_bars_never_reach_into_the_future(quiet: DeskRig) -> None:
    ahead = to_epoch(quiet.clock.market_now() + timedelta(days=3))
    answer = quiet.take(quiet.machine(), "market/bars", symbol="XAUUSD", timeframe="M1", limit=5, before=ahead)
    assert answer["bars"][-1][0] + 60 <= to_epoch(quiet.clock.market_now())


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"symbol": "NOPE", "timeframe": "M1"}, "on offer are"),
        ({"symbol": "EURUSD", "timeframe": "M7"}, "M7"),
        ({"symbol": "EURUSD", "timeframe": "M1", "limit": "5001"}, "5001"),
        ({"symbol": "EURUSD"}, "timeframe"),
    ],
)
def test_a_bad_question_about_bars_is_answered_with_what_is_allowed(
    quiet: DeskRig, parameters: dict[str, str], named: str
) -> None:
    error = error_of(quiet.machine().get("market/bars", params=parameters))
    assert error["code"] in ("INVALID_INPUT", "NOT_FOUND")
    assert named in str(error)


def test_the_calendar_shows_embargoes_and_whom_they_concern(quiet: DeskRig) -> None:
    answer = quiet.take(quiet.machine(), "calendar")
    assert answer["captured_at"] is not None
    assert {"EUR", "USD", "XAU"} <= set(answer["currencies"])
    times = [event["at"] for event in answer["events"]]
    assert times == sorted(times)
    for event in answer["events"]:
        assert set(event["symbols"]) <= {"EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "US30"}
        if event["impact"] != "high":
            assert event["embargo_from"] is None
        else:
            opens, at = datetime.fromisoformat(event["embargo_from"]), datetime.fromisoformat(event["at"])
            assert at - opens == timedelta(minutes=15)
        if datetime.fromisoformat(event["at"]) > quiet.clock.market_now():
            assert event["actual"] == ""


def test_the_account_and_its_curve(quiet: DeskRig) -> None:
    machine = quiet.machine()
    account = quiet.take(machine, "account")
    assert (account["currency"], account["equity"], account["problem"]) == ("USD", "100000.00", None)
    points = quiet.take(machine, "account/equity")["points"]
    assert len(points) >= 7
    since = (START + timedelta(minutes=5)).isoformat()
    assert len(quiet.take(machine, "account/equity", since=since)["points"]) < len(points)
    assert "time zone" in error_of(machine.get("account/equity", params={"since": "2026-01-06T08:00:00"}))["message"]


def test_the_limits_say_what_is_left_and_where_they_breach(quiet: DeskRig) -> None:
    machine = quiet.machine()
    limits = quiet.take(machine, "account/limits")
    assert (limits["daily_loss"]["limit"], limits["daily_loss"]["left"]) == ("2000.00", "2000.00")
    assert limits["daily_loss"]["breach_equity"] == "98000.00"
    assert limits["drawdown"]["basis"] == "the highest equity"
    assert (limits["first"], limits["open_risk"], limits["unbounded"]) == ("daily_loss", "0", [])
    status = quiet.take(machine, "ai/status")["limits"]
    assert {name: status[name] for name in ("daily_loss", "drawdown", "resets_at")} == {
        name: limits[name] for name in ("daily_loss", "drawdown", "resets_at")
    }


def test_a_position_is_closed_in_part_and_then_whole(rig: DeskRig) -> None:
    browser = rig.browser()
    assert rig.approve(browser, rig.until_idea(), lots="0.20").status_code == 200
    (position,) = rig.take(browser, "positions")["positions"]
    ticket = position["ticket"]
    assert Decimal(position["profit_r"]) < 0, "the spread is lost at once"
    assert Decimal(position["risk_now"]) > 0
    refused = browser.post(f"positions/{ticket}/close", json={"lots": "0.015"})
    assert refused.status_code == 422
    assert "0.015 of 0.2 lots" in error_of(refused)["message"]
    part = browser.post(f"positions/{ticket}/close", json={"lots": "0.05"}).json()
    assert part["outcome"]["state"] == "accepted"
    (rest,) = rig.take(browser, "positions")["positions"]
    assert Decimal(rest["lots"]) == Decimal("0.15")
    whole = browser.post(f"positions/{ticket}/close", json={}).json()
    assert rig.take(browser, f"ai/history/{whole['history_seq']}")["entry"]["actor"] == "user:Ada"
    assert rig.take(browser, "positions")["positions"] == []
    rig.step()
    (closed,) = rig.take(browser, "positions/closed")["positions"]
    assert Decimal(closed["net_profit"]) < 0
    kinds = [fill["kind"] for fill in rig.take(browser, "executions", symbol=position["symbol"])["fills"]]
    assert kinds == ["close", "open"]
    assert rig.take(browser, "executions", symbol="nothing")["fills"] == []
    orders = rig.take(browser, "orders")["orders"]
    assert [order["kind"] for order in orders] == ["reduce", "reduce", "open"]
    assert {order["status"] for order in orders} == {"filled"}


def test_a_halt_does_not_stand_against_closing(rig: DeskRig) -> None:
    browser = rig.browser()
    assert rig.approve(browser, rig.until_idea(), lots="0.10").status_code == 200
    browser.post("ai/halt", json={"reason": "out"})
    (position,) = rig.take(browser, "positions")["positions"]
    assert browser.post(f"positions/{position['ticket']}/close", json={}).json()["outcome"]["state"] == "accepted"


def test_a_position_says_what_the_desk_does_next(rig: DeskRig) -> None:
    browser = rig.browser()
    assert rig.approve(browser, rig.until_idea(), lots="0.20").status_code == 200
    listed = rig.take(browser, "positions")
    (position,) = listed["positions"]
    assert listed["lost"] == []
    assert Decimal(position["price_r"]) < 0
    assert (position["initial_lots"], position["realised"]) == ("0.2", "0")
    known = {"target", "break_even", "trail", "weekend", "time_limit", "session_end"}
    assert {step["rule"] for step in position["ahead"]} <= known


def test_only_what_is_gone_can_be_cleared_and_only_with_a_reason(rig: DeskRig) -> None:
    browser = rig.browser()
    assert rig.approve(browser, rig.until_idea(), lots="0.20").status_code == 200
    (position,) = rig.take(browser, "positions")["positions"]
    path = f"positions/{position['ticket']}/clear"
    assert error_of(browser.post(path, json={"reason": "it is gone"}))["code"] == "CONFLICT"
    assert error_of(browser.post(path, json={"reason": ""}))["code"] == "INVALID_INPUT"
    assert error_of(browser.post("positions/1/clear", json={"reason": "it is gone"}))["code"] == "NOT_FOUND"
    assert len(rig.take(browser, "positions")["positions"]) == 1


def test_an_unknown_position_is_not_found(quiet: DeskRig) -> None:
    assert error_of(quiet.machine().post("positions/1/close", json={}))["code"] == "NOT_FOUND"


def test_a_position_that_the_desk_did_not_open_is_shown_and_marked(rig: DeskRig) -> None:
    browser = rig.browser()
    assert rig.approve(browser, rig.until_idea(), lots="0.10").status_code == 200
    with rig.desk.storage.read() as reading:
        (held,) = reading.positions()
    stranger = held.ticket + 1
    with rig.desk.storage.write() as tx:
        tx.save_position(replace(held, ticket=stranger))
    (position,) = rig.take(browser, "positions")["positions"]
    assert position["own"]
    assert position["ticket"] != stranger, "a position of the book alone is not open at the broker"
