"""One recorded decision told in flow order: facts, indicators, conditions, score, levels, checks, order, fills.

Everything is read from the record, so it shows what the desk saw then, whatever the market does now.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import Result
from tradewarden.core.policy import Mode
from tradewarden.core.values import Side
from tradewarden.services.queries.models.account import AccountView
from tradewarden.services.queries.models.common import (
    ConfidenceView,
    LevelView,
    QuoteView,
    StrategyRef,
    TargetView,
    VerdictView,
)
from tradewarden.services.queries.models.history import RelatedEntry
from tradewarden.services.queries.models.market import BarsView, EventView, InstrumentView
from tradewarden.services.queries.models.numbers import Number


class DecisionKind(StrEnum):
    """What was asked of the decision."""

    EVALUATE = "evaluate"
    REJUDGE = "rejudge"
    MANAGE = "manage"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandView:
    """One side of a condition as it was read; values are null where they were unknown."""

    text: str
    value: Number | None
    previous: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionView:
    """One condition with the values it was decided on. ``unknown`` conditions count as false.

    ``section`` is entry, exit, strong, weak, invalidation or forbidden. ``depth`` is 0 for what the document declares
    and grows with each group around a member; a group whose members follow leaves the values to them.
    """

    section: str
    depth: int
    pointer: str
    text: str
    holds: bool
    unknown: bool
    operands: tuple[OperandView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorView:
    """The newest value of an indicator and the one before, with the bars it was computed on.

    ``period`` is 0 for kinds without one; ``parameters`` says all of them in words, such as ``20, multiple 2.5``.
    """

    name: str
    kind: str
    period: int
    parameters: str
    unit: str
    value: Number | None
    previous: Number | None
    bars_used: int
    minimum_window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    """What the strategy said at the end of the newest closed bar; groups are listed before their members."""

    bar_ended_at: datetime | None
    bars_used: int
    bars_required: int
    refusal: str | None
    entry: bool
    exit: bool
    strong: bool
    weak: bool
    strong_share: Number
    weak_share: Number
    stop_distance: Number | None
    indicators: tuple[IndicatorView, ...]
    conditions: tuple[ConditionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketStateView:
    """Spread and volatility against their own recent past; null where the bars did not tell."""

    spread_points: Number | None
    spread_median_points: Number | None
    atr: Number | None
    atr_percentile: Number | None
    spike: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSeen:
    """What the desk knew of itself at the decision."""

    mode: Mode
    ai_trading_enabled: bool
    policy_version: int
    simulated: bool
    reconciled: bool
    halt_code: str | None
    halt_reason: str | None
    watchlist: tuple[str, ...]
    open_ideas: int
    unfinished_intents: int
    own_positions: int
    day_started_at: datetime | None
    day_reference: Number | None
    high_water_mark: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryIdea:
    """The idea that came of the decision, or that it judged again."""

    idea_id: str
    digest: str
    symbol: str
    side: Side
    entry: Number
    stop_loss: Number
    take_profits: tuple[TargetView, ...]
    rr: Number
    levels: tuple[LevelView, ...]
    created_at: datetime
    expires_at: datetime
    expiry_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingView:
    """How the lots came about; recomputed from the recorded inputs. Amounts are in account currency.

    ``room`` is what the limits on the day, the drawdown and all open risk leave to be lost, None where none is set.
    """

    base: Number
    risk_fraction: Number
    budget: Number
    room: Number | None
    loss_per_lot: Number
    at_most: Number | None
    lots: Number
    maximum_lots: Number
    risk_amount: Number
    margin: Number
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """What was to be done with a position: ``keep``, ``close`` or ``set_stop``, and why."""

    kind: str
    reason: str
    lots: Number | None
    stop_loss: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentView:
    """The order that the decision allowed: ``open``, ``reduce`` or ``protect``."""

    kind: str
    intent_id: str
    digest: str
    symbol: str
    side: Side | None
    lots: Number | None
    price: Number | None
    stop_loss: Number | None
    take_profit: Number | None
    ticket: int | None
    magic: str | None
    not_after: datetime | None
    status: str | None
    position_ticket: int | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEventView:
    """What was sent to the broker or came back: the entry's own payload, with the raw reply where there was one."""

    seq: int
    occurred_at: datetime
    action: Action
    words: str
    raw: str | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillView:
    """A price at which exposure came into being or ended. ``profit`` is net, in account currency."""

    symbol: str
    side: Side
    kind: str
    ticket: int
    lots: Number
    price: Number
    at: datetime
    profit: Number | None
    r_multiple: Number | None
    reason: str | None
    idea_id: str
    history_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionStory:
    """A recorded decision, stage by stage; stages that did not run are null."""

    seq: int
    decision_id: str
    kind: DecisionKind
    as_of: datetime
    symbol: str
    result: Result
    engine_version: str
    library_versions: dict[str, str]
    inputs_digest: str
    decision_digest: str
    bars: tuple[BarsView, ...]
    quote: QuoteView | None
    instrument: InstrumentView
    account: AccountView | None
    desk: DeskSeen
    strategy: StrategyRef | None
    strategy_digest: str | None
    calendar_captured_at: datetime | None
    calendar: tuple[EventView, ...]
    evaluation: EvaluationView | None
    market: MarketStateView | None
    confidence: ConfidenceView | None
    idea: StoryIdea | None
    sizing: SizingView | None
    verdict: VerdictView | None
    plan: PlanView | None
    intent: IntentView | None
    orders: tuple[OrderEventView, ...]
    fills: tuple[FillView, ...]
    related: tuple[RelatedEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillList:
    """Fills of the desk's own positions, newest first."""

    as_of: datetime
    currency: str | None
    fills: tuple[FillView, ...]
