"""The desk's memory: one transaction interface over policy, ideas, intents, positions and the decision history.

``write`` is one transaction under the account's lock, committed when the block ends and rolled back when it raises:
judging and recording happen inside one such block. ``read`` sees one consistent state. Both raise StorageUnavailable
when the record cannot be reached, and then nothing has been written.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import Action, ChainHead, HistoryDraft, HistoryEntry
from tradewarden.core.desk import (
    DeskPosition,
    Halt,
    IdeaStatus,
    IntentStatus,
    OpenIdea,
    RecentOutcome,
    SetupKey,
    UnfinishedIntent,
)
from tradewarden.core.ideas import TradeIdea
from tradewarden.core.limits import DeskFigures
from tradewarden.core.orders import OrderIntent
from tradewarden.core.policy import PolicyVersion, RiskPolicy
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.ports.reference import ReferenceReading, ReferenceWriting

# What protections look back on: a day of openings, and more closed positions than any of them counts.
OPENINGS_WINDOW = timedelta(hours=24)
OUTCOMES_KEPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRecord:
    """A strategy with its newest version and the document it was published from (canonical JSON)."""

    version: StrategyVersion
    document: JsonValue
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaRecord:
    """An idea with where it stands. ``wall_expires_at`` is set under an accelerated clock, where people need time."""

    idea: TradeIdea
    status: IdeaStatus
    confidence_score: Decimal
    lots: Decimal
    risk_amount: Decimal
    rationale: str
    history_seq: int
    wall_expires_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecord:
    """An order intent on its way: the outbox row with what became of it.

    ``digest`` is the one hashed in the history entry ``history_seq``; an intent that does not match it is refused.
    ``lookups`` counts the looks at the broker that did not find it; ``last_lookup_at`` is in market time.
    """

    intent: OrderIntent
    digest: str
    history_seq: int
    status: IntentStatus
    position_ticket: int | None
    lookups: int
    last_lookup_at: datetime | None
    detail: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPosition:
    """A position of the desk that is over. ``r_multiple`` is net profit ÷ initial risk; amounts include costs."""

    position: DeskPosition
    exit_price: Decimal
    closed_at: datetime
    net_profit: Decimal
    commission: Decimal
    swap: Decimal
    r_multiple: Decimal
    reason: str
    history_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A recorded decision: canonical JSON of inputs and result, their digests, and who computed it.

    ``seq`` is the history entry that records it; ``library_versions`` names the arithmetic's libraries.
    """

    decision_id: str
    seq: int
    inputs: JsonValue
    inputs_digest: str
    decision: JsonValue
    decision_digest: str
    engine_version: str
    library_versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIntent:
    """An order intent as it lies in the record, not decoded: what a verification digests.

    ``kind`` is the type's name, ``intent`` its canonical JSON, ``digest`` the one it was recorded under.
    """

    intent_id: str
    history_seq: int
    kind: str
    intent: JsonValue
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRow:
    """An evaluation without a setup: compact, prunable, not in the chain. ``codes`` names what stood in the way."""

    decision_id: str
    as_of: datetime
    symbol: str
    strategy_id: str
    strategy_version: int
    bar_ended_at: datetime | None
    entry_held: bool
    exit_held: bool
    proximity: Decimal
    decision_digest: str
    refusal: str | None
    embargo_title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An idea for which an opening order was recorded; ``judged_at`` is when the last one was."""

    idea_id: str
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPoint:
    """One point of the equity curve in account currency."""

    at: datetime
    balance: Decimal
    equity: Decimal
    margin: Decimal
    margin_free: Decimal
    floating: Decimal
    open_positions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """Which entries to list; ``before_seq`` pages towards the past, ``after_seq`` towards the present."""

    symbol: str | None = None
    actions: tuple[Action, ...] = ()
    strategy_id: str | None = None
    idea_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None
    after_seq: int | None = None
    limit: int = 100


class Reading(ReferenceReading, Protocol):
    """Questions to the record; all answers of one block belong to one state."""

    def policy(self) -> PolicyVersion | None:
        """Return the policy in force, or None before the first start has set one."""

    def halt(self) -> Halt | None:
        """Return the halt in force."""

    def strategies(self) -> tuple[StrategyRecord, ...]:
        """Return every strategy at its newest version, by name."""

    def strategy(self, strategy_id: str, version: int | None = None) -> StrategyRecord | None:
        """Return one strategy at ``version`` (newest by default)."""

    def open_ideas(self) -> tuple[OpenIdea, ...]:
        """Return the ideas that can still become an order."""

    def idea(self, idea_id: str) -> IdeaRecord | None:
        """Return one idea."""

    def ideas(
        self, *, statuses: tuple[IdeaStatus, ...] = (), symbol: str | None = None, limit: int = 100
    ) -> tuple[IdeaRecord, ...]:
        """Return ideas, newest first."""

    def unfinished_intents(self) -> tuple[UnfinishedIntent, ...]:
        """Return the ``open`` intents whose fate is not settled."""

    def outbox(self) -> tuple[IntentRecord, ...]:
        """Return every intent, of any kind, that is queued, sent or unknown, in the order recorded."""

    def intents(self, *, idea_id: str | None = None, limit: int = 100) -> tuple[IntentRecord, ...]:
        """Return intents, newest first."""

    def walk_intents(self) -> Iterator[StoredIntent]:
        """Yield intents in order of their history entry without holding them all."""

    def positions(self) -> tuple[DeskPosition, ...]:
        """Return the desk's open positions."""

    def closed_positions(self, *, limit: int = 100) -> tuple[ClosedPosition, ...]:
        """Return closed positions, newest first."""

    def outcomes(self) -> tuple[RecentOutcome, ...]:
        """Return how the newest closed positions ended, newest first, at most ``OUTCOMES_KEPT``."""

    def openings(self) -> tuple[Opening, ...]:
        """Return the ideas that led to an opening intent in the day that ends with the newest one, oldest first."""

    def spent_setups(self) -> tuple[SetupKey, ...]:
        """Return the setups that have not re-armed."""

    def figures(self) -> DeskFigures:
        """Return what the limits are counted from."""

    def bookmark(self, name: str) -> str | None:
        """Return a named position in some other party's stream, such as the last deal booked."""

    def head(self) -> ChainHead:
        """Return the newest entry's place."""

    def history(self, wanted: HistoryFilter) -> tuple[HistoryEntry, ...]:
        """Return entries, newest first (oldest first when ``after_seq`` is given)."""

    def entry(self, seq: int) -> HistoryEntry | None:
        """Return one entry."""

    def walk_history(self, start_seq: int = 1) -> Iterator[HistoryEntry]:
        """Yield entries in order of ``seq`` without holding them all."""

    def decision(self, decision_id: str) -> StoredDecision | None:
        """Return one recorded decision."""

    def decision_at(self, seq: int) -> StoredDecision | None:
        """Return the decision recorded by the history entry ``seq``."""

    def decision_count(self) -> int:
        """Return how many decisions are recorded."""

    def walk_decisions(self) -> Iterator[StoredDecision]:
        """Yield recorded decisions in order of ``seq`` without holding them all."""

    def blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return cited content by digest; a missing one is simply absent."""

    def evaluations(
        self, *, symbol: str | None = None, strategy_id: str | None = None, limit: int = 100
    ) -> tuple[EvaluationRow, ...]:
        """Return evaluations without a setup, newest first."""

    def walk_evaluations(self) -> Iterator[EvaluationRow]:
        """Yield evaluations in order of time."""

    def account_points(self, *, since: datetime | None = None, limit: int = 2000) -> tuple[AccountPoint, ...]:
        """Return the equity curve, oldest first, thinned to at most ``limit`` points."""

    def last_account_point(self, before: datetime) -> AccountPoint | None:
        """Return the newest point of the equity curve from before ``before``."""


class Writing(Reading, ReferenceWriting, Protocol):
    """Changes to the record; they exist together when the block ends, or not at all."""

    def append(self, draft: HistoryDraft) -> HistoryEntry:
        """Place ``draft`` at the end of the chain and return it with its hashes."""

    def save_decision(self, stored: StoredDecision, blobs: Mapping[str, bytes]) -> None:
        """Keep a decision with the content it cites (content already there is not written again)."""

    def save_evaluations(self, rows: Sequence[EvaluationRow]) -> None:
        """Keep evaluations without a setup."""

    def save_policy(self, policy: RiskPolicy, *, at: datetime) -> PolicyVersion:
        """Make ``policy`` the one in force, as the next version."""

    def set_halt(self, halt: Halt | None) -> None:
        """Put a halt in force, or lift it with None."""

    def save_strategy(self, record: StrategyRecord) -> None:
        """Keep a strategy version; versions are immutable, Conflict when it exists with another digest."""

    def set_strategy_active(self, strategy_id: str, *, active: bool, at: datetime) -> None:
        """Switch a strategy on or off."""

    def save_idea(self, record: IdeaRecord) -> None:
        """Keep a new idea."""

    def move_idea(self, idea_id: str, *, to: IdeaStatus, frm: tuple[IdeaStatus, ...], at: datetime) -> None:
        """Change an idea's status. Raises Conflict, naming the status found, when it is not one of ``frm``."""

    def save_intent(self, record: IntentRecord) -> None:
        """Put an intent into the outbox."""

    def update_intent(self, record: IntentRecord) -> None:
        """Store what became of an intent (status, ticket, look-ups, detail); the intent itself never changes."""

    def save_position(self, position: DeskPosition) -> None:
        """Keep an open position of the desk, or its new size or stop."""

    def close_position(self, closed: ClosedPosition) -> None:
        """Move a position to the closed ones."""

    def clear_position(self, ticket: int, *, at: datetime, reason: str, history_seq: int) -> None:
        """End a position whose figures nobody knows; it is not among the closed ones. Raises Conflict unless open."""

    def spend_setup(self, key: SetupKey) -> None:
        """Note that a setup has produced an idea."""

    def rearm_setup(self, key: SetupKey) -> None:
        """Note that a setup's entry has been false."""

    def save_figures(self, figures: DeskFigures) -> None:
        """Store what limits are counted from. Raises RiskViolation when a mark would fall."""

    def set_bookmark(self, name: str, value: str) -> None:
        """Store a named position in some other party's stream."""

    def save_account_point(self, point: AccountPoint) -> None:
        """Add a point to the equity curve."""


class Storage(Protocol):
    """The record. Opens transactions and says whether it can be written."""

    def read(self) -> AbstractContextManager[Reading]:
        """Open a read-only block. Raises StorageUnavailable."""

    def write(self) -> AbstractContextManager[Writing]:
        """Open a transaction under the account's lock. Raises StorageUnavailable."""

    def revision(self) -> int:
        """Return a number that rises with every committed change, so that an unchanged record is not read again.

        A storage that others write too asks the record; one opened exclusively (headless runs) counts by itself.
        """

    def is_writable(self) -> bool:
        """Return whether a transaction could be opened right now."""

    def anchored_head(self) -> ChainHead | None:
        """Return the chain's head as anchored outside the table, or None where there is no anchor yet."""
