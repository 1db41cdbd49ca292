"""The frozen specification of a strategy: what a JSON document means once it is accepted.

Only :mod:`tradewarden.core.strategy.document` makes specifications from documents; the evaluation, the
confidence score, the idea and the gate read them. Every part is encodable by the typed codec, so a decision
records it whole.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from tradewarden.core.audit.codec import added_field
from tradewarden.core.errors import InvalidInput
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.session import SessionWindow
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import Side

__all__ = [
    "NOTHING_FORBIDDEN",
    "AtrStop",
    "AtrTrail",
    "Comparison",
    "Condition",
    "ConfidenceModel",
    "Forbidden",
    "Group",
    "GroupKind",
    "IndicatorSpec",
    "IndicatorStop",
    "IndicatorTrail",
    "NumberOperand",
    "Operand",
    "Operator",
    "PercentStop",
    "PointsStop",
    "SeriesOperand",
    "StepTrail",
    "StopRule",
    "StrategySpec",
    "StrategyVersion",
    "StructureStop",
    "SwingStop",
    "Target",
    "TrailRule",
    "Volatility",
]

ONE = Decimal(1)


class Operator(StrEnum):
    """How the two sides of a comparison are compared."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    BETWEEN = "between"
    CROSSES_ABOVE = "crosses_above"
    CROSSES_BELOW = "crosses_below"
    RISING = "rising"
    FALLING = "falling"


class GroupKind(StrEnum):
    """How the members of a group combine."""

    ALL = "all"
    ANY = "any"
    NOT = "not"


