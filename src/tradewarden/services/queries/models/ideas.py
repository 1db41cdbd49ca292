"""Trade ideas as people see them: what is proposed, why, what it may cost, and what approving would do."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.desk import IdeaStatus
from tradewarden.core.risk.reasons import Code
from tradewarden.core.risk.verdict import Outcome
from tradewarden.core.values import Side
from tradewarden.services.queries.models.common import (
    CheckView,
    ConfidenceView,
    LevelView,
    QuoteView,
    StrategyRef,
    TargetView,
)
from tradewarden.services.queries.models.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaMoney:
    """What the proposed lots mean in account currency, from the recorded decision.

    ``risk_amount`` is the loss at the stop with costs, ``risk_fraction`` that over the base it was sized on,
    ``reward_amount`` the profit at the farthest target after commission.
    """

    currency: str | None
    lots: Number
    risk_amount: Number
    risk_fraction: Number | None
    reward_amount: Number
    margin: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaSummary:
    """One line about an idea. ``seconds_left`` is wall time until it expires, null once it is decided."""

    idea_id: str
    status: IdeaStatus
    symbol: str
    side: Side
    digits: int
    entry: Number
    stop_loss: Number
    take_profits: tuple[Number, ...]
    rr: Number
    lots: Number
    risk_amount: Number
    confidence_score: Number
    strategy: StrategyRef
    rationale: str
    created_at: datetime
    expires_at: datetime
    seconds_left: float | None
    updated_at: datetime
    history_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaView:
    """An idea with its reasons. ``digest`` is what an approval is bound to; ``checks`` are those of the proposal."""

    idea_id: str
    digest: str
    status: IdeaStatus
    symbol: str
    side: Side
    digits: int
    entry: Number
    stop_loss: Number
    take_profits: tuple[TargetView, ...]
    rr: Number
    levels: tuple[LevelView, ...]
    volume_min: Number
    volume_step: Number
    rationale: str
    confidence: ConfidenceView
    checks: tuple[CheckView, ...]
    money: IdeaMoney
    strategy: StrategyRef
    bar_ended_at: datetime
    created_at: datetime
    expires_at: datetime
    expiry_rule: str
    seconds_left: float | None
    updated_at: datetime
    history_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalOffer:
    """What approving ``lots`` would do right now, judged afresh; nothing is recorded by asking.

    ``outcome`` is where the gate would lead with the approval in place; when it is not ``execute``, ``blocked_by``
    names the checks that stand against it and no approval covers. ``lots_max`` is 0 when no size is allowed.
    ``worst_price`` is the bound to send with the approval: the gate would refuse a price beyond it.
    ``risk_per_lot``, ``risk_amount``, ``reward_amount`` and ``margin`` are in account currency.
    """

    idea_id: str
    idea_digest: str
    as_of: datetime
    currency: str | None
    lots: Number
    lots_min: Number
    lots_step: Number
    lots_max: Number
    price: Number | None
    worst_price: Number
    quote: QuoteView | None
    risk_per_lot: Number | None
    risk_amount: Number | None
    risk_fraction: Number | None
    reward_amount: Number | None
    margin: Number | None
    can_approve: bool
    outcome: Outcome
    blocked_by: tuple[Code, ...]
    asks: tuple[Code, ...]
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaDetail:
    """An idea and, while it can still be approved, what approving it now would do.

    ``offer_problem`` says why there is no offer for an idea that still waits (market or account not readable).
    """

    as_of: datetime
    idea: IdeaView
    offer: ApprovalOffer | None
    offer_problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveIdeas:
    """The ideas that wait for a person or for their order, newest first."""

    as_of: datetime
    ideas: tuple[IdeaView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaList:
    """Ideas of any status, newest first."""

    as_of: datetime
    ideas: tuple[IdeaSummary, ...]
