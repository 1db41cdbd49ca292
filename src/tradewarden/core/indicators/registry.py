"""The indicator kinds that this version computes, by name, and the two questions asked of them all.

Kinds declare themselves in their own modules; docs/reference/indicators.md is written from this table.
"""

from dataclasses import replace

from tradewarden.core.indicators.anchored import ANCHORED
from tradewarden.core.indicators.averages import AVERAGES
from tradewarden.core.indicators.candles import CANDLE_PARTS, CANDLES
from tradewarden.core.indicators.divergence import DIVERGENCE
from tradewarden.core.indicators.kind import Indicator, IndicatorKind
from tradewarden.core.indicators.oscillators import OSCILLATORS
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.indicators.swings import SWINGS
from tradewarden.core.indicators.trend import TREND
from tradewarden.core.indicators.volatility import VOLATILITY

KINDS: dict[str, IndicatorKind] = {
    kind.name: kind
    for kind in (
        *AVERAGES,
        *OSCILLATORS,
        *TREND,
        *VOLATILITY,
        *ANCHORED,
        SWINGS,
        DIVERGENCE,
        CANDLE_PARTS,
        *CANDLES,
    )
}
# The column that a series reads once the market is turned upside down.
MIRRORED_COLUMNS = {"high": "low", "low": "high"}


def bind(spec: IndicatorSpec) -> Indicator:
    """Return the indicator that ``spec`` asks for. Raises ValueError for parameters that its kind does not take."""
    kind = KINDS[spec.kind]
    return Indicator(spec, kind, kind.settings(spec))


def mirrored(spec: IndicatorSpec) -> IndicatorSpec:
    """Return the indicator that a mirrored strategy reads in place of ``spec``, under the same name."""
    kind = KINDS[spec.kind]
    source = MIRRORED_COLUMNS.get(spec.source, spec.source) if kind.reads_source else spec.source
    return replace(spec, kind=kind.partner or kind.name, source=source)
