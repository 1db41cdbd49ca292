"""The event stream: entries with their numbers, the status when it changes, resuming, ending."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig


@pytest.fixture
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        yield opened


class Events:
    """A stream that a test reads event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self, name: str, *, most: int = 500) -> tuple[str | None, Any]:
        """Return the id and the data of the next event called ``name``."""
        event_id = event = None
        for _ in range(most):
            line = next(self._lines)
            field, _, value = line.partition(": ")
            if field == "id":
                event_id = value
            elif field == "event":
                event = value
            elif field == "data" and event == name:
                return event_id, json.loads(value)
            elif not line:
                event_id = event = None
        raise AssertionError(f"no event {name!r} in {most} lines")

    def comment(self, text: str) -> None:
        """Read until a comment says ``text``."""
        assert any(line == f": {text}" for line in self._lines)


def test_a_stream_starts_with_the_status_and_the_quotes(rig: DeskRig) -> None:
    browser = rig.browser()
    with browser.stream("GET", "events") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        events = Events(answer)
        _, status = events.next("status")
        assert status["mode"] == "supervised"
        _, quote = events.next("quote")
        assert quote["symbol"] in status["watchlist"]


def test_every_new_entry_arrives_with_its_number(rig: DeskRig) -> None:
    browser, other = rig.browser(), rig.machine()
    with browser.stream("GET", "events") as answer:
        events = Events(answer)
        events.next("status")
        seq = other.post("ai/halt", json={"reason": "seen live"}).json()["history_seq"]
        event_id, entry = events.next("history")
        assert event_id == str(seq)
        assert entry["rationale"] == "seen live"
        _, status = events.next("status")
        assert status["halt"]["reason"] == "seen live"


def test_a_stream_resumes_after_the_last_entry_seen(rig: DeskRig) -> None:
    browser = rig.browser()
    head = rig.take(browser, "ai/status")["history_seq"]
    with browser.stream("GET", "events", headers={"Last-Event-ID": "2"}) as answer:
        events = Events(answer)
        numbers = [int(events.next("history")[0] or 0) for _ in range(head - 2)]
    assert numbers == list(range(3, head + 1))


def test_a_last_event_id_that_is_no_number_is_refused(rig: DeskRig) -> None:
    refused = rig.browser().get("events", headers={"Last-Event-ID": "yesterday"})
    assert "yesterday" in error_of(refused)["message"]


def test_a_quiet_stream_is_kept_alive(rig: DeskRig) -> None:
    with rig.browser(heartbeat_seconds=0.05).stream("GET", "events") as answer:
        Events(answer).comment("still here")


def test_streams_say_goodbye_and_end_when_the_desk_stops(rig: DeskRig) -> None:
    client = rig.machine()
    with client.stream("GET", "events") as answer:
        events = Events(answer)
        events.next("status")
        rig.stop_serving()
        _, closing = events.next("closing")
        assert closing["reason"] == "the desk stops"


def test_a_session_that_ends_stops_listening(rig: DeskRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewarden.api.streams._IDENTITY_SECONDS", 0.05)
    with rig.browser().stream("GET", "events") as answer:
        events = Events(answer)
        events.next("status")
        rig.wall.later = timedelta(days=1)
        _, closing = events.next("closing")
        assert closing["reason"] == "the session has ended"
