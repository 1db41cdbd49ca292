"""The shape of what forbids opening, as pydantic models: news, spread, volatility, edges of time, own conditions."""

from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, field_validator, model_validator

from tradewarden.core.market.calendar import Embargo
from tradewarden.core.strategy.document import rules
from tradewarden.core.strategy.document.condition_models import Conditions, to_conditions
from tradewarden.core.strategy.document.fields import Part, mark, number, whole
from tradewarden.core.strategy.spec import Forbidden, Volatility

_LONGEST_PAUSE_MINUTES = 720


class NewsPart(Part):
    """An embargo around news; for high impact it can only widen what the policy sets."""

    before_minutes: Annotated[int, whole(0, 1440)] = Field(description="Minutes before the release.", examples=[30])
    after_minutes: Annotated[int, whole(0, 1440)] = Field(description="Minutes after the release.", examples=[15])

    def to_embargo(self) -> Embargo:
        """Return the embargo of the specification."""
        return Embargo(self.before_minutes, self.after_minutes)


class VolatilityPart(Part):
    """Where the ATR(14) must stand among its newest 120 values."""

    min_atr_percentile: Annotated[Decimal, number("0", "100")] | None = Field(
        default=None, description="Forbid opening below this percentile: the market is asleep.", examples=[5]
    )
    max_atr_percentile: Annotated[Decimal, number("0", "100")] | None = Field(
        default=None, description="Forbid opening above this percentile: the market is wild.", examples=[95]
    )
    spike: bool = Field(
        default=False,
        description="Forbid opening after a bar whose true range exceeds three times the ATR(14) before it.",
        examples=[True],
    )

    @model_validator(mode="after")
    def check(self) -> "VolatilityPart":
        """Refuse percentiles that leave nothing between them."""
        low, high = self.min_atr_percentile, self.max_atr_percentile
        if low is not None and high is not None and low >= high:
            raise rules.Refusal(f"must be below max_atr_percentile, which is {high}", low, key="min_atr_percentile")
        return self

    def to_volatility(self) -> Volatility | None:
        """Return the limits of the specification, or None where none is set."""
        limits = Volatility(
            min_atr_percentile=self.min_atr_percentile,
            max_atr_percentile=self.max_atr_percentile,
            forbid_spike=self.spike,
        )
        return None if limits == Volatility() else limits


class SessionEdgesPart(Part):
    """The first and last minutes of a session window, in which nothing is opened."""

    first_minutes: Annotated[int, whole(0, _LONGEST_PAUSE_MINUTES)] = Field(
        default=0, description="Minutes after the window begins.", examples=[15]
    )
    last_minutes: Annotated[int, whole(0, _LONGEST_PAUSE_MINUTES)] = Field(
        default=0, description="Minutes before the window ends.", examples=[30]
    )


class RolloverPart(Part):
    """The minutes around the server's midnight, when spreads widen and swaps are booked."""

    before_minutes: Annotated[int, whole(0, _LONGEST_PAUSE_MINUTES)] = Field(
        default=0, description="Minutes before the server's midnight.", examples=[15]
    )
    after_minutes: Annotated[int, whole(0, _LONGEST_PAUSE_MINUTES)] = Field(
        default=0, description="Minutes after the server's midnight.", examples=[30]
    )


class FridayClosePart(Part):
    """The last minutes of the trading week."""

    before_minutes: Annotated[int, whole(1, 2880)] = Field(
        description="Minutes before the symbol's last close of the week.", examples=[120]
    )


CurrencyCode: TypeAlias = Annotated[
    str, BeforeValidator(rules.check_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
]
_SymbolWord: TypeAlias = Annotated[
    str, BeforeValidator(lambda value: rules.check_choice(value, ("symbol",))), WithJsonSchema({"const": "symbol"})
]
Currencies: TypeAlias = Annotated[
    Annotated[_SymbolWord, Tag(mark("word"))]
    | Annotated[list[CurrencyCode], Field(min_length=1, max_length=20), Tag(mark("list"))],
    Discriminator(lambda value: mark("list") if isinstance(value, list) else mark("word")),
]


class ForbiddenPart(Part):
    """When nothing is opened although the entry conditions hold."""

    high_impact_news: NewsPart | None = Field(
        default=None,
        description="The embargo around high-impact news; it can only widen what the policy sets.",
        examples=[{"before_minutes": 30, "after_minutes": 15}],
    )
    medium_impact_news: NewsPart | None = Field(
        default=None,
        description="An embargo around medium-impact news.",
        examples=[{"before_minutes": 10, "after_minutes": 5}],
    )
    currencies: Currencies = Field(
        default="symbol",
        description='Whose news count: "symbol" for the currencies of the traded symbol, or a list of currencies in '
        "addition to these.",
        examples=["symbol", ["USD", "EUR"]],
    )
    max_spread_points: Annotated[int, whole(1, 100_000)] | None = Field(
        default=None, description="The widest spread in points at which an idea may be opened.", examples=[40]
    )
    volatility: VolatilityPart | None = Field(
        default=None,
        description="How calm or wild the market may be.",
        examples=[{"min_atr_percentile": 5, "max_atr_percentile": 95, "spike": True}],
    )
    session_edges: SessionEdgesPart | None = Field(
        default=None,
        description="Minutes at the edges of a session window; needs session_windows.",
        examples=[{"first_minutes": 15, "last_minutes": 30}],
    )
    rollover: RolloverPart | None = Field(
        default=None,
        description="Minutes around the server's midnight.",
        examples=[{"before_minutes": 15, "after_minutes": 30}],
    )
    friday_close: FridayClosePart | None = Field(
        default=None,
        description="Minutes before the symbol's last close of the week.",
        examples=[{"before_minutes": 120}],
    )
    conditions: Conditions = Field(
        default=[],
        description="Conditions of which any forbids opening; mirrored for shorts when the strategy trades both sides.",
        examples=[[{"left": "spread", "op": ">", "right": {"series": "spread", "shift": 1, "multiple": 2}}]],
    )

    @field_validator("currencies")
    @classmethod
    def check_currencies(cls, value: Any) -> Any:
        """Refuse a currency that stands twice."""
        return rules.check_unique(value) if isinstance(value, list) else value

    @field_validator("conditions")
    @classmethod
    def check_count(cls, value: Any) -> Any:
        """Refuse more comparisons than an evaluation may cost."""
        rules.check_count(to_conditions(value))
        return value

    def to_forbidden(self) -> Forbidden:
        """Return what the specification forbids beside high-impact news and the spread."""
        edges, rollover, medium = self.session_edges, self.rollover, self.medium_impact_news
        return Forbidden(
            medium_news=None if medium is None else medium.to_embargo(),
            currencies=() if isinstance(self.currencies, str) else tuple(self.currencies),
            volatility=None if self.volatility is None else self.volatility.to_volatility(),
            session_edges=None if edges is None else Embargo(edges.first_minutes, edges.last_minutes),
            rollover=None if rollover is None else Embargo(rollover.before_minutes, rollover.after_minutes),
            before_friday_close=None if self.friday_close is None else self.friday_close.before_minutes,
            conditions=to_conditions(self.conditions),
        )
