"""The decision benchmark runs and reports what it promises; how fast it was is no matter of a test."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "benchmarks" / "bench_decide.py"


def run(*options: str, data: Path) -> str:
    """What the benchmark prints when the real market data lies in ``data``."""
    environment = {**os.environ, "TRADEWARDEN_TEST_DATA": str(data)}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *options], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A report on the bars of an installed package, which are at hand everywhere."""
    empty = tmp_path_factory.mktemp("no_data")
    return json.loads(run("--quick", "--no-peers", "--json", "--rounds", "1", "--windows", "6", data=empty))


def test_reports_decisions_that_reach_the_gate_and_decisions_without_a_setup(report: Any) -> None:
    decision = report["decision"]
    assert decision["setup"]["samples"] == decision["no_setup"]["samples"] == 6
    assert "no_setup" not in decision["setup"]["results"]
    assert set(decision["no_setup"]["results"]) == {"no_setup"}
    for kind in ("setup", "setup_digest", "no_setup", "no_setup_digest"):
        assert 0 < decision[kind]["min_us"] <= decision[kind]["p50_us"] <= decision[kind]["p95_us"]


def test_splits_the_stages_of_a_decision(report: Any) -> None:
    assert list(report["stages"]["setup"])[:5] == ["evaluate", "market state", "confidence", "draft", "gate"]
    assert list(report["stages"]["no_setup"]) == ["evaluate", "market state", "confidence", "draft", "rest"]


def test_runs_a_cycle_of_two_thousand_decisions(report: Any) -> None:
    cycle = report["cycle"]
    assert cycle["symbols"] * cycle["strategies"] == cycle["decisions"] == sum(cycle["results"].values()) == 2000


def test_names_a_peer_that_was_not_measured_and_why(report: Any) -> None:
    assert report["peers"] == [{"name": "freqtrade", "measured": False, "problem": "left out by --no-peers"}]


def test_names_machine_versions_and_bars(report: Any) -> None:
    assert report["machine"]["cores"] >= 1
    assert {"python", "numpy", "ta-lib"} <= set(report["versions"])
    assert report["bars"].startswith("EURUSD one-hour bars")


def test_prints_tables_for_people_on_real_bars(test_data: Path) -> None:
    printed = run("--quick", "--no-peers", "--rounds", "1", "--windows", "3", data=test_data)
    for words in ("one decision", "where the time goes", "2000", "freqtrade: not measured", "XAUUSD"):
        assert words in printed
