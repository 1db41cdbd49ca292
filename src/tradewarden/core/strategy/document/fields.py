"""Building blocks of the document's models: numbers within limits, closed choices, objects without unknown keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from tradewarden.core.indicators.kind import Parameter
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document.rules import Names, Refusal, check_choice, check_kind, higher_timeframe

# Begins the marks by which the validator tells alternatives apart in a location; no document may hold it.
_MARK = "\x1f"


@dataclass(slots=True)
class Context:
    """What the validators of one document share: its names, and which keys each of its objects may have."""

    names: Names
    _keys: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def note(self, value: object, keys: tuple[str, ...]) -> None:
        """Remember that the object ``value`` of the document may have ``keys``."""
        self._keys[id(value)] = keys

    def keys_of(self, value: object) -> tuple[str, ...]:
        """Return the keys that ``value`` may have, or none where that was never noted."""
        return self._keys.get(id(value), ())


@dataclass(frozen=True, slots=True)
class Number:
    """A number within limits, both allowed; ``whole`` refuses fractions."""

    low: Decimal
    high: Decimal
    whole: bool = False

    def check(self, value: object) -> int | Decimal:
        """Return ``value`` as int when whole numbers are asked for, else as Decimal. Raises Refusal."""
        if not isinstance(value, bool) and isinstance(value, int | Decimal) and self.low <= value <= self.high:
            if not self.whole:
                return Decimal(value)
            if isinstance(value, int):
                return value
        word = "whole number" if self.whole else "number"
        raise Refusal(f"must be a {word} from {self.low} to {self.high}", value)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        low, high = (int(limit) if limit == int(limit) else float(limit) for limit in (self.low, self.high))
        return {"type": "integer" if self.whole else "number", "minimum": low, "maximum": high}


def whole(low: int, high: int) -> Number:
    """Return the rule for whole numbers from ``low`` to ``high``."""
    return Number(Decimal(low), Decimal(high), whole=True)


def number(low: str, high: str) -> Number:
    """Return the rule for numbers from ``low`` to ``high``."""
    return Number(Decimal(low), Decimal(high))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of texts; ``not_run`` are known to the market and refused by name."""

    allowed: tuple[str, ...]
    not_run: tuple[str, ...] = ()

    def check(self, value: object) -> str:
        """Return ``value`` when it is allowed. Raises Refusal."""
        return check_choice(value, self.allowed, self.not_run)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.allowed)}


class Part(BaseModel):
    """An object of the document: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def note_keys(cls, value: Any, info: ValidationInfo) -> Any:
        """Note the keys of this object, so that an unknown one can be answered with the nearest."""
        if isinstance(info.context, Context):
            info.context.note(value, tuple(item.alias or name for name, item in cls.model_fields.items()))
        return value


def names(info: ValidationInfo) -> Names:
    """Return what the conditions of the document being validated may refer to."""
    if not isinstance(info.context, Context):
        raise TypeError("strategy documents are validated through parse_strategy")
    return info.context.names


def _own_or_higher(value: str, info: ValidationInfo) -> Timeframe | None:
    return higher_timeframe(Timeframe(value), names(info))


# The strategy's own timeframe is read as None, however it was written.
HigherTimeframe: TypeAlias = Annotated[
    str, Choice(tuple(timeframe.value for timeframe in Timeframe)), AfterValidator(_own_or_higher)
]


def mark(alternative: str) -> str:
    """Return the mark that the validator puts into a location for ``alternative``."""
    return _MARK + alternative


def is_mark(part: object) -> bool:
    """Return whether ``part`` of a location is a mark and no part of the document."""
    return isinstance(part, str) and part.startswith(_MARK)


def by_kind(models: Mapping[str, type[Part]], *, key: str = "kind") -> Any:
    """Return the type of an object that is described by the model that its ``key`` names.

    The key is checked first, so that an unknown one is answered with the nearest and never reaches the union.
    """
    members = [Annotated[model, Tag(mark(kind))] for kind, model in models.items()]
    return Annotated[
        reduce(or_, members),
        Discriminator(lambda value: mark(value[key])),
        BeforeValidator(lambda value: check_kind(value, models, key=key)),
    ]


def parameter_type(parameter: Parameter) -> Any:
    """Return the type of a declared ``parameter`` with its limits."""
    if parameter.choices:
        return Annotated[str, Choice(parameter.choices)]
    return Annotated[int if parameter.whole else Decimal, Number(parameter.low, parameter.high, whole=parameter.whole)]


def parameter_field(parameter: Parameter) -> Any:
    """Return the field of a declared ``parameter`` with description, default and example."""
    shown: Any = parameter.default
    if isinstance(shown, Decimal):
        shown = int(shown) if shown == shown.to_integral_value() else float(shown)
    example = shown or (parameter.choices[0] if parameter.choices else 20)
    if parameter.default is None:
        return Field(description=parameter.description, examples=[example])
    extra: Any = {"default": shown}
    return Field(
        default=parameter.default, description=parameter.description, examples=[example], json_schema_extra=extra
    )
