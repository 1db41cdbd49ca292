"""Where the simulated market's one-minute bars come from: files that were loaded, or the seeded generator.

A source hands over M1 bars of its symbols and says how far they reach; it knows no account and no present.
The terminal alone decides what of them may be seen.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from tradewarden.core.errors import InvalidBars, InvalidInput
from tradewarden.core.market.bars import Bars, check_bars
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import from_epoch
from tradewarden.mt5sim.contracts import Contract

# A source that ends says so with this: no market time lies beyond it.
FOREVER = 2**62


class MarketSource(Protocol):
    """M1 bars of some symbols on one server clock."""

    @property
    def identity(self) -> str:
        """Return what makes this market the same market again: a seed, or the digests of the files."""

    @property
    def server_clock(self) -> ServerClock:
        """Return the clock on which the broker of this market states its times."""

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """Return the contract of every symbol, in the order in which the terminal lists them."""

    def load(self, symbol: str, *, after: int | None, until: int) -> tuple[Bars, int]:
        """Return the M1 bars that follow those handed over up to ``after``, and the time they now cover.

        ``after`` is None at first and then the covered time returned before; bars reach at least ``until``
        where the market has any. All times are epoch seconds UTC.
        """


class BarsMarket:
    """A market of real bars, one series per symbol, all on one server clock."""

    def __init__(self, series: Iterable[Bars], *, contracts: Mapping[str, Contract], server_clock: ServerClock) -> None:
        self._series: dict[str, Bars] = {}
        for bars in series:
            if bars.timeframe is not Timeframe.M1:
                raise InvalidBars(f"{bars.symbol}: {bars.timeframe} bars were given, the terminal is fed by M1 only")
            if bars.symbol in self._series:
                raise InvalidInput(f"{bars.symbol}: two series of bars were given for one symbol")
            if bars.symbol not in contracts:
                raise InvalidInput(f"{bars.symbol}: no contract data; state them in a manifest (--manifest FILE)")
            if len(bars) == 0:
                raise InvalidBars(f"{bars.symbol}: the series is empty")
            check_bars(bars)
            self._series[bars.symbol] = bars
        if not self._series:
            raise InvalidInput("a market needs bars of at least one symbol")
        self._contracts = {symbol: contracts[symbol].on_clock(server_clock) for symbol in self._series}
        self._server_clock = server_clock

    @property
    def identity(self) -> str:
        """Return the digest of all series, contracts and the clock."""
        parts = [f"{symbol}={bars.digest}" for symbol, bars in sorted(self._series.items())]
        parts += [repr(self._contracts[symbol]) for symbol in sorted(self._contracts)]
        parts.append(self._server_clock.label)
        return "bars:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def server_clock(self) -> ServerClock:
        """Return the clock that all files share."""
        return self._server_clock

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """Return the contracts of the symbols that have bars."""
        return self._contracts

    @property
    def first_at(self) -> datetime:
        """Return when the earliest bar opens."""
        return from_epoch(min(int(bars.opened_at[0]) for bars in self._series.values()))

    @property
    def last_at(self) -> datetime:
        """Return when the latest bar ends: nothing moves after that."""
        return from_epoch(max(int(bars.ended_at[-1]) for bars in self._series.values()))

    def load(self, symbol: str, *, after: int | None, until: int) -> tuple[Bars, int]:  # noqa: ARG002
        """Return the whole series at the first call; a file does not grow."""
        bars = self._series[symbol]
        return (bars, FOREVER) if after is None else (bars.window(0, 0), FOREVER)
