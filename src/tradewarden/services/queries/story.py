"""Telling one recorded decision in flow order, from the record alone."""

from collections.abc import Iterator
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryEntry
from tradewarden.core.audit.codec import decode
from tradewarden.core.decision import (
    CloseRequest,
    Decision,
    DecisionInputs,
    EvaluateRequest,
    ManageRequest,
    RejudgeRequest,
)
from tradewarden.core.desk import loss_base
from tradewarden.core.errors import NotFound
from tradewarden.core.ideas import effective_embargo
from tradewarden.core.orders import OpenIntent, OrderIntent, ProtectIntent, ReduceIntent, intent_digest
from tradewarden.core.positions import CloseAll, ClosePart, PositionPlan, SetStop
from tradewarden.core.risk.context import gate_context
from tradewarden.core.strategy.conditions import ConditionResult
from tradewarden.core.strategy.evaluate import Evaluation, IndicatorReading
from tradewarden.core.values import ZERO
from tradewarden.ports.storage import IntentRecord, Reading, StoredDecision
from tradewarden.services.context import Desk
from tradewarden.services.queries.account import close_fill, intent_kind, open_fill
from tradewarden.services.queries.calendar import event_view
from tradewarden.services.queries.history import decision_id_of, entry_of, related_entries, related_view, words
from tradewarden.services.queries.market import bars_view
from tradewarden.services.queries.models.common import StrategyRef
from tradewarden.services.queries.models.market import EventView
from tradewarden.services.queries.models.story import (
    ConditionView,
    DecisionKind,
    DecisionStory,
    DeskSeen,
    EvaluationView,
    FillView,
    IndicatorView,
    IntentView,
    MarketStateView,
    OperandView,
    OrderEventView,
    PlanView,
    SizingView,
    StoryIdea,
)
from tradewarden.services.queries.views import (
    account_view,
    confidence_view,
    instrument_view,
    level_view,
    quote_view,
    target_views,
    verdict_view,
)
from tradewarden.services.recorded_content import cited_digests

_KINDS = {
    EvaluateRequest: DecisionKind.EVALUATE,
    RejudgeRequest: DecisionKind.REJUDGE,
    ManageRequest: DecisionKind.MANAGE,
    CloseRequest: DecisionKind.CLOSE,
}
_ORDER_ACTIONS = frozenset(
    {
        Action.ORDER_SUBMITTED,
        Action.ORDER_ACCEPTED,
        Action.ORDER_REJECTED,
        Action.ORDER_UNKNOWN,
        Action.ORDER_RECONCILED,
    }
)
_CLOSED_LOOK_BACK = 500


class NoDecision(NotFound):
    """The entry exists, and records no decision of its own: there is nothing to show or to recompute."""


def stored_decision(desk: Desk, seq: int) -> StoredDecision:
    """Return the decision that entry ``seq`` records. Raises NotFound without such an entry, else NoDecision."""
    with desk.storage.read() as reading:
        return _stored(reading, entry_of(reading, seq))


def decision_story(desk: Desk, seq: int) -> DecisionStory:
    """Return the decision of entry ``seq`` stage by stage. Raises as :func:`stored_decision`, and IntegrityError."""
    with desk.storage.read() as reading:
        entry = entry_of(reading, seq)
        stored = _stored(reading, entry)
        blobs = reading.blobs(sorted(set(cited_digests(stored.inputs))))
        related = related_entries(reading, entry)
        decision = decode(Decision, stored.decision)
        intent = _intent_record(reading, decision.intent)
        idea_id = entry.draft.trade_idea_id
        told = tuple(_fills(reading, idea_id)) if idea_id is not None else ()
    inputs = decode(DecisionInputs, stored.inputs, blobs)
    return _story(entry, stored, inputs, decision, intent, related, told)


def _stored(reading: Reading, entry: HistoryEntry) -> StoredDecision:
    stored = reading.decision_at(entry.seq)
    if stored is None:
        raise NoDecision(f"history entry {entry.seq} ({entry.draft.action}) records no decision of its own")
    return stored


