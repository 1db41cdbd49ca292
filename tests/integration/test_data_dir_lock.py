"""One desk per data directory, and how others find it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tradewarden.adapters.embedded import DataDirLock, DeskAlreadyRunning, RunningDesk, read_running_desk

HOLDER = """
import sys
from pathlib import Path
from tradewarden.adapters.embedded import DataDirLock
lock = DataDirLock(Path(sys.argv[1]))
lock.acquire()
lock.publish("http://127.0.0.1:8123")
print("held", flush=True)
sys.stdin.read()
"""


def test_second_desk_is_told_where_the_first_one_is_and_a_kill_frees_the_directory(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert read_running_desk(tmp_path) == RunningDesk(pid=process.pid, url="http://127.0.0.1:8123")
        with pytest.raises(
            DeskAlreadyRunning, match=rf"already runs at http://127\.0\.0\.1:8123 \(process {process.pid}\)"
        ):
            DataDirLock(tmp_path).acquire()
        process.kill()
    assert read_running_desk(tmp_path) is None
    with DataDirLock(tmp_path) as lock:
        lock.publish("http://127.0.0.1:9000")
        assert read_running_desk(tmp_path) == RunningDesk(pid=os.getpid(), url="http://127.0.0.1:9000")
    assert read_running_desk(tmp_path) is None


def test_untouched_directory_has_no_desk_and_gets_no_files_from_looking(tmp_path: Path) -> None:
    assert read_running_desk(tmp_path / "nothing") is None
    assert not (tmp_path / "nothing").exists()


def test_address_is_not_published_without_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not held"):
        DataDirLock(tmp_path).publish("http://127.0.0.1:1")
