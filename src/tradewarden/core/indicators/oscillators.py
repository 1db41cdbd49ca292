"""Oscillators: where the price stands in its recent range, or how fast it moved.

A market that has not moved at all has no reading: TA-Lib says 0 there, which would read as "oversold", so these
values are unknown instead.
"""

from collections.abc import Callable

import numpy as np

from tradewarden.core.indicators.averages import SOURCE_PARAMETER
from tradewarden.core.indicators.kind import (
    PERIOD,
    SIGNED,
    SINGLE,
    IndicatorKind,
    Length,
    Mirror,
    MirrorRule,
    Output,
    Outputs,
    Parameter,
    View,
    bars_parameter,
    length_of,
)
from tradewarden.core.indicators.library import (
    any_of_newest,
    highest,
    lowest,
    means_of,
    padded,
    talib,
    unknown_where,
    windows,
)
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.market.bars import Bars, Float64

HUNDRED = Mirror(MirrorRule.REFLECTED, total=100)
MINUS_HUNDRED = Mirror(MirrorRule.REFLECTED, total=-100)
# Two typical prices of the same three prices added up may differ in their last bits: closer than this is equal.
_SAME = 1e-10


def _rsi(view: View) -> Outputs:
    source = view.source
    values: Float64 = talib("RSI")(source, view.settings.count())
    if source[0] == source[1]:
        moved = source != source[0]
        still = int(np.argmax(moved)) if moved.any() else len(source)
        values[:still] = np.nan
    return {SINGLE: values}


def _stochastic(view: View) -> Outputs:
    bars, settings = view.bars, view.settings
    period, smoothing, d_period = settings.count("k_period"), settings.count("k_smoothing"), settings.count("d_period")
    k, d = talib("STOCH")(bars.high, bars.low, bars.close, period, smoothing, 0, d_period, 0)
    flat = highest(bars.high, period) == lowest(bars.low, period)
    if flat.any():
        unknown = any_of_newest(flat, smoothing)
        k[unknown] = np.nan
        d[any_of_newest(unknown, d_period)] = np.nan
    return {"k": k, "d": d}


def _cci(view: View) -> Outputs:
    # Not TA-Lib's: it sums a ring of values in the order they lie in, so that the last digits of its answer depend
    # on where the bars began, and with a small deviation that shows.
    typical, period = _typical(view.bars), view.settings.count()
    spans = windows(typical, period)
    means = means_of(spans)
    deviations = means_of(np.abs(spans - means[:, None]))
    moved = np.ptp(spans, axis=1) > _SAME * means
    distance = typical[period - 1 :] - means
    values = np.divide(distance, 0.015 * deviations, out=np.full(len(means), np.nan), where=moved)
    return {SINGLE: padded(values, len(typical))}


def _roc(view: View) -> Outputs:
    source, period = view.source, view.settings.count()
    values = talib("ROC")(source, period)
    before = np.ones(len(source))
    before[period:] = source[:-period]
    return {SINGLE: unknown_where(values, before == 0)}


def _mfi(view: View) -> Outputs:
    # Not TA-Lib's: it takes a difference in the last bits of two equal typical prices for a move, and a money flow
    # below 1.0 for none at all.
    bars, period = view.bars, view.settings.count()
    typical = _typical(bars)
    moves = np.diff(typical)
    moves[np.abs(moves) <= _SAME * typical[1:]] = 0.0
    flows = typical[1:] * bars.volume[1:]
    gained = windows(np.where(moves > 0, flows, 0.0), period).sum(axis=1)
    lost = windows(np.where(moves < 0, flows, 0.0), period).sum(axis=1)
    total = gained + lost
    share = np.divide(100.0 * gained, total, out=np.full(len(total), np.nan), where=total > 0)
    return {SINGLE: padded(share, len(bars))}


def _williams_r(view: View) -> Outputs:
    bars, period = view.bars, view.settings.count()
    values = talib("WILLR")(bars.high, bars.low, bars.close, period)
    return {SINGLE: unknown_where(values, highest(bars.high, period) == lowest(bars.low, period))}


