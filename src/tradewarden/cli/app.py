"""The command tree: which commands exist, under which names, and what happens to an error that one of them raises.

The group turns every error of the product into one message and an exit code, so that no command has to; it sits
between Typer, which parses, and the command modules, which act.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from tradewarden.cli import (
    db,
    history,
    ideas,
    policy,
    positions,
    sessions,
    sign_in,
    simulate,
    status,
    strategy,
    symbols,
    trading,
    up,
    watchlist,
)
from tradewarden.cli.failures import exit_code_of, report
from tradewarden.cli.options import examples
from tradewarden.core.errors import TradewardenError

JSON_ASKED = "tradewarden.json"
HELP = """\
An AI trading desk for MetaTrader 5 that you can audit.

"tradewarden up" runs the desk with its web pages, "tradewarden simulate" runs strategies over historical bars. Every
other command looks at what a desk recorded, or tells a running desk what to do.

Exit codes: 0 done, 1 the answer is no (refused, or problems found), 2 wrong usage or input.
"""


class CommandTree(TyperGroup):
    """The root group: reports the product's own errors as one message, without a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remember whether JSON was asked for, before the arguments are handed to the command."""
        ctx.meta[JSON_ASKED] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command; end with exit code 1 or 2 when it raises an error of the product."""
        try:
            return super().invoke(ctx)
        except TradewardenError as error:
            report(error, as_json=ctx.meta[JSON_ASKED])
            raise typer.Exit(exit_code_of(error)) from error


def version_wanted(wanted: bool) -> None:
    """Print the version and end, when asked for it."""
    if wanted:
        from tradewarden import __version__

        typer.echo(f"tradewarden {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="tradewarden",
    cls=CommandTree,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


@app.callback()
def root(
    _version: bool = typer.Option(
        False, "--version", callback=version_wanted, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Hold the options that stand before every command."""


app.command(
    "up",
    short_help="Run the desk with its web pages, until Ctrl-C.",
    epilog=examples(
        "tradewarden up",
        "tradewarden up --data-dir ./desk --port 9000 --speed 120",
        "tradewarden up --bars XAUUSD_M1.parquet --calendar calendar.parquet --from 2025-12-03",
    ),
)(up.up)
app.command(
    "simulate",
    short_help="Run strategies over historical or generated bars.",
    epilog=examples(
        "tradewarden simulate --to 2026-01-20 --data-dir ./run",
        "tradewarden simulate --bars XAUUSD_M1.parquet --calendar calendar.parquet \\",
        "    --from 2025-12-03 --to 2026-01-28 --strategies examples/strategies --data-dir ./gold --json",
    ),
)(simulate.simulate)
app.command(
    "status",
    short_help="Show whether the desk runs, and its state.",
    epilog=examples("tradewarden status", "tradewarden status --json"),
)(status.status)
app.add_typer(ideas.app, name="ideas")
app.add_typer(history.app, name="history")
app.add_typer(strategy.app, name="strategy")
app.add_typer(policy.app, name="policy")
app.add_typer(watchlist.app, name="watchlist")
app.add_typer(symbols.app, name="symbols")
app.add_typer(sessions.app, name="sessions")
app.add_typer(positions.app, name="positions")
app.command(
    "halt",
    short_help="Stop opening trades at once.",
    epilog=examples('tradewarden halt --reason "leaving for the day"'),
)(trading.halt)
app.command(
    "flat",
    short_help="Halt, and close every position of the desk.",
    epilog=examples('tradewarden flat --reason "a data incident"', "tradewarden flat --yes --json"),
)(trading.flat)
app.command("resume", short_help="Switch AI trading on again.", epilog=examples("tradewarden resume"))(trading.resume)
app.command(
    "sign-in-link",
    short_help="Make a sign-in link for the web pages.",
    epilog=examples("tradewarden sign-in-link --open"),
)(sign_in.sign_in_link)
app.add_typer(db.app, name="db")
