"""What approving an idea would do right now: the gate's own answer, with money beside it, and nothing recorded."""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.decision import RejudgeRequest, decide
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.errors import Conflict, IntegrityError, NotFound
from tradewarden.core.ideas import Approval
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.checks_trade import worst_fill
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.sizing import loss_per_lot, sizing_base
from tradewarden.core.risk.verdict import Outcome, Verdict
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.core.values import derive_id
from tradewarden.ports.storage import IdeaRecord
from tradewarden.services.approve_idea import asked, check_lots
from tradewarden.services.book import Book, read_book
from tradewarden.services.context import Desk
from tradewarden.services.gathering import World, inputs_of, observe
from tradewarden.services.judge_again import strategy_of
from tradewarden.services.queries.models.ideas import ApprovalOffer
from tradewarden.services.queries.money import reward_amount, share
from tradewarden.services.queries.views import check_view, quote_view

# Names the person in a judgement that is never recorded.
_NOBODY = "preview"


@dataclass(frozen=True, slots=True)
class _Judged:
    """The verdict on an approval, and the average true range it was judged with."""

    verdict: Verdict
    atr: Decimal | None


def approval_offer(desk: Desk, idea_id: str, *, lots: Decimal | None) -> ApprovalOffer:
    """Return what approving ``lots`` (the most that is allowed by default) would do.

    Raises NotFound, Conflict for an idea that waits for nobody, InvalidInput for lots that an approval would refuse,
    MarketDataUnavailable when the symbol cannot be priced.
    """
    with desk.storage.read() as reading:
        record = reading.idea(idea_id)
        if record is None:
            raise NotFound(f"no idea {idea_id}")
        if record.status is not IdeaStatus.NEEDS_APPROVAL:
            raise Conflict(f"idea {idea_id} is {record.status} and waits for nobody")
        strategy, book = strategy_of(reading, record), read_book(reading)
        answers = asked(reading, record)
    world = observe(desk, record.idea.symbol, strategy, book)
    if lots is not None:
        check_lots(lots, record, world.snapshot.instrument)
    most = _judge(desk, record, strategy, book, world, answers, record.lots)
    judged = most if lots is None else _judge(desk, record, strategy, book, world, answers, lots)
    return _offer(desk, record, book.policy.policy, world, judged, lots_max=most.verdict.lots)


def _judge(
    desk: Desk,
    record: IdeaRecord,
    strategy: StrategyVersion,
    book: Book,
    world: World,
    answers: tuple[str, ...],
    lots: Decimal,
) -> _Judged:
    approval = Approval(
        actor=_NOBODY,
        idea_digest=record.idea.digest,
        max_lots=lots,
        worst_price=None,
        answers=answers,
        approved_at=world.snapshot.as_of,
    )
    request = RejudgeRequest(
        idea=record.idea, confidence_score=record.confidence_score, approval=approval, at_most=lots
    )
    # Not an id of the desk's: asking must not move the sequence that real decisions take theirs from.
    decision_id = derive_id(_NOBODY, record.idea.idea_id)
    decision = decide(inputs_of(desk, world, book, request, decision_id=decision_id, strategy=strategy))
    if decision.verdict is None:
        raise IntegrityError(f"judging idea {record.idea.idea_id} again gave no verdict")
    return _Judged(decision.verdict, None if decision.market is None else decision.market.atr)


def _offer(
    desk: Desk, record: IdeaRecord, policy: RiskPolicy, world: World, judged: _Judged, *, lots_max: Decimal
) -> ApprovalOffer:
    idea, instrument, quote = record.idea, world.snapshot.instrument, world.snapshot.quote
    account, verdict = world.account, judged.verdict
    worst = worst_fill(idea, policy, instrument, judged.atr)
    price = None if quote is None else quote.entry(idea.side)
    base = None if account is None else sizing_base(account, policy)
    sized = verdict.lots > 0
    return ApprovalOffer(
        idea_id=idea.idea_id,
        idea_digest=idea.digest,
        as_of=world.snapshot.as_of,
        currency=None if account is None else account.currency,
        lots=verdict.lots,
        lots_min=instrument.volume_min,
        lots_step=instrument.volume_step,
        lots_max=lots_max,
        price=price,
        # Where no bound can be computed the gate denies whatever the price is.
        worst_price=idea.entry if worst is None else worst,
        quote=None if quote is None else quote_view(idea.symbol, quote, instrument, desk.clock.market_now()),
        risk_per_lot=loss_per_lot(instrument, policy, entry=price, stop_loss=idea.stop_loss),
        risk_amount=verdict.risk_amount if sized else None,
        risk_fraction=share(verdict.risk_amount, base) if sized else None,
        reward_amount=reward_amount(instrument, policy, lots=verdict.lots, entry=price, idea=idea)
        if sized and price is not None
        else None,
        margin=verdict.margin if sized else None,
        can_approve=verdict.outcome is Outcome.EXECUTE,
        outcome=verdict.outcome,
        blocked_by=tuple(entry.code for entry in verdict.failures()),
        asks=_asks(verdict),
        checks=tuple(check_view(entry) for entry in verdict.checks),
    )


def _asks(verdict: Verdict) -> tuple[Code, ...]:
    """Return the questions that the approval answers."""
    return tuple(entry.code for entry in verdict.checks if not entry.passed and entry.on_fail is OnFail.ASK)
