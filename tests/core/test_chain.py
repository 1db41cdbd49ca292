"""The history chain: every edit, hole and swap is found, and named by its place."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW, D

from tradewarden.core.audit.chain import (
    EMPTY_CHAIN,
    GENESIS_HASH,
    Action,
    ChainHead,
    HistoryDraft,
    HistoryEntry,
    seal,
    verify_chain,
)


def a_draft(number: int = 0, **changes: object) -> HistoryDraft:
    values: dict[str, object] = {
        "occurred_at": NOW,
        "action": Action.AI_PROPOSED,
        "actor": "desk",
        "rationale": f"entry {number}",
        "payload": {"number": number},
    }
    return HistoryDraft(**(values | changes))  # type: ignore[arg-type]


def a_chain(length: int) -> list[HistoryEntry]:
    entries: list[HistoryEntry] = []
    head = EMPTY_CHAIN
    for number in range(length):
        entries.append(seal(a_draft(number), head))
        head = ChainHead(entries[-1].seq, entries[-1].entry_hash)
    return entries


def test_an_unbroken_chain_verifies_to_its_head() -> None:
    entries = a_chain(5)
    report = verify_chain(entries)
    assert (report.ok, report.entries, report.first_bad_seq) == (True, 5, None)
    assert report.head == ChainHead(5, entries[-1].entry_hash)
    assert entries[0].prev_hash == GENESIS_HASH
    assert verify_chain([]).ok


def test_a_part_verifies_from_where_it_starts() -> None:
    entries = a_chain(5)
    assert verify_chain(entries[2:], ChainHead(2, entries[1].entry_hash)).ok
    assert verify_chain(entries[2:]).first_bad_seq == 1


EDITS = {
    "occurred_at": NOW.replace(microsecond=1),
    "action": Action.HUMAN_APPROVED,
    "actor": "user:eve",
    "rationale": "entry 2 ",
    "symbol": "EURUSD",
    "confidence_score": D("90.00"),
    "risk_check_result": "execute",
    "strategy_id": "s",
    "trade_idea_id": "i",
    "snapshot_ref": "0" * 64,
    "human_override": True,
    "payload": {"number": 3},
}


def test_every_column_of_an_entry_is_covered() -> None:
    assert set(EDITS) == set(HistoryDraft.__dataclass_fields__)


@pytest.mark.parametrize("column", EDITS)
def test_an_edit_of_any_column_is_found(column: str) -> None:
    entries = a_chain(5)
    entries[2] = replace(entries[2], draft=replace(entries[2].draft, **{column: EDITS[column]}))  # type: ignore[arg-type]
    report = verify_chain(entries)
    assert (report.ok, report.first_bad_seq, report.entries) == (False, 3, 2)
    assert "entry 3 was changed" in (report.problem or "")


def test_an_edit_that_is_sealed_again_breaks_at_the_next_entry() -> None:
    entries = a_chain(5)
    forged = replace(entries[2].draft, rationale="forged")
    entries[2] = seal(forged, ChainHead(2, entries[1].entry_hash))
    assert verify_chain(entries).first_bad_seq == 4


@given(length=st.integers(2, 8), data=st.data())
def test_a_hole_is_found_at_the_missing_entry(length: int, data: st.DataObject) -> None:
    entries = a_chain(length)
    gone = data.draw(st.integers(0, length - 2))
    del entries[gone]
    assert verify_chain(entries).first_bad_seq == gone + 1


@given(length=st.integers(2, 8), data=st.data())
def test_a_swap_is_found(length: int, data: st.DataObject) -> None:
    entries = a_chain(length)
    first = data.draw(st.integers(0, length - 2))
    second = data.draw(st.integers(first + 1, length - 1))
    entries[first], entries[second] = entries[second], entries[first]
    report = verify_chain(entries)
    assert not report.ok
    assert report.first_bad_seq == first + 1


def test_swapped_contents_under_the_old_numbers_are_found() -> None:
    entries = a_chain(4)
    entries[1], entries[2] = replace(entries[1], draft=entries[2].draft), replace(entries[2], draft=entries[1].draft)
    assert verify_chain(entries).first_bad_seq == 2


def test_a_repeated_entry_is_found() -> None:
    entries = a_chain(3)
    assert verify_chain([*entries, entries[-1]]).first_bad_seq == 3


def test_a_cut_tail_is_not_in_the_chain_itself_and_shows_in_its_head() -> None:
    entries = a_chain(4)
    report = verify_chain(entries[:3])
    assert report.ok
    assert report.head.seq == 3
