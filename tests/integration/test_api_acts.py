"""Evaluating now, testing the connection and closing everything, over HTTP."""

from collections.abc import Iterator

import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig


@pytest.fixture
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        opened.step(2)
        yield opened


def test_an_evaluation_tells_every_strategy_of_the_symbol_and_records_nothing(rig: DeskRig) -> None:
    browser = rig.browser()
    head = rig.desk.storage.revision()
    answer = browser.post("ai/evaluate/EURUSD")
    assert answer.status_code == 200, answer.text
    told = answer.json()["explanations"]
    with rig.desk.storage.read() as reading:
        trading = [
            record.version
            for record in reading.strategies()
            if record.version.is_active and "EURUSD" in record.version.spec.allowed_symbols
        ]
    assert len(told) == sum(len(version.sides) for version in trading) > 0
    assert {each["symbol"] for each in told} == {"EURUSD"}
    assert all(each["evaluation"]["bars_used"] for each in told)
    assert rig.desk.storage.revision() == head
    unknown = browser.post("ai/evaluate/GOLD")
    assert (unknown.status_code, error_of(unknown)["code"]) == (404, "NOT_FOUND")


def test_the_connection_is_tested_by_one_round_trip(rig: DeskRig) -> None:
    answer = rig.machine().post("ai/test-connection")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["ok"], told["problem"], told["margin_mode"], told["open_positions"]) == (True, None, "hedging", 0)
    assert told["login"] == str(rig.desk.broker.account().login)
    assert told["milliseconds"] >= 0
    rig.terminal.shutdown()
    gone = rig.machine().post("ai/test-connection").json()
    assert (gone["ok"], gone["login"]) == (False, None)
    assert "No IPC connection" in gone["problem"]


def test_closing_everything_needs_its_words_and_happens_once_per_key(rig: DeskRig) -> None:
    browser = rig.browser()
    refused = browser.post("ai/flat", json={"confirm": "yes"})
    assert (refused.status_code, error_of(refused)["code"]) == (422, "INVALID_INPUT")
    body, key = {"confirm": "CLOSE ALL", "reason": "a data incident"}, {"Idempotency-Key": "flat"}
    answers = [browser.post("ai/flat", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["closed"], answers[0].json()["problems"]) == ([], [])
    status = rig.take(browser, "ai/status")
    assert status["halt"]["reason"] == "a data incident"
