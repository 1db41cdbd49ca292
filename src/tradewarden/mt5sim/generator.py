"""The generated market: five symbols whose minutes look and cost like a broker's, from one seed.

Every symbol and week has its own streams, so that a week is the same however and in whatever order it is asked for.
A week's level follows a slow mean-reverting walk from a fixed origin; inside it there are sessions, trends that come
and go, quiet and busy days, releases that move prices, weekend gaps, daily breaks and spreads by the hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.calendar import Impact
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import to_epoch
from tradewarden.mt5sim.contracts import BUILT_IN, Contract
from tradewarden.mt5sim.random_streams import Stream
from tradewarden.mt5sim.server_time import server_times
from tradewarden.mt5sim.simulated_calendar import SimulatedCalendar, week_events

Float64 = NDArray[np.float64]

VERSION = 1
HISTORY = timedelta(days=91)
_ORIGIN = date(2020, 1, 6)
_MINUTES = 5 * 1440
_WEEK_SECONDS = 7 * 86_400
# Weekly pull towards the usual price: levels stay within a believable range for decades.
_WEEKLY_PULL = 0.985


@dataclass(frozen=True, slots=True)
class _Character:
    """How a symbol moves: usual price, volatility of a day as a fraction, and how much of it is the dollar's."""

    usual_price: float
    daily_volatility: float
    dollar_share: float
    ticks_per_minute: float
    # Activity over the server's day as (hour, weight) knots; New York closes at hour 24.
    activity: tuple[tuple[float, float], ...]


_FX_DAY = (
    (0, 0.3),
    (3, 0.45),
    (9, 0.5),
    (10.5, 1.1),
    (13, 0.8),
    (15.5, 1.3),
    (18, 1.1),
    (20, 0.6),
    (23, 0.35),
    (24, 0.3),
)
_YEN_DAY = ((0, 0.4), (2, 0.9), (5, 0.7), (10, 0.9), (13, 0.7), (15.5, 1.3), (18, 1.0), (20, 0.6), (24, 0.35))
_GOLD_DAY = ((0, 0.3), (1, 0.6), (4, 0.6), (10, 0.9), (13, 0.8), (15.5, 1.5), (18, 1.2), (20, 0.7), (24, 0.4))
_INDEX_DAY = (
    (0, 0.2),
    (1, 0.3),
    (9, 0.4),
    (11, 0.6),
    (16.4, 0.7),
    (16.5, 1.9),
    (18, 1.1),
    (20, 0.9),
    (22.9, 1.4),
    (24, 0.4),
)
_CHARACTERS: dict[str, _Character] = {
    "EURUSD": _Character(1.1600, 0.0045, -0.75, 90, _FX_DAY),
    "GBPUSD": _Character(1.3300, 0.0050, -0.70, 95, _FX_DAY),
    "USDJPY": _Character(152.00, 0.0055, 0.65, 100, _YEN_DAY),
    "XAUUSD": _Character(4100.0, 0.0090, -0.35, 140, _GOLD_DAY),
    "US30": _Character(47500.0, 0.0075, -0.10, 80, _INDEX_DAY),
}
SYMBOLS = tuple(_CHARACTERS)


class GeneratedMarket:
    """A ``MarketSource`` of generated bars from ``history`` before ``starts_at`` on, without an end."""

    def __init__(self, seed: int, *, starts_at: datetime, history: timedelta = HISTORY) -> None:
        if seed < 0:
            raise InvalidInput(f"seed is {seed}, it must be 0 or above")
        self.seed = seed
        self._times = server_times(NEW_YORK_CLOSE)
        self._first_week = self._week_of(to_epoch(starts_at - history))
        if self._first_week < _origin_week():
            raise InvalidInput(f"the generated market begins in {_ORIGIN.year}, {starts_at.date()} is too early")

    @property
    def identity(self) -> str:
        """Return generator version and seed; where its history begins does not change a single bar."""
        return f"generated:v{VERSION}:seed={self.seed}"

    @property
    def server_clock(self) -> ServerClock:
        """Return New York + 7 hours."""
        return NEW_YORK_CLOSE

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """Return the contracts of the generated symbols."""
        return {symbol: BUILT_IN[symbol].on_clock(NEW_YORK_CLOSE) for symbol in SYMBOLS}

    @property
    def calendar(self) -> SimulatedCalendar:
        """Return the calendar of this market's releases."""
        return SimulatedCalendar(self.seed)

    def load(self, symbol: str, *, after: int | None, until: int) -> tuple[Bars, int]:
        """Return whole weeks: those after ``after`` (at first: all history) up to the one that holds ``until``."""
        first = self._first_week if after is None else self._week_of(after)
        last = max(first, self._week_of(until))
        weeks = [_week_bars(self.seed, symbol, week) for week in range(first, last + 1)]
        columns = [np.concatenate(parts) for parts in zip(*weeks, strict=True)]
        opened = self._times.to_utc(columns[0].astype(np.int64))
        bars = Bars(
            symbol=symbol,
            timeframe=Timeframe.M1,
            opened_at=opened,
            ended_at=opened + 60,
            **dict(zip(("open", "high", "low", "close", "volume", "spread"), columns[1:], strict=True)),
        )
        return bars, self._times.to_utc((last + 1) * _WEEK_SECONDS + _monday_offset())

    def _week_of(self, utc_seconds: int) -> int:
        return (self._times.to_server(utc_seconds) - _monday_offset()) // _WEEK_SECONDS


