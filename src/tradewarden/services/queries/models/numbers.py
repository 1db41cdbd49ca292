"""How exact numbers leave the desk: as strings of plain digits, never as binary floats or with an exponent."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from tradewarden.core.audit.canonical import decimal_text

Number = Annotated[
    Decimal,
    PlainSerializer(decimal_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "decimal"}),
]
