"""What was computed of the newest bars is shared by windows that end with the same bar, and changes no decision."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    D,
    a_snapshot,
    a_spec,
    a_strategy,
    close_is,
    some_bars,
    some_inputs,
    wandering_closes,
)

from tradewarden.core.decision import decide, decision_digest
from tradewarden.core.indicators.market_state import MARKET_WINDOW_BARS, measure_market
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.core.strategy.evaluate import evaluate
from tradewarden.core.strategy.spec import Comparison, Operator, SeriesOperand, StrategySpec

TICK = D("0.00001")


def crossing(fast: int, slow: int, *, kind: str = "ema", shift: int = 0) -> StrategySpec:
    """A strategy on two averages of the given lengths."""
    return a_spec(
        name=f"{kind} {fast} {slow} {shift}",
        indicators=(
            IndicatorSpec(name="fast", kind=kind, period=fast),
            IndicatorSpec(name="slow", kind="sma", period=slow),
            IndicatorSpec(name="range", kind="atr", period=14),
        ),
        entry=(
            Comparison(
                left=SeriesOperand(series="fast", shift=shift),
                op=Operator.CROSSES_ABOVE,
                right=(SeriesOperand(series="slow"),),
            ),
        ),
    )


def test_only_windows_that_end_with_the_same_bar_share_what_is_known() -> None:
    bars = some_bars(wandering_closes(300))
    assert bars.window(100, 300).memo is bars.memo
    assert bars.window(100, 300).window(50, 200).memo is bars.memo
    assert bars.window(0, 299).memo is not bars.memo
    assert replace(bars, symbol="GBPUSD").memo is not bars.memo


specs = st.builds(
    crossing,
    st.integers(2, 30),
    st.integers(2, 60),
    kind=st.sampled_from(["ema", "sma", "wma"]),
    shift=st.integers(0, 9),
)


@given(wanted=st.lists(specs, min_size=1, max_size=6), seed=st.integers(0, 50), spare=st.integers(0, 40))
def test_strategies_on_shared_bars_say_what_each_says_alone(wanted: list[StrategySpec], seed: int, spare: int) -> None:
    shared = some_bars(wandering_closes(500, seed=seed))
    for number, spec in enumerate(wanted):
        given_bars = shared.window(min(spare * number, 80), 500)
        found = evaluate(spec, given_bars, tick_size=TICK, server_clock=NEW_YORK_CLOSE)
        assert found == evaluate(spec, replace(given_bars), tick_size=TICK, server_clock=NEW_YORK_CLOSE)


def test_the_tick_and_the_server_clock_tell_computations_apart() -> None:
    shared = some_bars(wandering_closes(700))
    spec = a_spec(indicators=(IndicatorSpec(name="day", kind="vwap"),), entry=(close_is(Operator.ABOVE, "0.00001"),))
    for clock in (NEW_YORK_CLOSE, ServerClock("UTC"), NEW_YORK_CLOSE):
        for tick in (TICK, D("0.0001"), TICK):
            found = evaluate(spec, shared, tick_size=tick, server_clock=clock)
            assert found == evaluate(spec, replace(shared), tick_size=tick, server_clock=clock)
            assert measure_market(shared, tick_size=tick) == measure_market(replace(shared), tick_size=tick)


def test_a_market_state_is_that_of_the_bars_at_hand() -> None:
    shared = some_bars(wandering_closes(MARKET_WINDOW_BARS + 50))
    for count in (3, 130, 300, MARKET_WINDOW_BARS, MARKET_WINDOW_BARS + 50):
        newest = shared.window(len(shared) - count, len(shared))
        assert measure_market(newest, tick_size=TICK) == measure_market(replace(newest), tick_size=TICK)


def test_a_second_decision_on_the_same_bars_has_the_same_digest() -> None:
    bars = some_bars(wandering_closes(500))
    first, second, fresh = (
        decide(some_inputs(snapshot=a_snapshot(bars=(each,)), strategy=a_strategy()))
        for each in (bars, bars, replace(bars))
    )
    assert decision_digest(first) == decision_digest(second) == decision_digest(fresh)
