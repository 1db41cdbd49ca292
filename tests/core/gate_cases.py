"""One world per check of the gate in which exactly this check fails, for the table and the properties.

Each case is a function from a ``World`` to a ``World``; cases are independent and can be combined.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.builders import (
    NOW,
    STRATEGY_ID,
    SYMBOL,
    D,
    a_calendar,
    a_day,
    a_desk,
    a_desk_position,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_strategy,
    an_account,
    an_event,
    an_idea,
    flat_closes,
    some_bars,
)

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState, Halt, IdeaStatus, OpenIdea
from tradewarden.core.ideas import Approval, TradeIdea
from tradewarden.core.market.instrument import TradeMode
from tradewarden.core.market.session import SessionWindow
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import Mode, RiskPolicy
from tradewarden.core.risk.context import GateContext, gate_context
from tradewarden.core.risk.reasons import Code
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.core.values import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a judgement looks at. Foreign positions are in other symbols; the desk holds none."""

    idea: TradeIdea = field(default_factory=an_idea)
    confidence: int = 80
    snapshot: MarketSnapshot = field(default_factory=a_snapshot)
    account: AccountState | None = field(default_factory=an_account)
    desk: DeskState = field(default_factory=a_desk)
    strategy: StrategyVersion = field(default_factory=lambda: a_strategy(max_concurrent_positions=1))
    policy: RiskPolicy = field(default_factory=a_policy)
    approval: Approval | None = None
    risk_amount: Decimal | None = None

    def context(self, *, first: bool = True) -> GateContext:
        """Return the context of the judgement."""
        context = gate_context(
            self.idea,
            D(self.confidence),
            self.snapshot,
            self.account,
            self.desk,
            self.strategy,
            self.policy,
            first=first,
            spread_median=D("10.0"),
            approval=self.approval,
        )
        if self.risk_amount is None:
            return context
        return replace(context, sizing=replace(context.sizing, risk_amount=self.risk_amount))


Change = Callable[[World], World]


def _desk(**changes: Any) -> Change:
    return lambda world: replace(world, desk=replace(world.desk, **changes))


def _policy(**changes: Any) -> Change:
    return lambda world: replace(world, policy=replace(world.policy, **changes))


def _snapshot(**changes: Any) -> Change:
    return lambda world: replace(world, snapshot=replace(world.snapshot, **changes))


def _spec(**changes: Any) -> Change:
    def change(world: World) -> World:
        spec = replace(world.strategy.spec, **changes)
        return replace(world, strategy=replace(world.strategy, spec=spec))

    return change


def _account(**changes: Any) -> Change:
    def change(world: World) -> World:
        return world if world.account is None else replace(world, account=replace(world.account, **changes))

    return change


def _instrument(**changes: Any) -> Change:
    def change(world: World) -> World:
        instrument = replace(world.snapshot.instrument, **changes)
        return replace(world, snapshot=replace(world.snapshot, instrument=instrument))

    return change


def _idea(**changes: Any) -> Change:
    return lambda world: replace(world, idea=replace(world.idea, **changes))


def _foreign_positions(count: int, symbol: str) -> Change:
    def change(world: World) -> World:
        if world.account is None:
            return world
        added = tuple(a_position(2000 + n, symbol=symbol, profit=D("0.00"), magic=0) for n in range(count))
        return replace(world, account=replace(world.account, positions=(*world.account.positions, *added)))

    return change


def _stale_bars(world: World) -> World:
    bars = some_bars(flat_closes(), ended_at=NOW - timedelta(minutes=15))
    return replace(world, snapshot=replace(world.snapshot, bars=(bars,)))


def _inactive(world: World) -> World:
    return replace(world, strategy=replace(world.strategy, is_active=False))


MORNING = SessionWindow("early", "06:00", "09:00", "UTC", (0, 1, 2, 3, 4))
HALT = Halt(code="MANUAL", reason="enough for today", actor="user:ann", since=NOW - timedelta(hours=1))
_OPEN_IDEA = OpenIdea(
    idea_id="2" * 32, strategy_id=STRATEGY_ID, symbol=SYMBOL, side=Side.BUY, status=IdeaStatus.NEEDS_APPROVAL
)

