"""One suite that every indicator kind passes: reference values, exact warm-up, no look-ahead, ranges, declarations."""

import math
import re
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talib import abstract
from tests.core.indicators.cases import CASES, DEFAULTS, case_id, compute, kind_of, settings_of, spec_of
from tests.core.indicators.formulas import FORMULAS
from tests.core.indicators.series import bars_of, walk
from tests.core.indicators.talib_looks import LOOKBACKS

from tradewarden.core.indicators.candles import CANDLES
from tradewarden.core.indicators.kind import COLUMN_UNITS, PERIOD, MirrorRule
from tradewarden.core.indicators.quantum import Unit, quantum_of
from tradewarden.core.indicators.registry import KINDS, bind
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe

TICK = Decimal("0.01")
WALK = walk(900)
# A mean deviation in the denominator enlarges the rounding of any formula: a fifth of the quantum.
CLOSE = 0.3

each_case = pytest.mark.parametrize("spec", CASES, ids=case_id)
each_kind = pytest.mark.parametrize("spec", DEFAULTS, ids=lambda spec: spec.kind)


def in_quanta(spec: IndicatorSpec, output: str, values: Float64) -> Float64:
    return values / float(quantum_of(kind_of(spec).unit_of(output, spec.source), TICK).step)


def first_index(spec: IndicatorSpec) -> int:
    return bind(spec).first_index(Timeframe.M15)


class TestValues:
    def test_every_kind_has_a_formula_or_is_a_pattern(self) -> None:
        assert FORMULAS.keys() | {kind.name for kind in CANDLES} == KINDS.keys()

    @pytest.mark.parametrize("spec", [spec for spec in CASES if spec.kind in FORMULAS], ids=case_id)
    def test_equal_an_independent_computation(self, spec: IndicatorSpec) -> None:
        values = compute(spec, WALK)
        expected = FORMULAS[spec.kind](WALK, settings_of(spec), NEW_YORK_CLOSE)
        assert values.keys() == expected.keys() == {output.name for output in kind_of(spec).outputs}
        start = first_index(spec) if kind_of(spec).exact else 0
        for name, column in expected.items():
            reference = np.array([np.nan if value is None else value for value in column])[start:]
            assert np.isfinite(reference).any(), f"the formula of {name} says nothing"
            apart = in_quanta(spec, name, values[name][start:] - reference)
            np.testing.assert_array_equal(np.isnan(values[name][start:]), np.isnan(reference))
            assert np.nanmax(np.abs(apart)) < CLOSE

    @each_case
    def test_stay_in_their_range(self, spec: IndicatorSpec) -> None:
        for output in kind_of(spec).outputs:
            values = compute(spec, WALK)[output.name]
            known = values[np.isfinite(values)]
            assert len(known)
            if output.low is not None:
                assert known.min() >= output.low - 1e-9
            if output.high is not None:
                assert known.max() <= output.high + 1e-9
            if kind_of(spec).unit_of(output.name, spec.source) is Unit.SIGN:
                assert set(known.tolist()) <= {-1.0, 0.0, 1.0}


class TestWarmUp:
    @pytest.mark.parametrize("spec", [spec for spec in CASES if kind_of(spec).exact], ids=case_id)
    def test_is_nan_exactly_until_warm(self, spec: IndicatorSpec) -> None:
        first = first_index(spec)
        for values in compute(spec, WALK.window(0, first + 40)).values():
            assert values.shape == (first + 40,)
            assert np.isnan(values[:first]).all()
            assert np.isfinite(values[first:]).all()

    @each_case
    def test_too_few_bars_are_all_nan(self, spec: IndicatorSpec) -> None:
        first = first_index(spec)
        for count in {0, min(1, first), first}:
            for values in compute(spec, WALK.window(0, count)).values():
                assert values.shape == (count,)
                assert np.isnan(values).all()

    @each_case
    def test_the_minimum_window_is_warm(self, spec: IndicatorSpec) -> None:
        for timeframe in Timeframe:
            assert bind(spec).minimum_window(timeframe) > bind(spec).first_index(timeframe)

    @pytest.mark.parametrize(("kind", "function", "parameters"), LOOKBACKS)
    def test_is_what_the_library_says(self, kind: str, function: str, parameters: dict[str, int]) -> None:
        library: Any = getattr(abstract, function)
        library.parameters = parameters
        assert first_index(spec_of(kind)) == library.lookback


