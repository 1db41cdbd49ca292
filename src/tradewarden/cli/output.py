"""Printing: JSON for programs, tables for people, notices on stderr.

Answers go to stdout and everything else to stderr, so that an answer can always be piped. Text that came out of the
record is never read as markup.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

# Wide enough for every table; a pipe has no width, and the 80 columns assumed for it would cut the words.
PIPE_COLUMNS = 180
GOOD, BAD, DIM, LOUD = "green", "red", "dim", "bold"


def jsonable(value: Any) -> Any:
    """Return ``value`` as plain JSON: exact numbers as strings of digits, times with ``Z``, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value


def json_text(value: Any) -> str:
    """Return ``value`` as indented JSON text."""
    return json.dumps(jsonable(value), indent=2, ensure_ascii=False)


def answer(value: Any, render: Callable[[], Sequence[RenderableType]], *, as_json: bool) -> None:
    """Print the answer: ``value`` as JSON when that was asked for, else what ``render`` makes of it."""
    if as_json:
        print(json_text(value))
        return
    from rich.text import Text

    console = console_for(sys.stdout)
    for part in render():
        # Only tables are laid out; a line of text stays one line, however long, so that it can be copied.
        console.print(part, soft_wrap=isinstance(part, Text))


def note(text: str) -> None:
    """Print a notice on stderr."""
    print(text, file=sys.stderr)


def console_for(stream: IO[str]) -> Console:
    """Return a console on ``stream`` that prints numbers and names as they are, without colouring by guess."""
    from rich.console import Console

    columns = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_COLUMNS
    return Console(file=stream, highlight=False, width=columns)


@contextmanager
def waiting(text: str, *, as_json: bool = False) -> Iterator[Callable[[str], None]]:
    """Show a moving line on a terminal's stderr while the block runs; the given function changes its text."""
    if as_json or not sys.stderr.isatty():
        yield lambda _text: None
        return
    with console_for(sys.stderr).status(text) as line:
        yield line.update


def table(columns: Sequence[str], rows: Sequence[Sequence[str | Text]], *, title: str = "") -> Table:
    """Return a table; a column whose name ends in ``>`` is right-aligned."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold", pad_edge=False)
    for column in columns:
        right = column.endswith(">")
        made.add_column(column.rstrip(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def pairs(rows: Sequence[tuple[str, str | Text]], *, title: str = "") -> Table:
    """Return a two-column list of names and values."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2))
    if title:
        made.title, made.title_justify, made.title_style = title, "left", "bold"
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(name), Text(value) if isinstance(value, str) else value)
    return made


def styled(text: str, style: str) -> Text:
    """Return ``text`` in ``style``."""
    from rich.text import Text

    return Text(text, style=style)


def tick(holds: bool, words: tuple[str, str] = ("✓", "✗")) -> Text:
    """Return a mark that says yes or no without needing its colour."""
    return styled(words[0], GOOD) if holds else styled(words[1], BAD)


def number(value: Decimal | int | float | str | None, *, sign: bool = False) -> str:
    """Return a number as it is recorded, ``–`` when it is not known; with ``sign`` a plus stands before gains."""
    if value is None:
        return "–"
    exact = Decimal(str(value))
    return format(exact, "+f") if sign and exact > 0 else format(exact, "f")


def money(value: Decimal | str | None, *, sign: bool = False) -> Text:
    """Return an amount with thousands separated, two places, red below zero; ``–`` when it is not known."""
    if value is None:
        return styled("–", DIM)
    amount = Decimal(str(value))
    text = f"{amount:+,.2f}" if sign and amount > 0 else f"{amount:,.2f}"
    return styled(text, BAD if amount < 0 else "")


def fraction(value: Decimal | str | None) -> str:
    """Return a fraction as percent with two places."""
    return "–" if value is None else f"{Decimal(str(value)) * 100:.2f} %"


def when(at: datetime | str | None, *, seconds: bool = False) -> str:
    """Return a time in UTC, to the minute."""
    if at is None:
        return "–"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def duration(seconds: float) -> str:
    """Return a span in the largest sensible units: ``3.2 s``, ``4 min 05 s``, ``2 d 03 h``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600:02d} h"


def short(identity: str) -> str:
    """Return the first characters of an id or digest, enough to name it in a command."""
    return identity[:10]
