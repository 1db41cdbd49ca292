"""One symbol's prices: the path inside the bars, the quote of a moment, and rates as far as they may be seen.

Every M1 bar is walked open, low, high, close when it closes at or above its open, else open, high, low,
close, at second 0, 20, 40 and 59 of its minute; ask is bid plus the bar's spread. Prices are whole points
here. Each look takes the moment it is made at, and shows nothing later: the bar being formed is what the path
has shown so far.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.errors import InvalidBars
from tradewarden.core.market.bars import Bars
from tradewarden.mt5sim.contracts import Contract
from tradewarden.mt5sim.rates import RateTable, aggregate, m1_rows
from tradewarden.mt5sim.records import RATES_DTYPE
from tradewarden.mt5sim.server_time import ServerTimes
from tradewarden.mt5sim.sources import MarketSource

Int64 = NDArray[np.int64]
PATH_SECONDS = (0, 20, 40, 59)
# About nine months of minutes.
KEPT_BARS = 260_000


@dataclass(frozen=True, slots=True)
class Tick:
    """A point of the path: ``at`` in epoch seconds UTC, prices in points; ``opens_bar`` marks the jump between bars."""

    at: int
    bid: int
    ask: int
    opens_bar: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """What a moment shows of the M1 series: the newest bar's index (-1: none) and how much of its path, 1 to 4."""

    index: int
    shown: int


