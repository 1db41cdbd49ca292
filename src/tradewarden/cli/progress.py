"""Progress on stderr: bars that count, and steps that tick off with their time.

Nothing is drawn where stderr is no terminal; there a step is one line when it is done.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tradewarden.cli.output import console_for, styled

if TYPE_CHECKING:
    from datetime import datetime

    from tradewarden.services.context import Desk

COUNT_SECONDS = 1.0
MANY = 1_000_000


@contextmanager
def counting(title: str, *, as_json: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs; the given function takes how many are done and how many there are."""
    if as_json or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console_for(sys.stderr), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def market_progress(desk: Desk, *, quiet: bool = False) -> Iterator[Callable[[int, int, datetime], None]]:
    """Show how far a headless run is: minutes done, the market's date, ideas and trades so far, and the time left.

    The given function takes minutes done, minutes in all, and the market's time.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total, _at: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    date, words = TextColumn("{task.fields[at]}"), TextColumn("minutes · {task.fields[words]} ·")
    clocks = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    columns = (date, BarColumn(), MofNCompleteColumn(), words, *clocks)
    with Progress(*columns, console=console_for(sys.stderr), transient=True) as progress:
        task = progress.add_task("", total=None, at="", words=_so_far(desk))
        counted_at = time.monotonic()

        def tell(done: int, total: int, at: datetime) -> None:
            nonlocal counted_at
            # Counting asks the record, so it happens once a second and not at every step.
            if time.monotonic() - counted_at > COUNT_SECONDS:
                progress.update(task, words=_so_far(desk))
                counted_at = time.monotonic()
            progress.update(task, completed=done, total=total, at=at.strftime("%Y-%m-%d"))

        yield tell


def _so_far(desk: Desk) -> str:
    with desk.storage.read() as reading:
        ideas, trades = len(reading.ideas(limit=MANY)), len(reading.closed_positions(limit=MANY))
    return f"{ideas} ideas, {trades} trades"


class Steps:
    """Steps on stderr, each with a tick and the time it took; a new step ends the one before."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console = console_for(sys.stderr)
        self._spinner = self._console.status("") if sys.stderr.isatty() and not quiet else None
        self._name: str | None = None
        self._started = 0.0

    def begin(self, name: str) -> None:
        """End the step under way, if any, and begin another."""
        self.end()
        self._name, self._started = name, time.monotonic()
        if self._spinner is not None:
            self._spinner.update(name)
            self._spinner.start()

    def end(self, *, failed: bool = False) -> None:
        """Tick the step under way off, or cross it out when it failed."""
        if self._name is None:
            return
        if self._spinner is not None:
            self._spinner.stop()
        seconds = time.monotonic() - self._started
        if not self._quiet:
            mark, style = ("✗", "red") if failed else ("✓", "green")
            self._console.print(
                styled(f"{mark} ", style) + styled(self._name, "") + styled(f"  {seconds:.2f} s", "dim")
            )
        self._name = None
