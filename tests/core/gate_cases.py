"""One world per check of the gate in which exactly this check fails, for the table and the properties.

Each case is a function from a ``World`` to a ``World``; cases are independent and can be combined.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from tests.builders import (
    NEVER,
    NOW,
    STRATEGY_ID,
    SYMBOL,
    D,
    a_calendar,
    a_day,
    a_desk,
    a_desk_position,
    a_market,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_strategy,
    an_account,
    an_event,
    an_idea,
    an_instrument,
    flat_closes,
    some_bars,
)

from tradewarden.core.account import AccountState
from tradewarden.core.desk import AccountBinding, DeskState, Halt, IdeaStatus, OpenIdea, RecentOutcome
from tradewarden.core.ideas import Approval, TradeIdea
from tradewarden.core.indicators.market_state import MarketState
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.instrument import TradeMode
from tradewarden.core.market.session import SessionWindow, WeeklyHours, weekly_hours
from tradewarden.core.market.snapshot import ConversionQuote, HeldMarket, MarketSnapshot
from tradewarden.core.policy import Mode, RiskPolicy
from tradewarden.core.risk.context import GateContext, gate_context
from tradewarden.core.risk.reasons import Code
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import Forbidden, StrategyVersion, Volatility
from tradewarden.core.values import Side

# Contracts of the symbols that positions in tests are in; each is worth what EURUSD is.
HELD = tuple(
    HeldMarket(instrument=an_instrument(symbol=f"{base}USD", currency_base=base), quote=a_quote())
    for base in ("GBP", "AUD", "NZD", "XAU")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a judgement looks at. Foreign positions are in other symbols; the desk holds none."""

    idea: TradeIdea = field(default_factory=an_idea)
    confidence: int = 80
    snapshot: MarketSnapshot = field(default_factory=lambda: a_snapshot(held=HELD))
    market: MarketState | None = field(default_factory=a_market)
    evaluation: Evaluation | None = None
    account: AccountState | None = field(default_factory=an_account)
    desk: DeskState = field(default_factory=a_desk)
    strategy: StrategyVersion = field(default_factory=lambda: a_strategy(max_concurrent_positions=1))
    policy: RiskPolicy = field(default_factory=a_policy)
    approval: Approval | None = None
    risk_amount: Decimal | None = None
    margin: Decimal | None = None

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
            market=self.market,
            evaluation=self.evaluation,
            approval=self.approval,
        )
        sizing = context.sizing
        if self.risk_amount is not None:
            sizing = replace(sizing, risk_amount=self.risk_amount)
        if self.margin is not None:
            sizing = replace(sizing, margin=self.margin)
        return context if sizing is context.sizing else replace(context, sizing=sizing)


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


def _foreign(world: World, **changes: Any) -> World:
    if world.account is None:
        return world
    added = a_position(4000 + len(world.account.positions), profit=D("0.00"), magic=0, **changes)
    return replace(world, account=replace(world.account, positions=(*world.account.positions, added)))


def _old_conversion(world: World) -> World:
    """A position in EURGBP, whose pounds become dollars by a quote that is a second too old."""
    contract = an_instrument(symbol="EURGBP", currency_profit="GBP")
    pounds = ConversionQuote(symbol="GBPUSD", base="GBP", profit="USD", quote=a_quote(at=NOW - timedelta(seconds=91)))
    held = (*world.snapshot.held, HeldMarket(instrument=contract, quote=a_quote()))
    seen = replace(world, snapshot=replace(world.snapshot, held=held, conversions=(pounds,)))
    return _foreign(seen, symbol="EURGBP")


def _heavy_in_pounds(world: World) -> World:
    """Half a lot short of GBPUSD is 55,000 USD, the limit 50,000; the trade itself would still fit."""
    lighter = replace(world, policy=replace(world.policy, max_currency_exposure=D("0.5")))
    return _foreign(lighter, symbol="GBPUSD", side=Side.SELL, stop_loss=D("1.10300"))


def _opposite_of_another_strategy(world: World) -> World:
    roomy = replace(world, policy=replace(world.policy, max_per_symbol=2, max_concurrent_trades=5))
    facing = _foreign(roomy, symbol=SYMBOL, side=Side.SELL, stop_loss=D("1.10300"))
    if facing.account is None:
        return facing
    ticket = facing.account.positions[-1].ticket
    mine = a_desk_position(ticket, strategy_id="b" * 32, side=Side.SELL)
    return replace(facing, desk=replace(facing.desk, positions=(*facing.desk.positions, mine)))


