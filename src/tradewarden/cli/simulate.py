"""``tradewarden simulate``: run strategies over a market headless, as fast as it goes, into a record of its own.

What runs is the desk itself, with its gate, its orders and its history; only the clock is stepped.
"""

import time
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli.market_options import (
    MARKET,
    Bars,
    Calendar,
    Clock,
    Deposit,
    Manifest,
    NoCalendar,
    Seed,
    Since,
    Symbol,
    Timeframe,
)
from tradewarden.cli.options import AsJson, DataDir, optional_moment
from tradewarden.core.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from tradewarden.bootstrap.configured import Settings
    from tradewarden.bootstrap.headless import Headless
    from tradewarden.bootstrap.market import MarketOptions
    from tradewarden.core.policy import Mode

DEMONSTRATION = "demo_"
EVERYTHING = 1_000_000


Strategies = Annotated[
    list[Path] | None,
    typer.Option(
        "--strategies",
        metavar="DIR|FILE",
        help="Strategy documents; repeat it for more. Without it: the shipped ones.",
    ),
]
Until = Annotated[
    str | None, typer.Option("--to", metavar="DATE", rich_help_panel=MARKET, help="Market time to end at (UTC).")
]
ModeName = Annotated[
    str,
    typer.Option("--mode", metavar="autonomous|supervised", help="Who lets orders go; supervised ideas expire."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A field of the risk policy; repeat it for more."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the JSON report here too.")]


def simulate(
    *,
    strategies: Strategies = None,
    bars: Bars = None,
    calendar: Calendar = None,
    no_calendar: NoCalendar = False,
    since: Since = None,
    until: Until = None,
    mode: ModeName = "autonomous",
    changes: Changes = None,
    seed: Seed = None,
    deposit: Deposit = None,
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    clock: Clock = None,
    manifest: Manifest = None,
    out: Out = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Run strategies over real bars, or a generated market, and report what the desk did. The record can be replayed.

    The data directory must not hold a desk yet. --from and --to default to the ends of the bars; a generated market
    begins on 2026-01-06 08:00 and has no end, so that it needs --to.
    """
    from tradewarden.bootstrap.configured import load_settings
    from tradewarden.cli.market_options import market_options
    from tradewarden.cli.output import answer, json_text
    from tradewarden.cli.policy_values import policy_changes, policy_mode
    from tradewarden.cli.simulation_view import report_parts

    settings = load_settings(data_dir=data_dir, seed=seed, deposit=deposit)
    options = market_options(
        settings,
        bars=bars,
        symbol=symbol,
        timeframe=timeframe,
        clock=clock,
        manifest=manifest,
        calendar=calendar,
        no_calendar=no_calendar,
    )
    found = _run(
        settings,
        options,
        span=(optional_moment(since, name="--from"), optional_moment(until, name="--to")),
        strategies=tuple(strategies or shipped_files()),
        mode=policy_mode(mode),
        policy=policy_changes(changes or []),
        quiet=as_json,
    )
    if out is not None:
        write_report(out, json_text(found))
    answer(found, lambda: report_parts(found), as_json=as_json)


def _run(
    settings: "Settings",
    options: "MarketOptions",
    *,
    span: "tuple[datetime | None, datetime | None]",
    strategies: tuple[Path, ...],
    mode: "Mode",
    policy: dict[str, Any],
    quiet: bool,
) -> dict[str, Any]:
    """Open a headless desk, run it over ``span`` and return the report as JSON."""
    from tradewarden.bootstrap.headless import open_headless
    from tradewarden.bootstrap.market import GENERATED_START
    from tradewarden.cli.output import note, waiting

    start, end = span
    if start is None and not options.bars:
        # What lies before is the generated market's past: strategies need it, a run does not begin there.
        start = GENERATED_START
    with ExitStack() as stack:
        with waiting("Preparing", as_json=quiet) as tell:
            headless = stack.enter_context(
                open_headless(
                    settings.data_dir,
                    options,
                    start=start,
                    end=end,
                    strategies=strategies,
                    mode=mode,
                    policy_changes=policy,
                    database_url=settings.database_url,
                    on_progress=tell,
                )
            )
        for notice in headless.notices:
            note(f"Note: {notice}")
        return run_headless(headless, data_dir=settings.data_dir, quiet=quiet)


def run_headless(headless: "Headless", *, data_dir: Path, quiet: bool) -> dict[str, Any]:
    """Run the desk over its market and return the report as JSON."""
    from tradewarden.cli.progress import market_progress
    from tradewarden.cli.simulation_view import report_json
    from tradewarden.services.queries.ideas import ideas
    from tradewarden.services.report_simulation import report_simulation
    from tradewarden.services.simulate import simulate as run_simulation

    started = time.perf_counter()
    with market_progress(headless.desk, quiet=quiet) as tell:
        run = run_simulation(headless.desk, headless.stepper, headless.start, headless.end, on_progress=tell)
    seconds = time.perf_counter() - started
    report = report_simulation(headless.desk, run)
    proposed = ideas(headless.desk, statuses=(), symbol=None, limit=EVERYTHING)
    names = {each.strategy.strategy_id: each.strategy.name or "" for each in proposed.ideas}
    return report_json(
        report,
        tuple(reversed(proposed.ideas)),
        names,
        market=headless.desk.market_label,
        data_dir=str(data_dir),
        notices=headless.notices,
        wall_seconds=seconds,
    )


def shipped_files() -> list[Path]:
    """Return the strategies that come with the program, without the one that only livens up a demonstration."""
    folder = Path(str(files("tradewarden"))) / "resources" / "strategies"
    return sorted(path for path in folder.glob("*.json") if not path.name.startswith(DEMONSTRATION))


def write_report(path: Path, text: str) -> None:
    """Write the report. Raises InvalidInput when the file cannot be written."""
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"--out {path} cannot be written: {error.strerror}") from error
