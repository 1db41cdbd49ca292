"""The indicator kinds that this version computes, with their outputs, units and minimum windows.

TA-Lib does the arithmetic, vectorised over the closed bars and NaN until warm. A kind declares how many
bars it needs before its newest value no longer depends on where the window began;
docs/reference/indicators.md gives the drift that was measured for it on real bars.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import unwrap

import numpy as np

from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, Float64

COLUMN_UNITS: dict[str, Unit] = {
    "open": Unit.PRICE,
    "high": Unit.PRICE,
    "low": Unit.PRICE,
    "close": Unit.PRICE,
    "volume": Unit.VOLUME,
    "spread": Unit.POINTS,
}
SINGLE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorKind:
    """One kind of indicator.

    ``unit`` is None where the values have the unit of the source column; ``reads_source`` is False where
    the kind reads whole bars. ``warm_up_extra`` is the number of bars beyond ``period`` that the first
    value needs, and ``window_periods`` the minimum window in multiples of the period.
    """

    name: str
    title: str
    outputs: tuple[str, ...]
    unit: Unit | None
    reads_source: bool
    warm_up_extra: int
    window_periods: int
    function: Callable[[Bars, IndicatorSpec], dict[str, Float64]]

    def first_index(self, period: int) -> int:
        """Return the index of the first bar that has a value; every bar before it is NaN."""
        return period - 1 + self.warm_up_extra

    def minimum_window(self, period: int) -> int:
        """Return how many bars the newest value needs so that its drift stays below the quantum."""
        return self.window_periods * period + self.warm_up_extra

    def unit_of(self, source: str) -> Unit:
        """Return the unit of the values when the kind reads the column ``source``."""
        return self.unit or COLUMN_UNITS[source]

    def compute(self, bars: Bars, spec: IndicatorSpec) -> dict[str, Float64]:
        """Return each output as an array of shape (n,), NaN until warm; too few bars are all NaN."""
        if len(bars) <= self.first_index(spec.period):
            return {output: np.full(len(bars), np.nan) for output in self.outputs}
        return self.function(bars, spec)


@cache
def _talib(name: str) -> Callable[..., Float64]:
    """Return TA-Lib's function ``name``, loaded on first use because the library takes long to import.

    It is taken without its wrapper, which looks for pandas and polars inputs at the cost of a microsecond a call.
    """
    import talib

    function: Callable[..., Float64] = unwrap(getattr(talib, name))
    return function


def _source(bars: Bars, spec: IndicatorSpec) -> Float64:
    column: Float64 = getattr(bars, spec.source)
    return column


def _sma(bars: Bars, spec: IndicatorSpec) -> dict[str, Float64]:
    """Return the arithmetic mean of the newest ``period`` values."""
    return {SINGLE: _talib("SMA")(_source(bars, spec), spec.period)}


def _ema(bars: Bars, spec: IndicatorSpec) -> dict[str, Float64]:
    """Return the exponential mean: weight 2 / (period + 1), begun with the mean of the first ``period``."""
    return {SINGLE: _talib("EMA")(_source(bars, spec), spec.period)}


def _rsi(bars: Bars, spec: IndicatorSpec) -> dict[str, Float64]:
    """Return Wilder's relative strength index, 0–100; NaN while the source has not moved at all.

    Source: Wilder (1978). TA-Lib reports 0 for a source without any movement, which would read as "oversold".
    """
    source = _source(bars, spec)
    values: Float64 = _talib("RSI")(source, spec.period)
    if source[0] == source[1]:
        moved = source != source[0]
        still = int(np.argmax(moved)) if moved.any() else len(source)
        values[:still] = np.nan
    return {SINGLE: values}


def _atr(bars: Bars, spec: IndicatorSpec) -> dict[str, Float64]:
    """Return Wilder's average true range in price units. Source: Wilder (1978)."""
    return {SINGLE: _talib("ATR")(bars.high, bars.low, bars.close, spec.period)}


KINDS: dict[str, IndicatorKind] = {
    kind.name: kind
    for kind in (
        IndicatorKind(
            name="sma",
            title="Simple moving average",
            outputs=(SINGLE,),
            unit=None,
            reads_source=True,
            warm_up_extra=0,
            window_periods=1,
            function=_sma,
        ),
        IndicatorKind(
            name="ema",
            title="Exponential moving average",
            outputs=(SINGLE,),
            unit=None,
            reads_source=True,
            warm_up_extra=0,
            window_periods=12,
            function=_ema,
        ),
        IndicatorKind(
            name="rsi",
            title="Relative strength index (Wilder)",
            outputs=(SINGLE,),
            unit=Unit.OSCILLATOR,
            reads_source=True,
            warm_up_extra=1,
            window_periods=28,
            function=_rsi,
        ),
        IndicatorKind(
            name="atr",
            title="Average true range (Wilder)",
            outputs=(SINGLE,),
            unit=Unit.PRICE,
            reads_source=False,
            warm_up_extra=1,
            window_periods=20,
            function=_atr,
        ),
    )
}
