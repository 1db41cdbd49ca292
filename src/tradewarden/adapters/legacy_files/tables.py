"""CSV as people and spreadsheets write it: UTF-8 or UTF-16 with a mark, CRLF, comma, semicolon or tab, quoted cells.

Only the shape is judged here. A cell stays text; numbers are read where their meaning is known.
"""

import csv
import io

from tradewarden.core.errors import Problem
from tradewarden.core.strategy.legacy import Row, Table

_SEPARATORS = ",;\t"
MAX_ROWS = 5_000
_Read = tuple[Table | None, tuple[Problem, ...]]


def read_table(content: bytes) -> _Read:
    """Return the table in ``content`` with its columns in lower case; or None with every problem of its shape."""
    # A spreadsheet saves "Unicode text" as UTF-16 with a byte order mark.
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        found = content[error.start : error.start + 1].hex()
        return None, (
            Problem(f"row {row}", f"is not {encoding} text: save the file as UTF-8", found=f"byte 0x{found}"),
        )
    if "\x00" in text:
        return None, (Problem("row 1", "holds binary zeros: save the file as UTF-8 text"),)
    return _rows(text)


def _rows(text: str) -> _Read:
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = tuple(cell.strip().lower() for cell in cells)
                problems += _header_problems(columns)
            elif len(cells) != len(columns):
                where = f"row {reader.line_num}"
                problems.append(Problem(where, f"has {len(cells)} cells, the header has {len(columns)}"))
            else:
                rows.append(Row(line=reader.line_num, cells=dict(zip(columns, cells, strict=True))))
            if len(rows) > MAX_ROWS:
                return None, (Problem(f"row {reader.line_num}", f"is past the {MAX_ROWS} rows that are imported"),)
    except csv.Error as error:
        problems.append(Problem(f"row {reader.line_num}", f"is no table: {error}"))
    if not columns:
        problems.append(Problem("row 1", "the file is empty"))
    elif not rows and not problems:
        problems.append(Problem("row 1", "has a header but no rows"))
    return (None, tuple(problems)) if problems else (Table(columns=columns, rows=tuple(rows)), ())


def _header_problems(columns: tuple[str, ...]) -> list[Problem]:
    problems = [Problem("row 1", "a column has no name") for column in columns if not column]
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    return problems + [Problem("row 1", "a column stands twice", found=column) for column in twice]
