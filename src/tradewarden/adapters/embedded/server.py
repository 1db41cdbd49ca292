"""One PostgreSQL server as a watched child process.

A thread of its own starts the server and waits for it, because the kernel ties the parent-death signal to the
thread that made the child: started from a short-lived thread, the database would end with that thread. The
same thread starts a killed server again, a few times and no more.
"""

import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tradewarden.adapters.embedded.errors import EmbeddedPostgresError
from tradewarden.adapters.embedded.postmaster import (
    POLL_SECONDS,
    clear_leftovers,
    read_postmaster,
    stop_process,
)

# Recovery after a crash replays the log; on a slow disk that takes minutes and must not be cut short.
READY_SECONDS = 300.0
STILL_WAITING_SECONDS = 5.0
MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 600.0
LOG_TAIL_LINES = 12
LOG_TAIL_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """Everything needed to start one server: its command line, its data, its socket's folder and its log."""

    command: tuple[str, ...]
    cluster: Path
    socket_folder: Path
    log: Path


class Server:
    """A running PostgreSQL that belongs to this process.

    `on_progress` is called from the watching thread too.
    """

    def __init__(self, plan: ServerPlan, on_progress: Callable[[str], None]) -> None:
        self._plan = plan
        self._on_progress = on_progress
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._ready = False
        self._failure: EmbeddedPostgresError | None = None
        self._thread = threading.Thread(target=self._watch, name="postgresql-supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """The server's process id, None while there is none."""
        with self._guard:
            return self._process.pid if self._process else None

    @property
    def ready(self) -> bool:
        """True while the server accepts connections."""
        return self._ready

    @property
    def failure(self) -> EmbeddedPostgresError | None:
        """Why the server is down for good, or None."""
        return self._failure

    def start(self) -> None:
        """Return when the new server accepts connections; raise EmbeddedPostgresError with its log's end."""
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._failure is not None)
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Shut the server down in order; raise EmbeddedPostgresError when even force does not end it."""
        with self._guard:
            self._stopping.set()
            process = self._process
        if process is not None and not stop_process(process.pid, lambda seconds: _ended(process, seconds)):
            raise EmbeddedPostgresError(f"PostgreSQL process {process.pid} does not end; end it by hand.")
        self._thread.join()

    def _watch(self) -> None:
        restarts: deque[float] = deque(maxlen=MAX_RESTARTS)
        try:
            while self._run_once():
                now = time.monotonic()
                if len(restarts) == MAX_RESTARTS and now - restarts[0] < RESTART_WINDOW_SECONDS:
                    raise self._error(f"PostgreSQL ended {MAX_RESTARTS + 1} times in a short while; it stays down")
                restarts.append(now)
                self._on_progress("PostgreSQL ended unexpectedly; starting it again")
        except EmbeddedPostgresError as error:
            self._fail(error)
        except OSError as error:
            self._fail(self._error(f"PostgreSQL cannot be started: {error}"))

    def _run_once(self) -> bool:
        """Run the server until it ends; return True when it ended without having been told to."""
        clear_leftovers(self._plan.cluster, self._plan.socket_folder)
        with self._guard:
            if self._stopping.is_set():
                return False
            with self._plan.log.open("ab") as log:
                # Its own session: Ctrl-C in a terminal goes to the desk, which closes its work before the
                # database.
                process = self._process = subprocess.Popen(
                    self._plan.command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
                )  # fmt: skip
        self._wait_ready(process)
        process.wait()
        self._set_ready(False)
        return not self._stopping.is_set()

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        started = mentioned = time.monotonic()
        while process.poll() is None:
            found = read_postmaster(self._plan.cluster)
            if found is not None and found.pid == process.pid and found.ready:
                self._set_ready(True)
                return
            now = time.monotonic()
            if now - started > READY_SECONDS:
                stop_process(process.pid, lambda seconds: _ended(process, seconds))
                raise self._error(f"PostgreSQL was not ready within {READY_SECONDS:.0f} s")
            if now - mentioned > STILL_WAITING_SECONDS:
                mentioned = now
                self._on_progress(f"PostgreSQL is starting ({now - started:.0f} s so far)")
            time.sleep(POLL_SECONDS)
        if not self._stopping.is_set():
            raise self._error(f"PostgreSQL ended while starting ({_how(process.returncode)})")

    def _set_ready(self, ready: bool) -> None:  # noqa: FBT001 - the one value it sets
        with self._changed:
            self._ready = ready
            self._changed.notify_all()

    def _fail(self, error: EmbeddedPostgresError) -> None:
        with self._changed:
            self._ready = False
            self._failure = error
            self._changed.notify_all()
        self._on_progress(str(error))

    def _error(self, message: str) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(f"{message}. The end of {self._plan.log}:\n{_tail(self._plan.log)}")


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _how(return_code: int | None) -> str:
    if return_code is None:
        return "still running"
    return f"signal {-return_code}" if return_code < 0 else f"exit code {return_code}"


def _tail(log: Path) -> str:
    try:
        raw = log.read_bytes()[-LOG_TAIL_BYTES:]
    except FileNotFoundError:
        return "  (no log was written)"
    return "\n".join(f"  {line}" for line in raw.decode(errors="replace").splitlines()[-LOG_TAIL_LINES:])
