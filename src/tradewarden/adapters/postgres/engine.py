"""Connections to PostgreSQL, and the translation of the driver's errors into the product's.

Connections are kept and checked before use, so that the first call after a restart of the server works again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, exc

from tradewarden.core.errors import Conflict, IntegrityError, InvalidInput, StorageUnavailable

CONNECT_SECONDS = 5
_POOL_SIZE = 8
_OVERFLOW = 16
_POOL_SECONDS = 10
# A writer waits for the one before it, which takes milliseconds; this long means that something hangs.
_LOCK_MILLISECONDS = 15_000
_STATEMENT_MILLISECONDS = 120_000
_UNIQUE_VIOLATION = "23505"
_UNIQUE_WORDS = {
    "outbox_one_per_magic": "this order identity belongs to another intent that is at the broker, or may be",
    "order_intents_pkey": "this intent is recorded already",
    "trade_ideas_pkey": "this idea is recorded already",
    "decisions_pkey": "this decision is recorded already",
    "decisions_seq_key": "this entry has a decision already",
    "evaluations_decision_id_key": "this evaluation is recorded already",
    "strategies_name_key": "another strategy has this name already",
    "watchlist_pkey": "a symbol stands twice in the watchlist",
    "sign_in_links_pkey": "this sign-in link exists already",
    "web_sessions_pkey": "this session exists already",
}
_FOREIGN_KEY_VIOLATION = "23503"
_READ_ONLY = "25006"


def make_engine(url: str) -> Engine:
    """Return an engine whose sessions run in UTC, with limits on waiting and on single statements."""
    options = (
        f"-c timezone=UTC -c lock_timeout={_LOCK_MILLISECONDS} -c statement_timeout={_STATEMENT_MILLISECONDS}"
        " -c application_name=tradewarden"
    )
    return create_engine(
        url,
        pool_size=_POOL_SIZE,
        max_overflow=_OVERFLOW,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,
        json_serializer=_json_text,
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options},
    )


@contextmanager
def translated(doing: str = "the record cannot be reached") -> Iterator[None]:
    """Raise the product's errors for the driver's: StorageUnavailable, Conflict, IntegrityError, InvalidInput."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise product_error(error, doing) from error


def product_error(error: exc.SQLAlchemyError, doing: str) -> Exception:
    """Return what ``error`` means to the product; a fault of the program itself is returned as it is."""
    if isinstance(error, exc.TimeoutError):
        return StorageUnavailable(f"{doing}: all {_POOL_SIZE + _OVERFLOW} connections are in use for {_POOL_SECONDS} s")
    if not isinstance(error, exc.DBAPIError):
        return error
    cause: Any = error.orig
    state = getattr(cause, "sqlstate", None)
    words = _first_line(cause)
    if isinstance(error, exc.IntegrityError):
        if state != _UNIQUE_VIOLATION:
            return IntegrityError(words)
        known = _UNIQUE_WORDS.get(str(cause.diag.constraint_name))
        return Conflict(f"{known}: {cause.diag.message_detail}" if known else words)
    if isinstance(error, exc.DataError):
        return InvalidInput(f"the record cannot hold this value: {words}")
    lost = isinstance(error, exc.OperationalError | exc.InterfaceError) or error.connection_invalidated
    if lost or state == _READ_ONLY:
        return StorageUnavailable(f"{doing}: {words}")
    return error


def _first_line(cause: BaseException) -> str:
    """Return the server's message without the statement; of its details only those that name keys, not whole rows."""
    diagnostic = getattr(cause, "diag", None)
    primary = getattr(diagnostic, "message_primary", None)
    if not primary:
        return str(cause).strip().split("\n", maxsplit=1)[0] or type(cause).__name__
    detail = getattr(diagnostic, "message_detail", None) if _names_keys(cause) else None
    return f"{primary} ({detail})" if detail else str(primary)


def _names_keys(cause: BaseException) -> bool:
    return getattr(cause, "sqlstate", None) in (_UNIQUE_VIOLATION, _FOREIGN_KEY_VIOLATION)


def _json_text(value: Any) -> str:
    # jsonb orders keys itself; that no float is in it has been checked where the value was hashed.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
