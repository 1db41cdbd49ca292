"""Ideas over HTTP: seeing why, seeing what approving would do, deciding once."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig


@pytest.fixture
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        yield opened


@pytest.fixture(scope="module")
def waiting() -> Iterator[tuple[DeskRig, str]]:
    """A desk with an idea that nobody decides."""
    with open_rig() as opened:
        yield opened, opened.until_idea()


def test_an_active_idea_carries_its_reasons_and_its_money(waiting: tuple[DeskRig, str]) -> None:
    rig, idea_id = waiting
    browser = rig.browser()
    (idea,) = rig.take(browser, "ai/ideas/active")["ideas"]
    assert idea["idea_id"] == idea_id
    contributions = idea["confidence"]["contributions"]
    assert sum(Decimal(c["points"]) for c in contributions) == Decimal(idea["confidence"]["score"])
    assert contributions[-1]["running_total"] == idea["confidence"]["score"]
    assert [part["part"] for part in idea["confidence"]["parts"]] == ["strategy", "market", "account"]
    failed = [check for check in idea["checks"] if not check["passed"]]
    assert [check["code"] for check in failed] == ["SUPERVISED_MODE"]
    assert failed[0]["words"] == "the desk may act alone"
    money = idea["money"]
    assert Decimal(money["risk_amount"]) > 0
    assert Decimal(money["reward_amount"]) > Decimal(money["risk_amount"])
    assert {level["name"] for level in idea["levels"]} == {"entry", "stop_loss", "take_profit"}


def test_numbers_travel_as_strings_of_plain_digits(waiting: tuple[DeskRig, str]) -> None:
    rig, idea_id = waiting
    detail = rig.take(rig.browser(), f"ai/ideas/{idea_id}")
    for name in ("entry", "stop_loss", "rr"):
        assert isinstance(detail["idea"][name], str)
    assert "E" not in "".join(level["price"] for level in detail["idea"]["levels"])


def test_the_offer_shows_what_approving_would_do_and_records_nothing(waiting: tuple[DeskRig, str]) -> None:
    rig, idea_id = waiting
    browser = rig.browser()
    before = rig.take(browser, "ai/status")["history_seq"]
    offer = rig.take(browser, f"ai/ideas/{idea_id}")["offer"]
    assert offer["can_approve"]
    assert offer["asks"] == ["SUPERVISED_MODE"]
    assert offer["blocked_by"] == []
    assert offer["lots"] == offer["lots_max"]
    smaller = rig.take(browser, f"ai/ideas/{idea_id}/preview", lots="0.10")
    assert smaller["lots"] == "0.10"
    assert Decimal(smaller["risk_amount"]) == Decimal(smaller["risk_per_lot"]) * Decimal("0.10")
    assert Decimal(smaller["reward_amount"]) < Decimal(offer["reward_amount"])
    assert rig.take(browser, "ai/status")["history_seq"] == before


@pytest.mark.parametrize(
    ("lots", "named"),
    [("0.105", "step 0.01"), ("0.001", "minimum of 0.01"), ("99", "proposed"), ("-1", "minimum"), ("NaN", "lots")],
)
def test_lots_off_the_step_or_the_limits_are_refused_with_the_limit(
    waiting: tuple[DeskRig, str], lots: str, named: str
) -> None:
    rig, idea_id = waiting
    browser = rig.browser()
    for refused in (
        browser.get(f"ai/ideas/{idea_id}/preview", params={"lots": lots}),
        rig.approve(browser, idea_id, lots=lots),
    ):
        assert refused.status_code == 422, refused.text
        assert named in error_of(refused)["message"]
    assert rig.take(browser, "ai/ideas/active")["ideas"][0]["status"] == "needs_approval"


def test_an_approval_sends_the_order_and_says_what_the_broker_answered(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    answer = rig.approve(browser, idea_id, lots="0.10")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["status"] == "approved_executed"
    assert body["outcome"]["state"] == "accepted"
    entry = rig.take(browser, f"ai/history/{body['history_seq']}")["entry"]
    assert entry["action"] == "human_approved"
    assert entry["actor"] == "user:Ada"
    assert entry["human_override"]
    (position,) = rig.take(browser, "positions")["positions"]
    assert position["own"]
    assert Decimal(position["lots"]) == Decimal("0.10")
    assert position["idea_id"] == idea_id
    assert position["strategy"]["name"]


def test_an_idea_is_decided_once(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    offer = rig.take(browser, f"ai/ideas/{idea_id}")["offer"]
    body = {"idea_digest": offer["idea_digest"], "lots": "0.10"}
    assert browser.post(f"ai/ideas/{idea_id}/approve", json=body).status_code == 200
    for again in (
        browser.post(f"ai/ideas/{idea_id}/approve", json=body),
        browser.post(f"ai/ideas/{idea_id}/reject", json={"reason": "late"}),
        browser.get(f"ai/ideas/{idea_id}/preview", params={"lots": "0.10"}),
    ):
        assert again.status_code == 409
        assert "approved_executed" in error_of(again)["message"]
    assert len(rig.take(browser, "positions")["positions"]) == 1


def test_an_approval_names_the_idea_that_was_shown(waiting: tuple[DeskRig, str]) -> None:
    rig, idea_id = waiting
    refused = rig.approve(rig.browser(), idea_id, idea_digest="0" * 64)
    assert refused.status_code == 412
    assert error_of(refused)["code"] == "PRECONDITION_FAILED"


def test_a_price_beyond_the_bound_denies_and_says_so(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    answer = rig.approve(browser, idea_id, worst_price="0.00001")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["status"] == "rejected"
    assert body["blocked_by"] == ["PRICE_MOVED"]
    assert body["outcome"] is None
    assert rig.take(browser, "positions")["positions"] == []
    assert rig.take(browser, f"ai/history/{body['history_seq']}")["entry"]["action"] == "risk_rejected"


def test_a_rejection_is_recorded_with_its_reason(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    answer = browser.post(f"ai/ideas/{idea_id}/reject", json={"reason": "news in an hour"})
    entry = rig.take(browser, f"ai/history/{answer.json()['history_seq']}")["entry"]
    assert (entry["action"], entry["rationale"]) == ("human_rejected", "news in an hour")
    assert rig.take(browser, "ai/ideas/active")["ideas"] == []
    listed = rig.take(browser, "ai/ideas", status="rejected")["ideas"]
    assert [idea["idea_id"] for idea in listed] == [idea_id]


def test_an_expired_idea_cannot_be_approved_and_says_why(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    offer = rig.take(browser, f"ai/ideas/{idea_id}")["offer"]
    rig.step(2)
    late = browser.post(f"ai/ideas/{idea_id}/approve", json={"idea_digest": offer["idea_digest"], "lots": "0.10"})
    assert late.status_code == 409
    assert "expired" in error_of(late)["message"]
    detail = rig.take(browser, f"ai/ideas/{idea_id}")
    assert detail["offer"] is None
    assert detail["idea"]["seconds_left"] is None


def test_an_unknown_idea_is_not_found(waiting: tuple[DeskRig, str]) -> None:
    machine = waiting[0].machine()
    for answer in (machine.get("ai/ideas/nope"), machine.get("ai/ideas/nope/preview", params={"lots": "1"})):
        assert error_of(answer)["code"] == "NOT_FOUND"
