"""Explaining a strategy at one bar: the same evaluation, score and levels as a decision's, shown whole.

Nothing is recorded and nothing is sent. A moment in the past is read from the bars that had ended then; the account
and the desk's book are those of now, and the quote is the newest bar's close with its spread.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tradewarden.core.decision import Decision, DecisionInputs, EvaluateRequest, decide
from tradewarden.core.errors import BrokerUnavailable, InvalidInput, NotFound
from tradewarden.core.ideas import NoIdea, TradeIdea, draft
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.strategy.conditions import ConditionResult
from tradewarden.core.strategy.document import document_digest, parse_sides
from tradewarden.core.strategy.evaluate import Evaluation, required_bars
from tradewarden.core.strategy.plan import FORBIDDEN, INVALIDATION
from tradewarden.core.strategy.spec import Condition, Group, StrategySpec, StrategyVersion
from tradewarden.core.values import Side, derive_id, round_to_step
from tradewarden.services.book import Book, read_book
from tradewarden.services.context import Desk
from tradewarden.services.gathering import World, bars_needed, inputs_of, observe
from tradewarden.services.queries.models.common import LevelView
from tradewarden.services.queries.models.explanation import (
    BarsRead,
    ConditionNode,
    ConditionSection,
    Explanation,
    ExplanationList,
)
from tradewarden.services.queries.models.story import OperandView
from tradewarden.services.queries.story import evaluation_view, market_view
from tradewarden.services.queries.views import confidence_view, level_view, quote_view, verdict_view


def version_of(document: str | bytes, *, source: str) -> StrategyVersion:
    """Return ``document`` as the first version of a strategy. Raises InvalidStrategy with every problem found."""
    spec, short = parse_sides(document, source=source)
    return StrategyVersion(
        strategy_id=derive_id("strategy", spec.name),
        version=1,
        digest=document_digest(document),
        is_active=True,
        spec=spec,
        short=short,
    )


def published_version(desk: Desk, strategy_id: str) -> StrategyVersion:
    """Return the newest version of a published strategy. Raises NotFound."""
    with desk.storage.read() as reading:
        record = reading.strategy(strategy_id)
    if record is None:
        raise NotFound(f"no strategy {strategy_id}")
    return record.version


def explain_strategy(
    desk: Desk, version: StrategyVersion, symbol: str, *, at: datetime | None = None
) -> ExplanationList:
    """Return what each side of ``version`` says of ``symbol`` now, or at the past moment ``at``.

    The symbol need not be one that the strategy allows. Raises NotFound for a symbol that the market does not offer,
    InvalidInput for a moment that is still to come, and MarketDataUnavailable when the symbol cannot be priced.
    """
    if symbol not in desk.market.symbols():
        raise NotFound(f"the market has no {symbol}; it has {', '.join(desk.market.symbols())}")
    with desk.storage.read() as reading:
        book = read_book(reading)
    now = desk.clock.market_now()
    if at is not None and at > now:
        raise InvalidInput(f"{at.isoformat()} is still to come: the market stands at {now.isoformat()}")
    world = observe(desk, symbol, version, book) if at is None else _world_at(desk, symbol, version, at)
    return ExplanationList(
        explanations=tuple(
            _explained(desk, world, book, version, side, at_bar=at is not None) for side in version.sides
        )
    )


def evaluate_symbol(desk: Desk, symbol: str) -> ExplanationList:
    """Return what every active strategy that trades ``symbol`` says of it now; nothing is recorded or acted on.

    Raises NotFound for a symbol that the market does not offer or that no active strategy trades, and
    MarketDataUnavailable when it cannot be priced.
    """
    if symbol not in desk.market.symbols():
        raise NotFound(f"the market has no {symbol}; it has {', '.join(desk.market.symbols())}")
    with desk.storage.read() as reading:
        versions = [record.version for record in reading.strategies() if record.version.is_active]
    trading = [version for version in versions if symbol in version.spec.allowed_symbols]
    if not trading:
        raise NotFound(f"no active strategy trades {symbol}")
    found = [explain_strategy(desk, version, symbol) for version in trading]
    return ExplanationList(explanations=tuple(each for told in found for each in told.explanations))


def _world_at(desk: Desk, symbol: str, version: StrategyVersion, at: datetime) -> World:
    """Return the market as it stood at ``at``, and the account as it is now."""
    instrument = desk.market.instrument(symbol)
    needed = bars_needed(version).items()
    bars = tuple(desk.market.closed_bars(symbol, timeframe, count, at) for timeframe, count in needed)
    snapshot = MarketSnapshot(
        symbol=symbol,
        as_of=at,
        instrument=instrument,
        quote=_quote_of(bars[0], instrument),
        bars=bars,
        calendar=desk.calendar.view(at, instrument.currencies),
        server_clock=desk.market.server_clock,
    )
    try:
        account = desk.broker.account()
    except BrokerUnavailable:
        account = None
    return World(snapshot=snapshot, account=account)


def _quote_of(bars: Bars, instrument: Instrument) -> Quote | None:
    """Return the close of the newest bar, which is a bid, with the bar's spread."""
    if not len(bars):
        return None
    bid = round_to_step(Decimal(repr(float(bars.close[-1]))), instrument.tick_size)
    spread = Decimal(int(bars.spread[-1])) * instrument.point
    return Quote(bid=bid, ask=bid + spread, at=datetime.fromtimestamp(int(bars.ended_at[-1]), UTC))


