"""What PostgreSQL adds to the storage contract: rights, triggers, outages, restarts, and changes from outside."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.builders import NOW, D, a_policy
from tests.contracts.records import a_draft, keep_idea, written
from tests.services.recorded import record_decisions

from tradewarden.adapters.anchor import FileAnchor
from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.embedded.urls import driver_url
from tradewarden.adapters.postgres import PostgresStorage
from tradewarden.adapters.postgres.migrate import upgrade
from tradewarden.core.audit.chain import ChainHead
from tradewarden.core.errors import Conflict, IntegrityError, InvalidInput, StorageUnavailable

DEADLINE_SECONDS = 20.0
ADD_ONLY = (
    "decision_history",
    "snapshot_bundle",
    "bar_chunks",
    "decisions",
    "order_intents",
    "strategy_versions",
    "risk_config_versions",
)


@pytest.fixture
def storage(database_url: DatabaseUrls) -> Iterator[PostgresStorage]:
    storage = PostgresStorage(database_url.app)
    yield storage
    storage.close()


def execute(url: str, statement: Any, *values: object) -> None:
    with psycopg.connect(driver_url(url)) as connection:
        connection.execute(statement, values)


def terminate_other_sessions(postgres: EmbeddedPostgres, urls: DatabaseUrls) -> None:
    name = driver_url(urls.app).rpartition("@/")[2].partition("?")[0]
    execute(
        postgres.admin_url(),
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        name,
    )


def eventually(act: Callable[[], object]) -> None:
    """Repeat ``act`` until the record is there again."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            act()
            return
        except StorageUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.mark.parametrize("table", ADD_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_application_has_no_right_to_change_what_is_only_added_to(
    table: str, verb: str, database_url: DatabaseUrls
) -> None:
    with psycopg.connect(driver_url(database_url.app)) as connection:
        found = connection.execute("SELECT has_table_privilege(%s, %s)", (table, verb)).fetchone()
    assert found == (False,)


@pytest.mark.parametrize("table", ADD_ONLY)
def test_a_trigger_refuses_everybody_else(
    table: str, storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    record_decisions(storage, 1)
    written(storage, lambda tx: tx.save_policy(a_policy(), at=NOW))
    column = {"decision_history": "actor", "strategy_versions": "digest", "risk_config_versions": "created_at"}
    name = column.get(table, "digest" if table not in ("decisions",) else "engine_version")
    database = driver_url(database_url.app).rpartition("@/")[2].partition("?")[0]
    identifier = sql.Identifier(table)
    statements = (
        sql.SQL("UPDATE {} SET {} = {}").format(identifier, sql.Identifier(name), sql.Identifier(name)),
        sql.SQL("DELETE FROM {}").format(identifier),
        sql.SQL("TRUNCATE {} CASCADE").format(identifier),
    )
    for url in (database_url.owner, postgres.admin_url(database)):
        for statement in statements:
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="only ever added to"):
                execute(url, statement)


def test_the_levels_of_an_idea_and_the_identity_of_a_position_have_no_right_to_change(
    database_url: DatabaseUrls,
) -> None:
    with psycopg.connect(driver_url(database_url.app)) as connection:
        for table, column, allowed in (
            ("trade_ideas", "status", True),
            ("trade_ideas", "stop_loss", False),
            ("trade_ideas", "idea", False),
            ("positions", "lots", True),
            ("positions", "initial_risk", False),
            ("outbox", "status", True),
            ("outbox", "magic", False),
            ("halts", "in_force", True),
            ("halts", "reason", False),
        ):
            query = "SELECT has_column_privilege(%s, %s, 'UPDATE')"
            assert connection.execute(query, (table, column)).fetchone() == (allowed,), (table, column)


def test_an_entry_that_does_not_follow_is_refused_by_the_table(
    storage: PostgresStorage, database_url: DatabaseUrls
) -> None:
    written(storage, lambda tx: tx.append(a_draft()))
    statement = """
        INSERT INTO decision_history (seq, occurred_at, action, rationale, human_override, actor, payload, prev_hash,
            entry_hash)
        SELECT seq + %s, occurred_at, action, rationale, human_override, actor, payload, {}, repeat('a', 64)
        FROM decision_history
    """
    for step, prev_hash in ((2, "entry_hash"), (1, "prev_hash")):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="does not follow"):
            execute(database_url.app, sql.SQL(statement).format(sql.Identifier(prev_hash)), step)


