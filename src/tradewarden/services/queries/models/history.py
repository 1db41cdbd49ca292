"""The decision history: rows, one entry with its links, a replay's outcome and a verification's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewarden.core.audit.chain import Action
from tradewarden.services.queries.models.common import StrategyRef
from tradewarden.services.queries.models.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One entry in short. ``words`` is one sentence; ``has_decision`` says that it can be shown and recomputed."""

    seq: int
    occurred_at: datetime
    action: Action
    actor: str
    symbol: str | None
    words: str
    rationale: str
    confidence_score: Number | None
    risk_check_result: str | None
    strategy: StrategyRef | None
    trade_idea_id: str | None
    human_override: bool
    has_decision: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Entries, newest first. ``next_cursor`` asks for the page before; null at the beginning of the chain."""

    as_of: datetime
    head_seq: int
    entries: tuple[HistoryRow, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedEntry:
    """Another entry about the same idea."""

    seq: int
    occurred_at: datetime
    action: Action
    actor: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDetail:
    """One entry whole, with its place in the chain and the other entries of its idea, oldest first."""

    entry: HistoryRow
    snapshot_ref: str | None
    payload: dict[str, Any]
    prev_hash: str
    entry_hash: str
    related: tuple[RelatedEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDifference:
    """The first field of a stage whose recomputed value differs from the recorded one."""

    stage: str
    field: str
    recorded: str
    recomputed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """Whether the decision came out identical when recomputed just now from its recorded inputs."""

    seq: int
    decision_id: str
    identical: bool
    recorded_digest: str
    recomputed_digest: str
    differences: tuple[ReplayDifference, ...]
    milliseconds: float
    engine_version_recorded: str
    engine_version_now: str
    library_versions_recorded: dict[str, str]
    library_versions_now: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One thing a verification found wrong; ``seq`` is the entry it concerns, null when it concerns the whole."""

    seq: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationView:
    """Whether the chain, its anchor and everything it cites are intact.

    ``entries`` and ``decisions`` were read and compared. ``anchored_seq`` is the entry that the anchor outside the
    record vouches for, null without an anchor.
    """

    ok: bool
    entries: int
    decisions: int
    first_bad_seq: int | None
    findings: tuple[FindingView, ...]
    head_seq: int
    head_hash: str
    anchored_seq: int | None
    milliseconds: float
