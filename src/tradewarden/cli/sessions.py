"""``tradewarden sessions``: named windows of the day that strategy documents may use.

Sydney, Tokyo, London and NewYork are built in. What is published carries the windows by value: a later change of a
session changes no published strategy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, examples
from tradewarden.core.errors import InvalidInput

if TYPE_CHECKING:
    from tradewarden.core.market.session import SessionWindow
    from tradewarden.services.context import Desk

app = typer.Typer(help="Named sessions: list, set, remove.", no_args_is_help=True)


@app.command("list", epilog=examples("tradewarden sessions list", "tradewarden sessions list --json"))
def show(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the sessions that strategy documents may name."""
    from tradewarden.cli.output import answer
    from tradewarden.cli.reference import shown

    found = shown(_subject(), data_dir, as_json=as_json)
    answer(found, lambda: _view(found), as_json=as_json)


@app.command(
    "set",
    epilog=examples(
        "tradewarden sessions set Morning 07:30 11:00 Europe/Prague",
        "tradewarden sessions set Overnight 22:00 02:00 UTC --days Mon,Tue,Wed,Thu",
    ),
)
def set_one(
    name: Annotated[str, typer.Argument(help="The name that documents use.")],
    start: Annotated[str, typer.Argument(help="When it starts, such as 07:30.")],
    end: Annotated[str, typer.Argument(help="When it ends; at or before the start means the next day.")],
    timezone: Annotated[str, typer.Argument(help="The IANA zone of both times, such as Europe/London.")],
    days: Annotated[str, typer.Option("--days", help="The days on which it starts.")] = "Mon,Tue,Wed,Thu,Fri",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set a session of the desk, new or changed."""
    from tradewarden.core.market.session import SessionWindow, check_named_window

    window = SessionWindow(name, start, end, timezone, _weekdays(days))
    check_named_window(window)
    _change([window], [], data_dir, as_json)


@app.command("remove", epilog=examples("tradewarden sessions remove Morning"))
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Sessions of the desk.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove sessions of the desk; published strategies keep their windows."""
    _change([], names, data_dir, as_json)


def _weekdays(text: str) -> tuple[int, ...]:
    from tradewarden.core.market.session import WEEKDAYS

    found = []
    for part in text.split(","):
        day = part.strip().capitalize()
        if day not in WEEKDAYS:
            raise InvalidInput(f"--days {part.strip()!r} is no weekday; write some of {','.join(WEEKDAYS)}")
        found.append(WEEKDAYS.index(day))
    return tuple(sorted(found))


def _subject() -> Any:
    from tradewarden.cli.reference import Subject
    from tradewarden.services.queries import reference

    return Subject("/sessions", reference.sessions)


def _change(additions: list[SessionWindow], removals: list[str], data_dir: Path | None, as_json: bool) -> None:
    from tradewarden.cli.output import answer
    from tradewarden.cli.reference import changed
    from tradewarden.services.change_sessions import change_sessions, window_document

    def whole(before: dict[str, Any]) -> dict[str, Any]:
        own = {each["name"]: each for each in before["sessions"] if not each["built_in"]}
        for name in removals:
            if name not in own:
                raise InvalidInput(f"session {name!r} is not the desk's; it has: {', '.join(own) or 'none'}")
            del own[name]
        parts = {name: {key: own[name][key] for key in ("start", "end", "timezone", "days")} for name in own}
        parts |= {window.name: window_document(window) for window in additions}
        return {"sessions": [{"name": name, **part} for name, part in parts.items()]}

    def in_record(desk: Desk, actor: str) -> None:
        change_sessions(desk, additions, removals, actor=actor)

    found = changed(_subject(), data_dir, body=whole, change=in_record, as_json=as_json)
    answer(found, lambda: _view(found), as_json=as_json)


def _view(found: dict[str, Any]) -> list[Any]:
    from tradewarden.cli.output import table

    rows = [
        (
            each["name"],
            f"{each['start']}–{each['end']}",
            each["timezone"],
            " ".join(each["days"]),
            "built in" if each["built_in"] else "the desk's",
        )
        for each in found["sessions"]
    ]
    columns = ("name", "hours", "zone", "starts on", "")
    return [table(columns, rows, title=f"Sessions, version {found['version']}")]
