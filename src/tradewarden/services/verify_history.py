"""Verifying the record against itself and against its anchor: the chain, and everything its entries cite.

One pass in order of ``seq`` over three streams (entries, decisions, intents), in bounded memory. The first break of
the chain ends the pass, because nothing after it can be proven; other findings are collected.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import EMPTY_CHAIN, ChainHead, HistoryEntry, entry_problem
from tradewarden.core.errors import IntegrityError
from tradewarden.ports.storage import Reading, Storage, StoredDecision, StoredIntent
from tradewarden.services.recorded_content import (
    cited_digests,
    content_problems,
    digest_problem,
    intent_json_digest,
)

T = TypeVar("T")
Progress = Callable[[int, int], None]
_TELL_EVERY = 500
_MOST_FINDINGS = 100
# Content cited again soon (a judgement repeated on the same bars) is not digested again.
_REMEMBERED = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was recorded, with the entry it belongs to where that is known."""

    seq: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """The outcome of a verification.

    ``entries`` and ``decisions`` were read and compared; ``first_bad_seq`` and ``problem`` name the finding that comes
    first in the history. ``anchored_seq`` is the entry the anchor vouches for, None without an anchor.
    """

    ok: bool
    entries: int
    decisions: int
    first_bad_seq: int | None
    problem: str | None
    findings: tuple[Finding, ...]
    head: ChainHead
    anchored_seq: int | None


def verify_history(storage: Storage, *, on_progress: Progress | None = None) -> HistoryReport:
    """Return whether the record is as it was written. Raises StorageUnavailable when it cannot be read."""
    findings: list[Finding] = []
    # Read before the record: an anchor that trails is normal, one that leads is a finding.
    anchored = None
    try:
        anchored = storage.anchored_head()
    except IntegrityError as error:
        findings.append(Finding(None, str(error)))
    with storage.read() as reading:
        walk = _Walk(reading, anchored, findings, on_progress)
        walk.run()
    ordered = sorted(findings, key=lambda finding: (finding.seq is None, finding.seq))
    first = ordered[0] if ordered else None
    return HistoryReport(
        ok=first is None,
        entries=walk.entries,
        decisions=walk.decisions,
        first_bad_seq=None if first is None else first.seq,
        problem=None if first is None else first.problem,
        findings=tuple(ordered),
        head=walk.head,
        anchored_seq=None if anchored is None else anchored.seq,
    )


class _Stream(Generic[T]):
    """Rows in order of seq, handed out for one seq at a time."""

    def __init__(self, rows: Iterator[T], seq_of: Callable[[T], int]) -> None:
        self._rows = rows
        self._seq_of = seq_of
        self._next: T | None = next(rows, None)

    def up_to(self, seq: int) -> list[T]:
        """Return the rows up to ``seq`` that have not been handed out."""
        found = []
        while self._next is not None and self._seq_of(self._next) <= seq:
            found.append(self._next)
            self._next = next(self._rows, None)
        return found


