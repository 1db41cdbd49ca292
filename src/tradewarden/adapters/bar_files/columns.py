"""Columns of a bars file as numbers and times; the first value that is neither is named with its row.

Rows count from 1, the header not counted. Times come out as epoch seconds without a zone, or as UTC where the text
itself says so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradewarden.core.errors import InvalidBars

if TYPE_CHECKING:
    import polars as pl

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

# Larger numbers are milliseconds: as seconds they would lie beyond the year 5000.
_LARGEST_SECONDS = 10**11
_FORMATS = (
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H%M%S",
)
_ZONED_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z")


@dataclass(frozen=True, slots=True)
class Times:
    """Opening times in epoch seconds; ``is_utc`` when the column says so by itself."""

    seconds: Int64
    is_utc: bool


def number_column(path: Path, table: "pl.DataFrame", name: str) -> Float64:
    """Return column ``name`` as floats. Raises InvalidBars at a value that is empty or no number."""
    import polars as pl

    column = table[name]
    stripped = column.str.strip_chars() if column.dtype == pl.String else column
    numbers = stripped.cast(pl.Float64, strict=False)
    _refuse_nulls(path, numbers, column, name, "is not a number")
    return np.ascontiguousarray(numbers.to_numpy(), np.float64)


def time_column(path: Path, table: "pl.DataFrame", name: str) -> Times:
    """Return column ``name`` as times. Raises InvalidBars at a value that is none."""
    import polars as pl

    column = table[name]
    if isinstance(column.dtype, pl.Datetime):
        zoned = column.dtype.time_zone is not None
        plain = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else column
        return Times(_seconds(path, plain, column, name), is_utc=zoned)
    if column.dtype.is_numeric():
        return Times(_epoch(path, column, column, name), is_utc=False)
    if column.dtype != pl.String:
        raise InvalidBars(f"{path}: column {name} holds {column.dtype}, not times")
    return _text_times(path, column.str.strip_chars(), name)


def joined_time_column(path: Path, table: "pl.DataFrame", date_name: str, time_name: str) -> Times:
    """Return the times of a file that keeps date and time in two columns."""
    import polars as pl

    date = table[date_name].cast(pl.String).str.strip_chars()
    time = table[time_name].cast(pl.String).str.strip_chars()
    return _text_times(path, (date + " " + time).alias(f"{date_name} {time_name}"), f"{date_name} {time_name}")


def _text_times(path: Path, column: "pl.Series", name: str) -> Times:
    import polars as pl

    numbers = column.cast(pl.Float64, strict=False)
    if numbers[0] is not None:
        return Times(_epoch(path, numbers, column, name), is_utc=False)
    zoned = column.str.replace(r"[zZ]$", "+00:00")
    for form in _ZONED_FORMATS:
        parsed = zoned.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        if parsed[0] is not None:
            return Times(_seconds(path, parsed.dt.replace_time_zone(None), column, name), is_utc=True)
    for form in _FORMATS:
        parsed = column.str.to_datetime(form, strict=False, time_unit="us")
        if parsed[0] is not None:
            return Times(_seconds(path, parsed, column, name), is_utc=False)
    raise InvalidBars(f"{path} row 1: {name} {column[0]!r} is not a time such as 2026-01-02 03:04:05 or epoch seconds")


def _seconds(path: Path, times: "pl.Series", original: "pl.Series", name: str) -> Int64:
    _refuse_nulls(path, times, original, name, "is not a time in the form of the first row")
    micros = times.dt.epoch("us").to_numpy().astype(np.int64)
    return np.asarray(micros // 1_000_000)


def _epoch(path: Path, numbers: "pl.Series", original: "pl.Series", name: str) -> Int64:
    import polars as pl

    _refuse_nulls(path, numbers, original, name, "is not epoch seconds")
    values = numbers.cast(pl.Float64).to_numpy()
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise InvalidBars(f"{path} row {row + 1}: {name} {original[row]!r} is not epoch seconds")
    scale = 1000 if abs(values[0]) > _LARGEST_SECONDS else 1
    return np.asarray(np.floor(values / scale).astype(np.int64))


def _refuse_nulls(path: Path, parsed: "pl.Series", original: "pl.Series", name: str, problem: str) -> None:
    nulls = parsed.is_null()
    if nulls.any():
        row = int(nulls.arg_max() or 0)
        value = original[row]
        shown = "is empty" if value in (None, "") else f"{value!r} {problem}"
        raise InvalidBars(f"{path} row {row + 1}: {name} {shown}; {int(nulls.sum())} such rows")
