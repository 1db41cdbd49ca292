"""Evaluating a strategy on a symbol and recording what follows.

Without a setup only a compact row remains. With an idea, the decision is taken again on the desk's state under the
account's lock, and judged and recorded in that one transaction, before anything leaves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import Decision, DecisionInputs, EvaluateRequest, Result, decide, decision_digest
from tradewarden.core.desk import IdeaStatus, IntentStatus, SetupKey
from tradewarden.core.ideas import TradeIdea
from tradewarden.core.orders import intent_digest
from tradewarden.core.risk.verdict import Verdict
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.core.values import ZERO, Side
from tradewarden.ports.storage import EvaluationRow, IdeaRecord, IntentRecord, Writing
from tradewarden.services.book import Book, read_book
from tradewarden.services.context import Desk
from tradewarden.services.end_ideas import end_invalidated
from tradewarden.services.explain import rationale
from tradewarden.services.gathering import embargo_now, inputs_of, keep_decision, observe
from tradewarden.services.halt_trading import halt_within

WALL_APPROVAL_TIME = timedelta(minutes=2)
_STATUS = {
    Result.EXECUTE: (Action.AI_AUTO_EXECUTED, IdeaStatus.WAITING),
    Result.NEEDS_APPROVAL: (Action.AI_PROPOSED, IdeaStatus.NEEDS_APPROVAL),
    Result.REJECTED: (Action.RISK_REJECTED, IdeaStatus.REJECTED),
    Result.HALTED_BY_RISK: (Action.RISK_REJECTED, IdeaStatus.HALTED_BY_RISK),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an evaluation left behind: a row without a setup, or a recorded decision with its entry."""

    decision: Decision
    row: EvaluationRow | None
    seq: int | None
    intent_id: str | None
    embargo_title: str | None


def take_decision(
    desk: Desk, strategy: StrategyVersion, symbol: str, book: Book, *, as_of: datetime, side: Side | None = None
) -> Taken:
    """Evaluate ``strategy`` on ``symbol`` at ``as_of`` and record the outcome.

    ``side`` is the one to look at where the strategy trades both; it may be left out where there is only one.

    ``book`` is the desk's state for the first look; an idea is judged again on the state under the lock. Raises
    MarketDataUnavailable when the symbol cannot be priced, StorageUnavailable when the record is out of reach.
    """
    world = observe(desk, symbol, strategy, book, as_of)
    bars = world.snapshot.series(strategy.spec.timeframe)
    bar = "none" if bars is None or not len(bars) else str(int(bars.ended_at[-1]))
    side = side or strategy.spec.side
    # The long side is named as before there were two, so that what was recorded then keeps its identity.
    names = (
        (strategy.strategy_id, symbol, bar) if side is strategy.spec.side else (strategy.strategy_id, symbol, bar, side)
    )
    decision_id = desk.ids.next_id("evaluate", *names)
    request = EvaluateRequest(side=side)
    inputs = inputs_of(desk, world, book, request, decision_id=decision_id, strategy=strategy)
    decision = decide(inputs)
    end_invalidated(desk, book, decision, SetupKey(strategy_id=strategy.strategy_id, symbol=symbol, side=side))
    event = embargo_now(world.snapshot, strategy, book.policy.policy)
    title = None if event is None else event.title
    if decision.idea is None:
        _rearm(desk, decision, strategy, symbol, side, book)
        row = _row(decision, strategy, title)
        return Taken(decision=decision, row=row, seq=None, intent_id=None, embargo_title=title)
    with desk.storage.write() as tx:
        return _record(tx, desk, symbol, request, decision_id, strategy, title)


