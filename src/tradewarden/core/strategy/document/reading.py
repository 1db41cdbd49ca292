"""Reading a strategy document from text or from a decoded object, before anything of it is understood.

What JSON leaves open is closed here: duplicate keys, NaN, numbers of any size, depth without end, text that cannot
be stored. The result is a plain tree in which fractions are ``Decimal``; its digest is the document's identity.
"""

import json
import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from tradewarden.core.audit.canonical import JsonValue, decimal_text, digest_json
from tradewarden.core.errors import InvalidStrategy, Problem

Tree: TypeAlias = "bool | int | str | Decimal | list[Tree] | dict[str, Tree] | None"

MAX_CHARACTERS = 262_144
MAX_DEPTH = 24
MAX_DIGITS = 15
# The state a strategy starts in is no part of its content: switching it on or off makes no new version.
STATE_KEY = "is_active"


class _Unreadable(ValueError):
    """The text is no JSON document that this product reads."""


def read_document(document: object, *, source: str) -> dict[str, Tree]:
    """Return ``document`` (JSON text, its bytes, or a decoded object) as a plain tree.

    Raises InvalidStrategy with every problem found.
    """
    value = document
    if isinstance(document, bytes | bytearray | str):
        try:
            value = _parse(document)
        except RecursionError as error:
            raise InvalidStrategy((_too_deep(""),), source) from error
        except ValueError as error:
            raise InvalidStrategy((Problem("", str(error)),), source) from error
    problems: list[Problem] = []
    tree = _plain(value, "", 0, problems)
    if not problems and not isinstance(tree, dict):
        problems.append(Problem("", "a strategy document is a JSON object", found=shown(value)))
    if problems or not isinstance(tree, dict):
        raise InvalidStrategy(tuple(problems), source)
    return tree


def digest_tree(tree: dict[str, Tree]) -> str:
    """Return the SHA-256 of the content of ``tree``, without the state it starts in."""
    return digest_json({key: _canonical(value) for key, value in tree.items() if key != STATE_KEY})


def child(pointer: str, key: str | int) -> str:
    """Return the JSON pointer of ``key`` under ``pointer`` (RFC 6901)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def shown(value: object) -> str:
    """Return ``value`` as JSON, short enough for a message."""
    if isinstance(value, Decimal):
        return str(value)
    try:
        text = json.dumps(value, ensure_ascii=True, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."


def _parse(text: bytes | bytearray | str) -> object:
    if len(text) > MAX_CHARACTERS:
        raise _Unreadable(f"the document has {len(text)} characters, at most {MAX_CHARACTERS} are read")
    if not isinstance(text, str):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _Unreadable(f"the document is not UTF-8 text: {error.reason} at byte {error.start}") from error
    duplicates: list[str] = []

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys: dict[str, object] = {}
        for key, value in pairs:
            if key in keys:
                duplicates.append(key)
            keys[key] = value
        return keys

    try:
        value: object = json.loads(
            text.removeprefix("\ufeff"),
            parse_float=_fraction,
            parse_int=_whole,
            parse_constant=_constant,
            object_pairs_hook=unique,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _Unreadable(f"the document is not valid JSON: {error.msg} ({where})") from error
    if duplicates:
        names = ", ".join(shown(key) for key in dict.fromkeys(duplicates))
        raise _Unreadable(f"a key stands twice in one object: {names}")
    return value


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _Unreadable(f"{text[:40]} is not a number that can be read") from error


def _whole(text: str) -> int | Decimal:
    # Python refuses to convert integers of thousands of digits; no limit of a document is near that.
    return int(text) if len(text) <= 2 * MAX_DIGITS else _fraction(text)


def _constant(text: str) -> object:
    raise _Unreadable(f"{text} is not a number in JSON")


def _plain(value: object, pointer: str, depth: int, problems: list[Problem]) -> Tree:
    """Return ``value`` with fractions as Decimal and whole numbers as int; note what cannot be used."""
    if depth > MAX_DEPTH:
        problems.append(_too_deep(pointer))
        return None
    if isinstance(value, dict):
        for key in value:
            problems += _text_problems(key, pointer)
        return {str(key): _plain(item, child(pointer, str(key)), depth + 1, problems) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, child(pointer, i), depth + 1, problems) for i, item in enumerate(value)]
    if value is None:
        problems.append(Problem(pointer, "null says nothing here: leave the key out"))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        problems += _text_problems(value, pointer)
        return value
    return _number(value, pointer, problems)


def _number(value: object, pointer: str, problems: list[Problem]) -> int | Decimal | None:
    if isinstance(value, float) and math.isfinite(value):
        value = Decimal(repr(value))
    if isinstance(value, int):
        # Bit length, because the decimal text of a huge integer is refused by the interpreter.
        if value.bit_length() <= 64 and len(str(abs(value))) <= MAX_DIGITS:
            return value
        problems.append(Problem(pointer, f"a number has at most {MAX_DIGITS} digits"))
        return None
    if not isinstance(value, Decimal) or not value.is_finite():
        problems.append(Problem(pointer, "is no finite JSON value", found=shown(value)))
        return None
    if not value:
        return 0
    # Normalising rounds to the context's precision and overflows: look at the raw digits first.
    if len(value.as_tuple().digits) <= 2 * MAX_DIGITS - 2 and -MAX_DIGITS <= value.adjusted() < MAX_DIGITS:
        number = value.normalize()
        _, digits, exponent = number.as_tuple()
        if len(digits) <= MAX_DIGITS and int(exponent) >= -MAX_DIGITS:
            return int(number) if int(exponent) >= 0 else number
    problems.append(Problem(pointer, f"a number has at most {MAX_DIGITS} digits", found=shown(value)[:40]))
    return None


def _text_problems(text: object, pointer: str) -> Iterator[Problem]:
    if not isinstance(text, str):
        yield Problem(pointer, "a key of an object is a text", found=shown(text))
    elif any(_unstorable(character) for character in text):
        yield Problem(pointer, "text may not hold control characters or lone surrogates", found=shown(text))


def _unstorable(character: str) -> bool:
    return (character < " " and character not in "\n\t") or "\ud800" <= character <= "\udfff"


def _too_deep(pointer: str) -> Problem:
    return Problem(pointer, f"the document is nested deeper than {MAX_DEPTH} levels")


def _canonical(value: Tree) -> JsonValue:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    return value
