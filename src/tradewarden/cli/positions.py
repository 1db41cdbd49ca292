"""``tradewarden positions``: what is open and what comes next, closing by hand, and clearing what is gone.

Positions lie with the broker, so every command here needs a running desk.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, examples

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer(help="Open positions: list, close, clear what is gone at the broker.", no_args_is_help=True)

Ticket = Annotated[int, typer.Argument(metavar="TICKET", help="The position's ticket at the broker.")]


@app.command("list", epilog=examples("tradewarden positions list", "tradewarden positions list --json"))
def list_positions(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List open positions: stop, targets taken and still to come, result in R, and what the desk does next."""
    from tradewarden.cli.output import answer
    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import settings_for

    desk = require_desk(settings_for(data_dir).data_dir, "open positions are the broker's statement of now")
    with DeskClient(desk) as client:
        found = client.get("/positions")
    answer(found, lambda: position_table(found), as_json=as_json)


@app.command(
    "close",
    epilog=examples("tradewarden positions close 10000001", "tradewarden positions close 10000001 --lots 0.50 --json"),
)
def close(
    ticket: Ticket,
    lots: Annotated[str | None, typer.Option("--lots", help="Close only this many; all by default.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Close a position at the market, whole or in part. No halt and no limit stands against it.

    Exit code 1 when the broker refuses.
    """
    from tradewarden.cli.acting import act_answer
    from tradewarden.cli.ideas import exact
    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import settings_for

    wanted = exact(lots, "--lots")
    desk = require_desk(settings_for(data_dir).data_dir, "a closing order goes to the broker")
    with DeskClient(desk) as client:
        body = {} if wanted is None else {"lots": format(wanted, "f")}
        result = client.post(f"/positions/{ticket}/close", body)
    act_answer(result, as_json=as_json)
    if result["outcome"] is not None and result["outcome"]["state"] == "rejected":
        raise typer.Exit(1)


@app.command(
    "clear",
    epilog=examples('tradewarden positions clear 10000001 --reason "closed by the broker\'s support, ticket 4711"'),
)
def clear(
    ticket: Ticket,
    reason: Annotated[str, typer.Option("--reason", "-r", help="What happened to it; goes on record.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take a position out of the book that is gone at the broker without a deal that closed it.

    Until then the book and the broker differ, and nothing is opened. Its result is not known and is not made up.
    """
    from tradewarden.cli.acting import act_answer
    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import settings_for

    desk = require_desk(settings_for(data_dir).data_dir, "whether a position is gone is asked of the broker")
    with DeskClient(desk) as client:
        act_answer(client.post(f"/positions/{ticket}/clear", {"reason": reason}), as_json=as_json)


def position_table(found: Mapping[str, Any]) -> list["RenderableType"]:
    """Return the open positions as a table, and those that are gone at the broker as lines of their own."""
    from tradewarden.cli.output import BAD, DIM, money, styled, table

    parts: list[RenderableType] = []
    if not found["positions"]:
        parts.append(styled("Nothing is open at the broker.", DIM))
    else:
        columns = ("ticket", "symbol", "side", "lots>", "entry>", "now>", "stop>", "targets", "profit>", "R>", "next")
        rows = [
            (
                str(each["ticket"]),
                each["symbol"],
                each["side"] if each["own"] else f"{each['side']} (foreign)",
                each["lots"],
                each["entry_price"],
                each["price"],
                each["stop_loss"] or "none",
                _targets(each),
                money(each["profit"], sign=True),
                each["profit_r"] or "",
                _next(each),
            )
            for each in found["positions"]
        ]
        parts.append(table(columns, rows, title=f"Open positions, money in {found['currency']}"))
    parts += [
        styled(
            f"{each['ticket']} {each['side']} {each['lots']} {each['symbol']} is in the book and not at the broker; "
            "when no deal closed it, clear it with a reason",
            BAD,
        )
        for each in found["lost"]
    ]
    return parts


def _targets(position: Mapping[str, Any]) -> str:
    """Return the targets in words: those taken are marked, the last one lies with the broker."""
    if not position["targets"]:
        return position["take_profit"] or "none"
    return " ".join(f"{target['price']}{'✓' if target['taken'] else ''}" for target in position["targets"])


def _next(position: Mapping[str, Any]) -> str:
    if not position["ahead"]:
        return ""
    step = position["ahead"][0]
    if step["price"]:
        return f"{step['words']} at {step['price']}"
    return f"{step['words']}, {step['at'] or 'with the next bar'}"
