"""Questions to the memory record. The caller holds the record's lock for the whole block."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from tradewarden.adapters.memory.state import MemoryState
from tradewarden.core.audit.chain import EMPTY_CHAIN, ChainHead, HistoryEntry
from tradewarden.core.audit.codec import encode
from tradewarden.core.desk import (
    AccountBinding,
    DeskPosition,
    Halt,
    IdeaStatus,
    OpenIdea,
    RecentOutcome,
    SetupKey,
    UnfinishedIntent,
)
from tradewarden.core.errors import InvalidInput
from tradewarden.core.limits import NO_FIGURES, DeskFigures
from tradewarden.core.market.session import DeskSessions
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.orders import OpenIntent
from tradewarden.core.policy import PolicyVersion
from tradewarden.ports.storage import (
    OPENINGS_WINDOW,
    OUTCOMES_KEPT,
    AccountPoint,
    ClosedPosition,
    EvaluationRow,
    HistoryFilter,
    IdeaRecord,
    IntentRecord,
    Opening,
    StoredDecision,
    StoredIntent,
    StrategyRecord,
)

ONLY = "only"


class MemoryReading:
    """One read-only block over the state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def policy(self) -> PolicyVersion | None:
        """Return the policy in force."""
        return self._state.policies[-1] if self._state.policies else None

    def halt(self) -> Halt | None:
        """Return the halt in force."""
        return self._state.halt.get(ONLY)

    def watchlist(self) -> tuple[str, ...]:
        """Return the watchlist in its order."""
        return self._state.watchlists[-1] if self._state.watchlists else ()

    def watchlist_version(self) -> int:
        """Return how often the watchlist has been set."""
        return len(self._state.watchlists)

    def account_binding(self) -> AccountBinding | None:
        """Return the account that the record belongs to."""
        return self._state.account.get(ONLY)

    def symbol_map(self) -> SymbolMap:
        """Return what the broker calls the desk's symbols."""
        return self._state.symbol_maps[-1] if self._state.symbol_maps else SymbolMap()

    def sessions(self) -> DeskSessions:
        """Return the desk's own named sessions."""
        return self._state.sessions[-1] if self._state.sessions else DeskSessions()

    def strategies(self) -> tuple[StrategyRecord, ...]:
        """Return every strategy at its newest version, by name."""
        newest = [found for strategy_id in self._state.active if (found := self.strategy(strategy_id)) is not None]
        return tuple(sorted(newest, key=lambda record: record.version.spec.name))

    def strategy(self, strategy_id: str, version: int | None = None) -> StrategyRecord | None:
        """Return one strategy at ``version`` (newest by default)."""
        if version is None:
            version = max((v for known, v in self._state.strategies if known == strategy_id), default=0)
        record = self._state.strategies.get((strategy_id, version))
        if record is None:
            return None
        return replace(record, version=replace(record.version, is_active=self._state.active[strategy_id]))

    def open_ideas(self) -> tuple[OpenIdea, ...]:
        """Return the ideas that can still become an order."""
        return tuple(
            OpenIdea(
                idea_id=record.idea.idea_id,
                strategy_id=record.idea.strategy_id,
                symbol=record.idea.symbol,
                side=record.idea.side,
                status=record.status,
            )
            for record in self._state.ideas.values()
            if record.status.is_open
        )

    def idea(self, idea_id: str) -> IdeaRecord | None:
        """Return one idea."""
        return self._state.ideas.get(idea_id)

    def ideas(
        self, *, statuses: tuple[IdeaStatus, ...] = (), symbol: str | None = None, limit: int = 100
    ) -> tuple[IdeaRecord, ...]:
        """Return ideas, newest first."""
        wanted = (
            record
            for record in reversed(self._state.ideas.values())
            if (not statuses or record.status in statuses) and symbol in (None, record.idea.symbol)
        )
        return tuple(islice(wanted, limit))

    def unfinished_intents(self) -> tuple[UnfinishedIntent, ...]:
        """Return the ``open`` intents whose fate is not settled."""
        return tuple(
            UnfinishedIntent(
                intent_id=record.intent.intent_id,
                idea_id=record.intent.idea_id,
                strategy_id=record.intent.strategy_id,
                symbol=record.intent.symbol,
                side=record.intent.side,
                lots=record.intent.lots,
                risk_amount=record.intent.risk_amount,
                margin=record.intent.margin,
                status=record.status,
            )
            for record in self.outbox()
            if isinstance(record.intent, OpenIntent)
        )

    def outbox(self) -> tuple[IntentRecord, ...]:
        """Return every intent that is queued, sent or unknown, in the order recorded."""
        return tuple(record for record in self._state.intents.values() if record.status.is_unfinished)

    def intents(self, *, idea_id: str | None = None, limit: int = 100) -> tuple[IntentRecord, ...]:
        """Return intents, newest first."""
        wanted = (
            record
            for record in reversed(self._state.intents.values())
            if idea_id is None or (isinstance(record.intent, OpenIntent) and record.intent.idea_id == idea_id)
        )
        return tuple(islice(wanted, limit))

    def walk_intents(self) -> Iterator[StoredIntent]:
        """Yield intents in order of their history entry."""
        for record in sorted(self._state.intents.values(), key=lambda record: record.history_seq):
            yield StoredIntent(
                intent_id=record.intent.intent_id,
                history_seq=record.history_seq,
                kind=type(record.intent).__name__,
                intent=encode(record.intent),
                digest=record.digest,
            )

    def positions(self) -> tuple[DeskPosition, ...]:
        """Return the desk's open positions, by ticket."""
        return tuple(self._state.positions[ticket] for ticket in sorted(self._state.positions))

    def closed_positions(self, *, limit: int = 100) -> tuple[ClosedPosition, ...]:
        """Return closed positions, newest first."""
        newest = sorted(
            self._state.closed.values(), key=lambda closed: (closed.closed_at, closed.position.ticket), reverse=True
        )
        return tuple(newest[:limit])

    def outcomes(self) -> tuple[RecentOutcome, ...]:
        """Return how the newest closed positions ended, newest first."""
        return tuple(
            RecentOutcome(
                strategy_id=closed.position.strategy_id,
                symbol=closed.position.symbol,
                side=closed.position.side,
                closed_at=closed.closed_at,
                net_profit=closed.net_profit,
            )
            for closed in self.closed_positions(limit=OUTCOMES_KEPT)
        )

    def openings(self) -> tuple[Opening, ...]:
        """Return the openings recorded in the day that ends with the newest, oldest first."""
        newest: dict[str, datetime] = {}
        for record in self._state.intents.values():
            intent = record.intent
            if isinstance(intent, OpenIntent):
                newest[intent.idea_id] = max(newest.get(intent.idea_id, intent.judged_at), intent.judged_at)
        since = max(newest.values(), default=None)
        found = (
            Opening(idea_id=idea_id, judged_at=at)
            for idea_id, at in newest.items()
            if since is not None and at > since - OPENINGS_WINDOW
        )
        return tuple(sorted(found, key=lambda opening: (opening.judged_at, opening.idea_id)))

    def spent_setups(self) -> tuple[SetupKey, ...]:
        """Return the setups that have not re-armed."""
        return tuple(sorted(self._state.setups, key=lambda key: (key.strategy_id, key.symbol, key.side)))

    def figures(self) -> DeskFigures:
        """Return what the limits are counted from."""
        return self._state.figures.get(ONLY, NO_FIGURES)

    def bookmark(self, name: str) -> str | None:
        """Return a named position in some other party's stream."""
        return self._state.bookmarks.get(name)

    def head(self) -> ChainHead:
        """Return the newest entry's place."""
        if not self._state.history:
            return EMPTY_CHAIN
        newest = self._state.history[-1]
        return ChainHead(newest.seq, newest.entry_hash)

    def history(self, wanted: HistoryFilter) -> tuple[HistoryEntry, ...]:
        """Return entries, newest first (oldest first when ``after_seq`` is given)."""
        entries: Sequence[HistoryEntry] = self._state.history
        ordered = iter(entries) if wanted.after_seq is not None else reversed(entries)
        return tuple(islice((entry for entry in ordered if _fits(entry, wanted)), wanted.limit))

    def entry(self, seq: int) -> HistoryEntry | None:
        """Return one entry."""
        return self._state.history[seq - 1] if 1 <= seq <= len(self._state.history) else None

    def walk_history(self, start_seq: int = 1) -> Iterator[HistoryEntry]:
        """Yield entries in order of ``seq``."""
        yield from islice(self._state.history, max(0, start_seq - 1), None)

    def decision(self, decision_id: str) -> StoredDecision | None:
        """Return one recorded decision."""
        return self._state.decisions.get(decision_id)

    def decision_at(self, seq: int) -> StoredDecision | None:
        """Return the decision recorded by the history entry ``seq``."""
        found = self._state.decision_at.get(seq)
        return None if found is None else self._state.decisions[found]

    def decision_count(self) -> int:
        """Return how many decisions are recorded."""
        return len(self._state.decisions)

    def walk_decisions(self) -> Iterator[StoredDecision]:
        """Yield recorded decisions in order of ``seq``."""
        for seq in sorted(self._state.decision_at):
            yield self._state.decisions[self._state.decision_at[seq]]

    def blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return cited content by digest; a missing one is absent."""
        return {digest: self._state.blobs[digest] for digest in digests if digest in self._state.blobs}

    def evaluations(
        self, *, symbol: str | None = None, strategy_id: str | None = None, limit: int = 100
    ) -> tuple[EvaluationRow, ...]:
        """Return evaluations without a setup, newest first."""
        newest = reversed(tuple(self.walk_evaluations()))
        wanted = (row for row in newest if symbol in (None, row.symbol) and strategy_id in (None, row.strategy_id))
        return tuple(islice(wanted, limit))

    def walk_evaluations(self) -> Iterator[EvaluationRow]:
        """Yield evaluations in order of time."""
        yield from sorted(self._state.evaluations.values(), key=lambda row: row.as_of)

    def account_points(self, *, since: datetime | None = None, limit: int = 2000) -> tuple[AccountPoint, ...]:
        """Return the equity curve, oldest first, thinned to at most ``limit`` points, the ends among them."""
        if limit < 2:
            raise InvalidInput(f"an equity curve of {limit} points was asked for, it needs at least 2")
        points = self._state.account_points
        chosen = points if since is None else points[bisect_left(points, since, key=lambda point: point.at) :]
        last = len(chosen) - 1
        if last < limit:
            return tuple(chosen)
        return tuple(
            point
            for index, point in enumerate(chosen)
            if index == 0 or index * (limit - 1) // last != (index - 1) * (limit - 1) // last
        )

    def last_account_point(self, before: datetime) -> AccountPoint | None:
        """Return the newest point of the equity curve from before ``before``."""
        points = self._state.account_points
        index = bisect_left(points, before, key=lambda point: point.at)
        return points[index - 1] if index else None


def _fits(entry: HistoryEntry, wanted: HistoryFilter) -> bool:
    draft = entry.draft
    return (
        wanted.symbol in (None, draft.symbol)
        and (not wanted.actions or draft.action in wanted.actions)
        and wanted.strategy_id in (None, draft.strategy_id)
        and wanted.idea_id in (None, draft.trade_idea_id)
        and (wanted.since is None or draft.occurred_at >= wanted.since)
        and (wanted.until is None or draft.occurred_at < wanted.until)
        and (wanted.before_seq is None or entry.seq < wanted.before_seq)
        and (wanted.after_seq is None or entry.seq > wanted.after_seq)
    )
