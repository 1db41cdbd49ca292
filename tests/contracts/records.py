"""Records for the storage contract: small, real, and tied together as the desk would tie them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.builders import DECISION_ID, NOW, STRATEGY_ID, SYMBOL, D, a_desk_position, a_strategy, an_idea, some_inputs

from tradewarden.core.audit.chain import Action, HistoryDraft, HistoryEntry
from tradewarden.core.audit.codec import Blobs, encode
from tradewarden.core.decision import DecisionInputs, decide, decision_digest, inputs_digest
from tradewarden.core.desk import DeskPosition, IdeaStatus, IntentStatus
from tradewarden.core.orders import OpenIntent, OrderIntent, ReduceIntent, intent_digest
from tradewarden.core.values import Side
from tradewarden.ports.storage import (
    AccountPoint,
    ClosedPosition,
    EvaluationRow,
    IdeaRecord,
    IntentRecord,
    Storage,
    StoredDecision,
    StrategyRecord,
    Writing,
)


def a_draft(**changes: Any) -> HistoryDraft:
    """Return the draft of a note."""
    values: dict[str, Any] = {
        "occurred_at": NOW,
        "action": Action.ADMIN_NOTE,
        "actor": "user:Ada",
        "rationale": "a note",
    }
    return HistoryDraft(**(values | changes))


def a_strategy_record(*, version: int = 1, digest: str = "5" * 64, **changes: Any) -> StrategyRecord:
    """Return a published strategy."""
    strategy = replace(a_strategy(version=version, **changes), digest=digest)
    return StrategyRecord(version=strategy, document={"name": strategy.spec.name, "multiple": "1.5"}, published_at=NOW)


def an_idea_record(seq: int, *, status: IdeaStatus = IdeaStatus.WAITING, **changes: Any) -> IdeaRecord:
    """Return an idea recorded by the entry ``seq``."""
    return IdeaRecord(
        idea=an_idea(**changes),
        status=status,
        confidence_score=D("90.00"),
        lots=D("0.50"),
        risk_amount=D("100.00"),
        rationale="all entry conditions hold",
        history_seq=seq,
        wall_expires_at=None,
        updated_at=NOW,
    )


def an_open_intent(**changes: Any) -> OpenIntent:
    """Return the opening order of :func:`an_idea`."""
    values: dict[str, Any] = {
        "intent_id": "e" * 32,
        "decision_id": DECISION_ID,
        "idea_id": "1" * 32,
        "strategy_id": STRATEGY_ID,
        "symbol": SYMBOL,
        "side": Side.BUY,
        "lots": D("0.50"),
        "price": D("1.10000"),
        "stop_loss": D("1.09800"),
        "take_profit": D("1.10400"),
        "max_deviation_points": 5,
        "risk_amount": D("100.00"),
        "margin": D("550.00"),
        "magic": 4711,
        "comment": "tw-1",
        "verdict_digest": "7" * 64,
        "judged_at": NOW,
        "not_after": NOW + timedelta(minutes=2),
    }
    return OpenIntent(**(values | changes))


def a_reduce_intent(**changes: Any) -> ReduceIntent:
    """Return an order that closes :func:`a_desk_position`."""
    values: dict[str, Any] = {
        "intent_id": "c" * 32,
        "decision_id": DECISION_ID,
        "symbol": SYMBOL,
        "ticket": 1001,
        "side": Side.BUY,
        "lots": D("0.50"),
        "reason": "exit condition holds",
        "verdict_digest": "7" * 64,
        "judged_at": NOW,
    }
    return ReduceIntent(**(values | changes))


def an_intent_record(intent: OrderIntent, seq: int, *, status: IntentStatus = IntentStatus.QUEUED) -> IntentRecord:
    """Return ``intent`` in the outbox."""
    return IntentRecord(
        intent=intent,
        digest=intent_digest(intent),
        history_seq=seq,
        status=status,
        position_ticket=None,
        lookups=0,
        last_lookup_at=None,
        detail="",
        updated_at=NOW,
    )


def a_closed_position(seq: int, position: DeskPosition | None = None, **changes: Any) -> ClosedPosition:
    """Return a position that reached its target."""
    values: dict[str, Any] = {
        "position": position or a_desk_position(),
        "exit_price": D("1.10400"),
        "closed_at": NOW,
        "net_profit": D("188.50"),
        "commission": D("-1.50"),
        "swap": D("0.00"),
        "r_multiple": D("1.98"),
        "reason": "tp",
        "history_seq": seq,
    }
    return ClosedPosition(**(values | changes))


def an_evaluation(number: int, **changes: Any) -> EvaluationRow:
    """Return an evaluation without a setup, ``number`` minutes after ``NOW``."""
    values: dict[str, Any] = {
        "decision_id": f"{number:032x}",
        "as_of": NOW + timedelta(minutes=number),
        "symbol": SYMBOL,
        "strategy_id": STRATEGY_ID,
        "strategy_version": 1,
        "bar_ended_at": NOW,
        "entry_held": False,
        "exit_held": False,
        "proximity": D("35.00"),
        "decision_digest": "9" * 64,
        "refusal": None,
        "embargo_title": None,
    }
    return EvaluationRow(**(values | changes))


def a_point(at: datetime, equity: str = "100000.00") -> AccountPoint:
    """Return a point of the equity curve."""
    return AccountPoint(
        at=at,
        balance=D("100000.00"),
        equity=D(equity),
        margin=D("550.00"),
        margin_free=D("99450.00"),
        floating=D("0.00"),
        open_positions=1,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision as it was kept, with its history entry."""

    entry: HistoryEntry
    stored: StoredDecision
    blobs: Blobs
    inputs: DecisionInputs
    intent: OrderIntent | None