def _record(
    tx: Writing,
    desk: Desk,
    symbol: str,
    request: EvaluateRequest,
    decision_id: str,
    strategy: StrategyVersion,
    embargo_title: str | None,
) -> Taken:
    # The statement is taken under the lock: an order that another thread fills meanwhile is in it, or in the book.
    book = read_book(tx)
    world = observe(desk, symbol, strategy, book)
    current = tx.strategy(strategy.strategy_id, strategy.version)
    judged = strategy if current is None else current.version
    inputs = inputs_of(desk, world, book, request, decision_id=decision_id, strategy=judged, recording=True)
    decision = decide(inputs)
    idea, verdict = decision.idea, decision.verdict
    if idea is None or verdict is None:
        row = _row(decision, strategy, embargo_title)
        return Taken(decision=decision, row=row, seq=None, intent_id=None, embargo_title=embargo_title)
    action, status = _STATUS[decision.result]
    text = rationale(decision, strategy.spec.name)
    entry = keep_decision(tx, desk, inputs, decision, action=action, actor="desk", rationale=text)
    _save_idea(tx, desk, inputs, decision, idea, verdict, status=status, seq=entry.seq, text=text)
    if status.is_open:
        tx.spend_setup(SetupKey(strategy_id=idea.strategy_id, symbol=idea.symbol, side=idea.side))
    intent_id = enqueue(tx, decision, entry.seq)
    cause = verdict.halt_cause
    if cause is not None and book.halt is None:
        reason = f"{cause.code}: {cause.observed}, limit {cause.limit}"
        halt_within(tx, at=inputs.as_of, actor=f"rule:{cause.code}", reason=reason, code=cause.code)
    return Taken(decision=decision, row=None, seq=entry.seq, intent_id=intent_id, embargo_title=embargo_title)


def enqueue(tx: Writing, decision: Decision, seq: int) -> str | None:
    """Put the decision's intent, if it has one, into the outbox and return its id."""
    intent = decision.intent
    if intent is None:
        return None
    tx.save_intent(
        IntentRecord(
            intent=intent,
            digest=intent_digest(intent),
            history_seq=seq,
            status=IntentStatus.QUEUED,
            position_ticket=None,
            lookups=0,
            last_lookup_at=None,
            detail="",
            updated_at=decision.as_of,
        )
    )
    return intent.intent_id


def _save_idea(
    tx: Writing,
    desk: Desk,
    inputs: DecisionInputs,
    decision: Decision,
    idea: TradeIdea,
    verdict: Verdict,
    *,
    status: IdeaStatus,
    seq: int,
    text: str,
) -> None:
    """Keep the idea as the record's first word on it."""
    tx.save_idea(
        IdeaRecord(
            idea=idea,
            status=status,
            confidence_score=ZERO if decision.confidence is None else decision.confidence.score,
            lots=verdict.lots,
            risk_amount=verdict.risk_amount,
            rationale=text,
            history_seq=seq,
            wall_expires_at=_wall_expires_at(desk, idea, inputs.as_of),
            updated_at=inputs.as_of,
        )
    )


def _wall_expires_at(desk: Desk, idea: TradeIdea, as_of: datetime) -> datetime | None:
    """Return when the idea ends in wall time under an accelerated clock: with it, and not before two minutes."""
    speed = desk.clock.speed
    if speed is None or speed <= 1:
        return None
    return desk.clock.wall_now() + max(WALL_APPROVAL_TIME, (idea.expires_at - as_of) / speed)


def _rearm(desk: Desk, decision: Decision, strategy: StrategyVersion, symbol: str, side: Side, book: Book) -> None:
    """Note that the entry has been false, so that the setup may be proposed again."""
    key = SetupKey(strategy_id=strategy.strategy_id, symbol=symbol, side=side)
    evaluation = decision.evaluation
    if key not in book.spent_setups or evaluation is None or evaluation.refusal is not None or evaluation.entry:
        return
    with desk.storage.write() as tx:
        tx.rearm_setup(key)


def _row(decision: Decision, strategy: StrategyVersion, embargo_title: str | None) -> EvaluationRow:
    evaluation, confidence = decision.evaluation, decision.confidence
    if evaluation is None or confidence is None:
        raise ValueError(f"decision {decision.decision_id} did not evaluate anything")
    return EvaluationRow(
        decision_id=decision.decision_id,
        as_of=decision.as_of,
        symbol=decision.symbol,
        strategy_id=strategy.strategy_id,
        strategy_version=strategy.version,
        bar_ended_at=evaluation.bar_ended_at,
        entry_held=evaluation.entry,
        exit_held=evaluation.exit,
        proximity=confidence.score,
        decision_digest=decision_digest(decision),
        refusal=evaluation.refusal or decision.no_idea or None,
        embargo_title=embargo_title,
    )
