"""The shape of exits as pydantic models: the stop, the targets, what moves the stop, and what ends a position.

One model per kind of stop and of trailing rule, so that each takes its own parameters and no others. Rules that look
at several parts of the document at once live in :mod:`.cross_rules`.
"""

from abc import abstractmethod
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field, ValidationInfo, WithJsonSchema, model_validator

from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.fields import Part, by_kind, names, number, whole
from tradewarden.core.strategy.spec import (
    AtrStop,
    AtrTrail,
    IndicatorStop,
    IndicatorTrail,
    PercentStop,
    PointsStop,
    SeriesOperand,
    StepTrail,
    StopRule,
    StructureStop,
    SwingStop,
    Target,
    TrailRule,
)

_MAX_BUFFER_POINTS = 100_000


def _kind(name: str) -> Any:
    return WithJsonSchema({"const": name, "type": "string"})


AtrPeriod: TypeAlias = Annotated[
    int, whole(2, 500), Field(description="Bars of the average true range.", examples=[14])
]
AtrMultiple: TypeAlias = Annotated[
    Decimal, number("0.1", "20"), Field(description="Multiple of the average true range.", examples=[1.5])
]
Buffer: TypeAlias = Annotated[
    int, whole(0, _MAX_BUFFER_POINTS), Field(description="Points beyond the level.", examples=[20])
]
FromR: TypeAlias = Annotated[
    Decimal,
    number("0", "50"),
    Field(
        description="Begins once the best price since the opening was so many times the initial risk in favour.",
        examples=[1.5],
        json_schema_extra={"default": 1},
    ),
]
LevelSeries: TypeAlias = Annotated[
    str,
    Field(
        description="A series of prices: an indicator such as an average or a band (NAME.OUTPUT where it has several "
        "outputs), or one of open, high, low, close.",
        examples=["supertrend", "bands.lower"],
    ),
]
LevelOutput: TypeAlias = Annotated[
    str, Field(description="The output to read, where it is not named in series.", examples=["lower"])
]


def _level(series: str, output: str) -> SeriesOperand:
    name, _, named = series.partition(".")
    return SeriesOperand(series=name, output=named or output)


class StopPart(Part):
    """Where the stop stands."""

    @abstractmethod
    def to_rule(self) -> StopRule:
        """Return the rule of the specification."""

    def to_short_rule(self) -> StopRule | None:
        """Return the rule of the short side where the document names one of its own."""
        return None


class AtrStopPart(StopPart):
    """A stop at a multiple of the average true range from the entry."""

    kind: Annotated[str, _kind("atr")] = Field(description="A multiple of the average true range.", examples=["atr"])
    multiple: AtrMultiple
    period: AtrPeriod = 14

    def to_rule(self) -> AtrStop:
        """Return the rule of the specification."""
        return AtrStop(period=self.period, multiple=self.multiple)


class PointsStopPart(StopPart):
    """A stop at a fixed distance from the entry."""

    kind: Annotated[str, _kind("points")] = Field(description="A fixed number of points.", examples=["points"])
    points: Annotated[int, whole(1, 1_000_000)] = Field(description="Points from the entry.", examples=[300])

    def to_rule(self) -> PointsStop:
        """Return the rule of the specification."""
        return PointsStop(points=self.points)


class PercentStopPart(StopPart):
    """A stop at a share of the entry price from it."""

    kind: Annotated[str, _kind("percent")] = Field(description="A share of the entry price.", examples=["percent"])
    fraction: Annotated[Decimal, number("0.0001", "0.2")] = Field(
        description="Share of the entry price; 0.004 is 0.4 %.", examples=[0.004]
    )

    def to_rule(self) -> PercentStop:
        """Return the rule of the specification."""
        return PercentStop(fraction=self.fraction)


class SwingStopPart(StopPart):
    """A stop beyond the newest confirmed swing low (of a long) or swing high (of a short)."""

    kind: Annotated[str, _kind("swing")] = Field(description="Beyond the newest confirmed swing.", examples=["swing"])
    strength: Annotated[int, whole(1, 50)] = Field(
        default=3, description="Bars on either side that confirm a swing.", examples=[3]
    )
    lookback: Annotated[int, whole(4, 500)] = Field(
        default=100, description="Bars among which the swing is looked for.", examples=[100]
    )
    buffer_points: Buffer = 0

    @model_validator(mode="after")
    def check(self) -> "SwingStopPart":
        """Refuse a lookback in which no swing could be confirmed."""
        if self.lookback < 2 * self.strength:
            raise rules.Refusal(f"must be at least 2 × strength, {2 * self.strength}", self.lookback, key="lookback")
        return self

    def to_rule(self) -> SwingStop:
        """Return the rule of the specification."""
        return SwingStop(strength=self.strength, lookback=self.lookback, buffer_points=self.buffer_points)


class StructureStopPart(StopPart):
    """A stop beyond the lowest low (of a long) or the highest high (of a short) of the newest bars."""

    kind: Annotated[str, _kind("structure")] = Field(
        description="Beyond the extreme of the newest bars.", examples=["structure"]
    )
    bars: Annotated[int, whole(1, 500)] = Field(default=20, description="Newest closed bars.", examples=[20])
    buffer_points: Buffer = 0

    def to_rule(self) -> StructureStop:
        """Return the rule of the specification."""
        return StructureStop(bars=self.bars, buffer_points=self.buffer_points)


