"""Commands on a recorded desk that does not run: looking, replaying, verifying, and the acts that need no broker."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.integration.cli_rig import DEMO, EXAMPLES, Answer, run, run_process

from tradewarden.adapters.embedded import EmbeddedPostgres
from tradewarden.adapters.embedded.urls import DATABASE, driver_url

# The first entries of a record publish its strategies.
FIRST = 1
MARKET = ("--from", "2026-01-06", "--to", "2026-01-06T01:30", "--strategies", DEMO)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a short headless run on the generated market."""
    return tmp_path_factory.mktemp("cli") / "desk"


@pytest.fixture(scope="module")
def simulated(data_dir: Path) -> Answer:
    """The run itself, with its report as JSON."""
    return run("simulate", *MARKET, "--data-dir", data_dir, "--json")


@pytest.fixture(scope="module")
def database(data_dir: Path, simulated: Answer) -> Iterator[EmbeddedPostgres]:
    """The record's database, kept running so that commands attach to it instead of starting it each time."""
    assert simulated.code == 0, simulated.err
    with EmbeddedPostgres(data_dir) as server:
        yield server


@pytest.fixture
def desk(database: EmbeddedPostgres, data_dir: Path) -> tuple[str, str]:
    """The option that names the recorded desk."""
    assert database.ready
    return "--data-dir", str(data_dir)


def executed(desk: tuple[str, str]) -> int:
    """The newest entry with a decision that led to an order."""
    page = run("history", "list", "--action", "ai_auto_executed", "-n", 1, "--json", *desk).json
    return int(page["entries"][0]["seq"])


def test_simulating_reports_what_the_record_holds(simulated: Answer, desk: tuple[str, str]) -> None:
    report = simulated.json
    assert report["decisions"] > 0
    assert report["ideas"]
    assert report["denied"]
    assert report["orders"]
    assert report["positions_closed"]
    assert report["summary"]["trades"] == len(report["positions_closed"])
    last = run("history", "show", report["history_entries"], "--json", *desk).json
    assert report["history_digest"] == last["entry_hash"]
    assert {idea["strategy"] for idea in report["ideas"]} == {"Demo pulse"}
    assert sum(report["denials_by_code"].values()) >= len(report["denied"])