class _Walk:
    """One pass over the record."""

    def __init__(
        self, reading: Reading, anchored: ChainHead | None, findings: list[Finding], on_progress: Progress | None
    ) -> None:
        self._reading = reading
        self._anchored = anchored
        self._findings = findings
        self._tell = on_progress or (lambda _done, _total: None)
        self._total = max(reading.head().seq, anchored.seq if anchored else 0)
        self._proven: dict[str, None] = {}
        self.head = EMPTY_CHAIN
        self.entries = 0
        self.decisions = 0

    def run(self) -> None:
        """Walk until the end, the first break of the chain, or more findings than anybody reads."""
        decisions = _Stream(self._reading.walk_decisions(), lambda stored: stored.seq)
        intents = _Stream(self._reading.walk_intents(), lambda stored: stored.history_seq)
        entries = self._reading.walk_history()
        while len(self._findings) < _MOST_FINDINGS:
            entry = self._follow(entries)
            if entry is None:
                break
            self._compare_anchor(entry)
            self._check_decision(entry, decisions.up_to(entry.seq))
            self._check_intents(entry, intents.up_to(entry.seq))
            if self.entries % _TELL_EVERY == 0:
                self._tell(self.entries, self._total)
        if not self._findings and self._anchored is not None and self._anchored.seq > self.head.seq:
            self._find(
                self.head.seq + 1,
                f"the history ends at entry {self.head.seq}, but entry {self._anchored.seq} was anchored: "
                "its tail was cut off, or it was restored from before",
            )
        self._tell(self.entries, self._total)

    def _follow(self, entries: Iterator[HistoryEntry]) -> HistoryEntry | None:
        """Return the next entry when it continues the chain; note the break and return None when it does not."""
        try:
            entry = next(entries, None)
            problem = None if entry is None else entry_problem(entry, self.head)
        except (IntegrityError, TypeError, ValueError) as error:
            self._find(self.head.seq + 1, f"entry {self.head.seq + 1} was changed: {error}")
            return None
        if entry is None:
            return None
        if problem is not None:
            self._find(min(entry.seq, self.head.seq + 1), problem)
            return None
        self.head = ChainHead(entry.seq, entry.entry_hash)
        self.entries += 1
        return entry

    def _compare_anchor(self, entry: HistoryEntry) -> None:
        anchored = self._anchored
        if anchored is not None and entry.seq == anchored.seq and entry.entry_hash != anchored.entry_hash:
            self._find(
                entry.seq,
                f"entry {entry.seq} is {entry.entry_hash[:12]}, anchored was {anchored.entry_hash[:12]}: "
                "the history was written anew up to here",
            )

    def _check_decision(self, entry: HistoryEntry, stored: list[StoredDecision]) -> None:
        payload = entry.draft.payload or {}
        digest = payload.get("decision_digest")
        mine = [row for row in stored if row.seq == entry.seq]
        if digest is None and not mine:
            return
        if digest is None:
            self._find(entry.seq, f"decision {mine[0].decision_id} claims entry {entry.seq}, which cites none")
            return
        if not mine:
            self._find(entry.seq, f"the decision that entry {entry.seq} cites is missing")
            return
        self.decisions += 1
        row = mine[0]
        cited = (payload.get("decision_id"), payload.get("inputs_digest"), digest, entry.draft.snapshot_ref)
        kept = (row.decision_id, row.inputs_digest, row.decision_digest, row.inputs_digest)
        names = ("decision_id", "inputs_digest", "decision_digest", "snapshot_ref")
        for name, wanted, found in zip(names, cited, kept, strict=True):
            if wanted != found:
                self._find(entry.seq, f"entry {entry.seq} cites {name} {wanted}, the record holds {found}")
        self._check_content(entry, row)
        self._check_decided_intent(entry, row.decision)

    def _check_content(self, entry: HistoryEntry, row: StoredDecision) -> None:
        what = f"decision {row.decision_id} (entry {entry.seq})"
        for problem in (
            digest_problem(f"the input of {what}", row.inputs, row.inputs_digest),
            digest_problem(f"the result of {what}", row.decision, row.decision_digest),
        ):
            if problem is not None:
                self._find(entry.seq, problem)
        unproven = {digest for digest in cited_digests(row.inputs) if digest not in self._proven}
        if not unproven:
            return
        problems = list(content_problems(unproven, self._reading.blobs(sorted(unproven))))
        for problem in problems:
            self._find(entry.seq, f"{problem}; {what} depends on it")
        if not problems:
            self._proven.update(dict.fromkeys(sorted(unproven)))
            while len(self._proven) > _REMEMBERED:
                del self._proven[next(iter(self._proven))]

    def _check_decided_intent(self, entry: HistoryEntry, decision: JsonValue) -> None:
        """The order that a decision came to is the one its entry names."""
        intent = decision.get("intent") if isinstance(decision, dict) else None
        digest = None
        if isinstance(intent, dict):
            body = {name: value for name, value in intent.items() if name != "$type"}
            digest = intent_json_digest(str(intent.get("$type")), body)
        named = (entry.draft.payload or {}).get("intent_digest")
        if digest != named:
            self._find(entry.seq, f"entry {entry.seq} names intent {named}, its decision came to {digest}")

    def _check_intents(self, entry: HistoryEntry, stored: list[StoredIntent]) -> None:
        payload = entry.draft.payload or {}
        named = payload.get("intent_digest")
        mine = [row for row in stored if row.history_seq == entry.seq]
        if named is not None and "decision_digest" in payload and not mine:
            self._find(entry.seq, f"the order intent that entry {entry.seq} names is missing")
        for row in mine:
            body = row.intent if isinstance(row.intent, dict) else {}
            found = intent_json_digest(row.kind, body)
            if not found == row.digest == named:
                self._find(
                    entry.seq,
                    f"order intent {row.intent_id} was changed: it hashes to {found[:12]} and is kept as "
                    f"{row.digest[:12]}, entry {entry.seq} names {str(named)[:12]}",
                )

    def _find(self, seq: int, problem: str) -> None:
        self._findings.append(Finding(seq, problem))
