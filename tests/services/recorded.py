"""A small real record to verify, replay and tamper with: notes, decisions on markets of their own, and their orders."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
from tests.builders import a_snapshot, some_bars, some_inputs, wandering_closes
from tests.contracts.records import Kept, a_draft, a_strategy_record, an_idea_record, an_intent_record, keep_decision

from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.embedded.urls import driver_url
from tradewarden.core.desk import IntentStatus
from tradewarden.core.orders import OpenIntent
from tradewarden.ports.storage import IntentRecord, Storage

DECISIONS = 6


def record_decisions(storage: Storage, count: int = DECISIONS) -> list[Kept]:
    """Record ``count`` decisions, each after a note of its own, so that decisions lie at entries 2, 4, 6 …"""
    kept = []
    with storage.write() as tx:
        tx.save_strategy(a_strategy_record())
    for number in range(count):
        bars = some_bars(wandering_closes(400, seed=number))
        inputs = some_inputs(decision_id=f"{number + 1:032x}", snapshot=a_snapshot(bars=(bars,)))
        with storage.write() as tx:
            tx.append(a_draft(rationale=f"before decision {number}", payload={"number": number}))
            decision = keep_decision(tx, inputs)
            intent = decision.intent
            if isinstance(intent, OpenIntent):
                # All decisions fall on one bar of one strategy, whose order identity is one; these are six lives.
                tx.save_idea(an_idea_record(decision.entry.seq, idea_id=intent.idea_id))
                record = an_intent_record(intent, decision.entry.seq)
                tx.save_intent(record)
                tx.update_intent(_voided(record))
        kept.append(decision)
    return kept


def _voided(record: IntentRecord) -> IntentRecord:
    return replace(record, status=IntentStatus.VOIDED)


@contextmanager
def tampering(postgres: EmbeddedPostgres, urls: DatabaseUrls) -> Iterator[psycopg.Connection[Any]]:
    """Connect as the superuser with every trigger and foreign key out of the way."""
    database = driver_url(urls.app).rpartition("@/")[2].partition("?")[0]
    with psycopg.connect(driver_url(postgres.admin_url(database))) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
