"""Canonical JSON and content digests.

One value has one encoding: keys sorted, no spaces, UTF-8, no floats (a float is quantised to ``Decimal`` before it
is recorded), decimals as plain digits, times in UTC with a trailing ``Z``.
"""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue] | None"


def canonical_json(value: JsonValue) -> bytes:
    """Return the one UTF-8 encoding of ``value``. Raises TypeError where a float hides in it."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_bytes(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


def digest_json(value: JsonValue) -> str:
    """Return the digest of the canonical encoding of ``value``."""
    return digest_bytes(canonical_json(value))


def decimal_text(value: Decimal) -> str:
    """Return ``value`` in plain digits, without an exponent and with its own number of decimals."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number and cannot be recorded")
    return f"{value:f}"


def time_text(at: datetime) -> str:
    """Return ``at`` in UTC as ``YYYY-MM-DDTHH:MM:SS[.ffffff]Z``. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone and cannot be recorded")
    return f"{at.astimezone(UTC).isoformat()[:-6]}Z"


def parse_time(text: str) -> datetime:
    """Return the aware UTC datetime of ``text`` as written by :func:`time_text`; ValueError without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        # Read as local time it would depend on the machine that reads it.
        raise ValueError(f"{text} has no time zone")
    return at.astimezone(UTC)


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"float {value!r} in a canonical value: quantise it to Decimal first")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
