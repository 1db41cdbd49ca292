"""The shape of a strategy document as pydantic models, each with the description that editors show.

Rules beyond the shape live in :mod:`.rules`; each model turns itself into the matching part of the specification.
"""

from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
)

from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.session import NAMED_SESSIONS, WEEKDAYS, SessionWindow
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.condition_models import ConditionsPart
from tradewarden.core.strategy.document.fields import Choice, Part, number, whole
from tradewarden.core.strategy.document.indicator_models import AnyIndicator, IndicatorName
from tradewarden.core.strategy.spec import (
    AtrStop,
    StrategySpec,
    Target,
)
from tradewarden.core.values import Side

_TIMEFRAMES = tuple(timeframe.value for timeframe in Timeframe)
_WORKDAYS = list(WEEKDAYS[:5])


class WindowPart(Part):
    """A window on the wall clock of a zone; an end at or before the start runs past midnight."""

    start: Annotated[str, BeforeValidator(rules.check_clock)] = Field(description="HH:MM.", examples=["07:00"])
    end: Annotated[str, BeforeValidator(rules.check_clock)] = Field(description="HH:MM, not in it.", examples=["11:00"])
    timezone: Annotated[str, BeforeValidator(rules.check_zone)] = Field(
        description="IANA time zone; its daylight-saving rule holds.", examples=["Europe/London"]
    )
    days: list[Annotated[str, Choice(WEEKDAYS)]] = Field(
        default=_WORKDAYS, min_length=1, max_length=7, description="Weekdays on which the window starts."
    )

    @field_validator("days")
    @classmethod
    def check_days(cls, value: list[str]) -> list[str]:
        """Refuse a day that stands twice."""
        return rules.check_unique(value)

    def to_window(self) -> SessionWindow:
        """Return the window of the specification, named after its hours."""
        days = tuple(sorted(WEEKDAYS.index(day) for day in self.days))
        return SessionWindow(f"{self.start}-{self.end} {self.timezone}", self.start, self.end, self.timezone, days)


SessionPart: TypeAlias = Annotated[
    Annotated[str, Choice(tuple(NAMED_SESSIONS)), Tag("<named>")] | Annotated[WindowPart, Tag("<window>")],
    Discriminator(lambda value: "<named>" if isinstance(value, str) else "<window>"),
]


class StopPart(Part):
    """Where the stop stands."""

    kind: Annotated[str, Choice(("atr",), rules.STOPS_NOT_RUN)] = Field(
        description="atr: a multiple of the average true range from the entry.", examples=["atr"]
    )
    multiple: Annotated[Decimal, number("0.1", "20")] = Field(description="Multiple of the ATR.", examples=[1.5])
    period: Annotated[int, whole(2, 500)] = Field(default=14, description="Period of the ATR.", examples=[14])


class TargetPart(Part):
    """A take profit."""

    rr: Annotated[Decimal, number("0.1", "50")] = Field(description="Reward in multiples of the risk.", examples=[2.0])
    fraction: Annotated[Decimal, BeforeValidator(rules.check_fraction)] = Field(
        default=Decimal(1),
        description="Share of the position closed there; 1 in this version.",
        examples=[1.0],
        json_schema_extra={"default": 1},
    )


class ExitRulesPart(Part):
    """How a position ends."""

    stop_loss: StopPart
    take_profit: list[TargetPart] = Field(min_length=1, max_length=1, description="Exactly one target in this version.")
    time_limit_minutes: Annotated[int, whole(1, 43_200)] | None = Field(
        default=None, description="Close the position after so many minutes of market time.", examples=[240]
    )

    @field_validator("take_profit", mode="before")
    @classmethod
    def refuse_more_targets(cls, value: Any) -> Any:
        """Refuse more than one target by name."""
        return rules.check_targets(value)


class NewsPart(Part):
    """The embargo around high-impact news; it can only widen what the policy sets."""

    before_minutes: Annotated[int, whole(0, 1440)] = Field(description="Minutes before the release.", examples=[30])
    after_minutes: Annotated[int, whole(0, 1440)] = Field(description="Minutes after the release.", examples=[15])


class ForbiddenPart(Part):
    """When nothing is opened although the entry conditions hold."""

    high_impact_news: NewsPart | None = None
    currencies: Annotated[str, BeforeValidator(rules.check_currencies)] = Field(
        default="symbol", description='"symbol": the currencies of the traded symbol.', examples=["symbol"]
    )
    max_spread_points: Annotated[int, whole(1, 100_000)] | None = Field(
        default=None, description="The widest spread in points at which an idea may be opened.", examples=[40]
    )