def _monday_offset() -> int:
    """Return the epoch seconds of the first Monday: the epoch began on a Thursday."""
    return 4 * 86_400


def _origin_week() -> int:
    return (_ORIGIN.toordinal() - date(1970, 1, 5).toordinal()) // 7


@lru_cache(maxsize=4096)
def _week_draws(seed: int, symbol: str, week: int) -> tuple[float, float]:
    """Return the standard normal draws of a week's change of level and of the gap over its weekend."""
    own = Stream(seed, "level", symbol, week).normal(2)
    dollar = Stream(seed, "level", "USD", week).normal(1)[0]
    share = _CHARACTERS[symbol].dollar_share
    return float(share * dollar + np.sqrt(1 - share**2) * own[0]), float(own[1])


@lru_cache(maxsize=4096)
def _level(seed: int, symbol: str, week: int) -> float:
    """Return the log distance from the usual price at which ``week`` opens."""
    level = 0.0
    weekly = _CHARACTERS[symbol].daily_volatility * np.sqrt(5)
    for past in range(_origin_week(), week):
        level = _WEEKLY_PULL * level + weekly * _week_draws(seed, symbol, past)[0]
    return float(level)


def _week_bars(seed: int, symbol: str, week: int) -> tuple[Float64, ...]:
    """Return server opening seconds, open, high, low, close, volume and spread of one week's open minutes."""
    character, contract = _CHARACTERS[symbol], BUILT_IN[symbol]
    stream = Stream(seed, "minutes", symbol, week)
    is_open = _open_minutes(contract)
    shocks = _release_shocks(seed, contract, week)
    volatility = _volatility(stream, character, is_open) * (1 + 4 * shocks)
    path = _log_path(seed, symbol, week, stream, volatility)
    close = character.usual_price * np.exp(path[1:])
    opened = character.usual_price * np.exp(path[:-1] + 0.1 * volatility * stream.normal(_MINUTES))
    opened[0] = character.usual_price * np.exp(path[0])
    reach = close * volatility * 0.45
    high = np.maximum(opened, close) + reach * stream.exponential(_MINUTES)
    low = np.minimum(opened, close) - reach * stream.exponential(_MINUTES)
    busy = volatility / volatility[is_open].mean()
    volume = np.maximum(1, np.rint(character.ticks_per_minute * busy * np.exp(0.35 * stream.normal(_MINUTES))))
    spread = _spread(stream, contract, shocks)
    seconds = (week * _WEEK_SECONDS + _monday_offset()) + 60.0 * np.arange(_MINUTES)
    prices = [np.round(price, contract.digits) for price in (opened, high, low, close)]
    return tuple(column[is_open] for column in (seconds, *prices, volume, spread))


def _open_minutes(contract: Contract) -> NDArray[np.bool_]:
    minutes = np.zeros(7 * 1440, np.bool_)
    for start, end in contract.hours.intervals:
        minutes[start:end] = True
    return minutes[:_MINUTES]


