"""Reading trade ideas: lists for the desk page, and one idea with its reasons in money and points."""

from dataclasses import dataclass
from typing import Any

from tradewarden.core.account import AccountState
from tradewarden.core.audit.codec import decode
from tradewarden.core.confidence import Confidence
from tradewarden.core.decision import Decision
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.errors import BrokerUnavailable, IntegrityError, MarketDataUnavailable, NotFound
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import PolicyVersion, RiskPolicy
from tradewarden.core.risk.sizing import sizing_base
from tradewarden.core.risk.verdict import Verdict
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.ports.storage import IdeaRecord, Reading
from tradewarden.services.approve_idea import is_expired
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.common import StrategyRef
from tradewarden.services.queries.models.ideas import (
    ActiveIdeas,
    ApprovalOffer,
    IdeaDetail,
    IdeaList,
    IdeaMoney,
    IdeaSummary,
    IdeaView,
)
from tradewarden.services.queries.money import decimals, reward_amount, share
from tradewarden.services.queries.offer import approval_offer
from tradewarden.services.queries.views import (
    StrategyNames,
    check_view,
    confidence_view,
    level_view,
    seconds_between,
    target_views,
)

_OPEN = tuple(status for status in IdeaStatus if status.is_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """What the record holds of the decision that proposed an idea."""

    confidence: Confidence
    verdict: Verdict
    instrument: Instrument
    account: AccountState | None
    policy: RiskPolicy
    strategy: StrategyVersion


def active_ideas(desk: Desk) -> ActiveIdeas:
    """Return the ideas that can still become an order, newest first, each with its reasons."""
    with desk.storage.read() as reading:
        records = reading.ideas(statuses=_OPEN)
        views = tuple(_idea_view(reading, record, desk) for record in records)
    return ActiveIdeas(as_of=desk.clock.market_now(), ideas=views)


def ideas(desk: Desk, *, statuses: tuple[IdeaStatus, ...], symbol: str | None, limit: int) -> IdeaList:
    """Return ideas in short, newest first."""
    with desk.storage.read() as reading:
        records = reading.ideas(statuses=statuses, symbol=symbol, limit=limit)
        names = StrategyNames(reading.strategies())
    return IdeaList(as_of=desk.clock.market_now(), ideas=tuple(_summary(record, names, desk) for record in records))


def idea_detail(desk: Desk, idea_id: str) -> IdeaDetail:
    """Return one idea and, while a person can approve it, what that would do now. Raises NotFound."""
    with desk.storage.read() as reading:
        record = reading.idea(idea_id)
        if record is None:
            raise NotFound(f"no idea {idea_id}")
        view = _idea_view(reading, record, desk)
    offer, problem = _offer(desk, record)
    return IdeaDetail(as_of=desk.clock.market_now(), idea=view, offer=offer, offer_problem=problem)


def seconds_left(record: IdeaRecord, desk: Desk) -> float | None:
    """Return the wall seconds in which the idea can still be decided; None once it is, or when time is stepped.

    Under an accelerated clock the idea carries its own wall time, because market minutes pass in seconds.
    """
    if not record.status.is_open:
        return None
    if record.wall_expires_at is not None:
        return seconds_between(desk.clock.wall_now(), record.wall_expires_at)
    speed = desk.clock.speed
    if speed is None:
        return None
    return round(seconds_between(desk.clock.market_now(), record.idea.expires_at) / speed, 1)


def _offer(desk: Desk, record: IdeaRecord) -> tuple[ApprovalOffer | None, str | None]:
    if record.status is not IdeaStatus.NEEDS_APPROVAL:
        return None, None
    if is_expired(record, desk):
        return None, f"its time is over ({record.idea.expiry_rule})"
    try:
        return approval_offer(desk, record.idea.idea_id, lots=None), None
    except (MarketDataUnavailable, BrokerUnavailable) as error:
        return None, str(error)


def _summary(record: IdeaRecord, names: StrategyNames, desk: Desk) -> IdeaSummary:
    idea = record.idea
    return IdeaSummary(
        idea_id=idea.idea_id,
        status=record.status,
        symbol=idea.symbol,
        side=idea.side,
        digits=decimals(idea.entry),
        entry=idea.entry,
        stop_loss=idea.stop_loss,
        take_profits=idea.take_profits,
        rr=idea.rr,
        lots=record.lots,
        risk_amount=record.risk_amount,
        confidence_score=record.confidence_score,
        strategy=names.ref(idea.strategy_id, idea.strategy_version),
        rationale=record.rationale,
        created_at=idea.created_at,
        expires_at=idea.expires_at,
        seconds_left=seconds_left(record, desk),
        updated_at=record.updated_at,
        history_seq=record.history_seq,
    )


def _idea_view(reading: Reading, record: IdeaRecord, desk: Desk) -> IdeaView:
    idea, proposal = record.idea, _proposal(reading, record)
    spec = proposal.strategy.spec
    return IdeaView(
        idea_id=idea.idea_id,
        digest=idea.digest,
        status=record.status,
        symbol=idea.symbol,
        side=idea.side,
        digits=proposal.instrument.digits,
        entry=idea.entry,
        stop_loss=idea.stop_loss,
        take_profits=target_views(idea, spec),
        rr=idea.rr,
        levels=tuple(level_view(level) for level in idea.levels),
        volume_min=proposal.instrument.volume_min,
        volume_step=proposal.instrument.volume_step,
        rationale=record.rationale,
        confidence=confidence_view(proposal.confidence, proposal.policy),
        checks=tuple(check_view(entry) for entry in proposal.verdict.checks),
        money=_money(record, proposal),
        strategy=StrategyRef(strategy_id=idea.strategy_id, name=spec.name, version=idea.strategy_version),
        bar_ended_at=idea.bar_ended_at,
        created_at=idea.created_at,
        expires_at=idea.expires_at,
        expiry_rule=idea.expiry_rule,
        seconds_left=seconds_left(record, desk),
        updated_at=record.updated_at,
        history_seq=record.history_seq,
    )


def _money(record: IdeaRecord, proposal: _Proposal) -> IdeaMoney:
    idea, account = record.idea, proposal.account
    base = None if account is None else sizing_base(account, proposal.policy)
    reward = reward_amount(proposal.instrument, proposal.policy, lots=record.lots, entry=idea.entry, idea=idea)
    return IdeaMoney(
        currency=None if account is None else account.currency,
        lots=record.lots,
        risk_amount=record.risk_amount,
        risk_fraction=share(record.risk_amount, base),
        reward_amount=reward,
        margin=proposal.verdict.margin,
    )


def _proposal(reading: Reading, record: IdeaRecord) -> _Proposal:
    """Return the decision behind an idea. Raises IntegrityError when the record does not hold it whole."""
    idea = record.idea
    stored = reading.decision(idea.decision_id)
    if stored is None:
        raise IntegrityError(f"idea {idea.idea_id} cites decision {idea.decision_id}, which is missing")
    decision = decode(Decision, stored.decision)
    if decision.confidence is None or decision.verdict is None:
        raise IntegrityError(f"decision {idea.decision_id} of idea {idea.idea_id} was neither scored nor judged")
    # The parts are read one by one: decoding the whole inputs would need their bars.
    inputs: Any = stored.inputs
    account = inputs["account"]
    return _Proposal(
        confidence=decision.confidence,
        verdict=decision.verdict,
        instrument=decode(Instrument, inputs["snapshot"]["instrument"]),
        account=None if account is None else decode(AccountState, account),
        policy=decode(PolicyVersion, inputs["policy"]).policy,
        strategy=decode(StrategyVersion, inputs["strategy"]),
    )
