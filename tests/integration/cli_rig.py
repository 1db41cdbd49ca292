"""Driving the real command line: inside this process with Typer's runner, or as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tradewarden.cli.app import app

REPOSITORY = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 100
STOP_SECONDS = 60
# Fast enough that the demonstration strategy finds setups within seconds.
SPEED = 600
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


@dataclass(frozen=True, slots=True)
class Up:
    """A desk that runs in a process of its own."""

    data_dir: Path
    process: "subprocess.Popen[str]"
    told: dict[str, Any]

    @property
    def desk(self) -> tuple[str, str]:
        """The option that names it."""
        return "--data-dir", str(self.data_dir)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(data_dir: Path, *options: object) -> Iterator[Up]:
    """Start a desk, wait until it says where it is, and end it with the test at the latest."""
    process = subprocess.Popen(
        command("up", "--data-dir", data_dir, "--port", free_port(), "--speed", SPEED, "--json", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # A start that hangs would be waited for in vain: reading its output has no time limit of its own.
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        told = json.loads(read_object(process))
        watchdog.cancel()
        yield Up(data_dir, process, told)
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def read_object(process: "subprocess.Popen[str]") -> str:
    """Return the one JSON object that a starting desk prints."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            return "".join(lines)
    assert process.stderr is not None
    raise AssertionError(f"the desk ended before it was up: {process.stderr.read()}")
