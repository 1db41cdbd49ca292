"""One decision: everything it depends on in, everything that follows from it out.

``decide`` is the only road from market data to an order. It is pure: the same inputs give the same decision and the
same digest on any machine, which is what replay checks.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tradewarden.core.account import AccountState, Position
from tradewarden.core.audit.canonical import digest_json
from tradewarden.core.audit.codec import Blobs, added_field, encode
from tradewarden.core.audit.text import digest_of
from tradewarden.core.confidence import Confidence, score
from tradewarden.core.desk import DeskPosition, DeskState
from tradewarden.core.ideas import Approval, NoIdea, TradeIdea, draft, effective_embargo
from tradewarden.core.indicators.market_state import MarketState, measure_market
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.orders import OrderIntent, intent_from, protect_intent, reduce_intent
from tradewarden.core.policy import PolicyVersion
from tradewarden.core.positions import CloseAll, ClosePart, Keep, PositionPlan, SetStop, Situation, plan_position
from tradewarden.core.risk.context import gate_context
from tradewarden.core.risk.gate import ProtectRequest, ReduceRequest, judge, judge_protect, judge_reduce
from tradewarden.core.risk.verdict import ApprovedVerdict, Outcome, Verdict
from tradewarden.core.strategy.evaluate import Evaluation, evaluate
from tradewarden.core.strategy.spec import StrategySpec, StrategyVersion
from tradewarden.core.values import Side, maker_of

ENGINE_VERSION = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateRequest:
    """Evaluate the strategy on the newest closed bar and judge the idea, if there is one."""

    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RejudgeRequest:
    """Judge a recorded idea again: after a person's approval, or just before its order is sent."""

    idea: TradeIdea
    confidence_score: Decimal
    approval: Approval | None
    at_most: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageRequest:
    """Look after the desk's position ``ticket`` as its strategy says.

    ``refused_repairs`` is how often the broker has refused lately to put a stop back in place.
    """

    ticket: int
    refused_repairs: int = added_field(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """Close a position because a person said so."""

    ticket: int
    lots: Decimal
    actor: str


DecisionRequest = EvaluateRequest | RejudgeRequest | ManageRequest | CloseRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Text that accompanied a decision without deciding anything, such as a model's answer."""

    kind: str
    source: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInputs:
    """Everything a decision depends on. ``account`` is None when the broker gave no statement."""

    decision_id: str
    as_of: datetime
    request: DecisionRequest
    snapshot: MarketSnapshot
    account: AccountState | None
    account_key: str
    desk: DeskState
    strategy: StrategyVersion | None
    policy: PolicyVersion
    evidence: tuple[Evidence, ...] = ()


class Result(StrEnum):
    """What a decision came to."""

    NO_SETUP = "no_setup"
    EXECUTE = "execute"
    NEEDS_APPROVAL = "needs_approval"
    REJECTED = "rejected"
    HALTED_BY_RISK = "halted_by_risk"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from the inputs, stage by stage; stages that did not run are None.

    ``no_idea`` says why a setup that held led to no idea: its stop or a target could not be computed.
    """

    decision_id: str
    as_of: datetime
    symbol: str
    result: Result
    evaluation: Evaluation | None
    market: MarketState | None
    confidence: Confidence | None
    idea: TradeIdea | None
    verdict: Verdict | None
    plan: PositionPlan | None
    intent: OrderIntent | None
    no_idea: str = added_field("")


_RESULTS = {outcome: Result(outcome.value) for outcome in Outcome}
_make_decision = maker_of(Decision)


def decide(inputs: DecisionInputs) -> Decision:
    """Return the decision that follows from ``inputs``: pure, total, and the same on every machine."""
    request = inputs.request
    if isinstance(request, EvaluateRequest):
        return _evaluate_and_judge(inputs, request)
    if isinstance(request, RejudgeRequest):
        return _judge_again(inputs, request)
    if isinstance(request, ManageRequest):
        return _manage(inputs, request)
    return _close(inputs, request)


def inputs_digest(inputs: DecisionInputs, blobs: Blobs | None = None) -> str:
    """Return the content digest of ``inputs``; cited bars are put into ``blobs`` when it is given."""
    return digest_of(inputs) if blobs is None else digest_json(encode(inputs, blobs))


def decision_digest(decision: Decision) -> str:
    """Return the content digest of ``decision``: what a replay must reproduce."""
    return digest_of(decision)


def _evaluate_and_judge(inputs: DecisionInputs, request: EvaluateRequest) -> Decision:
    strategy, snapshot, policy = _strategy(inputs, request.side), inputs.snapshot, inputs.policy.policy
    spec = strategy.spec
    bars = snapshot.series(spec.timeframe)
    if bars is None:
        raise ValueError(f"snapshot of {snapshot.symbol} holds no {spec.timeframe} bars for {spec.name!r}")
    evaluation = _evaluation(spec, snapshot)
    market = measure_market(bars, tick_size=snapshot.instrument.tick_size)
    confidence = score(
        evaluation,
        snapshot,
        market,
        inputs.account,
        inputs.desk,
        policy,
        spec=spec,
        embargo=effective_embargo(spec, policy),
    )
    idea = draft(strategy, snapshot, evaluation, policy, decision_id=inputs.decision_id)
    if isinstance(idea, NoIdea):
        return _blank(
            inputs, Result.NO_SETUP, evaluation=evaluation, market=market, confidence=confidence, no_idea=idea.reason
        )
    context = gate_context(
        idea,
        confidence.score,
        snapshot,
        inputs.account,
        inputs.desk,
        strategy,
        policy,
        first=True,
        market=market,
        evaluation=evaluation,
    )
    return _judged(inputs, idea, judge(context), evaluation=evaluation, market=market, confidence=confidence)


def _evaluation(spec: StrategySpec, snapshot: MarketSnapshot) -> Evaluation:
    instrument = snapshot.instrument
    return evaluate(
        spec,
        snapshot.bars,
        tick_size=instrument.tick_size,
        point=instrument.point,
        server_clock=snapshot.server_clock,
    )


def _judge_again(inputs: DecisionInputs, request: RejudgeRequest) -> Decision:
    strategy, snapshot = _strategy(inputs, request.idea.side), inputs.snapshot
    bars = snapshot.series(strategy.spec.timeframe)
    market = None if bars is None else measure_market(bars, tick_size=snapshot.instrument.tick_size)
    evaluation = None
    if bars is not None and (strategy.spec.invalidations or strategy.spec.forbidden.conditions):
        evaluation = _evaluation(strategy.spec, snapshot)
    context = gate_context(
        request.idea,
        request.confidence_score,
        snapshot,
        inputs.account,
        inputs.desk,
        strategy,
        inputs.policy.policy,
        first=False,
        market=market,
        evaluation=evaluation,
        approval=request.approval,
        at_most=_at_most(request),
    )
    return _judged(inputs, request.idea, judge(context), market=market, evaluation=evaluation)


def _at_most(request: RejudgeRequest) -> Decimal | None:
    """Return the most lots that the request and the person's approval leave; both only lower."""
    limits = [request.at_most, None if request.approval is None else request.approval.max_lots]
    return min((limit for limit in limits if limit is not None), default=None)


def _manage(inputs: DecisionInputs, request: ManageRequest) -> Decision:
    position, held = _open_position(inputs, request.ticket), inputs.desk.position(request.ticket)
    strategy, snapshot = _strategy(inputs, None if held is None else held.side), inputs.snapshot
    bars = snapshot.series(strategy.spec.timeframe)
    evaluation = None
    if bars is not None and len(bars):
        evaluation = _evaluation(strategy.spec, snapshot)
    if position is None or held is None:
        plan: PositionPlan = Keep(reason=f"position {request.ticket} is not the desk's, or not open")
        return _blank(inputs, Result.KEEP, evaluation=evaluation, plan=plan)
    plan = plan_position(
        Situation(
            position=position,
            held=held,
            spec=strategy.spec,
            evaluation=evaluation,
            snapshot=snapshot,
            policy=inputs.policy.policy,
            refused_repairs=request.refused_repairs,
        )
    )
    server = snapshot.server_clock.to_server(inputs.as_of)
    if not isinstance(plan, Keep) and not snapshot.instrument.trading_hours.contains(server):
        # The broker refuses every order now; the same plan comes up again when the market opens.
        plan = Keep(reason=f"the market is closed, due at its opening: {plan.reason}")
    return _carry_out(inputs, plan, position, held, evaluation)


def _close(inputs: DecisionInputs, request: CloseRequest) -> Decision:
    position = _open_position(inputs, request.ticket)
    plan = CloseAll(lots=request.lots, reason=f"closed by {request.actor}")
    return _carry_out(inputs, plan, position, None, None, ticket=request.ticket)


def _carry_out(
    inputs: DecisionInputs,
    plan: PositionPlan,
    position: Position | None,
    held: DeskPosition | None,
    evaluation: Evaluation | None,
    *,
    ticket: int | None = None,
) -> Decision:
    number = ticket if position is None or ticket is not None else position.ticket
    if isinstance(plan, Keep) or number is None:
        return _blank(inputs, Result.KEEP, evaluation=evaluation, plan=plan)
    if isinstance(plan, SetStop):
        return _protect(inputs, plan, number, position, held, evaluation)
    return _reduce(inputs, plan, number, position, evaluation)


def _protect(
    inputs: DecisionInputs,
    plan: SetStop,
    ticket: int,
    position: Position | None,
    held: DeskPosition | None,
    evaluation: Evaluation | None,
) -> Decision:
    """Return the decision on a stop; the target stays as the broker has it, or comes back with a missing stop."""
    snapshot = inputs.snapshot
    request = ProtectRequest(ticket=ticket, symbol=snapshot.symbol, stop_loss=plan.stop_loss)
    verdict = judge_protect(request, inputs.account, snapshot.instrument)
    decision = replace(_blank(inputs, Result.REJECTED, evaluation=evaluation, plan=plan), verdict=verdict)
    if verdict.outcome is not Outcome.EXECUTE:
        return decision
    present = None if position is None else position.take_profit
    intent = protect_intent(
        request,
        ApprovedVerdict(verdict),
        decision_id=inputs.decision_id,
        take_profit=held.take_profit if present is None and held is not None else present,
        reason=plan.reason,
        judged_at=inputs.as_of,
        rule="" if plan.rule is None else plan.rule.value,
    )
    return replace(decision, result=Result.EXECUTE, intent=intent)


def _reduce(
    inputs: DecisionInputs,
    plan: CloseAll | ClosePart,
    ticket: int,
    position: Position | None,
    evaluation: Evaluation | None,
) -> Decision:
    """Return the decision on a closing."""
    snapshot = inputs.snapshot
    request = ReduceRequest(ticket=ticket, symbol=snapshot.symbol, lots=plan.lots)
    verdict = judge_reduce(request, inputs.account, snapshot.instrument)
    decision = replace(_blank(inputs, Result.REJECTED, evaluation=evaluation, plan=plan), verdict=verdict)
    if verdict.outcome is not Outcome.EXECUTE or position is None:
        return decision
    intent = reduce_intent(
        request,
        ApprovedVerdict(verdict),
        decision_id=inputs.decision_id,
        side=position.side,
        reason=plan.reason,
        judged_at=inputs.as_of,
        rule="" if plan.rule is None else plan.rule.value,
        targets_done=plan.targets_done if isinstance(plan, ClosePart) else None,
    )
    return replace(decision, result=Result.EXECUTE, intent=intent)


def _judged(inputs: DecisionInputs, idea: TradeIdea, verdict: Verdict, **stages: Any) -> Decision:
    """Return the decision on ``idea``; a verdict in which nothing blocks comes with its order."""
    intent, quote = None, inputs.snapshot.quote
    if verdict.outcome is Outcome.EXECUTE and quote is not None:
        intent = intent_from(
            idea,
            ApprovedVerdict(verdict),
            decision_id=inputs.decision_id,
            price=quote.entry(idea.side),
            account_key=inputs.account_key,
            judged_at=inputs.as_of,
            max_deviation_points=inputs.policy.policy.slippage_points,
        )
    return _blank(inputs, _RESULTS[verdict.outcome], idea=idea, verdict=verdict, intent=intent, **stages)


def _blank(
    inputs: DecisionInputs,
    result: Result,
    *,
    evaluation: Evaluation | None = None,
    market: MarketState | None = None,
    confidence: Confidence | None = None,
    idea: TradeIdea | None = None,
    verdict: Verdict | None = None,
    plan: PositionPlan | None = None,
    intent: OrderIntent | None = None,
    no_idea: str = "",
) -> Decision:
    """Return a decision in which the stages that are not named did not run."""
    return _make_decision(
        decision_id=inputs.decision_id,
        as_of=inputs.as_of,
        symbol=inputs.snapshot.symbol,
        result=result,
        evaluation=evaluation,
        market=market,
        confidence=confidence,
        idea=idea,
        verdict=verdict,
        plan=plan,
        intent=intent,
        no_idea=no_idea,
    )


def _strategy(inputs: DecisionInputs, side: Side | None) -> StrategyVersion:
    """Return the strategy as it trades ``side``."""
    if inputs.strategy is None:
        raise ValueError(f"decision {inputs.decision_id} needs a strategy")
    return inputs.strategy.on_side(side) if side in inputs.strategy.sides else inputs.strategy


def _open_position(inputs: DecisionInputs, ticket: int) -> Position | None:
    if inputs.account is None:
        return None
    return next((held for held in inputs.account.positions if held.ticket == ticket), None)
