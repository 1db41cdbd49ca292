"""``tradewarden up``: run the desk with its scheduler, HTTP interface and web pages, until it is told to stop."""

from typing import Annotated

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


def up(
    *,
    data_dir: DataDir = None,
    port: Annotated[
        int | None,
        typer.Option("--port", "-p", min=1, max=65535, help="Port on the loopback interface.", show_default="8420"),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option("--speed", help="Market seconds per real second.", show_default="60", rich_help_panel=MARKET),
    ] = None,
    bars: Bars = None,
    calendar: Calendar = None,
    no_calendar: NoCalendar = False,
    since: Since = None,
    seed: Seed = None,
    deposit: Deposit = None,
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    clock: Clock = None,
    manifest: Manifest = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the desk in the browser of this machine.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the desk on a simulated market, until Ctrl-C. It answers on the loopback interface alone.

    The market is generated from a seed, or replayed from real bars with --bars; its time runs --speed times as
    fast as real time. A second start says where the desk runs already (exit code 1).
    """
    from tradewarden.bootstrap.configured import load_settings
    from tradewarden.cli.market_options import market_options
    from tradewarden.cli.running import run_desk

    settings = load_settings(data_dir=data_dir, port=port, speed=speed, seed=seed, deposit=deposit)
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
    starts_at = optional_moment(since, name="--from")
    run_desk(settings, options, starts_at=starts_at, open_browser=open_browser, as_json=as_json)
