"""``tradewarden watchlist``: the symbols that the desk watches, in their order.

Off the watchlist an idea asks a person, or is denied in autonomous mode, unless the policy allows it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, examples
from tradewarden.core.errors import InvalidInput

if TYPE_CHECKING:
    from tradewarden.services.context import Desk

app = typer.Typer(help="The watchlist: show, add, remove, set.", no_args_is_help=True)
Symbols = Annotated[list[str], typer.Argument(metavar="SYMBOL...", help="Symbols, as strategies name them.")]


@app.command("show", epilog=examples("tradewarden watchlist show", "tradewarden watchlist show --json"))
def show(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show the watchlist in its order, and what the running desk's market offers besides."""
    from tradewarden.cli.output import answer
    from tradewarden.cli.reference import shown

    found = shown(_subject(), data_dir, as_json=as_json)
    answer(found, lambda: _view(found), as_json=as_json)


@app.command("add", epilog=examples("tradewarden watchlist add XAUUSD US30"))
def add(symbols: Symbols, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Add symbols at the end; those that are there already stay where they are."""
    _change(lambda before: list(dict.fromkeys([*before, *symbols])), data_dir, as_json)


@app.command("remove", epilog=examples("tradewarden watchlist remove US30"))
def remove(symbols: Symbols, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Take symbols off; positions in them are looked after as before."""

    def without(before: list[str]) -> list[str]:
        missing = [each for each in symbols if each not in before]
        if missing:
            raise InvalidInput(f"{', '.join(missing)} not on the watchlist; on it are {', '.join(before) or 'none'}")
        return [each for each in before if each not in symbols]

    _change(without, data_dir, as_json)


@app.command("set", epilog=examples("tradewarden watchlist set XAUUSD EURUSD"))
def set_all(symbols: Symbols, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Replace the watchlist by these symbols, in this order."""
    _change(lambda _: symbols, data_dir, as_json)


def _subject() -> Any:
    from tradewarden.cli.reference import Subject
    from tradewarden.services.queries import reference

    return Subject("/watchlist", reference.watchlist)


def _change(wanted: Any, data_dir: Path | None, as_json: bool) -> None:
    from tradewarden.cli.output import answer
    from tradewarden.cli.reference import changed
    from tradewarden.services.change_watchlist import change_watchlist

    def in_record(desk: Desk, actor: str) -> None:
        with desk.storage.read() as reading:
            before, version = list(reading.watchlist()), reading.watchlist_version()
        change_watchlist(desk, wanted(before), actor=actor, expected_version=version)

    found = changed(
        _subject(),
        data_dir,
        body=lambda before: {"symbols": wanted(list(before["symbols"]))},
        change=in_record,
        as_json=as_json,
    )
    answer(found, lambda: _view(found), as_json=as_json)


def _view(found: dict[str, Any]) -> list[Any]:
    from tradewarden.cli.output import styled, table

    rows = [(str(place), symbol) for place, symbol in enumerate(found["symbols"], start=1)]
    shown: list[Any] = [table(("place>", "symbol"), rows, title=f"Watchlist, version {found['version']}")]
    if found["on_offer"]:
        shown.append(styled(f"also on offer: {', '.join(found['on_offer'])}", "dim"))
    return shown
