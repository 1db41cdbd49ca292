"""The canonical text of typed values, written in one pass: what digests are taken of.

It is byte for byte the canonical JSON of what the codec encodes, without the tree between; the functions that write
it are made once for each class, from the types of its fields. Reading back is the codec's business.
"""

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from tradewarden.core.audit.canonical import decimal_text, digest_bytes, time_text
from tradewarden.core.audit.codec import is_added, is_blob, untagged_member

Write: TypeAlias = Callable[[Any], str]
_TRUTHS = {True: "true", False: "false"}


def canonical_text(value: object) -> str:
    """Return the canonical JSON of the dataclass ``value``. Raises TypeError for a type without an encoding."""
    kind: Any = type(value)
    return _writer(kind)(value)


def digest_of(value: object) -> str:
    """Return the content digest of the dataclass ``value``: that of its canonical JSON."""
    return digest_bytes(canonical_text(value).encode())


@cache
def _writer(kind: Any) -> Write:
    return _made(kind, frozenset())


def _made(kind: Any, outer: frozenset[Any]) -> Write:
    """Return the function that writes a ``kind``; the kinds in ``outer``, being made around it, are looked up late."""
    if kind in outer:
        return _looked_up_late(kind)
    origin = get_origin(kind)
    if origin is Union or origin is types.UnionType:
        return _union_writer(get_args(kind), outer)
    if origin is tuple:
        return _tuple_writer(get_args(kind), outer)
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return {member: _ELEMENTARY[type(member.value)](member.value) for member in kind}.__getitem__
        if is_blob(kind):
            return lambda value: f'{{"digest":{encode_basestring(value.digest)}}}'
        if is_dataclass(kind):
            return _dataclass_writer(kind, outer | {kind})
        if kind in _ELEMENTARY:
            return _ELEMENTARY[kind]
    raise TypeError(f"{kind!r} has no canonical encoding")


def _looked_up_late(kind: Any) -> Write:
    """Return a function for a kind that refers to itself: it exists only once everything in it does."""

    def write(value: Any) -> str:
        return _writer(kind)(value)

    return write


def _dataclass_writer(kind: Any, outer: frozenset[Any]) -> Write:
    """Return the function for a dataclass: keys sorted, added fields left out while they have their default."""
    hints = get_type_hints(kind)
    items = sorted((item for item in fields(kind) if item.init), key=lambda item: item.name)
    namespace: dict[str, Any] = {"join": ",".join}
    lines, run = [], ""
    for item in items:
        write = _made(hints[item.name], outer)
        # Truths and words of closed lists are looked up in place, everything else by a call.
        table = getattr(write, "__self__", None)
        namespace[f"write_{item.name}"] = table if isinstance(table, dict) else write
        opens, closes = "[]" if isinstance(table, dict) else "()"
        text = f'"{item.name}":{{write_{item.name}{opens}value.{item.name}{closes}}}'
        if not is_added(item):
            run = f"{run},{text}" if run else text
            continue
        namespace[f"default_{item.name}"] = item.default
        lines += [f" parts.append(f'{run}')"] if run else []
        lines += [f" if value.{item.name} != default_{item.name}: parts.append(f'{text}')"]
        run = ""
    if lines:
        lines = [" parts = []", *lines, *([f" parts.append(f'{run}')"] if run else [])]
        lines.append(" return '{' + join(parts) + '}'")
    else:
        lines = [f" return f'{{{{{run}}}}}'"]
    # The text holds nothing but the names of fields; dataclasses makes its methods in the same way.
    exec("\n".join(["def write(value):", *lines]), namespace)  # noqa: S102
    made: Write = namespace["write"]
    return made


def _tuple_writer(arguments: tuple[Any, ...], outer: frozenset[Any]) -> Write:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        write = _made(arguments[0], outer)
        return lambda value: f"[{','.join(map(write, value))}]" if value else "[]"
    writes = [_made(argument, outer) for argument in arguments]
    return lambda value: f"[{','.join([write(item) for write, item in zip(writes, value, strict=True)])}]"


def _union_writer(arguments: tuple[Any, ...], outer: frozenset[Any]) -> Write:
    members = [argument for argument in arguments if argument is not type(None)]
    write = _made(members[0], outer) if len(members) == 1 else _tagged_writer(members, outer)
    if len(members) == len(arguments):
        return write
    return lambda value: "null" if value is None else write(value)


def _tagged_writer(members: list[Any], outer: frozenset[Any]) -> Write:
    untagged = untagged_member(members)
    by_kind = {member: _made(member, outer) for member in members}

    def write(value: Any) -> str:
        kind = type(value)
        text = by_kind[kind](value)
        if kind.__name__ == untagged:
            return text
        if text[0] != "{":
            return f'{{"$type":"{kind.__name__}","value":{text}}}'
        # A dollar sign comes before every letter, so that the tag is the first key.
        return f'{{"$type":"{kind.__name__}"{"," if len(text) > 2 else ""}{text[1:]}'

    return write


def _integer(value: Any) -> str:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    return str(value)


def _decimal(value: Decimal) -> str:
    text = str(value)
    # Nearly every number is written without an exponent, and then str is the plain digits at half the cost.
    if "E" in text or not value.is_finite():
        text = decimal_text(value)
    return f'"{text}"'


def _time(value: datetime) -> str:
    return f'"{time_text(value)}"'


_ELEMENTARY: dict[type, Write] = {
    str: encode_basestring,
    bool: _TRUTHS.__getitem__,
    int: _integer,
    Decimal: _decimal,
    datetime: _time,
}
