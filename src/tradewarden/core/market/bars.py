"""Closed bars as column arrays.

A series is checked once where it enters the system and then trusted: slices of it are windows on the same arrays.
Bars are bid prices; they are chosen by their *end*, because a terminal opens a bar on its first tick, so that the
newest bar it shows may already be finished or may still grow.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.audit.canonical import digest_bytes
from tradewarden.core.errors import InvalidBars
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import from_epoch, maker_of, to_epoch

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_COLUMNS = ("open", "high", "low", "close", "volume", "spread")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bars:
    """A series of closed bars, oldest first; all arrays have shape (n,).

    ``opened_at`` and ``ended_at`` are epoch seconds UTC; prices are bid prices in quote currency; ``volume`` is the
    number of ticks; ``spread`` is in points.
    """

    symbol: str
    timeframe: Timeframe
    opened_at: Int64
    ended_at: Int64
    open: Float64
    high: Float64
    low: Float64
    close: Float64
    volume: Float64
    spread: Float64
    _digest: str = field(default="", init=False, repr=False)
    _memo: dict[Any, Any] | None = field(default=None, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.opened_at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bars) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of :meth:`to_bytes`, computed once."""
        if not self._digest:
            object.__setattr__(self, "_digest", digest_bytes(self.to_bytes()))
        return self._digest

    @property
    def memo(self) -> dict[Any, Any]:
        """Return what was computed of the newest bars, by whatever tells two computations apart.

        Every window that ends with the same bar shares it, so that strategies which read the same bars compute an
        indicator once. What is kept here depends on the bars and its key alone, and is never changed.
        """
        if self._memo is None:
            object.__setattr__(self, "_memo", {})
        assert self._memo is not None
        return self._memo

    @property
    def last_ended_at(self) -> datetime | None:
        """Return when the newest bar ended, or None for an empty series."""
        return from_epoch(int(self.ended_at[-1])) if len(self) else None

    def window(self, start: int, stop: int) -> "Bars":
        """Return bars ``start`` to ``stop`` (exclusive) as views on the same arrays."""
        part = _make_bars(
            symbol=self.symbol,
            timeframe=self.timeframe,
            opened_at=self.opened_at[start:stop],
            ended_at=self.ended_at[start:stop],
            open=self.open[start:stop],
            high=self.high[start:stop],
            low=self.low[start:stop],
            close=self.close[start:stop],
            volume=self.volume[start:stop],
            spread=self.spread[start:stop],
        )
        if stop == len(self):
            object.__setattr__(part, "_memo", self.memo)
        return part

    def closed_by(self, as_of: datetime, count: int) -> "Bars":
        """Return the newest ``count`` bars that ended at or before ``as_of`` (fewer when there are fewer)."""
        stop = int(np.searchsorted(self.ended_at, to_epoch(as_of), side="right"))
        return self.window(max(0, stop - count), stop)

    def to_bytes(self) -> bytes:
        """Return the content: a JSON header line, then the arrays as little-endian 8-byte numbers."""
        header = {"symbol": self.symbol, "timeframe": self.timeframe.value, "count": len(self)}
        parts = [json.dumps(header, sort_keys=True, separators=(",", ":")).encode() + b"\n"]
        parts += [np.ascontiguousarray(column, "<i8").tobytes() for column in (self.opened_at, self.ended_at)]
        parts += [np.ascontiguousarray(getattr(self, name), "<f8").tobytes() for name in _COLUMNS]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Bars":
        """Return the series of ``content``. Raises ValueError when its length does not fit its header."""
        line, _, body = content.partition(b"\n")
        header = json.loads(line)
        count = int(header["count"])
        if len(body) != 8 * count * (2 + len(_COLUMNS)):
            raise ValueError(f"bars content has {len(body)} bytes, {count} bars need {64 * count}")
        times = np.frombuffer(body, "<i8", 2 * count).astype(np.int64)
        values = np.frombuffer(body, "<f8", offset=16 * count).astype(np.float64)
        columns = {name: values[i * count : (i + 1) * count] for i, name in enumerate(_COLUMNS)}
        return cls(
            symbol=header["symbol"],
            timeframe=Timeframe(header["timeframe"]),
            opened_at=times[:count],
            ended_at=times[count:],
            **columns,
        )


_make_bars = maker_of(Bars)


def check_bars(bars: Bars) -> None:
    """Raise InvalidBars, naming symbol, time and rule, at the first bar that breaks a rule of market data.

    Rules: equal lengths, times strictly rising, a bar ends after it opens and not after the next one opens, prices
    finite and above 0, low <= open, close <= high, volume and spread finite and not negative.
    """
    count = len(bars)
    for name in ("ended_at", *_COLUMNS):
        if getattr(bars, name).shape != (count,):
            raise InvalidBars(f"{bars.symbol} {bars.timeframe}: column {name} has not {count} values")
    if count == 0:
        return
    for problem, bad in _rules(bars):
        if bad.any():
            index = int(np.argmax(bad))
            at = from_epoch(int(bars.opened_at[index])).isoformat()
            shown = " ".join(f"{name} {getattr(bars, name)[index]:g}" for name in ("open", "high", "low", "close"))
            raise InvalidBars(
                f"{bars.symbol} {bars.timeframe} bar {index} at {at}: {problem} ({shown}); {int(bad.sum())} such bars"
            )


def _rules(bars: Bars) -> list[tuple[str, NDArray[np.bool_]]]:
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    gaps = np.diff(bars.opened_at, prepend=bars.opened_at[0] - 1)
    overlap = np.zeros(len(bars), np.bool_)
    overlap[:-1] = bars.ended_at[:-1] > bars.opened_at[1:]
    return [
        ("the same time stands twice", gaps == 0),
        ("times are not sorted", gaps < 0),
        ("the bar does not end after it opens", bars.ended_at <= bars.opened_at),
        ("the bar ends after the next one opens", overlap),
        ("a price is not finite", ~np.isfinite(prices).all(axis=0)),
        ("a price is not above 0", (prices <= 0).any(axis=0)),
        ("high is below low", bars.high < bars.low),
        ("open or close is above high", np.maximum(bars.open, bars.close) > bars.high),
        ("open or close is below low", np.minimum(bars.open, bars.close) < bars.low),
        ("volume is negative or not finite", ~(np.isfinite(bars.volume) & (bars.volume >= 0))),
        ("spread is negative or not finite", ~(np.isfinite(bars.spread) & (bars.spread >= 0))),
    ]
