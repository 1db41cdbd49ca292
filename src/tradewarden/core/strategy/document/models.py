"""The shape of a strategy document as pydantic models, each with the description that editors show.

Rules beyond the shape live in :mod:`.rules`; each model turns itself into the matching part of the specification.
"""

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
)

from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.session import NAMED_SESSIONS, WEEKDAYS, SessionWindow
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.condition_models import ConditionsPart, hidden_indicators
from tradewarden.core.strategy.document.exit_models import ExitRulesPart
from tradewarden.core.strategy.document.fields import Choice, Part, mark, number, whole
from tradewarden.core.strategy.document.forbidden_models import ForbiddenPart
from tradewarden.core.strategy.document.indicator_models import AnyIndicator, IndicatorName
from tradewarden.core.strategy.spec import ConfidenceModel, StrategySpec
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
        default=_WORKDAYS,
        min_length=1,
        max_length=7,
        description="Weekdays on which the window starts.",
        examples=[["Mon", "Tue", "Wed"]],
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
    Annotated[str, Choice(tuple(NAMED_SESSIONS)), Tag(mark("named"))] | Annotated[WindowPart, Tag(mark("window"))],
    Discriminator(lambda value: mark("named") if isinstance(value, str) else mark("window")),
]


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
    max_open_risk_fraction: Annotated[Decimal, number("0.0001", "1")] | None = Field(
        default=None,
        description="Most open risk of this strategy at a time, as a share of the base; 0.02 is 2 %.",
        examples=[0.02],
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
    description: Annotated[str, Field(max_length=4000)] = Field(
        default="", description="What it does and why.", examples=["Buys gold after a pullback."]
    )
    is_active: bool = Field(
        default=True, description="Whether it starts switched on; a state, not content.", examples=[True]
    )
    allowed_symbols: list[SymbolName] = Field(
        min_length=1, max_length=50, description="Symbols it may trade.", examples=[["XAUUSD"]]
    )
    timeframe: Annotated[str, Choice(_TIMEFRAMES, rules.TIMEFRAMES_NOT_RUN)] = Field(
        description="The bars it is evaluated on, each time one closes.", examples=["M15"]
    )
    direction: Annotated[str, Choice(("long", "short", "both"))] = Field(
        description="Which side it trades; both: as written, and its mirror image for the short side.",
        examples=["long", "both"],
    )
    indicators: dict[IndicatorName, AnyIndicator] = Field(
        default={},
        max_length=32,
        description="Indicators by the name that conditions use.",
        examples=[{"ema_fast": {"kind": "ema", "period": 20}}],
    )
    conditions: ConditionsPart = Field(
        description="When the strategy acts.",
        examples=[{"entry": [{"left": "close", "op": "crosses_above", "right": "ema_fast"}]}],
    )
    conditions_short: ConditionsPart | None = Field(
        default=None,
        description='When the short side of direction "both" acts, instead of the mirror image of conditions.',
        examples=[{"entry": [{"left": "close", "op": "crosses_below", "right": "ema_fast"}]}],
    )
    session_windows: list[SessionPart] = Field(
        default=[],
        max_length=20,
        description="When it may open; any of them. Empty: at any time.",
        examples=[["London"]],
    )
    exit_rules: ExitRulesPart = Field(
        description="How a position of this strategy ends.",
        examples=[{"stop_loss": {"kind": "atr", "multiple": 1.5}, "take_profit": [{"rr": 2.0}]}],
    )
    forbidden_conditions: ForbiddenPart = Field(
        default=ForbiddenPart(),
        description="What forbids opening although the entry conditions hold.",
        examples=[{"high_impact_news": {"before_minutes": 30, "after_minutes": 15}, "max_spread_points": 40}],
    )
    cool_down_minutes: Annotated[int, whole(1, 43_200)] | None = Field(
        default=None,
        description="Open nothing in a symbol for so many minutes after a position of this strategy in it closed.",
        examples=[60],
    )
    risk_caps: RiskCapsPart = Field(
        default=RiskCapsPart(),
        description="Caps of this strategy; they can only tighten the policy.",
        examples=[{"risk_fraction": 0.005, "max_concurrent_positions": 1}],
    )
    rr_expectation: Annotated[Decimal, number("0.1", "50")] = Field(
        default=Decimal(1),
        description="The least reward per risk, weighted by fraction and after costs, that an idea must offer; leave "
        "room for the spread.",
        examples=[1.8],
        json_schema_extra={"default": 1},
    )
    confidence_model: Annotated[str, Choice(tuple(model.value for model in ConfidenceModel))] = Field(
        default="v1",
        description="How ideas are scored: v1, from 0 to 100; emnr_v0, from 0 to 65, for rules of earlier desks.",
        examples=["v1"],
    )

    @field_validator("allowed_symbols")
    @classmethod
    def check_symbols(cls, value: list[str]) -> list[str]:
        """Refuse a symbol that stands twice."""
        return rules.check_unique(value)

    @property
    def trades_both(self) -> bool:
        """Return whether it trades both sides."""
        return self.direction == "both"

    def all_indicators(self, conditions: ConditionsPart) -> tuple[IndicatorSpec, ...]:
        """Return the indicators of the document and the hidden ones that the facts of one side read."""
        named = tuple(part.to_spec(name) for name, part in self.indicators.items())
        hidden = (*conditions.hidden_indicators(), *hidden_indicators(self.forbidden_conditions.conditions))
        return (*named, *dict.fromkeys(hidden))

    def to_spec(self) -> StrategySpec:
        """Return the specification that this document describes; with both directions, that of the long side."""
        news, caps, ends = self.forbidden_conditions.high_impact_news, self.risk_caps, self.exit_rules
        return StrategySpec(
            schema_version=self.schema_version,
            name=self.name,
            description=self.description,
            allowed_symbols=tuple(self.allowed_symbols),
            timeframe=Timeframe(self.timeframe),
            side=Side.SELL if self.direction == "short" else Side.BUY,
            indicators=self.all_indicators(self.conditions),
            entry=self.conditions.to_list("entry"),
            exit=self.conditions.to_list("exit"),
            strong=self.conditions.to_list("strong"),
            weak=self.conditions.to_list("weak"),
            session_windows=tuple(
                NAMED_SESSIONS[part] if isinstance(part, str) else part.to_window() for part in self.session_windows
            ),
            stop_loss=ends.stop_loss.to_rule(),
            take_profits=ends.to_targets(),
            time_limit_minutes=ends.time_limit_minutes,
            embargo=None if news is None else news.to_embargo(),
            max_spread_points=self.forbidden_conditions.max_spread_points,
            risk_fraction=caps.risk_fraction,
            max_lot_size=caps.max_lot_size,
            max_concurrent_positions=caps.max_concurrent_positions,
            rr_expectation=self.rr_expectation,
            confidence_model=ConfidenceModel(self.confidence_model),
            invalidations=self.conditions.to_list("invalidations"),
            forbidden=self.forbidden_conditions.to_forbidden(),
            break_even_at_r=ends.break_even_at_r,
            trail=None if ends.trail is None else ends.trail.to_rule(),
            close_at_session_end=ends.close_at_session_end,
            cool_down_minutes=self.cool_down_minutes,
            max_open_risk_fraction=caps.max_open_risk_fraction,
        )