class TestLookAhead:
    @each_case
    @settings(max_examples=30)
    @given(data=st.data())
    def test_no_value_depends_on_a_later_bar(self, spec: IndicatorSpec, data: st.DataObject) -> None:
        bars = WALK.window(0, 420)
        cut = data.draw(st.integers(min_value=min(first_index(spec), 418), max_value=419))
        whole, prefix = compute(spec, bars), compute(spec, bars.window(0, cut))
        for name, values in prefix.items():
            np.testing.assert_array_equal(whole[name][:cut], values)

    def test_the_cloud_over_a_bar_was_known_before(self) -> None:
        values = compute(spec_of("ichimoku"), WALK)
        for span, lead in (("span_a", "lead_a"), ("span_b", "lead_b")):
            np.testing.assert_array_equal(values[span][77 + 26 :], values[lead][77:-26])

    def test_a_swing_is_read_on_the_bar_that_confirms_it(self) -> None:
        highs = [100.0 + step for step in (0, 1, 2, 5, 3, 2, 1, 0, 0, 0)]
        bars = bars_of([99.0] * 10, opens=[99.0] * 10, highs=highs, lows=[98.0] * 10)
        found = compute(spec_of("swings", {"strength": 2, "lookback": 4}), bars)["high"]
        assert [None if math.isnan(value) else value for value in found] == [None] * 5 + [105.0] * 3 + [None] * 2

    def test_of_equal_highs_the_first_is_the_swing(self) -> None:
        highs = [100.0, 101.0, 105.0, 105.0, 101.0, 100.0, 100.0, 100.0]
        bars = bars_of([99.0] * 8, opens=[99.0] * 8, highs=highs, lows=[98.0] * 8)
        found = compute(spec_of("swings", {"strength": 2, "lookback": 4}), bars)
        assert found["high"][4:7].tolist() == [105.0] * 3
        assert np.isnan(found["previous_high"]).all()
        assert np.isnan(found["high"][7])


class TestStillAndSteadyMarkets:
    STILL = bars_of([1912.34] * 900)
    UNKNOWN = ("rsi", "stochastic", "cci", "mfi", "williams_r")

    @each_kind
    def test_a_market_that_stands_still_gives_its_price_or_nothing(self, spec: IndicatorSpec) -> None:
        for output in kind_of(spec).outputs:
            values = compute(spec, self.STILL)[output.name][bind(spec).minimum_window(Timeframe.M15) :]
            if spec.kind in self.UNKNOWN or output.name == "percent_b" or spec.kind == "swings":
                assert np.isnan(values).all()
            elif output.mirror.rule is MirrorRule.PRICE:
                counts = quantum_of(Unit.PRICE, TICK).counts(values)
                assert set(counts) == {1_912_340_000}
            elif output.name == "direction":
                assert set(values.tolist()) <= {-1.0, 0.0, 1.0}
            elif spec.kind not in ("aroon", "atr_percentile", "doji", "dragonfly_doji"):
                counts = quantum_of(output.unit or Unit.PRICE, TICK).counts(values)
                assert set(counts) <= {0}, f"{spec.kind}.{output.name}"

    @pytest.mark.parametrize("kind", ["sma", "ema", "wma", "dema", "tema", "kama", "hma"])
    def test_an_average_follows_a_steady_rise_at_a_steady_distance(self, kind: str) -> None:
        bars = bars_of(2000.0 + np.arange(1800.0))
        lag = (bars.close - compute(spec_of(kind, {PERIOD: 15}), bars)["value"])[1200:]
        assert np.ptp(lag) < 1e-6
        assert -1.01 < lag[-1] < 7.001

    @pytest.mark.parametrize(("step", "side"), [(1.0, 1), (-1.0, -1)])
    def test_a_steady_move_puts_every_gauge_at_its_end(self, step: float, side: int) -> None:
        bars = bars_of(5000.0 + step * np.arange(1200.0), volume=5.0)

        def newest(kind: str, output: str = "value") -> float:
            return float(compute(spec_of(kind), bars)[output][-1])

        high, low = (100.0, 0.0) if side > 0 else (0.0, 100.0)
        assert [newest("rsi"), newest("mfi"), newest("stochastic", "k"), newest("williams_r") + 100] == [high] * 4
        assert (newest("aroon", "up"), newest("aroon", "down")) == (high, low)
        assert (newest("supertrend", "direction"), newest("psar", "direction")) == (side, side)
        assert newest("adx", "adx") == pytest.approx(100.0)
        assert math.copysign(1, newest("macd", "line")) == math.copysign(1, newest("cci")) == side
        assert math.copysign(1, newest("roc")) == math.copysign(1, newest("obv")) == side
        assert newest("bollinger", "percent_b") == pytest.approx(0.5 + side * 0.5 * 9.5 / 2 / math.sqrt(399 / 12))
        assert newest("atr") == 1.0

    def test_rsi_is_known_from_the_first_movement_on(self) -> None:
        values = compute(spec_of("rsi"), bars_of([1.1] * 50 + [1.2] * 50))["value"]
        assert np.isnan(values[:50]).all()
        np.testing.assert_allclose(values[50:], 100.0)

    def test_stochastic_is_unknown_while_a_flat_range_is_in_its_means(self) -> None:
        bars = bars_of([100.0] * 40 + [101.0, 102.0, 101.5, 102.5, 103.0, 102.0])
        values = compute(spec_of("stochastic", {"k_period": 3, "k_smoothing": 2, "d_period": 2}), bars)
        assert np.isfinite(values["k"]).nonzero()[0].tolist() == [41, 42, 43, 44, 45]
        assert np.isfinite(values["d"]).nonzero()[0].tolist() == [42, 43, 44, 45]

    def test_a_change_against_zero_is_unknown(self) -> None:
        bars = bars_of([100.0] * 6, spread=[0.0, 2.0, 3.0, 4.0, 0.0, 6.0])
        values = compute(spec_of("roc", {PERIOD: 2, "source": "spread"}), bars)["value"]
        np.testing.assert_array_equal(values, [np.nan, np.nan, np.nan, 100.0, -100.0, 50.0])

    def test_money_flow_is_the_same_for_volumes_of_any_unit(self) -> None:
        bars = bars_of(WALK.close / 2600, volume=WALK.volume)
        small = bars_of(WALK.close / 2600, volume=WALK.volume / 1024)
        for count in (2, 14):
            spec = spec_of("mfi", {PERIOD: count})
            np.testing.assert_allclose(compute(spec, small)["value"], compute(spec, bars)["value"], atol=1e-9)


