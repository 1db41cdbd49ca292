"""The local PostgreSQL of one data directory, as the rest of the program sees it: start, addresses, stop.

Whoever takes the supervisor's lock runs the server; everybody else attaches to it and says so by a shared
lock, for which the running one waits a while before it stops. Under ``postgres/`` of the data directory lie
the cluster, its passwords and, where the path is short enough, its socket.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import psycopg

from tradewarden.adapters.embedded.binaries import find_binaries
from tradewarden.adapters.embedded.cluster import ensure_cluster, ensure_roles
from tradewarden.adapters.embedded.errors import EmbeddedPostgresError
from tradewarden.adapters.embedded.files import FileLock, make_private_folder
from tradewarden.adapters.embedded.identity import Identity, choose_identity
from tradewarden.adapters.embedded.postmaster import POLL_SECONDS, read_postmaster, stop_orphan, wait_until
from tradewarden.adapters.embedded.server import Server, ServerPlan
from tradewarden.adapters.embedded.socket_folder import drop_short_folder, prepare_socket_folder
from tradewarden.adapters.embedded.urls import DatabaseUrls, driver_url, load_or_make_credentials

# A first start makes the cluster; another process that attaches meanwhile waits as long as that may take.
ATTACH_SECONDS = 300.0
OTHERS_SECONDS = 10.0
LOG_LIMIT_BYTES = 10_000_000

SERVER_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "log_min_duration_statement": "1000",
        # Values of a failed statement may be secrets.
        "log_parameter_max_length_on_error": "0",
    }
)


def _silent(_message: str) -> None:
    """Report progress to nobody."""


class EmbeddedPostgres:
    """The PostgreSQL of `data_dir`: run by this process, or by another one and shared.

    `on_progress` gets one line per step, from the supervisor's thread too. `settings` are further server
    settings (tests switch durability off). `user_namespaces` says whether root may use them; None finds out
    by trying.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        on_progress: Callable[[str], None] = _silent,
        settings: Mapping[str, str] | None = None,
        user_namespaces: bool | None = None,
    ) -> None:
        self._data_dir = data_dir.resolve()
        self._folder = self._data_dir / "postgres"
        self._cluster = self._folder / "cluster"
        self._on_progress = on_progress
        self._settings = {**SERVER_SETTINGS, **(settings or {})}
        self._user_namespaces = user_namespaces
        self._run_lock = FileLock(self._folder / "supervisor.lock")
        self._use_lock = FileLock(self._folder / "users.lock")
        self._server: Server | None = None
        self._socket_folder: Path | None = None

    @property
    def attached(self) -> bool:
        """True while the server in use is run by another process."""
        return self._socket_folder is not None and self._server is None

    @property
    def server_pid(self) -> int | None:
        """The server's process id when this process runs it, else None."""
        return self._server.pid if self._server else None

    @property
    def ready(self) -> bool:
        """True while the server accepts connections, whichever process runs it."""
        if self._server is not None:
            return self._server.ready
        found = read_postmaster(self._cluster)
        return self._socket_folder is not None and found is not None and found.ready

    @property
    def urls(self) -> DatabaseUrls:
        """The addresses of the database; raises EmbeddedPostgresError before `start`."""
        credentials = load_or_make_credentials(self._folder / "credentials.json", cluster_exists=True)
        return credentials.urls(self._require_socket_folder())

    def admin_url(self, database: str = "postgres") -> str:
        """Return the superuser's URL of `database`; raises EmbeddedPostgresError before `start`."""
        credentials = load_or_make_credentials(self._folder / "credentials.json", cluster_exists=True)
        return credentials.admin_url(self._require_socket_folder(), database)

    def start(self, *, attach: bool = True) -> DatabaseUrls:
        """Run the server, or attach to the one that another process runs, and return its addresses.

        The desk passes `attach=False`: its database must not end with a passing command's, so it waits for
        that command to finish. Starting twice returns the addresses again. Raises EmbeddedPostgresError.
        """
        if self._socket_folder is not None:
            return self.urls
        make_private_folder(self._data_dir)
        make_private_folder(self._folder)
        deadline = time.monotonic() + ATTACH_SECONDS
        told = False
        while not self._run_lock.try_acquire():
            if attach and self._try_attach():
                return self.urls
            if not told:
                told = True
                self._on_progress("Another Tradewarden process uses the database; waiting for it")
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"Another process has held the database in {self._folder} for {ATTACH_SECONDS:.0f} s; "
                    "end it, then retry."
                )
            time.sleep(POLL_SECONDS)
        try:
            return self._run()
        except BaseException:
            # Whatever went wrong, Ctrl-C included, no server and no lock may stay behind.
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server when this process runs it, else only let go of it; stopping twice is fine."""
        server, self._server, self._socket_folder = self._server, None, None
        try:
            if server is not None:
                self._let_others_finish()
                server.stop()
                drop_short_folder(self._folder)
        finally:
            self._use_lock.release()
            self._run_lock.release()

    def _run(self) -> DatabaseUrls:
        binaries = find_binaries()
        stop_orphan(self._cluster, self._on_progress)
        identity = choose_identity(self._folder, binaries, user_namespaces=self._user_namespaces)
        credentials = load_or_make_credentials(
            self._folder / "credentials.json", cluster_exists=(self._cluster / "PG_VERSION").exists()
        )
        ensure_cluster(
            self._cluster, binaries=binaries, identity=identity, admin_password=credentials.admin,
            on_progress=self._on_progress,
        )  # fmt: skip
        socket_folder = prepare_socket_folder(self._folder, identity)
        self._server = Server(self._plan(binaries, identity, socket_folder), self._on_progress)
        self._server.start()
        ensure_roles(credentials.admin_url(socket_folder), credentials)
        self._socket_folder = socket_folder
        return credentials.urls(socket_folder)

    def _plan(self, binaries: Path, identity: Identity, socket_folder: Path) -> ServerPlan:
        log = make_private_folder(self._data_dir / "logs") / "postgresql.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_name("postgresql.log.1"))
        settings = {**self._settings, "unix_socket_directories": str(socket_folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = identity.command(binaries / "postgres", "-D", self._cluster, *options, dies_with_parent=True)
        return ServerPlan(command=tuple(command), cluster=self._cluster, socket_folder=socket_folder, log=log)

    def _try_attach(self) -> bool:
        """Use the other process's server when it accepts connections and its roles are there."""
        found = read_postmaster(self._cluster)
        if found is None or not found.ready or not self._use_lock.try_acquire(shared=True):
            return False
        self._socket_folder = found.socket_folder
        try:
            with psycopg.connect(driver_url(self.urls.app), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            # A first start is not through yet, or the server is on its way down: look again.
            self._socket_folder = None
            self._use_lock.release()
            return False

    def _let_others_finish(self) -> None:
        if self._use_lock.try_acquire():
            return
        self._on_progress("Another Tradewarden command still reads the database; waiting a moment for it")
        wait_until(self._use_lock.try_acquire, OTHERS_SECONDS)

    def _require_socket_folder(self) -> Path:
        if self._socket_folder is None:
            raise EmbeddedPostgresError(f"The database in {self._folder} has not been started.")
        return self._socket_folder

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
