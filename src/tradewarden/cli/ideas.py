"""``tradewarden ideas``: what was proposed, why, and a person's yes or no.

Lists and reasons come from the record; an approval goes to the running desk, because the gate judges it again on the
quote and the account of that moment.
"""

import sys
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, Limit, Symbol, Yes, examples
from tradewarden.core.errors import InvalidInput, NotFound

app = typer.Typer(help="Trade ideas: list, show, approve, reject.", no_args_is_help=True)

IdeaId = Annotated[str, typer.Argument(metavar="IDEA", help="The idea's id, or its first characters.")]
SEARCHED = 500
EXECUTED = ("auto_executed", "approved_executed", "waiting")


@app.command(
    "list", epilog=examples("tradewarden ideas list --waiting", "tradewarden ideas list --symbol XAUUSD --json")
)
def list_ideas(
    waiting: Annotated[
        bool, typer.Option("--waiting", "-w", help="Only those that can still become an order.")
    ] = False,
    status: Annotated[
        list[str] | None, typer.Option("--status", help="Only this status; repeat it for several.")
    ] = None,
    symbol: Symbol = None,
    limit: Limit = 50,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List trade ideas, newest first."""
    from tradewarden.cli.idea_view import idea_table
    from tradewarden.cli.output import answer
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.queries import ideas as queries

    statuses = _statuses(status, waiting=waiting)
    with resting_desk(data_dir, as_json=as_json) as resting:
        found = queries.ideas(resting.desk, statuses=statuses, symbol=symbol, limit=limit)
    answer(found, lambda: idea_table(found), as_json=as_json)


@app.command("show", epilog=examples("tradewarden ideas show 3f9a1c"))
def show(idea: IdeaId, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show one idea: its levels and the rule behind each, the score, every check, and what approving would do now."""
    from tradewarden.cli.idea_view import idea_card
    from tradewarden.cli.output import answer, jsonable
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for
    from tradewarden.services.queries import ideas as queries

    settings = settings_for(data_dir)
    desk = find_desk(settings.data_dir)
    if desk is not None:
        with DeskClient(desk) as client:
            found = client.get(f"/ai/ideas/{_full_id(client, idea)}")
    else:
        with resting_desk(settings.data_dir, as_json=as_json) as resting:
            listed = queries.ideas(resting.desk, statuses=(), symbol=None, limit=SEARCHED)
            full = match_id(idea, [each.idea_id for each in listed.ideas])
            found = jsonable(queries.idea_detail(resting.desk, full))
    answer(found, lambda: idea_card(found), as_json=as_json)


@app.command(
    "approve",
    epilog=examples("tradewarden ideas approve 3f9a1c", "tradewarden ideas approve 3f9a1c --lots 0.10 --yes --json"),
)
def approve(
    idea: IdeaId,
    lots: Annotated[
        str | None, typer.Option("--lots", help="Approve at most this many; only downwards from what was proposed.")
    ] = None,
    worst_price: Annotated[
        str | None, typer.Option("--worst-price", help="Send the order at no worse price than this.")
    ] = None,
    yes: Yes = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Approve an idea. The gate judges it once more on what holds now, and sends the order when nothing denies.

    Needs a running desk. Exit code 1 when the gate refuses.
    """
    from tradewarden.cli.idea_view import idea_card
    from tradewarden.cli.output import answer, console_for, styled
    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import settings_for

    wanted, bound = exact(lots, "--lots"), exact(worst_price, "--worst-price")
    desk = require_desk(settings_for(data_dir).data_dir, "an approval is judged on the account and quote of now")
    with DeskClient(desk) as client:
        detail = client.get(f"/ai/ideas/{_full_id(client, idea)}")
        shown, offer = detail["idea"], detail["offer"]
        size = wanted or Decimal(offer["lots"] if offer else shown["money"]["lots"])
        if not yes and not as_json and sys.stdin.isatty():
            console = console_for(sys.stderr)
            for part in idea_card(detail):
                console.print(part)
            typer.confirm(f"Approve {shown['side']} {size} lots {shown['symbol']}?", abort=True, err=True)
        body: dict[str, Any] = {"idea_digest": shown["digest"], "lots": format(size, "f")}
        if bound is not None:
            body["worst_price"] = format(bound, "f")
        result = client.post(f"/ai/ideas/{shown['idea_id']}/approve", body)
    accepted = result["status"] in EXECUTED
    answer(
        result,
        lambda: [
            styled(f"{result['message']} (history entry {result['history_seq']})", "green" if accepted else "red")
        ],
        as_json=as_json,
    )
    if not accepted:
        raise typer.Exit(1)


@app.command("reject", epilog=examples('tradewarden ideas reject 3f9a1c --reason "central bank speaks"'))
def reject(
    idea: IdeaId,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why, for the record.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Reject an idea for good; the reason is kept in the history."""
    from tradewarden.cli.acting import act_answer, actor
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for
    from tradewarden.services.queries import ideas as queries
    from tradewarden.services.reject_idea import reject_idea

    settings = settings_for(data_dir)
    desk = find_desk(settings.data_dir)
    if desk is not None:
        with DeskClient(desk) as client:
            result = client.post(f"/ai/ideas/{_full_id(client, idea)}/reject", {"reason": reason})
    else:
        with resting_desk(settings.data_dir, as_json=as_json) as resting:
            listed = queries.ideas(resting.desk, statuses=(), symbol=None, limit=SEARCHED)
            full = match_id(idea, [each.idea_id for each in listed.ideas])
            seq = reject_idea(resting.desk, full, actor=actor(), reason=reason)
        result = {"history_seq": seq, "message": f"idea {full} is rejected"}
    act_answer(result, as_json=as_json)


def exact(text: str | None, name: str) -> Decimal | None:
    """Return an exact number above 0, or None when nothing was given. Raises InvalidInput."""
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(f"{name} {text!r} is no number") from error
    if not value.is_finite() or value <= 0:
        raise InvalidInput(f"{name} is {text}, it must be above 0")
    return value


def match_id(start: str, known: list[str]) -> str:
    """Return the one id that begins with ``start``. Raises NotFound for none, InvalidInput for several."""
    if start in known:
        return start
    fitting = [each for each in known if each.startswith(start)]
    if not fitting:
        raise NotFound(f"no idea {start} among the newest {len(known)}")
    if len(fitting) > 1:
        raise InvalidInput(f"{start} is the beginning of {len(fitting)} ideas; type more of it")
    return fitting[0]


def _full_id(client: Any, start: str) -> str:
    listed = client.get("/ai/ideas", limit=SEARCHED)
    return match_id(start, [str(each["idea_id"]) for each in listed["ideas"]])


def _statuses(given: list[str] | None, *, waiting: bool) -> tuple[Any, ...]:
    from tradewarden.core.desk import IdeaStatus

    known = [status.value for status in IdeaStatus]
    unknown = [each for each in given or [] if each not in known]
    if unknown:
        raise InvalidInput(f"--status {unknown[0]!r} is unknown; known are {', '.join(known)}")
    chosen = [IdeaStatus(each) for each in given or []]
    if waiting:
        chosen += [status for status in IdeaStatus if status.is_open]
    return tuple(dict.fromkeys(chosen))
