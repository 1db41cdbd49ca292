"""Questions to the record in PostgreSQL. All statements of one block run on one connection, in one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Select, exc, func, select

from tradewarden.adapters.postgres import book, measurements, reference
from tradewarden.adapters.postgres.book import BookCache
from tradewarden.adapters.postgres.engine import product_error
from tradewarden.adapters.postgres.figures import read_figures
from tradewarden.adapters.postgres.rows import (
    AnyRow,
    closed_of,
    decision_of,
    entry_of,
    idea_of,
    intent_of,
    stored_intent_of,
    unpack,
)
from tradewarden.adapters.postgres.tables import (
    BUNDLES,
    CHUNKS,
    DECISIONS,
    HISTORY,
    IDEAS,
    INTENTS,
    POSITIONS,
    REVISIONS,
    STRATEGIES,
    STRATEGY_VERSIONS,
)
from tradewarden.core.audit.chain import EMPTY_CHAIN, ChainHead, HistoryEntry
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
from tradewarden.core.limits import DeskFigures
from tradewarden.core.market.session import DeskSessions
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.policy import PolicyVersion
from tradewarden.ports.storage import (
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

T = TypeVar("T")
DOING = "the record cannot be read"
# Rows fetched at a time while walking: entries are small, decisions carry the world they saw.
_ENTRIES_AT_A_TIME = 1000
_DECISIONS_AT_A_TIME = 50

_HEAD = select(HISTORY.c.seq, HISTORY.c.entry_hash).order_by(HISTORY.c.seq.desc()).limit(1)
_REVISIONS = select(REVISIONS.c.part, REVISIONS.c.value)
_DECISION_ROWS = select(DECISIONS, BUNDLES.c.content).join(
    BUNDLES, BUNDLES.c.digest == DECISIONS.c.inputs_digest, isouter=True
)


class PostgresReading:
    """One block's view of the record, on ``connection``."""

    def __init__(self, connection: Connection, cache: BookCache) -> None:
        self._connection = connection
        self._cache = cache
        self._stamps: Mapping[str, int] | None = None
        self._changed: set[str] = set()

    def policy(self) -> PolicyVersion | None:
        """Return the policy in force."""
        return self._book("policy", "policy", book.read_policy)

    def halt(self) -> Halt | None:
        """Return the halt in force."""
        return self._book("halt", "halt", book.read_halt)

    def watchlist(self) -> tuple[str, ...]:
        """Return the watchlist in its order."""
        return self._book("watchlist", "watchlist", reference.read_watchlist)

    def watchlist_version(self) -> int:
        """Return how often the watchlist has been set."""
        kind = reference.WATCHLIST_KIND
        return self._book("watchlist_version", "watchlist", lambda found: reference.read_version(found, kind))

    def account_binding(self) -> AccountBinding | None:
        """Return the account that the record belongs to."""
        return self._book("account", "account", reference.read_account)

    def symbol_map(self) -> SymbolMap:
        """Return what the broker calls the desk's symbols."""
        return self._book("symbol_map", "symbol_map", reference.read_symbol_map)

    def sessions(self) -> DeskSessions:
        """Return the desk's own named sessions."""
        return self._book("sessions", "sessions", reference.read_sessions)

    def strategies(self) -> tuple[StrategyRecord, ...]:
        """Return every strategy at its newest version, by name."""
        return self._book("strategies", "strategies", lambda found: book.read_strategies(found, self._cache))

    def strategy(self, strategy_id: str, version: int | None = None) -> StrategyRecord | None:
        """Return one strategy at ``version`` (newest by default)."""
        wanted = STRATEGIES.c.newest_version if version is None else version
        statement = book.STRATEGY_ROWS.where(STRATEGIES.c.id == strategy_id, STRATEGY_VERSIONS.c.version == wanted)
        row = self._first(statement)
        return None if row is None else self._cache.strategy_of(row)

    def open_ideas(self) -> tuple[OpenIdea, ...]:
        """Return the ideas that can still become an order."""
        return self._book("open_ideas", "ideas", book.read_open_ideas)

    def idea(self, idea_id: str) -> IdeaRecord | None:
        """Return one idea."""
        row = self._first(select(IDEAS).where(IDEAS.c.id == idea_id))
        return None if row is None else idea_of(row)

    def ideas(
        self, *, statuses: tuple[IdeaStatus, ...] = (), symbol: str | None = None, limit: int = 100
    ) -> tuple[IdeaRecord, ...]:
        """Return ideas, newest first."""
        statement = select(IDEAS).order_by(IDEAS.c.number.desc()).limit(limit)
        if statuses:
            statement = statement.where(IDEAS.c.status.in_([status.value for status in statuses]))
        if symbol is not None:
            statement = statement.where(IDEAS.c.symbol == symbol)
        return tuple(idea_of(row) for row in self._all(statement))

    def unfinished_intents(self) -> tuple[UnfinishedIntent, ...]:
        """Return the ``open`` intents whose fate is not settled."""
        return book.unfinished_of(self.outbox())

    def outbox(self) -> tuple[IntentRecord, ...]:
        """Return every intent that is queued, sent or unknown, in the order recorded."""
        return self._book("outbox", "intents", book.read_outbox)

    def intents(self, *, idea_id: str | None = None, limit: int = 100) -> tuple[IntentRecord, ...]:
        """Return intents, newest first."""
        statement = book.INTENT_ROWS.order_by(INTENTS.c.number.desc()).limit(limit)
        if idea_id is not None:
            statement = statement.where(INTENTS.c.idea_id == idea_id)
        return tuple(intent_of(row) for row in self._all(statement))

    def walk_intents(self) -> Iterator[StoredIntent]:
        """Yield intents in order of their history entry, from a cursor in the server."""
        statement = select(INTENTS).order_by(INTENTS.c.history_seq, INTENTS.c.number)
        return map(stored_intent_of, self._walk(statement, _ENTRIES_AT_A_TIME))

    def positions(self) -> tuple[DeskPosition, ...]:
        """Return the desk's open positions, by ticket."""
        return self._book("positions", "positions", book.read_positions)

    def closed_positions(self, *, limit: int = 100) -> tuple[ClosedPosition, ...]:
        """Return closed positions, newest first."""
        # One that a person cleared has an end and no figures: its history entry tells of it.
        statement = select(POSITIONS).where(POSITIONS.c.closed_at.is_not(None), POSITIONS.c.exit_price.is_not(None))
        statement = statement.order_by(POSITIONS.c.closed_at.desc(), POSITIONS.c.ticket.desc()).limit(limit)
        return tuple(closed_of(row) for row in self._all(statement))

    def outcomes(self) -> tuple[RecentOutcome, ...]:
        """Return how the newest closed positions ended, newest first."""
        return self._book("outcomes", "positions", reference.read_outcomes)

    def openings(self) -> tuple[Opening, ...]:
        """Return the openings recorded in the day that ends with the newest, oldest first."""
        return self._book("openings", "intents", reference.read_openings)

    def spent_setups(self) -> tuple[SetupKey, ...]:
        """Return the setups that have not re-armed."""
        return self._book("setups", "setups", book.read_setups)

    def figures(self) -> DeskFigures:
        """Return what the limits are counted from."""
        return self._book("figures", "figures", read_figures)

    def bookmark(self, name: str) -> str | None:
        """Return a named position in some other party's stream."""
        return self._book("bookmarks", "bookmarks", book.read_bookmarks).get(name)

    def head(self) -> ChainHead:
        """Return the newest entry's place."""
        row = self._first(_HEAD)
        return EMPTY_CHAIN if row is None else ChainHead(row.seq, row.entry_hash)

    def history(self, wanted: HistoryFilter) -> tuple[HistoryEntry, ...]:
        """Return entries, newest first (oldest first when ``after_seq`` is given)."""
        order = HISTORY.c.seq.desc() if wanted.after_seq is None else HISTORY.c.seq
        statement = _filtered(wanted).order_by(order).limit(wanted.limit)
        return tuple(entry_of(row) for row in self._all(statement))

    def entry(self, seq: int) -> HistoryEntry | None:
        """Return one entry."""
        row = self._first(select(HISTORY).where(HISTORY.c.seq == seq))
        return None if row is None else entry_of(row)

    def walk_history(self, start_seq: int = 1) -> Iterator[HistoryEntry]:
        """Yield entries in order of ``seq``, from a cursor in the server."""
        statement = select(HISTORY).where(HISTORY.c.seq >= start_seq).order_by(HISTORY.c.seq)
        return map(entry_of, self._walk(statement, _ENTRIES_AT_A_TIME))

    def decision(self, decision_id: str) -> StoredDecision | None:
        """Return one recorded decision."""
        row = self._first(_DECISION_ROWS.where(DECISIONS.c.decision_id == decision_id))
        return None if row is None else decision_of(row)

    def decision_at(self, seq: int) -> StoredDecision | None:
        """Return the decision recorded by the history entry ``seq``."""
        row = self._first(_DECISION_ROWS.where(DECISIONS.c.seq == seq))
        return None if row is None else decision_of(row)

    def decision_count(self) -> int:
        """Return how many decisions are recorded."""
        return int(self._execute(select(func.count()).select_from(DECISIONS)).scalar_one())

    def walk_decisions(self) -> Iterator[StoredDecision]:
        """Yield recorded decisions in order of ``seq``, from a cursor in the server."""
        return map(decision_of, self._walk(_DECISION_ROWS.order_by(DECISIONS.c.seq), _DECISIONS_AT_A_TIME))

    def blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return cited content by digest; a missing one is absent, a damaged one has another digest."""
        if not digests:
            return {}
        statement = select(CHUNKS.c.digest, CHUNKS.c.content).where(CHUNKS.c.digest.in_(digests))
        return {row.digest: unpack(row.content) for row in self._all(statement)}

    def evaluations(
        self, *, symbol: str | None = None, strategy_id: str | None = None, limit: int = 100
    ) -> tuple[EvaluationRow, ...]:
        """Return evaluations without a setup, newest first."""
        statement = measurements.newest_evaluations(symbol=symbol, strategy_id=strategy_id, limit=limit)
        return tuple(measurements.evaluation_of(row) for row in self._all(statement))

    def walk_evaluations(self) -> Iterator[EvaluationRow]:
        """Yield evaluations in order of time, from a cursor in the server."""
        return map(measurements.evaluation_of, self._walk(measurements.EVALUATIONS_BY_TIME, _ENTRIES_AT_A_TIME))

    def account_points(self, *, since: datetime | None = None, limit: int = 2000) -> tuple[AccountPoint, ...]:
        """Return the equity curve, oldest first, thinned to at most ``limit`` points, the ends among them."""
        return tuple(measurements.point_of(row) for row in self._all(measurements.thinned(since, limit)))

    def last_account_point(self, before: datetime) -> AccountPoint | None:
        """Return the newest point of the equity curve from before ``before``."""
        row = self._first(measurements.last_point(before))
        return None if row is None else measurements.point_of(row)

    def _book(self, key: str, part: str, query: Callable[[Connection], T]) -> T:
        """Return a part of the book, kept from earlier when it has not changed since."""
        with _translated():
            if part in self._changed:
                return query(self._connection)
            if self._stamps is None:
                self._stamps = self._read_stamps()
            return self._cache.get(key, self._stamps.get(part, 0), lambda: query(self._connection))

    def _read_stamps(self) -> Mapping[str, int]:
        if self._cache.exclusive:
            return self._cache.counts()
        return {row.part: row.value for row in self._connection.execute(_REVISIONS)}

    def _execute(self, statement: Executable, values: Any = None) -> Any:
        with _translated():
            return self._connection.execute(statement, values)

    def _first(self, statement: Select[Any]) -> AnyRow | None:
        row: AnyRow | None = self._execute(statement).first()
        return row

    def _all(self, statement: Select[Any]) -> Sequence[AnyRow]:
        rows: Sequence[AnyRow] = self._execute(statement).all()
        return rows

    def _walk(self, statement: Select[Any], at_a_time: int) -> Iterator[AnyRow]:
        result = self._execute(statement.execution_options(yield_per=at_a_time))
        try:
            while rows := _fetch(result, at_a_time):
                yield from rows
        finally:
            result.close()


class _translated:  # noqa: N801  reads as the context manager it is
    """Raise the product's errors for the driver's; a class, because this runs around every statement."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, exc.SQLAlchemyError):
            raise product_error(error, DOING) from error


def _fetch(result: Any, count: int) -> Sequence[AnyRow]:
    with _translated():
        rows: Sequence[AnyRow] = result.fetchmany(count)
        return rows


def _filtered(wanted: HistoryFilter) -> Select[Any]:
    statement = select(HISTORY)
    equal = (
        (HISTORY.c.symbol, wanted.symbol),
        (HISTORY.c.strategy_id, wanted.strategy_id),
        (HISTORY.c.trade_idea_id, wanted.idea_id),
    )
    for column, value in equal:
        if value is not None:
            statement = statement.where(column == value)
    if wanted.actions:
        statement = statement.where(HISTORY.c.action.in_([action.value for action in wanted.actions]))
    if wanted.since is not None:
        statement = statement.where(HISTORY.c.occurred_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(HISTORY.c.occurred_at < wanted.until)
    if wanted.before_seq is not None:
        statement = statement.where(HISTORY.c.seq < wanted.before_seq)
    if wanted.after_seq is not None:
        statement = statement.where(HISTORY.c.seq > wanted.after_seq)
    return statement


TOTAL_REVISION = select(func.coalesce(func.sum(REVISIONS.c.value), 0))
