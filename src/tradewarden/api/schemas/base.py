"""The base of everything a client sends, and exact numbers on the way in."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError


class Sent(BaseModel):
    """A body that a client sends: unknown fields are refused, because a misspelt limit is a missing limit."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _exact(value: Any) -> Any:
    """Refuse binary floats: 0.1 written as a JSON number is no longer 0.1 when it arrives."""
    if isinstance(value, float):
        raise PydanticCustomError("exact_number", 'write it as a string, such as "0.10": a JSON number is not exact')
    return value


SentNumber = Annotated[
    Decimal,
    BeforeValidator(_exact),
    WithJsonSchema({"type": "string", "format": "decimal"}),
]