def test_the_high_water_mark_is_held_by_the_table_too(storage: PostgresStorage, database_url: DatabaseUrls) -> None:
    execute(database_url.app, "INSERT INTO desk_figures (id, high_water_mark) VALUES (1, 100)")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="cannot fall"):
        execute(database_url.app, "UPDATE desk_figures SET high_water_mark = 99")


def test_a_change_made_with_psql_is_seen_by_the_next_block(
    storage: PostgresStorage, database_url: DatabaseUrls
) -> None:
    written(storage, lambda tx: tx.set_watchlist(["EURUSD"], at=NOW))
    with storage.read() as reading:
        assert reading.watchlist() == ("EURUSD",)
    before = storage.revision()
    execute(database_url.owner, "INSERT INTO watchlist VALUES ('XAUUSD', 1)")
    assert storage.revision() > before
    with storage.read() as reading:
        assert reading.watchlist() == ("EURUSD", "XAUUSD")


def test_a_read_block_answers_from_one_state(storage: PostgresStorage, database_url: DatabaseUrls) -> None:
    written(storage, lambda tx: tx.append(a_draft()))
    other = PostgresStorage(database_url.app)
    with storage.read() as reading:
        assert reading.head().seq == 1
        assert reading.watchlist() == ()
        written(other, lambda tx: tx.append(a_draft()))
        written(other, lambda tx: tx.set_watchlist(["EURUSD"], at=NOW))
        assert reading.head().seq == 1
        assert reading.watchlist() == ()
    with storage.read() as reading:
        assert reading.head().seq == 2
        assert reading.watchlist() == ("EURUSD",)
    other.close()


def test_a_walk_leaves_the_rows_in_the_server(storage: PostgresStorage) -> None:
    with storage.write() as tx:
        for _ in range(20):
            tx.append(a_draft())
    with storage.read() as reading:
        walk = reading.walk_history()
        assert next(walk).seq == 1
        # A cursor that holds its rows in the client would keep the whole history in this process.
        connection = reading._connection  # type: ignore[attr-defined]
        names = connection.exec_driver_sql("SELECT name FROM pg_cursors WHERE name <> ''").all()
        assert len(names) == 1
        assert sum(1 for _ in walk) == 19
        assert connection.exec_driver_sql("SELECT name FROM pg_cursors WHERE name <> ''").all() == []


