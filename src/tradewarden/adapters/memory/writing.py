"""Changes to the memory record, with the refusals that the database enforces by its constraints."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tradewarden.adapters.memory.reading import ONLY, MemoryReading
from tradewarden.adapters.memory.state import MemoryState, Undo
from tradewarden.core.audit.canonical import digest_bytes, digest_json
from tradewarden.core.audit.chain import HistoryDraft, HistoryEntry, seal
from tradewarden.core.desk import AccountBinding, DeskPosition, Halt, IdeaStatus, IntentStatus, SetupKey
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

# An order identity that is open at the broker, or may be, belongs to one intent alone.
_TAKES_IDENTITY = (IntentStatus.QUEUED, IntentStatus.SENT, IntentStatus.UNKNOWN, IntentStatus.FILLED)


class MemoryWriting(MemoryReading):
    """One transaction over the state. ``book_changed`` says whether anything but measurements was written."""

    def __init__(self, state: MemoryState, undo: Undo) -> None:
        super().__init__(state)
        self._undo = undo
        self._citing_ideas: list[str] = []
        self._citing_strategies: list[tuple[str, int]] = []
        self._citing_decisions: list[str] = []
        self.book_changed = False

    def append(self, draft: HistoryDraft) -> HistoryEntry:
        """Place ``draft`` at the end of the chain and return it with its hashes."""
        entry = seal(_normalised(draft), self.head())
        self._undo.add(self._state.history, entry)
        self.book_changed = True
        return entry

    def save_decision(self, stored: StoredDecision, blobs: Mapping[str, bytes]) -> None:
        """Keep a decision with the content it cites."""
        if stored.decision_id in self._state.decisions or stored.seq in self._state.decision_at:
            raise Conflict(f"decision {stored.decision_id} at entry {stored.seq} is recorded already")
        if self.entry(stored.seq) is None:
            raise IntegrityError(f"decision {stored.decision_id} names entry {stored.seq}, which does not exist")
        for kind, value, digest in (
            ("inputs", stored.inputs, stored.inputs_digest),
            ("decision", stored.decision, stored.decision_digest),
        ):
            if digest_json(value) != digest:
                raise IntegrityError(f"{kind} of decision {stored.decision_id} do not have the digest {digest}")
        for digest, content in blobs.items():
            if digest in self._state.blobs:
                continue
            if digest_bytes(content) != digest:
                raise IntegrityError(f"content of {len(content)} bytes does not have the digest {digest}")
            self._undo.put(self._state.blobs, digest, content)
        self._undo.put(self._state.decisions, stored.decision_id, stored)
        self._undo.put(self._state.decision_at, stored.seq, stored.decision_id)

    def save_evaluations(self, rows: Sequence[EvaluationRow]) -> None:
        """Keep evaluations without a setup."""
        for row in rows:
            if row.decision_id in self._state.evaluations:
                raise Conflict(f"evaluation {row.decision_id} is recorded already")
            self._undo.put(self._state.evaluations, row.decision_id, row)

    def save_policy(self, policy: RiskPolicy, *, at: datetime) -> PolicyVersion:  # noqa: ARG002  the port's signature
        """Make ``policy`` the one in force, as the next version."""
        version = PolicyVersion(version=len(self._state.policies) + 1, policy=policy)
        self._undo.add(self._state.policies, version)
        self.book_changed = True
        return version

    def set_halt(self, halt: Halt | None) -> None:
        """Put a halt in force (the first one stands), or lift it with None."""
        if halt is None:
            self._undo.drop(self._state.halt, ONLY)
        elif ONLY not in self._state.halt:
            self._undo.put(self._state.halt, ONLY, halt)
        self.book_changed = True

    def bind_account(self, binding: AccountBinding, *, at: datetime) -> None:  # noqa: ARG002  the port's signature
        """Note the account that the record belongs to."""
        known = self.account_binding()
        if known is not None and known != binding:
            raise Conflict(f"the record belongs to account {known.login}@{known.server}")
        self._undo.put(self._state.account, ONLY, binding)
        self.book_changed = True

    def save_symbol_map(self, symbols: SymbolMap, *, at: datetime) -> None:  # noqa: ARG002  the port's signature
        """Put the next version of the symbol map in force."""
        self._require_next("symbol map", symbols.version, self.symbol_map().version)
        self._undo.add(self._state.symbol_maps, symbols)
        self.book_changed = True

    def save_sessions(self, sessions: DeskSessions, *, at: datetime) -> None:  # noqa: ARG002  the port's signature
        """Put the next version of the desk's sessions in force."""
        self._require_next("sessions", sessions.version, self.sessions().version)
        self._undo.add(self._state.sessions, sessions)
        self.book_changed = True

    def _require_next(self, what: str, version: int, newest: int) -> None:
        if version != newest + 1:
            raise Conflict(f"the next version of the {what} is {newest + 1}, not {version}")

    def set_watchlist(self, symbols: Sequence[str], *, at: datetime) -> int:  # noqa: ARG002  the port's signature
        """Replace the watchlist and return its new version."""
        if len(set(symbols)) != len(symbols):
            raise Conflict(f"a symbol stands twice in the watchlist {', '.join(symbols)}")
        self._undo.add(self._state.watchlists, tuple(symbols))
        self.book_changed = True
        return self.watchlist_version()

    def save_strategy(self, record: StrategyRecord) -> None:
        """Keep a strategy version."""
        version = record.version
        strategy_id, name = version.strategy_id, version.spec.name
        known = self._state.strategies.get((strategy_id, version.version))
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
        if any(r.version.spec.name == name and r.version.strategy_id != strategy_id for r in self.strategies()):
            raise Conflict(f"another strategy is called {name!r} already")
        self._undo.put(self._state.strategies, (strategy_id, version.version), record)
        self._undo.put(self._state.active, strategy_id, version.is_active)
        self.book_changed = True

    def set_strategy_active(self, strategy_id: str, *, active: bool, at: datetime) -> None:  # noqa: ARG002
        """Switch a strategy on or off."""
        if strategy_id not in self._state.active:
            raise NotFound(f"no strategy {strategy_id}")
        self._undo.put(self._state.active, strategy_id, active)
        self.book_changed = True

    def save_idea(self, record: IdeaRecord) -> None:
        """Keep a new idea."""
        idea = record.idea
        if idea.idea_id in self._state.ideas:
            raise Conflict(f"idea {idea.idea_id} is recorded already")
        self._require_entry(record.history_seq, f"idea {idea.idea_id}")
        self._citing_strategies.append((idea.strategy_id, idea.strategy_version))
        self._undo.put(self._state.ideas, idea.idea_id, record)
        self.book_changed = True

    def move_idea(self, idea_id: str, *, to: IdeaStatus, frm: tuple[IdeaStatus, ...], at: datetime) -> None:
        """Change an idea's status. Raises Conflict when it is not one of ``frm``."""
        record = self._state.ideas.get(idea_id)
        if record is None:
            raise NotFound(f"no idea {idea_id}")
        if record.status not in frm:
            raise Conflict(f"idea {idea_id} is {record.status}, not {' or '.join(frm)}")
        self._undo.put(self._state.ideas, idea_id, replace(record, status=to, updated_at=at))
        self.book_changed = True

    def save_intent(self, record: IntentRecord) -> None:
        """Put an intent into the outbox."""
        intent = record.intent
        if intent.intent_id in self._state.intents:
            raise Conflict(f"intent {intent.intent_id} is recorded already")
        self._require_digest(record)
        self._require_entry(record.history_seq, f"intent {intent.intent_id}")
        self._require_own_identity(record)
        self._citing_decisions.append(intent.decision_id)
        if isinstance(intent, OpenIntent):
            self._citing_ideas.append(intent.idea_id)
        self._undo.put(self._state.intents, intent.intent_id, record)
        self.book_changed = True

    def update_intent(self, record: IntentRecord) -> None:
        """Store what became of an intent; the intent itself never changes."""
        intent_id = record.intent.intent_id
        known = self._state.intents.get(intent_id)
        if known is None:
            raise NotFound(f"no intent {intent_id}")
        self._require_digest(record)
        if known.digest != record.digest or known.history_seq != record.history_seq:
            raise Conflict(f"intent {intent_id} is recorded as {known.digest[:12]} and cannot change")
        self._require_own_identity(record)
        self._undo.put(self._state.intents, intent_id, record)
        self.book_changed = True

    def save_position(self, position: DeskPosition) -> None:
        """Keep an open position of the desk, or its new size or stop."""
        ticket = position.ticket
        if ticket in self._state.closed or ticket in self._state.cleared:
            raise Conflict(f"position {ticket} is closed")
        known = self._state.positions.get(ticket)
        if known is not None and _fixed(known) != _fixed(position):
            raise Conflict(f"position {ticket} is recorded with another idea, side or initial risk")
        self._citing_ideas.append(position.idea_id)
        self._undo.put(self._state.positions, ticket, position)
        self.book_changed = True

    def close_position(self, closed: ClosedPosition) -> None:
        """Move a position to the closed ones."""
        ticket = closed.position.ticket
        if ticket in self._state.closed or ticket in self._state.cleared:
            raise Conflict(f"position {ticket} is closed already")
        known = self._state.positions.get(ticket)
        if known is not None and _fixed(known) != _fixed(closed.position):
            raise Conflict(f"position {ticket} is recorded with another idea, side or initial risk")
        self._require_entry(closed.history_seq, f"closed position {ticket}")
        self._citing_ideas.append(closed.position.idea_id)
        self._undo.drop(self._state.positions, ticket)
        self._undo.put(self._state.closed, ticket, closed)
        self.book_changed = True

    def clear_position(self, ticket: int, *, at: datetime, reason: str, history_seq: int) -> None:
        """End a position without figures."""
        position = self._state.positions.get(ticket)
        if position is None:
            raise Conflict(f"position {ticket} is not open in the record")
        self._require_entry(history_seq, f"cleared position {ticket}")
        self._undo.drop(self._state.positions, ticket)
        self._undo.put(self._state.cleared, ticket, (position, at, reason))
        self.book_changed = True

    def spend_setup(self, key: SetupKey) -> None:
        """Note that a setup has produced an idea."""
        self._undo.put(self._state.setups, key, None)
        self.book_changed = True

    def rearm_setup(self, key: SetupKey) -> None:
        """Note that a setup's entry has been false."""
        self._undo.drop(self._state.setups, key)
        self.book_changed = True

    def save_figures(self, figures: DeskFigures) -> None:
        """Store what limits are counted from."""
        if (fallen := fallen_mark(self.figures(), figures)) is not None:
            raise RiskViolation(fallen)
        self._undo.put(self._state.figures, ONLY, figures)
        self.book_changed = True

    def set_bookmark(self, name: str, value: str) -> None:
        """Store a named position in some other party's stream."""
        self._undo.put(self._state.bookmarks, name, value)
        self.book_changed = True

    def save_account_point(self, point: AccountPoint) -> None:
        """Add a point to the equity curve; a later one of the same moment replaces it."""
        points = self._state.account_points
        if not points or points[-1].at < point.at:
            self._undo.add(points, point)
            return
        before = list(points)
        index = bisect_left(points, point.at, key=lambda known: known.at)
        points[index : index + int(points[index].at == point.at)] = [point]
        self._undo.then(lambda: points.__setitem__(slice(None), before))

    def check_citations(self) -> None:
        """Raise IntegrityError when something written cites an idea, a decision or a strategy that does not exist."""
        for idea_id in self._citing_ideas:
            if idea_id not in self._state.ideas:
                raise IntegrityError(f"an intent or a position cites idea {idea_id}, which does not exist")
        for decision_id in self._citing_decisions:
            if decision_id not in self._state.decisions:
                raise IntegrityError(f"an intent cites decision {decision_id}, which does not exist")
        for strategy_id, version in self._citing_strategies:
            if (strategy_id, version) not in self._state.strategies:
                raise IntegrityError(f"an idea cites version {version} of strategy {strategy_id}, which does not exist")

    def _require_entry(self, seq: int, what: str) -> None:
        if self.entry(seq) is None:
            raise IntegrityError(f"{what} names entry {seq}, which does not exist")

    def _require_digest(self, record: IntentRecord) -> None:
        if intent_digest(record.intent) != record.digest:
            raise IntegrityError(f"intent {record.intent.intent_id} does not have the digest {record.digest}")

    def _require_own_identity(self, record: IntentRecord) -> None:
        intent = record.intent
        if not isinstance(intent, OpenIntent) or record.status not in _TAKES_IDENTITY:
            return
        for other in self._state.intents.values():
            if (
                isinstance(other.intent, OpenIntent)
                and other.intent.magic == intent.magic
                and other.intent.intent_id != intent.intent_id
                and other.status in _TAKES_IDENTITY
            ):
                raise Conflict(
                    f"order identity {intent.magic} belongs to intent {other.intent.intent_id}, which is {other.status}"
                )


def _normalised(draft: HistoryDraft) -> HistoryDraft:
    """Return ``draft`` as a database reads it back: an empty payload is an object, no score is a negative zero."""
    score = draft.confidence_score
    if score is not None and score == 0:
        score = score.copy_abs()
    return replace(draft, payload=dict(draft.payload or {}), confidence_score=score)


def _fixed(position: DeskPosition) -> tuple[object, ...]:
    """Return what stays as it was booked: the initial risk above all, from which R is counted."""
    return (position.idea_id, position.strategy_id, position.symbol, position.side, position.initial_risk)
