"""The main job on real bars: strategies over gold and two indices with the real calendar, replayed and verified."""

import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from tests.integration.cli_rig import EXAMPLES, Answer, run

# Two days with a decision of the Federal Reserve in them.
WINDOW = ("--from", "2025-12-10", "--to", "2025-12-12")


def bars(test_data: Path, *names: str) -> list[object]:
    return [part for name in names for part in ("--bars", test_data / "bars" / "ftmo_m1" / f"{name}_M1.parquet")]


def simulate(test_data: Path, data_dir: Path, *options: object) -> Answer:
    return run(
        "simulate", *bars(test_data, "XAUUSD", "US30", "US100"), *WINDOW, "--data-dir", data_dir, "--json",
        "--calendar", test_data / "calendar" / "calendar_2007_2026.parquet", "--strategies", EXAMPLES, *options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def first(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    data_dir = tmp_path_factory.mktemp("real") / "run"
    return data_dir, simulate(test_data, data_dir, "--mode", "autonomous")


def test_the_report_has_what_it_promises(first: tuple[Path, Answer]) -> None:
    _, answer = first
    assert answer.code == 0, answer.err
    report = answer.json
    assert report["evaluations"] > 300
    assert report["decisions"] >= len(report["ideas"]) > 0
    assert report["orders"]
    assert report["summary"]["trades"] == len(report["positions_closed"])
    assert sum(Decimal(each["net_profit"]) for each in report["positions_closed"]) == Decimal(
        report["summary"]["net_profit"]
    )
    assert {each["symbol"] for each in report["ideas"]} <= {"XAUUSD", "US30", "US100"}
    assert len(report["history_digest"]) == 64


def test_a_strategy_without_bars_is_skipped_with_a_notice(first: tuple[Path, Answer]) -> None:
    _, answer = first
    notices = [each for each in answer.json["notices"] if "EURUSD" in each]
    assert notices == ["Euro rally fade is skipped: there are no bars of EURUSD."]
    assert notices[0] in answer.err
    assert "Euro rally fade" not in {each["strategy"] for each in answer.json["by_strategy"]}


def test_nothing_opens_inside_the_embargo_of_the_federal_reserve(first: tuple[Path, Answer]) -> None:
    _, answer = first
    embargoes = answer.json["embargoes"]
    decision = next(each for each in embargoes if each["title"].startswith("Fed Interest Rate Decision"))
    assert decision["at"] == "2025-12-10T19:00:00Z"
    assert decision["starts_at"] <= "2025-12-10T18:30:00Z"
    assert decision["ends_at"] >= "2025-12-10T19:15:00Z"
    assert decision["evaluations"] > 0
    assert sum(each["opened"] for each in embargoes) == 0


def test_the_same_run_in_another_directory_gives_the_same_digest(
    first: tuple[Path, Answer], test_data: Path, tmp_path: Path
) -> None:
    again = simulate(test_data, tmp_path / "again", "--mode", "autonomous")
    assert again.json["history_digest"] == first[1].json["history_digest"]


def test_every_decision_of_the_run_replays_and_the_chain_is_intact(first: tuple[Path, Answer]) -> None:
    data_dir, answer = first
    replayed = run("history", "replay", "--all", "--json", "--data-dir", data_dir)
    verified = run("history", "verify", "--json", "--data-dir", data_dir)
    assert replayed.json["decisions"] == replayed.json["identical"] == answer.json["decisions"]
    assert verified.json["ok"] is True
    assert verified.json["head"]["entry_hash"] == answer.json["history_digest"]


def test_a_policy_field_and_the_mode_can_be_chosen(test_data: Path, tmp_path: Path) -> None:
    answer = simulate(test_data, tmp_path / "run", "--mode", "supervised", "--set", "min_confidence_threshold=100")
    report = answer.json
    assert report["orders"] == []
    assert report["positions_closed"] == []
    assert {each["status"] for each in report["ideas"]} <= {"expired", "rejected", "halted_by_risk"}


def test_without_a_calendar_nothing_passes_and_the_report_says_so(test_data: Path, tmp_path: Path) -> None:
    options = (*bars(test_data, "XAUUSD"), *WINDOW, "--strategies", EXAMPLES / "gold_pullback.json", "--json")
    silent = run("simulate", *options, "--data-dir", tmp_path / "silent")
    chosen = run("simulate", *options, "--no-calendar", "--data-dir", tmp_path / "chosen")
    assert silent.json["orders"] == []
    assert any("--no-calendar" in each for each in silent.json["notices"])
    assert set(silent.json["denials_by_code"]) >= ({"NEWS_EMBARGO"} if silent.json["ideas"] else set())
    assert "NEWS_EMBARGO" not in chosen.json["denials_by_code"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("2025-12-10 12:01,1.10,1.11,1.09,1.10,5", "2025-12-10"),
        ("2025-12-10 12:00,1.10,1.11,1.09,1.10,5", "2025-12-10"),
        ("2025-12-10 12:02,1.10,1.09,1.11,1.10,5", "1.09"),
        ("2025-12-13 12:00,1.10,1.11,1.09,1.10,5", "2025-12-13"),
        ("2040-01-04 12:00,1.10,1.11,1.09,1.10,5", "2040"),
    ],
    ids=["duplicate", "unsorted", "high-below-low", "closed-hours", "future"],
)
def test_a_bad_bar_refuses_the_file_names_it_and_leaves_nothing(row: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "EURUSD_M1.csv.gz"
    good = ["time,open,high,low,close,tick_volume", "2025-12-10 12:00,1.10,1.11,1.09,1.10,5"]
    good.append("2025-12-10 12:01,1.10,1.11,1.09,1.10,5")
    path.write_bytes(gzip.compress("\n".join([*good, row, ""]).encode()))
    answer = run(
        "simulate", "--bars", path, "--clock", "utc", "--no-calendar", "--strategies", EXAMPLES, "--json",
        "--data-dir", tmp_path / "run",
    )  # fmt: skip
    assert answer.code == 2
    assert str(path) in answer.err
    assert rule in answer.err
    assert answer.json["error"]["code"] == "INVALID_INPUT"
    assert not (tmp_path / "run").exists()


def test_a_market_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    missing = run("simulate", "--bars", tmp_path / "none.parquet", "--data-dir", tmp_path / "run")
    endless = run("simulate", "--strategies", EXAMPLES, "--data-dir", tmp_path / "run")
    backwards = run("simulate", "--from", "2026-02-01", "--to", "2026-01-01", "--data-dir", tmp_path / "run")
    both = run("simulate", "--calendar", "x", "--no-calendar", "--to", "2026-01-08", "--data-dir", tmp_path / "run")
    assert [answer.code for answer in (missing, endless, backwards, both)] == [2, 2, 2, 2]
    assert "none.parquet" in missing.err
    assert "--to" in endless.err
    assert "nothing to run from 2026-02-01" in backwards.err
    assert "--no-calendar" in both.err