class SymbolPrices:
    """The M1 series of one symbol behind the moment of the look."""

    def __init__(self, contract: Contract, source: MarketSource, times: ServerTimes) -> None:
        self.contract = contract
        self._source = source
        self._times = times
        self._points_per_unit = float(10**contract.digits)
        self._covered: int | None = None
        self._opened = np.empty(0, np.int64)
        self._points = np.empty((0, 4), np.int64)
        self._spread = np.empty(0, np.int64)
        self._lows = self._highs = self._spread
        self._rows = np.zeros(0, RATES_DTYPE)
        self._tables: dict[int, RateTable] = {}
        self._memo: tuple[int, Moment] = (-1, Moment(-1, 0))

    def cover(self, until: int) -> None:
        """Load bars so that a look at ``until`` is answered from a full series."""
        if self._covered is not None and until < self._covered:
            return
        bars, self._covered = self._source.load(self.contract.symbol, after=self._covered, until=until)
        if len(bars):
            self._append(bars)

    def _append(self, bars: Bars) -> None:
        point = float(self.contract.point)
        prices = np.stack((bars.open, bars.high, bars.low, bars.close), axis=1)
        points = np.rint(prices / point).astype(np.int64)
        if points.min() < 1:
            raise InvalidBars(
                f"{bars.symbol}: a price below one point ({self.contract.point}); check digits in the contract data"
            )
        server = self._times.to_server(bars.opened_at)
        rows = m1_rows(server, points / self._points_per_unit, bars.volume, bars.spread)
        # A market without an end is kept as far back as a terminal keeps its charts, not for ever.
        keep = slice(-KEPT_BARS if len(self._opened) else None, None)
        self._opened = np.concatenate((self._opened, bars.opened_at))[keep]
        self._points = np.concatenate((self._points, _path(points)))[keep]
        self._spread = np.concatenate((self._spread, bars.spread.astype(np.int64)))[keep]
        self._rows = np.concatenate((self._rows, rows))[keep]
        self._lows, self._highs = self._points.min(axis=1), self._points.max(axis=1)
        self._tables.clear()
        self._memo = (-1, Moment(-1, 0))

    def moment(self, now: int) -> Moment:
        """Return what of the series may be seen at ``now``."""
        if self._memo[0] == now:
            return self._memo[1]
        self.cover(now)
        index = int(self._opened.searchsorted(now, side="right")) - 1
        shown = 0
        if index >= 0:
            second = now - int(self._opened[index])
            shown = 4 if second >= 59 else 3 if second >= 40 else 2 if second >= 20 else 1
        moment = Moment(index, shown)
        self._memo = (now, moment)
        return moment

    def tick(self, now: int) -> Tick | None:
        """Return the newest tick at ``now``, or None before the first bar."""
        moment = self.moment(now)
        return None if moment.index < 0 else self._tick(moment.index, moment.shown - 1)

    def _tick(self, index: int, step: int) -> Tick:
        bid = int(self._points[index, step])
        at = int(self._opened[index]) + PATH_SECONDS[step]
        return Tick(at, bid, bid + int(self._spread[index]), step == 0)

    def bar_range(self, after: int, until: int) -> range:
        """Return the indices of the bars that show at least one tick in (``after``, ``until``]."""
        self.cover(until)
        first = int(self._opened.searchsorted(after - PATH_SECONDS[-1], side="right"))
        return range(first, int(self._opened.searchsorted(until, side="right")))

    def bar_ends(self, after: int, until: int) -> Int64:
        """Return when the bars end that end in (``after``, ``until``], in epoch seconds UTC."""
        self.cover(until)
        ends = self._opened + 60
        return ends[ends.searchsorted(after, side="right") : ends.searchsorted(until, side="right")]

    def opened_at(self, index: int) -> int:
        """Return when bar ``index`` opens, in epoch seconds UTC."""
        return int(self._opened[index])

    def extremes(self, index: int) -> tuple[int, int, int]:
        """Return the lowest bid, the highest bid and the spread of bar ``index`` in points; for the server only."""
        return int(self._lows[index]), int(self._highs[index]), int(self._spread[index])

    def ticks(self, index: int, after: int, until: int) -> list[Tick]:
        """Return the ticks of bar ``index`` in (``after``, ``until``]."""
        opened = int(self._opened[index])
        steps = [step for step, second in enumerate(PATH_SECONDS) if after < opened + second <= until]
        return [self._tick(index, step) for step in steps]

    def price(self, points: int) -> Decimal:
        """Return ``points`` as a price."""
        return Decimal(points).scaleb(-self.contract.digits)

    def points(self, price: Decimal) -> int:
        """Return ``price`` in points; it lies on the price grid."""
        return int(price.scaleb(self.contract.digits))

    def day_extremes(self, now: int) -> tuple[int, int, int, int] | None:
        """Return lowest and highest bid and ask of the server day so far in points, or None without a bar."""
        moment = self.moment(now)
        if moment.index < 0:
            return None
        midnight = self._times.to_server(now) // 86_400 * 86_400
        index = moment.index
        first = int(self._table(1).times.searchsorted(midnight))
        if first > index:
            return None
        shown = self._points[index, : moment.shown]
        spread = self._spread[index]
        low, high = int(shown.min()), int(shown.max())
        ask_low, ask_high = low + int(spread), high + int(spread)
        if first < index:
            lows, highs, spreads = (part[first:index] for part in (self._lows, self._highs, self._spread))
            low, high = min(low, int(lows.min())), max(high, int(highs.max()))
            ask_low = min(ask_low, int((lows + spreads).min()))
            ask_high = max(ask_high, int((highs + spreads).max()))
        return low, high, ask_low, ask_high

    def rates(self, now: int, timeframe: int, start: int, count: int) -> NDArray[np.void]:
        """Return up to ``count`` bars that end ``start`` bars before the newest, oldest first."""
        table, newest = self._visible(timeframe, now)
        stop = max(0, newest + 1 - start)
        return self._slice(table, max(0, stop - count), stop, newest, now)

    def rates_until(self, now: int, timeframe: int, server_at: int, count: int) -> NDArray[np.void]:
        """Return up to ``count`` bars that open at or before ``server_at``."""
        table, newest = self._visible(timeframe, now)
        stop = min(newest + 1, int(table.times.searchsorted(server_at, side="right")))
        return self._slice(table, max(0, stop - count), stop, newest, now)

    def rates_between(self, now: int, timeframe: int, first: int, last: int) -> NDArray[np.void]:
        """Return the bars that open in [``first``, ``last``] on the server clock."""
        table, newest = self._visible(timeframe, now)
        start = int(table.times.searchsorted(first, side="left"))
        stop = min(newest + 1, int(table.times.searchsorted(last, side="right")))
        return self._slice(table, min(start, stop), stop, newest, now)

    def _table(self, timeframe: int) -> RateTable:
        table = self._tables.get(timeframe)
        if table is None:
            table = self._tables[timeframe] = aggregate(self._rows, timeframe)
        return table

    def _visible(self, timeframe: int, now: int) -> tuple[RateTable, int]:
        """Return the table of ``timeframe`` and the index of its newest bar that ``now`` shows, -1 for none."""
        # Asking for the moment may load bars, so the table is taken after it.
        index = self.moment(now).index
        table = self._table(timeframe)
        return table, int(table.starts.searchsorted(index, side="right")) - 1 if index >= 0 else -1

    def _slice(self, table: RateTable, start: int, stop: int, newest: int, now: int) -> NDArray[np.void]:
        rows = table.rows[start:stop].copy()
        if stop == newest + 1 and len(rows):
            rows[-1] = self._forming(table, newest, self.moment(now))
        return rows

    def _forming(self, table: RateTable, newest: int, moment: Moment) -> tuple[float | int, ...]:
        """Return the newest bar of ``table`` from the closed minutes in it and the path of the open one."""
        first, index = int(table.starts[newest]), moment.index
        path = self._points[index, : moment.shown].tolist()
        high, low = max(path), min(path)
        minute = self._rows[index]
        # Ticks of the open minute are counted as far as its path was walked, and at least one per point shown.
        volume = max(moment.shown, int(minute["tick_volume"]) * moment.shown // 4)
        if first < index:
            high, low = max(high, int(self._highs[first:index].max())), min(low, int(self._lows[first:index].min()))
            volume += int(self._rows["tick_volume"][first:index].sum())
        prices = (points / self._points_per_unit for points in (int(self._points[first, 0]), high, low, path[-1]))
        return (int(table.times[newest]), *prices, volume, int(minute["spread"]), 0)


def _path(points: Int64) -> Int64:
    """Return the walk through each bar of open, high, low, close points, shape (n, 4)."""
    rising = points[:, 3] >= points[:, 0]
    second = np.where(rising, points[:, 2], points[:, 1])
    third = np.where(rising, points[:, 1], points[:, 2])
    return np.stack((points[:, 0], second, third, points[:, 3]), axis=1)