# Worlds in which the named check, and no other, fails.
ONE_FAILS: dict[Code, Change] = {
    Code.RECORD_UNAVAILABLE: _desk(record_available=False),
    Code.ACCOUNT_UNAVAILABLE: _account(trade_allowed=False),
    Code.NOT_RECONCILED: _desk(reconciled=False),
    Code.STALE_SNAPSHOT: _stale_bars,
    Code.STALE_QUOTE: _snapshot(quote=a_quote(at=NOW - timedelta(seconds=91))),
    Code.MARKET_CLOSED: _instrument(trade_mode=TradeMode.CLOSE_ONLY),
    Code.TRADING_DISABLED: _policy(ai_trading_enabled=False),
    Code.DAILY_LOSS_REACHED: _desk(day=a_day(equity=D("102000.00"))),
    Code.MAX_DRAWDOWN_REACHED: _desk(high_water_mark=D("110000.00")),
    Code.DAILY_TARGET_REACHED: _desk(day=a_day(realised_profit=D("3000.00"))),
    Code.STRATEGY_INACTIVE: _inactive,
    Code.SYMBOL_NOT_ALLOWED: _spec(allowed_symbols=("GBPUSD",)),
    Code.OFF_WATCHLIST: _desk(watchlist=("GBPUSD",)),
    Code.OUTSIDE_SESSION: _spec(session_windows=(MORNING,)),
    Code.NEWS_EMBARGO: _snapshot(calendar=a_calendar(an_event(NOW + timedelta(minutes=15)))),
    Code.SPREAD_TOO_WIDE: _spec(max_spread_points=9),
    Code.INVALID_LEVELS: _instrument(stops_level=191),
    Code.PRICE_MOVED: _idea(entry=D("1.09949")),
    Code.RR_TOO_LOW: _idea(take_profits=(D("1.10299"),)),
    Code.LOT_BELOW_MINIMUM: _instrument(volume_min=D(3)),
    Code.LOT_ABOVE_MAXIMUM: lambda world: replace(
        world,
        approval=Approval(
            actor="user:ann",
            idea_digest=world.idea.digest,
            max_lots=D(6),
            worst_price=None,
            answers=("OFF_WATCHLIST", "CONFIDENCE_BELOW_THRESHOLD", "SUPERVISED_MODE"),
            approved_at=NOW,
        ),
    ),
    # Sizing keeps the budget by construction: this check is the second lock, tried with an arithmetic that failed.
    Code.RISK_PER_TRADE: lambda world: replace(world, risk_amount=D("500.01")),
    Code.MAX_CONCURRENT_TRADES: _foreign_positions(3, "GBPUSD"),
    Code.MAX_PER_SYMBOL: _foreign_positions(1, SYMBOL),
    Code.MAX_PER_STRATEGY: _desk(positions=(a_desk_position(symbol="GBPUSD"),)),
    Code.MARGIN_LEVEL: _account(margin=D("32000.00"), margin_free=D("68000.00")),
    Code.DUPLICATE_IDEA: _desk(open_ideas=(_OPEN_IDEA,)),
    Code.CONFIDENCE_BELOW_THRESHOLD: lambda world: replace(world, confidence=49),
    Code.SUPERVISED_MODE: _policy(mode=Mode.SUPERVISED),
}

# Worlds in which an input is missing: the named checks cannot be computed, and deny whatever they otherwise lead to.
UNKNOWN: dict[str, tuple[Change, frozenset[Code]]] = {
    "no account": (
        lambda world: replace(world, account=None),
        frozenset(
            {
                Code.ACCOUNT_UNAVAILABLE,
                Code.DAILY_LOSS_REACHED,
                Code.MAX_DRAWDOWN_REACHED,
                Code.DAILY_TARGET_REACHED,
                Code.LOT_BELOW_MINIMUM,
                Code.RISK_PER_TRADE,
                Code.MAX_CONCURRENT_TRADES,
                Code.MAX_PER_SYMBOL,
                Code.MARGIN_LEVEL,
            }
        ),
    ),
    "not connected": (
        _account(connected=False),
        frozenset(
            {
                Code.ACCOUNT_UNAVAILABLE,
                Code.DAILY_LOSS_REACHED,
                Code.MAX_DRAWDOWN_REACHED,
                Code.DAILY_TARGET_REACHED,
                Code.MARGIN_LEVEL,
            }
        ),
    ),
    "old statement": (_account(captured_at=NOW - timedelta(seconds=91)), frozenset({Code.ACCOUNT_UNAVAILABLE})),
    "no quote": (
        _snapshot(quote=None),
        frozenset(
            {
                Code.STALE_QUOTE,
                Code.SPREAD_TOO_WIDE,
                Code.INVALID_LEVELS,
                Code.PRICE_MOVED,
                Code.RR_TOO_LOW,
                Code.LOT_BELOW_MINIMUM,
                Code.RISK_PER_TRADE,
            }
        ),
    ),
    "no bars": (_snapshot(bars=()), frozenset({Code.STALE_SNAPSHOT})),
    "no day reference": (_desk(day=None), frozenset({Code.DAILY_LOSS_REACHED, Code.DAILY_TARGET_REACHED})),
    "no high-water mark": (_desk(high_water_mark=None), frozenset({Code.MAX_DRAWDOWN_REACHED})),
    "no calendar": (_snapshot(calendar=a_calendar(captured_at=None)), frozenset({Code.NEWS_EMBARGO})),
    "calendar ends too early": (
        _snapshot(calendar=replace(a_calendar(), covers_until=NOW + timedelta(minutes=14))),
        frozenset({Code.NEWS_EMBARGO}),
    ),
    "no margin stated": (_instrument(margin_per_lot=D(0)), frozenset({Code.MARGIN_LEVEL})),
    "no tick value": (_instrument(tick_value_loss=D(0)), frozenset({Code.LOT_BELOW_MINIMUM, Code.RISK_PER_TRADE})),
}