class ConfidenceModel(StrEnum):
    """The scoring model that a strategy is judged by."""

    V1 = "v1"
    EMNR_V0 = "emnr_v0"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesOperand:
    """The value of a series ``shift`` closed bars before the newest, times ``multiple``.

    ``series`` is the name of an indicator of the strategy or one of open, high, low, close, volume, spread;
    ``output`` picks an output of an indicator that has several and is empty otherwise. ``timeframe`` is set for a
    bar column of higher bars; an indicator carries its own. ``shift`` counts the bars of the series itself.
    """

    series: str
    output: str = ""
    shift: int = 0
    multiple: Decimal = ONE
    timeframe: Timeframe | None = added_field(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOperand:
    """A constant."""

    value: Decimal


Operand = SeriesOperand | NumberOperand


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison.

    ``right`` holds one operand; two for ``between`` (low, high; both ends are in it); and for ``rising`` and
    ``falling`` the number of consecutive closed bars over which ``left`` must have moved strictly that way.
    """

    left: Operand
    op: Operator
    right: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Conditions combined: ``all`` of them, ``any`` of them, or ``not`` (exactly one member).

    ``fact`` is the name, with its parameters, of the fact that these conditions spell out; empty for a plain group.
    """

    kind: GroupKind
    members: tuple["Condition", ...]
    fact: str = added_field("")


Condition = Comparison | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrStop:
    """A stop at ``multiple`` times the average true range of ``period`` bars away from the entry."""

    recorded_untagged: ClassVar[bool] = True
    period: int
    multiple: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsStop:
    """A stop ``points`` points away from the entry."""

    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentStop:
    """A stop ``fraction`` of the entry price away from it; 0.004 is 0.4 %."""

    fraction: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SwingStop:
    """A stop ``buffer_points`` beyond the newest confirmed swing low (of a long) or high (of a short)."""

    strength: int
    lookback: int
    buffer_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureStop:
    """A stop ``buffer_points`` beyond the lowest low (of a long) or highest high (of a short) of ``bars`` bars."""

    bars: int
    buffer_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorStop:
    """A stop ``buffer_points`` beyond the newest value of a series in price units."""

    level: SeriesOperand
    buffer_points: int


StopRule = AtrStop | PointsStop | PercentStop | SwingStop | StructureStop | IndicatorStop


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A take profit at ``rr`` times the initial risk that closes ``fraction`` of the position."""

    rr: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrTrail:
    """A stop that follows the newest close at ``multiple`` times the ATR, once ``from_r`` has been reached."""

    period: int
    multiple: Decimal
    from_r: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTrail:
    """A stop that moves by ``step_r`` for every ``step_r`` of best favourable excursion beyond ``from_r``."""

    step_r: Decimal
    from_r: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorTrail:
    """A stop that follows a series in price units ``buffer_points`` behind it, once ``from_r`` has been reached."""

    level: SeriesOperand
    buffer_points: int
    from_r: Decimal


TrailRule = AtrTrail | StepTrail | IndicatorTrail


@dataclass(frozen=True, slots=True, kw_only=True)
class Volatility:
    """Where the ATR must stand among its recent values (percentiles, 0 to 100); ``spike`` forbids spike bars."""

    min_atr_percentile: Decimal | None = None
    max_atr_percentile: Decimal | None = None
    forbid_spike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """When nothing is opened although the entry conditions hold; None and empty forbid nothing.

    ``session_edges`` are the first and last minutes of a session window; ``rollover`` the minutes before and after
    the server's midnight; ``before_friday_close`` the minutes before the symbol's last close of the week;
    ``currencies`` are minded by the news embargo in addition to the symbol's own.
    """

    medium_news: Embargo | None = None
    currencies: tuple[str, ...] = ()
    volatility: Volatility | None = None
    session_edges: Embargo | None = None
    rollover: Embargo | None = None
    before_friday_close: int | None = None
    conditions: tuple[Condition, ...] = ()


NOTHING_FORBIDDEN = Forbidden()


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySpec:
    """A whole strategy.

    ``entry`` needs all its conditions, ``exit`` any; ``strong`` and ``weak`` are counted one by one. An empty
    ``session_windows`` sets no session of its own. ``take_profits`` stand in rising order and their
    fractions add up to 1. ``embargo`` widens what the policy sets around high-impact news; ``risk_fraction``
    (0.01 is 1 %), ``max_lot_size``, ``max_concurrent_positions`` and ``max_open_risk_fraction`` can only tighten the
    policy. ``rr_expectation`` is the least reward per risk that the idea must offer. ``invalidations`` prevent an
    idea, and end one that waits, while any of them holds; open positions are the business of ``exit``.
    ``conditions_key`` is the key of the document under which the five lists stand, or those that they mirror.
    """

    schema_version: int
    name: str
    description: str
    allowed_symbols: tuple[str, ...]
    timeframe: Timeframe
    side: Side
    indicators: tuple[IndicatorSpec, ...]
    entry: tuple[Condition, ...]
    exit: tuple[Condition, ...]
    strong: tuple[Condition, ...]
    weak: tuple[Condition, ...]
    session_windows: tuple[SessionWindow, ...]
    stop_loss: StopRule
    take_profits: tuple[Target, ...]
    time_limit_minutes: int | None
    embargo: Embargo | None
    max_spread_points: int | None
    risk_fraction: Decimal | None
    max_lot_size: Decimal | None
    max_concurrent_positions: int | None
    rr_expectation: Decimal
    confidence_model: ConfidenceModel = ConfidenceModel.V1
    invalidations: tuple[Condition, ...] = added_field(())
    forbidden: Forbidden = added_field(NOTHING_FORBIDDEN)
    break_even_at_r: Decimal | None = added_field(None)
    trail: TrailRule | None = added_field(None)
    close_at_session_end: bool = added_field(default=False)
    cool_down_minutes: int | None = added_field(None)
    max_open_risk_fraction: Decimal | None = added_field(None)
    conditions_key: str = added_field("conditions")

    def __hash__(self) -> int:
        # Evaluation looks its plan up by specification; hashing the whole tree would cost as much as
        # evaluating it.
        return hash((self.name, self.side))


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyVersion:
    """A published, immutable version of a strategy; ``digest`` is the content digest of its document.

    A strategy that trades both sides holds the long side in ``spec`` and the short one in ``short``; every decision
    is on one side, see :meth:`on_side`.
    """

    strategy_id: str
    version: int
    digest: str
    is_active: bool
    spec: StrategySpec
    short: StrategySpec | None = added_field(None)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return the sides it trades."""
        return (self.spec.side,) if self.short is None else (self.spec.side, self.short.side)

    def on_side(self, side: Side) -> "StrategyVersion":
        """Return the version as it trades ``side`` alone. Raises InvalidInput when it does not trade that side."""
        if self.spec.side is side:
            return self if self.short is None else replace(self, short=None)
        if self.short is None:
            raise InvalidInput(f"{self.spec.name} trades {self.spec.side} only, it was asked for {side}")
        return replace(self, spec=self.short, short=None)
