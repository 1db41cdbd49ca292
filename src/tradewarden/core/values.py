"""Elementary values of the trading field and their exact arithmetic.

Prices, lots and money are ``Decimal``; this module holds the rounding rules and the derivation of ids that every
other core module shares. It sits at the bottom of the core and imports nothing of it.
"""

import hashlib
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

ZERO = Decimal(0)
CENT = Decimal("0.01")
ONE_HUNDRED = Decimal(100)


class Side(StrEnum):
    """The direction of an idea, order or position."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return +1 for buy and -1 for sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """Return the side that closes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY


def floor_to_step(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of ``step`` that is not above ``value``, with the digits of ``step``."""
    return _to_step(value, step, ROUND_FLOOR)


def ceil_to_step(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of ``step`` that is not below ``value``, with the digits of ``step``."""
    return _to_step(value, step, ROUND_CEILING)


def round_to_step(value: Decimal, step: Decimal) -> Decimal:
    """Return the multiple of ``step`` nearest to ``value`` (ties to even), with the digits of ``step``."""
    return _to_step(value, step, ROUND_HALF_EVEN)


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if step <= 0:
        raise ValueError(f"step {step} must be above 0")
    return ((value / step).to_integral_value(rounding=rounding) * step).quantize(step)


def is_multiple_of(value: Decimal, step: Decimal) -> bool:
    """Return whether ``value`` is a whole multiple of ``step``."""
    return value % step == 0


def money(value: Decimal) -> Decimal:
    """Return ``value`` rounded to cents (ties to even)."""
    return value.quantize(CENT, rounding=ROUND_HALF_EVEN)


def money_up(value: Decimal) -> Decimal:
    """Return ``value`` rounded up to cents: the direction that never understates a risk."""
    return value.quantize(CENT, rounding=ROUND_CEILING)


def derive_id(*parts: str) -> str:
    """Return a 32-character id that depends on ``parts`` alone, so that a replay derives the same one."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def derive_magic(*parts: str) -> int:
    """Return a 63-bit order identity in [1, 2**63): the terminal's ``magic`` is a signed 64-bit integer."""
    head = hashlib.sha256("\x1f".join(parts).encode()).digest()[:8]
    return (int.from_bytes(head, "big") >> 1) or 1


def from_epoch(seconds: float) -> datetime:
    """Return the aware UTC datetime of epoch ``seconds``."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def to_epoch(at: datetime) -> int:
    """Return the whole epoch seconds of the aware datetime ``at``."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return int(at.timestamp())
