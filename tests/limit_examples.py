"""The worked examples of docs/reference/loss-limits.md as values: the tests execute the tables that people read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.builders import D

from tradewarden.core.policy import DrawdownKind, DrawdownMark, LossReference

PAGE = Path(__file__).parents[1] / "docs/reference/loss-limits.md"
UNSET: dict[str, Any] = {"max_daily_loss": None, "max_drawdown_amount": None, "daily_profit_target": None}
OFF, GOES_ON = "off", "goes on"
_KINDS: dict[str, Any] = {
    "daily_loss_reference": LossReference,
    "drawdown_kind": DrawdownKind,
    "drawdown_mark": DrawdownMark,
    "drawdown_lock": lambda text: text == "true",
    "day_reset_zone": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One row: what has happened since the last one, and what must be seen at ``at``. Missing columns are None."""

    at: datetime
    booked: Decimal
    paid_in: Decimal
    floating: Decimal
    desk: str
    seen: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One table under its policy."""

    title: str
    policy: dict[str, Any]
    looks: tuple[Look, ...]


def examples() -> tuple[Example, ...]:
    """Return every table that follows a line of policy fields."""
    return tuple(_examples(PAGE.read_text(encoding="utf-8")))


def resets() -> tuple[tuple[str, dict[str, datetime]], ...]:
    """Return the table of resets: the risk day, and when it begins on each clock."""
    rows = _table(PAGE.read_text(encoding="utf-8").split("| risk day |", 1)[1].split("\n\n", 1)[0], "| risk day |")
    return tuple((row.pop("risk day"), {clock: _time(text) for clock, text in row.items()}) for row in rows)


def _examples(page: str) -> Iterator[Example]:
    for section in page.split("\n## ")[1:]:
        title = section.split("\n", 1)[0]
        for number, found in enumerate(re.finditer(r"^`(\w+=[^`]*)`\n\n(\|.*?)(?:\n\n|\Z)", section, re.S | re.M), 1):
            policy = dict(part.split("=") for part in found[1].split())
            yield Example(
                title=f"{title} {number}",
                policy=UNSET | {name: _KINDS.get(name, D)(text) for name, text in policy.items()},
                looks=tuple(_look(row) for row in _table(found[2])),
            )


def _look(row: dict[str, str]) -> Look:
    happens = {name: D(row.pop(name, "") or "0") for name in ("booked", "paid in", "floating")}
    return Look(
        at=_time(row.pop("time")),
        booked=happens["booked"],
        paid_in=happens["paid in"],
        floating=happens["floating"],
        desk=row.pop("the desk"),
        seen={name: text for name, text in row.items() if text},
    )


def _table(text: str, head: str = "") -> list[dict[str, str]]:
    lines = (head + text).splitlines()
    names = _cells(lines[0])
    return [dict(zip(names, _cells(line), strict=True)) for line in lines[2:]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
