"""Declared mirror rules hold: on prices turned upside down every output does what its rule says."""

from decimal import Decimal

import numpy as np
import pytest
from tests.core.indicators.cases import CASES, case_id, compute, kind_of
from tests.core.indicators.series import walk

from tradewarden.core.indicators.kind import NEUTRAL, MirrorRule
from tradewarden.core.indicators.quantum import Unit, quantum_of
from tradewarden.core.indicators.registry import KINDS, mirrored
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.timeframe import Timeframe

TICK = Decimal("0.01")
# On the grid and a power of two, so that turning a price upside down loses no bit of it.
AXIS = 4096.0
# Twice the axis is the sum of a price and its mirror image: small steps keep shares of the price alike.
WALK = walk(1500, start=AXIS / 2, step=0.25, tick=1 / 64)
# Shares of the price: as good as the two prices are the same.
SHARES = {"natr": 0.05, "roc": 0.05, "mfi": 0.01, "bollinger.width": 0.05}


def upside_down(bars: Bars) -> Bars:
    return Bars(
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        opened_at=bars.opened_at,
        ended_at=bars.ended_at,
        open=AXIS - bars.open,
        high=AXIS - bars.low,
        low=AXIS - bars.high,
        close=AXIS - bars.close,
        volume=bars.volume,
        spread=bars.spread,
    )


def expected(spec: IndicatorSpec, output: str, values: Float64) -> Float64:
    rule = kind_of(spec).mirror_of(output, spec.source)
    if rule.rule is MirrorRule.PRICE:
        return AXIS - values
    return values if rule.rule is MirrorRule.NEUTRAL else rule.total - values


@pytest.mark.parametrize("spec", CASES, ids=case_id)
def test_an_output_mirrors_as_it_declares(spec: IndicatorSpec) -> None:
    kind, settled = kind_of(spec), 1200
    original, turned = compute(spec, WALK), compute(mirrored(spec), upside_down(WALK))
    for output in kind.outputs:
        rule = kind.mirror_of(output.name, spec.source)
        found = turned[rule.partner or output.name][settled:]
        wanted = expected(spec, output.name, original[output.name])[settled:]
        name = spec.kind if len(kind.outputs) == 1 else f"{spec.kind}.{output.name}"
        step = float(quantum_of(kind.unit_of(output.name, spec.source), TICK).step)
        allowed = SHARES[name] * np.nanmax(np.abs(wanted)) if name in SHARES else 2 * step
        np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
        assert np.nanmax(np.abs(found - wanted)) <= allowed


@pytest.mark.parametrize("spec", CASES, ids=case_id)
def test_mirroring_twice_changes_nothing(spec: IndicatorSpec) -> None:
    assert mirrored(mirrored(spec)) == spec


def test_what_reads_volume_or_spread_stays() -> None:
    for source in ("volume", "spread"):
        assert KINDS["rsi"].mirror_of("value", source) == NEUTRAL
        assert KINDS["bollinger"].mirror_of("upper", source) == NEUTRAL
    assert mirrored(IndicatorSpec(name="x", kind="sma", period=5, source="volume")).source == "volume"


def test_highs_and_lows_change_places_as_a_source() -> None:
    spec = IndicatorSpec(name="x", kind="ema", period=5, source="high")
    assert mirrored(spec).source == "low"
    assert mirrored(IndicatorSpec(name="x", kind="hammer")).kind == "shooting_star"


def test_the_walk_is_its_own_kind_of_market() -> None:
    assert WALK.timeframe is Timeframe.M15
    assert abs(float(np.mean(WALK.close)) * 2 / AXIS - 1) < 0.02
    assert KINDS["adx"].output("plus_di").unit is Unit.OSCILLATOR
