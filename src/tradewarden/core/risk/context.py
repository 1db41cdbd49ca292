"""What the gate looks at when it judges whether exposure may be opened."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState
from tradewarden.core.ideas import Approval, TradeIdea, effective_embargo
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.sizing import Sizing, size_position
from tradewarden.core.strategy.spec import StrategyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class GateContext:
    """An idea and the world it is judged in. ``first`` is false for a re-judgement of a recorded idea.

    ``refusal`` is why the strategy could not be evaluated, where it could not; ``spread_median`` is in points.
    """

    idea: TradeIdea
    confidence_score: Decimal
    snapshot: MarketSnapshot
    account: AccountState | None
    desk: DeskState
    strategy: StrategyVersion
    policy: RiskPolicy
    sizing: Sizing
    spread_median: Decimal | None
    first: bool
    refusal: str | None
    approval: Approval | None

    @property
    def as_of(self) -> datetime:
        """Return the moment of the judgement."""
        return self.snapshot.as_of

    @property
    def price(self) -> Decimal | None:
        """Return the price at which the idea would be filled now."""
        return None if self.snapshot.quote is None else self.snapshot.quote.entry(self.idea.side)

    @property
    def embargo(self) -> Embargo:
        """Return the embargo in force for this strategy."""
        return effective_embargo(self.strategy.spec, self.policy)


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
    spread_median: Decimal | None,
    refusal: str | None = None,
    approval: Approval | None = None,
    at_most: Decimal | None = None,
) -> GateContext:
    """Return the context of a judgement, with the size computed once for all checks."""
    price = None if snapshot.quote is None else snapshot.quote.entry(idea.side)
    sizing = size_position(
        snapshot.instrument,
        account,
        policy,
        strategy.spec,
        entry=price,
        stop_loss=idea.stop_loss,
        at_most=at_most,
    )
    return GateContext(
        idea=idea,
        confidence_score=confidence_score,
        snapshot=snapshot,
        account=account,
        desk=desk,
        strategy=strategy,
        policy=policy,
        sizing=sizing,
        spread_median=spread_median,
        first=first,
        refusal=refusal,
        approval=approval,
    )
