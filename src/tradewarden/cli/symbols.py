"""``tradewarden symbols``: what the broker calls the symbols that strategies name.

A line is needed only where the names differ, such as XAUUSD for a broker's GOLD.pro; likely names are proposed, and a
person maps them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, examples

if TYPE_CHECKING:
    from tradewarden.services.context import Desk

app = typer.Typer(help="The symbol map: list, map, unmap.", no_args_is_help=True)


@app.command("list", epilog=examples("tradewarden symbols list", "tradewarden symbols list --json"))
def show(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the names in use with what the broker calls them, and candidates where it offers no such symbol."""
    from tradewarden.cli.output import answer
    from tradewarden.cli.reference import shown

    found = shown(_subject(), data_dir, as_json=as_json)
    answer(found, lambda: _view(found), as_json=as_json)


@app.command("map", epilog=examples("tradewarden symbols map XAUUSD GOLD.pro"))
def map_name(
    name: Annotated[str, typer.Argument(help="The name that strategies use.")],
    symbol: Annotated[str, typer.Argument(help="What the broker calls it.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Map a name to a broker's symbol; refused while something in it is open or on its way."""
    _change({name: symbol}, [], data_dir, as_json)


@app.command("unmap", epilog=examples("tradewarden symbols unmap XAUUSD"))
def unmap(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names that the broker uses itself.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove lines: the broker calls these symbols what strategies call them."""
    _change({}, names, data_dir, as_json)


def _subject() -> Any:
    from tradewarden.cli.reference import Subject
    from tradewarden.services.queries import reference

    return Subject("/symbols/map", reference.symbol_map)


def _change(additions: dict[str, str], removals: list[str], data_dir: Path | None, as_json: bool) -> None:
    from tradewarden.cli.output import answer
    from tradewarden.cli.reference import changed
    from tradewarden.core.market.symbols import SymbolMap
    from tradewarden.services.change_symbol_map import change_symbol_map

    def whole(before: dict[str, Any]) -> dict[str, Any]:
        known = {line["canonical"]: line["symbol"] for line in before["lines"] if line["is_mapped"]}
        after = SymbolMap().changed(known).changed(additions, removals)
        return {"names": {line.canonical: line.broker for line in after.names}}

    def in_record(desk: Desk, actor: str) -> None:
        change_symbol_map(desk, additions, removals, actor=actor)

    found = changed(_subject(), data_dir, body=whole, change=in_record, as_json=as_json)
    answer(found, lambda: _view(found), as_json=as_json)


def _view(found: dict[str, Any]) -> list[Any]:
    from tradewarden.cli.output import styled, table

    offered = {True: "yes", False: "no", None: "the desk does not run"}
    rows = [
        (
            line["canonical"],
            line["symbol"],
            "mapped" if line["is_mapped"] else "the same name",
            "yes" if line["is_used"] else "no",
            offered[line["on_offer"]],
            ", ".join(line["candidates"]),
        )
        for line in found["lines"]
    ]
    columns = ("name", "broker's symbol", "", "in use", "on offer", "candidates")
    shown: list[Any] = [table(columns, rows, title=f"Symbol map, version {found['version']}")]
    missing = next((line for line in found["lines"] if line["candidates"]), None)
    if missing is not None:
        shown.append(styled(f"Map one: tradewarden symbols map {missing['canonical']} {missing['candidates'][0]}", ""))
    return shown
