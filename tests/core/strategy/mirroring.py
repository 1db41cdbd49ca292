"""Strategies that can be mirrored, for property tests: conditions of every kind, on series of every mirror rule."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from tests.core.strategy.specs import spec

from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.facts import FACTS, expand_fact
from tradewarden.core.strategy.spec import (
    AtrStop,
    AtrTrail,
    Comparison,
    Condition,
    Forbidden,
    Group,
    GroupKind,
    IndicatorStop,
    IndicatorTrail,
    NumberOperand,
    Operator,
    PercentStop,
    PointsStop,
    SeriesOperand,
    StepTrail,
    StopRule,
    StrategySpec,
    StructureStop,
    SwingStop,
    TrailRule,
)
from tradewarden.core.values import Side

D = Decimal
H1 = Timeframe.H1


def kind(name: str, kind: str, period: int = 0, source: str = "close", **parameters: int | Decimal) -> IndicatorSpec:
    given = tuple(IndicatorParameter(name=key, value=value) for key, value in parameters.items())
    return IndicatorSpec(name=name, kind=kind, period=period, source=source, parameters=given)


INDICATORS = (
    kind("mean", "ema", 9),
    kind("top", "sma", 5, "high"),
    replace(kind("trend", "ema", 6), timeframe=H1),
    kind("bands", "bollinger", 12, multiple=D("1.5")),
    kind("channel", "donchian", 10),
    kind("swing", "swings", strength=2, lookback=40),
    kind("super", "supertrend", 7, multiple=D(2)),
    kind("rsi", "rsi", 7),
    kind("slow_rsi", "rsi", 21),
    kind("stoch", "stochastic", k_period=9, k_smoothing=3, d_period=3),
    kind("wr", "williams_r", 10),
    kind("macd", "macd", fast=5, slow=12, signal=4),
    kind("range", "atr", 7),
    kind("adx", "adx", 8),
    kind("bird", "hammer"),
    kind("gulp", "engulfing"),
    kind("still", "doji"),
    kind("activity", "sma", 8, "volume"),
)


def of(series: str, **more: Any) -> SeriesOperand:
    name, _, output = series.partition(".")
    return replace(SeriesOperand(series=name, output=output), **more)


def number(value: Decimal | str | int) -> NumberOperand:
    return NumberOperand(value=D(value))


PRICES = (
    *(of(name) for name in ("close", "open", "high", "low", "mean", "top", "trend", "bands.upper", "bands.lower")),
    *(of(name) for name in ("bands.middle", "channel.upper", "channel.lower", "swing.high", "swing.previous_low")),
    of("super.line"),
    of("high", shift=1),
    of("low", shift=3),
    of("close", timeframe=H1),
    of("high", shift=1, timeframe=H1),
    of("trend", shift=1),
)
HUNDREDS = (of("rsi"), of("slow_rsi"), of("stoch.k"), of("stoch.d"), of("rsi", shift=2))
SIGNED = (of("macd.line"), of("macd.signal"), of("macd.histogram", shift=1))
DISTANCES = (of("range"), of("range", shift=5, multiple=D("1.2")), of("range", multiple=D("0.1")))
SIGNS = (of("bird"), of("gulp"), of("super.direction"), of("still"))
GAUGES = (of("adx.adx"), of("adx.plus_di"), of("adx.minus_di"))
VOLUMES = (of("volume"), of("activity"), of("activity", multiple=D("1.5")))
ORDERS = st.sampled_from([">", ">=", "<", "<=", "crosses_above", "crosses_below"])


def _pairs(*pool: SeriesOperand) -> st.SearchStrategy[tuple[SeriesOperand, SeriesOperand]]:
    return st.tuples(st.sampled_from(pool), st.sampled_from(pool)).filter(lambda pair: pair[0] != pair[1])


def _against(pool: tuple[SeriesOperand, ...], low: int, high: int) -> st.SearchStrategy[Condition]:
    levels = st.integers(low * 2, high * 2).map(lambda half: number(D(half) / 2))
    plain = st.builds(
        lambda left, op, right, turned: Comparison(
            left=right if turned else left, op=Operator(op), right=(left if turned else right,)
        ),
        st.sampled_from(pool),
        ORDERS,
        levels,
        st.booleans(),
    )
    between = st.builds(
        lambda left, low, width: Comparison(
            left=left, op=Operator.BETWEEN, right=(number(low), number(low + D(width) / 2))
        ),
        st.sampled_from(pool),
        st.integers(low, high).map(D),
        st.integers(0, high - low),
    )
    return st.one_of(plain, between)


def _within(*pool: SeriesOperand) -> st.SearchStrategy[Condition]:
    return st.builds(
        lambda pair, op: Comparison(left=pair[0], op=Operator(op), right=(pair[1],)), _pairs(*pool), ORDERS
    )


COMPARISONS: st.SearchStrategy[Condition] = st.one_of(
    _within(*PRICES),
    _within(*HUNDREDS),
    _within(*SIGNED),
    _within(*DISTANCES),
    _within(*GAUGES),
    _within(*VOLUMES),
    _against(HUNDREDS, 0, 100),
    _against((of("wr"),), -100, 0),
    _against(SIGNED, -3, 3),
    _against(GAUGES, 0, 60),
    _against(SIGNS, -1, 1),
    st.builds(
        lambda left, op, right: Comparison(left=left, op=Operator(op), right=(right,)),
        st.sampled_from(SIGNED),
        ORDERS,
        st.sampled_from(DISTANCES),
    ),
    st.builds(
        lambda left, bounds: Comparison(left=left, op=Operator.BETWEEN, right=bounds),
        st.sampled_from(PRICES),
        _pairs(*PRICES),
    ),
    st.builds(
        lambda left, op, bars: Comparison(left=left, op=Operator(op), right=(number(bars),)),
        st.sampled_from((*PRICES, *HUNDREDS, *SIGNED, *GAUGES, *VOLUMES)),
        st.sampled_from(["rising", "falling"]),
        st.integers(1, 3),
    ),
)
FACT_GROUPS = st.sampled_from(list(FACTS)).map(lambda name: expand_fact(name)[0])
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.one_of(COMPARISONS, FACT_GROUPS),
    lambda inner: st.one_of(
        st.builds(
            lambda each, members: Group(kind=each, members=tuple(members)),
            st.sampled_from([GroupKind.ALL, GroupKind.ANY]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        inner.map(lambda member: Group(kind=GroupKind.NOT, members=(member,))),
    ),
    max_leaves=4,
)
LISTS = st.lists(CONDITIONS, max_size=3).map(tuple)
STOPS: st.SearchStrategy[StopRule] = st.sampled_from(
    [
        AtrStop(period=14, multiple=D("1.5")),
        AtrStop(period=7, multiple=D(2)),
        PointsStop(points=300),
        SwingStop(strength=2, lookback=60, buffer_points=20),
        StructureStop(bars=15, buffer_points=10),
        StructureStop(bars=1, buffer_points=0),
        IndicatorStop(level=of("super.line"), buffer_points=5),
        IndicatorStop(level=of("bands.lower"), buffer_points=5),
        IndicatorStop(level=of("low", shift=1, timeframe=H1), buffer_points=0),
    ]
)
PERCENT = PercentStop(fraction=D("0.004"))
TRAILS: st.SearchStrategy[TrailRule | None] = st.sampled_from(
    [
        None,
        AtrTrail(period=7, multiple=D(1), from_r=D(1)),
        StepTrail(step_r=D("0.5"), from_r=D(1)),
        IndicatorTrail(level=of("channel.lower"), buffer_points=10, from_r=D(1)),
    ]
)


def _hidden(conditions: tuple[Condition, ...]) -> dict[str, IndicatorSpec]:
    found: dict[str, IndicatorSpec] = {}
    for condition in conditions:
        if isinstance(condition, Group):
            found |= _hidden(condition.members)
            if condition.fact:
                found |= {each.name: each for each in expand_fact(condition.fact.partition("(")[0])[1]}
    return found


@st.composite
def specs(draw: st.DrawFn) -> StrategySpec:
    """A strategy that has a mirror image."""
    entry, exit_, strong, weak, invalidations, forbidden = (draw(LISTS) for _ in range(6))
    hidden = _hidden((*entry, *exit_, *strong, *weak, *invalidations, *forbidden))
    return spec(
        *INDICATORS,
        *hidden.values(),
        side=draw(st.sampled_from(Side)),
        entry=entry,
        exit=exit_,
        strong=strong,
        weak=weak,
        invalidations=invalidations,
        forbidden=Forbidden(conditions=forbidden),
        stop_loss=draw(STOPS),
        trail=draw(TRAILS),
    )
