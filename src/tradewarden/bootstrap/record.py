"""Opening the record: the local PostgreSQL of a data directory, or any other by URL, migrated and ready."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tradewarden.adapters.anchor import FileAnchor
from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres, EmbeddedPostgresError
from tradewarden.adapters.postgres.access import PostgresAccess
from tradewarden.adapters.postgres.migrate import upgrade
from tradewarden.adapters.postgres.storage import PostgresStorage
from tradewarden.core.errors import NotFound, StorageUnavailable

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An open record with its addresses; ``server`` is None when the database is somebody else's."""

    storage: PostgresStorage
    access: PostgresAccess
    urls: DatabaseUrls
    server: EmbeddedPostgres | None


def _quiet(_message: str) -> None:
    """Report progress to nobody."""


def has_record(data_dir: Path) -> bool:
    """Return whether ``data_dir`` holds a local database already."""
    return (data_dir / "postgres" / "cluster" / "PG_VERSION").exists()


@contextmanager
def open_record(
    data_dir: Path,
    *,
    database_url: str | None = None,
    exclusive: bool = False,
    must_exist: bool = False,
    attach: bool = True,
    on_progress: Progress = _quiet,
) -> Iterator[Record]:
    """Open the record of ``data_dir`` and close it when the block ends.

    ``exclusive`` says that nobody else writes meanwhile (headless runs). With ``must_exist`` an empty directory is
    NotFound instead of a new record. Raises StorageUnavailable when the database cannot be started or reached.
    """
    if must_exist and database_url is None and not has_record(data_dir):
        raise NotFound(f"there is no desk in {data_dir}: start one with `tradewarden up --data-dir {data_dir}`")
    with ExitStack() as stack:
        server = None
        if database_url is None:
            server = EmbeddedPostgres(data_dir, on_progress=on_progress)
            try:
                urls = server.start(attach=attach)
            except EmbeddedPostgresError as error:
                raise StorageUnavailable(str(error)) from error
            stack.callback(server.stop)
        else:
            urls = DatabaseUrls(owner=database_url, app=database_url)
        on_progress("Bringing the tables up to date")
        upgrade(urls.owner)
        anchor = FileAnchor(data_dir / "anchor" / "history.anchor", durable=not exclusive)
        storage = PostgresStorage(urls.app, anchor=anchor, exclusive=exclusive)
        stack.callback(storage.close)
        access = PostgresAccess(urls.app)
        stack.callback(access.close)
        yield Record(storage=storage, access=access, urls=urls, server=server)