class RiskCapsPart(Part):
    """Limits of this strategy; they can only tighten the policy."""

    risk_fraction: Annotated[Decimal, number("0.0001", "0.1")] | None = Field(
        default=None, description="Share of the base risked per idea; 0.005 is half a percent.", examples=[0.005]
    )
    max_lot_size: Annotated[Decimal, number("0.001", "1000")] | None = Field(
        default=None, description="Most lots per idea.", examples=[1.0]
    )
    max_concurrent_positions: Annotated[int, whole(1, 100)] | None = Field(
        default=None, description="Most positions of this strategy at a time.", examples=[2]
    )


SymbolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._#&+\-]{0,31}$")]


class StrategyPart(Part):
    """A trading strategy of Tradewarden."""

    schema_version: Annotated[int, BeforeValidator(rules.check_version), WithJsonSchema({"const": 1})] = Field(
        description="Version of this format.", examples=[1]
    )
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")] = Field(
        description="Name shown to people; the identity of the strategy.", examples=["Gold pullback"]
    )
    description: Annotated[str, Field(max_length=4000)] = Field(default="", description="What it does and why.")
    is_active: bool = Field(default=True, description="Whether it starts switched on; a state, not content.")
    allowed_symbols: list[SymbolName] = Field(
        min_length=1, max_length=50, description="Symbols it may trade.", examples=[["XAUUSD"]]
    )
    timeframe: Annotated[str, Choice(_TIMEFRAMES, rules.TIMEFRAMES_NOT_RUN)] = Field(
        description="The bars it is evaluated on, each time one closes.", examples=["M15"]
    )
    direction: Annotated[str, Choice(("long", "short"), ("both",))] = Field(
        description="Which side it trades.", examples=["long"]
    )
    indicators: dict[IndicatorName, AnyIndicator] = Field(
        default={}, max_length=32, description="Indicators by the name that conditions use."
    )
    conditions: ConditionsPart
    session_windows: list[SessionPart] = Field(
        default=[],
        max_length=20,
        description="When it may open; any of them. Empty: at any time.",
        examples=[["London"]],
    )
    exit_rules: ExitRulesPart
    forbidden_conditions: ForbiddenPart = Field(default=ForbiddenPart())
    risk_caps: RiskCapsPart = Field(default=RiskCapsPart())
    rr_expectation: Annotated[Decimal, number("0.1", "50")] = Field(
        default=Decimal(1),
        description="The least reward per risk, after costs, that an idea must offer; leave room for the spread.",
        examples=[1.8],
        json_schema_extra={"default": 1},
    )
    confidence_model: Annotated[str, Choice(("v1",), ("emnr_v0",))] = Field(
        default="v1", description="How ideas are scored.", examples=["v1"]
    )

    @field_validator("allowed_symbols")
    @classmethod
    def check_symbols(cls, value: list[str]) -> list[str]:
        """Refuse a symbol that stands twice."""
        return rules.check_unique(value)

    def to_spec(self) -> StrategySpec:
        """Return the specification that this document describes."""
        news, caps = self.forbidden_conditions.high_impact_news, self.risk_caps
        rules_of_exit = self.exit_rules
        return StrategySpec(
            schema_version=self.schema_version,
            name=self.name,
            description=self.description,
            allowed_symbols=tuple(self.allowed_symbols),
            timeframe=Timeframe(self.timeframe),
            side=Side.BUY if self.direction == "long" else Side.SELL,
            indicators=tuple(part.to_spec(name) for name, part in self.indicators.items()),
            entry=tuple(part.to_condition() for part in self.conditions.entry),
            exit=tuple(part.to_condition() for part in self.conditions.exit),
            strong=tuple(part.to_condition() for part in self.conditions.strong),
            weak=tuple(part.to_condition() for part in self.conditions.weak),
            session_windows=tuple(
                NAMED_SESSIONS[part] if isinstance(part, str) else part.to_window() for part in self.session_windows
            ),
            stop_loss=AtrStop(period=rules_of_exit.stop_loss.period, multiple=rules_of_exit.stop_loss.multiple),
            take_profits=tuple(Target(rr=target.rr, fraction=target.fraction) for target in rules_of_exit.take_profit),
            time_limit_minutes=rules_of_exit.time_limit_minutes,
            embargo=None if news is None else Embargo(news.before_minutes, news.after_minutes),
            max_spread_points=self.forbidden_conditions.max_spread_points,
            risk_fraction=caps.risk_fraction,
            max_lot_size=caps.max_lot_size,
            max_concurrent_positions=caps.max_concurrent_positions,
            rr_expectation=self.rr_expectation,
        )
