"""The shape of conditions as pydantic models: operands, comparisons, groups and the four lists of them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, model_validator

from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.fact_models import AnyFact, FactName
from tradewarden.core.strategy.document.fields import Choice, HigherTimeframe, Part, mark, names, number, whole
from tradewarden.core.strategy.facts import expand_fact
from tradewarden.core.strategy.spec import (
    Comparison,
    Condition,
    Group,
    GroupKind,
    NumberOperand,
    Operand,
    Operator,
    SeriesOperand,
)


def _known_series(value: str, info: ValidationInfo) -> str:
    return rules.check_series(value, names(info))


def _known_name(value: str, info: ValidationInfo) -> str:
    return rules.check_name(value, names(info))


SeriesName = Annotated[
    str,
    AfterValidator(_known_series),
    Field(
        description="The name of an indicator of this strategy, NAME.OUTPUT where it has several outputs, or one of "
        "open, high, low, close, volume, spread.",
        examples=["ema_fast", "macd.histogram", "close"],
    ),
]
ConstantNumber = Annotated[Decimal, number("-1000000000", "1000000000")]


class OperandPart(Part):
    """A series read in the past or scaled."""

    series: Annotated[str, AfterValidator(_known_name)] = Field(
        description="The name of an indicator, NAME.OUTPUT where it has several outputs, or a bar column.",
        examples=["macd", "macd.histogram", "close"],
    )
    output: str = Field(
        default="", description="The output to read, where it is not named in series.", examples=["histogram"]
    )
    shift: Annotated[int, whole(0, 100)] = Field(
        default=0, description="Closed bars back from the newest one.", examples=[1]
    )
    multiple: Annotated[Decimal, number("0.001", "1000")] = Field(
        default=Decimal(1), description="Factor on the value.", examples=[1.5], json_schema_extra={"default": 1}
    )

    timeframe: HigherTimeframe | None = Field(
        default=None,
        description="For a bar column: the strategy's timeframe (when left out) or a higher one, closed bars only.",
        examples=["H1"],
    )

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "OperandPart":
        """Refuse an output that the indicator does not have, a missing one, and a timeframe that cannot be read."""
        rules.check_output(self.series, self.output, names(info))
        rules.check_bars_timeframe(self.series, self.timeframe)
        return self

    def to_operand(self) -> SeriesOperand:
        """Return the operand of the specification."""
        name, _, output = self.series.partition(".")
        return SeriesOperand(
            series=name,
            output=output or self.output,
            shift=self.shift,
            multiple=self.multiple,
            timeframe=None if self.timeframe is None else Timeframe(self.timeframe),
        )


def _operand_tag(value: object) -> str:
    if isinstance(value, str):
        return mark("series")
    if isinstance(value, list):
        return mark("bounds")
    return mark("number") if isinstance(value, int | Decimal) and not isinstance(value, bool) else mark("operand")


AnyOperand: TypeAlias = Annotated[
    Annotated[SeriesName, Tag(mark("series"))]
    | Annotated[ConstantNumber, Tag(mark("number"))]
    | Annotated[OperandPart, Tag(mark("operand"))],
    Discriminator(_operand_tag, custom_error_type="operand", custom_error_message=rules.OPERAND_WANTED),
]
RightSide: TypeAlias = Annotated[
    Annotated[SeriesName, Tag(mark("series"))]
    | Annotated[ConstantNumber, Tag(mark("number"))]
    | Annotated[OperandPart, Tag(mark("operand"))]
    | Annotated[list[AnyOperand], Field(min_length=2, max_length=2), Tag(mark("bounds"))],
    Discriminator(_operand_tag, custom_error_type="operand", custom_error_message=rules.OPERAND_WANTED),
]


def _to_operand(part: str | Decimal | OperandPart) -> Operand:
    if isinstance(part, OperandPart):
        return part.to_operand()
    if isinstance(part, str):
        name, _, output = part.partition(".")
        return SeriesOperand(series=name, output=output)
    return NumberOperand(value=part)


class ComparisonPart(Part):
    """Two values compared; or, with rising and falling, a series compared with its own past."""

    left: AnyOperand = Field(description="What is compared.", examples=["ema_fast"])
    op: Annotated[str, Choice(tuple(op.value for op in Operator))] = Field(
        description="crosses_above: now above, one bar before at or below. rising: higher than the bar before, for "
        "each of the newest bars; right is their number (1 when left out). between: both bounds are in it.",
        examples=[">", "crosses_above"],
    )
    right: RightSide | None = Field(
        default=None,
        description="What it is compared with; two bounds for between; a number of bars for rising and falling.",
        examples=["ema_slow", 30, [40, 60], {"series": "atr", "shift": 1, "multiple": 1.5}],
    )

    @model_validator(mode="before")
    @classmethod
    def refuse_other_shapes(cls, value: Any) -> Any:
        """Refuse what is no object at all."""
        return rules.check_condition_shape(value)

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "ComparisonPart":
        """Refuse what could never be evaluated or would always say the same."""
        comparison = self.to_condition()
        rules.check_comparison(comparison.left, comparison.op, comparison.right, names(info))
        return self

    def hidden_indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return no indicators: a comparison reads those of the document."""
        return ()

    def to_condition(self) -> Comparison:
        """Return the comparison of the specification."""
        op = Operator(self.op)
        given = self.right if isinstance(self.right, list) else [] if self.right is None else [self.right]
        right = tuple(_to_operand(part) for part in given)
        if op in (Operator.RISING, Operator.FALLING) and not right:
            right = (NumberOperand(value=Decimal(1)),)
        return Comparison(left=_to_operand(self.left), op=op, right=right)


