"""The market as it is typed: files of bars, a calendar, or the seed of a generated market.

``up`` and ``simulate`` take the same options; what they mean together is checked where the market is put together.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tradewarden.bootstrap.configured import Settings
    from tradewarden.bootstrap.market import MarketOptions

MARKET = "Market"

Bars = Annotated[
    list[Path] | None,
    typer.Option(
        "--bars",
        metavar="FILE",
        rich_help_panel=MARKET,
        help="M1 bars: Parquet, CSV, or a terminal's export (.gz too). Repeat it for several symbols. "
        "Without it the market is generated.",
    ),
]
Symbol = Annotated[
    str | None,
    typer.Option("--symbol", rich_help_panel=MARKET, help="The bars' symbol, where the file's name is not it."),
]
Timeframe = Annotated[
    str | None,
    typer.Option("--timeframe", rich_help_panel=MARKET, help="The bars' timeframe, where the file does not say."),
]
Clock = Annotated[
    str | None,
    typer.Option(
        "--clock",
        rich_help_panel=MARKET,
        help="The server clock of the bars' times, where the file does not say: see the reference.",
    ),
]
Manifest = Annotated[
    Path | None,
    typer.Option("--manifest", metavar="FILE", rich_help_panel=MARKET, help="Contract data of the symbols (JSON)."),
]
Calendar = Annotated[
    Path | None,
    typer.Option(
        "--calendar", metavar="FILE", rich_help_panel=MARKET, help="The economic calendar, for news embargoes."
    ),
]
NoCalendar = Annotated[
    bool,
    typer.Option(
        "--no-calendar", rich_help_panel=MARKET, help="Run without a calendar: news embargoes are not judged."
    ),
]
Seed = Annotated[
    int | None, typer.Option("--seed", rich_help_panel=MARKET, help="Seed of the generated market.", show_default="7")
]
Deposit = Annotated[
    str | None,
    typer.Option("--deposit", rich_help_panel=MARKET, help="The simulated account's deposit.", show_default="100000"),
]
Since = Annotated[
    str | None, typer.Option("--from", metavar="DATE", rich_help_panel=MARKET, help="Market time to begin at (UTC).")
]


def market_options(
    settings: Settings,
    *,
    bars: list[Path] | None,
    symbol: str | None,
    timeframe: str | None,
    clock: str | None,
    manifest: Path | None,
    calendar: Path | None,
    no_calendar: bool,
) -> MarketOptions:
    """Return the market that was typed; seed, deposit and leverage come from the settings."""
    from tradewarden.bootstrap.market import MarketOptions

    return MarketOptions(
        bars=tuple(bars or ()),
        symbol=symbol,
        timeframe=timeframe,
        clock=clock,
        manifest=manifest,
        calendar=calendar,
        no_calendar=no_calendar,
        seed=settings.seed,
        deposit=settings.deposit,
        leverage=settings.leverage,
    )
