"""From a strategy document to its specification, its digest and its JSON Schema.

A document is read to a plain tree, checked whole, and turned into a :class:`StrategySpec`; every problem found is
reported with its JSON pointer. What this version does not run is refused by name, never ignored.
"""

from typing import Any

from pydantic import ValidationError

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.document.cross_rules import cross_problems
from tradewarden.core.strategy.document.fields import Context
from tradewarden.core.strategy.document.models import StrategyPart
from tradewarden.core.strategy.document.problems import problems_of
from tradewarden.core.strategy.document.reading import STATE_KEY, digest_tree, read_document
from tradewarden.core.strategy.document.rules import names_of
from tradewarden.core.strategy.document.sides import ParsedStrategy, sides_of
from tradewarden.core.strategy.spec import StrategySpec

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def parse_strategy(document: object, *, source: str = "strategy") -> StrategySpec:
    """Return the specification of ``document``: JSON text, its bytes, or a decoded object.

    Of a strategy that trades both sides it is the long one; :func:`parse_sides` returns both. ``source`` names the
    document in messages. Raises InvalidStrategy with every problem found.
    """
    return parse_sides(document, source=source).spec


def parse_sides(document: object, source: str = "strategy") -> ParsedStrategy:
    """Return the specifications of the sides that ``document`` trades: JSON text, its bytes, or a decoded object.

    ``source`` names the document in messages. Raises InvalidStrategy with every problem found, among them conditions
    that cannot be mirrored.
    """
    tree = read_document(document, source=source)
    context = Context(names_of(tree))
    problems = cross_problems(tree)
    try:
        parsed = StrategyPart.model_validate(tree, context=context)
    except ValidationError as error:
        found = problems_of(error.errors(include_url=False), tree, context.keys_of)
        raise InvalidStrategy(found + problems, source) from error
    if problems:
        raise InvalidStrategy(problems, source)
    return sides_of(parsed, source)


def document_digest(document: object) -> str:
    """Return the SHA-256 of the content of ``document``, the same for every way to write it.

    Key order, white space and ``1.50`` for ``1.5`` do not matter; ``is_active`` is a state and is left out. Raises
    InvalidStrategy when the document cannot be read; whether it is a valid strategy is not asked.
    """
    return digest_tree(read_document(document, source="strategy"))


def declared_active(document: object) -> bool:
    """Return whether a newly published ``document`` starts active. Raises InvalidStrategy when unreadable."""
    return read_document(document, source="strategy").get(STATE_KEY, True) is True


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of strategy documents, with descriptions and examples."""
    schema = _without_nulls(StrategyPart.model_json_schema())
    return {"$schema": SCHEMA_DIALECT, **schema, "title": "Tradewarden strategy, schema version 1"}


def _without_nulls(value: Any) -> Any:
    """Return ``value`` without nulls and null alternatives: an optional part is left out, never null."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_nulls(item) for key, item in value.items() if item is not None}
    alternatives = kept.get("anyOf")
    if isinstance(alternatives, list) and {"type": "null"} in alternatives:
        others = [item for item in alternatives if item != {"type": "null"}]
        del kept["anyOf"]
        kept = {**(others[0] if len(others) == 1 else {"anyOf": others}), **kept}
    return kept
