"""What is measured of indicators on real bars: drift on the minimum window, and distance from other libraries.

Everything is in quanta, the steps in which values are compared and recorded.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import numpy as np
from tests.core.indicators.cases import CASES
from tests.core.indicators.peers import TALIB, TALIPP, Peer
from tests.core.indicators.series import real_bars

from tradewarden.core.indicators.quantum import quantum_of
from tradewarden.core.indicators.registry import bind
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.core.market.timeframe import Timeframe

MAX_BARS = 20_000
# The way a library begins its recursions has worn off after so many bars.
SETTLED = 2_000
COMPARED = 4_000
MOMENTS = 120


@dataclass(frozen=True)
class RealSeries:
    """A file of real bars, the timeframe they are put together to, its tick and its server clock."""

    file: str
    symbol: str
    timeframe: Timeframe
    tick: str
    clock: ServerClock

    @property
    def label(self) -> str:
        return f"{self.symbol} {self.timeframe}"


SERIES = (
    RealSeries("ftmo_m1/XAUUSD_M1", "XAUUSD", Timeframe.M15, "0.01", NEW_YORK_CLOSE),
    RealSeries("ftmo_m1/US30_M1", "US30", Timeframe.M15, "0.01", NEW_YORK_CLOSE),
    RealSeries("ftmo_m1/XAUUSD_M1", "XAUUSD", Timeframe.M1, "0.01", NEW_YORK_CLOSE),
    RealSeries("eurusd_utc/EURUSD_M15", "EURUSD", Timeframe.M15, "0.00001", ServerClock()),
    RealSeries("eurusd_utc/EURUSD_M1", "EURUSD", Timeframe.M1, "0.00001", ServerClock()),
)
AGREEMENT_SERIES = (SERIES[0], SERIES[3])
LIBRARIES = {"TA-Lib": TALIB, "talipp": TALIPP}


@lru_cache(maxsize=8)
def bars_of_series(folder: Path, series: RealSeries) -> Bars:
    return real_bars(folder, series.file, series.symbol, series.timeframe).window(0, MAX_BARS)


def quantum_step(spec: IndicatorSpec, output: str, series: RealSeries) -> float:
    unit = bind(spec).kind.unit_of(output, spec.source)
    return float(quantum_of(unit, Decimal(series.tick)).step)


def drift(spec: IndicatorSpec, bars: Bars, series: RealSeries, *, window: int = 0) -> float:
    """The largest difference between a value on the minimum window alone and in the full run, at many moments.

    Infinite where one of the two is unknown; negative where the series is too short to tell.
    """
    indicator = bind(spec)
    window = window or indicator.minimum_window(series.timeframe)
    if len(bars) < window + MOMENTS:
        return -1.0
    full = indicator.compute(bars, series.clock)
    largest = 0.0
    for end in np.linspace(max(window + 1, len(bars) // 3), len(bars), MOMENTS).astype(int):
        alone = indicator.compute(bars.window(end - window, end), series.clock)
        for name, values in alone.items():
            ours, expected = values[-1], full[name][end - 1]
            if np.isnan(ours) and np.isnan(expected):
                continue
            difference = abs(ours - expected) / quantum_step(spec, name, series)
            largest = max(largest, float("inf") if np.isnan(difference) else float(difference))
    return largest


def drift_of_kind(kind: str, folder: Path, series: RealSeries) -> float:
    """The largest drift of any parameters of `kind` that the suite knows."""
    bars = bars_of_series(folder, series)
    return max(drift(spec, bars, series) for spec in CASES if spec.kind == kind)


def distances(peer: Peer, folder: Path, series: RealSeries) -> Float64:
    """How far each bar's values lie apart, the widest of the outputs compared; NaN where both are unknown."""
    bars = bars_of_series(folder, series).window(0, COMPARED)
    theirs, ours = peer.compute(bars, series.clock), bind(peer.spec).compute(bars, series.clock)
    apart = [
        np.abs(values - ours[name])[SETTLED:] / quantum_step(peer.spec, name, series) for name, values in theirs.items()
    ]
    widest: Float64 = np.stack(apart).max(axis=0)
    return widest
