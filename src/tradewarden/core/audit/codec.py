"""Typed encoding of frozen dataclasses to canonical JSON values and back.

The plan of a class is derived once from its field types, so that encoding is fast and a record is read back into
exactly the type that was written. Large content (bars) is kept beside the JSON by digest: see :class:`Blob`.
"""

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints, runtime_checkable

from tradewarden.core.audit.canonical import JsonValue, decimal_text, digest_bytes, parse_time, time_text
from tradewarden.core.errors import IntegrityError

T = TypeVar("T")
Blobs = dict[str, bytes]
_Encode = Callable[[Any, Blobs], JsonValue]
_Decode = Callable[[Any, Mapping[str, bytes]], Any]


_ADDED = "added"


def added_field(default: T) -> T:
    """Return a dataclass field that was added after records of its class existed.

    It is left out of a record while it has its ``default``. Records from before therefore still read, and still
    encode to the very bytes that were hashed.
    """
    return field(default=default, metadata={_ADDED: True})


def is_added(item: Field[Any]) -> bool:
    """Return whether the field is one of :func:`added_field`."""
    return bool(item.metadata.get(_ADDED))


def is_blob(kind: type) -> bool:
    """Return whether values of ``kind`` are only cited where they are used."""
    return hasattr(kind, "to_bytes") and hasattr(kind, "from_bytes") and hasattr(kind, "digest") and kind is not int


def untagged_member(members: Iterable[Any]) -> str:
    """Return the name of the choice that is recorded without a tag, empty where there is none.

    What a field was before it became a choice stays as it was recorded.
    """
    return next((member.__name__ for member in members if getattr(member, "recorded_untagged", False)), "")


@runtime_checkable
class Blob(Protocol):
    """Content that is recorded once by digest and only cited where it is used."""

    @property
    def digest(self) -> str:
        """Return the content digest: the citation."""

    def to_bytes(self) -> bytes:
        """Return the content; ``digest`` is the SHA-256 of it."""

    @classmethod
    def from_bytes(cls, content: bytes) -> "Blob":
        """Return the value of ``content``."""


def encode(value: object, blobs: Blobs | None = None) -> JsonValue:
    """Return the canonical JSON value of the dataclass ``value``; cited content is put into ``blobs``."""
    kind: Any = type(value)
    return _plan(kind)[0](value, {} if blobs is None else blobs)


def decode(kind: type[T], value: JsonValue, blobs: Mapping[str, bytes] | None = None) -> T:
    """Return the ``kind`` that :func:`encode` wrote as ``value``.

    Raises IntegrityError when the shape does not fit or cited content is missing from ``blobs``.
    """
    wanted: Any = kind
    try:
        decoded: T = _plan(wanted)[1](value, blobs or {})
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise IntegrityError(f"record of {kind.__name__} cannot be read: {error!r}") from error
    return decoded


@cache
def _plan(kind: Any) -> tuple[_Encode, _Decode]:
    origin = get_origin(kind)
    if origin is Union or origin is types.UnionType:
        return _union_plan(get_args(kind))
    if origin is tuple:
        return _tuple_plan(get_args(kind))
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return (lambda value, _: value.value), (lambda value, _: kind(value))
        if is_blob(kind):
            return _blob_plan(kind)
        if is_dataclass(kind):
            return _dataclass_plan(kind)
        if kind in _ELEMENTARY:
            return _ELEMENTARY[kind]
    raise TypeError(f"{kind!r} has no canonical encoding")


def _blob_plan(kind: Any) -> tuple[_Encode, _Decode]:
    def encode_blob(value: Blob, blobs: Blobs) -> JsonValue:
        digest = value.digest
        if digest not in blobs:
            blobs[digest] = value.to_bytes()
        return {"digest": digest}

    def decode_blob(value: Any, blobs: Mapping[str, bytes]) -> Any:
        digest = value["digest"]
        if digest not in blobs:
            raise IntegrityError(f"content {digest} is cited but missing")
        content = blobs[digest]
        if digest_bytes(content) != digest:
            raise IntegrityError(f"content {digest} was changed: it hashes to {digest_bytes(content)}")
        return kind.from_bytes(content)

    return encode_blob, decode_blob


