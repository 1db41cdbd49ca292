from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewarden.core.indicators.quantum import Unit, quantum_of

PRICE = quantum_of(Unit.PRICE, Decimal("0.01"))


def test_prices_are_read_to_a_ten_thousandth_of_the_tick() -> None:
    assert PRICE.count(2650.1234567) == 2_650_123_457
    assert PRICE.value(2_650_123_457) == Decimal("2650.123457")


@pytest.mark.parametrize("unit", [Unit.OSCILLATOR, Unit.VOLUME, Unit.POINTS])
def test_everything_else_is_read_to_nine_digits(unit: Unit) -> None:
    quantum = quantum_of(unit, Decimal("0.01"))
    assert str(quantum.value(quantum.count(56.1234567891))) == "56.123456789"


def test_float_noise_does_not_reach_the_comparison() -> None:
    assert PRICE.count(0.1 + 0.2) == PRICE.count(0.3)


def test_tick_size_records_the_same_digits_however_it_is_written() -> None:
    assert str(quantum_of(Unit.PRICE, Decimal("0.010")).value(5)) == str(PRICE.value(5))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_unknown(value: float) -> None:
    assert PRICE.count(value) is None
    assert PRICE.counts(np.array([1.0, value])) == [1_000_000, None]
    assert PRICE.value(None) is None


@pytest.mark.parametrize("tick", ["0", "-0.01"])
def test_refuses_a_tick_that_is_not_above_zero(tick: str) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        quantum_of(Unit.PRICE, Decimal(tick))


@given(st.decimals(min_value=0, max_value=100_000, places=6), st.sampled_from(["0.01", "0.00001", "0.25", "1"]))
def test_a_price_on_the_grid_survives_the_round_trip(price: Decimal, tick: str) -> None:
    quantum = quantum_of(Unit.PRICE, Decimal(tick))
    on_grid = quantum.count_of(price) * quantum.step
    assert quantum.value(quantum.count(float(on_grid))) == on_grid
