"""Real values for tests: one EURUSD world in which everything is in order, and each part replaceable by keyword.

The default world passes every check of the gate, so that a test changes the one thing that it is about. No mocks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from tradewarden.core.account import AccountState, Position
from tradewarden.core.decision import DecisionInputs, DecisionRequest, EvaluateRequest
from tradewarden.core.desk import AccountBinding, DayReference, DeskPosition, DeskState
from tradewarden.core.ideas import Level, TradeIdea
from tradewarden.core.indicators.market_state import MarketState
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.calendar import CalendarEvent, CalendarView, Impact
from tradewarden.core.market.instrument import Instrument, Quote, TradeMode
from tradewarden.core.market.session import NEW_YORK_CLOSE, weekly_hours
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import Mode, PolicyVersion, RiskPolicy
from tradewarden.core.risk.context import GateContext, gate_context
from tradewarden.core.strategy.spec import (
    AtrStop,
    Comparison,
    Condition,
    NumberOperand,
    Operator,
    SeriesOperand,
    StrategySpec,
    StrategyVersion,
    Target,
)
from tradewarden.core.values import Side

D = Decimal
# A Wednesday inside London hours; 05:00 in New York, 12:00 on a New-York-close server.
NOW = datetime(2025, 12, 10, 10, 0, tzinfo=UTC)
SYMBOL = "EURUSD"
STRATEGY_ID = "a" * 32
DECISION_ID = "d" * 32
FX_HOURS = weekly_hours(datetime.min.time(), datetime.min.time())


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """Return an aware UTC time."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def an_instrument(**changes: Any) -> Instrument:
    """Return EURUSD with five digits: a point is worth 1 USD per lot, one lot takes 1,100 USD of margin."""
    values: dict[str, Any] = {
        "symbol": SYMBOL,
        "description": "Euro vs US Dollar",
        "digits": 5,
        "point": D("0.00001"),
        "tick_size": D("0.00001"),
        "tick_value": D(1),
        "tick_value_loss": D(1),
        "contract_size": D(100000),
        "volume_min": D("0.01"),
        "volume_max": D(50),
        "volume_step": D("0.01"),
        "stops_level": 0,
        "freeze_level": 0,
        "margin_per_lot": D("1100.00"),
        "currency_base": "EUR",
        "currency_profit": "USD",
        "currency_margin": "EUR",
        "trade_mode": TradeMode.FULL,
        "trading_hours": FX_HOURS,
        "calculated_tick_value": changes.get("tick_value_loss", D(1)),
    }
    return Instrument(**(values | changes))


def a_quote(bid: str = "1.09990", ask: str = "1.10000", at: datetime = NOW) -> Quote:
    """Return a quote; one point of EURUSD is 0.00001, so the default spread is 10 points."""
    return Quote(D(bid), D(ask), at)


def some_bars(
    closes: Sequence[float],
    *,
    ended_at: datetime = NOW,
    timeframe: Timeframe = Timeframe.M15,
    reach: float = 0.0002,
    spread: float = 10.0,
    symbol: str = SYMBOL,
) -> Bars:
    """Return bars without gaps whose newest ends at ``ended_at``; each reaches ``reach`` beyond open and close."""
    close = np.asarray(closes, np.float64)
    opened = np.concatenate((close[:1], close[:-1]))
    count, length = len(close), timeframe.seconds
    ends = int(ended_at.timestamp()) - length * np.arange(count - 1, -1, -1, dtype=np.int64)
    return Bars(
        symbol=symbol,
        timeframe=timeframe,
        opened_at=ends - length,
        ended_at=ends,
        open=opened,
        high=np.round(np.maximum(opened, close) + reach, 5),
        low=np.round(np.minimum(opened, close) - reach, 5),
        close=close,
        volume=np.full(count, 100.0),
        spread=np.full(count, spread),
    )


def flat_closes(count: int = 400, level: float = 1.0999) -> list[float]:
    """Return a market that stands still: every bar closes at ``level``."""
    return [level] * count


def wandering_closes(count: int, *, seed: int = 1, start: float = 1.1, step: float = 0.0003) -> list[float]:
    """Return a seeded random walk on the tick."""
    moves = np.random.default_rng(seed).normal(0.0, step, count)
    walk: list[float] = np.round(start + np.cumsum(moves), 5).tolist()
    return walk


def an_event(at: datetime, **changes: Any) -> CalendarEvent:
    """Return a high-impact release in USD, known for a week."""
    values: dict[str, Any] = {
        "at": at,
        "currency": "USD",
        "impact": Impact.HIGH,
        "title": "Non-Farm Payrolls",
        "captured_at": NOW - timedelta(days=7),
    }
    return CalendarEvent(**(values | changes))