def _typical(bars: Bars) -> Float64:
    typical: Float64 = (bars.high + bars.low + bars.close) / 3
    return typical


def _oscillator(
    name: str,
    title: str,
    definition: str,
    *,
    function: Callable[[View], Outputs],
    output: Output,
    first: Length,
    window: Length,
    default: int,
    reads: str = "high, low, close",
    source: bool = False,
) -> IndicatorKind:
    parameters: tuple[Parameter, ...] = (bars_parameter(1 if name == "roc" else 2, default),)
    return IndicatorKind(
        name=name,
        title=title,
        definition=definition,
        reads="source" if source else reads,
        parameters=(*parameters, SOURCE_PARAMETER) if source else parameters,
        outputs=(output,),
        first_index=first,
        minimum_window=window,
        function=function,
        own_window=name != "rsi",
    )


_PERIOD = length_of((1, PERIOD))
_BEFORE = length_of((1, PERIOD), extra=-1)
_AFTER = length_of((1, PERIOD), extra=1)

STOCHASTIC = IndicatorKind(
    name="stochastic",
    title="Stochastic oscillator",
    definition="place of the close in the range of `k_period` bars, 0–100; `k` its mean over `k_smoothing`, "
    "`d` the mean of `k` over `d_period` (Lane)",
    reads="high, low, close",
    parameters=(
        bars_parameter(2, 14, "Bars of the range.", "k_period"),
        bars_parameter(1, 3, "Bars that k is the mean of; 1 is the fast stochastic.", "k_smoothing", 100),
        bars_parameter(1, 3, "Bars that d is the mean of.", "d_period", 100),
    ),
    outputs=(Output("k", Unit.OSCILLATOR, HUNDRED, 0, 100), Output("d", Unit.OSCILLATOR, HUNDRED, 0, 100)),
    first_index=length_of((1, "k_period"), (1, "k_smoothing"), (1, "d_period"), extra=-3),
    minimum_window=length_of((1, "k_period"), (1, "k_smoothing"), (1, "d_period"), extra=-2),
    function=_stochastic,
)

OSCILLATORS = (
    _oscillator(
        "rsi",
        "Relative strength index (Wilder)",
        "share of the upward moves in all moves, Wilder's mean over `period` (Wilder 1978)",
        function=_rsi,
        output=Output(SINGLE, Unit.OSCILLATOR, HUNDRED, 0, 100),
        first=_PERIOD,
        window=length_of((28, PERIOD), extra=1),
        default=14,
        source=True,
    ),
    STOCHASTIC,
    _oscillator(
        "cci",
        "Commodity channel index",
        "distance of the typical price from its mean, in 0.015 mean deviations (Lambert 1980)",
        function=_cci,
        output=Output(SINGLE, Unit.INDEX, SIGNED),
        first=_BEFORE,
        window=_PERIOD,
        default=20,
    ),
    _oscillator(
        "roc",
        "Rate of change",
        "change against the value `period` bars before, in percent of it",
        function=_roc,
        output=Output(SINGLE, Unit.PERCENT, SIGNED),
        first=_PERIOD,
        window=_AFTER,
        default=10,
        source=True,
    ),
    _oscillator(
        "mfi",
        "Money flow index",
        "share of typical price × volume on rising bars in that of all moving bars",
        function=_mfi,
        output=Output(SINGLE, Unit.OSCILLATOR, HUNDRED, 0, 100),
        first=_PERIOD,
        window=_AFTER,
        default=14,
        reads="high, low, close, volume",
    ),
    _oscillator(
        "williams_r",
        "Williams %R",
        "place of the close below the highest high of `period` bars, −100 to 0",
        function=_williams_r,
        output=Output(SINGLE, Unit.NEGATIVE_OSCILLATOR, MINUS_HUNDRED, -100, 0),
        first=_BEFORE,
        window=_PERIOD,
        default=14,
    ),
)
