"""The shape of indicators: one model per kind, made from what the kind declares.

Each kind takes its own parameters and no others, so that a wrong one is answered with those it takes, and editors
offer exactly these with their limits and defaults.
"""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic import WithJsonSchema as JsonShape

from tradewarden.core.indicators.kind import PERIOD, SOURCE, IndicatorKind, Settings, Value
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.fields import (
    HigherTimeframe,
    Part,
    by_kind,
    names,
    parameter_field,
    parameter_type,
)


class IndicatorPart(Part):
    """One indicator, computed on closed bars."""

    kind: str
    timeframe: HigherTimeframe | None = Field(
        default=None,
        description="Bars it is computed on, closed ones only: the strategy's timeframe (when left out) or a higher "
        "one.",
        examples=["H1"],
    )

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "IndicatorPart":
        """Refuse bars that the kind makes no sense on, and parameters that contradict."""
        kind = KINDS[self.kind]
        rules.check_intraday(kind, self.timeframe, names(info))
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
        return IndicatorSpec(
            name=name,
            kind=self.kind,
            period=period,
            source=source,
            parameters=parameters,
            timeframe=None if self.timeframe is None else Timeframe(self.timeframe),
        )

    def _values(self, kind: IndicatorKind) -> dict[str, Value]:
        return {parameter.name: getattr(self, parameter.name) for parameter in kind.parameters}


def _model_of(kind: IndicatorKind) -> type[IndicatorPart]:
    fields: dict[str, Any] = {
        "kind": (
            Annotated[str, JsonShape({"const": kind.name, "type": "string"})],
            Field(description=f"{kind.title}: {kind.definition}.", examples=[kind.name]),
        )
    }
    fields |= {each.name: (parameter_type(each), parameter_field(each)) for each in kind.parameters}
    title = "".join(word.capitalize() for word in kind.name.split("_"))
    outputs = [output.name for output in kind.outputs]
    several = f" Outputs: {', '.join(outputs)}." if len(outputs) > 1 else ""
    doc = f"{kind.title}, computed on closed bars.{several}"
    return create_model(f"{title}Part", __base__=IndicatorPart, __doc__=doc, **fields)


if TYPE_CHECKING:
    AnyIndicator: TypeAlias = IndicatorPart
else:
    AnyIndicator = by_kind({kind.name: _model_of(kind) for kind in KINDS.values()})
IndicatorName = Annotated[
    str, BeforeValidator(rules.check_indicator_name), JsonShape({"type": "string", "pattern": rules.NAME_PATTERN})
]
