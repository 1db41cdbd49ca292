"""Elementary values of the trading field and their exact arithmetic.

Prices, lots and money are ``Decimal``; this module holds the rounding rules and the derivation of ids that every
other core module shares. It sits at the bottom of the core and imports nothing of it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
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


@lru_cache(maxsize=4096)
def plain(value: Decimal) -> str:
    """Return ``value`` as text without an exponent and without zeros that say nothing."""
    # Equal values share a text whatever came first: minus zero is zero.
    return f"{(value + ZERO).normalize():f}"


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


def maker_of(kind: Callable[P, T]) -> Callable[P, T]:
    """Return a function that makes what ``kind``, a frozen slotted dataclass, makes, in a fifth of the time.

    A frozen value sets each of its fields by a call of its own, and a decision consists of some hundred values. Here
    the fields are set on an open twin with the same slots, which then becomes a ``kind``. Raises TypeError for a class
    that is not frozen and slotted, has bases, checks itself in ``__post_init__`` or makes defaults anew.
    """
    cls: Any = kind
    items = fields(cls)
    names = tuple(item.name for item in items)
    open_or_checked = not cls.__dataclass_params__.frozen or hasattr(cls, "__post_init__")
    if open_or_checked or cls.__bases__ != (object,) or cls.__dict__.get("__slots__") != names:
        raise TypeError(f"{cls.__name__} is no frozen, slotted, unchecked dataclass without bases")
    # Names with two underscores: no field has one of these.
    namespace: dict[str, Any] = {"__kind": cls, "__open": type(f"_Open{cls.__name__}", (), {"__slots__": names})}
    parameters: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for item in items:
        if item.default_factory is not MISSING:
            raise TypeError(f"{cls.__name__}.{item.name} makes its default anew each time")
        default = f"__default_{item.name}"
        if item.default is not MISSING:
            namespace[default] = item.default
        if item.init:
            text = item.name if item.default is MISSING else f"{item.name}={default}"
            (named if item.kw_only else parameters).append(text)
        body.append(f" __value.{item.name} = {item.name if item.init else default}")
    signature = ", ".join([*parameters, *(["*", *named] if named else [])])
    lines = [f"def make({signature}):", " __value = __open()", *body, " __value.__class__ = __kind", " return __value"]
    # The text holds nothing but the names of fields; dataclasses makes its constructors in the same way.
    exec("\n".join(lines), namespace)  # noqa: S102
    make: Callable[P, T] = namespace["make"]
    return make
