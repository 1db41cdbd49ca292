"""Closing a position because a person or a rule of the policy said so: reduce-only, no halt blocks it."""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.audit.chain import Action
from tradewarden.core.decision import CloseRequest, Result, decide
from tradewarden.core.errors import InvalidInput, NotFound
from tradewarden.core.orders import SubmitOutcome
from tradewarden.services.book import read_book
from tradewarden.services.context import Desk
from tradewarden.services.explain import failures
from tradewarden.services.gathering import inputs_of, keep_decision, observe
from tradewarden.services.submit_order import submit_order
from tradewarden.services.take_decision import enqueue


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseResult:
    """The entry of the closing decision and what the broker answered."""

    seq: int
    outcome: SubmitOutcome | None


def close_position(desk: Desk, ticket: int, *, actor: str, lots: Decimal | None = None) -> CloseResult:
    """Close ``lots`` (all by default) of the position ``ticket``.

    Raises NotFound when the broker holds no such position, InvalidInput for lots off the step or above what is open,
    BrokerUnavailable when the account gives no statement.
    """
    account = desk.broker.account()
    position = next((held for held in account.positions if held.ticket == ticket), None)
    if position is None:
        raise NotFound(f"no open position {ticket}")
    if lots is not None and not lots.is_finite():
        raise InvalidInput(f"{lots} lots is not a size; position {ticket} has {position.lots}")
    with desk.storage.read() as reading:
        known = read_book(reading)
    world = observe(desk, position.symbol, None, known)
    request = CloseRequest(ticket=ticket, lots=position.lots if lots is None else lots, actor=actor)
    decision_id = desk.ids.next_id("close", str(ticket))
    with desk.storage.write() as tx:
        book = read_book(tx)
        held = next((own for own in book.positions if own.ticket == ticket), None)
        inputs = inputs_of(desk, world, book, request, decision_id=decision_id, strategy=None, recording=True)
        decision = decide(inputs)
        if decision.result is not Result.EXECUTE:
            why = "no verdict" if decision.verdict is None else failures(decision.verdict)
            raise InvalidInput(f"position {ticket} cannot be closed so: {why}")
        entry = keep_decision(
            tx,
            desk,
            inputs,
            decision,
            action=Action.POSITION_MANAGED,
            actor=actor,
            rationale=f"close {request.lots} of position {ticket} in {position.symbol}, asked by {actor}",
            idea_id=None if held is None else held.idea_id,
            human_override=actor.startswith("user:"),
            extra={"closed_wall_at": desk.clock.wall_now().isoformat()},
        )
        intent_id = enqueue(tx, decision, entry.seq)
    outcome = None if intent_id is None else submit_order(desk, intent_id)
    return CloseResult(seq=entry.seq, outcome=outcome)
