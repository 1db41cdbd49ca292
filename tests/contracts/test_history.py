"""What every record promises about the history: order, hashes, filters, and the decisions that entries cite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import NOW, D, a_snapshot, some_bars, some_inputs, wandering_closes
from tests.contracts.records import (
    a_draft,
    a_reduce_intent,
    an_intent_record,
    an_open_intent,
    keep_decision,
    keep_idea,
    written,
)

from tradewarden.core.audit.canonical import digest_bytes
from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.errors import Conflict, IntegrityError
from tradewarden.core.orders import intent_digest
from tradewarden.ports.storage import HistoryFilter, Storage

# PostgreSQL keeps no NUL in text, JSON no lone surrogates; the record refuses both.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
PAYLOADS = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**40), 10**40) | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=4,
)
SCORES = st.none() | st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=2) | st.just(D("-0.0"))
SECONDS_A_DAY = 86_400
MOMENTS = st.builds(
    lambda days, microseconds, zone: (NOW + timedelta(days=days, microseconds=microseconds)).astimezone(zone),
    st.integers(-10_000, 20_000),
    st.integers(0, 10**6 * SECONDS_A_DAY),
    st.sampled_from((UTC, timezone(timedelta(hours=5.5)))),
)


def test_the_chain_verifies_from_what_is_read_back(storage: Storage) -> None:
    drafts = [a_draft(rationale=f"note {number}", payload={"number": number}) for number in range(20)]
    with storage.write() as tx:
        appended = [tx.append(draft) for draft in drafts]
    with storage.read() as reading:
        walked = list(reading.walk_history())
        assert list(reading.walk_history(start_seq=15)) == appended[14:]
        assert reading.entry(7) == appended[6]
        assert reading.entry(0) is None
        assert reading.entry(21) is None
    assert walked == appended
    assert [entry.draft for entry in walked] == drafts
    assert verify_chain(walked).ok


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(payload=PAYLOADS, score=SCORES, at=MOMENTS, rationale=TEXT, symbol=st.none() | TEXT.filter(bool))
def test_every_column_hashes_the_same_after_a_round_trip(
    storage: Storage, payload: dict[str, Any], score: Any, at: datetime, rationale: str, symbol: str | None
) -> None:
    draft = a_draft(payload=payload, confidence_score=score, occurred_at=at, rationale=rationale, symbol=symbol)
    with storage.write() as tx:
        head = tx.head()
        appended = tx.append(draft)
    with storage.read() as reading:
        found = reading.entry(appended.seq)
    assert found is not None
    assert verify_chain([found], head).ok
    assert found.draft == appended.draft
    assert str(found.draft.confidence_score) == str(appended.draft.confidence_score)


def test_the_digits_of_a_score_are_kept(storage: Storage) -> None:
    for text in ("90", "90.0", "90.00", "0.000"):
        with storage.write() as tx:
            tx.append(a_draft(confidence_score=D(text)))
    with storage.read() as reading:
        found = [str(entry.draft.confidence_score) for entry in reading.walk_history()]
    assert found == ["90", "90.0", "90.00", "0.000"]


def test_history_is_filtered_and_paged(storage: Storage) -> None:
    with storage.write() as tx:
        for number in range(12):
            tx.append(
                a_draft(
                    occurred_at=NOW + timedelta(minutes=number),
                    action=Action.AI_PROPOSED if number % 2 else Action.ADMIN_NOTE,
                    symbol="EURUSD" if number % 3 else None,
                    strategy_id="s1" if number > 5 else None,
                    trade_idea_id="i1" if number == 7 else None,
                )
            )

    def seqs(**wanted: Any) -> list[int]:
        with storage.read() as reading:
            return [entry.seq for entry in reading.history(HistoryFilter(**wanted))]

    assert seqs(limit=3) == [12, 11, 10]
    assert seqs(limit=3, before_seq=10) == [9, 8, 7]
    assert seqs(limit=3, after_seq=9) == [10, 11, 12]
    assert seqs(after_seq=2, before_seq=5) == [3, 4]
    assert seqs(after_seq=12) == []
    assert seqs(symbol="EURUSD", actions=(Action.AI_PROPOSED,)) == [12, 8, 6, 2]
    assert seqs(actions=(Action.AI_PROPOSED, Action.ADMIN_NOTE), limit=2) == [12, 11]
    assert seqs(strategy_id="s1", since=NOW + timedelta(minutes=8), until=NOW + timedelta(minutes=10)) == [10, 9]
    assert seqs(idea_id="i1") == [8]
    assert seqs(symbol="XAUUSD") == []


def test_a_decision_comes_back_with_its_inputs_and_content(storage: Storage) -> None:
    with storage.write() as tx:
        tx.append(a_draft())
        kept = keep_decision(tx)
    with storage.read() as reading:
        assert reading.decision(kept.stored.decision_id) == kept.stored
        assert reading.decision_at(2) == kept.stored
        assert reading.decision_at(1) is None
        assert reading.decision("unknown") is None
        assert list(reading.walk_decisions()) == [kept.stored]
        assert reading.decision_count() == 1
        assert reading.blobs([*kept.blobs, "0" * 64]) == kept.blobs
        assert reading.blobs([]) == {}


def test_content_cited_twice_is_kept_once(storage: Storage) -> None:
    with storage.write() as tx:
        first = keep_decision(tx)
        second = keep_decision(tx, decision_id="2" * 32)
    assert first.blobs == second.blobs
    with storage.read() as reading:
        assert reading.blobs(list(first.blobs)) == first.blobs
        assert [stored.seq for stored in reading.walk_decisions()] == [1, 2]


def test_a_decision_is_kept_once_and_only_at_an_entry(storage: Storage) -> None:
    with storage.write() as tx:
        kept = keep_decision(tx)
    with pytest.raises(Conflict, match="already"):
        written(storage, lambda tx: tx.save_decision(kept.stored, {}))
    other = replace(kept.stored, decision_id="2" * 32)
    with pytest.raises(Conflict, match="already"):
        written(storage, lambda tx: tx.save_decision(other, {}))
    with pytest.raises(IntegrityError):
        written(storage, lambda tx: tx.save_decision(replace(other, seq=99), {}))


def test_what_does_not_have_its_digest_is_not_kept(storage: Storage) -> None:
    with storage.write() as tx:
        kept = keep_decision(tx)
    stored = replace(kept.stored, decision_id="2" * 32)
    with storage.write() as tx:
        seq = tx.append(a_draft()).seq
    for wrong in (replace(stored, inputs={}), replace(stored, decision_digest="0" * 64)):
        with pytest.raises(IntegrityError, match="digest"), storage.write() as tx:
            tx.save_decision(replace(wrong, seq=seq), {})
    with pytest.raises(IntegrityError, match="digest"), storage.write() as tx:
        tx.save_decision(replace(stored, seq=seq), {digest_bytes(b"one"): b"two"})


def test_nothing_with_a_float_enters_the_history(storage: Storage) -> None:
    with pytest.raises(TypeError, match="float"), storage.write() as tx:
        tx.append(a_draft(payload={"price": 1.1}))  # the hash would not survive a round trip
    with storage.read() as reading:
        assert reading.head().seq == 0


def test_walks_can_be_interleaved_and_left_early(storage: Storage) -> None:
    with storage.write() as tx:
        for number in range(120):
            bars = some_bars(wandering_closes(400, seed=number))
            keep_decision(tx, some_inputs(decision_id=f"{number:032x}", snapshot=a_snapshot(bars=(bars,))))
    with storage.read() as reading:
        pairs = zip(reading.walk_history(), reading.walk_decisions(), strict=True)
        assert all(entry.seq == stored.seq for entry, stored in pairs)
        walk = reading.walk_decisions()
        first = next(walk)
        assert reading.decision(first.decision_id) == first
    with storage.read() as reading:
        assert next(reading.walk_history()).seq == 1


def test_intents_are_walked_as_they_lie(storage: Storage) -> None:
    seq = keep_idea(storage)
    opening, closing = an_open_intent(), a_reduce_intent()
    with storage.write() as tx:
        later = tx.append(a_draft()).seq
        tx.save_intent(an_intent_record(closing, later))
        tx.save_intent(an_intent_record(opening, seq))
    with storage.read() as reading:
        walked = [(stored.history_seq, stored.kind, stored.digest) for stored in reading.walk_intents()]
    assert walked == [
        (seq, "OpenIntent", intent_digest(opening)),
        (later, "ReduceIntent", intent_digest(closing)),
    ]
