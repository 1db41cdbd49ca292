"""From a bars file to bars the terminal can be fed with: identify, convert, check, all or nothing.

Symbol, timeframe and clock come from the file or by option; where both speak they must agree, where neither does the
file is refused and the message names the option.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradewarden.adapters.bar_files.checks import RowChecker, Rows
from tradewarden.adapters.bar_files.clock_names import CLOCK_OPTION, UTC_CLOCK, fitting_clocks, misfit
from tradewarden.adapters.bar_files.columns import Times, joined_time_column, number_column, time_column
from tradewarden.adapters.bar_files.tables import read_table
from tradewarden.core.errors import InvalidBars, InvalidInput
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import from_epoch
from tradewarden.mt5sim.contracts import Contract
from tradewarden.mt5sim.server_time import server_times
from tradewarden.mt5sim.sources import BarsMarket

if TYPE_CHECKING:
    import polars as pl

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_PRICES = ("open", "high", "low", "close")
_TIMEFRAMES = "M1 M2 M3 M4 M5 M6 M10 M12 M15 M20 M30 H1 H2 H3 H4 H6 H8 H12 D1 W1 MN1".split()  # noqa: SIM905
_NAMED = re.compile(rf"^(?P<symbol>.+?)[_\-](?P<timeframe>{'|'.join(_TIMEFRAMES)})(?=[_\-.]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What was read from a file, for people: extent, clock, and anything worth knowing."""

    path: Path
    symbol: str
    rows: int
    first_at: datetime
    last_at: datetime
    clock: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedBars:
    """The bars of one file on the clock of their source."""

    symbol: str
    bars: Bars
    server_clock: ServerClock
    report: LoadReport


def load_bars(
    path: Path,
    *,
    contracts: Mapping[str, Contract],
    symbol: str | None = None,
    timeframe: str | None = None,
    clock: ServerClock | None = None,
    now: datetime | None = None,
) -> LoadedBars:
    """Return the M1 bars in ``path``. Raises InvalidBars or InvalidInput; nothing of a bad file is kept.

    ``symbol``, ``timeframe`` and ``clock`` are needed where the file does not tell them; bars after ``now`` are
    refused. ``contracts`` gives digits, hours and the default spread.
    """
    table = read_table(path)
    name = _identity(path, table, "symbol", symbol)
    length = _identity(path, table, "timeframe", timeframe).upper()
    if length != Timeframe.M1:
        raise InvalidBars(f"{path}: holds {length} bars; the terminal is fed by M1 bars only")
    if name not in contracts:
        raise InvalidInput(f"{path}: no contract data for {name}; state them in a manifest (--manifest FILE)")
    _require(path, table, _PRICES)
    opened, server_clock, notes = _times(path, table, clock)
    contract = contracts[name].on_clock(server_clock)
    rows, more = _rows(path, table, contract, opened)
    checker = RowChecker(path, rows)
    checker.check_values()
    checker.check_times(now=now)
    gaps = checker.check_hours(contract, server_clock)
    if gaps is not None:
        notes.append(
            f"{gaps.count} gaps inside trading hours, the longest {gaps.longest_minutes} minutes, "
            f"the first at {gaps.first_at.isoformat()}"
        )
    bars = _bars(name, rows)
    report = LoadReport(
        path=path,
        symbol=name,
        rows=len(bars),
        first_at=from_epoch(int(bars.opened_at[0])),
        last_at=from_epoch(int(bars.ended_at[-1])),
        clock=server_clock.label,
        notes=(*notes, *more),
    )
    return LoadedBars(symbol=name, bars=bars, server_clock=server_clock, report=report)


def load_bars_market(
    paths: Iterable[Path],
    *,
    contracts: Mapping[str, Contract],
    symbol: str | None = None,
    timeframe: str | None = None,
    clock: ServerClock | None = None,
    now: datetime | None = None,
) -> tuple[BarsMarket, tuple[LoadReport, ...]]:
    """Return one market of all files, which must be on one clock, and what was read from each."""
    loaded = [
        load_bars(path, contracts=contracts, symbol=symbol, timeframe=timeframe, clock=clock, now=now) for path in paths
    ]
    clocks = {item.server_clock.label: item.report.path for item in loaded}
    if len(clocks) > 1:
        stated = ", ".join(f"{path.name} on {label}" for label, path in clocks.items())
        raise InvalidInput(
            f"bars files on different clocks cannot be one market: {stated}; name one with {CLOCK_OPTION}"
        )
    if not loaded:
        raise InvalidInput("a market needs at least one bars file")
    market = BarsMarket((item.bars for item in loaded), contracts=contracts, server_clock=loaded[0].server_clock)
    return market, tuple(item.report for item in loaded)


