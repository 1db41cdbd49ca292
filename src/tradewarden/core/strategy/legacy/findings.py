"""What a translation did, line by line: the report that a person reads before anything is published.

Every value of a source file ends in exactly one kind of finding; nothing is dropped without one. A refusal stops the
file that it stands in, and with it the whole import.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

_TEXT_LIMIT = 160


class FindingKind(StrEnum):
    """What became of a value: the same meaning, another one, nothing on purpose, or a refusal."""

    TRANSLATED = "translated"
    CHANGED = "changed"
    LEFT_OUT = "left_out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report.

    ``source`` names the file, ``place`` the JSON pointer or the row, ``found`` what stands there, ``became`` what it
    is now; ``why`` gives the reason of a change, an omission or a refusal, ``suggestion`` the nearest allowed name.
    """

    kind: FindingKind
    source: str
    place: str
    found: str
    became: str = ""
    why: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        parts = [f"{self.source} {self.place or '/'}: "]
        parts.append(self.found or "–")
        if self.became:
            parts.append(f" → {self.became}")
        if self.why:
            parts.append(f": {self.why}")
        if self.suggestion:
            parts.append(f"; did you mean {self.suggestion!r}?")
        return "".join(parts)


class Notes:
    """The findings of one source file, collected in reading order."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.findings: list[Finding] = []

    @property
    def refused(self) -> bool:
        """Return whether anything in this file was refused."""
        return any(finding.kind is FindingKind.REFUSED for finding in self.findings)

    def translated(self, place: str, found: object, became: object) -> None:
        """Note a value that means the same in its new place."""
        self._note(FindingKind.TRANSLATED, place, found, became)

    def changed(self, place: str, found: object, became: object, why: str) -> None:
        """Note a value that means something else now, and why."""
        self._note(FindingKind.CHANGED, place, found, became, why)

    def left_out(self, place: str, found: object, why: str) -> None:
        """Note a value that has no part in the result, and why."""
        self._note(FindingKind.LEFT_OUT, place, found, None, why)

    def refuse(self, place: str, found: object, why: str, suggestion: str = "") -> None:
        """Note a value that cannot be translated: the file is refused."""
        self._note(FindingKind.REFUSED, place, found, None, why, suggestion)

    def _note(
        self, kind: FindingKind, place: str, found: object, became: object, why: str = "", suggestion: str = ""
    ) -> None:
        self.findings.append(
            Finding(
                kind=kind,
                source=self.source,
                place=place,
                found=_text(found),
                became="" if became is None else _text(became),
                why=why,
                suggestion=suggestion,
            )
        )


def plain(value: Any) -> Any:
    """Return ``value`` with decimals as the JSON numbers that they were written as."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _text(value: object) -> str:
    # What was written by hand is shown as written; only what would break the line is escaped.
    text = value if isinstance(value, str) and value.isprintable() else json.dumps(plain(value))
    return text if len(text) <= _TEXT_LIMIT else f"{text[: _TEXT_LIMIT - 3]}..."
