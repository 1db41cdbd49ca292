"""What the memory record holds, and the undo list that makes a block of changes all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from tradewarden.core.audit.chain import HistoryEntry
from tradewarden.core.desk import AccountBinding, DeskPosition, Halt, SetupKey
from tradewarden.core.limits import DeskFigures
from tradewarden.core.market.session import DeskSessions
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.policy import PolicyVersion
from tradewarden.ports.storage import (
    AccountPoint,
    ClosedPosition,
    EvaluationRow,
    IdeaRecord,
    IntentRecord,
    StoredDecision,
    StrategyRecord,
)

K = TypeVar("K")
V = TypeVar("V")
_MISSING: Any = object()


@dataclass(slots=True)
class MemoryState:
    """Every table. Dictionaries keep their order of insertion, which is the order recorded."""

    policies: list[PolicyVersion] = field(default_factory=list)
    halt: dict[str, Halt] = field(default_factory=dict)
    account: dict[str, AccountBinding] = field(default_factory=dict)
    watchlists: list[tuple[str, ...]] = field(default_factory=list)
    symbol_maps: list[SymbolMap] = field(default_factory=list)
    sessions: list[DeskSessions] = field(default_factory=list)
    strategies: dict[tuple[str, int], StrategyRecord] = field(default_factory=dict)
    active: dict[str, bool] = field(default_factory=dict)
    ideas: dict[str, IdeaRecord] = field(default_factory=dict)
    intents: dict[str, IntentRecord] = field(default_factory=dict)
    positions: dict[int, DeskPosition] = field(default_factory=dict)
    closed: dict[int, ClosedPosition] = field(default_factory=dict)
    cleared: dict[int, tuple[DeskPosition, datetime, str]] = field(default_factory=dict)
    setups: dict[SetupKey, None] = field(default_factory=dict)
    figures: dict[str, DeskFigures] = field(default_factory=dict)
    bookmarks: dict[str, str] = field(default_factory=dict)
    history: list[HistoryEntry] = field(default_factory=list)
    decisions: dict[str, StoredDecision] = field(default_factory=dict)
    decision_at: dict[int, str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    evaluations: dict[str, EvaluationRow] = field(default_factory=dict)
    account_points: list[AccountPoint] = field(default_factory=list)


class Undo:
    """The way back of one transaction."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Set ``table[key]``."""
        before = table.get(key, _MISSING)
        table[key] = value
        self._steps.append(lambda: table.pop(key) if before is _MISSING else table.__setitem__(key, before))

    def drop(self, table: dict[K, V], key: K) -> None:
        """Remove ``table[key]``, if it is there; going back keeps the order of the table."""
        if key not in table:
            return
        before = dict(table)
        del table[key]

        def restore() -> None:
            table.clear()
            table.update(before)

        self._steps.append(restore)

    def add(self, table: list[V], value: V) -> None:
        """Append ``value`` to ``table``."""
        table.append(value)
        self._steps.append(table.pop)

    def then(self, step: Callable[[], object]) -> None:
        """Remember ``step`` as the way back of a change made by the caller."""
        self._steps.append(step)

    def roll_back(self) -> None:
        """Take every step back, the last one first."""
        while self._steps:
            self._steps.pop()()
