"""Gathering a decision's inputs from the ports, and keeping a decision with them.

What is gathered is frozen into one ``DecisionInputs``; what is kept is its canonical encoding, the decision's, and
every digest that the history entry hashes.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from tradewarden.core.account import AccountState
from tradewarden.core.audit.canonical import JsonValue, decimal_text, digest_json
from tradewarden.core.audit.chain import Action, HistoryDraft, HistoryEntry
from tradewarden.core.audit.codec import Blobs, encode
from tradewarden.core.decision import ENGINE_VERSION, Decision, DecisionInputs, DecisionRequest, RejudgeRequest
from tradewarden.core.errors import BrokerUnavailable, MarketDataUnavailable
from tradewarden.core.ideas import effective_embargo
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.calendar import CalendarEvent, events_in_embargo
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.snapshot import ConversionQuote, HeldMarket, MarketSnapshot
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.orders import intent_digest
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import required_bars
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.ports.storage import StoredDecision, Writing
from tradewarden.services.book import Book, desk_state
from tradewarden.services.context import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The outside of the desk at one moment: the market and the account's statement."""

    snapshot: MarketSnapshot
    account: AccountState | None


def observe(
    desk: Desk, symbol: str, strategy: StrategyVersion | None, book: Book, as_of: datetime | None = None
) -> World:
    """Return the market of ``symbol`` and the account; the account is None when the broker does not answer.

    ``book`` says in which other symbols something is on its way: these and the account's positions are shown with
    contract and quote. Without ``as_of`` the moment is taken after the quotes, so that a market that moves meanwhile
    cannot show a quote from after the moment; with it, the moment moves on to the desk's clock when there is a newer
    quote. What is newer than that clock, too, is not shown, and the snapshot says how far the terminal is ahead.
    Raises MarketDataUnavailable when the symbol cannot be priced at all.
    """
    instrument = desk.market.instrument(symbol)
    quote = desk.market.quote(symbol)
    account = _statement(desk)
    held = _held(desk, symbol, account, book)
    conversions = _conversions(desk, instrument, held, account)
    shown = (quote, *(market.quote for market in held), *(conversion.quote for conversion in conversions))
    newest = max((price.at for price in shown if price is not None), default=None)
    if as_of is None or (newest is not None and newest > as_of):
        as_of = max(as_of, desk.clock.market_now()) if as_of is not None else desk.clock.market_now()
    ahead = 0
    if newest is not None and newest > as_of:
        ahead = ceil((newest - as_of).total_seconds())
        quote = _not_after(quote, as_of)
        held = tuple(replace(market, quote=_not_after(market.quote, as_of)) for market in held)
        conversions = tuple(conversion for conversion in conversions if conversion.quote.at <= as_of)
    bars: tuple[Bars, ...] = ()
    if strategy is not None:
        bars = tuple(
            desk.market.closed_bars(symbol, timeframe, count, as_of)
            for timeframe, count in bars_needed(strategy).items()
        )
    minded = () if strategy is None else strategy.spec.forbidden.currencies
    snapshot = MarketSnapshot(
        symbol=symbol,
        as_of=as_of,
        instrument=instrument,
        quote=quote,
        bars=bars,
        calendar=desk.calendar.view(as_of, instrument.currencies + minded),
        server_clock=desk.market.server_clock,
        conversions=conversions,
        held=held,
        clock_ahead_seconds=ahead,
    )
    return World(snapshot=snapshot, account=account)


def _held(desk: Desk, symbol: str, account: AccountState | None, book: Book) -> tuple[HeldMarket, ...]:
    """Return the markets of all other symbols with a position or an order on its way, by name.

    A market that cannot be read is left out, and noted: what is open there can then not be counted, which denies.
    """
    symbols = {intent.symbol for intent in book.unfinished_intents} | {own.symbol for own in book.positions}
    if account is not None:
        symbols |= {position.symbol for position in account.positions}
    markets = []
    for other in sorted(symbols - {symbol}):
        try:
            markets.append(HeldMarket(instrument=desk.market.instrument(other), quote=desk.market.quote(other)))
        except MarketDataUnavailable as error:
            desk.monitor.note_error(market=str(error))
    return tuple(markets)


def _conversions(
    desk: Desk, instrument: Instrument, held: tuple[HeldMarket, ...], account: AccountState | None
) -> tuple[ConversionQuote, ...]:
    """Return the quotes by which the currencies of all symbols involved become the account's."""
    if account is None:
        return ()
    involved = (instrument, *(market.instrument for market in held))
    codes = dict.fromkeys(
        code for one in involved for code in (one.currency_profit, one.currency_base, one.currency_margin)
    )
    return desk.market.conversions(tuple(codes), account.currency)


