"""One side of a strategy at one bar, with the whole arithmetic: nothing of it is recorded or acted on."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import Side
from tradewarden.services.queries.models.common import ConfidenceView, LevelView, QuoteView, VerdictView
from tradewarden.services.queries.models.numbers import Number
from tradewarden.services.queries.models.story import EvaluationView, MarketStateView, OperandView


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsRead:
    """The bars of one timeframe that were at hand; ``required`` are those that the evaluation needs.

    The prices are those of the newest one; null where there is none.
    """

    timeframe: Timeframe
    count: int
    required: int
    newest_ended_at: datetime | None
    open: Number | None
    high: Number | None
    low: Number | None
    close: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionNode:
    """One condition with the values it was decided on, and the members of a group under it.

    ``fact`` names the fact that the group spells out; empty for a plain condition.
    """

    text: str
    fact: str
    holds: bool
    unknown: bool
    operands: tuple[OperandView, ...]
    members: tuple["ConditionNode", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSection:
    """The conditions of one list; ``rule`` says what of them is asked for and ``holds`` whether that is so."""

    section: str
    rule: str
    holds: bool
    conditions: tuple[ConditionNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What one side of a strategy says at the end of the newest closed bar at ``as_of``, and why.

    ``levels`` are those of the idea; while the setup does not hold they are what they would be at this bar, and
    ``is_idea`` is false. ``levels_problem`` says why there are none. The verdict is the gate's answer to an idea, on
    the account and the desk as they are now. ``quote_is_of_bar`` says that the quote is the newest bar's close with
    its spread, because the moment is past.
    """

    strategy: str
    document_digest: str
    symbol: str
    side: Side
    as_of: datetime
    market: str
    bars: tuple[BarsRead, ...]
    quote: QuoteView | None
    quote_is_of_bar: bool
    evaluation: EvaluationView
    conditions: tuple[ConditionSection, ...]
    market_state: MarketStateView | None
    confidence: ConfidenceView | None
    is_idea: bool
    rr: Number | None
    levels: tuple[LevelView, ...]
    levels_problem: str
    expires_at: datetime | None
    expiry_rule: str
    verdict: VerdictView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationList:
    """An explanation of each side that the strategy trades, the long one first."""

    explanations: tuple[Explanation, ...]
