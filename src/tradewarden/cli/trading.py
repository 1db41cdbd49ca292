"""``tradewarden halt``, ``resume`` and ``flat``: stop opening trades, go on, and close everything.

A halt always works: through the running desk, or on the record when none runs. Resuming needs the account, so it needs
a running desk.
"""

from typing import Annotated

import typer

from tradewarden.cli.options import AsJson, DataDir, Yes


def halt(
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why, for the record.")] = "halted by hand",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Stop opening trades at once: waiting ideas end and unsent orders are void; stops at the broker stay.

    Works without a running desk too: the next start finds the halt in force.
    """
    from tradewarden.cli.acting import act_answer, actor
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for
    from tradewarden.services.halt_trading import halt_trading

    settings = settings_for(data_dir)
    desk = find_desk(settings.data_dir)
    if desk is not None:
        with DeskClient(desk) as client:
            result = client.post("/ai/halt", {"reason": reason})
    else:
        with resting_desk(settings.data_dir, as_json=as_json) as resting:
            seq = halt_trading(resting.desk, actor=actor(), reason=reason)
        result = {"history_seq": seq, "message": "trading is halted; the desk finds the halt when it starts"}
    act_answer(result, as_json=as_json)


def resume(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Switch AI trading on again; refused while the cause of the halt holds.

    Needs a running desk, because the limits are judged on the account of now.
    """
    from tradewarden.cli.acting import act_answer
    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import settings_for

    desk = require_desk(settings_for(data_dir).data_dir, "resuming judges the limits on the account of now")
    with DeskClient(desk) as client:
        act_answer(client.post("/ai/resume"), as_json=as_json)


def flat(
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why, for the record.")] = "closed by hand",
    yes: Yes = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Halt, and close every position of the desk at the market; foreign positions are not touched.

    Needs a running desk. Without --yes it asks first.
    """
    from tradewarden.cli.output import answer, styled
    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import settings_for
    from tradewarden.core.errors import InvalidInput
    from tradewarden.services.go_flat import CONFIRMATION

    desk = require_desk(settings_for(data_dir).data_dir, "closing positions needs the broker")
    if not yes:
        if as_json:
            raise InvalidInput("closing everything asks first: add --yes to do it with --json")
        typed = typer.prompt(f"This halts trading and closes every position of the desk. Type {CONFIRMATION}", err=True)
        if typed != CONFIRMATION:
            raise InvalidInput(f"{typed!r} is not {CONFIRMATION!r}: nothing was done")
    with DeskClient(desk) as client:
        result = client.post("/ai/flat", {"confirm": CONFIRMATION, "reason": reason})
    lines = [f"{result['message']} (history entry {result['history_seq']})"]
    lines += [each["message"] for each in result["closed"]]
    lines += [f"not closed: {each}" for each in result["problems"]]
    lines += [f"may still fill: {each}" for each in result["on_their_way"]]
    answer(result, lambda: [styled(line, "") for line in lines], as_json=as_json)
    if result["problems"]:
        raise typer.Exit(1)
