"""Who runs the desk of a data directory.

One desk per data directory: the running one holds a lock and leaves its process id and address in
``run/desk.json``, from where a second start and the command line learn where to turn. The lock is the truth;
the file only describes its holder.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tradewarden.adapters.embedded.files import FileLock, make_private_folder, write_private_text
from tradewarden.core.errors import Conflict

LOOKS = 10
LOOK_PAUSE_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """The process that holds a data directory; `url` is empty until its API answers."""

    pid: int
    url: str


class DeskAlreadyRunning(Conflict):
    """Another process runs the desk of this data directory."""

    def __init__(self, data_dir: Path, desk: RunningDesk | None) -> None:
        self.data_dir = data_dir
        self.desk = desk
        who = f"process {desk.pid}" if desk else "another process"
        where = f" at {desk.url}" if desk and desk.url else ""
        super().__init__(
            f"The desk of {data_dir} already runs{where} ({who}); stop it first or choose another --data-dir."
        )


class DataDirLock:
    """The right to run the desk of one data directory, held until released or until the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._lock = FileLock(_lock_path(self._data_dir))

    def acquire(self) -> None:
        """Take the directory; raise DeskAlreadyRunning, naming the holder and its URL, when it is taken."""
        make_private_folder(self._data_dir)
        # A command that only looks holds the lock for a moment; a desk holds it for good.
        for _ in range(LOOKS):
            if self._lock.try_acquire():
                break
            time.sleep(LOOK_PAUSE_SECONDS)
        else:
            raise DeskAlreadyRunning(self._data_dir, _read_note(self._data_dir))
        self.publish("")

    def publish(self, url: str) -> None:
        """Tell others where this desk is reached; raise RuntimeError when the lock is not held."""
        if not self._lock.held:
            raise RuntimeError(f"the lock of {self._data_dir} is not held, so no address can be published")
        write_private_text(_note_path(self._data_dir), json.dumps({"pid": os.getpid(), "url": url}) + "\n")

    def release(self) -> None:
        """Give the directory back; releasing twice is fine."""
        if self._lock.held:
            _note_path(self._data_dir).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def read_running_desk(data_dir: Path) -> RunningDesk | None:
    """Return the desk that runs on `data_dir`, or None when nobody holds it (a killed desk holds nothing)."""
    data_dir = data_dir.resolve()
    if not _lock_path(data_dir).exists():
        return None
    with FileLock(_lock_path(data_dir)) as probe:
        # Shared, so that two commands that look at the same moment do not take each other for a desk.
        if probe.try_acquire(shared=True):
            return None
    return _read_note(data_dir)


def _lock_path(data_dir: Path) -> Path:
    return data_dir / "run" / "desk.lock"


def _note_path(data_dir: Path) -> Path:
    return data_dir / "run" / "desk.json"


def _read_note(data_dir: Path) -> RunningDesk | None:
    """Return what the holder wrote about itself; None in the moment before it has written anything."""
    try:
        note = json.loads(_note_path(data_dir).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return RunningDesk(pid=int(note["pid"]), url=str(note["url"]))