def test_writers_of_several_programs_make_one_chain(database_url: DatabaseUrls) -> None:
    storages = [PostgresStorage(database_url.app) for _ in range(4)]

    def write_fifty(storage: PostgresStorage) -> None:
        for _ in range(50):
            written(storage, lambda tx: tx.append(a_draft()))

    threads = [threading.Thread(target=write_fifty, args=(storage,)) for storage in storages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with storages[0].read() as reading:
        assert [entry.seq for entry in reading.walk_history()] == list(range(1, 201))
    for storage in storages:
        storage.close()


def test_a_connection_lost_inside_a_transaction_writes_nothing(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with pytest.raises(StorageUnavailable, match="record"), storage.write() as tx:  # noqa: PT012  the block is tested
        tx.append(a_draft())
        terminate_other_sessions(postgres, database_url)
        tx.append(a_draft())
    with storage.write() as tx:
        assert tx.append(a_draft()).seq == 1


def test_a_connection_lost_at_the_commit_says_that_it_is_open(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with pytest.raises(StorageUnavailable, match="may or may not"), storage.write() as tx:  # noqa: PT012
        tx.append(a_draft())
        terminate_other_sessions(postgres, database_url)
    with storage.write() as tx:
        assert tx.append(a_draft()).seq == 1


def test_connections_lost_while_idle_are_replaced_unnoticed(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    written(storage, lambda tx: tx.append(a_draft()))
    terminate_other_sessions(postgres, database_url)
    with storage.read() as reading:
        assert reading.head().seq == 1
    assert storage.is_writable()


def test_a_stopped_server_is_an_unavailable_record_until_it_is_back(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path, settings={"fsync": "off"})
    with postgres:
        urls = postgres.urls
        upgrade(urls.owner)
        storage = PostgresStorage(urls.app)
        written(storage, lambda tx: tx.append(a_draft()))
        postgres.stop()
        assert not storage.is_writable()
        with pytest.raises(StorageUnavailable, match="cannot be written"), storage.write() as tx:
            tx.append(a_draft())
        with pytest.raises(StorageUnavailable, match="cannot be read"), storage.read() as reading:
            reading.head()
        with pytest.raises(StorageUnavailable):
            storage.revision()
        postgres.start()
        eventually(lambda: written(storage, lambda tx: tx.append(a_draft())))
        assert storage.is_writable()
        pid = postgres.server_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: written(storage, lambda tx: tx.append(a_draft())))
        with storage.read() as reading:
            assert [entry.seq for entry in reading.walk_history()] == list(range(1, reading.head().seq + 1))
            assert reading.head().seq >= 3
        storage.close()


def test_a_read_only_database_is_not_writable(storage: PostgresStorage, database_url: DatabaseUrls) -> None:
    name = driver_url(database_url.app).rpartition("@/")[2].partition("?")[0]
    execute(
        database_url.owner,
        sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(sql.Identifier(name)),
    )
    fresh = PostgresStorage(database_url.app)
    assert not fresh.is_writable()
    with pytest.raises(StorageUnavailable, match="read-only"), fresh.write() as tx:
        tx.append(a_draft())
    fresh.close()


def test_an_anchor_that_cannot_be_written_stops_writing_until_it_can(
    database_url: DatabaseUrls, tmp_path: Path
) -> None:
    anchor = FileAnchor(tmp_path / "anchor" / "history.anchor")
    storage = PostgresStorage(database_url.app, anchor=anchor)
    written(storage, lambda tx: tx.append(a_draft()))
    anchor.close()
    aside = tmp_path / "aside"
    anchor.path.parent.rename(aside)
    anchor.path.parent.write_text("in the way", encoding="ascii")
    written(storage, lambda tx: tx.append(a_draft()))  # committed; its note is due
    assert not storage.is_writable()
    with pytest.raises(StorageUnavailable, match="anchor"), storage.write() as tx:
        tx.append(a_draft())
    anchor.path.parent.unlink()
    aside.rename(anchor.path.parent)
    assert storage.is_writable()
    with storage.read() as reading:
        assert storage.anchored_head() == reading.head()
        assert reading.head().seq == 2
    storage.close()


def test_a_text_that_postgresql_cannot_hold_is_refused_by_name(storage: PostgresStorage) -> None:
    for draft in (a_draft(rationale="a\x00b"), a_draft(payload={"reply": "a\x00b"})):
        with pytest.raises(InvalidInput, match="cannot hold"), storage.write() as tx:
            tx.append(draft)


def test_a_wrong_row_is_refused_with_the_rule_that_it_breaks(storage: PostgresStorage) -> None:
    with pytest.raises(IntegrityError, match=r'"decision_history_confidence_score_check"$'), storage.write() as tx:
        tx.append(a_draft(confidence_score=D(101)))
    with pytest.raises(IntegrityError, match="actor"), storage.write() as tx:
        tx.append(a_draft(actor=""))


def test_a_conflict_names_what_is_there_already(storage: PostgresStorage) -> None:
    seq = keep_idea(storage)
    with storage.read() as reading:
        idea = reading.idea("1" * 32)
    assert idea is not None
    assert idea.history_seq == seq
    with pytest.raises(Conflict, match=r"this idea is recorded already: Key \(id\)=\(1+\)"), storage.write() as tx:
        tx.save_idea(idea)


def test_an_exclusive_storage_reads_its_book_without_asking(database_url: DatabaseUrls) -> None:
    storage = PostgresStorage(database_url.app, exclusive=True)
    written(storage, lambda tx: tx.set_watchlist(["EURUSD"], at=NOW))
    with storage.read() as reading:
        assert reading.watchlist() == ("EURUSD",)
    before = storage.revision()
    written(storage, lambda tx: tx.set_watchlist(["XAUUSD"], at=NOW))
    assert storage.revision() > before
    with storage.read() as reading:
        assert reading.watchlist() == ("XAUUSD",)
        assert reading.head() == ChainHead(0, "0" * 64)
    storage.close()