def a_calendar(*events: CalendarEvent, captured_at: datetime | None = NOW - timedelta(hours=1)) -> CalendarView:
    """Return a calendar captured an hour ago that reaches two days ahead."""
    return CalendarView(
        captured_at=captured_at, covers_until=NOW + timedelta(days=2), assumed=False, events=tuple(events)
    )


def a_snapshot(**changes: Any) -> MarketSnapshot:
    """Return EURUSD at ``NOW``: 400 quiet M15 bars, a fresh quote, an empty calendar."""
    as_of = changes.get("as_of", NOW)
    values: dict[str, Any] = {
        "symbol": SYMBOL,
        "as_of": as_of,
        "instrument": an_instrument(),
        "quote": a_quote(at=as_of),
        "bars": (some_bars(flat_closes(), ended_at=as_of),),
        "calendar": a_calendar(),
        "server_clock": NEW_YORK_CLOSE,
    }
    return MarketSnapshot(**(values | changes))


def a_position(ticket: int = 1001, **changes: Any) -> Position:
    """Return an open long of 0.50 lots, a hundred points in profit."""
    values: dict[str, Any] = {
        "ticket": ticket,
        "symbol": SYMBOL,
        "side": Side.BUY,
        "lots": D("0.50"),
        "entry_price": D("1.09890"),
        "price": D("1.09990"),
        "stop_loss": D("1.09700"),
        "take_profit": D("1.10400"),
        "profit": D("50.00"),
        "swap": D("0.00"),
        "opened_at": NOW - timedelta(hours=2),
        "magic": 77,
        "comment": "tw",
    }
    return Position(**(values | changes))


def an_account(**changes: Any) -> AccountState:
    """Return a believable account of 100,000 USD; equity follows balance, credit and positions unless stated."""
    positions = changes.get("positions", ())
    balance, credit = changes.get("balance", D("100000.00")), changes.get("credit", D("0.00"))
    floating = sum((held.profit + held.swap for held in positions), D(0))
    equity = changes.get("equity", balance + credit + floating)
    margin = changes.get("margin", D("0.00"))
    values: dict[str, Any] = {
        "login": 5000001,
        "server": "Demo",
        "currency": "USD",
        "connected": True,
        "trade_allowed": True,
        "balance": balance,
        "credit": credit,
        "equity": equity,
        "margin": margin,
        "margin_free": equity - margin,
        "margin_level": None,
        "leverage": 100,
        "positions": positions,
        "captured_at": NOW,
    }
    return AccountState(**(values | changes))


def a_policy(**changes: Any) -> RiskPolicy:
    """Return a policy under which the desk trades alone: enabled, autonomous, threshold 50."""
    values: dict[str, Any] = {
        "ai_trading_enabled": True,
        "mode": Mode.AUTONOMOUS,
        "min_confidence_threshold": D(50),
    }
    return RiskPolicy(**(values | changes))


def a_day(**changes: Any) -> DayReference:
    """Return today's reference at 100,000, seen in time."""
    values: dict[str, Any] = {
        "day_started_at": utc(2025, 12, 9, 22),
        "balance": D("100000.00"),
        "equity": D("100000.00"),
        "realised_profit": D("0.00"),
        "late": False,
    }
    return DayReference(**(values | changes))


def a_desk(**changes: Any) -> DeskState:
    """Return a desk at rest: recorded, reconciled, EURUSD on the watchlist, nothing open."""
    values: dict[str, Any] = {
        "simulated": True,
        "record_available": True,
        "reconciled": True,
        "halt": None,
        "watchlist": (SYMBOL,),
        "open_ideas": (),
        "unfinished_intents": (),
        "positions": (),
        "spent_setups": (),
        "day": a_day(),
        "initial_balance": D("100000.00"),
        "high_water_mark": D("100000.00"),
        "binding": AccountBinding(login=5000001, server="Demo"),
    }
    return DeskState(**(values | changes))


def a_desk_position(ticket: int = 1001, **changes: Any) -> DeskPosition:
    """Return what the desk knows of :func:`a_position`."""
    values: dict[str, Any] = {
        "ticket": ticket,
        "idea_id": "1" * 32,
        "strategy_id": STRATEGY_ID,
        "symbol": SYMBOL,
        "side": Side.BUY,
        "lots": D("0.50"),
        "entry_price": D("1.09890"),
        "stop_loss": D("1.09700"),
        "take_profit": D("1.10400"),
        "initial_risk": D("95.00"),
        "opened_at": NOW - timedelta(hours=2),
    }
    return DeskPosition(**(values | changes))


