"""Killed by SIGKILL between any two steps of an order, the desk comes back to exactly one order, or none, booked once.

Real PostgreSQL, a journaled terminal, a child process per life. Ten crashes per point here, a hundred under `soak`.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.crash_child import AFTER_CLAIM, AFTER_RECORD, BEFORE_REPLY
from tests.services.desk_world import START

from tradewarden.adapters.embedded import DatabaseUrls

KILLED = -signal.SIGKILL
SETUP_AT = START + timedelta(minutes=4)


class Desks:
    """The process that lives and dies; each life is a fork of it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def live(self, **run: Any) -> tuple[int, dict[str, Any]]:
        """Run one life and return its exit code and report (empty when it was killed)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(run) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["code"], answer["report"] or {}


@pytest.fixture(scope="module")
def desks(repository: Path) -> Iterator[Desks]:
    command = [sys.executable, "-W", "error", "-m", "tests.integration.crash_child"]
    with subprocess.Popen(command, cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Desks(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def crash_and_return(desks: Desks, urls: DatabaseUrls, folder: Path, *, point: str, attempt: int) -> dict[str, Any]:
    """Kill a desk at ``point``, start another one on what is left, and return its report at the end."""
    run = {
        "url": urls.app,
        "journal": str(folder / "journal.jsonl"),
        "anchor": str(folder / "anchor"),
        # Every second desk waits for a person, and every second pair comes back a minute later.
        "mode": ("autonomous", "supervised")[attempt % 2],
        "at": START.isoformat(),
    }
    code, report = desks.live(**run, point=point)
    assert code == KILLED, report
    back_at = SETUP_AT + timedelta(minutes=(attempt // 2) % 2)
    code, report = desks.live(**(run | {"at": back_at.isoformat()}), point="")
    assert code == 0, report.get("error")
    return report


def assert_one_order_booked_once(report: dict[str, Any]) -> None:
    assert len(report["openings"]) == 1, report
    assert report["open"] == []
    assert report["closed"] == report["openings"], "the one position, with the size that was filled"
    assert report["statuses"].count("filled") == 1
    assert report["unfinished"] == 0
    assert len(report["outcomes"]) == 1, report["outcomes"]
    assert report["reconciled"]
    assert report["chain"]
    assert report["balance_agrees"]


def assert_no_order(report: dict[str, Any]) -> None:
    assert report["openings"] == [], report
    assert report["open"] == report["closed"] == []
    assert report["statuses"] == ["failed"]
    assert report["unfinished"] == 0
    assert report["reconciled"]
    assert report["chain"]


@pytest.mark.parametrize("attempt", range(10))
def test_killed_between_record_and_submit_it_sends_the_order_once(
    desks: Desks, database_url: DatabaseUrls, tmp_path: Path, attempt: int
) -> None:
    assert_one_order_booked_once(crash_and_return(desks, database_url, tmp_path, point=AFTER_RECORD, attempt=attempt))


@pytest.mark.parametrize("attempt", range(10))
def test_killed_between_submit_and_reply_it_finds_the_order_it_sent(
    desks: Desks, database_url: DatabaseUrls, tmp_path: Path, attempt: int
) -> None:
    assert_one_order_booked_once(crash_and_return(desks, database_url, tmp_path, point=BEFORE_REPLY, attempt=attempt))


@pytest.mark.parametrize("attempt", range(4))
def test_killed_with_the_order_marked_as_sent_and_not_sent_it_never_sends_it(
    desks: Desks, database_url: DatabaseUrls, tmp_path: Path, attempt: int
) -> None:
    assert_no_order(crash_and_return(desks, database_url, tmp_path, point=AFTER_CLAIM, attempt=attempt))


PART_AT = START + timedelta(minutes=9)


def part_crash_and_return(
    desks: Desks, urls: DatabaseUrls, folder: Path, *, point: str, minutes: int
) -> dict[str, Any]:
    """Kill a desk at ``point`` of a partial closing, return ``minutes`` later, and give the report at the end."""
    run = {
        "url": urls.app,
        "journal": str(folder / "journal.jsonl"),
        "anchor": str(folder / "anchor"),
        "mode": "autonomous",
        "in_parts": True,
        "at": START.isoformat(),
    }
    code, report = desks.live(**run, point=point)
    assert code == KILLED, report
    back_at = PART_AT + timedelta(minutes=minutes)
    code, report = desks.live(**(run | {"at": back_at.isoformat()}), point="")
    assert code == 0, report.get("error")
    return report


@pytest.mark.parametrize(
    ("point", "minutes"), [(AFTER_RECORD, 0), (AFTER_RECORD, 2), (AFTER_CLAIM, 0), (BEFORE_REPLY, 1)]
)
def test_killed_at_any_step_of_a_partial_closing_it_closes_each_part_once(
    desks: Desks, database_url: DatabaseUrls, tmp_path: Path, point: str, minutes: int
) -> None:
    report = part_crash_and_return(desks, database_url, tmp_path, point=point, minutes=minutes)
    assert report["closings"] == [2.33, 2.34], report
    assert report["targets_done"] == [1]
    assert report["open"] == []
    assert [lots for _, lots in report["closed"]] == [4.67]
    assert report["unfinished"] == 0
    assert report["reconciled"]
    assert report["chain"]
    assert report["balance_agrees"]


@pytest.mark.soak
@pytest.mark.parametrize("attempt", range(100))
@pytest.mark.parametrize("point", [AFTER_RECORD, BEFORE_REPLY, AFTER_CLAIM])
def test_a_hundred_crashes_at_every_point(
    desks: Desks, database_url: DatabaseUrls, tmp_path: Path, point: str, attempt: int
) -> None:
    report = crash_and_return(desks, database_url, tmp_path, point=point, attempt=attempt)
    (assert_no_order if point == AFTER_CLAIM else assert_one_order_booked_once)(report)
