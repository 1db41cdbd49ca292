"""Reading legacy files from disk: encodings, separators, folders, and one clear line for what cannot be read."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.strategy.legacy_files import SAMPLES

from tradewarden.adapters.legacy_files import read_legacy_files
from tradewarden.adapters.legacy_files.tables import read_table
from tradewarden.core.errors import InvalidInput
from tradewarden.core.strategy.legacy import LegacyFile

LIMITS = "key,value\nmax_lots,1\n"


def read(tmp_path: Path, name: str, content: bytes) -> LegacyFile:
    path = tmp_path / name
    path.write_bytes(content)
    (file,) = read_legacy_files([path])
    return file


def told(file: LegacyFile) -> list[str]:
    assert file.tree is None
    assert file.table is None
    return [str(problem) for problem in file.problems]


@pytest.mark.parametrize(
    "content",
    [
        LIMITS.encode(),
        b"\xef\xbb\xbf" + LIMITS.encode(),
        LIMITS.replace("\n", "\r\n").encode(),
        LIMITS.replace(",", ";").encode(),
        LIMITS.replace(",", "\t").encode(),
        LIMITS.encode("utf-16"),
        b'\n"Key","value"\nmax_lots,"1"\n\n',
    ],
    ids=["plain", "mark", "crlf", "semicolons", "tabs", "utf-16", "quotes"],
)
def test_a_table_reads_the_same_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    table = read(tmp_path, "risk_limits.csv", content).table
    assert table is not None
    assert list(table.columns) == ["key", "value"]
    assert [tuple(row.cells.values()) for row in table.rows] == [("max_lots", "1")]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "row 1: the file is empty"),
        (b"key,value\n", "row 1: has a header but no rows"),
        (b"key,value\nmax_lots,1,2\n", "row 2: has 3 cells, the header has 2"),
        (b"key,key\na,b\n", "row 1: a column stands twice (found key)"),
        (b"key,\na,b\n", "row 1: a column has no name"),
        (b"key,value\nmax_lots,\xe9\n", "row 2: is not utf-8-sig text: save the file as UTF-8 (found byte 0xe9)"),
        (b"key,value\nmax\x00lots,1\n", "row 1: holds binary zeros"),
        (b'key,value\n"max_lots,1\n', "row 2: is no table"),
        (b"key,value\n" + b"a,1\n" * 5001, "row 5002: is past the 5000 rows"),
    ],
)
def test_a_table_that_cannot_be_read_says_where_and_why(tmp_path: Path, content: bytes, where: str) -> None:
    (line,) = told(read(tmp_path, "risk_limits.csv", content))
    assert line.startswith(where.split(" (found", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "line 1, column 2"),
        (b'{"symbol": "A", "symbol": "B"}', 'a key stands twice in one object: "symbol"'),
        (b'{"strategy": {"min_rr": NaN}}', "NaN is not a number in JSON"),
        (b'{"strategy": {"min_rr": null}}', "/strategy/min_rr: null says nothing"),
        (b'{"name": "\xff"}', "not UTF-8 text"),
        (b"[]", "is a JSON object"),
        (b"[" * 5000 + b"]" * 5000, "nested deeper"),
    ],
)
def test_json_that_cannot_be_read_says_where_and_why(tmp_path: Path, content: bytes, why: str) -> None:
    assert why in " ".join(told(read(tmp_path, "rules.json", content)))


def test_a_json_file_may_begin_with_a_mark(tmp_path: Path) -> None:
    assert read(tmp_path, "rules.json", b'\xef\xbb\xbf{"symbol": "EURUSD"}').tree == {"symbol": "EURUSD"}


def test_a_file_of_another_kind_or_size_is_refused_when_it_was_named(tmp_path: Path) -> None:
    assert "named .json or .csv" in told(read(tmp_path, "rules.yaml", b"symbol: EURUSD"))[0]
    assert "more than 1048576 bytes" in told(read(tmp_path, "rules.json", b" " * 1_048_577))[0]


def test_a_folder_is_read_with_all_below_it_and_each_file_once() -> None:
    files = read_legacy_files([SAMPLES, SAMPLES / "symbol_map.csv"])
    names = [Path(file.source).name for file in files]
    assert len(names) == len(set(names)) == 8
    assert all(len(file.digest) == 64 and not file.problems for file in files)
    assert [file.named for file in files if file.source.endswith("symbol_map.csv")] == [True]


def test_other_files_of_a_folder_are_passed_over_and_broken_rules_are_not(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"login": 1, "password": null}')
    (tmp_path / "feeds.json").write_text('["https://example.org"]')
    (tmp_path / "bars.csv").write_bytes(b"time,close\n" + b"1,2\n" * 300_000)
    (tmp_path / "half.json").write_text('{"symbol": "EURUSD", "conditions": ')
    found = {Path(file.source).name: file for file in read_legacy_files([tmp_path])}
    assert [name for name, file in found.items() if file.problems] == ["half.json"]
    assert all(file.tree is None for file in found.values())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: f"key,value\n{text}".encode())))
def test_no_content_breaks_the_reading_of_a_table(content: bytes) -> None:
    table, problems = read_table(content)
    assert (table is None) == bool(problems)
    if table is not None:
        assert all(set(row.cells) == set(table.columns) for row in table.rows)


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        read_legacy_files([tmp_path / "none"])
    with pytest.raises(InvalidInput, match="holds no legacy file"):
        read_legacy_files([tmp_path])
