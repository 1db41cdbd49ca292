"""Market data: contracts, quotes and closed bars."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tradewarden.core.market.bars import Bars
from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.snapshot import ConversionQuote
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.market.timeframe import Timeframe


class MarketData(Protocol):
    """A source of prices. Raises MarketDataUnavailable for a symbol it does not know or cannot price.

    Symbols are the desk's names, here and at the broker: what the broker calls them stays behind these ports.
    """

    @property
    def server_clock(self) -> ServerClock:
        """Return the clock on which D1 and H4 bars end and trading hours are stated."""

    def use_symbols(self, symbols: SymbolMap) -> None:
        """Name symbols by ``symbols`` from now on, for market data and orders alike."""

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols on offer, in the source's order."""

    def instrument(self, symbol: str) -> Instrument:
        """Return the contract specification at the last usable quote."""

    def quote(self, symbol: str) -> Quote | None:
        """Return the executable quote, or None when the source has none."""

    def conversions(self, currencies: Sequence[str], to: str) -> tuple[ConversionQuote, ...]:
        """Return the quotes that lead from each of ``currencies`` to ``to``: direct, inverse, or by way of one cross.

        A currency that no symbol on offer leads from has none.
        """

    def closed_bars(self, symbol: str, timeframe: Timeframe, count: int, as_of: datetime) -> Bars:
        """Return the newest ``count`` bars that ended at or before ``as_of`` (fewer when there are fewer)."""
