"""The running desk, driven as people drive it: start, look, act, stop; a second start, a taken port, a killed run."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.core.strategy.legacy_files import RULES
from tests.integration.cli_rig import EXAMPLES, SPEED, STOP_SECONDS, Up, command, free_port, run, started

from tradewarden.adapters.embedded import read_running_desk


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A desk that the tests of this module share."""
    with started(tmp_path_factory.mktemp("up") / "desk") as running:
        yield running


def until(found: Callable[[], Any], up: Up) -> Any:
    """Ask until there is an answer; the desk's event stream says when it is worth asking again."""
    answer = found()
    token = (up.data_dir / "run" / "api-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("GET", f"{up.told['url']}/api/v1/events", headers=headers, timeout=60, trust_env=False) as events:
        for line in events.iter_lines():
            if answer:
                return answer
            if line.startswith("event: history"):
                answer = found()
    raise AssertionError("the desk ended while something was waited for")


def waiting_idea(up: Up) -> dict[str, Any]:
    """An idea that a person can approve now."""

    def first() -> Any:
        ideas = run("ideas", "list", "--status", "needs_approval", "--json", *up.desk).json["ideas"]
        return ideas[0] if ideas else None

    found: dict[str, Any] = until(first, up)
    return found


def test_the_desk_tells_where_it_is_and_that_its_market_is_simulated(up: Up) -> None:
    assert up.told["simulated"] is True
    assert up.told["speed"] == SPEED
    assert up.told["sign_in_link"].startswith(up.told["url"] + "/sign-in?token=")
    assert up.told["pid"] == up.process.pid
    found = run("status", "--json", *up.desk).json
    assert found["running"] is True
    assert found["url"] == up.told["url"]
    assert found["live"]["market"]["simulated"] is True
    shown = run("status", *up.desk).out
    assert f"SIMULATED ×{SPEED}" in shown


def test_the_machine_token_is_its_owners_alone_and_needed(up: Up) -> None:
    path = up.data_dir / "run" / "api-token"
    assert path.stat().st_mode & 0o777 == 0o600
    assert httpx.get(f"{up.told['url']}/api/v1/ai/status", trust_env=False).status_code == 401


def test_a_second_start_says_where_the_desk_runs_already(up: Up) -> None:
    answer = subprocess.run(
        command("up", *up.desk, "--port", free_port()), capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 1
    assert "already runs" in answer.stderr
    assert up.told["url"] in answer.stderr
    assert up.process.poll() is None


def test_a_taken_port_is_named_before_anything_is_started(up: Up, tmp_path: Path) -> None:
    port = up.told["url"].rpartition(":")[2]
    answer = subprocess.run(
        command("up", "--data-dir", tmp_path / "other", "--port", port),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 1
    assert f"port {port}" in answer.stderr
    assert "--port" in answer.stderr
    assert not (tmp_path / "other" / "postgres").exists()


def test_a_simulation_is_not_run_into_a_running_desk(up: Up) -> None:
    answer = run("simulate", "--to", "2026-01-07", "--strategies", EXAMPLES, *up.desk)
    assert answer.code == 1
    assert up.told["url"] in answer.err


def test_a_sign_in_link_signs_in_once(up: Up) -> None:
    link = run("sign-in-link", "--json", *up.desk).json["sign_in_link"]
    token = link.partition("token=")[2]
    with httpx.Client(base_url=up.told["url"], headers={"Origin": up.told["url"]}, trust_env=False) as browser:
        first = browser.post("/api/v1/auth/sign-in", json={"token": token})
        session = browser.get("/api/v1/auth/session")
    again = httpx.post(
        f"{up.told['url']}/api/v1/auth/sign-in",
        json={"token": token},
        headers={"Origin": up.told["url"]},
        trust_env=False,
    )
    assert first.status_code == 200
    assert session.status_code == 200
    assert again.status_code == 401


def test_an_idea_is_shown_rejected_and_then_decided(up: Up) -> None:
    idea = waiting_idea(up)
    shown = run("ideas", "show", idea["idea_id"], "--json", *up.desk).json
    assert shown["idea"]["digest"]
    answer = run("ideas", "reject", idea["idea_id"], "--reason", "not today", "--json", *up.desk)
    if answer.code == 0:
        entry = run("history", "show", answer.json["history_seq"], "--json", *up.desk).json["entry"]
        assert entry["action"] == "human_rejected"
        assert entry["rationale"] == "not today"
    late = run("ideas", "reject", idea["idea_id"], "--json", *up.desk)
    assert late.code == 1
    assert late.json["error"]["code"] == "CONFLICT"


def test_approving_ends_in_an_order_or_says_which_check_refused(up: Up) -> None:
    idea = waiting_idea(up)
    answer = run("ideas", "approve", idea["idea_id"], "--yes", "--json", *up.desk)
    told = answer.json
    if answer.code == 0:
        assert told["outcome"]["state"] == "accepted"
        seen = run("history", "show", told["history_seq"], "--json", *up.desk).json
        assert seen["entry"]["action"] == "human_approved"
        assert [event["action"] for event in seen["story"]["orders"]][:2] == ["order_submitted", "order_accepted"]
    else:
        assert answer.code == 1
        assert told.get("blocked_by") or told["error"]["code"] == "CONFLICT"


def test_an_approval_above_what_was_proposed_is_refused_with_the_limit(up: Up) -> None:
    idea = waiting_idea(up)
    answer = run("ideas", "approve", idea["idea_id"], "--lots", "4000", "--json", *up.desk)
    assert answer.code in (1, 2)
    assert answer.json["error"]["code"] in ("INVALID_INPUT", "CONFLICT")
    if answer.code == 2:
        assert "4000" in answer.err
        assert idea["lots"] in answer.err


def test_a_strategy_is_published_through_the_running_desk(up: Up, tmp_path: Path) -> None:
    document = json.loads((EXAMPLES / "gold_pullback.json").read_text())
    (tmp_path / "live.json").write_text(json.dumps(document | {"name": "Live"}))
    (tmp_path / "broken.json").write_text("{")
    first = run("strategy", "publish", tmp_path / "live.json", "--json", *up.desk).json["published"][0]
    again = run("strategy", "publish", tmp_path / "live.json", "--json", *up.desk).json["published"][0]
    assert (first["version"], first["created"]) == (1, True)
    assert (again["version"], again["created"]) == (1, False)
    assert run("strategy", "publish", tmp_path / "broken.json", *up.desk).code == 2


def test_an_earlier_consoles_rules_are_imported_through_the_running_desk(up: Up, tmp_path: Path) -> None:
    rules = tmp_path / "EURUSD_H1.json"
    rules.write_text(json.dumps(RULES))
    first = run("strategy", "import", rules, "--publish", "--json", *up.desk)
    assert first.code == 0, first.err
    recorded = first.json["recorded"]
    assert recorded["published"] == [{"name": "EURUSD H1", "version": 1, "created": True}]
    shown = run("history", "show", recorded["history_seq"], "--json", *up.desk).json
    assert (shown["entry"]["action"], shown["entry"]["actor"]) == ("imported", "user:cli")
    assert shown["payload"]["files"][0]["sha256"] == first.json["files"][0]["sha256"]
    again = run("strategy", "import", rules, "--publish", "--json", *up.desk).json["recorded"]
    assert again["history_seq"] is None


def test_watchlist_symbols_and_sessions_are_changed_through_the_running_desk(up: Up, tmp_path: Path) -> None:
    before = run("watchlist", "show", "--json", *up.desk).json["symbols"]
    assert run("watchlist", "remove", "GBPUSD", "--json", *up.desk).json["on_offer"] == ["GBPUSD"]
    assert run("watchlist", "set", *before, "--json", *up.desk).json["symbols"] == before
    unknown = run("watchlist", "add", "GBPUSDX", *up.desk)
    assert (unknown.code, "did you mean GBPUSD?" in unknown.err) == (2, True)
    refused = run("symbols", "map", "EURCHF", "EURCHF.pro", *up.desk)
    assert (refused.code, "the terminal offers no symbol 'EURCHF.pro'" in refused.err) == (2, True)
    assert "on offer" in run("symbols", "list", *up.desk).out
    named = run("sessions", "set", "Early", "05:00", "06:30", "Europe/Prague", "--json", *up.desk).json
    assert named["sessions"][-1]["name"] == "Early"
    path = tmp_path / "early.json"
    changes = {"name": "Early only", "session_windows": ["Early"], "is_active": False}
    path.write_text(json.dumps(json.loads((EXAMPLES / "gold_pullback.json").read_text()) | changes))
    published = run("strategy", "publish", path, "--json", *up.desk)
    assert published.code == 0, published.err
    kept = next(
        each for each in run("strategy", "list", "--json", *up.desk).json["strategies"] if each["name"] == "Early only"
    )
    assert kept["sessions"] == ["05:00-06:30 Europe/Prague 05:00–06:30 Europe/Prague"]
    assert run("sessions", "remove", "Early", *up.desk).code == 0
    path.write_text(path.read_text().replace("Early only", "Too late"))
    late = run("strategy", "publish", path, *up.desk)
    assert (late.code, "/session_windows/0" in late.err) == (2, True)


def test_everything_is_closed_at_once_and_trading_resumed(up: Up) -> None:
    asked = run("flat", "--json", *up.desk)
    assert (asked.code, "--yes" in asked.err) == (2, True)
    done = run("flat", "--yes", "--reason", "a drill", "--json", *up.desk)
    told = done.json
    assert done.code == (1 if told["problems"] else 0)
    assert all(each["outcome"] is not None for each in told["closed"])
    entry = run("history", "show", told["history_seq"], "--json", *up.desk).json
    assert "a drill" in json.dumps(entry)
    assert run("status", "--json", *up.desk).json["live"]["halt"]["reason"] == "a drill"
    assert run("resume", *up.desk).code == 0


def test_halting_ends_waiting_ideas_and_resuming_lifts_it(up: Up) -> None:
    nothing = run("resume", "--json", *up.desk)
    assert nothing.code == 1
    assert "nothing to resume" in nothing.err
    halted = run("halt", "--reason", "lunch", "--json", *up.desk)
    assert halted.code == 0
    status = run("status", "--json", *up.desk).json
    assert status["live"]["halt"]["reason"] == "lunch"
    assert status["record"]["open_ideas"] == 0
    resumed = run("resume", "--json", *up.desk)
    assert resumed.code == 0, resumed.err
    assert resumed.json["history_seq"] > halted.json["history_seq"]
    assert run("status", "--json", *up.desk).json["live"]["ai_trading_enabled"] is True


def test_what_a_running_desk_recorded_verifies_and_replays(up: Up) -> None:
    waiting_idea(up)
    assert run("history", "verify", "--json", *up.desk).json["ok"] is True
    replayed = run("history", "replay", "--all", "--json", *up.desk)
    assert replayed.code == 0
    assert replayed.json["decisions"] == replayed.json["identical"] > 0


@pytest.mark.timeout(300)
def test_a_desk_is_stopped_started_again_killed_and_started_again(tmp_path: Path) -> None:
    first = subprocess.Popen(
        command("up", "--data-dir", tmp_path, "--port", free_port()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    panel = read_panel(first)
    first.send_signal(signal.SIGINT)
    _, errors = first.communicate(timeout=STOP_SECONDS)
    assert first.returncode == 0
    assert "Tradewarden is up" in panel
    assert "SIMULATED market ×60, generated market, seed 7" in panel
    assert "/sign-in?token=" in panel
    steps = [line for line in errors.splitlines() if line.startswith("✓")]
    for name in ("Data directory", "PostgreSQL", "tables", "simulated terminal", "Scheduler", "HTTP", "Closing the"):
        assert any(name in step for step in steps), name
    assert "✗" not in errors
    assert_nothing_runs(tmp_path)

    with started(tmp_path) as second:
        assert second.told["first_start"] is False
        os.kill(second.process.pid, signal.SIGKILL)
        second.process.wait(STOP_SECONDS)
    assert read_running_desk(tmp_path) is None
    killed = run("status", "--json", "--data-dir", tmp_path).json
    assert killed["running"] is False

    with started(tmp_path) as third:
        assert run("history", "verify", "--json", *third.desk).json["ok"] is True
        entries = run("status", "--json", *third.desk).json["record"]["history_entries"]
        assert entries >= killed["record"]["history_entries"]
        third.process.send_signal(signal.SIGTERM)
        assert third.process.wait(STOP_SECONDS) == 0
    assert_nothing_runs(tmp_path)


def read_panel(process: "subprocess.Popen[str]") -> str:
    """Return what a starting desk shows on stdout, to the end of its panel."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("╰"):
            break
    return "".join(lines)


def assert_nothing_runs(data_dir: Path) -> None:
    assert read_running_desk(data_dir) is None
    assert not (data_dir / "postgres" / "cluster" / "postmaster.pid").exists()