def _story(
    entry: HistoryEntry,
    stored: StoredDecision,
    inputs: DecisionInputs,
    decision: Decision,
    intent: IntentRecord | None,
    related: tuple[HistoryEntry, ...],
    told: tuple[FillView, ...],
) -> DecisionStory:
    snapshot, strategy, policy = inputs.snapshot, inputs.strategy, inputs.policy.policy
    quote, confidence = snapshot.quote, decision.confidence
    orders = tuple(_order_event(other) for other in related if _belongs(other, stored.decision_id, inputs))
    return DecisionStory(
        seq=entry.seq,
        decision_id=stored.decision_id,
        kind=_KINDS[type(inputs.request)],
        as_of=inputs.as_of,
        symbol=snapshot.symbol,
        result=decision.result,
        engine_version=stored.engine_version,
        library_versions=dict(stored.library_versions),
        inputs_digest=stored.inputs_digest,
        decision_digest=stored.decision_digest,
        bars=tuple(bars_view(bars, snapshot.instrument, as_of=inputs.as_of) for bars in snapshot.bars),
        quote=None if quote is None else quote_view(snapshot.symbol, quote, snapshot.instrument, inputs.as_of),
        instrument=instrument_view(snapshot.instrument),
        account=None if inputs.account is None else account_view(inputs.account),
        desk=_desk_seen(inputs),
        strategy=None
        if strategy is None
        else StrategyRef(strategy_id=strategy.strategy_id, name=strategy.spec.name, version=strategy.version),
        strategy_digest=None if strategy is None else strategy.digest,
        calendar_captured_at=snapshot.calendar.captured_at,
        calendar=_calendar(inputs),
        evaluation=None if decision.evaluation is None else evaluation_view(decision.evaluation),
        market=market_view(decision),
        confidence=None if confidence is None else confidence_view(confidence, policy),
        idea=_idea(decision, inputs),
        sizing=_sizing(decision, inputs),
        verdict=None if decision.verdict is None else verdict_view(decision.verdict),
        plan=None if decision.plan is None else _plan(decision.plan),
        intent=None if decision.intent is None else _intent(decision.intent, intent),
        orders=orders,
        fills=told,
        related=tuple(related_view(other) for other in related),
    )


def _belongs(entry: HistoryEntry, decision_id: str, inputs: DecisionInputs) -> bool:
    """Return whether an entry tells of this decision's order: an idea has one, a position may have several."""
    if entry.draft.action not in _ORDER_ACTIONS:
        return False
    about_position = isinstance(inputs.request, ManageRequest | CloseRequest)
    return not about_position or decision_id_of(entry) == decision_id


def _desk_seen(inputs: DecisionInputs) -> DeskSeen:
    desk, policy = inputs.desk, inputs.policy
    return DeskSeen(
        mode=policy.policy.mode,
        ai_trading_enabled=policy.policy.ai_trading_enabled,
        policy_version=policy.version,
        simulated=desk.simulated,
        reconciled=desk.reconciled,
        halt_code=None if desk.halt is None else desk.halt.code,
        halt_reason=None if desk.halt is None else desk.halt.reason,
        watchlist=desk.watchlist,
        open_ideas=len(desk.open_ideas),
        unfinished_intents=len(desk.unfinished_intents),
        own_positions=len(desk.positions),
        day_started_at=None if desk.day is None else desk.day.day_started_at,
        day_reference=None if desk.day is None else loss_base(desk.day, policy.policy.daily_loss_reference),
        high_water_mark=desk.high_water_mark,
    )


def _calendar(inputs: DecisionInputs) -> tuple[EventView, ...]:
    snapshot, policy = inputs.snapshot, inputs.policy.policy
    strategy = inputs.strategy
    embargo = policy.minimum_embargo if strategy is None else effective_embargo(strategy.spec, policy)
    exposed = {snapshot.symbol: snapshot.instrument.currencies}
    return tuple(event_view(event, embargo, exposed, inputs.as_of) for event in snapshot.calendar.events)


def evaluation_view(evaluation: Evaluation) -> EvaluationView:
    """Return an evaluation with every reading and condition."""
    return EvaluationView(
        bar_ended_at=evaluation.bar_ended_at,
        bars_used=evaluation.bars_used,
        bars_required=evaluation.bars_required,
        refusal=evaluation.refusal,
        entry=evaluation.entry,
        exit=evaluation.exit,
        strong=evaluation.strong,
        weak=evaluation.weak,
        strong_share=evaluation.strong_share,
        weak_share=evaluation.weak_share,
        stop_distance=evaluation.stop_distance,
        indicators=tuple(
            IndicatorView(
                name=reading.name,
                kind=reading.kind,
                period=reading.period,
                parameters=_parameters(reading),
                unit=reading.unit,
                value=reading.value,
                previous=reading.previous,
                bars_used=reading.bars_used,
                minimum_window=reading.minimum_window,
            )
            for reading in evaluation.indicators
        ),
        conditions=tuple(view for condition in evaluation.conditions for view in _conditions(condition)),
    )


def _parameters(reading: IndicatorReading) -> str:
    period = [str(reading.period)] if reading.period else []
    others = [f"{each.name} {each.value}" for each in reading.parameters]
    bars = [] if reading.timeframe is None else [f"on {reading.timeframe} bars"]
    return ", ".join([*period, *others, *bars])


def _conditions(condition: ConditionResult, depth: int = 0) -> Iterator[ConditionView]:
    """Yield a condition, then the members of a group, so that a screen can list them as they stand.

    A fact of a single comparison says that comparison already: its member is not listed again.
    """
    members = condition.members
    if len(members) == 1 and condition.text.endswith(f": {members[0].text}"):
        members = ()
    yield ConditionView(
        section=condition.section,
        depth=depth,
        pointer=condition.pointer,
        text=condition.text,
        holds=condition.holds,
        unknown=condition.unknown,
        operands=tuple(
            OperandView(text=operand.text, value=operand.value, previous=operand.previous)
            for operand in (() if members else condition.operands)
        ),
    )
    for member in members:
        yield from _conditions(member, depth + 1)


