"""Replay recomputes recorded decisions from the record alone, and is not deceived by inputs that were changed."""

import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.builders import some_inputs
from tests.contracts.records import a_draft, keep_decision
from tests.services.recorded import DECISIONS, record_decisions, tampering

from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.memory import MemoryStorage
from tradewarden.adapters.postgres import PostgresStorage
from tradewarden.core.audit.canonical import digest_json
from tradewarden.core.errors import NotFound
from tradewarden.services import replay_decisions
from tradewarden.services.replay_decisions import ReplaySummary, replay_all, replay_one


@pytest.fixture
def storage(database_url: DatabaseUrls) -> Iterator[PostgresStorage]:
    storage = PostgresStorage(database_url.app)
    record_decisions(storage)
    yield storage
    storage.close()


def replayed(storage: PostgresStorage | MemoryStorage, **options: Any) -> ReplaySummary:
    return replay_all(storage, stopwatch=time.perf_counter, **options)


def test_every_recorded_decision_comes_out_the_same(storage: PostgresStorage) -> None:
    told: list[tuple[int, int]] = []
    summary = replayed(storage, on_progress=lambda done, total: told.append((done, total)))
    assert (summary.decisions, summary.identical, summary.different) == (DECISIONS, DECISIONS, ())
    assert summary.per_second > 0
    assert told[-1] == (DECISIONS, DECISIONS)


def test_one_decision_is_replayed_by_its_entry(storage: PostgresStorage) -> None:
    report = replay_one(storage, 4)
    assert report.identical
    assert report.decision_id == f"{2:032x}"
    assert report.recorded_digest == report.recomputed_digest
    with pytest.raises(NotFound, match="entry 3"):
        replay_one(storage, 3)
    with pytest.raises(NotFound, match="entry 99"):
        replay_one(storage, 99)


def test_other_processes_give_the_same_answer(storage: PostgresStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_decisions, "PARALLEL_FROM", 2)
    monkeypatch.setattr(replay_decisions, "_CHUNK", 2)
    summary = replayed(storage, workers=2)
    assert (summary.decisions, summary.identical) == (DECISIONS, DECISIONS)


def test_a_decision_that_does_not_follow_from_its_inputs_is_shown_stage_by_stage() -> None:
    storage = MemoryStorage()
    with storage.write() as tx:
        kept = keep_decision(tx)
        tx.append(a_draft())
        decision: Any = kept.stored.decision
        altered = {**decision, "verdict": {**decision["verdict"], "lots": "9.99"}}
        seq = tx.append(a_draft()).seq
        tx.save_decision(
            replace(kept.stored, decision_id="2" * 32, seq=seq, decision=altered, decision_digest=digest_json(altered)),
            {},
        )
    report = replay_one(storage, seq)
    assert not report.identical
    first = report.differences[0]
    assert (first.stage, first.field, first.recorded) == ("verdict", "/lots", "9.99")
    summary = replayed(storage)
    assert (summary.decisions, summary.identical) == (2, 1)
    assert summary.different == (report,)


def test_changed_bars_are_a_difference_whatever_they_lead_to(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with tampering(postgres, database_url) as connection:
        found = connection.execute("SELECT digest, content FROM bar_chunks ORDER BY ctid OFFSET 1 LIMIT 1").fetchone()
        assert found is not None
        content = bytearray(zlib.decompress(found[1]))
        content[-1] ^= 1
        connection.execute("UPDATE bar_chunks SET content = %s WHERE digest = %s", (zlib.compress(content), found[0]))
    report = replay_one(storage, 4)
    assert not report.identical
    assert report.differences[0].stage == "inputs"
    assert "changed" in report.differences[0].recomputed
    assert replayed(storage).identical == DECISIONS - 1


def test_missing_and_changed_inputs_are_differences(
    storage: PostgresStorage, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    with tampering(postgres, database_url) as connection:
        connection.execute("DELETE FROM bar_chunks WHERE digest = (SELECT min(digest) FROM bar_chunks)")
        connection.execute(
            "DELETE FROM snapshot_bundle WHERE digest = (SELECT inputs_digest FROM decisions WHERE seq = 12)"
        )
    summary = replayed(storage)
    assert summary.decisions == DECISIONS
    assert DECISIONS - 2 <= summary.identical < DECISIONS
    assert {report.differences[0].stage for report in summary.different} == {"inputs"}


def test_inputs_that_cannot_be_read_are_a_difference() -> None:
    storage = MemoryStorage()
    with storage.write() as tx:
        kept = keep_decision(tx, some_inputs())
        inputs: Any = {"nothing": "known"}
        seq = tx.append(a_draft()).seq
        tx.save_decision(
            replace(kept.stored, decision_id="2" * 32, seq=seq, inputs=inputs, inputs_digest=digest_json(inputs)), {}
        )
    report = replay_one(storage, seq)
    assert not report.identical
    assert "cannot be read" in report.differences[0].recomputed