def _explained(
    desk: Desk, world: World, book: Book, version: StrategyVersion, side: Side, *, at_bar: bool
) -> Explanation:
    request = EvaluateRequest(side=side)
    inputs = inputs_of(desk, world, book, request, decision_id="explain", strategy=version)
    decision, spec = decide(inputs), version.on_side(side).spec
    evaluation, confidence, snapshot = decision.evaluation, decision.confidence, world.snapshot
    if evaluation is None:
        raise InvalidInput(f"{spec.name} could not be evaluated on {snapshot.symbol}")
    idea, problem = _levels(inputs, decision, evaluation, version.on_side(side))
    quote = snapshot.quote
    return Explanation(
        strategy=spec.name,
        document_digest=version.digest,
        symbol=snapshot.symbol,
        side=side,
        as_of=inputs.as_of,
        market=desk.market_label,
        bars=tuple(_bars_read(snapshot, spec)),
        quote=None if quote is None else quote_view(snapshot.symbol, quote, snapshot.instrument, inputs.as_of),
        quote_is_of_bar=at_bar,
        evaluation=evaluation_view(evaluation),
        conditions=_sections(spec, evaluation),
        market_state=market_view(decision),
        confidence=None if confidence is None else confidence_view(confidence, book.policy.policy),
        is_idea=decision.idea is not None,
        rr=None if idea is None else idea.rr,
        levels=_level_views(idea),
        levels_problem=problem,
        expires_at=None if idea is None else idea.expires_at,
        expiry_rule="" if idea is None else idea.expiry_rule,
        verdict=None if decision.verdict is None else verdict_view(decision.verdict),
    )


def _level_views(idea: TradeIdea | None) -> tuple[LevelView, ...]:
    return () if idea is None else tuple(level_view(level) for level in idea.levels)


def _levels(
    inputs: DecisionInputs, decision: Decision, evaluation: Evaluation, version: StrategyVersion
) -> tuple[TradeIdea | None, str]:
    """Return the idea, or the one that there would be if the setup held; and why there can be none."""
    if decision.idea is not None:
        return decision.idea, ""
    if evaluation.refusal is not None:
        return None, evaluation.refusal
    held = replace(evaluation, entry=True, exit=False, invalid=False)
    drafted = draft(version, inputs.snapshot, held, inputs.policy.policy, decision_id=inputs.decision_id)
    return (None, drafted.reason) if isinstance(drafted, NoIdea) else (drafted, "")


def _bars_read(snapshot: MarketSnapshot, spec: StrategySpec) -> Iterator[BarsRead]:
    for timeframe, required in required_bars(spec).items():
        bars = snapshot.series(timeframe)
        newest = None if bars is None or not len(bars) else bars
        tick = snapshot.instrument.tick_size
        prices = {
            name: None if newest is None else round_to_step(Decimal(repr(float(getattr(newest, name)[-1]))), tick)
            for name in ("open", "high", "low", "close")
        }
        yield BarsRead(
            timeframe=timeframe,
            count=0 if bars is None else len(bars),
            required=required,
            newest_ended_at=None if newest is None else newest.last_ended_at,
            **prices,
        )


def _sections(spec: StrategySpec, evaluation: Evaluation) -> tuple[ConditionSection, ...]:
    """Return every list that is not empty, in the order in which it counts."""
    listed: tuple[tuple[str, str, bool, tuple[Condition, ...]], ...] = (
        ("entry", "all must hold for an idea", evaluation.entry, spec.entry),
        ("exit", "any closes the position and prevents an idea", evaluation.exit, spec.exit),
        (INVALIDATION, "any prevents an idea and ends one that waits", evaluation.invalid, spec.invalidations),
        (FORBIDDEN, "any forbids opening", evaluation.forbidden, spec.forbidden.conditions),
        ("strong", "each that holds raises the confidence", evaluation.strong, spec.strong),
        ("weak", "each that holds lowers the confidence", evaluation.weak, spec.weak),
    )
    found = []
    for section, rule, holds, conditions in listed:
        results = [result for result in evaluation.conditions if result.section == section]
        nodes = tuple(_node(condition, result) for condition, result in zip(conditions, results, strict=False))
        if nodes:
            found.append(ConditionSection(section=section, rule=rule, holds=holds, conditions=nodes))
    return tuple(found)


def _node(condition: Condition, result: ConditionResult) -> ConditionNode:
    members: tuple[Condition, ...] = condition.members if isinstance(condition, Group) else ()
    return ConditionNode(
        text=result.text,
        fact=condition.fact if isinstance(condition, Group) else "",
        holds=result.holds,
        unknown=result.unknown,
        operands=tuple(
            OperandView(text=operand.text, value=operand.value, previous=operand.previous)
            for operand in result.operands
        ),
        members=tuple(_node(each, told) for each, told in zip(members, result.members, strict=True)),
    )
