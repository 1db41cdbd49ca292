"""The programs in `examples/` run as their own text says."""

import subprocess
import sys
from pathlib import Path

from tests.integration.cli_rig import REPOSITORY, started

EXAMPLES = REPOSITORY / "examples"


def program(name: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_simulating_and_replaying_from_python() -> None:
    done = program("simulate_and_replay.py")
    assert done.returncode == 0, done.stderr
    assert "identical" in done.stdout
    assert "verified: intact" in done.stdout


def test_watching_a_running_desk_over_http(tmp_path: Path) -> None:
    with started(tmp_path):
        done = program("watch_desk.py", tmp_path, "--once")
    assert done.returncode == 0, done.stderr
    assert "SIMULATED market, supervised, AI trading on" in done.stdout


def test_every_program_in_the_folder_is_run_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"simulate_and_replay.py", "watch_desk.py"}