def _not_after(quote: Quote | None, at: datetime) -> Quote | None:
    return None if quote is None or quote.at > at else quote


def bars_needed(strategy: StrategyVersion) -> dict[Timeframe, int]:
    """Return how many bars of each timeframe the sides of ``strategy`` read."""
    needed = dict(required_bars(strategy.spec))
    for timeframe, count in ({} if strategy.short is None else required_bars(strategy.short)).items():
        needed[timeframe] = max(count, needed.get(timeframe, 0))
    return needed


def _statement(desk: Desk) -> AccountState | None:
    try:
        return desk.broker.account()
    except BrokerUnavailable as error:
        desk.monitor.note_error(broker=str(error))
        return None


def inputs_of(
    desk: Desk,
    world: World,
    book: Book,
    request: DecisionRequest,
    *,
    decision_id: str,
    strategy: StrategyVersion | None,
    recording: bool = False,
) -> DecisionInputs:
    """Return the frozen inputs of one decision.

    ``recording`` says that this happens inside the transaction which records it; elsewhere the record counts as
    available while the last turn found it so.
    """
    available = recording or desk.monitor.health.storage_error is None
    at, idea_id = world.snapshot.as_of, request.idea.idea_id if isinstance(request, RejudgeRequest) else ""
    return DecisionInputs(
        decision_id=decision_id,
        as_of=at,
        request=request,
        snapshot=world.snapshot,
        account=world.account,
        account_key=desk.broker.account_key,
        desk=desk_state(book, desk, record_available=available, at=at, idea_id=idea_id),
        strategy=strategy,
        policy=book.policy,
    )


def keep_decision(
    tx: Writing,
    desk: Desk,
    inputs: DecisionInputs,
    decision: Decision,
    *,
    action: Action,
    actor: str,
    rationale: str,
    idea_id: str | None = None,
    human_override: bool = False,
    extra: dict[str, JsonValue] | None = None,
) -> HistoryEntry:
    """Append the history entry of ``decision`` and keep its inputs and content; return the entry."""
    blobs: Blobs = {}
    encoded_inputs, encoded_decision = encode(inputs, blobs), encode(decision)
    inputs_digest, decision_digest = digest_json(encoded_inputs), digest_json(encoded_decision)
    verdict, confidence = decision.verdict, decision.confidence
    payload: dict[str, Any] = {
        "decision_id": decision.decision_id,
        "inputs_digest": inputs_digest,
        "decision_digest": decision_digest,
        "engine_version": ENGINE_VERSION,
        "library_versions": dict(desk.library_versions),
        "intent_digest": None if decision.intent is None else intent_digest(decision.intent),
        "failed_checks": [] if verdict is None else [entry.code.value for entry in verdict.failures()],
        **(extra or {}),
    }
    if verdict is not None:
        payload["lots"] = decimal_text(verdict.lots)
        payload["risk_amount"] = decimal_text(verdict.risk_amount)
    entry = tx.append(
        HistoryDraft(
            occurred_at=inputs.as_of,
            action=action,
            actor=actor,
            rationale=rationale,
            symbol=inputs.snapshot.symbol,
            confidence_score=None if confidence is None or confidence.is_proximity else confidence.score,
            risk_check_result=decision.result.value,
            strategy_id=None if inputs.strategy is None else inputs.strategy.strategy_id,
            trade_idea_id=idea_id or (decision.idea.idea_id if decision.idea else None),
            snapshot_ref=inputs_digest,
            human_override=human_override,
            payload=payload,
        )
    )
    stored = StoredDecision(
        decision_id=decision.decision_id,
        seq=entry.seq,
        inputs=encoded_inputs,
        inputs_digest=inputs_digest,
        decision=encoded_decision,
        decision_digest=decision_digest,
        engine_version=ENGINE_VERSION,
        library_versions=desk.library_versions,
    )
    tx.save_decision(stored, blobs)
    return entry


def embargo_now(snapshot: MarketSnapshot, strategy: StrategyVersion, policy: RiskPolicy) -> CalendarEvent | None:
    """Return the first event whose embargo is in force for this strategy, or None."""
    events = events_in_embargo(
        snapshot.calendar,
        at=snapshot.as_of,
        embargo=effective_embargo(strategy.spec, policy),
        currencies=snapshot.instrument.currencies + strategy.spec.forbidden.currencies,
    )
    return events[0] if events else None
