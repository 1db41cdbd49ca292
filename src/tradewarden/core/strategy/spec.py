"""The frozen specification of a strategy: what a JSON document means once it is accepted.

Only :mod:`tradewarden.core.strategy.document` makes specifications from documents; the evaluation, the
confidence score, the idea and the gate read them. Every part is encodable by the typed codec, so a decision
records it whole.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.session import SessionWindow
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import Side

__all__ = [
    "AtrStop",
    "Comparison",
    "Condition",
    "ConfidenceModel",
    "Group",
    "GroupKind",
    "IndicatorSpec",
    "NumberOperand",
    "Operand",
    "Operator",
    "SeriesOperand",
    "StopRule",
    "StrategySpec",
    "StrategyVersion",
    "Target",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesOperand:
    """The value of a series ``shift`` closed bars before the newest, times ``multiple``.

    ``series`` is the name of an indicator of the strategy or one of open, high, low, close, volume, spread;
    ``output`` picks an output of an indicator that has several and is empty otherwise.
    """

    series: str
    output: str = ""
    shift: int = 0
    multiple: Decimal = ONE


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
    """Conditions combined: ``all`` of them, ``any`` of them, or ``not`` (exactly one member)."""

    kind: GroupKind
    members: tuple["Condition", ...]


Condition = Comparison | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrStop:
    """A stop at ``multiple`` times the average true range of ``period`` bars away from the entry."""

    period: int
    multiple: Decimal


StopRule = AtrStop


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A take profit at ``rr`` times the initial risk that closes ``fraction`` of the position."""

    rr: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySpec:
    """A whole strategy.

    ``entry`` needs all its conditions, ``exit`` any; ``strong`` and ``weak`` are counted one by one. An empty
    ``session_windows`` sets no session of its own. ``take_profits`` has exactly one target with fraction 1
    in this version. ``embargo`` widens what the policy sets around high-impact news; ``risk_fraction``
    (0.01 is 1 %), ``max_lot_size`` and ``max_concurrent_positions`` can only tighten the policy.
    ``rr_expectation`` is the least reward per risk that the idea must offer.
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

    def __hash__(self) -> int:
        # Evaluation looks its plan up by specification; hashing the whole tree would cost as much as
        # evaluating it.
        return hash((self.name, self.allowed_symbols, self.timeframe, self.side))


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyVersion:
    """A published, immutable version of a strategy; ``digest`` is the content digest of its document."""

    strategy_id: str
    version: int
    digest: str
    is_active: bool
    spec: StrategySpec
