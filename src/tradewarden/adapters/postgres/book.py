"""The desk's book, read part by part, and kept as long as the record says that a part has not changed.

Every table of the book raises a number in ``revisions`` by trigger. A block reads those few numbers first and asks
only for the parts that moved, which makes the thousands of looks at an unchanged book of a run almost free.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, select

from tradewarden.adapters.postgres.rows import intent_of, position_of
from tradewarden.adapters.postgres.tables import (
    BOOKMARKS,
    HALTS,
    IDEAS,
    INTENTS,
    OUTBOX,
    POLICY,
    POLICY_VERSIONS,
    POSITIONS,
    SETUPS,
    STRATEGIES,
    STRATEGY_VERSIONS,
)
from tradewarden.core.audit.codec import decode
from tradewarden.core.desk import (
    DeskPosition,
    Halt,
    IdeaStatus,
    IntentStatus,
    OpenIdea,
    SetupKey,
    UnfinishedIntent,
)
from tradewarden.core.orders import OpenIntent
from tradewarden.core.policy import PolicyVersion, RiskPolicy
from tradewarden.core.strategy.spec import StrategySpec, StrategyVersion
from tradewarden.core.values import Side
from tradewarden.ports.storage import IntentRecord, StrategyRecord

T = TypeVar("T")
OPEN_IDEAS = tuple(status.value for status in IdeaStatus if status.is_open)
UNFINISHED = tuple(status.value for status in IntentStatus if status.is_unfinished)

_POLICY = select(POLICY_VERSIONS.c.version, POLICY_VERSIONS.c.policy).join(
    POLICY, POLICY.c.version == POLICY_VERSIONS.c.version
)
_HALT = select(HALTS).where(HALTS.c.in_force)
STRATEGY_ROWS = select(STRATEGY_VERSIONS, STRATEGIES.c.is_active).join(
    STRATEGIES, STRATEGIES.c.id == STRATEGY_VERSIONS.c.strategy_id
)
_NEWEST_STRATEGIES = STRATEGY_ROWS.where(STRATEGIES.c.newest_version == STRATEGY_VERSIONS.c.version)
_OPEN_IDEAS = (
    select(IDEAS.c.id, IDEAS.c.strategy_id, IDEAS.c.symbol, IDEAS.c.direction, IDEAS.c.status)
    .where(IDEAS.c.status.in_(OPEN_IDEAS))
    .order_by(IDEAS.c.number)
)
INTENT_ROWS = select(INTENTS, *(column for column in OUTBOX.c if column.name not in ("intent_id", "magic"))).join(
    OUTBOX, OUTBOX.c.intent_id == INTENTS.c.id
)
_OUTBOX = INTENT_ROWS.where(OUTBOX.c.status.in_(UNFINISHED)).order_by(INTENTS.c.number)
_POSITIONS = select(POSITIONS).where(POSITIONS.c.closed_at.is_(None)).order_by(POSITIONS.c.ticket)


class BookCache:
    """What was read of the book, with the number its part had then. Shared by all threads of a storage.

    With ``exclusive`` nobody else writes to the database, so the numbers are counted here and not asked for.
    """

    def __init__(self, *, exclusive: bool) -> None:
        self.exclusive = exclusive
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, object]] = {}
        self._counts: dict[str, int] = {}
        self._specs: dict[tuple[str, int, str], tuple[StrategySpec, StrategySpec | None]] = {}

    def get(self, key: str, stamp: int, query: Callable[[], T]) -> T:
        """Return what was read as ``key`` when its part had the number ``stamp``, or read it now."""
        with self._lock:
            found = self._kept.get(key)
        if found is not None and found[0] == stamp:
            return cast("T", found[1])
        value = query()
        with self._lock:
            self._kept[key] = (stamp, value)
        return value

    def counts(self) -> Mapping[str, int]:
        """Return the numbers counted here."""
        with self._lock:
            return dict(self._counts)

    def raise_counts(self, parts: Iterable[str]) -> None:
        """Note that a transaction changed ``parts``."""
        with self._lock:
            for part in parts:
                self._counts[part] = self._counts.get(part, 0) + 1

    def strategy_of(self, row: Any) -> StrategyRecord:
        """Return the strategy version of ``row``; its specification, which never changes, is decoded once."""
        key = (row.strategy_id, row.version, row.digest)
        sides = self._specs.get(key)
        if sides is None:
            short = None if row.short is None else decode(StrategySpec, row.short)
            sides = self._specs[key] = (decode(StrategySpec, row.spec), short)
        version = StrategyVersion(
            strategy_id=row.strategy_id,
            version=row.version,
            digest=row.digest,
            is_active=row.is_active,
            spec=sides[0],
            short=sides[1],
        )
        return StrategyRecord(version=version, document=row.document, published_at=row.published_at)


def read_policy(connection: Connection) -> PolicyVersion | None:
    """Return the policy in force."""
    row = connection.execute(_POLICY).one_or_none()
    return None if row is None else PolicyVersion(version=row.version, policy=decode(RiskPolicy, row.policy))


def read_halt(connection: Connection) -> Halt | None:
    """Return the halt in force."""
    row = connection.execute(_HALT).one_or_none()
    return None if row is None else Halt(code=row.code, reason=row.reason, actor=row.actor, since=row.since)


def read_strategies(connection: Connection, cache: BookCache) -> tuple[StrategyRecord, ...]:
    """Return every strategy at its newest version, by name as Python sorts it."""
    records = [cache.strategy_of(row) for row in connection.execute(_NEWEST_STRATEGIES)]
    return tuple(sorted(records, key=lambda record: record.version.spec.name))


def read_open_ideas(connection: Connection) -> tuple[OpenIdea, ...]:
    """Return the ideas that can still become an order, in the order recorded."""
    return tuple(
        OpenIdea(
            idea_id=row.id,
            strategy_id=row.strategy_id,
            symbol=row.symbol,
            side=Side(row.direction),
            status=IdeaStatus(row.status),
        )
        for row in connection.execute(_OPEN_IDEAS)
    )


def read_outbox(connection: Connection) -> tuple[IntentRecord, ...]:
    """Return every intent that is queued, sent or unknown, in the order recorded."""
    return tuple(intent_of(row) for row in connection.execute(_OUTBOX))


def unfinished_of(outbox: tuple[IntentRecord, ...]) -> tuple[UnfinishedIntent, ...]:
    """Return the opening intents of ``outbox`` as the limits count them."""
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
        for record in outbox
        if isinstance(record.intent, OpenIntent)
    )


def read_positions(connection: Connection) -> tuple[DeskPosition, ...]:
    """Return the desk's open positions, by ticket."""
    return tuple(position_of(row) for row in connection.execute(_POSITIONS))


def read_setups(connection: Connection) -> tuple[SetupKey, ...]:
    """Return the setups that have not re-armed."""
    keys = [
        SetupKey(strategy_id=row.strategy_id, symbol=row.symbol, side=Side(row.side))
        for row in connection.execute(select(SETUPS))
    ]
    return tuple(sorted(keys, key=lambda key: (key.strategy_id, key.symbol, key.side)))


def read_bookmarks(connection: Connection) -> dict[str, str]:
    """Return every named position."""
    return {row.name: row.value for row in connection.execute(select(BOOKMARKS))}
