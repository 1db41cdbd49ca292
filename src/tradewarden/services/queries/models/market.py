"""The market as screens see it: contracts, quotes, bars and the calendar."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.market.calendar import Impact
from tradewarden.core.market.instrument import TradeMode
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.services.queries.models.common import QuoteView
from tradewarden.services.queries.models.numbers import Number

# Opening time in epoch seconds UTC, open, high, low, close, volume (ticks), spread (points).
BarRow = tuple[int, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentView:
    """The contract of one symbol. ``margin_per_lot`` and tick values are in account currency."""

    symbol: str
    description: str
    digits: int
    point: Number
    tick_size: Number
    tick_value: Number
    tick_value_loss: Number
    contract_size: Number
    volume_min: Number
    volume_max: Number
    volume_step: Number
    stops_level: int
    margin_per_lot: Number
    currency_base: str
    currency_profit: str
    trade_mode: TradeMode


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolView:
    """A symbol on offer. ``quote`` is null when the source has none; ``market_open`` follows its trading hours."""

    instrument: InstrumentView
    timeframes: tuple[Timeframe, ...]
    on_watchlist: bool
    market_open: bool
    quote: QuoteView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolList:
    """Every symbol on offer, in the source's order."""

    as_of: datetime
    symbols: tuple[SymbolView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsView:
    """Closed bid bars, oldest first, each ``[opened_at epoch seconds UTC, open, high, low, close, volume, spread]``.

    Prices in bars are JSON numbers, for charts alone; volume is in ticks, spread in points. ``forming`` is the
    unfinished bar (from the closed one-minute bars since and the bid now), null where it is not known.
    ``previous_before`` asks for older bars; null when the source has none.
    """

    symbol: str
    timeframe: Timeframe
    digits: int
    as_of: datetime
    bars: tuple[BarRow, ...]
    forming: BarRow | None
    previous_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A calendar event with the window around it in which the policy opens nothing.

    The window is null for events that impose none (not high impact, or without a clock time).
    """

    at: datetime
    currency: str
    impact: Impact
    title: str
    all_day: bool
    previous: str
    forecast: str
    actual: str
    embargo_from: datetime | None
    embargo_until: datetime | None
    in_embargo: bool
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """Events around now for the watched currencies, in order of time. ``captured_at`` is null without a calendar."""

    as_of: datetime
    captured_at: datetime | None
    covers_until: datetime | None
    assumed: bool
    currencies: tuple[str, ...]
    events: tuple[EventView, ...]
