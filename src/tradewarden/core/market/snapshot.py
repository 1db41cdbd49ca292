"""The market at one moment, as one decision saw it.

A snapshot refuses anything later than ``as_of``; what it holds is therefore free of look-ahead by construction.
"""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.audit.codec import added_field
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.calendar import CalendarView
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import from_epoch, to_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionQuote:
    """A quote of ``base`` in ``profit`` currency, by which amounts are converted into account currency."""

    symbol: str
    base: str
    profit: str
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMarket:
    """The contract and quote of another symbol in which something is open or on the way."""

    instrument: Instrument
    quote: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSnapshot:
    """Closed bars, the executable quote, the contract and the calendar of one symbol at ``as_of``.

    ``quote`` is None when the terminal has none. Bars are one series per timeframe used, oldest bar first.
    ``conversions`` are what leads from the currencies involved to the account's; ``held`` are the other symbols with
    exposure. ``clock_ahead_seconds`` is how far the terminal's newest tick lies after the desk's clock.
    """

    symbol: str
    as_of: datetime
    instrument: Instrument
    quote: Quote | None
    bars: tuple[Bars, ...]
    calendar: CalendarView
    server_clock: ServerClock
    conversions: tuple[ConversionQuote, ...] = added_field(())
    held: tuple[HeldMarket, ...] = added_field(())
    clock_ahead_seconds: int = added_field(0)

    def __post_init__(self) -> None:
        for bars in self.bars:
            if bars.symbol != self.symbol:
                raise InvalidInput(f"snapshot of {self.symbol} was given bars of {bars.symbol}")
            if len(bars) and int(bars.ended_at[-1]) > to_epoch(self.as_of):
                ended = from_epoch(int(bars.ended_at[-1])).isoformat()
                raise InvalidInput(f"{self.symbol} {bars.timeframe} bar ends {ended}, after {self.as_of.isoformat()}")
        if self.quote is not None and self.quote.at > self.as_of:
            raise InvalidInput(f"{self.symbol} quote of {self.quote.at.isoformat()} is after {self.as_of.isoformat()}")
        for event in self.calendar.events:
            if event.captured_at > self.as_of:
                raise InvalidInput(f"event {event.title!r} was captured after {self.as_of.isoformat()}")
            if event.actual and event.at > self.as_of:
                raise InvalidInput(f"event {event.title!r} shows its figure before its release")

    def series(self, timeframe: Timeframe) -> Bars | None:
        """Return the bars of ``timeframe``, or None when the snapshot holds none."""
        for bars in self.bars:
            if bars.timeframe is timeframe:
                return bars
        return None