def test_the_same_run_again_gives_the_same_digest(simulated: Answer, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    again = run("simulate", *MARKET, "--data-dir", tmp_path / "again", "--out", out)
    assert again.code == 0, again.err
    assert json.loads(out.read_text())["history_digest"] == simulated.json["history_digest"]
    assert simulated.json["history_digest"] in again.out
    assert "SIMULATED" in again.out


def test_a_directory_that_holds_a_desk_is_not_simulated_into(data_dir: Path, database: EmbeddedPostgres) -> None:
    database.stop()
    try:
        answer = run("simulate", *MARKET, "--data-dir", data_dir)
    finally:
        database.start()
    assert answer.code == 1
    assert str(data_dir) in answer.err
    assert "empty --data-dir" in answer.err


def test_status_shows_the_record_and_says_that_nothing_runs(desk: tuple[str, str]) -> None:
    found = run("status", "--json", *desk).json
    assert found["running"] is False
    assert found["live"] is None
    assert found["record"]["closed_positions"] > 0
    assert found["record"]["account"]["equity"]
    shown = run("status", *desk)
    assert "does not run" in shown.out
    assert "Demo pulse" in shown.out


def test_ideas_are_listed_filtered_and_shown_by_the_beginning_of_their_id(desk: tuple[str, str]) -> None:
    ideas = run("ideas", "list", "--json", "-n", 500, *desk).json["ideas"]
    rejected = run("ideas", "list", "--status", "rejected", "--json", "-n", 500, *desk).json["ideas"]
    symbol = run("ideas", "list", "--symbol", ideas[0]["symbol"], "--json", "-n", 500, *desk).json["ideas"]
    assert {idea["status"] for idea in rejected} == {"rejected"}
    assert {idea["symbol"] for idea in symbol} == {ideas[0]["symbol"]}
    assert len(rejected) < len(ideas)
    shown = run("ideas", "show", ideas[0]["idea_id"][:12], *desk)
    assert shown.code == 0
    assert ideas[0]["idea_id"] in shown.out
    assert "Levels" in shown.out
    assert "SUPERVISED_MODE" in shown.out
    assert ideas[0]["idea_id"][:10] in run("ideas", "list", *desk).out


def test_an_unknown_idea_is_not_found_and_a_vague_one_is_refused(desk: tuple[str, str]) -> None:
    assert run("ideas", "show", "zzz", *desk).code == 1
    vague = run("ideas", "show", "", *desk)
    assert vague.code == 2
    assert "type more of it" in vague.err


def test_a_decided_idea_cannot_be_rejected(desk: tuple[str, str]) -> None:
    idea = run("ideas", "list", "--status", "rejected", "--json", *desk).json["ideas"][0]
    answer = run("ideas", "reject", idea["idea_id"], "--json", *desk)
    assert answer.code == 1
    assert answer.json["error"]["code"] == "CONFLICT"
    assert "waits for nobody" in answer.err


def test_history_pages_and_filters(desk: tuple[str, str]) -> None:
    first = run("history", "list", "-n", 5, "--json", *desk).json
    second = run("history", "list", "-n", 5, "--before", first["next_cursor"], "--json", *desk).json
    assert [entry["seq"] for entry in first["entries"]] == list(range(first["head_seq"], first["head_seq"] - 5, -1))
    assert second["entries"][0]["seq"] == first["head_seq"] - 5
    denied = run("history", "list", "--action", "risk_rejected", "--json", *desk).json["entries"]
    assert {entry["action"] for entry in denied} == {"risk_rejected"}
    assert run("history", "list", "--to", "2026-01-01", "--json", *desk).json["entries"] == []
    shown = run("history", "list", "-n", 3, *desk).out
    assert f"--before {first['head_seq'] - 2}" in shown


def test_a_decision_is_told_in_flow_order(desk: tuple[str, str]) -> None:
    shown = run("history", "show", executed(desk), *desk)
    stages = [
        "What the desk saw",
        "Indicators at",
        "Conditions:",
        "Confidence",
        "Levels",
        "Size",
        "Gate (open)",
        "Order",
        "Fills",
    ]
    places = [shown.out.index(stage) for stage in stages]
    assert places == sorted(places)
    assert "calendar" in shown.out
    found = run("history", "show", executed(desk), "--json", *desk).json
    assert found["story"]["verdict"]["outcome"] == "execute"
    assert all(isinstance(series["bars"], int) for series in found["story"]["bars"])
    whole = run("history", "show", executed(desk), "--bars", "--json", *desk).json
    assert len(whole["story"]["bars"][0]["rows"]) == found["story"]["bars"][0]["bars"]


def test_an_entry_without_a_decision_shows_its_payload(desk: tuple[str, str]) -> None:
    shown = run("history", "show", FIRST, *desk)
    assert shown.code == 0
    assert '"document_digest": "' in shown.out
    assert run("history", "replay", 1, *desk).code == 1
    missing = run("history", "show", 99999, *desk)
    assert missing.code == 1
    assert "the newest is" in missing.err


def test_every_decision_replays_to_the_same_digest(simulated: Answer, desk: tuple[str, str]) -> None:
    answer = run("history", "replay", "--all", "--json", *desk)
    assert answer.code == 0
    assert answer.json["decisions"] == answer.json["identical"] == simulated.json["decisions"]
    assert answer.json["different"] == []
    assert answer.json["per_second"] > 0
    assert "all identical" in run("history", "replay", "--all", *desk).out


def test_one_decision_replays_stage_by_stage(desk: tuple[str, str]) -> None:
    seq = executed(desk)
    shown = run("history", "replay", seq, *desk)
    assert shown.code == 0
    for stage in ("evaluation", "confidence", "verdict", "intent"):
        assert stage in shown.out
    assert "identical" in shown.out
    found = run("history", "replay", seq, "--json", *desk).json
    assert found["recorded_digest"] == found["recomputed_digest"]
    assert found["library_versions_now"] == found["library_versions_recorded"]


def tamper(database: EmbeddedPostgres, statement: str, *values: object) -> None:
    """Change the record as nobody may: as the superuser, with the triggers off."""
    with psycopg.connect(driver_url(database.admin_url(DATABASE)), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement, values)


def test_a_changed_entry_is_found_named_and_exit_code_1(database: EmbeddedPostgres, desk: tuple[str, str]) -> None:
    assert run("history", "verify", *desk).code == 0
    change = "UPDATE decision_history SET rationale = %s WHERE seq = 2"
    before: Any = run("history", "show", 2, "--json", *desk).json["entry"]["rationale"]
    tamper(database, change, before + "!")
    try:
        answer = run("history", "verify", "--json", *desk)
        shown = run("history", "verify", *desk)
    finally:
        tamper(database, change, before)
    assert answer.code == shown.code == 1
    assert answer.json["ok"] is False
    assert answer.json["first_bad_seq"] == 2
    assert "entry 2 was changed" in answer.json["problem"]
    assert "NOT intact, first at entry 2" in shown.out
    assert run("history", "verify", *desk).code == 0


def test_strategies_are_listed_validated_and_published(desk: tuple[str, str], tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    document = json.loads((EXAMPLES / "gold_pullback.json").read_text())
    mine.write_text(json.dumps(document | {"name": "Mine"}))
    published = run("strategy", "publish", mine, "--json", *desk).json["published"]
    assert published[0]["name"] == "Mine"
    assert published[0]["version"] == 1
    assert (
        run("history", "show", published[0]["history_seq"], "--json", *desk).json["entry"]["actor"].startswith("user:")
    )
    again = run("strategy", "publish", mine, "--json", *desk).json["published"][0]
    assert again["created"] is False
    names = {each["name"] for each in run("strategy", "list", "--json", *desk).json["strategies"]}
    assert {"Demo pulse", "Mine"} <= names
    assert "Mine" in run("strategy", "list", *desk).out


def test_nothing_is_published_when_one_document_is_broken(desk: tuple[str, str], tmp_path: Path) -> None:
    good = json.loads((EXAMPLES / "gold_pullback.json").read_text())
    (tmp_path / "a_good.json").write_text(json.dumps(good | {"name": "Never"}))
    (tmp_path / "b_broken.json").write_text(json.dumps(good | {"timeframe": "M7"}))
    answer = run("strategy", "publish", tmp_path, "--json", *desk)
    assert answer.code == 2
    assert answer.json["error"]["details"][0]["pointer"] == "/timeframe"
    names = {each["name"] for each in run("strategy", "list", "--json", *desk).json["strategies"]}
    assert "Never" not in names


def test_validating_names_every_problem_and_needs_no_desk(tmp_path: Path) -> None:
    assert run("strategy", "validate", EXAMPLES).code == 0
    broken = json.loads((EXAMPLES / "gold_pullback.json").read_text()) | {"timeframe": "M7", "colour": "red"}
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    answer = run("strategy", "validate", tmp_path / "broken.json", EXAMPLES, "--json")
    assert answer.code == 1
    assert answer.json["valid"] is False
    pointers = {problem["pointer"] for problem in answer.json["files"][0]["problems"]}
    assert {"/timeframe", "/colour"} <= pointers
    assert [file["valid"] for file in answer.json["files"]] == [False, *(True for _ in EXAMPLES.glob("*.json"))]
    assert "/colour" in run("strategy", "validate", tmp_path / "broken.json").out
    assert run("strategy", "validate", tmp_path / "missing.json").code == 2
    assert "$schema" in run("strategy", "schema").json


def test_the_database_url_opens_the_record(desk: tuple[str, str]) -> None:
    found = run("db", "url", "--json", *desk).json
    with psycopg.connect(found["url"]) as connection:
        row = connection.execute("SELECT count(*) FROM decision_history").fetchone()
    assert row is not None
    assert row[0] == run("history", "list", "--json", *desk).json["head_seq"]
    assert found["running"] is False
    assert run("db", "url", "--owner", *desk).out.startswith("postgresql://tradewarden_owner:")


def test_a_halt_without_a_running_desk_is_recorded_and_keeps_its_first_reason(desk: tuple[str, str]) -> None:
    first = run("halt", "--reason", "lunch", "--json", *desk).json
    second = run("halt", "--reason", "dinner", "--json", *desk).json
    assert second["history_seq"] == first["history_seq"] + 1
    record = run("status", "--json", *desk).json["record"]
    assert record["halt"]["reason"] == "lunch"
    assert record["ai_trading_enabled"] is False
    assert "lunch" in run("status", *desk).out
    assert run("history", "verify", *desk).code == 0


def test_a_command_starts_the_database_itself_where_nothing_runs(data_dir: Path, database: EmbeddedPostgres) -> None:
    database.stop()
    try:
        answer = run_process("history", "verify", "--json", "--data-dir", data_dir)
    finally:
        database.start()
    assert answer.code == 0, answer.err
    assert answer.json["ok"] is True


def test_the_policy_is_shown_and_changed_with_an_entry(desk: tuple[str, str]) -> None:
    shown = run("policy", "show", *desk, "--json").json
    assert {each["name"] for each in shown["fields"]} == set(shown["policy"])
    changed = run(
        "policy", "set", "max_daily_loss=1234.50", "rollover_pause=10/30", "profit_target=none", *desk, "--json"
    ).json
    assert changed["version"] == shown["version"] + 1
    assert (changed["policy"]["max_daily_loss"], changed["policy"]["profit_target"]) == ("1234.50", None)
    assert changed["policy"]["rollover_pause"] == {"before_minutes": 10, "after_minutes": 30}
    newest = run("history", "list", *desk, "--json").json["entries"][0]
    assert newest["action"] == "settings_changed"
    refused = run("policy", "set", "max_daily_loss=-1", *desk)
    assert refused.code == 2
    assert "max_daily_loss is -1, allowed is 0.01 to" in refused.err


def test_watchlist_symbols_and_sessions_are_changed_in_the_record_of_a_desk_that_rests(desk: tuple[str, str]) -> None:
    before = run("watchlist", "show", *desk, "--json").json
    added = run("watchlist", "add", "GBPJPY", *desk, "--json").json
    assert (added["version"], added["symbols"]) == (before["version"] + 1, [*before["symbols"], "GBPJPY"])
    assert run("watchlist", "remove", "GBPJPY", *desk, "--json").json["symbols"] == before["symbols"]
    refused = run("watchlist", "remove", "GBPJPY", *desk)
    assert (refused.code, "GBPJPY not on the watchlist" in refused.err) == (2, True)
    mapped = run("symbols", "map", "XAGUSD", "SILVER.pro", *desk, "--json").json
    assert {line["canonical"]: line["symbol"] for line in mapped["lines"] if line["is_mapped"]} == {
        "XAGUSD": "SILVER.pro"
    }
    assert "SILVER.pro" in run("symbols", "list", *desk).out
    assert run("symbols", "unmap", "XAGUSD", *desk, "--json").json["version"] == mapped["version"] + 1
    window = ("Morning", "07:30", "11:00", "Europe/Prague", "--days", "Mon,Tue")
    own = [each for each in run("sessions", "set", *window, *desk, "--json").json["sessions"] if not each["built_in"]]
    assert [(each["name"], each["days"]) for each in own] == [("Morning", ["Mon", "Tue"])]
    assert "Europe/Prague" in run("sessions", "list", *desk).out
    assert run("sessions", "remove", "Morning", *desk).code == 0
    entries = run("history", "list", "--action", "settings_changed", *desk, "--json").json["entries"]
    assert entries[0]["rationale"].startswith("sessions version 2")
    assert entries[0]["actor"].startswith("user:")