def _volatility(stream: Stream, character: _Character, is_open: NDArray[np.bool_]) -> Float64:
    """Return each minute's volatility as a fraction: the day's profile, busy and quiet days and hours."""
    hours, weights = zip(*character.activity, strict=True)
    profile = np.interp(np.arange(1440) / 60, hours, weights)
    profile /= np.sqrt((profile**2).sum())
    days = np.repeat(np.exp(0.25 * stream.normal(5) - 0.03), 1440)
    # Turbulence that lasts for some hours and fades.
    knots = _persistent(stream.normal(121), 0.85) * 0.3
    hourly = np.exp(np.interp(np.arange(_MINUTES) / 60, np.arange(121), knots) - 0.05)
    volatility = character.daily_volatility * np.tile(profile, 5) * days * hourly
    return np.asarray(np.where(is_open, volatility, 0.1 * volatility))


def _log_path(seed: int, symbol: str, week: int, stream: Stream, volatility: Float64) -> Float64:
    """Return the log distance from the usual price at the minute borders of a week, shape (7201,)."""
    share = _CHARACTERS[symbol].dollar_share
    dollar = _dollar_minutes(seed, week)
    noise = share * dollar + np.sqrt(1 - share**2) * stream.normal(_MINUTES)
    wander = np.cumsum(volatility * (0.8 * noise + _drifts(stream)))
    # Part of every move is given back within the hour, which makes ranges as well as trends.
    swing = _persistent(stream.normal(_MINUTES), 0.97) * volatility * 1.8
    path = np.concatenate(([0.0], wander + swing - swing[0]))
    gap = 0.2 * _CHARACTERS[symbol].daily_volatility * _week_draws(seed, symbol, week)[1]
    start, end = _level(seed, symbol, week), _level(seed, symbol, week + 1) - gap
    elapsed = np.concatenate(([0.0], np.cumsum(volatility**2)))
    return np.asarray(start + path + (end - start - path[-1]) * elapsed / elapsed[-1])


def _drifts(stream: Stream) -> Float64:
    """Return trends in units of a minute's volatility: some hours long, up, down or none."""
    lengths = np.rint(30 + 210 * stream.exponential(120)).astype(np.int64)
    strengths = 0.045 * stream.normal(120)
    strengths[stream.uniform(120) < 0.35] = 0.0
    return np.asarray(np.repeat(strengths, lengths)[:_MINUTES])


@lru_cache(maxsize=8)
def _dollar_minutes(seed: int, week: int) -> Float64:
    draws: Float64 = Stream(seed, "minutes", "USD", week).normal(_MINUTES)
    return draws


def _persistent(draws: Float64, memory: float) -> Float64:
    """Return a stationary series of standard deviation 1 that keeps ``memory`` of its last value."""
    step = float(np.sqrt(1 - memory**2))
    value = float(draws[0])
    values = [value]
    for draw in draws[1:].tolist():
        value = memory * value + step * draw
        values.append(value)
    return np.asarray(values)


def _release_shocks(seed: int, contract: Contract, week: int) -> Float64:
    """Return 0 to 1 per minute: how much a release of one of the symbol's currencies stirs the market."""
    shocks = np.zeros(_MINUTES)
    monday = date(1970, 1, 5) + timedelta(days=7 * week)
    start = week * _WEEK_SECONDS + _monday_offset()
    times = server_times(NEW_YORK_CLOSE)
    for event in week_events(seed, monday):
        if event.impact is Impact.LOW or event.currency not in (contract.currency_base, contract.currency_profit):
            continue
        minute = (times.to_server(to_epoch(event.at)) - start) // 60
        if 0 <= minute < _MINUTES:
            size = 1.0 if event.impact is Impact.HIGH else 0.3
            fading = size * np.exp(-np.arange(min(45, _MINUTES - minute)) / 9)
            shocks[minute : minute + len(fading)] = np.maximum(shocks[minute : minute + len(fading)], fading)
    return shocks


def _spread(stream: Stream, contract: Contract, shocks: Float64) -> Float64:
    """Return the spread in points: wide at rollover and in the first minutes of the week, wider around releases."""
    minute_of_day = np.tile(np.arange(1440), 5)
    factor = np.interp(minute_of_day / 60, (0, 0.9, 1.2, 3, 9, 22, 23.5, 24), (4, 3, 1.6, 1.2, 1, 1, 1.3, 3))
    factor[:30] *= 2
    before = np.concatenate((shocks[2:], np.zeros(2)))
    factor *= 1 + 2 * np.maximum(shocks, before)
    noise = np.exp(0.12 * stream.normal(_MINUTES))
    return np.asarray(np.maximum(1, np.rint(contract.default_spread_points * factor * noise)))
