"""``tradewarden policy``: the risk policy as it stands, and changing it.

A change goes through the running desk where there is one, else into the record; either way it is a history entry with
who, before and after, and counts from the next judgement.
"""

from typing import Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, examples

app = typer.Typer(help="The risk policy: show, set.", no_args_is_help=True)


@app.command("show", epilog=examples("tradewarden policy show", "tradewarden policy show --json"))
def show(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show the policy in force: every field with its value, what is allowed, and what it does."""
    from tradewarden.cli.output import answer
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.queries import settings as queries

    with resting_desk(data_dir, as_json=as_json) as resting:
        found = queries.risk_settings(resting.desk)
    answer(found, lambda: _tables(found), as_json=as_json)


@app.command(
    "set",
    epilog=examples(
        "tradewarden policy set max_daily_loss=1500",
        "tradewarden policy set mode=autonomous risk_fraction=0.0025",
        "tradewarden policy set rollover_pause=10/30 profit_target=none",
    ),
)
def set_fields(
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="Fields and their new values.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Change fields of the policy; ``none`` lifts a limit, a pause is BEFORE/AFTER minutes.

    Switching AI trading on and off is ``tradewarden resume`` and ``tradewarden halt``.
    """
    from tradewarden.cli.acting import actor
    from tradewarden.cli.output import answer
    from tradewarden.cli.policy_values import policy_changes
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for
    from tradewarden.services.change_policy import change_policy
    from tradewarden.services.queries import settings as queries

    wanted = policy_changes(changes)
    settings = settings_for(data_dir)
    live = find_desk(settings.data_dir)
    if live is not None:
        with DeskClient(live) as client:
            client.put("/settings/risk", {name: _sent(value) for name, value in wanted.items()})
    with resting_desk(data_dir, as_json=as_json) as resting:
        if live is None:
            change_policy(resting.desk, wanted, actor=actor())
        found = queries.risk_settings(resting.desk)
    answer(found, lambda: _changed(found, tuple(wanted)), as_json=as_json)


def _sent(value: Any) -> Any:
    """Return a value as the HTTP interface takes it: decimals as text, a pause as its two numbers."""
    from decimal import Decimal
    from enum import Enum

    from tradewarden.core.market.calendar import Embargo

    if isinstance(value, Embargo):
        return {"before_minutes": value.before_minutes, "after_minutes": value.after_minutes}
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal) else value


def _shown(value: Any) -> str:
    """Return a value of the policy in words."""
    from decimal import Decimal
    from enum import Enum

    from tradewarden.cli.output import number
    from tradewarden.services.queries.models.settings import EmbargoView

    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, EmbargoView):
        return f"{value.before_minutes}/{value.after_minutes}"
    if isinstance(value, Enum):
        return str(value.value)
    return number(value) if isinstance(value, Decimal | int) else str(value)


def _tables(found: Any) -> list[Any]:
    from tradewarden.cli.output import styled, table

    shown: list[Any] = [styled(f"Risk policy, version {found.version}", "bold")]
    for group in dict.fromkeys(each.group for each in found.fields):
        rows = [
            (each.name, _shown(getattr(found.policy, each.name)), each.unit, _range(found, each.name), each.text)
            for each in found.fields
            if each.group == group
        ]
        shown.append(table(("field", "value>", "unit", "allowed", "what it does"), rows, title=group.capitalize()))
    shown += _warnings(found)
    if found.last_halt_reason is not None:
        shown.append(styled(f"last halt: {found.last_halt_reason}", "yellow"))
    return shown


def _range(found: Any, name: str) -> str:
    from tradewarden.cli.output import number

    limits = found.limits.get(name)
    return "" if limits is None else f"{number(limits.low)} to {number(limits.high)}"


def _changed(found: Any, names: tuple[str, ...]) -> list[Any]:
    from tradewarden.cli.output import styled

    lines = [styled(f"✓ {name} is {_shown(getattr(found.policy, name))}", "green") for name in names]
    said = styled(f"Risk policy, version {found.version}; it counts from the next judgement.", "")
    return [*lines, said, *_warnings(found)]


def _warnings(found: Any) -> list[Any]:
    from tradewarden.cli.output import styled

    return [styled(f"! {warning}", "yellow") for warning in found.warnings]
