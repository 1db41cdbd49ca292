"""What the gate looks at when it judges whether exposure may be opened: the world, and what is computed of it once."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState
from tradewarden.core.ideas import Approval, TradeIdea, effective_embargo
from tradewarden.core.indicators.market_state import MarketState
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.conversion import Rate, conversion_quotes, cost_rate
from tradewarden.core.market.snapshot import ConversionQuote, MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.open_book import OpenBook, open_book
from tradewarden.core.risk.room import Limits, measure_limits
from tradewarden.core.risk.sizing import Sizing, size_position
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.core.values import maker_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GateContext:
    """An idea and the world it is judged in. ``first`` is false for a re-judgement of a recorded idea.

    ``market`` is the state of the market around the newest closed bar and ``evaluation`` what the strategy says there,
    None where bars are missing. ``server_time`` is the moment on the broker's clock; ``rate`` what a unit of the
    symbol's profit currency costs in the account's, None without a way to convert.
    """

    idea: TradeIdea
    confidence_score: Decimal
    snapshot: MarketSnapshot
    account: AccountState | None
    desk: DeskState
    strategy: StrategyVersion
    policy: RiskPolicy
    market: MarketState | None
    evaluation: Evaluation | None
    first: bool
    approval: Approval | None
    as_of: datetime
    server_time: datetime
    price: Decimal | None
    quotes: tuple[ConversionQuote, ...]
    rate: Rate | None
    book: OpenBook
    limits: Limits
    sizing: Sizing

    @property
    def embargo(self) -> Embargo:
        """Return the embargo in force for this strategy."""
        return effective_embargo(self.strategy.spec, self.policy)


_make_context = maker_of(GateContext)


def gate_context(
    idea: TradeIdea,
    confidence_score: Decimal,
    snapshot: MarketSnapshot,
    account: AccountState | None,
    desk: DeskState,
    strategy: StrategyVersion,
    policy: RiskPolicy,
    *,
    first: bool,
    market: MarketState | None,
    evaluation: Evaluation | None = None,
    approval: Approval | None = None,
    at_most: Decimal | None = None,
) -> GateContext:
    """Return the context of a judgement, with limits and size computed once for all checks."""
    instrument, spec = snapshot.instrument, strategy.spec
    # A statement that states no numbers cannot be computed with; its own check says which.
    numbers = account is not None and (account.problem() is None or account.not_a_number() is None)
    usable = account if numbers else None
    price = None if snapshot.quote is None else snapshot.quote.entry(idea.side)
    quotes = conversion_quotes(snapshot)
    rate = None if usable is None else cost_rate(instrument.currency_profit, usable.currency, quotes)
    book = open_book(snapshot, usable, desk, policy, quotes, strategy_id=strategy.strategy_id, idea_id=idea.idea_id)
    limits = measure_limits(instrument, usable, desk, policy, spec, book, side=idea.side, price=price, rate=rate)
    sizing = size_position(
        instrument,
        usable,
        policy,
        spec,
        entry=price,
        stop_loss=idea.stop_loss,
        at_most=at_most,
        room=limits.room,
    )
    return _make_context(
        idea=idea,
        confidence_score=confidence_score,
        snapshot=snapshot,
        account=account,
        desk=desk,
        strategy=strategy,
        policy=policy,
        market=market,
        evaluation=evaluation,
        first=first,
        approval=approval,
        as_of=snapshot.as_of,
        server_time=snapshot.server_clock.to_server(snapshot.as_of),
        price=price,
        quotes=quotes,
        rate=rate,
        book=book,
        limits=limits,
        sizing=sizing,
    )
