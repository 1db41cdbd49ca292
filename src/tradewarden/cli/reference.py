"""Reading and changing what the desk works with: through the running desk where there is one, else in the record.

Both ways end in the same history entry; a running desk also checks symbols against its market.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewarden.services.context import Desk


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that the desk works with: where the HTTP interface has it, and how it is read in the record."""

    path: str
    query: Callable[[Desk], Any]


def shown(subject: Subject, data_dir: Path | None, *, as_json: bool) -> dict[str, Any]:
    """Return what is in force, as the HTTP interface answers it."""
    from tradewarden.cli.output import jsonable
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for

    live = find_desk(settings_for(data_dir).data_dir)
    if live is not None:
        with DeskClient(live) as client:
            found: dict[str, Any] = client.get(subject.path)
            return found
    with resting_desk(data_dir, as_json=as_json) as resting:
        made: dict[str, Any] = jsonable(subject.query(resting.desk))
        return made


def changed(
    subject: Subject,
    data_dir: Path | None,
    *,
    body: Callable[[dict[str, Any]], dict[str, Any]],
    change: Callable[[Desk, str], object],
    as_json: bool,
) -> dict[str, Any]:
    """Change it and return what is in force then.

    ``body`` makes the whole that is sent to a running desk out of what is in force; ``change`` does the same in the
    record, in the name of the person it is given.
    """
    from tradewarden.cli.acting import actor
    from tradewarden.cli.output import jsonable
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for

    live = find_desk(settings_for(data_dir).data_dir)
    if live is not None:
        with DeskClient(live) as client:
            before = client.get(subject.path)
            answered: dict[str, Any] = client.put(subject.path, {**body(before), "expected_version": before["version"]})
            return answered
    with resting_desk(data_dir, as_json=as_json) as resting:
        change(resting.desk, actor())
        made: dict[str, Any] = jsonable(subject.query(resting.desk))
        return made