def _identity(path: Path, table: "pl.DataFrame", what: str, option: str | None) -> str:
    """Return symbol or timeframe from column or name of the file and the option; all that speak must agree."""
    stated: str | None = None
    if what in table.columns:
        values = table[what].unique()
        if len(values) != 1 or values[0] is None:
            raise InvalidBars(f"{path}: column {what} holds {len(values)} different values, one file is one {what}")
        stated = str(values[0]).strip()
    else:
        match = _NAMED.match(path.name)
        stated = None if match is None else match[what]
    if option is not None and stated is not None and option.upper() != stated.upper() and what in table.columns:
        raise InvalidBars(f"{path}: says {what} {stated}, but --{what} {option} was given")
    chosen = option or stated
    if chosen is None:
        raise InvalidBars(f"{path}: neither a column nor the file name tells the {what}; name it with --{what}")
    return chosen


def _require(path: Path, table: "pl.DataFrame", names: Iterable[str]) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise InvalidBars(f"{path}: columns {', '.join(missing)} are missing; found are {', '.join(table.columns)}")


def _times(path: Path, table: "pl.DataFrame", option: ServerClock | None) -> tuple[Int64, ServerClock, list[str]]:
    """Return UTC opening seconds and the server clock, by option or from the file's own two columns."""
    columns = table.columns
    if "time_utc" in columns:
        utc = time_column(path, table, "time_utc").seconds
        if "time_server" not in columns:
            return utc, option or UTC_CLOCK, []
        return utc, *_clock_of_both(path, time_column(path, table, "time_server").seconds, utc, option)
    times = _only_times(path, table)
    if times.is_utc:
        return times.seconds, option or UTC_CLOCK, []
    if option is None:
        raise InvalidBars(f"{path}: nothing tells on which clock its times are; name it with {CLOCK_OPTION}")
    return server_times(option).to_utc(times.seconds), option, []


def _only_times(path: Path, table: "pl.DataFrame") -> Times:
    columns = table.columns
    if "date" in columns and "time" in columns:
        return joined_time_column(path, table, "date", "time")
    for name in ("time", "time_server", "date"):
        if name in columns:
            return time_column(path, table, name)
    raise InvalidBars(f"{path}: no column time, datetime or date; found are {', '.join(columns)}")


def _clock_of_both(path: Path, server: Int64, utc: Int64, option: ServerClock | None) -> tuple[ServerClock, list[str]]:
    if option is not None:
        row = misfit(option, server, utc)
        if row is not None:
            stated, at = (from_epoch(int(seconds[row])).replace(tzinfo=None) for seconds in (server, utc))
            raise InvalidBars(f"{path} row {row + 1}: {stated} at {at} UTC is not the clock {option.label}")
        return option, []
    fitting = fitting_clocks(server, utc)
    if not fitting:
        raise InvalidBars(f"{path}: time_server follows none of the usual clocks; name it with {CLOCK_OPTION}")
    others = ", ".join(clock.label for clock in fitting[1:])
    return fitting[0], [f"its rows fit the clock {fitting[0].label} and also {others}"] if others else []


def _rows(path: Path, table: "pl.DataFrame", contract: Contract, opened: Int64) -> tuple[Rows, list[str]]:
    notes: list[str] = []
    prices = {name: number_column(path, table, name) for name in _PRICES}
    for name, values in prices.items():
        prices[name] = np.round(values, contract.digits)
        off = ~np.isclose(prices[name], values, rtol=0, atol=float(contract.point) / 1000, equal_nan=True)
        if not notes and off.any():
            notes.append(f"prices were rounded to the {contract.digits} digits of {contract.symbol}")
    volume = np.ones(len(opened))
    if "tick_volume" in table.columns:
        volume = number_column(path, table, "tick_volume")
    else:
        notes.append("no tick volume; every bar counts one tick")
    if "spread_points" in table.columns:
        spread = np.rint(number_column(path, table, "spread_points"))
    elif "spread_price" in table.columns:
        spread = np.rint(number_column(path, table, "spread_price") / float(contract.point))
    else:
        spread = np.full(len(opened), float(contract.default_spread_points))
        notes.append(f"no spread; {contract.default_spread_points} points from the contract data are used")
    return Rows(opened=opened, volume=volume, spread=spread, **prices), notes


def _bars(symbol: str, rows: Rows) -> Bars:
    return Bars(
        symbol=symbol,
        timeframe=Timeframe.M1,
        opened_at=rows.opened,
        ended_at=rows.opened + 60,
        open=rows.open,
        high=rows.high,
        low=rows.low,
        close=rows.close,
        volume=rows.volume,
        spread=rows.spread,
    )
