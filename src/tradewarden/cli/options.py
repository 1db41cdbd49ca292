"""Options that several commands share, each described once.

Only types live here: a command names them in its signature, and Typer does the rest.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tradewarden.core.errors import InvalidInput

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="TRADEWARDEN_DATA_DIR",
        file_okay=False,
        show_default="the user's data folder",
        help="The desk's data directory: its database, secrets and logs.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON on stdout, and nothing else there.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="At most this many, newest first.")]
Symbol = Annotated[str | None, typer.Option("--symbol", "-s", help="Only this symbol, such as XAUUSD.")]


def moment(text: str, *, name: str) -> datetime:
    """Return a date or an ISO 8601 time as aware UTC; a time without a zone is UTC. Raises InvalidInput."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{name} {text!r} is no date; write 2025-12-03 or 2025-12-03T14:30:00Z") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def optional_moment(text: str | None, *, name: str) -> datetime | None:
    """Return ``moment(text)``, or None when nothing was given."""
    return None if text is None else moment(text, name=name)


def examples(*commands: str) -> str:
    """Return the end of a command's help: how it is typed, one line each."""
    # The mark keeps the lines as they are; without it they would be joined into a paragraph.
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)
