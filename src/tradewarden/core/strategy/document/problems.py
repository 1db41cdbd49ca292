"""Translation of validation errors into problems that a person can act on.

Input are the plain error records of the validator; output names the place by JSON pointer, what was found, what is
allowed and the nearest known name.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradewarden.core.errors import Problem
from tradewarden.core.strategy.document.fields import is_mark
from tradewarden.core.strategy.document.reading import Tree, child, shown
from tradewarden.core.strategy.document.rules import Refusal, nearest

_KEY_MARK = "[key]"


def problems_of(
    errors: Iterable[Mapping[str, Any]], tree: Tree, keys_of: Callable[[object], tuple[str, ...]]
) -> tuple[Problem, ...]:
    """Return the problems of ``errors`` on ``tree``; ``keys_of`` tells the keys that an object of it may have."""
    return tuple(_problem(error, tree, keys_of) for error in errors)


def _problem(error: Mapping[str, Any], tree: Tree, keys_of: Callable[[object], tuple[str, ...]]) -> Problem:
    parts = [part for part in error["loc"] if not is_mark(part) and part != _KEY_MARK]
    pointer = ""
    for part in parts:
        pointer = child(pointer, part)
    context = error.get("ctx", {})
    refusal = context.get("error")
    if isinstance(refusal, Refusal):
        pointer = child(pointer, refusal.key) if refusal.key else pointer
        return Problem(pointer, str(refusal), refusal.found, refusal.suggestion)
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(pointer, str(parts[-1]), keys_of(_parent(tree, parts)))
    if kind == "missing":
        return Problem(pointer, "is required")
    wanted = _WANTED.get(kind, error["msg"]).format(**context)
    return Problem(pointer, wanted, shown(error["input"]))


def _unknown_key(pointer: str, key: str, allowed: tuple[str, ...]) -> Problem:
    listed = f"; known here are {', '.join(allowed)}" if allowed else ""
    return Problem(pointer, f"unknown key{listed}", shown(key), nearest(key, allowed))


def _parent(tree: Tree, parts: list[Any]) -> object:
    place: Any = tree
    for part in parts[:-1]:
        place = place[part]
    return place


_WANTED = {
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_short": "needs at least {min_length} entries",
    "too_long": "takes at most {max_length} entries",
}