class IndicatorStopPart(StopPart):
    """A stop beyond the newest value of a series of prices."""

    kind: Annotated[str, _kind("indicator")] = Field(description="Beyond a series of prices.", examples=["indicator"])
    series: LevelSeries
    output: LevelOutput = ""
    series_short: Annotated[
        str,
        Field(
            description="With direction both: the series of the short side, read as it is written. When left out, "
            "the mirror of series.",
            examples=["bands.upper"],
        ),
    ] = ""
    output_short: Annotated[
        str, Field(description="The output to read, where it is not named in series_short.", examples=["upper"])
    ] = ""
    buffer_points: Buffer = 0

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "IndicatorStopPart":
        """Refuse a series at which no stop can stand."""
        rules.check_level(self.series, self.output, names(info))
        if self.series_short:
            rules.check_level(self.series_short, self.output_short, names(info), suffix="_short")
        elif self.output_short:
            raise rules.Refusal("goes with series_short, which is left out", self.output_short, key="output_short")
        return self

    def to_rule(self) -> IndicatorStop:
        """Return the rule of the specification."""
        return IndicatorStop(level=_level(self.series, self.output), buffer_points=self.buffer_points)

    def to_short_rule(self) -> IndicatorStop | None:
        """Return the rule of the short side where the document names its series."""
        if not self.series_short:
            return None
        return IndicatorStop(level=_level(self.series_short, self.output_short), buffer_points=self.buffer_points)


class TrailPart(Part):
    """What the stop follows once the position is in profit; a stop only ever moves nearer."""

    @abstractmethod
    def to_rule(self) -> TrailRule:
        """Return the rule of the specification."""


class AtrTrailPart(TrailPart):
    """The stop follows the newest close at a multiple of the average true range."""

    kind: Annotated[str, _kind("atr")] = Field(
        description="Behind the newest close by a multiple of the ATR.", examples=["atr"]
    )
    multiple: AtrMultiple
    period: AtrPeriod = 14
    from_r: FromR = Decimal(1)

    def to_rule(self) -> AtrTrail:
        """Return the rule of the specification."""
        return AtrTrail(period=self.period, multiple=self.multiple, from_r=self.from_r)


class StepTrailPart(TrailPart):
    """The stop moves by a step for every step of best favourable excursion."""

    kind: Annotated[str, _kind("step")] = Field(description="In steps of the initial risk.", examples=["step"])
    step_r: Annotated[Decimal, number("0.05", "50")] = Field(
        description="The step in multiples of the initial risk.", examples=[0.5]
    )
    from_r: FromR = Decimal(1)

    def to_rule(self) -> StepTrail:
        """Return the rule of the specification."""
        return StepTrail(step_r=self.step_r, from_r=self.from_r)


class IndicatorTrailPart(TrailPart):
    """The stop follows a series of prices."""

    kind: Annotated[str, _kind("indicator")] = Field(description="Behind a series of prices.", examples=["indicator"])
    series: LevelSeries
    output: LevelOutput = ""
    buffer_points: Buffer = 0
    from_r: FromR = Decimal(1)

    @model_validator(mode="after")
    def check(self, info: ValidationInfo) -> "IndicatorTrailPart":
        """Refuse a series at which no stop can stand."""
        rules.check_level(self.series, self.output, names(info))
        return self

    def to_rule(self) -> IndicatorTrail:
        """Return the rule of the specification."""
        return IndicatorTrail(
            level=_level(self.series, self.output), buffer_points=self.buffer_points, from_r=self.from_r
        )


class TargetPart(Part):
    """A take profit."""

    rr: Annotated[Decimal, number("0.1", "50")] = Field(description="Reward in multiples of the risk.", examples=[2.0])
    fraction: Annotated[Decimal, number("0.01", "1")] = Field(
        default=Decimal(1),
        description="Share of the position closed there; the shares of all targets add up to 1.",
        examples=[0.5],
        json_schema_extra={"default": 1},
    )


if TYPE_CHECKING:
    AnyStop: TypeAlias = StopPart
    AnyTrail: TypeAlias = TrailPart
else:
    AnyStop = by_kind(
        {
            "atr": AtrStopPart,
            "points": PointsStopPart,
            "percent": PercentStopPart,
            "swing": SwingStopPart,
            "structure": StructureStopPart,
            "indicator": IndicatorStopPart,
        }
    )
    AnyTrail = by_kind({"atr": AtrTrailPart, "step": StepTrailPart, "indicator": IndicatorTrailPart})


class ExitRulesPart(Part):
    """How a position ends."""

    stop_loss: AnyStop = Field(
        description="Where the stop stands; the risk of the trade is measured to it.",
        examples=[{"kind": "atr", "multiple": 1.5}],
    )
    take_profit: list[TargetPart] = Field(
        min_length=1,
        max_length=5,
        description="Targets in rising order of reward; the broker holds the last, the desk closes parts at the "
        "others.",
        examples=[[{"rr": 2.0, "fraction": 0.5}, {"rr": 3.0, "fraction": 0.5}]],
    )
    break_even_at_r: Annotated[Decimal, number("0.05", "50")] | None = Field(
        default=None,
        description="Move the stop to the entry (costs included) once the best price since the opening was so many "
        "times the initial risk in favour.",
        examples=[1.0],
    )
    trail: AnyTrail | None = Field(
        default=None,
        description="What the stop follows later.",
        examples=[{"kind": "atr", "multiple": 1.5, "from_r": 1.5}],
    )
    time_limit_minutes: Annotated[int, whole(1, 43_200)] | None = Field(
        default=None, description="Close the position after so many minutes of market time.", examples=[240]
    )
    close_at_session_end: bool = Field(
        default=False,
        description="Close the position when the session window ends in which it was opened; needs session_windows.",
        examples=[True],
    )

    def to_targets(self) -> tuple[Target, ...]:
        """Return the targets of the specification."""
        return tuple(Target(rr=target.rr, fraction=target.fraction) for target in self.take_profit)