Members: TypeAlias = Annotated[list["ConditionPart"], Field(min_length=1, max_length=50)]


class AllPart(Part):
    """Holds when every member holds."""

    all: Members = Field(description="Conditions that must all hold.", examples=[["price_above_ema", "rsi_bullish"]])

    def to_condition(self) -> Condition:
        """Return the group of the specification."""
        return Group(kind=GroupKind.ALL, members=to_conditions(self.all))

    def hidden_indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return the indicators that the facts among the members read."""
        return hidden_indicators(self.all)


class AnyPart(Part):
    """Holds when at least one member holds."""

    any: Members = Field(description="Conditions of which one must hold.", examples=[["hammer", "bullish_engulfing"]])

    def to_condition(self) -> Condition:
        """Return the group of the specification."""
        return Group(kind=GroupKind.ANY, members=to_conditions(self.any))

    def hidden_indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return the indicators that the facts among the members read."""
        return hidden_indicators(self.any)


class NotPart(Part):
    """Holds when its member is known not to hold."""

    member: "ConditionPart" = Field(
        alias="not", description="The condition that must not hold.", examples=["strong_trend"]
    )

    def to_condition(self) -> Condition:
        """Return the group of the specification."""
        return Group(kind=GroupKind.NOT, members=to_conditions([self.member]))

    def hidden_indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return the indicators that the member reads where it is a fact."""
        return hidden_indicators([self.member])


def _condition_tag(value: object) -> str:
    if isinstance(value, str):
        return mark("name")
    keys = value if isinstance(value, dict) else ()
    return next((mark(key) for key in ("all", "any", "not", "fact") if key in keys), mark("comparison"))


ConditionPart: TypeAlias = Annotated[
    Annotated[ComparisonPart, Tag(mark("comparison"))]
    | Annotated[AllPart, Tag(mark("all"))]
    | Annotated[AnyPart, Tag(mark("any"))]
    | Annotated[NotPart, Tag(mark("not"))]
    | Annotated[AnyFact, Tag(mark("fact"))]
    | Annotated[FactName, Tag(mark("name"))],
    Discriminator(_condition_tag),
]
Conditions: TypeAlias = Annotated[list[ConditionPart], Field(max_length=50)]


def to_conditions(parts: Sequence[ConditionPart]) -> tuple[Condition, ...]:
    """Return ``parts`` as conditions of the specification; a bare name is the fact with its defaults."""
    return tuple(expand_fact(part)[0] if isinstance(part, str) else part.to_condition() for part in parts)


def hidden_indicators(parts: Sequence[ConditionPart]) -> tuple[IndicatorSpec, ...]:
    """Return the indicators that the facts among ``parts`` read, each once."""
    found = [expand_fact(part)[1] if isinstance(part, str) else part.hidden_indicators() for part in parts]
    return tuple(dict.fromkeys(indicator for indicators in found for indicator in indicators))


class ConditionsPart(Part):
    """When the strategy acts. An empty list is false."""

    entry: Conditions = Field(
        description="All must hold for an idea.",
        examples=[["uptrend", {"left": "rsi", "op": "between", "right": [40, 60]}]],
    )
    exit: Conditions = Field(
        default=[],
        description="Any of them closes the position and prevents an idea.",
        examples=[[{"left": "rsi", "op": ">", "right": 70}]],
    )
    strong: Conditions = Field(
        default=[],
        description="Counted one by one: their share raises the confidence.",
        examples=[["macd_bullish_cross"]],
    )
    weak: Conditions = Field(
        default=[],
        description="Counted one by one: their share lowers the confidence.",
        examples=[["long_upper_wick"]],
    )
    invalidations: Conditions = Field(
        default=[],
        description="Any of them prevents an idea and ends one that waits; positions stay as they are.",
        examples=[["price_below_ema"]],
    )

    def to_list(self, name: str) -> tuple[Condition, ...]:
        """Return the conditions of the list ``name``."""
        return to_conditions(getattr(self, name))

    def hidden_indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return the indicators that the facts of all five lists read."""
        return hidden_indicators([part for name in type(self).model_fields for part in getattr(self, name)])

    @model_validator(mode="after")
    def check_count(self) -> "ConditionsPart":
        """Refuse documents with more comparisons than an evaluation may cost."""
        groups = (self.entry, self.exit, self.strong, self.weak, self.invalidations)
        rules.check_count(to_conditions([part for group in groups for part in group]))
        return self