def market_view(decision: Decision) -> MarketStateView | None:
    """Return the state of the market that the score was given in."""
    market = decision.market
    if market is None:
        return None
    return MarketStateView(
        spread_points=market.spread_points,
        spread_median_points=market.spread_median_points,
        atr=market.atr,
        atr_percentile=market.atr_percentile,
        spike=market.spike,
    )


def _idea(decision: Decision, inputs: DecisionInputs) -> StoryIdea | None:
    idea = decision.idea
    if idea is None or inputs.strategy is None:
        return None
    return StoryIdea(
        idea_id=idea.idea_id,
        digest=idea.digest,
        symbol=idea.symbol,
        side=idea.side,
        entry=idea.entry,
        stop_loss=idea.stop_loss,
        take_profits=target_views(idea, inputs.strategy.spec),
        rr=idea.rr,
        levels=tuple(level_view(level) for level in idea.levels),
        created_at=idea.created_at,
        expires_at=idea.expires_at,
        expiry_rule=idea.expiry_rule,
    )


def _sizing(decision: Decision, inputs: DecisionInputs) -> SizingView | None:
    """Return how the lots came about: the decision records the result, the pure function gives the steps again."""
    idea, strategy, snapshot = decision.idea, inputs.strategy, inputs.snapshot
    if idea is None or strategy is None:
        return None
    at_most = inputs.request.at_most if isinstance(inputs.request, RejudgeRequest) else None
    sizing = gate_context(
        idea,
        ZERO,
        snapshot,
        inputs.account,
        inputs.desk,
        strategy,
        inputs.policy.policy,
        first=False,
        market=decision.market,
        at_most=at_most,
    ).sizing
    return SizingView(
        base=sizing.base,
        risk_fraction=sizing.risk_fraction,
        budget=sizing.budget,
        room=sizing.room,
        loss_per_lot=sizing.loss_per_lot,
        at_most=at_most,
        lots=sizing.lots,
        maximum_lots=sizing.maximum_lots,
        risk_amount=sizing.risk_amount,
        margin=sizing.margin,
        problem=sizing.problem,
    )


def _plan(plan: PositionPlan) -> PlanView:
    if isinstance(plan, CloseAll):
        return PlanView(kind="close", reason=plan.reason, lots=plan.lots, stop_loss=None)
    if isinstance(plan, ClosePart):
        return PlanView(kind="close_part", reason=plan.reason, lots=plan.lots, stop_loss=None)
    if isinstance(plan, SetStop):
        return PlanView(kind="set_stop", reason=plan.reason, lots=None, stop_loss=plan.stop_loss)
    return PlanView(kind="keep", reason=plan.reason, lots=None, stop_loss=None)


def _intent(intent: OrderIntent, record: IntentRecord | None) -> IntentView:
    opening = intent if isinstance(intent, OpenIntent) else None
    return IntentView(
        kind=intent_kind(intent),
        intent_id=intent.intent_id,
        digest=intent_digest(intent),
        symbol=intent.symbol,
        side=None if isinstance(intent, ProtectIntent) else intent.side,
        lots=None if isinstance(intent, ProtectIntent) else intent.lots,
        price=None if opening is None else opening.price,
        stop_loss=None if isinstance(intent, ReduceIntent) else intent.stop_loss,
        take_profit=None if isinstance(intent, ReduceIntent) else intent.take_profit,
        ticket=None if isinstance(intent, OpenIntent) else intent.ticket,
        # 63 bits do not fit a JSON number in a browser.
        magic=None if opening is None else str(opening.magic),
        not_after=None if opening is None else opening.not_after,
        status=None if record is None else record.status.value,
        position_ticket=None if record is None else record.position_ticket,
        detail=None if record is None else record.detail,
    )


def _intent_record(reading: Reading, intent: OrderIntent | None) -> IntentRecord | None:
    if intent is None:
        return None
    idea_id = intent.idea_id if isinstance(intent, OpenIntent) else None
    found = reading.intents(idea_id=idea_id, limit=_CLOSED_LOOK_BACK)
    return next((record for record in found if record.intent.intent_id == intent.intent_id), None)


def _order_event(entry: HistoryEntry) -> OrderEventView:
    payload: dict[str, Any] = dict(entry.draft.payload or {})
    reply = payload.get("reply")
    raw = reply.get("raw") if isinstance(reply, dict) else None
    return OrderEventView(
        seq=entry.seq,
        occurred_at=entry.draft.occurred_at,
        action=entry.draft.action,
        words=f"{words(entry)}. {entry.draft.rationale}",
        raw=raw if isinstance(raw, str) else None,
        payload=payload,
    )


def _fills(reading: Reading, idea_id: str) -> Iterator[FillView]:
    """Yield the fills of one idea's position, oldest first."""
    for held in reading.positions():
        if held.idea_id == idea_id:
            yield open_fill(held)
    for closed in reading.closed_positions(limit=_CLOSED_LOOK_BACK):
        if closed.position.idea_id == idea_id:
            yield open_fill(closed.position)
            yield close_fill(closed)
