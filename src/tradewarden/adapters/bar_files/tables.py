"""Files as tables of columns, before anything in them is believed.

Reads Parquet, CSV and tab-separated exports (also gzipped) into one shape: normalised column names, text or typed
values. What cannot be read as a table is refused here; what a value means is found in ``columns``.
"""

import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from tradewarden.core.errors import InvalidBars

if TYPE_CHECKING:
    import polars as pl

_ALIASES = {
    "tickvol": "tick_volume",
    "tickvolume": "tick_volume",
    "vol": "real_volume",
    "volume": "tick_volume",
    "spread": "spread_points",
    "datetime": "time",
    "timestamp": "time",
    "ticker": "symbol",
    "period": "timeframe",
}
_TEXT_SUFFIXES = (".csv", ".txt", ".tsv")


def read_table(path: Path) -> "pl.DataFrame":
    """Return the table in ``path`` with normalised column names. Raises InvalidBars, naming the file and why."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        table = _read_parquet(path)
    elif name.removesuffix(".gz").endswith(_TEXT_SUFFIXES):
        table = _read_text(path, _content(path))
    else:
        raise InvalidBars(f"{path}: a bars file is named .parquet, .csv, .tsv, .txt or these with .gz")
    return _normalised(path, table)


def _read_parquet(path: Path) -> "pl.DataFrame":
    import polars as pl

    try:
        return pl.read_parquet(io.BytesIO(_content(path)))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidBars(f"{path}: not a complete Parquet file ({error})") from error


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidBars(f"{path}: not a complete gzip file ({error})") from error
    except OSError as error:
        raise InvalidBars(f"{path}: cannot be read ({error})") from error


def _read_text(path: Path, content: bytes) -> "pl.DataFrame":
    """Return a table of text columns; the separator is the one the header uses most."""
    import polars as pl

    text = _decoded(path, content)
    header, _, body = text.partition("\n")
    if not header.strip():
        raise InvalidBars(f"{path}: the file is empty")
    separator = max("\t,;", key=header.count)
    fields = header.count(separator)
    for number, line in enumerate(body.splitlines(), start=2):
        if line.strip() and line.count(separator) != fields:
            raise InvalidBars(
                f"{path} line {number}: has {line.count(separator) + 1} fields, the header has {fields + 1}: "
                f"{line.strip()[:80]!r}"
            )
    try:
        return pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False, quote_char=None)
    except pl.exceptions.PolarsError as error:
        raise InvalidBars(f"{path}: not a table ({error})") from error


def _decoded(path: Path, content: bytes) -> str:
    # A terminal exports UTF-8 or, by a setting, UTF-16 with a byte order mark.
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidBars(f"{path}: not {encoding} text at byte {error.start}; save it as UTF-8") from error
    if "\x00" in text:
        raise InvalidBars(f"{path}: holds binary zeros; save it as UTF-8 text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _normalised(path: Path, table: "pl.DataFrame") -> "pl.DataFrame":
    names = [name.strip().strip("<>\"'").strip().lower() for name in table.columns]
    renamed = [_ALIASES.get(name, name) for name in names]
    twice = {name for name in renamed if renamed.count(name) > 1}
    if twice:
        raise InvalidBars(f"{path}: columns {', '.join(sorted(twice))} stand twice")
    table.columns = renamed
    if table.height == 0:
        raise InvalidBars(f"{path}: has a header but no rows")
    return table
