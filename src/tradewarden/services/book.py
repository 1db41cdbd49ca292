"""The desk's book: its own state as the record holds it, read as one value.

Reading it is cheap to repeat: the record's revision says when nothing has changed. The gate gets it as ``DeskState``.
"""

from dataclasses import dataclass

from tradewarden.core.desk import DeskPosition, DeskState, Halt, OpenIdea, SetupKey, UnfinishedIntent
from tradewarden.core.errors import InvalidSetting
from tradewarden.core.limits import DeskFigures, mark_locked
from tradewarden.core.policy import PolicyVersion
from tradewarden.ports.storage import IntentRecord, Reading, StrategyRecord
from tradewarden.services.context import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything the desk knows of itself at one state of the record."""

    policy: PolicyVersion
    halt: Halt | None
    watchlist: tuple[str, ...]
    strategies: tuple[StrategyRecord, ...]
    open_ideas: tuple[OpenIdea, ...]
    unfinished_intents: tuple[UnfinishedIntent, ...]
    outbox: tuple[IntentRecord, ...]
    positions: tuple[DeskPosition, ...]
    spent_setups: tuple[SetupKey, ...]
    figures: DeskFigures

    def strategy(self, strategy_id: str) -> StrategyRecord | None:
        """Return the newest version of a strategy."""
        return next((record for record in self.strategies if record.version.strategy_id == strategy_id), None)


def read_book(reading: Reading) -> Book:
    """Return the book as ``reading`` holds it. Raises InvalidSetting before the first start has set a policy."""
    policy = reading.policy()
    if policy is None:
        raise InvalidSetting("the desk has no risk policy yet: start it once with `tradewarden up`")
    return Book(
        policy=policy,
        halt=reading.halt(),
        watchlist=reading.watchlist(),
        strategies=reading.strategies(),
        open_ideas=reading.open_ideas(),
        unfinished_intents=reading.unfinished_intents(),
        outbox=reading.outbox(),
        positions=reading.positions(),
        spent_setups=reading.spent_setups(),
        figures=reading.figures(),
    )


def desk_state(book: Book, desk: Desk, *, record_available: bool = True) -> DeskState:
    """Return ``book`` as the gate wants it."""
    return DeskState(
        simulated=desk.simulated,
        record_available=record_available,
        reconciled=desk.monitor.health.reconciled,
        halt=book.halt,
        watchlist=book.watchlist,
        open_ideas=book.open_ideas,
        unfinished_intents=book.unfinished_intents,
        positions=book.positions,
        spent_setups=book.spent_setups,
        day=book.figures.day,
        initial_balance=book.figures.initial_balance,
        high_water_mark=book.figures.high_water_mark,
        deposits=book.figures.deposits,
        balance_mark=book.figures.balance_mark,
        mark_locked=mark_locked(book.figures, book.policy.policy),
    )


class BookReader:
    """Reads the book again only when the record has changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._revision: int | None = None
        self._book: Book | None = None

    def book(self) -> Book:
        """Return the current book. Raises StorageUnavailable."""
        revision = self._desk.storage.revision()
        if self._book is None or revision != self._revision:
            with self._desk.storage.read() as reading:
                self._book = read_book(reading)
            self._revision = revision
        return self._book
