"""What every test may ask for: the real market data, one real PostgreSQL, a fresh migrated database.

The server starts once per test session and only when a test wants it; each test gets a database of its own,
copied from a migrated template, which takes a few hundredths of a second.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.embedded.urls import APP_ROLE, DATABASE, OWNER_ROLE, driver_url

# Examples are judged by their result alone: a deadline per example is a wall-clock assertion in disguise.
settings.register_profile("tradewarden", deadline=None, print_blob=True)
settings.load_profile("tradewarden")

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = "tradewarden_template"
DATABASE_NUMBERS = itertools.count(1)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The data is thrown away with the session, so nothing waits for a disk.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_min_duration_statement": "-1",
}


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with real market data (TRADEWARDEN_TEST_DATA, else ../shared/data beside the repository)."""
    named = os.environ.get("TRADEWARDEN_TEST_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not (folder / "bars").is_dir():
        if named:
            pytest.fail(f"TRADEWARDEN_TEST_DATA names {folder}, which has no folder bars/")
        pytest.skip(f"no real market data in {folder}; set TRADEWARDEN_TEST_DATA to a folder that has it")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The installed browser (TRADEWARDEN_CHROMIUM, else the system's); tests that ask for it are marked `browser`."""
    named = os.environ.get("TRADEWARDEN_CHROMIUM")
    found = [named] if named else [path for path in map(shutil.which, CHROMIUM_NAMES) if path]
    if not found:
        pytest.skip("no Chromium here: browser tests are NOT run; install the package `chromium`")
    return Path(found[0])


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One running PostgreSQL for the whole session."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), settings=THROWAWAY)
    with server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with all migrations applied and no rows."""
    # Imported here: tests that need no database must not pay for it, nor fail with it.
    from tradewarden.adapters.postgres.migrate import upgrade

    create_database(postgres, TEMPLATE, template="template0")
    upgrade(database_urls(postgres, TEMPLATE).owner)
    return TEMPLATE


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, migrated_template: str) -> Iterator[DatabaseUrls]:
    """The owner's and the application's URL of a fresh migrated database, dropped afterwards."""
    name = f"test_{next(DATABASE_NUMBERS)}"
    create_database(postgres, name, template=migrated_template)
    yield database_urls(postgres, name)
    with psycopg.connect(driver_url(postgres.admin_url()), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def create_database(postgres: EmbeddedPostgres, name: str, *, template: str) -> None:
    """Create a database as the product does: the owner's, with the application's role allowed to connect."""
    database, owner, app = (sql.Identifier(part) for part in (name, OWNER_ROLE, APP_ROLE))
    with psycopg.connect(driver_url(postgres.admin_url()), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(database, owner, sql.Identifier(template))
        )
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, app))


def database_urls(postgres: EmbeddedPostgres, name: str) -> DatabaseUrls:
    """Return both URLs of the database `name`."""
    urls = postgres.urls
    return DatabaseUrls(
        owner=urls.owner.replace(f"@/{DATABASE}?", f"@/{name}?"),
        app=urls.app.replace(f"@/{DATABASE}?", f"@/{name}?"),
    )