def an_outcome(minutes_ago: int, net_profit: str = "-10.00", **changes: Any) -> RecentOutcome:
    """Return a trade of the default strategy and symbol that closed so many minutes ago."""
    values: dict[str, Any] = {"strategy_id": STRATEGY_ID, "symbol": SYMBOL, "side": Side.BUY}
    closed_at = NOW - timedelta(minutes=minutes_ago)
    return RecentOutcome(**(values | changes), closed_at=closed_at, net_profit=D(net_profit))


def both(*changes: Change) -> Change:
    """Return the change that makes all of ``changes``, one after another."""

    def change(world: World) -> World:
        for each in changes:
            world = each(world)
        return world

    return change


MORNING = SessionWindow("early", "06:00", "09:00", "UTC", (0, 1, 2, 3, 4))
# On the server it is Wednesday noon.
MORNINGS = weekly_hours(time(0), time(12))
UNTIL_WEDNESDAY = WeeklyHours(((0, 2 * 1440 + 12 * 60 + 30),))
HALT = Halt(code="MANUAL", reason="enough for today", actor="user:ann", since=NOW - timedelta(hours=1))
_OPEN_IDEA = OpenIdea(
    idea_id="2" * 32, strategy_id=STRATEGY_ID, symbol=SYMBOL, side=Side.BUY, status=IdeaStatus.NEEDS_APPROVAL
)
_LOSSES = tuple(an_outcome(10 + n, symbol="GBPUSD", strategy_id="b" * 32) for n in range(5))

# Worlds in which the named check, and no other but its companions, fails.
ONE_FAILS: dict[Code, Change] = {
    Code.RECORD_UNAVAILABLE: _desk(record_available=False),
    Code.ACCOUNT_UNAVAILABLE: _account(trade_allowed=False),
    Code.WRONG_ACCOUNT: _desk(binding=AccountBinding(login=5000002, server="Demo")),
    Code.NOT_RECONCILED: _desk(reconciled=False),
    Code.CLOCK_SKEW: _snapshot(clock_ahead_seconds=11),
    Code.STALE_SNAPSHOT: _stale_bars,
    Code.STALE_QUOTE: _snapshot(quote=a_quote(at=NOW - timedelta(seconds=91))),
    Code.CALENDAR_STALE: _snapshot(calendar=a_calendar(captured_at=NOW - timedelta(hours=192, seconds=1))),
    Code.MARKET_CLOSED: _instrument(trading_hours=MORNINGS),
    Code.ROLLOVER: _policy(rollover_pause=Embargo(5, 721)),
    Code.WEEKEND: _instrument(trading_hours=UNTIL_WEDNESDAY),
    Code.SYMBOL_TRADE_MODE: _instrument(trade_mode=TradeMode.CLOSE_ONLY),
    Code.TRADING_DISABLED: _policy(ai_trading_enabled=False),
    Code.DAILY_LOSS_REACHED: _desk(day=a_day(equity=D("102000.00"))),
    Code.MAX_DRAWDOWN_REACHED: _desk(high_water_mark=D("110000.00")),
    Code.DAILY_TARGET_REACHED: _desk(day=a_day(realised_profit=D("3000.00"))),
    Code.PROFIT_TARGET_REACHED: both(_policy(profit_target=D("1000.00")), _desk(initial_balance=D("99000.00"))),
    Code.STRATEGY_INACTIVE: _inactive,
    Code.SYMBOL_NOT_ALLOWED: _spec(allowed_symbols=("GBPUSD",)),
    Code.OFF_WATCHLIST: _desk(watchlist=("GBPUSD",)),
    Code.OUTSIDE_SESSION: _spec(session_windows=(MORNING,)),
    Code.NEWS_EMBARGO: _snapshot(calendar=a_calendar(an_event(NOW + timedelta(minutes=15)))),
    Code.FORBIDDEN_CONDITION: _spec(forbidden=Forbidden(volatility=Volatility(max_atr_percentile=D(40)))),
    Code.SPREAD_TOO_WIDE: _spec(max_spread_points=9),
    Code.INVALID_LEVELS: _idea(stop_loss=D("1.098005")),
    Code.STOP_TOO_CLOSE: _instrument(stops_level=191),
    Code.PRICE_MOVED: _idea(entry=D("1.09949")),
    Code.RR_TOO_LOW: _idea(take_profits=(D("1.10299"),)),
    Code.TICK_VALUE_UNRELIABLE: _instrument(calculated_tick_value=D("0.95")),
    Code.CONVERSION_UNAVAILABLE: _old_conversion,
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
    # Sizing keeps these limits by construction: their checks are the second lock, tried with an arithmetic that failed.
    Code.RISK_PER_TRADE: lambda world: replace(world, risk_amount=D("500.01")),
    Code.MAX_CONCURRENT_TRADES: _foreign_positions(3, "GBPUSD"),
    Code.MAX_PER_SYMBOL: _foreign_positions(1, SYMBOL),
    Code.MAX_PER_STRATEGY: _desk(positions=(a_desk_position(symbol="GBPUSD"),)),
    Code.OPEN_RISK: both(
        _policy(max_open_risk_fraction=D("0.004")), lambda world: replace(world, risk_amount=D("400.01"))
    ),
    Code.DAILY_LOSS_HEADROOM: both(
        _policy(soft_loss_fraction=D("0.5")), _desk(day=a_day(equity=D("101000.00"), balance=D("99000.00")))
    ),
    Code.DRAWDOWN_HEADROOM: both(
        _desk(high_water_mark=D("109600.00")), lambda world: replace(world, risk_amount=D("400.01"))
    ),
    Code.CURRENCY_EXPOSURE: _heavy_in_pounds,
    Code.MARGIN_LEVEL: lambda world: replace(world, margin=D("33333.34")),
    Code.NETTING_CONFLICT: _opposite_of_another_strategy,
    Code.DUPLICATE_IDEA: _desk(open_ideas=(_OPEN_IDEA,)),
    Code.COOLDOWN: both(_policy(cool_down_minutes=60), _desk(outcomes=(an_outcome(59, "10.00"),))),
    Code.CONSECUTIVE_LOSSES: _desk(outcomes=_LOSSES),
    Code.ORDER_RATE: _desk(opens_sent_at=(NOW - timedelta(seconds=59),) * 10),
    Code.CONFIDENCE_BELOW_THRESHOLD: lambda world: replace(world, confidence=49),
    Code.SUPERVISED_MODE: _policy(mode=Mode.SUPERVISED),
}

