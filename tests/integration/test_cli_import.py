"""``tradewarden strategy import`` from the terminal: the report, the documents, and what reaches the record."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.strategy.legacy_files import SAMPLES
from tests.integration.cli_rig import DEMO, run

from tradewarden.adapters.embedded import EmbeddedPostgres

NAMES = ["EURUSD H1 trend", "GBPUSD M15 pullback", "XAUUSD H1"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A recorded desk of a few market minutes; its database runs so that commands attach to it."""
    made = tmp_path_factory.mktemp("import") / "desk"
    ran = run("simulate", "--from", "2026-01-06", "--to", "2026-01-06T00:05", "--strategies", DEMO, "--data-dir", made)
    assert ran.code == 0, ran.err
    with EmbeddedPostgres(made):
        yield made


def entries(data_dir: Path, action: str) -> list[int]:
    page = run("history", "list", "--action", action, "--json", "--data-dir", data_dir).json
    return [int(entry["seq"]) for entry in page["entries"]]


def test_a_folder_is_reported_and_nothing_is_recorded(tmp_path: Path) -> None:
    told = run("strategy", "import", SAMPLES, "--json", "--data-dir", tmp_path / "none")
    assert told.code == 0, told.out
    answer = told.json
    assert [each["name"] for each in answer["strategies"]] == NAMES
    assert answer["limits"]["max_daily_loss"] == "1500"
    assert answer["limits"]["minimum_embargo"] == {"before_minutes": 30, "after_minutes": 30}
    assert answer["symbol_map"]["XAUUSD"] == "GOLD.pro"
    assert (answer["refused"], answer["written"], answer["recorded"]) == (False, [], None)
    assert {each["kind"] for each in answer["files"]} == {"rules", "profile", "risk_limits", "sessions", "symbol_map"}
    assert not (tmp_path / "none").exists()


def test_the_report_shows_what_changed_and_the_next_command() -> None:
    shown = run("strategy", "import", SAMPLES, "--dry-run")
    assert shown.code == 0
    for words in (
        "~ changed",
        "- left out",
        "= same",
        "Proposed limits",
        "max_daily_loss",
        "Proposed symbol map",
        "8 files:",
    ):
        assert words in shown.out
    assert f"tradewarden strategy import {SAMPLES} --publish --apply-limits --apply-symbols" in shown.out


def test_documents_are_written_once_and_each_is_valid(tmp_path: Path) -> None:
    out = tmp_path / "new"
    assert run("strategy", "import", SAMPLES, "--out", out).code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "eurusd_h1_trend.json", "gbpusd_m15_pullback.json", "xauusd_h1.json",
    ]  # fmt: skip
    assert run("strategy", "validate", out).code == 0
    again = run("strategy", "import", SAMPLES, "--out", out)
    assert again.code == 2
    assert "exists already" in again.err


def test_a_refusal_stops_all_of_it(tmp_path: Path, data_dir: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(SAMPLES, config)
    broken = config / "strategies" / "XAUUSD_H1.json"
    rules = json.loads(broken.read_text())
    rules["conditions"]["entry"].append("ema_fast_gt_slw")
    broken.write_text(json.dumps(rules))
    out = tmp_path / "out"
    before = run("history", "list", "--json", "-n", 1, "--data-dir", data_dir).json
    told = run("strategy", "import", config, "--publish", "--apply-limits", "--out", out, "--data-dir", data_dir)
    assert told.code == 1
    assert "1 refused: nothing is written, published or applied" in told.out
    assert "ema_fast_gt_slow" in told.out
    assert not out.exists()
    assert run("history", "list", "--json", "-n", 1, "--data-dir", data_dir).json == before


def test_limits_alone_are_applied_by_the_person_with_an_entry_of_their_source(data_dir: Path) -> None:
    told = run("strategy", "import", SAMPLES / "risk_limits.csv", "--apply-limits", "--json", "--data-dir", data_dir)
    assert told.code == 0, told.err
    recorded = told.json["recorded"]
    assert recorded["published"] == []
    shown = run("history", "show", recorded["history_seq"], "--json", "--data-dir", data_dir).json
    assert shown["entry"]["action"] == "imported"
    assert shown["entry"]["actor"].startswith("user:")
    assert shown["payload"]["files"][0]["kind"] == "risk_limits"
    policy = run("policy", "show", "--json", "--data-dir", data_dir).json
    assert policy["version"] == recorded["policy_version"]
    assert policy["policy"]["max_concurrent_trades"] == 4
    again = run("strategy", "import", SAMPLES / "risk_limits.csv", "--apply-limits", "--json", "--data-dir", data_dir)
    assert again.json["recorded"] == {
        "published": [], "policy_version": None, "symbol_map_version": None, "history_seq": None
    }  # fmt: skip


def test_publishing_makes_versions_and_one_entry_with_the_digests(data_dir: Path) -> None:
    told = run("strategy", "import", SAMPLES, "--publish", "--apply-symbols", "--data-dir", data_dir)
    assert told.code == 0, told.out + told.err
    assert "EURUSD H1 trend version 1 published" in told.out
    newest = max(entries(data_dir, "imported"))
    payload = run("history", "show", newest, "--json", "--data-dir", data_dir).json["payload"]
    assert sorted(each["name"] for each in payload["strategies"]) == NAMES
    assert len(payload["files"]) == 8
    assert payload["policy_version"] is None
    assert payload["symbols"] == {"XAUUSD": "GOLD.pro", "GBPUSD": "GBPUSD.m"}
    names = run("symbols", "list", "--json", "--data-dir", data_dir).json
    assert "GOLD.pro" in json.dumps(names)
    assert any("max_risk_pct" in line for line in payload["notes"])
    listed = run("strategy", "list", "--json", "--data-dir", data_dir).json["strategies"]
    assert set(NAMES) <= {each["name"] for each in listed}
    assert {each["name"]: each["is_active"] for each in listed}["GBPUSD M15 pullback"] is False
    assert run("history", "verify", "--data-dir", data_dir).code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--dry-run", "--publish"], "--dry-run only reports"),
        (["--risk-unit", "permille"], "known are percent, fraction"),
        (["--timezone", "Europe"], "IANA"),
        (["--timezone", "Mars/Base"], "IANA"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: list[str], told: str) -> None:
    answer = run("strategy", "import", SAMPLES, *options)
    assert answer.code == 2
    assert told in answer.err


def test_a_fact_is_left_out_by_name_and_a_name_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    rules = json.loads((SAMPLES / "strategies" / "EURUSD_H1.json").read_text())
    rules["strategy"]["invalidations"].append("macro_contra_surge")
    path = tmp_path / "EURUSD_H1.json"
    path.write_text(json.dumps(rules))
    assert run("strategy", "import", path).code == 1
    shown = run("strategy", "import", path, "--leave-out", "macro_contra_surge")
    assert shown.code == 0
    assert "as --leave-out asks" in shown.out
    assert "--leave-out macro_contra_surge --publish" in shown.out
    wrong = run("strategy", "import", path, "--leave-out", "macro_contra_surge", "--leave-out", "moon_is_full")
    assert wrong.code == 2
    assert "moon_is_full" in wrong.err


def test_acting_on_what_the_import_does_not_hold_is_refused() -> None:
    for act, told in (("--apply-limits", "no risk_limits.csv"), ("--publish", "no rule file")):
        answer = run("strategy", "import", SAMPLES / "symbol_map.csv", act)
        assert answer.code == 2
        assert told in answer.err
