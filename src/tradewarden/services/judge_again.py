"""Judging a recorded idea again, on a fresh quote and account: after an approval, or just before sending."""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.decision import Decision, DecisionInputs, RejudgeRequest, decide
from tradewarden.core.errors import IntegrityError
from tradewarden.core.ideas import Approval
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.ports.storage import IdeaRecord, Reading
from tradewarden.services.book import read_book
from tradewarden.services.context import Desk
from tradewarden.services.gathering import inputs_of, observe


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A re-judgement that is not recorded yet."""

    inputs: DecisionInputs
    decision: Decision


def strategy_of(reading: Reading, record: IdeaRecord) -> StrategyVersion:
    """Return the strategy version that the idea came from, active as it is now."""
    idea = record.idea
    found = reading.strategy(idea.strategy_id, idea.strategy_version)
    if found is None:
        raise IntegrityError(f"idea {idea.idea_id} cites strategy {idea.strategy_id} version {idea.strategy_version}")
    return found.version


def judge_again(
    tx: Reading,
    desk: Desk,
    record: IdeaRecord,
    strategy: StrategyVersion,
    *,
    approval: Approval | None,
    at_most: Decimal | None,
    purpose: str,
) -> Judged:
    """Return the decision on ``record`` as market, account and book are now, under the lock.

    The statement is taken under the lock: an order that another thread fills meanwhile is in it, or in the book.
    """
    book = read_book(tx)
    world = observe(desk, record.idea.symbol, strategy, book)
    request = RejudgeRequest(
        idea=record.idea, confidence_score=record.confidence_score, approval=approval, at_most=at_most
    )
    decision_id = desk.ids.next_id(purpose, record.idea.idea_id)
    inputs = inputs_of(desk, world, book, request, decision_id=decision_id, strategy=strategy, recording=True)
    return Judged(inputs=inputs, decision=decide(inputs))
