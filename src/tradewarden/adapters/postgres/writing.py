"""Changes to the record in PostgreSQL, inside one transaction under the desk's lock.

What the tables refuse by constraint is not checked twice here; what needs an earlier row to judge is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tradewarden.adapters.postgres import reference
from tradewarden.adapters.postgres.book import BookCache
from tradewarden.adapters.postgres.figures import figures_values
from tradewarden.adapters.postgres.measurements import evaluation_values, point_values
from tradewarden.adapters.postgres.reading import PostgresReading
from tradewarden.adapters.postgres.rows import (
    bundle_values,
    closing_values,
    decision_values,
    entry_values,
    fate_values,
    fixed_of,
    idea_values,
    intent_values,
    normalised,
    position_of,
    position_values,
)
from tradewarden.adapters.postgres.strategies import strategy_values, version_values
from tradewarden.adapters.postgres.tables import (
    ACCOUNT_POINTS,
    ACCOUNTS,
    BOOKMARKS,
    BUNDLES,
    CHUNKS,
    DECISIONS,
    EVALUATIONS,
    FIGURES,
    HALTS,
    HISTORY,
    IDEAS,
    INTENTS,
    OUTBOX,
    POLICY,
    POLICY_VERSIONS,
    POSITIONS,
    REFERENCE_VERSIONS,
    SESSIONS,
    SETUPS,
    STRATEGIES,
    STRATEGY_VERSIONS,
    SYMBOL_MAP,
    WATCHLIST,
)
from tradewarden.core.audit.canonical import canonical_json, digest_bytes, digest_json
from tradewarden.core.audit.chain import ChainHead, HistoryDraft, HistoryEntry, seal
from tradewarden.core.audit.codec import encode
from tradewarden.core.desk import AccountBinding, DeskPosition, Halt, IdeaStatus, SetupKey
from tradewarden.core.errors import Conflict, IntegrityError, NotFound, RiskViolation
from tradewarden.core.limits import DeskFigures, fallen_mark
from tradewarden.core.market.session import DeskSessions
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.orders import OpenIntent, intent_digest
from tradewarden.core.policy import PolicyVersion, RiskPolicy
from tradewarden.ports.storage import (
    AccountPoint,
    ClosedPosition,
    EvaluationRow,
    IdeaRecord,
    IntentRecord,
    StoredDecision,
    StrategyRecord,
)

# What stays as it was booked; everything else of a position may change while it is open.
_FIXED = frozenset(("ticket", "idea_id", "strategy_id", "symbol", "side", "initial_risk"))
_KNOWN_DIGESTS = select(CHUNKS.c.digest)
_NEW_IDEA = insert(IDEAS).values(
    snapshot_ref=select(HISTORY.c.snapshot_ref).where(HISTORY.c.seq == bindparam("at_seq")).scalar_subquery()
)


class PostgresWriting(PostgresReading):
    """One transaction on ``connection``. ``changed`` names the parts of the book that it wrote to."""

    def __init__(self, connection: Connection, cache: BookCache) -> None:
        super().__init__(connection, cache)
        self._head: ChainHead | None = None
        self._appended = False

    @property
    def changed(self) -> frozenset[str]:
        """Return the parts of the book that this transaction has written to."""
        return frozenset(self._changed)

    @property
    def new_head(self) -> ChainHead | None:
        """Return the chain's head when this transaction has moved it."""
        return self._head if self._appended else None

    def head(self) -> ChainHead:
        """Return the newest entry's place: under the lock it moves by this transaction alone."""
        if self._head is None:
            self._head = super().head()
        return self._head

    def append(self, draft: HistoryDraft) -> HistoryEntry:
        """Place ``draft`` at the end of the chain and return it with its hashes."""
        entry = seal(normalised(draft), self.head())
        self._write("history", insert(HISTORY), entry_values(entry))
        self._head = ChainHead(entry.seq, entry.entry_hash)
        self._appended = True
        return entry

    def save_decision(self, stored: StoredDecision, blobs: Mapping[str, bytes]) -> None:
        """Keep a decision with the content it cites (content already there is not written again)."""
        inputs = canonical_json(stored.inputs)
        if digest_bytes(inputs) != stored.inputs_digest:
            raise IntegrityError(
                f"inputs of decision {stored.decision_id} do not have the digest {stored.inputs_digest}"
            )
        if digest_json(stored.decision) != stored.decision_digest:
            raise IntegrityError(f"decision {stored.decision_id} does not have the digest {stored.decision_digest}")
        self._save_chunks(blobs)
        keep = upsert(BUNDLES).on_conflict_do_nothing()
        self._execute(keep, bundle_values(stored.inputs_digest, inputs))
        self._execute(insert(DECISIONS), decision_values(stored))

    def save_evaluations(self, rows: Sequence[EvaluationRow]) -> None:
        """Keep evaluations without a setup."""
        if rows:
            self._execute(insert(EVALUATIONS), [evaluation_values(row) for row in rows])

    def save_policy(self, policy: RiskPolicy, *, at: datetime) -> PolicyVersion:
        """Make ``policy`` the one in force, as the next version."""
        before = self.policy()
        version = PolicyVersion(version=1 if before is None else before.version + 1, policy=policy)
        values = {"version": version.version, "policy": encode(policy), "created_at": at}
        self._execute(insert(POLICY_VERSIONS), values)
        shown = {
            "version": version.version,
            "ai_trading_enabled": policy.ai_trading_enabled,
            "mode": policy.mode.value,
            "min_confidence_threshold": policy.min_confidence_threshold,
            "updated_at": at,
        }
        self._write(
            "policy", upsert(POLICY).values(id=1, **shown).on_conflict_do_update(index_elements=["id"], set_=shown)
        )
        return version

    def set_halt(self, halt: Halt | None) -> None:
        """Put a halt in force (the first one stands), or lift it with None."""
        in_force = self.halt()
        if halt is None:
            self._write("halt", update(HALTS).where(HALTS.c.in_force).values(in_force=False))
        elif in_force is None:
            values = {"code": halt.code, "reason": halt.reason, "actor": halt.actor, "since": halt.since}
            self._write("halt", insert(HALTS), {**values, "in_force": True})
            self._write("policy", update(POLICY).values(last_halt_reason=halt.reason))

    def bind_account(self, binding: AccountBinding, *, at: datetime) -> None:
        """Note the account that the record belongs to."""
        known = self.account_binding()
        if known is not None and known != binding:
            raise Conflict(f"the record belongs to account {known.login}@{known.server}")
        if known is None:
            values = {"login": binding.login, "server": binding.server, "bound_at": at}
            self._write("account", insert(ACCOUNTS), values)

    def set_watchlist(self, symbols: Sequence[str], *, at: datetime) -> int:
        """Replace the watchlist and return its new version."""
        rows = [{"symbol": symbol, "place": place} for place, symbol in enumerate(symbols)]
        version = self.watchlist_version() + 1
        self._keep_version(reference.WATCHLIST_KIND, WATCHLIST, rows, version, list(symbols), at)
        return version

    def save_symbol_map(self, symbols: SymbolMap, *, at: datetime) -> None:
        """Put the next version of the symbol map in force."""
        kind, rows = reference.SYMBOL_MAP_KIND, reference.symbol_rows(symbols)
        reference.require_next(kind, symbols.version, self.symbol_map().version)
        self._keep_version(kind, SYMBOL_MAP, rows, symbols.version, rows, at)

    def save_sessions(self, sessions: DeskSessions, *, at: datetime) -> None:
        """Put the next version of the desk's sessions in force."""
        kind, rows = reference.SESSIONS_KIND, reference.session_rows(sessions)
        reference.require_next(kind, sessions.version, self.sessions().version)
        self._keep_version(kind, SESSIONS, rows, sessions.version, rows, at)

    def _keep_version(
        self, kind: str, table: Table, rows: list[dict[str, Any]], version: int, content: Any, at: datetime
    ) -> None:
        """Replace what ``table`` holds by ``rows`` and keep them as a version; parts are named as the kinds."""
        self._write(kind, delete(table))
        if rows:
            self._execute(insert(table), rows)
        self._execute(insert(REFERENCE_VERSIONS), reference.version_values(kind, version, content, at))

    def save_strategy(self, record: StrategyRecord) -> None:
        """Keep a strategy version; versions are immutable."""
        version = record.version
        canonical_json(record.document)  # raises TypeError where a float hides in the document
        strategy_id, name = version.strategy_id, version.spec.name
        known = self.strategy(strategy_id, version.version)
        if known is not None:
            if known.version.digest != version.digest:
                raise Conflict(
                    f"strategy {name!r} has a version {version.version} with digest {known.version.digest[:12]}, "
                    f"not {version.digest[:12]}"
                )
            return
        newest = self.strategy(strategy_id)
        expected = 1 if newest is None else newest.version.version + 1
        if version.version != expected:
            raise Conflict(f"strategy {name!r}: the next version is {expected}, not {version.version}")
        values = strategy_values(record)
        if newest is None:
            self._write("strategies", insert(STRATEGIES), {**values, "id": strategy_id, "name": name})
        else:
            del values["created_at"]
            self._write("strategies", update(STRATEGIES).where(STRATEGIES.c.id == strategy_id).values(**values))
        self._execute(insert(STRATEGY_VERSIONS), version_values(record))

    def set_strategy_active(self, strategy_id: str, *, active: bool, at: datetime) -> None:
        """Switch a strategy on or off."""
        statement = update(STRATEGIES).where(STRATEGIES.c.id == strategy_id).values(is_active=active, updated_at=at)
        if self._write("strategies", statement).rowcount == 0:
            raise NotFound(f"no strategy {strategy_id}")

    def save_idea(self, record: IdeaRecord) -> None:
        """Keep a new idea."""
        self._write("ideas", _NEW_IDEA, {**idea_values(record), "at_seq": record.history_seq})

    def move_idea(self, idea_id: str, *, to: IdeaStatus, frm: tuple[IdeaStatus, ...], at: datetime) -> None:
        """Change an idea's status. Raises Conflict, naming the status found, when it is not one of ``frm``."""
        statement = (
            update(IDEAS)
            .where(IDEAS.c.id == idea_id, IDEAS.c.status.in_([status.value for status in frm]))
            .values(status=to.value, updated_at=at)
        )
        if self._write("ideas", statement).rowcount == 1:
            return
        found = self._first(select(IDEAS.c.status).where(IDEAS.c.id == idea_id))
        if found is None:
            raise NotFound(f"no idea {idea_id}")
        raise Conflict(f"idea {idea_id} is {found.status}, not {' or '.join(frm)}")

    def save_intent(self, record: IntentRecord) -> None:
        """Put an intent into the outbox."""
        intent = record.intent
        _require_digest(record)
        magic = intent.magic if isinstance(intent, OpenIntent) else None
        self._write("intents", insert(INTENTS), intent_values(record))
        self._execute(insert(OUTBOX), {"intent_id": intent.intent_id, "magic": magic, **fate_values(record)})

    def update_intent(self, record: IntentRecord) -> None:
        """Store what became of an intent; the intent itself never changes."""
        intent_id = record.intent.intent_id
        _require_digest(record)
        same = (
            INTENTS.c.id == intent_id,
            INTENTS.c.digest == record.digest,
            INTENTS.c.history_seq == record.history_seq,
        )
        statement = update(OUTBOX).where(OUTBOX.c.intent_id == INTENTS.c.id, *same)
        if self._write("intents", statement.values(**fate_values(record))).rowcount == 1:
            return
        known = self._first(select(INTENTS.c.digest).where(INTENTS.c.id == intent_id))
        if known is None:
            raise NotFound(f"no intent {intent_id}")
        raise Conflict(f"intent {intent_id} is recorded as {known.digest[:12]} and cannot change")

    def save_position(self, position: DeskPosition) -> None:
        """Keep an open position of the desk, or its new size or stop."""
        ticket = position.ticket
        if not self._is_known(position, "is closed"):
            self._write("positions", insert(POSITIONS), position_values(position))
            return
        moving = {name: value for name, value in position_values(position).items() if name not in _FIXED}
        self._write("positions", update(POSITIONS).where(POSITIONS.c.ticket == ticket).values(**moving))

    def close_position(self, closed: ClosedPosition) -> None:
        """Move a position to the closed ones."""
        values = closing_values(closed)
        if not self._is_known(closed.position, "is closed already"):
            self._write("positions", insert(POSITIONS), values)
            return
        for fixed in _FIXED:
            del values[fixed]
        statement = update(POSITIONS).where(POSITIONS.c.ticket == closed.position.ticket)
        self._write("positions", statement.values(**values))

    def clear_position(self, ticket: int, *, at: datetime, reason: str, history_seq: int) -> None:
        """End a position without figures."""
        ending = {"closed_at": func.greatest(at, POSITIONS.c.opened_at), "close_reason": reason}
        still_open = (POSITIONS.c.ticket == ticket, POSITIONS.c.closed_at.is_(None))
        statement = update(POSITIONS).where(*still_open).values(**ending, close_seq=history_seq)
        if self._write("positions", statement).rowcount != 1:
            raise Conflict(f"position {ticket} is not open in the record")

    def spend_setup(self, key: SetupKey) -> None:
        """Note that a setup has produced an idea."""
        self._write("setups", upsert(SETUPS).on_conflict_do_nothing(), _setup_values(key))

    def rearm_setup(self, key: SetupKey) -> None:
        """Note that a setup's entry has been false."""
        wanted = [SETUPS.c[name] == value for name, value in _setup_values(key).items()]
        self._write("setups", delete(SETUPS).where(*wanted))

    def save_figures(self, figures: DeskFigures) -> None:
        """Store what limits are counted from. Raises RiskViolation when a mark would fall."""
        if (fallen := fallen_mark(self.figures(), figures)) is not None:
            raise RiskViolation(fallen)
        values = figures_values(figures)
        statement = upsert(FIGURES).values(id=1, **values)
        self._write("figures", statement.on_conflict_do_update(index_elements=["id"], set_=values))

    def set_bookmark(self, name: str, value: str) -> None:
        """Store a named position in some other party's stream."""
        statement = upsert(BOOKMARKS).values(name=name, value=value)
        self._write("bookmarks", statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def save_account_point(self, point: AccountPoint) -> None:
        """Add a point to the equity curve; a later one of the same moment replaces it."""
        values = point_values(point)
        statement = upsert(ACCOUNT_POINTS).values(**values)
        self._execute(statement.on_conflict_do_update(index_elements=["captured_at"], set_=values))

    def _write(self, part: str, statement: Any, values: Any = None) -> Any:
        """Change a part of the book, which this transaction then reads anew."""
        self._changed.add(part)
        return self._execute(statement, values)

    def _save_chunks(self, blobs: Mapping[str, bytes]) -> None:
        if not blobs:
            return
        known = {row.digest for row in self._all(_KNOWN_DIGESTS.where(CHUNKS.c.digest.in_(list(blobs))))}
        for digest, content in blobs.items():
            if digest in known:
                continue
            if digest_bytes(content) != digest:
                raise IntegrityError(f"content of {len(content)} bytes does not have the digest {digest}")
            self._execute(insert(CHUNKS), bundle_values(digest, content))

    def _is_known(self, position: DeskPosition, when_closed: str) -> bool:
        """Return whether the position is open in the record. Raises Conflict when it is closed or another one."""
        ticket = position.ticket
        row = self._first(select(POSITIONS).where(POSITIONS.c.ticket == ticket))
        if row is None:
            return False
        if row.closed_at is not None:
            raise Conflict(f"position {ticket} {when_closed}")
        before, after = fixed_of(position_of(row)), fixed_of(position)
        for name, value in before.items():
            if after[name] != value:
                raise Conflict(f"position {ticket} is recorded with {name} {value}, not {after[name]}")
        return True


def _setup_values(key: SetupKey) -> dict[str, str]:
    return {"strategy_id": key.strategy_id, "symbol": key.symbol, "side": key.side.value}


def _require_digest(record: IntentRecord) -> None:
    if intent_digest(record.intent) != record.digest:
        raise IntegrityError(f"intent {record.intent.intent_id} does not have the digest {record.digest}")
