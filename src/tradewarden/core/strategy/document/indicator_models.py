"""The shape of indicators: one model per kind, made from what the kind declares.

Each kind takes its own parameters and no others, so that a wrong one is answered with those it takes, and editors
offer exactly these with their limits and defaults.
"""

from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic import WithJsonSchema as JsonShape

from tradewarden.core.indicators.kind import PERIOD, SOURCE, IndicatorKind, Parameter, Settings, Value
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.fields import Choice, Number, Part, names

_TIMEFRAMES = tuple(timeframe.value for timeframe in Timeframe)


class IndicatorPart(Part):
    """One indicator, computed on the strategy's closed bars."""

    kind: str
    timeframe: Annotated[str, Choice(_TIMEFRAMES)] | None = Field(
        default=None, description="In this version only the strategy's own timeframe.", examples=["M15"]
    )

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "IndicatorPart":
        """Refuse another timeframe, bars that the kind makes no sense on, and parameters that contradict."""
        kind = KINDS[self.kind]
        rules.check_timeframe(self.timeframe, names(info))
        rules.check_intraday(kind, names(info))
        contradiction = kind.check(Settings(self._values(kind)))
        if contradiction is not None:
            key, message = contradiction
            raise rules.Refusal(message, getattr(self, key), key=key)
        return self

    def to_spec(self, name: str) -> IndicatorSpec:
        """Return the indicator of the specification, called ``name``, every default filled in."""
        values = self._values(KINDS[self.kind])
        period, source = int(values.pop(PERIOD, 0)), str(values.pop(SOURCE, "close"))
        parameters = tuple(IndicatorParameter(name=key, value=value) for key, value in values.items())
        return IndicatorSpec(name=name, kind=self.kind, period=period, source=source, parameters=parameters)

    def _values(self, kind: IndicatorKind) -> dict[str, Value]:
        return {parameter.name: getattr(self, parameter.name) for parameter in kind.parameters}


def _parameter_type(parameter: Parameter) -> Any:
    if parameter.choices:
        return Annotated[str, Choice(parameter.choices)]
    return Annotated[int if parameter.whole else Decimal, Number(parameter.low, parameter.high, whole=parameter.whole)]


def _parameter_field(parameter: Parameter) -> Any:
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


def _model_of(kind: IndicatorKind) -> type[IndicatorPart]:
    fields: dict[str, Any] = {
        "kind": (
            Annotated[str, JsonShape({"const": kind.name, "type": "string"})],
            Field(description=f"{kind.title}: {kind.definition}.", examples=[kind.name]),
        )
    }
    fields |= {each.name: (_parameter_type(each), _parameter_field(each)) for each in kind.parameters}
    title = "".join(word.capitalize() for word in kind.name.split("_"))
    outputs = [output.name for output in kind.outputs]
    several = f" Outputs: {', '.join(outputs)}." if len(outputs) > 1 else ""
    doc = f"{kind.title}, computed on the strategy's closed bars.{several}"
    return create_model(f"{title}Part", __base__=IndicatorPart, __doc__=doc, **fields)


if TYPE_CHECKING:
    AnyIndicator: TypeAlias = IndicatorPart
else:
    _MODELS = (Annotated[_model_of(kind), Tag(rules.indicator_tag(kind.name))] for kind in KINDS.values())
    # The kind is checked first, so that an unknown one is answered with the nearest and never reaches the union.
    AnyIndicator = Annotated[
        reduce(or_, _MODELS),
        Discriminator(lambda value: rules.indicator_tag(value["kind"])),
        BeforeValidator(rules.check_kind),
    ]
IndicatorName = Annotated[
    str, BeforeValidator(rules.check_indicator_name), JsonShape({"type": "string", "pattern": rules.NAME_PATTERN})
]
