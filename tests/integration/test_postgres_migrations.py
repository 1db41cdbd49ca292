"""The schema: what the program believes of its columns, and every road up and down."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool
from tests.conftest import create_database, database_urls

from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.embedded.urls import driver_url
from tradewarden.adapters.postgres import migrate
from tradewarden.adapters.postgres.tables import METADATA
from tradewarden.core.errors import StorageUnavailable

EMPTY = "test_migrations"


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[DatabaseUrls]:
    """A database without a schema."""
    create_database(postgres, EMPTY, template="template0")
    yield database_urls(postgres, EMPTY)
    with psycopg.connect(driver_url(postgres.admin_url()), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(EMPTY)))


def tables_of(urls: DatabaseUrls) -> dict[str, set[str]]:
    engine = create_engine(urls.owner, poolclass=NullPool)
    inspector = inspect(engine)
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: {column["name"] for column in inspector.get_columns(name)} for name in names}


def test_the_tables_are_what_the_program_believes(database_url: DatabaseUrls) -> None:
    believed = {table.name: {column.name for column in table.columns} for table in METADATA.sorted_tables}
    assert tables_of(database_url) == believed


def test_the_primary_keys_are_what_the_program_believes(database_url: DatabaseUrls) -> None:
    inspector = inspect(create_engine(database_url.owner, poolclass=NullPool))
    for table in METADATA.sorted_tables:
        key = {column.name for column in table.primary_key.columns}
        assert set(inspector.get_pk_constraint(table.name)["constrained_columns"]) == key, table.name


def test_the_schema_goes_up_down_and_up_again(empty: DatabaseUrls) -> None:
    assert migrate.upgrade(empty.owner)
    assert not migrate.upgrade(empty.owner)
    everything = tables_of(empty)
    migrate.downgrade(empty.owner, "0001")
    assert "users" not in tables_of(empty)
    migrate.downgrade(empty.owner, "base")
    assert tables_of(empty) == {}
    assert migrate.upgrade(empty.owner)
    assert tables_of(empty) == everything


def test_a_schema_of_an_earlier_revision_keeps_its_rows(empty: DatabaseUrls) -> None:
    migrate.upgrade(empty.owner, "0001")
    with psycopg.connect(driver_url(empty.app)) as connection:
        connection.execute("INSERT INTO bookmarks VALUES ('deals', '7')")
    assert migrate.upgrade(empty.owner)
    with psycopg.connect(driver_url(empty.app)) as connection:
        assert connection.execute("SELECT name, value FROM bookmarks").fetchall() == [("deals", "7")]


def test_programs_that_start_together_migrate_once(empty: DatabaseUrls) -> None:
    done: list[bool] = []
    threads = [threading.Thread(target=lambda: done.append(migrate.upgrade(empty.owner))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, True]


def test_the_newest_revision_is_the_one_named(migrated_template: str) -> None:
    assert migrated_template
    assert ScriptDirectory.from_config(migrate._config()).get_current_head() == migrate.HEAD


def test_a_schema_of_a_newer_program_is_refused(empty: DatabaseUrls) -> None:
    migrate.upgrade(empty.owner)
    with psycopg.connect(driver_url(empty.owner)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageUnavailable, match="newer version"):
        migrate.upgrade(empty.owner)


def test_a_start_with_nothing_to_do_does_not_load_alembic(database_url: DatabaseUrls) -> None:
    program = (
        "import sys; from tradewarden.adapters.postgres.migrate import upgrade; "
        "print(upgrade(sys.argv[1]), 'alembic.command' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, database_url.owner], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["False", "False"]


def test_an_unreachable_database_is_named_as_such(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = tmp_path_factory.mktemp("nowhere")
    with pytest.raises(StorageUnavailable, match="cannot be reached"):
        migrate.upgrade(f"postgresql+psycopg://owner:secret@/tradewarden?host={nowhere}&port=5432")