def _dataclass_plan(kind: Any) -> tuple[_Encode, _Decode]:
    hints = get_type_hints(kind)
    plans = [(item.name, *_lazy(hints[item.name])) for item in fields(kind) if item.init]
    names = {name for name, _, _ in plans}
    added = {item.name: item.default for item in fields(kind) if is_added(item)}
    if MISSING in added.values():
        raise TypeError(f"{kind.__name__} has an added field without a default")

    def encode_fields(value: object, blobs: Blobs) -> JsonValue:
        encoded = {name: encoder(getattr(value, name), blobs) for name, encoder, _ in plans}
        for name, default in added.items():
            if getattr(value, name) == default:
                del encoded[name]
        return encoded

    def decode_fields(value: Any, blobs: Mapping[str, bytes]) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"{kind.__name__} is not an object")
        unknown = value.keys() - names - {"$type"}
        if unknown:
            raise KeyError(f"unknown fields {sorted(unknown)} in {kind.__name__}")
        missing = added.keys() - value.keys()
        return kind(**{name: decoder(value[name], blobs) for name, _, decoder in plans if name not in missing})

    return encode_fields, decode_fields


def _lazy(kind: Any) -> tuple[_Encode, _Decode]:
    """Return a plan that is looked up on first use and then kept: condition trees refer to themselves."""
    plan: tuple[_Encode, _Decode] | None = None

    def encode_later(value: Any, blobs: Blobs) -> JsonValue:
        nonlocal plan
        if plan is None:
            plan = _plan(kind)
        return plan[0](value, blobs)

    def decode_later(value: Any, blobs: Mapping[str, bytes]) -> Any:
        nonlocal plan
        if plan is None:
            plan = _plan(kind)
        return plan[1](value, blobs)

    return encode_later, decode_later


def _tuple_plan(arguments: tuple[Any, ...]) -> tuple[_Encode, _Decode]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        encoder, decoder = _lazy(arguments[0])
        return (
            lambda value, blobs: [encoder(item, blobs) for item in value],
            lambda value, blobs: tuple(decoder(item, blobs) for item in value),
        )
    plans = [_lazy(argument) for argument in arguments]
    return (
        lambda value, blobs: [plan[0](item, blobs) for plan, item in zip(plans, value, strict=True)],
        lambda value, blobs: tuple(plan[1](item, blobs) for plan, item in zip(plans, value, strict=True)),
    )


def _union_plan(arguments: tuple[Any, ...]) -> tuple[_Encode, _Decode]:
    optional = type(None) in arguments
    members = [argument for argument in arguments if argument is not type(None)]
    if len(members) == 1:
        encoder, decoder = _lazy(members[0])
    else:
        encoder, decoder = _tagged_plan(members)

    def encode_union(value: Any, blobs: Blobs) -> JsonValue:
        return None if value is None and optional else encoder(value, blobs)

    def decode_union(value: Any, blobs: Mapping[str, bytes]) -> Any:
        return None if value is None and optional else decoder(value, blobs)

    return encode_union, decode_union


def _tagged_plan(members: list[Any]) -> tuple[_Encode, _Decode]:
    by_name = {member.__name__: _lazy(member) for member in members}
    untagged = untagged_member(members)

    def encode_tagged(value: Any, blobs: Blobs) -> JsonValue:
        name = type(value).__name__
        encoded = by_name[name][0](value, blobs)
        if name == untagged:
            return encoded
        if isinstance(encoded, dict):
            return {"$type": name, **encoded}
        return {"$type": name, "value": encoded}

    def decode_tagged(value: Any, blobs: Mapping[str, bytes]) -> Any:
        name = value.get("$type", untagged) if untagged else value["$type"]
        body = value["value"] if set(value) == {"$type", "value"} and name in _ELEMENTARY_NAMES else value
        return by_name[name][1](body, blobs)

    return encode_tagged, decode_tagged


def _same(value: Any, _: object) -> Any:
    return value


def _integer(value: Any, _: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _text(value: Any, _: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _truth(value: Any, _: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _decimal(value: Any, _: object) -> Decimal:
    number = Decimal(_text(value, None))
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


_ELEMENTARY: dict[type, tuple[_Encode, _Decode]] = {
    str: (_same, _text),
    bool: (_same, _truth),
    int: (_integer, _integer),
    Decimal: (lambda value, _: decimal_text(value), _decimal),
    datetime: (lambda value, _: time_text(value), lambda value, _: parse_time(value)),
}
_ELEMENTARY_NAMES = {kind.__name__ for kind in _ELEMENTARY}
