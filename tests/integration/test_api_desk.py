"""The desk over HTTP: status, halt and resume, mode, policy, strategies."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig

from tradewarden.bootstrap.strategies import shipped_strategies


@pytest.fixture
def rig() -> Iterator[DeskRig]:
    with open_rig() as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet() -> Iterator[DeskRig]:
    """A desk on which nothing is changed."""
    with open_rig() as opened:
        yield opened


def test_the_status_says_everything_the_strip_shows(rig: DeskRig) -> None:
    rig.until_idea()
    status = rig.take(rig.browser(), "ai/status")
    assert status["source"] == "live"
    assert status["mode"] == "supervised"
    assert status["waiting_ideas"] == 1
    market = status["market"]
    assert market["simulated"]
    assert market["label"] == "generated market, seed 7"
    assert market["broker_clock"] == "America/New_York+7"
    assert market["broker_offset_minutes"] == 120
    assert status["day"]["loss_free_fraction"] == "1.0000"
    assert Decimal(status["day"]["loss_free_amount"]) == Decimal(status["day"]["loss_limit"])
    health = status["health"]
    assert health["reconciled"]
    assert (health["broker"]["state"], health["record"]["state"]) == ("ok", "ok")
    assert [quote["symbol"] for quote in health["quotes"]] == status["watchlist"]
    assert health["last_cycle_age_seconds"] is not None


def test_a_loss_uses_up_the_budget_in_money_and_in_fractions(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    assert rig.approve(browser, idea_id).status_code == 200
    status = rig.take(browser, "ai/status")
    day, account = status["day"], status["account"]
    loss = Decimal(day["reference"]) - Decimal(account["equity"])
    assert loss > 0, "the spread and the commission are lost at once"
    assert Decimal(day["profit"]) == -loss
    assert Decimal(day["loss"]) == loss
    assert Decimal(day["loss_free_amount"]) == Decimal(day["loss_limit"]) - loss
    assert Decimal(day["loss_used_fraction"]) + Decimal(day["loss_free_fraction"]) == 1
    assert Decimal(status["drawdown"]["amount"]) >= loss
    assert status["open_positions"] == 1


def test_a_halt_ends_what_waits_and_stands_until_a_person_resumes(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    seq = browser.post("ai/halt", json={"reason": "fire drill"}).json()["history_seq"]
    halt = rig.take(browser, "ai/status")["halt"]
    assert (halt["code"], halt["reason"], halt["actor"]) == ("MANUAL", "fire drill", "user:Ada")
    assert halt["history_seq"] == seq
    assert rig.take(browser, f"ai/ideas/{idea_id}")["idea"]["status"] == "halted_by_risk"
    browser.post("ai/halt", json={"reason": "second"})
    assert rig.take(browser, "ai/status")["halt"]["reason"] == "fire drill"
    assert rig.take(browser, "settings/risk")["last_halt_reason"] == "second"
    assert rig.take(browser, "ai/status")["can_resume"]
    assert browser.post("ai/resume").status_code == 200
    status = rig.take(browser, "ai/status")
    assert status["halt"] is None
    assert status["ai_trading_enabled"]


def test_resuming_is_refused_while_the_cause_holds_and_the_status_says_so_before(rig: DeskRig) -> None:
    idea_id = rig.until_idea()
    browser = rig.browser()
    assert rig.approve(browser, idea_id).status_code == 200
    assert browser.put("settings/risk", json={"max_daily_loss": "0.01"}).status_code == 200
    rig.step()
    status = rig.take(browser, "ai/status")
    assert status["halt"]["code"] == "DAILY_LOSS_REACHED"
    assert not status["can_resume"]
    assert "DAILY_LOSS_REACHED" in status["resume_blocked_by"]
    refused = browser.post("ai/resume")
    assert refused.status_code == 409
    assert "DAILY_LOSS_REACHED" in error_of(refused)["message"]


def test_resuming_when_nothing_is_halted_is_a_conflict(quiet: DeskRig) -> None:
    assert error_of(quiet.machine().post("ai/resume"))["code"] == "CONFLICT"


def test_the_mode_changes_with_an_entry_and_not_twice(rig: DeskRig) -> None:
    browser = rig.browser()
    changed = browser.post("ai/mode", json={"mode": "autonomous"}).json()
    entry = rig.take(browser, f"ai/history/{changed['history_seq']}")
    assert entry["payload"]["changes"]["mode"] == {"before": "supervised", "after": "autonomous"}
    assert browser.post("ai/mode", json={"mode": "autonomous"}).json()["history_seq"] is None
    assert rig.take(browser, "ai/status")["mode"] == "autonomous"


def test_policy_fields_change_one_by_one_and_null_lifts_an_amount(rig: DeskRig) -> None:
    browser = rig.browser()
    before = rig.take(browser, "settings/risk")
    changes = {
        "risk_fraction": "0.0025",
        "daily_profit_target": None,
        "minimum_embargo": {"before_minutes": 20, "after_minutes": 10},
    }
    after = browser.put("settings/risk", json={**changes, "expected_version": before["version"]}).json()
    assert after["version"] == before["version"] + 1
    assert after["policy"]["risk_fraction"] == "0.0025"
    assert after["policy"]["daily_profit_target"] is None
    assert after["policy"]["minimum_embargo"] == changes["minimum_embargo"]
    unchanged = set(before["policy"]) - set(changes)
    assert {name: after["policy"][name] for name in unchanged} == {name: before["policy"][name] for name in unchanged}


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"risk_fraction": "0.5"}, 422, "allowed is 0.0001 to 0.05"),
        ({"max_lot_size": None}, 422, "max_lot_size"),
        ({}, 422, "no policy field"),
        ({"ai_trading_enabled": True}, 422, "ai_trading_enabled"),
        ({"risk_fractoin": "0.01"}, 422, "risk_fractoin"),
        ({"risk_fraction": "0.01", "expected_version": 99}, 412, "version 1"),
        ({"day_reset_zone": "Atlantis"}, 422, "IANA zone"),
        ({"max_daily_loss": "1E+20"}, 422, "below 1000000000000000"),
        ({"max_daily_loss": "0.0000000000001"}, 422, "12 decimals"),
    ],
)
def test_a_bad_policy_change_is_refused_and_named(
    quiet: DeskRig, body: dict[str, Any], status: int, named: str
) -> None:
    machine = quiet.machine()
    refused = machine.put("settings/risk", json=body)
    assert refused.status_code == status
    error = error_of(refused)
    assert named in error["message"] + json.dumps(error["details"])
    assert quiet.take(machine, "settings/risk")["version"] == 1


def test_strategies_are_listed_with_their_rules_in_words(quiet: DeskRig) -> None:
    browser = quiet.browser()
    listed = quiet.take(browser, "strategies")["strategies"]
    assert len(listed) == len(shipped_strategies())
    detail = quiet.take(browser, f"strategies/{listed[0]['strategy_id']}")
    assert {rule["section"] for rule in detail["rules"]} >= {"entry"}
    assert detail["document"]["name"] == listed[0]["name"]
    assert detail["required_bars"] > 100


def test_a_strategy_is_published_as_the_next_version_once(rig: DeskRig) -> None:
    browser = rig.browser()
    document = json.loads(shipped_strategies()[0].document)
    document["description"] = "changed"
    first = browser.post("strategies", json=document)
    assert first.status_code == 201
    assert first.json()["created"]
    assert first.json()["strategy"]["version"] == 2
    again = browser.post("strategies", json=document).json()
    assert not again["created"]
    assert again["history_seq"] is None


def test_every_problem_of_a_strategy_is_named_with_its_place(quiet: DeskRig) -> None:
    document = json.loads(shipped_strategies()[0].document)
    document["timeframe"] = "M7"
    document["colour"] = "blue"
    machine = quiet.machine()
    checked = machine.post("strategies/validate", json=document).json()
    assert not checked["valid"]
    assert {problem["pointer"] for problem in checked["problems"]} >= {"/timeframe", "/colour"}
    refused = machine.post("strategies", json=document)
    assert refused.status_code == 422
    assert {problem["pointer"] for problem in error_of(refused)["details"]} >= {"/timeframe", "/colour"}


def test_a_document_is_read_as_it_was_written(quiet: DeskRig) -> None:
    text = shipped_strategies()[0].document.rstrip().removesuffix("}") + ', "name": "twice"}'
    answer = quiet.machine().post("strategies/validate", content=text).json()
    assert not answer["valid"]
    assert "name" in json.dumps(answer["problems"])


def test_the_digest_of_a_checked_document_is_that_of_the_published_one(quiet: DeskRig) -> None:
    machine = quiet.machine()
    file = shipped_strategies()[0]
    checked = machine.post("strategies/validate", content=file.document).json()
    published = quiet.take(machine, "strategies")["strategies"]
    assert checked["digest"] in {strategy["digest"] for strategy in published}


def test_a_strategy_is_switched_off_and_on(rig: DeskRig) -> None:
    machine = rig.machine()
    strategy_id = rig.take(machine, "strategies")["strategies"][0]["strategy_id"]
    assert not machine.patch(f"strategies/{strategy_id}/toggle", json={"is_active": False}).json()["is_active"]
    assert not rig.take(machine, f"strategies/{strategy_id}")["strategy"]["is_active"]
    assert error_of(machine.patch("strategies/nope/toggle", json={"is_active": True}))["code"] == "NOT_FOUND"


def test_an_import_is_recorded_whole_with_its_sources_or_not_at_all(rig: DeskRig) -> None:
    machine = rig.machine()
    document = json.loads(shipped_strategies()[0].document) | {"name": "From an earlier console"}
    body = {
        "sources": [{"name": "rules.json", "kind": "rules", "sha256": "a" * 64}],
        "strategies": [{"source": "rules.json", "text": json.dumps(document)}],
        "limits": {"max_daily_loss": "900", "minimum_embargo": {"before_minutes": 30, "after_minutes": 30}},
        "notes": ["rules.json /strategy/max_risk_pct: 1 → risk_fraction 0.01"],
    }
    broken = body | {"limits": {"max_daily_loss": "-1"}}
    assert machine.post("strategies/import", json=broken).json()["error"]["code"] == "INVALID_INPUT"
    names = [each["name"] for each in rig.take(machine, "strategies")["strategies"]]
    assert "From an earlier console" not in names
    answer = machine.post("strategies/import", json=body)
    assert answer.status_code == 201
    told = answer.json()
    assert told["strategies"][0]["created"]
    assert told["strategies"][0]["strategy"]["name"] == "From an earlier console"
    detail = rig.take(machine, f"ai/history/{told['history_seq']}")
    assert detail["entry"]["action"] == "imported"
    assert detail["payload"]["files"] == [{"name": "rules.json", "kind": "rules", "sha256": "a" * 64}]
    assert rig.take(machine, "settings/risk")["policy"]["max_daily_loss"] == "900"
    again = machine.post("strategies/import", json=body).json()
    assert (again["history_seq"], again["policy_version"], again["symbol_map_version"]) == (None, None, None)


def test_a_strategy_is_explained_at_the_newest_bar_and_at_a_past_one(quiet: DeskRig) -> None:
    machine, file = quiet.machine(), shipped_strategies()[0]
    listed = quiet.take(machine, "strategies")["strategies"][0]
    symbol = listed["allowed_symbols"][0]
    published = quiet.take(machine, f"strategies/{listed['strategy_id']}/explain", symbol=symbol)["explanations"]
    given = machine.post(f"strategies/explain?symbol={symbol}", content=file.document).json()["explanations"]
    assert [each["side"] for each in published] == listed["sides"]
    assert [each["evaluation"] for each in given] == [each["evaluation"] for each in published]
    at = published[0]["bars"][0]["newest_ended_at"]
    earlier = machine.post(f"strategies/explain?symbol={symbol}&at={at}", content=file.document).json()["explanations"]
    assert earlier[0]["quote_is_of_bar"]
    assert earlier[0]["evaluation"] == published[0]["evaluation"]
    assert error_of(machine.get(f"strategies/nope/explain?symbol={symbol}"))["code"] == "NOT_FOUND"
    assert error_of(machine.post("strategies/explain?symbol=NOPE", content=file.document))["code"] == "NOT_FOUND"
