"""The broker's server between two looks: time, stops and targets, rollover and stop out.

Time moves only here. With nothing open a step costs next to nothing; with positions only their symbols are
walked, and of those only the minutes whose range touches a level or could bring the margin level down to the
stop-out.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from tradewarden.core.errors import InvalidInput
from tradewarden.core.values import from_epoch
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.book import Book
from tradewarden.mt5sim.ledger import ClockNoted, HeldPosition
from tradewarden.mt5sim.prices import Tick
from tradewarden.mt5sim.server_time import ServerTimes

# Market time is noted this often, so that a restart goes on near where the last run stopped.
CLOCK_NOTE_SECONDS = 3600
_DAY = 86_400
_SATURDAY = 5
# Conversion rates of a day move less than this; the rough search for a stop-out is that much too careful.
_RATE_MARGIN = 1.1


class Server:
    """Moves one book through time."""

    def __init__(self, book: Book, times: ServerTimes, stop_out_level: Decimal) -> None:
        self._book = book
        self._times = times
        self._stop_out_level = stop_out_level
        self._noted = book.present.seconds
        self._rough: _RoughEquity | None = None

    def advance(self, until: int) -> None:
        """Walk from the present to ``until`` (epoch seconds UTC). Raises InvalidInput when that is the past."""
        present = self._book.present
        if until < present.seconds:
            raise InvalidInput(f"market time cannot go back from {from_epoch(present.seconds)} to {from_epoch(until)}")
        while self._book.ledger.positions and present.seconds < until:
            midnight = self._next_midnight(present.seconds)
            stop = min(until, midnight)
            self._walk(present.seconds, stop)
            present.seconds = stop
            if stop == midnight:
                self._rollover()
                self._rough = None
        present.seconds = until
        if until - self._noted >= CLOCK_NOTE_SECONDS:
            self.note_clock()

    def note_clock(self) -> None:
        """Write the present into the journal."""
        self._noted = self._book.present.seconds
        self._book.record(ClockNoted(at=self._noted), durable=False)

    def _next_midnight(self, now: int) -> int:
        return self._times.to_utc((self._times.to_server(now) // _DAY + 1) * _DAY)

    def _rollover(self) -> None:
        """Charge the night that ended: none after Saturday and Sunday, three on the contract's triple day."""
        ended_day = from_epoch(self._times.to_server(self._book.present.seconds) - 1).weekday()
        if ended_day >= _SATURDAY:
            return
        for position in tuple(self._book.ledger.positions.values()):
            triple = self._book.contract(position.symbol).triple_swap_day == ended_day
            self._book.charge_swap(position, 3 if triple else 1)

    def _walk(self, after: int, until: int) -> None:
        """Fill what the bars in (``after``, ``until``] hit, minute by minute over all symbols with positions."""
        symbols = sorted({position.symbol for position in self._book.ledger.positions.values()})
        bars: list[tuple[int, str, int]] = []
        for symbol in symbols:
            prices = self._book.prices[symbol]
            bars += [(prices.opened_at(i), symbol, i) for i in prices.bar_range(after, until)]
        if len(symbols) > 1:
            bars.sort()
        for _, minute in groupby(bars, key=itemgetter(0)):
            group = [(symbol, index) for _, symbol, index in minute]
            near_stop_out = self._rough_equity().may_stop_out(group)
            if near_stop_out or any(self._touches(symbol, index) for symbol, index in group):
                self._walk_minute(group, after, until, near_stop_out=near_stop_out)

    def _rough_equity(self) -> "_RoughEquity":
        """Return the rough sums over the present positions, made anew when these changed and every day."""
        if self._rough is None or self._rough.version != self._book.ledger.version:
            self._rough = _RoughEquity(self._book, self._stop_out_level)
        return self._rough

    def _of(self, symbol: str) -> list[HeldPosition]:
        return [position for position in self._book.ledger.positions.values() if position.symbol == symbol]

    def _touches(self, symbol: str, index: int) -> bool:
        prices = self._book.prices[symbol]
        low, high, spread = prices.extremes(index)
        for position in self._of(symbol):
            stop, target = prices.points(position.stop_loss), prices.points(position.take_profit)
            if position.position_type == mt5.POSITION_TYPE_BUY:
                hit = low <= stop or (target and high >= target)
            else:
                hit = (stop and high + spread >= stop) or low + spread <= target
            if hit:
                return True
        return False

    def _walk_minute(self, group: Iterable[tuple[str, int]], after: int, until: int, *, near_stop_out: bool) -> None:
        ticks = [
            (tick.at, symbol, tick)
            for symbol, index in group
            for tick in self._book.prices[symbol].ticks(index, after, until)
        ]
        for at, symbol, tick in sorted(ticks, key=itemgetter(0, 1)):
            self._book.present.seconds = at
            for position in self._of(symbol):
                self._fill_level(position, tick)
            if near_stop_out:
                self._stop_out()

    def _fill_level(self, position: HeldPosition, tick: Tick) -> None:
        """Close ``position`` if ``tick`` reaches its stop or target.

        Inside a bar the path is continuous and fills at the level; between bars the price jumps, so that a
        stop fills at the worse price of the jump and a target at the better one.
        """
        prices = self._book.prices[position.symbol]
        sign = position.sign
        quote = tick.bid if sign > 0 else tick.ask
        stop, target = prices.points(position.stop_loss), prices.points(position.take_profit)
        if stop and (quote - stop) * sign <= 0:
            level, reason, word = stop, mt5.DEAL_REASON_SL, "sl"
        elif target and (quote - target) * sign >= 0:
            level, reason, word = target, mt5.DEAL_REASON_TP, "tp"
        else:
            return
        price = prices.price(quote if tick.opens_bar else level)
        self._close(position, price, reason, f"[{word} {prices.price(level)}]")

    def _close(self, position: HeldPosition, price: Decimal, reason: int, comment: str) -> None:
        contract = self._book.contract(position.symbol)
        profit = self._book.money.profit(contract, position.sign, position.volume, position.price_open, price)
        assert profit is not None
        self._book.close(position, position.volume, price, profit=profit, reason=reason, comment=comment)

    def _stop_out(self) -> None:
        """Close the position with the largest loss until the margin level is above the stop-out."""
        while self._book.ledger.positions:
            totals = self._book.totals()
            if not totals.margin or totals.level > self._stop_out_level:
                return
            worst = min(
                self._book.ledger.positions.values(),
                key=lambda held: (self._book.floating(held) + held.swap, held.ticket),
            )
            self._close(worst, self._book.closing_price(worst), mt5.DEAL_REASON_SO, f"[so {totals.level:.2f}%]")


