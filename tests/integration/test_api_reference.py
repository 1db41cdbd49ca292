"""Watchlist, symbol map and sessions over HTTP: read, replaced, refused, and recorded with who did it."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig

from tradewarden.core.audit.chain import Action
from tradewarden.ports.storage import HistoryFilter

WORKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"]
MORNING = {"name": "Morning", "start": "07:30", "end": "11:00", "timezone": "Europe/Prague", "days": WORKDAYS}


@pytest.fixture
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        opened.step(2)
        yield opened


def newest_actor(rig: DeskRig) -> str:
    with rig.desk.storage.read() as reading:
        return reading.history(HistoryFilter(actions=(Action.SETTINGS_CHANGED,), limit=1))[0].draft.actor


def test_the_watchlist_is_replaced_once_per_key_and_against_its_version(rig: DeskRig) -> None:
    browser = rig.browser()
    before = rig.take(browser, "watchlist")
    assert before == {"version": 1, "symbols": ["EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "US30"], "on_offer": []}
    body = {"symbols": ["XAUUSD", "EURUSD"], "expected_version": 1}
    answers = [browser.put("watchlist", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json() == {
        "version": 2,
        "symbols": ["XAUUSD", "EURUSD"],
        "on_offer": ["GBPUSD", "USDJPY", "US30"],
    }
    assert newest_actor(rig) == "user:Ada"
    stale = browser.put("watchlist", json=body)
    assert stale.status_code == 412
    assert "at version 2, the change expects 1" in error_of(stale)["message"]
    unknown = browser.put("watchlist", json={"symbols": ["GOLD"]})
    assert (unknown.status_code, error_of(unknown)["code"]) == (422, "INVALID_INPUT")
    assert rig.take(browser, "watchlist")["version"] == 2


def test_the_symbol_map_is_replaced_and_tells_what_is_missing(rig: DeskRig) -> None:
    machine = rig.machine()
    view = rig.take(machine, "symbols/map")
    assert view["version"] == 0
    by_name: dict[str, Any] = {line["canonical"]: line for line in view["lines"]}
    assert by_name["XAUUSD"] == {
        "canonical": "XAUUSD",
        "symbol": "XAUUSD",
        "is_mapped": False,
        "is_used": True,
        "on_offer": True,
        "candidates": [],
    }
    # US100 is traded by a strategy, and this market has no bars of it.
    assert "US100" not in by_name or by_name["US100"]["on_offer"] is False
    mapped = machine.put("symbols/map", json={"names": {"GOLD": "XAUUSD"}})
    assert mapped.status_code == 200, mapped.text
    assert mapped.json()["version"] == 1
    assert {line["canonical"] for line in mapped.json()["lines"] if line["is_mapped"]} == {"GOLD"}
    assert "GOLD" in {each["instrument"]["symbol"] for each in rig.take(machine, "market/symbols")["symbols"]}
    assert "GOLD" in rig.take(machine, "watchlist")["symbols"]
    refused = machine.put("symbols/map", json={"names": {"SILVER": "XAGUSD"}})
    assert (refused.status_code, error_of(refused)["code"]) == (422, "INVALID_INPUT")
    assert machine.put("symbols/map", json={"names": {}}).json()["version"] == 2


def test_sessions_are_replaced_and_the_built_in_ones_stay(rig: DeskRig) -> None:
    machine = rig.machine()
    assert [each["name"] for each in rig.take(machine, "sessions")["sessions"]] == [
        "Sydney",
        "Tokyo",
        "London",
        "NewYork",
    ]
    answer = machine.put("sessions", json={"sessions": [MORNING], "expected_version": 0})
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 1
    assert answer.json()["sessions"][-1] == {**MORNING, "built_in": False}
    for body, words in (
        ({"sessions": [MORNING, MORNING]}, "stands twice"),
        ({"sessions": [{**MORNING, "name": "London"}]}, "built in"),
        ({"sessions": [{**MORNING, "timezone": "Mars/Base"}]}, "Mars/Base"),
    ):
        refused = machine.put("sessions", json=body)
        assert refused.status_code == 422
        assert words in error_of(refused)["message"]
    emptied = machine.put("sessions", json={"sessions": []}).json()
    assert (emptied["version"], len(emptied["sessions"])) == (2, 4)


def test_nobody_reads_or_changes_them_without_signing_in(rig: DeskRig) -> None:
    stranger = rig.client()
    for path in ("watchlist", "symbols/map", "sessions"):
        assert stranger.get(path).status_code == 401
        assert stranger.put(path, json={}).status_code == 401
