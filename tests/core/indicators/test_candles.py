"""Candle patterns on bars drawn by hand, in words of what a trader sees."""

import numpy as np
import pytest
from tests.core.indicators.cases import compute, spec_of
from tests.core.indicators.series import bars_of
from tests.core.indicators.test_mirror import AXIS, upside_down

from tradewarden.core.indicators.candles import CANDLES
from tradewarden.core.indicators.kind import MirrorRule
from tradewarden.core.market.bars import Bars

Candle = tuple[float, float, float, float]
# Fourteen bars with bodies of four and shadows of one: what "long" and "short" are measured by.
USUAL: list[Candle] = [(2050.0, 2055.0, 2049.0, 2054.0), (2054.0, 2055.0, 2049.0, 2050.0)] * 7
BEAR = (2050.0, 2051.0, 2039.0, 2040.0)


def ending_in(*candles: Candle) -> Bars:
    """The usual bars, then `candles` as open, high, low, close."""
    open_, high, low, close = np.array([*USUAL, *candles]).T
    return bars_of(close, opens=open_, highs=high, lows=low)


DRAWN: dict[str, Bars] = {
    "engulfing": ending_in((2050.0, 2051.0, 2045.0, 2046.0), (2045.0, 2052.0, 2044.0, 2051.0)),
    "harami": ending_in(BEAR, (2043.0, 2045.0, 2042.0, 2044.0)),
    "marubozu": ending_in((2040.0, 2050.0, 2040.0, 2050.0)),
    "doji": ending_in((2050.0, 2053.0, 2047.0, 2050.1)),
    "hammer": ending_in(BEAR, (2039.5, 2040.6, 2034.0, 2040.5)),
    "inverted_hammer": ending_in(BEAR, (2036.0, 2043.0, 2035.9, 2037.0)),
    "dragonfly_doji": ending_in((2050.0, 2050.1, 2044.0, 2050.0)),
    "piercing": ending_in(BEAR, (2036.0, 2049.0, 2035.0, 2048.0)),
    "morning_star": ending_in(BEAR, (2037.0, 2038.0, 2036.0, 2037.5), (2038.0, 2049.0, 2037.5, 2048.0)),
    "three_white_soldiers": ending_in(
        (2040.0, 2046.0, 2039.0, 2046.0), (2043.0, 2050.0, 2042.0, 2050.0), (2047.0, 2054.0, 2046.0, 2054.0)
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_pattern_is_recognised(name: str) -> None:
    values = compute(spec_of(name), DRAWN[name])["value"]
    assert values[-1] == 1.0


@pytest.mark.parametrize("name", DRAWN)
def test_its_mirror_image_is_the_opposite(name: str) -> None:
    kind = next(kind for kind in CANDLES if kind.name == name)
    values = compute(spec_of(kind.partner or name), upside_down(DRAWN[name]))["value"]
    assert values[-1] == (1.0 if kind.outputs[0].mirror.rule is MirrorRule.NEUTRAL else -1.0)


def test_every_pattern_is_drawn_or_the_partner_of_one() -> None:
    assert {kind.name for kind in CANDLES} == {
        name for kind in CANDLES if kind.name in DRAWN for name in (kind.name, kind.partner) if name
    }


@pytest.mark.parametrize("kind", CANDLES, ids=lambda kind: kind.name)
def test_usual_bars_show_no_other_pattern(kind: object) -> None:
    assert hasattr(kind, "name")
    values = compute(spec_of(kind.name), ending_in())["value"]
    assert kind.name == "engulfing" or values[-1] == 0.0


def test_the_axis_keeps_prices_above_zero() -> None:
    assert all((upside_down(bars).low > 0).all() and (bars.high < AXIS).all() for bars in DRAWN.values())
