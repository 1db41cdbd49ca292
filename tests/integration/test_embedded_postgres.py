"""The local PostgreSQL under the treatment it gets in real life: kills, orphans, strange pids, long paths.

Every test runs real servers in a directory of its own. Waiting is always for a condition with a deadline.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tradewarden.adapters.embedded import EmbeddedPostgres, EmbeddedPostgresError
from tradewarden.adapters.embedded.urls import driver_url

DEADLINE_SECONDS = 20.0
FAST = {"fsync": "off"}

# Runs a server in a process of its own, prints its pid, and stays until its input ends.
HOLDER = """
import sys
from pathlib import Path
from tradewarden.adapters.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
postgres.start()
print(postgres.server_pid, postgres.attached, flush=True)
sys.stdin.read()
postgres.stop()
print("stopped", flush=True)
"""


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_alive(pid: int) -> bool:
    """True while `pid` runs; a zombie, which nobody may be there to reap, counts as gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def one(url: str, query: str) -> object:
    with psycopg.connect(driver_url(url)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def holder(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a server in another process; yields that process and the server's pid."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        pid, attached = process.stdout.readline().split()
        assert attached == "False"
        yield process, int(pid)
        if process.poll() is None:
            process.kill()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory with a short path, so that the socket lies in it whatever the test is called."""
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        yield Path(folder) / "data"


def test_first_start_makes_a_checksummed_utf8_cluster_with_two_ordinary_roles(data_dir: Path) -> None:
    steps: list[str] = []
    with EmbeddedPostgres(data_dir, on_progress=steps.append, settings=FAST) as postgres:
        urls = postgres.urls
        assert one(urls.app, "SELECT current_user") == "tradewarden_app"
        assert one(urls.owner, "SELECT current_user") == "tradewarden_owner"
        assert one(urls.app, "SHOW data_checksums") == "on"
        assert one(urls.app, "SHOW server_encoding") == "UTF8"
        assert one(urls.app, "SHOW listen_addresses") == ""
        assert one(urls.app, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
        assert one(urls.app, "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname <> 'tradewarden_admin'") == 0
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            psycopg.connect(driver_url(urls.app)) as mine,
        ):
            mine.execute("CREATE TABLE public.mine (id int)")
    assert any("new PostgreSQL 18 database" in step for step in steps)


def test_secrets_are_private_and_stay_out_of_text(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST) as postgres:
        passwords = json.loads((data_dir / "postgres" / "credentials.json").read_text(encoding="utf-8"))
        assert not any(secret in repr(postgres.urls) for secret in passwords.values())
        log = (data_dir / "logs" / "postgresql.log").read_text(encoding="utf-8")
        assert not any(secret in log for secret in passwords.values())
        wrong = driver_url(postgres.urls.app).replace(passwords["app"], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    mode = stat.S_IMODE((data_dir / "postgres" / "credentials.json").stat().st_mode)
    assert mode == 0o600
    assert stat.S_IMODE((data_dir / "postgres").stat().st_mode) == 0o700


def test_data_survives_a_stop_and_stop_ends_the_process(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    urls = postgres.start()
    with psycopg.connect(driver_url(urls.owner)) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    pid = postgres.server_pid
    assert pid is not None
    postgres.stop()
    postgres.stop()
    assert not is_alive(pid)
    with EmbeddedPostgres(data_dir) as again:
        assert one(again.urls.owner, "SELECT count(*) FROM kept") == 0


def test_server_goes_away_with_a_killed_parent_and_the_next_start_works(data_dir: Path) -> None:
    with holder(data_dir) as (process, server_pid):
        process.kill()
        process.wait()
        assert eventually(lambda: not is_alive(server_pid))
    with EmbeddedPostgres(data_dir) as postgres:
        assert one(postgres.urls.app, "SELECT 1") == 1


def test_server_outlives_the_thread_that_asked_for_it(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, settings=FAST)
    thread = threading.Thread(target=postgres.start)
    thread.start()
    thread.join()
    try:
        assert one(postgres.urls.app, "SELECT 1") == 1
    finally:
        postgres.stop()


def test_second_process_attaches_and_leaves_the_server_running(data_dir: Path) -> None:
    with holder(data_dir) as (process, server_pid):
        guest = EmbeddedPostgres(data_dir)
        urls = guest.start()
        assert guest.attached
        assert guest.ready
        assert one(urls.app, "SELECT 1") == 1
        guest.stop()
        assert is_alive(server_pid)
        output, _ = process.communicate("")
        assert output.strip() == "stopped"
        assert not is_alive(server_pid)


def test_running_process_lets_an_attached_one_finish_before_it_stops(data_dir: Path) -> None:
    with holder(data_dir) as (process, server_pid):
        guest = EmbeddedPostgres(data_dir)
        urls = guest.start()
        assert process.stdin is not None
        process.stdin.close()
        assert one(urls.app, "SELECT pg_sleep(0.5) IS NOT NULL") is True
        assert is_alive(server_pid)
        guest.stop()
        assert eventually(lambda: not is_alive(server_pid))


def test_killed_server_is_started_again_with_what_was_committed(data_dir: Path) -> None:
    steps: list[str] = []
    with EmbeddedPostgres(data_dir, on_progress=steps.append) as postgres:
        with psycopg.connect(driver_url(postgres.urls.owner)) as connection:
            connection.execute("CREATE TABLE kept (id int)")
            connection.execute("INSERT INTO kept VALUES (7)")
        killed = postgres.server_pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: postgres.ready and postgres.server_pid != killed)
        assert one(postgres.urls.owner, "SELECT id FROM kept") == 7
    assert any("starting it again" in step for step in steps)


def test_start_recovers_after_parent_and_server_were_both_killed(data_dir: Path) -> None:
    with holder(data_dir) as (process, server_pid):
        process.send_signal(signal.SIGSTOP)
        os.kill(server_pid, signal.SIGKILL)
        process.kill()
        process.wait()
    assert (data_dir / "postgres" / "cluster" / "postmaster.pid").exists()
    with EmbeddedPostgres(data_dir) as postgres:
        assert one(postgres.urls.app, "SELECT 1") == 1


def test_orphan_of_an_earlier_run_is_stopped_and_replaced(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        command = Path(f"/proc/{postgres.server_pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    # The same server without supervisor, lock or parent-death signal, as a run that was killed may leave it.
    prefix = ["unshare", "-U", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
    with subprocess.Popen([*prefix, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as orphan:
        pid_file = data_dir / "postgres" / "cluster" / "postmaster.pid"
        assert eventually(lambda: pid_file.exists() and "ready" in pid_file.read_text(encoding="utf-8"))
        steps: list[str] = []
        with EmbeddedPostgres(data_dir, on_progress=steps.append) as postgres:
            assert postgres.server_pid != orphan.pid
            assert one(postgres.urls.app, "SELECT 1") == 1
        assert orphan.wait(DEADLINE_SECONDS) == 0
    assert any(f"process {orphan.pid}" in step for step in steps)


def test_stale_pid_file_that_names_a_stranger_is_ignored(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pid_file = data_dir / "postgres" / "cluster" / "postmaster.pid"
        lines = pid_file.read_text(encoding="utf-8").splitlines()
    # The number now belongs to somebody else; the shared memory of the dead server is gone.
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:6], "  5432999  2000000001", "ready"]) + "\n")
    with EmbeddedPostgres(data_dir) as postgres:
        assert one(postgres.urls.app, "SELECT 1") == 1


def test_long_data_directory_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 40)
    with EmbeddedPostgres(data_dir, settings=FAST) as postgres:
        assert one(postgres.urls.app, "SELECT 1") == 1
        folder = Path((data_dir / "postgres" / "socket-folder").read_text(encoding="utf-8").strip())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    leftover = data_dir / "postgres" / "cluster.new"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n", encoding="ascii")
    with EmbeddedPostgres(data_dir, settings=FAST) as postgres:
        assert one(postgres.urls.app, "SELECT 1") == 1
    assert not leftover.exists()


def test_data_of_another_major_version_is_refused_by_name(data_dir: Path) -> None:
    cluster = data_dir / "postgres" / "cluster"
    cluster.mkdir(parents=True, mode=0o700)
    (cluster / "PG_VERSION").write_text("15\n", encoding="ascii")
    (data_dir / "postgres" / "credentials.json").write_text('{"admin": "a", "owner": "b", "app": "c"}')
    with pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 15, the program brings 18"):
        EmbeddedPostgres(data_dir).start()


def test_lost_passwords_are_named_instead_of_made_anew(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST):
        pass
    (data_dir / "postgres" / "credentials.json").unlink()
    with pytest.raises(EmbeddedPostgresError, match=r"credentials\.json is missing"):
        EmbeddedPostgres(data_dir).start()


def test_server_that_cannot_start_shows_the_end_of_its_log_and_frees_the_directory(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST):
        pass
    with pytest.raises(EmbeddedPostgresError, match="max_connections"):
        EmbeddedPostgres(data_dir, settings={"max_connections": "-3"}).start()
    with EmbeddedPostgres(data_dir, settings=FAST) as postgres:
        assert one(postgres.urls.app, "SELECT 1") == 1


def test_addresses_before_the_start_are_refused(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError):
        _ = EmbeddedPostgres(data_dir).urls


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")
def test_root_steps_down_to_another_user_where_namespaces_are_forbidden(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # The folder of one test is closed to other users, as it should be; this test opens the way to its own.
    base = tmp_path_factory.mktemp("stepped-down")
    for folder in (base, base.parent, base.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o001)
    data_dir = base / "desk"
    for _ in range(2):
        with EmbeddedPostgres(data_dir, settings=FAST, user_namespaces=False) as postgres:
            owner = Path(f"/proc/{postgres.server_pid}").stat().st_uid
            assert owner == (data_dir / "postgres" / "cluster").stat().st_uid != 0
            assert one(postgres.urls.app, "SELECT 1") == 1
    assert (data_dir / "postgres" / "credentials.json").stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")
def test_folder_that_the_other_user_cannot_reach_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedPostgresError, match=r"closed/desk/postgres is closed"):
        EmbeddedPostgres(closed / "desk", user_namespaces=False).start()