# What fails beside the named check, because it is not known then.
COMPANIONS: dict[Code, frozenset[Code]] = {
    # A limit that is reached leaves no room for the smallest size either.
    Code.DAILY_LOSS_REACHED: frozenset({Code.DAILY_LOSS_HEADROOM, Code.LOT_BELOW_MINIMUM}),
    Code.MAX_DRAWDOWN_REACHED: frozenset({Code.DRAWDOWN_HEADROOM, Code.LOT_BELOW_MINIMUM}),
    Code.WRONG_ACCOUNT: frozenset({Code.DAILY_LOSS_REACHED, Code.MAX_DRAWDOWN_REACHED, Code.DAILY_TARGET_REACHED}),
}
_OF_THE_SIZE = frozenset(
    {
        Code.LOT_BELOW_MINIMUM,
        Code.RISK_PER_TRADE,
        Code.OPEN_RISK,
        Code.DAILY_LOSS_HEADROOM,
        Code.DRAWDOWN_HEADROOM,
    }
)
_OF_THE_LIMITS = frozenset(
    {
        Code.DAILY_LOSS_REACHED,
        Code.MAX_DRAWDOWN_REACHED,
        Code.DAILY_TARGET_REACHED,
        Code.DAILY_LOSS_HEADROOM,
        Code.DRAWDOWN_HEADROOM,
    }
)
_OF_THE_BOOK = frozenset({Code.OPEN_RISK, Code.DAILY_LOSS_HEADROOM, Code.DRAWDOWN_HEADROOM})

