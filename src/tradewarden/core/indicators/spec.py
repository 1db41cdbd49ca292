"""What a strategy asks of an indicator; parsed from its document and recorded with every decision."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSpec:
    """One named indicator: ``kind`` is a key of the registry, ``period`` a number of bars.

    ``source`` is the bar column the indicator reads; kinds that read whole bars (ATR) ignore it.
    """

    name: str
    kind: str
    period: int
    source: str = "close"
