"""Strategy documents and specifications for tests: a good one of each, to be changed where a test needs it."""

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.spec import (
    AtrStop,
    Comparison,
    Condition,
    Group,
    GroupKind,
    NumberOperand,
    Operand,
    Operator,
    SeriesOperand,
    StrategySpec,
    Target,
)
from tradewarden.core.values import Side

DOCUMENT: dict[str, Any] = {
    "schema_version": 1,
    "name": "Pullback",
    "description": "Buys the end of a pullback.",
    "is_active": True,
    "allowed_symbols": ["XAUUSD"],
    "timeframe": "M15",
    "direction": "long",
    "indicators": {
        "fast": {"kind": "ema", "period": 10},
        "slow": {"kind": "sma", "period": 30, "source": "close"},
        "rsi": {"kind": "rsi", "period": 7},
        "atr": {"kind": "atr", "period": 14, "timeframe": "M15"},
        "activity": {"kind": "sma", "period": 5, "source": "volume"},
    },
    "conditions": {
        "entry": [
            {"left": "fast", "op": ">", "right": "slow"},
            {"left": "rsi", "op": "between", "right": [40, 60.5]},
            {
                "any": [
                    {"left": "close", "op": "crosses_above", "right": "fast"},
                    {"all": [{"left": "close", "op": "rising", "right": 2}, {"not": {"left": "rsi", "op": "falling"}}]},
                ]
            },
        ],
        "exit": [{"left": "rsi", "op": ">", "right": 70}],
        "strong": [
            {"left": "close", "op": ">=", "right": {"series": "high", "shift": 1}},
            {"left": "volume", "op": ">", "right": "activity"},
        ],
        "weak": [{"left": "atr", "op": ">", "right": {"series": "atr", "shift": 20, "multiple": 1.5}}],
    },
    "session_windows": [
        "London",
        {"start": "22:00", "end": "02:00", "timezone": "America/New_York", "days": ["Sun", "Mon"]},
    ],
    "exit_rules": {
        "stop_loss": {"kind": "atr", "multiple": 1.5},
        "take_profit": [{"rr": 2.0, "fraction": 1.0}],
        "time_limit_minutes": 240,
    },
    "forbidden_conditions": {
        "high_impact_news": {"before_minutes": 30, "after_minutes": 15},
        "currencies": "symbol",
        "max_spread_points": 40,
    },
    "risk_caps": {"risk_fraction": 0.005, "max_lot_size": 1.0, "max_concurrent_positions": 2},
    "rr_expectation": 1.8,
}


def document(**changes: Any) -> dict[str, Any]:
    """A good document with the top-level `changes`."""
    return {**copy.deepcopy(DOCUMENT), **changes}


EVERY_KIND: dict[str, Any] = {
    f"my_{kind}": {"kind": kind}
    | ({"session": "Tokyo"} if kind == "session_range" else {})
    | ({"period": 12} if any(each.name == "period" and each.default is None for each in KINDS[kind].parameters) else {})
    for kind in KINDS
}


def with_indicators(indicators: dict[str, Any], *conditions: Any) -> dict[str, Any]:
    """A good document with these indicators and entry conditions and no others."""
    return document(indicators=indicators, conditions={"entry": list(conditions)})


def with_entry(*conditions: Any) -> dict[str, Any]:
    """A good document with these entry conditions and no others."""
    return document(conditions={"entry": list(conditions)})


def series(name: str, *, shift: int = 0, multiple: str = "1") -> SeriesOperand:
    return SeriesOperand(series=name, shift=shift, multiple=Decimal(multiple))


def value(number: str | int) -> NumberOperand:
    return NumberOperand(value=Decimal(number))


def compare(left: Operand, op: str, *right: Operand) -> Comparison:
    return Comparison(left=left, op=Operator(op), right=right)


def group(kind: str, *members: Condition) -> Group:
    return Group(kind=GroupKind(kind), members=members)


BARE = StrategySpec(
    schema_version=1,
    name="Bare",
    description="",
    allowed_symbols=("XAUUSD",),
    timeframe=Timeframe.M15,
    side=Side.BUY,
    indicators=(),
    entry=(),
    exit=(),
    strong=(),
    weak=(),
    session_windows=(),
    stop_loss=AtrStop(period=14, multiple=Decimal("1.5")),
    take_profits=(Target(rr=Decimal(2), fraction=Decimal(1)),),
    time_limit_minutes=None,
    embargo=None,
    max_spread_points=None,
    risk_fraction=None,
    max_lot_size=None,
    max_concurrent_positions=None,
    rr_expectation=Decimal("1.8"),
)


def spec(*indicators: IndicatorSpec, **changes: Any) -> StrategySpec:
    """A specification with nothing in it but `indicators` and `changes`."""
    return replace(BARE, indicators=indicators, **changes)


def indicator(name: str, kind: str, period: int, source: str = "close") -> IndicatorSpec:
    return IndicatorSpec(name=name, kind=kind, period=period, source=source)
