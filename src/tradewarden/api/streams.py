"""The live event stream: what happens, as it happens, resumable by the number of the last entry seen.

A shared frame (status and quotes) is made at most once per tick for all listeners; entries are read per listener from
its own place. Everything that may block runs in a thread.
"""

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace

import anyio
from fastapi.concurrency import run_in_threadpool
from pydantic import TypeAdapter

from tradewarden.api.schemas.events import ClosingEvent
from tradewarden.api.settings import ApiSettings
from tradewarden.api.status_board import StatusBoard
from tradewarden.core.errors import MarketDataUnavailable, StorageUnavailable
from tradewarden.services.context import Desk
from tradewarden.services.queries.history import entries_after
from tradewarden.services.queries.market import watched_quotes
from tradewarden.services.queries.models.common import QuoteView
from tradewarden.services.queries.models.history import HistoryRow
from tradewarden.services.queries.models.status import DeskStatus

_PAGE = 200
_STATUS_SECONDS = 1.0
# Prices of all watched symbols together, once per second: more than an eye can follow.
_QUOTE_SECONDS = 1.0
# A session that has ended must not go on listening for long.
_IDENTITY_SECONDS = 30.0
_HISTORY = TypeAdapter(HistoryRow)
_STATUS = TypeAdapter(DeskStatus)
_QUOTE = TypeAdapter(QuoteView)


@dataclass(frozen=True, slots=True)
class Frame:
    """What all listeners are shown alike; ``status`` is None while nothing can be said."""

    status: DeskStatus | None
    quotes: tuple[QuoteView, ...]


@dataclass(slots=True)
class _Listener:
    """What one listener has been told."""

    seq: int | None
    quotes: dict[str, tuple[object, ...]]
    status_key: object = None
    status_at: float = float("-inf")
    quotes_at: float = float("-inf")


class EventFeed:
    """Where listeners get their events from, until the desk stops."""

    def __init__(self, desk: Desk, board: StatusBoard, settings: ApiSettings) -> None:
        self._desk = desk
        self._board = board
        self._settings = settings
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._frame = Frame(None, ())
        self._frame_at = float("-inf")

    def stop(self) -> None:
        """End every stream at its next tick; called before the server waits for its connections."""
        self._stopped.set()

    async def listen(self, *, after_seq: int | None, still_allowed: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Yield encoded events; entries after ``after_seq`` first, or from now on when it is None."""
        listener = _Listener(seq=after_seq, quotes={})
        heard = allowed_at = time.monotonic()
        yield _comment("connected")
        while not self._stopped.is_set():
            news = await run_in_threadpool(self._news, listener)
            now = time.monotonic()
            if news:
                yield b"".join(news)
                heard = now
            elif now - heard >= self._settings.heartbeat_seconds:
                yield _comment("still here")
                heard = now
            if now - allowed_at >= _IDENTITY_SECONDS:
                if not await run_in_threadpool(still_allowed):
                    yield _event("closing", ClosingEvent(reason="the session has ended").model_dump_json().encode())
                    return
                allowed_at = now
            await anyio.sleep(self._settings.stream_tick_seconds)
        yield _event("closing", ClosingEvent(reason="the desk stops").model_dump_json().encode())

    def _news(self, listener: _Listener) -> list[bytes]:
        frame = self._current()
        return [*self._history(listener, frame), *_status_news(listener, frame), *_quote_news(listener, frame)]

    def _history(self, listener: _Listener, frame: Frame) -> Iterator[bytes]:
        if frame.status is None:
            return
        head = frame.status.history_seq
        if listener.seq is None:
            listener.seq = head
        if listener.seq >= head:
            return
        try:
            rows = entries_after(self._desk, listener.seq, _PAGE)
        except StorageUnavailable:
            # The status says that the record is down; the listener's place stays, so nothing is skipped.
            return
        for row in rows:
            listener.seq = row.seq
            yield _event("history", _HISTORY.dump_json(row), str(row.seq))

    def _current(self) -> Frame:
        """Return the shared frame, made anew when it is older than a tick.

        One thread makes it; the others take the one before, so that a terminal which does not answer holds up a
        single thread and not all that serve requests.
        """
        if time.monotonic() - self._frame_at < self._settings.stream_tick_seconds:
            return self._frame
        if self._lock.acquire(blocking=False):
            try:
                self._frame = self._make()
                self._frame_at = time.monotonic()
            finally:
                self._lock.release()
        return self._frame

    def _make(self) -> Frame:
        try:
            status = self._board.status()
        except StorageUnavailable:
            return Frame(None, ())
        try:
            return Frame(status, watched_quotes(self._desk, status.watchlist))
        except MarketDataUnavailable:
            # The status carries the age of each quote; no quote event is the honest rest.
            return Frame(status, ())


def _status_news(listener: _Listener, frame: Frame) -> Iterator[bytes]:
    if frame.status is None or time.monotonic() - listener.status_at < _STATUS_SECONDS:
        return
    key = _lasting(frame.status)
    if key != listener.status_key:
        listener.status_key, listener.status_at = key, time.monotonic()
        yield _event("status", _STATUS.dump_json(frame.status))


def _quote_news(listener: _Listener, frame: Frame) -> Iterator[bytes]:
    if time.monotonic() - listener.quotes_at < _QUOTE_SECONDS:
        return
    for quote in frame.quotes:
        seen = (quote.bid, quote.ask)
        if listener.quotes.get(quote.symbol) != seen:
            listener.quotes[quote.symbol], listener.quotes_at = seen, time.monotonic()
            yield _event("quote", _QUOTE.dump_json(quote))


def _lasting(status: DeskStatus) -> object:
    """Return what is left of a status without the passing of time, to the second of wall time where trading runs."""
    health = status.health
    still = replace(
        health,
        quotes=tuple(replace(quote, at=None, age_seconds=None) for quote in health.quotes),
        calendar=replace(health.calendar, captured_at=None, covers_until=None),
        last_cycle_at=None,
        last_cycle_age_seconds=None,
    )
    account = status.account
    return (
        status.source,
        status.mode,
        status.ai_trading_enabled,
        status.policy_version,
        status.halt,
        status.can_resume,
        status.resume_blocked_by,
        None if account is None else (account.balance, account.equity, account.margin_level, account.problem),
        status.open_positions,
        status.waiting_ideas,
        status.unfinished_orders,
        status.watchlist,
        status.history_seq,
        status.market.market_at.replace(second=0, microsecond=0),
        still,
    )


def _event(name: str, data: bytes, event_id: str | None = None) -> bytes:
    identity = b"" if event_id is None else f"id: {event_id}\n".encode()
    # JSON from the encoder holds no line break, so one data line carries it.
    return identity + f"event: {name}\n".encode() + b"data: " + data + b"\n\n"


def _comment(text: str) -> bytes:
    return f": {text}\n\n".encode()