class _RoughEquity:
    """A quick lower bound of equity inside a minute, in floats, to skip minutes that cannot stop the account out."""

    def __init__(self, book: Book, level: Decimal) -> None:
        self._book = book
        self.version = book.ledger.version
        positions = book.ledger.positions.values()
        totals = book.totals()
        self._fixed = float(totals.balance + totals.swap)
        self._needed = float(totals.margin * level / 100)
        self._worst: dict[str, float] = defaultdict(float)
        self._sides: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
        for held in positions:
            contract = book.contract(held.symbol)
            # The money of one point of the position, taken on the losing side.
            value = float(book.money.tick_value(contract, is_gain=False) * held.volume)
            opened = float(book.prices[held.symbol].points(held.price_open))
            self._sides[held.symbol].append((held.sign, opened, value))
            self._worst[held.symbol] += float(book.floating(held))

    def may_stop_out(self, group: Iterable[tuple[str, int]]) -> bool:
        """Return whether the account could reach the stop-out within the bars of ``group``."""
        for symbol, index in group:
            if symbol not in self._sides:
                continue
            low, high, spread = self._book.prices[symbol].extremes(index)
            worst = 0.0
            for sign, opened, value in self._sides[symbol]:
                move = low - opened if sign > 0 else opened - high - spread
                worst += move * value * (_RATE_MARGIN if move < 0 else 1 / _RATE_MARGIN)
            self._worst[symbol] = worst
        return self._fixed + sum(self._worst.values()) <= self._needed
