"""The base of everything a client sends, and exact numbers on the way in."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

_GREATEST = 10**15
_MOST_DECIMALS = 12


class Sent(BaseModel):
    """A body that a client sends: unknown fields are refused, because a misspelt limit is a missing limit."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _exact(value: Any) -> Any:
    """Refuse binary floats: 0.1 written as a JSON number is no longer 0.1 when it arrives."""
    if isinstance(value, float):
        raise PydanticCustomError("exact_number", 'write it as a string, such as "0.10": a JSON number is not exact')
    return value


def _bounded(value: Decimal) -> Decimal:
    """Refuse what no price, size or amount can be: it would be recorded digit by digit."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(value) >= _GREATEST or exponent < -_MOST_DECIMALS:
        raise PydanticCustomError(
            "number_range",
            "must be below {greatest} with at most {decimals} decimals",
            {"greatest": str(_GREATEST), "decimals": _MOST_DECIMALS},
        )
    return value


SentNumber = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_bounded),
    WithJsonSchema({"type": "string", "format": "decimal"}),
]
