"""Closing everything that the desk holds, at once, because a person says so.

Trading is halted first, so that nothing is opened behind the closings; then each position of the desk is closed by a
recorded decision of its own, which no halt, embargo or limit stands against. Foreign positions are not touched.
"""

from dataclasses import dataclass

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import DeskPosition
from tradewarden.core.errors import (
    BrokerUnavailable,
    InvalidBars,
    InvalidInput,
    InvalidSetting,
    MarketDataUnavailable,
    NotFound,
)
from tradewarden.core.orders import OpenIntent, ReduceIntent
from tradewarden.services.book import Book, read_book
from tradewarden.services.close_position import CloseResult, close_position
from tradewarden.services.context import Desk
from tradewarden.services.halt_trading import MANUAL, halt_within

CONFIRMATION = "CLOSE ALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatResult:
    """What came of it: the closings by ticket, what kept others from being closed, and orders that may still fill.

    ``seq`` is the entry that says who closed everything and why.
    """

    seq: int
    closed: tuple[tuple[int, CloseResult], ...]
    problems: tuple[str, ...]
    on_their_way: tuple[str, ...]


def go_flat(desk: Desk, *, actor: str, reason: str, confirmation: str) -> FlatResult:
    """Halt, and close every position of the desk; ``confirmation`` must say ``CLOSE ALL``.

    A position on which a closing is on its way is left to it; repeating closes what is left. Raises InvalidSetting
    without the confirmation, StorageUnavailable when the record is out of reach.
    """
    if confirmation != CONFIRMATION:
        raise InvalidSetting(f"confirm with {CONFIRMATION!r} that every position of the desk is closed")
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        halt_within(tx, at=at, actor=actor, reason=reason, code=MANUAL)
        book = read_book(tx)
        entry = tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.EMERGENCY_FLAT,
                actor=actor,
                rationale=f"close {len(book.positions)} positions: {reason}",
                human_override=actor.startswith("user:"),
                payload={"reason": reason, "tickets": [position.ticket for position in book.positions]},
            )
        )
    closed: list[tuple[int, CloseResult]] = []
    problems: list[str] = []
    for position in book.positions:
        try:
            closed += _close(desk, position, actor)
        except (BrokerUnavailable, MarketDataUnavailable, InvalidBars, InvalidInput) as error:
            problems.append(f"position {position.ticket} in {position.symbol}: {error}")
    return FlatResult(seq=entry.seq, closed=tuple(closed), problems=tuple(problems), on_their_way=_openings(book))


def _close(desk: Desk, position: DeskPosition, actor: str) -> list[tuple[int, CloseResult]]:
    with desk.storage.read() as reading:
        waiting = [record.intent for record in reading.outbox()]
    if any(isinstance(intent, ReduceIntent) and intent.ticket == position.ticket for intent in waiting):
        return []
    try:
        return [(position.ticket, close_position(desk, position.ticket, actor=actor))]
    except NotFound:
        # Closed since the book was read, by its stop or by a person: reconciliation books it.
        return []


def _openings(book: Book) -> tuple[str, ...]:
    """Return the opening orders that left before the halt and may still become positions, in words."""
    return tuple(
        f"{record.intent.side} {record.intent.lots} {record.intent.symbol} ({record.status})"
        for record in book.outbox
        if isinstance(record.intent, OpenIntent)
    )
