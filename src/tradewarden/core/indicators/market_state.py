"""The state of the market around the newest closed bar: spread and volatility against their own recent past.

``measure_market(bars, *, tick_size) -> MarketState`` feeds the market part of the confidence score.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """Spread and volatility at the newest closed bar; None where the bars do not tell.

    Spreads are in points. ``atr`` is the ATR(14) in price units; ``atr_percentile`` says in what share (0–100) of the
    window's bars the ATR(14) was at or below the newest. ``spike`` is whether the newest bar's true range exceeds
    three times the ATR(14) of the bar before.
    """

    spread_points: Decimal | None
    spread_median_points: Decimal | None
    atr: Decimal | None
    atr_percentile: Decimal | None
    spike: bool | None