def keep_decision(tx: Writing, inputs: DecisionInputs | None = None, **changes: Any) -> Kept:
    """Take a real decision and keep it as the services do: entry, inputs, content."""
    inputs = inputs or some_inputs(**changes)
    decision = decide(inputs)
    blobs: Blobs = {}
    digest = inputs_digest(inputs, blobs)
    intent = decision.intent
    entry = tx.append(
        a_draft(
            occurred_at=inputs.as_of,
            action=Action.AI_AUTO_EXECUTED,
            actor="desk",
            symbol=inputs.snapshot.symbol,
            confidence_score=D("80.00"),
            strategy_id=STRATEGY_ID,
            snapshot_ref=digest,
            payload={
                "decision_id": decision.decision_id,
                "inputs_digest": digest,
                "decision_digest": decision_digest(decision),
                "intent_digest": None if intent is None else intent_digest(intent),
            },
        )
    )
    stored = StoredDecision(
        decision_id=decision.decision_id,
        seq=entry.seq,
        inputs=encode(inputs),
        inputs_digest=digest,
        decision=encode(decision),
        decision_digest=decision_digest(decision),
        engine_version="1",
        library_versions={"numpy": "2"},
    )
    tx.save_decision(stored, blobs)
    return Kept(entry=entry, stored=stored, blobs=blobs, inputs=inputs, intent=intent)


def keep_idea(storage: Storage, *, status: IdeaStatus = IdeaStatus.WAITING) -> int:
    """Keep a strategy, a decision and an idea that cites both; return the entry's seq."""
    with storage.write() as tx:
        tx.save_strategy(a_strategy_record())
        seq = keep_decision(tx).entry.seq
        tx.save_idea(an_idea_record(seq, status=status))
    return seq


def written(storage: Storage, act: Callable[[Writing], object]) -> None:
    """Run ``act`` in a transaction of its own."""
    with storage.write() as tx:
        act(tx)


def lots(text: str) -> Decimal:
    """Return lots."""
    return Decimal(text)
