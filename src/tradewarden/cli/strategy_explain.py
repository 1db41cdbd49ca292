"""``tradewarden strategy explain``: the whole arithmetic of a strategy at one bar.

The bar comes from bars files, or from the running desk's market. Nothing is recorded and nothing is sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli import market_options as market
from tradewarden.cli.options import AsJson, DataDir, examples, optional_moment
from tradewarden.cli.strategy_files import read_document
from tradewarden.core.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from tradewarden.core.strategy.spec import StrategyVersion
    from tradewarden.services.context import Desk

EPILOG = examples(
    'tradewarden strategy explain "Gold pullback" --symbol XAUUSD',
    "tradewarden strategy explain mine.json --symbol XAUUSD --bars XAUUSD.parquet --at 2024-03-05T10:15",
)
Strategy = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A published strategy, or a strategy document.")]
Symbol = Annotated[str, typer.Option("--symbol", help="The symbol to look at.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="The moment to look at (UTC); by default now, or the end of the bars files."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed", rich_help_panel=market.MARKET, help="Look at the generated market of this seed; needs --at."
    ),
]


def explain(
    strategy: Strategy,
    symbol: Symbol,
    at: At = None,
    bars: market.Bars = None,
    timeframe: market.Timeframe = None,
    clock: market.Clock = None,
    manifest: market.Manifest = None,
    calendar: market.Calendar = None,
    no_calendar: market.NoCalendar = False,
    seed: Seed = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the whole arithmetic of a strategy at one bar: bars, indicators, conditions, score and levels.

    The market is that of --bars, or the generated one of --seed, else the running desk's. With --at the newest bar
    that had ended then is shown.
    """
    from tradewarden.bootstrap.configured import load_settings
    from tradewarden.bootstrap.glance import glance_at
    from tradewarden.cli.explain_view import explanation_parts
    from tradewarden.cli.output import answer, jsonable, note
    from tradewarden.services.queries.explanation import explain_strategy

    moment = optional_moment(at, name="--at")
    if bars is None and seed is None:
        found = _from_running_desk(strategy, symbol, moment, data_dir, as_json=as_json)
    else:
        options = market.market_options(
            load_settings(data_dir=data_dir, seed=seed),
            bars=bars,
            symbol=symbol if bars and len(bars) == 1 else None,
            timeframe=timeframe,
            clock=clock,
            manifest=manifest,
            calendar=calendar,
            no_calendar=no_calendar,
        )
        version = _version(strategy, data_dir, as_json=as_json)
        glance = glance_at(options, moment)
        for notice in glance.notices:
            note(notice)
        found = jsonable(explain_strategy(glance.desk, version, symbol))
    answer(found, lambda: explanation_parts(found), as_json=as_json)


def _version(strategy: str, data_dir: Path | None, *, as_json: bool) -> StrategyVersion:
    """Return the document in the file of that name, else the strategy published under it."""
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.queries.explanation import published_version, version_of

    if _is_file(strategy):
        return version_of(read_document(Path(strategy)), source=strategy)
    with resting_desk(data_dir, as_json=as_json) as resting:
        return published_version(resting.desk, _published_id(strategy, resting.desk))


def _is_file(strategy: str) -> bool:
    """Return whether a file of that name is there. Raises InvalidInput for one that is not."""
    path = Path(strategy)
    if not path.is_file() and path.suffix == ".json":
        raise InvalidInput(f"{path} does not exist")
    return path.is_file()


def _published_id(name: str, desk: Desk) -> str:
    from tradewarden.services.queries import settings as queries

    published = {each.name: each.strategy_id for each in queries.strategies(desk).strategies}
    if name not in published:
        names = ", ".join(published) or "none"
        raise NotFound(f"{name!r} is neither a file nor a published strategy; published are {names}")
    return published[name]


def _from_running_desk(strategy: str, symbol: str, at: datetime | None, data_dir: Path | None, *, as_json: bool) -> Any:
    from urllib.parse import urlencode

    from tradewarden.cli.reach import DeskClient, require_desk
    from tradewarden.cli.record import resting_desk, settings_for

    asked = {"symbol": symbol} | ({} if at is None else {"at": at.isoformat()})
    address = require_desk(
        settings_for(data_dir).data_dir, "without --bars or --seed the market is that of a running desk"
    )
    with DeskClient(address) as client:
        if _is_file(strategy):
            document = read_document(Path(strategy))
            return client.post(f"/strategies/explain?{urlencode(asked)}", content=document)
        with resting_desk(data_dir, as_json=as_json) as resting:
            strategy_id = _published_id(strategy, resting.desk)
        return client.get(f"/strategies/{strategy_id}/explain", **asked)
