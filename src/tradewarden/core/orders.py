"""Order intents and what becomes of them.

An intent is the only thing that reaches a broker, and it is made only from an ``ApprovedVerdict``. Opening, reducing
and protecting are different types, so that code that may only reduce cannot be handed something that opens.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tradewarden.core.audit.canonical import digest_json
from tradewarden.core.audit.codec import added_field, encode
from tradewarden.core.desk import PositionTarget
from tradewarden.core.errors import NotApproved
from tradewarden.core.ideas import TradeIdea
from tradewarden.core.risk.gate import ProtectRequest, ReduceRequest
from tradewarden.core.risk.verdict import ApprovedVerdict, Purpose
from tradewarden.core.values import Side, derive_id, derive_magic, maker_of

_COMMENT_LENGTH = 20
OPEN_LIFETIME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIntent:
    """A market order with its stop and target in the same request.

    ``magic`` is its identity at the broker, looked up before every send; ``not_after`` bounds in market time how
    long it may still be sent; ``price`` is the executable price it was judged at. ``take_profit`` is the farthest of
    ``targets``; the nearer ones are closed by the desk.
    """

    intent_id: str
    decision_id: str
    idea_id: str
    strategy_id: str
    symbol: str
    side: Side
    lots: Decimal
    price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    max_deviation_points: int
    risk_amount: Decimal
    margin: Decimal
    magic: int
    comment: str
    verdict_digest: str
    judged_at: datetime
    not_after: datetime
    targets: tuple[PositionTarget, ...] = added_field(())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceIntent:
    """A closing deal of ``lots`` against the position ``ticket``. ``side`` is the position's.

    ``rule`` is what asked for it, empty where a person did; ``targets_done`` are the targets that count as taken once
    its deal is booked, None where it takes none.
    """

    intent_id: str
    decision_id: str
    symbol: str
    ticket: int
    side: Side
    lots: Decimal
    reason: str
    verdict_digest: str
    judged_at: datetime
    rule: str = added_field("")
    targets_done: int | None = added_field(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectIntent:
    """A stop for the position ``ticket``, nearer than before; its target stays as it is. ``rule`` asked for it."""

    intent_id: str
    decision_id: str
    symbol: str
    ticket: int
    stop_loss: Decimal
    take_profit: Decimal | None
    reason: str
    verdict_digest: str
    judged_at: datetime
    rule: str = added_field("")


OrderIntent = OpenIntent | ReduceIntent | ProtectIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The broker did it. ``position_ticket`` is the position opened or changed; ``raw`` is its reply as text."""

    retcode: int
    order_ticket: int
    deal_ticket: int
    position_ticket: int
    lots: Decimal
    price: Decimal
    at: datetime
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The broker definitely did not do it."""

    retcode: int
    reason: str
    at: datetime
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody can say yet whether the broker did it; it counts as done in every limit until reconciled."""

    reason: str
    at: datetime
    raw: str


SubmitOutcome = Accepted | Rejected | Unknown


_make_open = maker_of(OpenIntent)


def intent_digest(intent: OrderIntent) -> str:
    """Return the content digest under which the history knows ``intent``."""
    return digest_json({"kind": type(intent).__name__, "intent": encode(intent)})


def intent_from(
    idea: TradeIdea,
    approved: ApprovedVerdict,
    *,
    decision_id: str,
    price: Decimal,
    account_key: str,
    judged_at: datetime,
    max_deviation_points: int,
) -> OpenIntent:
    """Return the order of an approved idea. Raises NotApproved when the verdict was not on opening."""
    verdict = approved.verdict
    _require(Purpose.OPEN, verdict.purpose)
    magic = derive_magic(account_key, idea.strategy_id, idea.symbol, idea.side, idea.bar_ended_at.isoformat(), "1")
    return _make_open(
        intent_id=derive_id(decision_id, "open"),
        decision_id=decision_id,
        idea_id=idea.idea_id,
        strategy_id=idea.strategy_id,
        symbol=idea.symbol,
        side=idea.side,
        lots=verdict.lots,
        price=price,
        stop_loss=idea.stop_loss,
        take_profit=idea.take_profits[-1],
        max_deviation_points=max_deviation_points,
        risk_amount=verdict.risk_amount,
        margin=verdict.margin,
        magic=magic,
        comment=f"tw-{idea.idea_id}"[:_COMMENT_LENGTH],
        verdict_digest=verdict.digest,
        judged_at=judged_at,
        not_after=judged_at + OPEN_LIFETIME,
        targets=tuple(
            PositionTarget(price=price, fraction=fraction)
            for price, fraction in zip(idea.take_profits, idea.fractions, strict=bool(idea.fractions))
        ),
    )


def reduce_intent(
    request: ReduceRequest,
    approved: ApprovedVerdict,
    *,
    decision_id: str,
    side: Side,
    reason: str,
    judged_at: datetime,
    rule: str = "",
    targets_done: int | None = None,
) -> ReduceIntent:
    """Return the closing order of an approved reduction."""
    _require(Purpose.REDUCE, approved.verdict.purpose)
    return ReduceIntent(
        intent_id=derive_id(decision_id, "reduce"),
        decision_id=decision_id,
        symbol=request.symbol,
        ticket=request.ticket,
        side=side,
        lots=approved.verdict.lots,
        reason=reason,
        verdict_digest=approved.verdict.digest,
        judged_at=judged_at,
        rule=rule,
        targets_done=targets_done,
    )


def protect_intent(
    request: ProtectRequest,
    approved: ApprovedVerdict,
    *,
    decision_id: str,
    take_profit: Decimal | None,
    reason: str,
    judged_at: datetime,
    rule: str = "",
) -> ProtectIntent:
    """Return the stop change of an approved protection."""
    _require(Purpose.PROTECT, approved.verdict.purpose)
    return ProtectIntent(
        intent_id=derive_id(decision_id, "protect"),
        decision_id=decision_id,
        symbol=request.symbol,
        ticket=request.ticket,
        stop_loss=request.stop_loss,
        take_profit=take_profit,
        reason=reason,
        verdict_digest=approved.verdict.digest,
        judged_at=judged_at,
        rule=rule,
    )


def _require(wanted: Purpose, found: Purpose) -> None:
    if found is not wanted:
        raise NotApproved(f"a verdict on {found} cannot make an order to {wanted}")
