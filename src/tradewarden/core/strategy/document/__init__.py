"""The strategy document: JSON in, a frozen specification out, every problem named. The core's only use of pydantic."""

from tradewarden.core.strategy.document.parser import (
    declared_active,
    document_digest,
    json_schema,
    parse_sides,
    parse_strategy,
)
from tradewarden.core.strategy.document.sides import ParsedStrategy

__all__ = ["ParsedStrategy", "declared_active", "document_digest", "json_schema", "parse_sides", "parse_strategy"]
