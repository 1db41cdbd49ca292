"""What a server process leaves on disk, and whether it is still alive.

``postmaster.pid`` names the process, its socket folder, its shared memory and its state. After a kill it
stays behind and may name a zombie or a stranger that got the same number; removing it is safe only when
nothing is attached to the dead server's shared memory any more, because two servers on one directory destroy
it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tradewarden.adapters.embedded.errors import EmbeddedPostgresError

PID_FILE = "postmaster.pid"
POLL_SECONDS = 0.02
# A fast shutdown waits for a checkpoint; an immediate one only for the processes to end.
FAST_SHUTDOWN_SECONDS = 30.0
IMMEDIATE_SHUTDOWN_SECONDS = 10.0
KILL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The content of one postmaster.pid; `shared_memory_id` is None until the server has made its memory."""

    pid: int
    socket_folder: Path
    shared_memory_id: int | None
    ready: bool


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Return what the postmaster.pid of `cluster` says, or None when there is none or it is half written."""
    try:
        lines = (cluster / PID_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    # pid, data directory, start time, port, socket folder, listen address, shared memory (key id), status
    if len(lines) < 5 or not lines[0].strip().lstrip("-").isdigit():
        return None
    memory = lines[6].split() if len(lines) > 6 else []
    return Postmaster(
        pid=abs(int(lines[0])),
        socket_folder=Path(lines[4].strip()),
        shared_memory_id=int(memory[1]) if len(memory) == 2 else None,
        ready=len(lines) > 7 and lines[7].strip() == "ready",
    )


def is_running(pid: int, cluster: Path) -> bool:
    """True when `pid` is a living (not zombie) postgres that serves `cluster`."""
    arguments = _arguments(pid)
    return any("postgres" in argument for argument in arguments[:1]) and str(cluster) in arguments


def stop_process(pid: int, gone: Callable[[float], bool]) -> bool:
    """Stop the server `pid`: orderly, then at once, then by force; True when it is gone.

    `gone` waits up to the given seconds for the process and returns whether it ended.
    """
    steps = (
        (signal.SIGINT, FAST_SHUTDOWN_SECONDS),
        (signal.SIGQUIT, IMMEDIATE_SHUTDOWN_SECONDS),
        (signal.SIGKILL, KILL_SECONDS),
    )
    for step, seconds in steps:
        try:
            os.kill(pid, step)
        except ProcessLookupError:
            return True
        if gone(seconds):
            return True
    return False


def stop_orphan(cluster: Path, on_progress: Callable[[str], None]) -> None:
    """Stop a server that outlived the program that started it, so that the new one is watched again."""
    found = read_postmaster(cluster)
    if found is None or not is_running(found.pid, cluster):
        return
    on_progress(f"PostgreSQL of an earlier run still serves {cluster} (process {found.pid}); stopping it")

    def gone(seconds: float) -> bool:
        return wait_until(lambda: not is_running(found.pid, cluster), seconds)

    if not stop_process(found.pid, gone):
        raise EmbeddedPostgresError(f"PostgreSQL process {found.pid} on {cluster} does not end; end it, then retry.")


def clear_leftovers(cluster: Path, socket_folder: Path) -> None:
    """Remove what a dead server left; raise EmbeddedPostgresError while any of it lives."""
    found = read_postmaster(cluster)
    if found is not None:
        if is_running(found.pid, cluster):
            raise EmbeddedPostgresError(f"PostgreSQL process {found.pid} still serves {cluster}; end it, then retry.")
        memory = found.shared_memory_id
        # Its children notice within moments that their parent is gone, and end.
        if memory is not None and not wait_until(lambda: not _memory_in_use(memory), IMMEDIATE_SHUTDOWN_SECONDS):
            raise EmbeddedPostgresError(
                f"Processes of a killed PostgreSQL still use {cluster} (shared memory {memory}); end them, then retry."
            )
        if _number_is_taken(found.pid):
            # A zombie or a stranger has the number: PostgreSQL would take it for a living server. A number
            # that nobody has is left to PostgreSQL, which checks the memory once more before it removes the
            # file.
            (cluster / PID_FILE).unlink(missing_ok=True)
    for leftover in socket_folder.glob(".s.PGSQL.*"):
        leftover.unlink(missing_ok=True)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as `condition` holds, False when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _arguments(pid: int) -> list[str]:
    """Return the command line of `pid`; empty when it is gone or a zombie."""
    if Path("/proc/self").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return []
        return [part.decode(errors="replace") for part in raw.split(b"\0") if part]
    listing = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)],  # noqa: S607 - the system's own ps, wherever it lives
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return listing.stdout.split()


def _memory_in_use(shared_memory_id: int) -> bool:
    """True while a process is attached to the System V segment that PostgreSQL holds as its interlock."""
    table = Path("/proc/sysvipc/shm")
    if not table.exists():
        # PostgreSQL itself looks again on its start and refuses; without /proc there is no way to wait for
        # it.
        return False
    rows = (line.split() for line in table.read_text(encoding="ascii").splitlines()[1:])
    return any(int(row[1]) == shared_memory_id and int(row[6]) > 0 for row in rows)


def _number_is_taken(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
