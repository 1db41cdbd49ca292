"""The shape of named facts: a bare name for the defaults, or one model per fact made from what the fact declares.

Each fact takes its own parameters and no others, so that a wrong one is answered with those it takes, and editors
offer exactly these with their limits and defaults.
"""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)

from tradewarden.core.indicators.kind import Settings, Value
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.fields import Part, by_kind, names, parameter_field, parameter_type
from tradewarden.core.strategy.facts import FACTS, Fact, expand_fact
from tradewarden.core.strategy.spec import Group


class FactPart(Part):
    """A named fact with its parameters."""

    fact: str

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "FactPart":
        """Refuse parameters that contradict, and hours of a day on bars that are days."""
        contradiction = FACTS[self.fact].check(Settings(self._values()))
        if contradiction is not None:
            key, message = contradiction
            raise rules.Refusal(message, getattr(self, key), key=key)
        _check_bars(self.fact, self.hidden_indicators(), info, key="fact")
        return self

    def to_condition(self) -> Group:
        """Return the group of the specification."""
        return expand_fact(self.fact, self._values())[0]

    def hidden_indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return the indicators that the conditions of the fact read."""
        return expand_fact(self.fact, self._values())[1]

    def _values(self) -> dict[str, Value]:
        return {parameter.name: getattr(self, parameter.name) for parameter in FACTS[self.fact].parameters}


def _check_bars(name: str, hidden: tuple[IndicatorSpec, ...], info: ValidationInfo, *, key: str = "") -> None:
    for indicator in hidden:
        if rules.is_out_of_hours(KINDS[indicator.kind], None, names(info)):
            raise rules.Refusal(f"{name} looks at the hours of a day: it needs bars shorter than D1", name, key=key)


def _known_name(value: object) -> object:
    return rules.check_fact_name(value, FACTS)


def _usable_name(value: str, info: ValidationInfo) -> str:
    _check_bars(value, expand_fact(value)[1], info)
    return value


def _name_schema() -> dict[str, Any]:
    said = [{"const": fact.name, "description": fact.description} for fact in FACTS.values()]
    return {"type": "string", "enum": list(FACTS), "oneOf": said}


FactName: TypeAlias = Annotated[
    str,
    BeforeValidator(_known_name),
    AfterValidator(_usable_name),
    WithJsonSchema(
        {
            **_name_schema(),
            "description": "A named fact with its default parameters.",
            "examples": ["macd_bullish_cross", "long_upper_wick"],
        }
    ),
]


def _model_of(fact: Fact) -> type[FactPart]:
    fields: dict[str, Any] = {
        "fact": (
            Annotated[str, WithJsonSchema({"const": fact.name, "type": "string"})],
            Field(description=fact.description, examples=[fact.name]),
        )
    }
    fields |= {each.name: (parameter_type(each), parameter_field(each)) for each in fact.parameters}
    title = "".join(word.capitalize() for word in fact.name.split("_"))
    doc = f"{fact.description} In a mirrored strategy: {fact.mirror}."
    return create_model(f"{title}Fact", __base__=FactPart, __doc__=doc, **fields)


if TYPE_CHECKING:
    AnyFact: TypeAlias = FactPart
else:
    AnyFact = by_kind({fact.name: _model_of(fact) for fact in FACTS.values()}, key="fact")
