"""Prepare the environment of the benchmarks' peers, `.venv-bench`, from its lock.

Called by `make bench` after setup. A peer that cannot be installed does not stop the benchmarks: they run without it
and say so.
"""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from prepare import NETWORK_ADVICE, REQUIREMENTS, uv_environment
from steps import ROOT, VENV, StepFailed, guarded, one_at_a_time, run, say, step

VENV_BENCH = ROOT / ".venv-bench"


def main() -> None:
    """Make the environment, or say why there is none."""
    if not (VENV_BENCH / "bin" / "python").exists():
        (ROOT / ".make" / "bench").unlink(missing_ok=True)
    inputs: list[str | Path] = [platform.python_version(), str(ROOT), REQUIREMENTS / "bench.txt"]
    try:
        with one_at_a_time():
            step("Peers of the benchmarks in .venv-bench", install_peers, inputs=inputs, stamp="bench")
    except StepFailed as failure:
        shutil.rmtree(VENV_BENCH, ignore_errors=True)
        say(f"!!! The peers could not be installed, the benchmarks run without them: {failure}")


def install_peers() -> None:
    """Create the environment anew and install what its lock names, wheels only."""
    shutil.rmtree(VENV_BENCH, ignore_errors=True)
    env = uv_environment()
    run([sys.executable, "-m", "venv", "--without-pip", VENV_BENCH], advice="Python's venv module is incomplete.")
    python = VENV_BENCH / "bin" / "python"
    command: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", python, "--no-deps"]
    locked: list[str | Path] = ["--require-hashes", "--only-binary", ":all:", "-r", REQUIREMENTS / "bench.txt"]
    run([*command, *locked], advice=NETWORK_ADVICE, env=env)


if __name__ == "__main__":
    guarded(main)
