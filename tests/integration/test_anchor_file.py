"""The anchor file through crashes, torn lines, disorder and other hands."""

import os
import stat
import threading
from pathlib import Path

import pytest

from tradewarden.adapters.anchor import FileAnchor
from tradewarden.core.audit.chain import ChainHead
from tradewarden.core.errors import IntegrityError, StorageUnavailable


def head(seq: int) -> ChainHead:
    return ChainHead(seq, f"{seq:064x}")


def test_the_newest_note_is_the_head(tmp_path: Path) -> None:
    anchor = FileAnchor(tmp_path / "anchor" / "history.anchor")
    assert anchor.head() is None
    for seq in (1, 2, 3):
        anchor.advance(head(seq))
    assert anchor.head() == head(3)
    assert FileAnchor(anchor.path).head() == head(3)
    assert anchor.path.read_text(encoding="ascii") == "".join(f"{n} {n:064x}\n" for n in (1, 2, 3))
    assert stat.S_IMODE(anchor.path.stat().st_mode) == 0o600
    anchor.close()


def test_a_note_that_comes_late_does_not_take_the_head_back(tmp_path: Path) -> None:
    anchor = FileAnchor(tmp_path / "history.anchor")
    for seq in (1, 3, 2):
        anchor.advance(head(seq))
    assert anchor.head() == head(3)
    anchor.close()


def test_a_torn_last_line_was_never_a_note(tmp_path: Path) -> None:
    path = tmp_path / "history.anchor"
    path.write_text(f"1 {1:064x}\n2 00ab", encoding="ascii")
    anchor = FileAnchor(path)
    assert anchor.head() == head(1)
    anchor.advance(head(2))
    assert anchor.head() == head(2)
    assert path.read_text(encoding="ascii") == f"1 {1:064x}\n2 {2:064x}\n"
    anchor.close()


def test_a_file_of_nothing_but_a_torn_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "history.anchor"
    path.write_text("1 00", encoding="ascii")
    anchor = FileAnchor(path)
    assert anchor.head() is None
    anchor.advance(head(1))
    assert anchor.head() == head(1)
    anchor.close()


@pytest.mark.parametrize("line", ["hello", "1 abc", f"-1 {1:064x}", f"1  {1:064x}", f"1 {'G' * 64}"])
def test_a_line_that_is_no_note_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "history.anchor"
    path.write_text(f"{line}\n", encoding="ascii")
    with pytest.raises(IntegrityError, match="not a note"):
        FileAnchor(path).head()


def test_a_long_file_is_read_from_its_end(tmp_path: Path) -> None:
    path = tmp_path / "history.anchor"
    path.write_text("".join(f"{n} {n:064x}\n" for n in range(1, 5001)), encoding="ascii")
    anchor = FileAnchor(path)
    assert anchor.head() == head(5000)
    anchor.advance(head(5001))
    assert anchor.head() == head(5001)
    anchor.close()


def test_threads_leave_whole_lines(tmp_path: Path) -> None:
    anchor = FileAnchor(tmp_path / "history.anchor", durable=False)

    def advance_a_hundred(start: int) -> None:
        for seq in range(start, start + 100):
            anchor.advance(head(seq))

    threads = [threading.Thread(target=advance_a_hundred, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(anchor.path.read_text(encoding="ascii").splitlines()) == 300
    assert anchor.head() == head(299)
    anchor.close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder", encoding="ascii")
    anchor = FileAnchor(blocked / "history.anchor")
    with pytest.raises(StorageUnavailable, match=r"history\.anchor"):
        anchor.advance(head(1))
    with pytest.raises(StorageUnavailable, match=r"history\.anchor"):
        anchor.head()
    os.unlink(blocked)  # noqa: PTH108
    anchor.advance(head(1))
    assert anchor.head() == head(1)
    anchor.close()
