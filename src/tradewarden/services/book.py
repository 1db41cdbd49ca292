"""The desk's book: its own state as the record holds it, read as one value.

Reading it is cheap to repeat: the record's revision says when nothing has changed. The gate gets it as ``DeskState``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewarden.core.desk import (
    AccountBinding,
    DeskPosition,
    DeskState,
    Halt,
    OpenIdea,
    RecentOutcome,
    SetupKey,
    UnfinishedIntent,
)
from tradewarden.core.errors import InvalidSetting
from tradewarden.core.limits import DeskFigures, mark_locked
from tradewarden.core.market.session import DeskSessions
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.policy import PolicyVersion
from tradewarden.ports.storage import (
    OPENINGS_WINDOW,
    IntentRecord,
    Opening,
    Reading,
    StrategyRecord,
)
from tradewarden.services.context import Desk

# A decision is shown at least so much of what closed lately, and more where the policy looks further back.
_OUTCOMES_SHOWN = 50
_OUTCOMES_WINDOW = timedelta(days=7)


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
    binding: AccountBinding | None = None
    outcomes: tuple[RecentOutcome, ...] = ()
    openings: tuple[Opening, ...] = ()
    symbol_map: SymbolMap = SymbolMap()  # noqa: RUF009  a frozen value
    sessions: DeskSessions = DeskSessions()  # noqa: RUF009  a frozen value

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
        binding=reading.account_binding(),
        outcomes=reading.outcomes(),
        openings=reading.openings(),
        symbol_map=reading.symbol_map(),
        sessions=reading.sessions(),
    )


def desk_state(
    book: Book, desk: Desk, *, record_available: bool = True, at: datetime | None = None, idea_id: str = ""
) -> DeskState:
    """Return ``book`` as the gate wants it.

    ``at`` is the moment that recent closings and openings are counted back from; without it, where only limits are
    judged, there are none. The openings of ``idea_id``, the idea that is judged again, are its own and not counted.
    """
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
        outcomes=() if at is None else recent_outcomes(book, at),
        opens_sent_at=() if at is None else _openings_at(book, at, idea_id),
        binding=book.binding,
    )


def recent_outcomes(book: Book, at: datetime) -> tuple[RecentOutcome, ...]:
    """Return what closed lately, newest first: as far back, and as many, as the protections in force look.

    Of every strategy and symbol the newest one within that time is there, however many others closed since.
    """
    policy = book.policy.policy
    pauses = [policy.losses_pause_minutes, policy.cool_down_minutes]
    pauses += [record.version.spec.cool_down_minutes or 0 for record in book.strategies]
    since = at - max(_OUTCOMES_WINDOW, timedelta(minutes=max(pauses)))
    most = max(_OUTCOMES_SHOWN, policy.max_consecutive_losses or 0)
    shown: list[RecentOutcome] = []
    seen: set[tuple[str, str]] = set()
    for outcome in book.outcomes:
        if outcome.closed_at <= since:
            break
        key = (outcome.strategy_id, outcome.symbol)
        if len(shown) < most or key not in seen:
            shown.append(outcome)
        seen.add(key)
    return tuple(shown)


def _openings_at(book: Book, at: datetime, idea_id: str) -> tuple[datetime, ...]:
    return tuple(
        opening.judged_at
        for opening in book.openings
        if opening.idea_id != idea_id and opening.judged_at > at - OPENINGS_WINDOW
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
