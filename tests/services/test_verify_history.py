"""Verification finds what a person with every right over the database has changed, and says where."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.contracts.records import a_draft
from tests.services.recorded import DECISIONS, record_decisions, tampering

from tradewarden.adapters.anchor import FileAnchor
from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.memory import MemoryStorage
from tradewarden.adapters.postgres import PostgresStorage
from tradewarden.core.audit.chain import EMPTY_CHAIN, ChainHead, seal
from tradewarden.core.errors import IntegrityError
from tradewarden.services.verify_history import verify_history

Change = Callable[[psycopg.Connection[Any]], object]
ENTRIES = 2 * DECISIONS


@pytest.fixture
def anchor(tmp_path: Path) -> FileAnchor:
    return FileAnchor(tmp_path / "history.anchor", durable=False)


@pytest.fixture
def storage(database_url: DatabaseUrls, anchor: FileAnchor) -> Iterator[PostgresStorage]:
    storage = PostgresStorage(database_url.app, anchor=anchor)
    record_decisions(storage)
    yield storage
    storage.close()


def sql(statement: str, *values: object) -> Change:
    return lambda connection: connection.execute(statement, values)


def flip_a_byte(table: str, column: str, digest_of: str) -> Change:
    """Change one byte of packed content, and pack it again as the record would."""

    def change(connection: psycopg.Connection[Any]) -> None:
        found = connection.execute(f"SELECT digest, content FROM {table} WHERE digest = ({digest_of})").fetchone()
        assert found is not None
        content = bytearray(zlib.decompress(found[1]))
        content[-3] ^= 1
        connection.execute(f"UPDATE {table} SET {column} = %s WHERE digest = %s", (zlib.compress(content), found[0]))

    return change


def swap_entries(connection: psycopg.Connection[Any]) -> None:
    for before, after in ((5, 999), (7, 5), (999, 7)):
        connection.execute("UPDATE decision_history SET seq = %s WHERE seq = %s", (after, before))


BUNDLE_OF_4 = "SELECT inputs_digest FROM decisions WHERE seq = 4"
# Chunks lie in the order recorded: the second belongs to the second decision, at entry 4.
CHUNK = "SELECT digest FROM bar_chunks ORDER BY ctid OFFSET 1 LIMIT 1"
TAMPERED: dict[str, tuple[Change, int, str]] = {
    "a byte of a stored input": (flip_a_byte("snapshot_bundle", "content", BUNDLE_OF_4), 4, "input of decision"),
    "an input that is not packed any more": (
        sql(f"UPDATE snapshot_bundle SET content = '\\x00' WHERE digest = ({BUNDLE_OF_4})"), 4, "input of decision",
    ),
    "a missing input": (sql(f"DELETE FROM snapshot_bundle WHERE digest = ({BUNDLE_OF_4})"), 4, "input of decision"),
    "a byte of a bar chunk": (flip_a_byte("bar_chunks", "content", CHUNK), 4, "cited content"),
    "a missing bar chunk": (sql(f"DELETE FROM bar_chunks WHERE digest = ({CHUNK})"), 4, "is missing"),
    "a field of a decision": (
        sql("""UPDATE decisions SET decision = jsonb_set(decision, '{symbol}', '"EURUSE"') WHERE seq = 6"""),
        6, "result of decision",
    ),
    "a decision under another digest": (
        sql("UPDATE decisions SET decision_digest = repeat('0', 64) WHERE seq = 6"), 6, "decision_digest",
    ),
    "a missing decision": (sql("DELETE FROM decisions WHERE seq = 6"), 6, "is missing"),
    "a decision moved to another entry": (sql("UPDATE decisions SET seq = 5 WHERE seq = 6"), 5, "claims entry 5"),
    "a field of an order intent": (
        sql("""UPDATE order_intents SET intent = jsonb_set(intent, '{lots}', '"50.00"') WHERE history_seq = 8"""),
        8, "order intent",
    ),
    "a missing order intent": (sql("DELETE FROM order_intents WHERE history_seq = 8"), 8, "order intent"),
    "an entry's payload": (
        sql("UPDATE decision_history SET payload = jsonb_set(payload, '{number}', '9') WHERE seq = 3"), 3, "changed",
    ),
    "an entry's payload with a float": (
        sql("UPDATE decision_history SET payload = jsonb_set(payload, '{number}', '9.5') WHERE seq = 3"), 3, "float",
    ),
    "an entry's rationale": (
        sql("UPDATE decision_history SET rationale = rationale || '.' WHERE seq = 3"), 3, "changed",
    ),
    "an entry's number": (
        sql("UPDATE decision_history SET confidence_score = 80.000 WHERE seq = 4"), 4, "changed",
    ),
    "an entry's microsecond": (
        sql("UPDATE decision_history SET occurred_at = occurred_at + interval '1 microsecond' WHERE seq = 9"),
        9, "changed",
    ),
    "an entry's action": (sql("UPDATE decision_history SET action = 'ai_halted' WHERE seq = 3"), 3, "changed"),
    "a deleted row": (sql("DELETE FROM decision_history WHERE seq = 5"), 5, "missing"),
    "a deleted first row": (sql("DELETE FROM decision_history WHERE seq = 1"), 1, "missing"),
    "two swapped rows": (swap_entries, 5, "cites"),
    "a cut tail": (sql("DELETE FROM decision_history WHERE seq > 9"), 10, "cut off"),
    "everything gone": (sql("DELETE FROM decision_history"), 1, "cut off"),
}  # fmt: skip


def test_an_untouched_record_is_intact(storage: PostgresStorage) -> None:
    told: list[tuple[int, int]] = []
    report = verify_history(storage, on_progress=lambda done, total: told.append((done, total)))
    assert report.ok, report.findings
    assert (report.entries, report.decisions, report.anchored_seq) == (ENTRIES, DECISIONS, ENTRIES)
    assert (report.first_bad_seq, report.problem, report.findings) == (None, None, ())
    assert report.head == storage.anchored_head()
    assert told[-1] == (ENTRIES, ENTRIES)


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found_and_named(
    name: str, storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    change, first_bad_seq, words = TAMPERED[name]
    with tampering(postgres, database_url) as connection:
        change(connection)
    report = verify_history(storage)
    assert not report.ok
    assert report.first_bad_seq == first_bad_seq, report.findings
    assert report.problem is not None
    assert words in report.problem


def test_an_action_that_no_version_writes_is_found(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with tampering(postgres, database_url) as connection:
        connection.execute("ALTER TABLE decision_history DROP CONSTRAINT decision_history_action_check")
        connection.execute("UPDATE decision_history SET action = 'nothing' WHERE seq = 3")
    report = verify_history(storage)
    assert (report.first_bad_seq, report.entries) == (3, 2)


def test_a_history_written_anew_is_found_by_its_anchor(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with storage.read() as reading:
        entries = list(reading.walk_history())
    head = EMPTY_CHAIN
    with tampering(postgres, database_url) as connection:
        for entry in entries:
            draft = replace(entry.draft, rationale="all was well") if entry.seq == 3 else entry.draft
            new = seal(draft, head)
            head = ChainHead(new.seq, new.entry_hash)
            connection.execute(
                "UPDATE decision_history SET rationale = %s, prev_hash = %s, entry_hash = %s WHERE seq = %s",
                (draft.rationale, new.prev_hash, new.entry_hash, new.seq),
            )
    report = verify_history(storage)
    assert report.first_bad_seq == ENTRIES
    assert report.problem is not None
    assert "written anew" in report.problem


def test_several_findings_are_listed_in_order(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with tampering(postgres, database_url) as connection:
        connection.execute("DELETE FROM decisions WHERE seq IN (4, 8)")
        connection.execute("DELETE FROM bar_chunks")
    report = verify_history(storage)
    assert [finding.seq for finding in report.findings if "is missing" in finding.problem] == [2, 4, 6, 8, 10, 12]
    assert report.first_bad_seq == 2
    assert report.entries == ENTRIES


def test_a_desk_does_not_go_on_from_a_record_older_than_its_anchor(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls, anchor: FileAnchor
) -> None:
    with tampering(postgres, database_url) as connection:
        connection.execute("DELETE FROM decision_history WHERE seq > 9")
    restarted = PostgresStorage(database_url.app, anchor=anchor)
    with pytest.raises(IntegrityError, match="restored from before"), restarted.write() as tx:
        tx.append(a_draft())
    restarted.close()


def test_an_anchor_that_trails_is_fine(database_url: DatabaseUrls, anchor: FileAnchor) -> None:
    anchored = PostgresStorage(database_url.app, anchor=anchor)
    record_decisions(anchored, 1)
    without = PostgresStorage(database_url.app)
    with without.write() as tx:
        tx.append(a_draft())
    report = verify_history(anchored)
    assert report.ok
    assert (report.entries, report.anchored_seq) == (3, 2)
    assert verify_history(without).anchored_seq is None
    anchored.close()
    without.close()


def test_an_anchor_that_cannot_be_read_is_a_finding(storage: PostgresStorage, anchor: FileAnchor) -> None:
    anchor.path.write_text("7 not a digest\n", encoding="ascii")
    report = verify_history(storage)
    assert not report.ok
    assert report.first_bad_seq is None
    assert report.problem is not None
    assert "not a note" in report.problem


def test_an_empty_record_is_intact() -> None:
    report = verify_history(MemoryStorage())
    assert report.ok
    assert (report.entries, report.head.seq) == (0, 0)


def test_an_entry_that_cites_a_decision_of_another_entry_is_found() -> None:
    storage = MemoryStorage()
    kept = record_decisions(storage, 1)[0]
    with storage.write() as tx:
        tx.append(a_draft(payload={"decision_digest": kept.stored.decision_digest, "decision_id": "x"}))
    report = verify_history(storage)
    assert report.first_bad_seq == 3
    assert report.problem == "the decision that entry 3 cites is missing"