# Worlds in which an input is missing or is no number: the named checks cannot be computed, and deny whatever they
# otherwise lead to.
UNKNOWN: dict[str, tuple[Change, frozenset[Code]]] = {
    "no account": (
        lambda world: replace(world, account=None),
        _OF_THE_LIMITS
        | _OF_THE_SIZE
        | {
            Code.ACCOUNT_UNAVAILABLE,
            Code.WRONG_ACCOUNT,
            Code.CONVERSION_UNAVAILABLE,
            Code.MAX_CONCURRENT_TRADES,
            Code.MAX_PER_SYMBOL,
            Code.CURRENCY_EXPOSURE,
            Code.MARGIN_LEVEL,
            Code.NETTING_CONFLICT,
        },
    ),
    "not connected": (
        _account(connected=False),
        _OF_THE_LIMITS | {Code.ACCOUNT_UNAVAILABLE, Code.MARGIN_LEVEL},
    ),
    **{
        f"{name} is no number": (
            _account(**{name: D("NaN")}),
            _OF_THE_LIMITS | _OF_THE_SIZE | {Code.ACCOUNT_UNAVAILABLE, Code.CURRENCY_EXPOSURE, Code.MARGIN_LEVEL},
        )
        for name in ("balance", "equity", "margin")
    },
    "old statement": (_account(captured_at=NOW - timedelta(seconds=91)), frozenset({Code.ACCOUNT_UNAVAILABLE})),
    "no quote": (
        _snapshot(quote=None),
        _OF_THE_SIZE
        | {
            Code.STALE_QUOTE,
            Code.SPREAD_TOO_WIDE,
            Code.INVALID_LEVELS,
            Code.STOP_TOO_CLOSE,
            Code.PRICE_MOVED,
            Code.RR_TOO_LOW,
            Code.CURRENCY_EXPOSURE,
        },
    ),
    "no bars": (_snapshot(bars=()), frozenset({Code.STALE_SNAPSHOT})),
    "too few bars to measure the market": (
        lambda world: replace(world, market=None),
        frozenset({Code.SPREAD_TOO_WIDE, Code.PRICE_MOVED}),
    ),
    "zero average true range": (
        lambda world: replace(world, market=a_market(atr=D("0.000000000"))),
        frozenset({Code.PRICE_MOVED}),
    ),
    "no volatility where the strategy forbids some": (
        both(
            _spec(forbidden=Forbidden(volatility=Volatility(min_atr_percentile=D(5), forbid_spike=True))),
            lambda world: replace(world, market=a_market(atr_percentile=None, spike=None)),
        ),
        frozenset({Code.FORBIDDEN_CONDITION}),
    ),
    "forbidden conditions not evaluated": (
        _spec(forbidden=Forbidden(conditions=(NEVER,))),
        frozenset({Code.FORBIDDEN_CONDITION}),
    ),
    "no calendar for medium news": (
        both(
            _spec(forbidden=Forbidden(medium_news=Embargo(30, 30))),
            _snapshot(calendar=replace(a_calendar(), covers_until=NOW + timedelta(minutes=29))),
        ),
        frozenset({Code.FORBIDDEN_CONDITION}),
    ),
    "no day reference": (
        _desk(day=None),
        frozenset({Code.DAILY_LOSS_REACHED, Code.DAILY_TARGET_REACHED, Code.DAILY_LOSS_HEADROOM}),
    ),
    "no high-water mark": (
        _desk(high_water_mark=None),
        frozenset({Code.MAX_DRAWDOWN_REACHED, Code.DRAWDOWN_HEADROOM}),
    ),
    "no first balance": (
        both(_policy(profit_target=D(1000)), _desk(initial_balance=None)),
        frozenset({Code.PROFIT_TARGET_REACHED}),
    ),
    "no calendar": (
        _snapshot(calendar=a_calendar(captured_at=None)),
        frozenset({Code.CALENDAR_STALE, Code.NEWS_EMBARGO}),
    ),
    "calendar ends too early": (
        _snapshot(calendar=replace(a_calendar(), covers_until=NOW + timedelta(minutes=14))),
        frozenset({Code.NEWS_EMBARGO}),
    ),
    "no margin stated": (_instrument(margin_per_lot=D(0)), frozenset({Code.MARGIN_LEVEL})),
    "margin per lot is no number": (_instrument(margin_per_lot=D("NaN")), frozenset({Code.MARGIN_LEVEL})),
    **{
        f"tick value {value}": (
            _instrument(tick_value_loss=D(value)),
            _OF_THE_SIZE | {Code.TICK_VALUE_UNRELIABLE, Code.RR_TOO_LOW},
        )
        for value in ("0", "-1", "NaN", "Infinity")
    },
    "the terminal computes no tick value": (
        _instrument(calculated_tick_value=None),
        frozenset({Code.TICK_VALUE_UNRELIABLE}),
    ),
    "no rate into account currency": (
        _account(currency="CHF"),
        frozenset({Code.CONVERSION_UNAVAILABLE, Code.CURRENCY_EXPOSURE}),
    ),
    "a foreign position without a stop": (
        lambda world: _foreign(world, symbol="GBPUSD", stop_loss=None),
        _OF_THE_BOOK,
    ),
    "a foreign position in an unknown symbol": (
        lambda world: _foreign(world, symbol="US30.cash"),
        _OF_THE_BOOK | {Code.CURRENCY_EXPOSURE},
    ),
}
