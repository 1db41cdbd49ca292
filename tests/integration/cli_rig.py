"""Driving the real command line: inside this process with Typer's runner, or as a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tradewarden.cli.app import app

REPOSITORY = Path(__file__).resolve().parent.parent.parent
EXAMPLES = REPOSITORY / "examples" / "strategies"
DEMO = REPOSITORY / "src" / "tradewarden" / "resources" / "strategies" / "demo_pulse.json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed on stdout, which must be JSON and nothing else."""
        return json.loads(self.out)


def run(*arguments: object) -> Answer:
    """Run one command in this process; an error that the command line does not handle fails the test."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def command(*arguments: object) -> list[str]:
    """Return the command line of a process of its own."""
    return [sys.executable, "-m", "tradewarden.cli", *(str(each) for each in arguments)]


def run_process(*arguments: object, **environment: str) -> Answer:
    """Run one command as a process of its own."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, **environment},
    )
    return Answer(done.returncode, done.stdout, done.stderr)