def close_is(op: Operator, level: str) -> Comparison:
    """Return the condition that the newest close compares so with ``level``."""
    return Comparison(left=SeriesOperand(series="close"), op=op, right=(NumberOperand(value=D(level)),))


ALWAYS: Condition = close_is(Operator.ABOVE, "0.00001")
NEVER: Condition = close_is(Operator.BELOW, "0.00001")


def a_spec(**changes: Any) -> StrategySpec:
    """Return a long M15 strategy on EURUSD whose entry always holds and whose exit never does."""
    values: dict[str, Any] = {
        "schema_version": 1,
        "name": "Always long",
        "description": "",
        "allowed_symbols": (SYMBOL,),
        "timeframe": Timeframe.M15,
        "side": Side.BUY,
        "indicators": (),
        "entry": (ALWAYS,),
        "exit": (NEVER,),
        "strong": (),
        "weak": (),
        "session_windows": (),
        "stop_loss": AtrStop(period=14, multiple=D("1.5")),
        "take_profits": (Target(rr=D(2), fraction=D(1)),),
        "time_limit_minutes": None,
        "embargo": None,
        "max_spread_points": None,
        "risk_fraction": None,
        "max_lot_size": None,
        "max_concurrent_positions": None,
        "rr_expectation": D("1.5"),
    }
    return StrategySpec(**(values | changes))


def a_strategy(*, is_active: bool = True, version: int = 1, **changes: Any) -> StrategyVersion:
    """Return a published version of :func:`a_spec`."""
    return StrategyVersion(
        strategy_id=STRATEGY_ID, version=version, digest="5" * 64, is_active=is_active, spec=a_spec(**changes)
    )


def an_idea(**changes: Any) -> TradeIdea:
    """Return a long at 1.10000 with a stop 200 points below and a target 400 points above."""
    values: dict[str, Any] = {
        "idea_id": "1" * 32,
        "decision_id": DECISION_ID,
        "strategy_id": STRATEGY_ID,
        "strategy_version": 1,
        "symbol": SYMBOL,
        "side": Side.BUY,
        "entry": D("1.10000"),
        "stop_loss": D("1.09800"),
        "take_profits": (D("1.10400"),),
        "rr": D("2.00"),
        "levels": (Level(name="entry", price=D("1.10000"), rule="executable ask"),),
        "bar_ended_at": NOW,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "expiry_rule": "bar life",
    }
    return TradeIdea(**(values | changes))


def a_market(**changes: Any) -> MarketState:
    """Return what the default bars measure: a spread of 10 points, an ATR of 40, no spike."""
    values: dict[str, Any] = {
        "spread_points": D("10.0"),
        "spread_median_points": D("10.0"),
        "atr": D("0.000400000"),
        "atr_percentile": D("50.00"),
        "spike": False,
    }
    return MarketState(**(values | changes))


def a_context(**changes: Any) -> GateContext:
    """Return the context of an idea that passes every check; parts of the world are replaced by keyword.

    Accepts idea, confidence_score, snapshot, account, desk, strategy, policy, market, evaluation, first, approval
    and at_most.
    """
    world: dict[str, Any] = {
        "idea": an_idea(),
        "confidence_score": D(80),
        "snapshot": a_snapshot(),
        "account": an_account(),
        "desk": a_desk(),
        "strategy": a_strategy(),
        "policy": a_policy(),
    }
    options: dict[str, Any] = {"first": True, "market": a_market()}
    for name, value in changes.items():
        (world if name in world else options)[name] = value
    return gate_context(*world.values(), **options)


def some_inputs(request: DecisionRequest | None = None, **changes: Any) -> DecisionInputs:
    """Return the inputs of an evaluation that leads to an order."""
    snapshot = changes.get("snapshot") or a_snapshot()
    policy = changes.pop("policy", None) or a_policy()
    values: dict[str, Any] = {
        "decision_id": DECISION_ID,
        "as_of": snapshot.as_of,
        "request": request or EvaluateRequest(side=Side.BUY),
        "snapshot": snapshot,
        "account": an_account(captured_at=snapshot.as_of),
        "account_key": "5000001@Demo",
        "desk": a_desk(),
        "strategy": a_strategy(),
        "policy": PolicyVersion(version=1, policy=policy),
    }
    return DecisionInputs(**(values | changes))


def at_time(context_time: datetime, **changes: Any) -> MarketSnapshot:
    """Return the default snapshot moved to ``context_time`` with bars that end there."""
    snapshot = a_snapshot(as_of=context_time, calendar=replace(a_calendar(), captured_at=context_time))
    return replace(snapshot, **changes)
