"""Calendar files of every known form as rows: Parquet tables and the weekly export as JSON, XML and CSV.

Only reading and naming of what is wrong; which rows were known when is answered in ``calendar_files``.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.calendar import Impact
from tradewarden.core.values import to_epoch

IMPACTS = {
    "low": Impact.LOW,
    "medium": Impact.MEDIUM,
    "high": Impact.HIGH,
    "holiday": Impact.HOLIDAY,
    # Speeches and the like that the publisher expects no figure from.
    "non-economic": Impact.LOW,
}
_NO_CLOCK = ("all day", "tentative", "")
# The weekly export is saved under the time it was fetched at, such as ff_thisweek_2026-08-01T065103.json.
_CAPTURED_IN_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6})Z?\.\w+$")


class Row(NamedTuple):
    """One event as a file states it, times in epoch seconds UTC; ``captured`` is None where the file tells none.

    A tuple, because a calendar of twenty years has hundreds of thousands of them.
    """

    at: int
    currency: str
    impact: str
    title: str
    all_day: bool
    previous: str
    forecast: str
    actual: str
    captured: int | None


def read_rows(path: Path) -> list[Row]:
    """Return the events in ``path``. Raises InvalidInput, naming file, row and value."""
    readers: dict[str, Callable[[Path], list[Row]]] = {
        ".parquet": _read_parquet,
        ".json": _read_json,
        ".xml": _read_xml,
        ".csv": _read_csv,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput(f"{path}: a calendar file is named {', '.join(readers)}")
    rows = reader(path)
    if not rows:
        raise InvalidInput(f"{path}: holds no events")
    return rows


def _read_parquet(path: Path) -> list[Row]:
    import polars as pl

    try:
        table = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInput(f"{path}: not a complete Parquet file ({error})") from error
    title, currency = (
        _either(path, table.columns, "title", "event"),
        _either(path, table.columns, "currency", "country"),
    )
    for name in ("time_utc", "impact"):
        _either(path, table.columns, name)
    columns = set(table.columns)

    def text(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.String).fill_null("") if name in columns else pl.lit("")

    def seconds(expression: pl.Expr) -> pl.Expr:
        return expression.cast(pl.Datetime("us")).dt.epoch("s")

    nothing = pl.lit(None, pl.Datetime("us"))
    dates = pl.col("date") if table.schema.get("date") == pl.Date else nothing
    chosen = table.select(
        pl.coalesce(seconds(pl.col("time_utc")), seconds(dates)).alias("at"),
        text(currency).str.to_uppercase().alias("currency"),
        text("impact").str.strip_chars().str.to_lowercase().alias("impact"),
        text(title).alias("title"),
        (pl.col("time_utc").is_null() | (pl.col("all_day") if "all_day" in columns else pl.lit(False))).alias(
            "all_day"
        ),
        *(text(name).alias(name) for name in ("previous", "forecast", "actual")),
        seconds(pl.col("snapshot_utc") if "snapshot_utc" in columns else nothing).alias("captured"),
    )
    timeless = chosen["at"].is_null()
    if timeless.any():
        raise InvalidInput(f"{path} row {(timeless.arg_max() or 0) + 1}: has neither a time nor a date")
    strange = chosen.filter(~pl.col("impact").is_in(list(IMPACTS)))
    if strange.height:
        raise InvalidInput(f"{path}: impact {strange['impact'][0]!r} is none of {', '.join(IMPACTS)}")
    return [Row._make(values) for values in chosen.rows()]


def _either(path: Path, columns: Iterable[str], *names: str) -> str:
    for name in names:
        if name in columns:
            return name
    raise InvalidInput(f"{path}: has no column {' or '.join(names)}; found are {', '.join(columns)}")


def _read_json(path: Path) -> list[Row]:
    try:
        document = json.loads(_text(path, "utf-8-sig"))
    except ValueError as error:
        raise InvalidInput(f"{path}: not JSON ({error})") from error
    if not isinstance(document, list):
        raise InvalidInput(f"{path}: must be a list of events")
    captured = _captured_at(path)
    return [_json_row(path, number, item, captured) for number, item in enumerate(document, start=1)]


def _json_row(path: Path, number: int, item: Any, captured: int | None) -> Row:
    if not isinstance(item, Mapping) or not all(isinstance(item.get(key), str) for key in ("title", "country", "date")):
        raise InvalidInput(f"{path} event {number}: needs title, country and date as text")
    try:
        at = datetime.fromisoformat(item["date"])
    except ValueError as error:
        raise InvalidInput(f"{path} event {number}: date {item['date']!r} is not ISO 8601") from error
    if at.tzinfo is None:
        raise InvalidInput(f"{path} event {number}: date {item['date']!r} has no offset")
    impact = _impact(path, number, str(item.get("impact", "")))
    texts = {name: str(item.get(name) or "") for name in ("previous", "forecast", "actual")}
    return Row(
        to_epoch(at),
        item["country"].upper(),
        impact,
        item["title"],
        # The JSON gives holidays the midnight of New York instead of saying All Day.
        impact == "holiday",
        texts["previous"],
        texts["forecast"],
        texts["actual"],
        captured,
    )


def _read_xml(path: Path) -> list[Row]:
    content = _bytes(path)
    # Entities could blow a small file up to gigabytes; the feed has none.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise InvalidInput(f"{path}: declares a document type or entities, which a calendar needs not")
    try:
        root = ET.fromstring(content)  # noqa: S314 - documents with entities were refused above
    except (ET.ParseError, LookupError, ValueError) as error:
        raise InvalidInput(f"{path}: not XML ({error})") from error
    captured = _captured_at(path)
    rows = []
    for number, event in enumerate(root.iter("event"), start=1):
        fields = {child.tag: (child.text or "").strip() for child in event}
        rows.append(_weekly_row(path, number, fields, captured))
    return rows


def _read_csv(path: Path) -> list[Row]:
    reader = csv.DictReader(io.StringIO(_text(path, "utf-8-sig"), newline=""))
    captured = _captured_at(path)
    rows = []
    for number, stated in enumerate(reader, start=1):
        if None in stated or None in stated.values():
            raise InvalidInput(f"{path} row {number}: has another number of fields than the header")
        fields = {name.strip().lower(): value.strip() for name, value in stated.items()}
        rows.append(_weekly_row(path, number, fields, captured))
    return rows


def _weekly_row(path: Path, number: int, fields: Mapping[str, str], captured: int | None) -> Row:
    """Return the row of an XML or CSV event: ``MM-DD-YYYY`` and ``12:30pm``, both UTC."""
    for name in ("title", "country", "date", "impact"):
        if not fields.get(name):
            raise InvalidInput(f"{path} event {number}: {name} is missing")
    clock = fields.get("time", "").lower()
    all_day = clock in _NO_CLOCK
    text = fields["date"] if all_day else f"{fields['date']} {clock}"
    try:
        at = datetime.strptime(text, "%m-%d-%Y" if all_day else "%m-%d-%Y %I:%M%p").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput(f"{path} event {number}: {text!r} is not MM-DD-YYYY with a time like 12:30pm") from error
    return Row(
        to_epoch(at),
        fields["country"].upper(),
        _impact(path, number, fields["impact"]),
        fields["title"],
        all_day,
        fields.get("previous", ""),
        fields.get("forecast", ""),
        fields.get("actual", ""),
        captured,
    )


def _impact(path: Path, number: int, text: str) -> str:
    impact = text.strip().lower()
    if impact not in IMPACTS:
        raise InvalidInput(f"{path} event {number}: impact {text!r} is none of {', '.join(IMPACTS)}")
    return impact


def _captured_at(path: Path) -> int | None:
    match = _CAPTURED_IN_NAME.search(path.name)
    return None if match is None else to_epoch(datetime.strptime(match[1], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read ({error})") from error


def _text(path: Path, encoding: str) -> str:
    try:
        return _bytes(path).decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: not {encoding} text at byte {error.start}") from error
