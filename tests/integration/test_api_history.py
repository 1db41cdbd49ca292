"""The history over HTTP: listing, one entry, a decision's story, recomputing it, verifying the chain."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig


@pytest.fixture(scope="module")
def rig() -> Iterator[DeskRig]:
    """A desk on which one idea was approved, filled and closed by hand."""
    with open_rig() as opened:
        browser = opened.browser()
        idea_id = opened.until_idea()
        assert opened.approve(browser, idea_id).status_code == 200
        opened.step()
        for position in opened.take(browser, "positions")["positions"]:
            assert browser.post(f"positions/{position['ticket']}/close", json={}).status_code == 200
        opened.step()
        yield opened


def entries(rig: DeskRig, **wanted: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = rig.take(rig.machine(), "ai/history", **wanted)["entries"]
    return found


def seq_of(rig: DeskRig, action: str) -> int:
    (entry, *_) = entries(rig, action=action)
    seq = entry["seq"]
    assert isinstance(seq, int)
    return seq


def test_pages_reach_back_to_the_first_entry_without_a_gap(rig: DeskRig) -> None:
    machine = rig.machine()
    seen: list[int] = []
    cursor = None
    while True:
        page = rig.take(machine, "ai/history", limit=4, **({} if cursor is None else {"cursor": cursor}))
        seen += [entry["seq"] for entry in page["entries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(page["head_seq"], 0, -1))


def test_entries_are_found_by_symbol_action_strategy_idea_and_time(rig: DeskRig) -> None:
    (approved,) = entries(rig, action="human_approved")
    symbol, idea_id = approved["symbol"], approved["trade_idea_id"]
    assert {entry["symbol"] for entry in entries(rig, symbol=symbol)} == {symbol}
    assert {entry["trade_idea_id"] for entry in entries(rig, idea=idea_id)} == {idea_id}
    both = entries(rig, action=["human_approved", "ai_proposed"])
    assert {entry["action"] for entry in both} == {"human_approved", "ai_proposed"}
    assert entries(rig, **{"from": "2027-01-01T00:00:00Z"}) == []
    assert len(entries(rig, to="2027-01-01T00:00:00Z")) > 5
    strategy = approved["strategy"]
    assert isinstance(strategy, dict)
    assert approved["seq"] in {entry["seq"] for entry in entries(rig, strategy=strategy["strategy_id"])}


def test_times_need_a_zone_and_an_order(rig: DeskRig) -> None:
    machine = rig.machine()
    naive = machine.get("ai/history", params={"from": "2026-01-06T08:00:00"})
    assert "time zone" in error_of(naive)["message"]
    swapped = machine.get("ai/history", params={"from": "2026-01-07T00:00:00Z", "to": "2026-01-06T00:00:00Z"})
    assert "is after" in error_of(swapped)["message"]


def test_an_entry_shows_its_place_in_the_chain_and_leads_to_the_rest_of_its_idea(rig: DeskRig) -> None:
    machine = rig.machine()
    seq = seq_of(rig, "human_approved")
    detail = rig.take(machine, f"ai/history/{seq}")
    before = rig.take(machine, f"ai/history/{seq - 1}")
    assert detail["prev_hash"] == before["entry_hash"]
    actions = [related["action"] for related in detail["related"]]
    assert actions[0] == "ai_proposed"
    assert {"order_submitted", "order_accepted", "position_closed"} <= set(actions)
    assert seq not in {related["seq"] for related in detail["related"]}


def test_a_story_tells_the_proposal_in_flow_order_from_the_record(rig: DeskRig) -> None:
    machine = rig.machine()
    story = rig.take(machine, f"ai/history/{seq_of(rig, 'ai_proposed')}/snapshot")
    assert (story["kind"], story["result"]) == ("evaluate", "needs_approval")
    (bars,) = story["bars"]
    assert len(bars["bars"]) >= story["evaluation"]["bars_required"]
    opened_at, opening, high, low, close, *_ = bars["bars"][-1]
    assert low <= min(opening, close) <= max(opening, close) <= high
    assert opened_at < bars["bars"][0][0] + 60 * 60 * 24 * 7
    assert story["quote"]["age_seconds"] >= 0
    assert {condition["section"] for condition in story["evaluation"]["conditions"]} >= {"entry"}
    entry = next(c for c in story["evaluation"]["conditions"] if c["section"] == "entry")
    assert entry["holds"]
    assert entry["operands"][0]["value"] is not None
    assert story["confidence"]["contributions"][-1]["running_total"] == story["confidence"]["score"]
    sizing = story["sizing"]
    assert Decimal(sizing["lots"]) * Decimal(sizing["loss_per_lot"]) <= Decimal(sizing["budget"])
    assert sizing["lots"] == story["verdict"]["lots"]
    assert len(story["verdict"]["checks"]) > 25
    assert story["desk"]["mode"] == "supervised"
    assert story["account"]["equity"] == "100000.00"


def test_the_story_of_an_approval_goes_on_to_order_reply_and_fills(rig: DeskRig) -> None:
    story = rig.take(rig.machine(), f"ai/history/{seq_of(rig, 'human_approved')}/snapshot")
    assert story["kind"] == "rejudge"
    assert story["intent"]["kind"] == "open"
    assert story["intent"]["status"] == "filled"
    assert int(story["intent"]["magic"]) > 0
    assert [order["action"] for order in story["orders"]] == ["order_submitted", "order_accepted"]
    assert story["orders"][1]["raw"], "the broker's own reply is kept as it came"
    assert [fill["kind"] for fill in story["fills"]] == ["open", "close"]
    answered = [check for check in story["verdict"]["checks"] if check["answered"]]
    assert [check["code"] for check in answered] == ["SUPERVISED_MODE"]


def test_the_story_of_a_closing_tells_its_own_order_only(rig: DeskRig) -> None:
    story = rig.take(rig.machine(), f"ai/history/{seq_of(rig, 'position_managed')}/snapshot")
    assert (story["kind"], story["plan"]["kind"], story["intent"]["kind"]) == ("close", "close", "reduce")
    assert [order["action"] for order in story["orders"]] == ["order_submitted", "order_accepted"]
    assert story["confidence"] is None
    assert story["sizing"] is None


def test_a_decision_is_recomputed_to_the_same_digest(rig: DeskRig) -> None:
    machine = rig.machine()
    for action in ("ai_proposed", "human_approved", "position_managed"):
        report = machine.post(f"ai/history/{seq_of(rig, action)}/replay").json()
        assert report["identical"], report["differences"]
        assert report["recorded_digest"] == report["recomputed_digest"]
        assert report["milliseconds"] > 0
        assert report["library_versions_recorded"] == report["library_versions_now"]


def test_an_entry_without_a_decision_says_that_there_is_nothing_to_show(rig: DeskRig) -> None:
    machine = rig.machine()
    seq = seq_of(rig, "strategy_published")
    for answer in (machine.get(f"ai/history/{seq}/snapshot"), machine.post(f"ai/history/{seq}/replay")):
        assert answer.status_code == 404
        error = error_of(answer)
        assert error["code"] == "SNAPSHOT_NOT_FOUND"
        assert "strategy_published" in error["message"]


def test_an_entry_that_does_not_exist_is_not_found_and_the_newest_is_named(rig: DeskRig) -> None:
    error = error_of(rig.machine().get("ai/history/99999"))
    assert error["code"] == "NOT_FOUND"
    assert "newest" in error["message"]


def test_the_whole_chain_verifies(rig: DeskRig) -> None:
    machine = rig.machine()
    report = rig.take(machine, "ai/history/verify")
    assert report["ok"], report["findings"]
    assert report["entries"] == report["head_seq"] == rig.take(machine, "ai/status")["history_seq"]
    assert report["decisions"] >= 3
    assert report["findings"] == []
