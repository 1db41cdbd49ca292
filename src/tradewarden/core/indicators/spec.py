"""What a strategy asks of an indicator; parsed from its document and recorded with every decision."""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.audit.codec import added_field
from tradewarden.core.market.timeframe import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorParameter:
    """One parameter by its name: a whole number, a decimal, or one of a closed list of texts."""

    name: str
    value: int | Decimal | str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSpec:
    """One named indicator: ``kind`` is a key of the registry.

    ``period`` is a number of bars, 0 for kinds without a parameter of that name. ``source`` is the bar column the
    indicator reads; kinds that read whole bars ignore it. ``parameters`` holds every other parameter that the kind
    declares, its default included, so that a later default changes no published strategy. ``timeframe`` is that of
    the bars it is computed on, None for the strategy's own.
    """

    name: str
    kind: str
    period: int = 0
    source: str = "close"
    parameters: tuple[IndicatorParameter, ...] = added_field(())
    timeframe: Timeframe | None = added_field(None)