class TestDeclarations:
    @each_case
    def test_lengths_are_what_their_text_says(self, spec: IndicatorSpec) -> None:
        kind, names = kind_of(spec), {"sqrt": math.isqrt, "max": max}
        values = {name: value for name, value in settings_of(spec).values.items() if not isinstance(value, str)}
        for length, offset in ((kind.first_index, 0), (kind.minimum_window, 0)):
            if "hours" in length.text:
                continue
            formula = re.sub(r"√(\w+)", r"sqrt(\1)", length.text).replace("×", "*").replace("−", "-")
            said = math.floor(eval(formula, {"__builtins__": {}}, {**names, **values}))
            assert length.count(settings_of(spec), Timeframe.M15) == said + offset

    def test_hours_are_counted_in_bars_with_one_before_them(self) -> None:
        def window(kind: str, timeframe: Timeframe, **values: str) -> int:
            return bind(spec_of(kind, dict(values))).minimum_window(timeframe)

        assert window("previous_day", Timeframe.M15) == 49 * 4 + 1
        assert window("pivots", Timeframe.D1) == 4
        assert window("vwap", Timeframe.H1) == 26
        assert window("vwap", Timeframe.H1, anchor="week") == 170
        assert window("obv", Timeframe.H4, anchor="London") == 20
        assert window("session_range", Timeframe.M5, session="Tokyo") == 73 * 12 + 1

    @each_kind
    def test_partners_are_mutual(self, spec: IndicatorSpec) -> None:
        kind = kind_of(spec)
        if kind.partner:
            assert KINDS[kind.partner].partner == kind.name
        for output in kind.outputs:
            if output.mirror.partner:
                assert kind.output(output.mirror.partner).mirror.partner == output.name

    @each_kind
    def test_defaults_are_within_their_limits(self, spec: IndicatorSpec) -> None:
        for parameter in kind_of(spec).parameters:
            assert parameter.description
            if parameter.choices:
                assert parameter.default is None or parameter.default in parameter.choices
            else:
                assert parameter.low <= Decimal(str(parameter.default or parameter.low)) <= parameter.high

    def test_series_take_the_unit_of_the_column_they_read(self) -> None:
        for column, unit in COLUMN_UNITS.items():
            assert KINDS["sma"].unit_of("value", column) is unit
            assert KINDS["bollinger"].unit_of("upper", column) is unit
            assert KINDS["rsi"].unit_of("value", column) is Unit.OSCILLATOR

    def test_parameters_that_a_kind_lacks_are_refused(self) -> None:
        with pytest.raises(ValueError, match="sma takes no fast"):
            bind(spec_of("sma", {"fast": 3}))
        with pytest.raises(ValueError, match="session_range needs the parameter session"):
            bind(spec_of("session_range"))

    def test_days_without_a_server_clock_are_refused(self) -> None:
        for kind in ("previous_day", "pivots", "vwap", "obv"):
            with pytest.raises(ValueError, match="no server clock was given"):
                compute(spec_of(kind), WALK, None)


def test_computing_leaves_the_bars_as_they_were() -> None:
    bars = walk(600, seed=5)
    before = Bars.from_bytes(bars.to_bytes())
    for spec in CASES:
        compute(spec, bars)
    assert bars.to_bytes() == before.to_bytes()
