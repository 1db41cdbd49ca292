"""Indicators on real bars: drift on the minimum window and agreement with two other libraries."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.core.indicators.cases import DEFAULTS, compute, spec_of
from tests.core.indicators.measuring import (
    AGREEMENT_SERIES,
    LIBRARIES,
    SERIES,
    RealSeries,
    bars_of_series,
    distances,
    drift,
    drift_of_kind,
)
from tests.core.indicators.peers import TALIB, TALIPP, Peer

from tradewarden.core.indicators.kind import PERIOD
from tradewarden.core.indicators.registry import KINDS, bind

XAUUSD = SERIES[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("series", SERIES, ids=lambda series: series.label)
def test_drift_on_the_minimum_window_stays_below_the_quantum(kind: str, series: RealSeries, test_data: Path) -> None:
    assert drift_of_kind(kind, test_data, series) < 1


@pytest.mark.parametrize(("kind", "share"), [("ema", 0.7), ("rsi", 0.6), ("adx", 0.6), ("macd", 0.6), ("kama", 0.3)])
def test_a_much_shorter_window_would_drift(kind: str, share: float, test_data: Path) -> None:
    spec = spec_of(kind, {} if kind == "macd" else {PERIOD: 14})
    window = int(bind(spec).minimum_window(XAUUSD.timeframe) * share)
    assert drift(spec, bars_of_series(test_data, XAUUSD), XAUUSD, window=window) > 1


@pytest.mark.parametrize(
    "peer",
    [pytest.param(peer, id=f"{library}-{peer.spec.kind}") for library, peers in LIBRARIES.items() for peer in peers],
)
@pytest.mark.parametrize("series", AGREEMENT_SERIES, ids=lambda series: series.label)
def test_agrees_with_another_library(peer: Peer, series: RealSeries, test_data: Path) -> None:
    apart = distances(peer, test_data, series)
    assert np.isfinite(apart).mean() > 0.99
    assert (apart > peer.tolerance).mean() <= peer.apart


def test_at_least_twenty_indicators_are_compared_with_both_libraries() -> None:
    shared = {peer.spec.kind for peer in TALIB} & {peer.spec.kind for peer in TALIPP}
    assert len(shared) >= 19
    assert len({peer.spec.kind for peer in TALIPP}) >= 25
    assert len({peer.spec.kind for peer in TALIB}) >= 30


@pytest.mark.parametrize("spec", DEFAULTS, ids=lambda spec: spec.kind)
def test_says_something_on_real_bars(spec: object, test_data: Path) -> None:
    assert hasattr(spec, "kind")
    bars = bars_of_series(test_data, XAUUSD)
    for output in KINDS[spec.kind].outputs:
        values = compute(spec, bars)[output.name]  # type: ignore[arg-type]
        assert np.isfinite(values).mean() > 0.9
        assert len(set(values[np.isfinite(values)].tolist())) > 1


def test_what_was_measured_covers_every_kind_and_stays_below_the_quantum(repository: Path) -> None:
    text = (repository / "docs" / "reference" / "indicators.measured.json").read_text(encoding="utf-8")
    measured = json.loads(text)
    assert list(measured["drift"]) == list(KINDS)
    assert max(value or 0 for row in measured["drift"].values() for value in row.values()) < 1
    assert len(measured["agreement"]) == len(TALIB) + len(TALIPP)
