"""Symbols, bars, quotes and the calendar."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from tradewarden.api.dependencies import DeskDep
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.values import from_epoch
from tradewarden.services.queries import calendar as calendar_queries
from tradewarden.services.queries import market as queries
from tradewarden.services.queries.models.common import QuoteView
from tradewarden.services.queries.models.market import BarsView, CalendarView, SymbolList

router = APIRouter(tags=["market"])


@router.get("/market/symbols", operation_id="listSymbols")
def list_symbols(desk: DeskDep) -> SymbolList:
    """Return every symbol on offer with its contract and its quote."""
    return queries.symbols(desk)


@router.get("/market/bars", operation_id="getBars")
def get_bars(
    desk: DeskDep,
    symbol: str,
    timeframe: Timeframe,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    before: Annotated[int | None, Query(ge=1, description="Epoch seconds: bars that ended at or before")] = None,
) -> BarsView:
    """Return the newest closed bars, or those before a time, oldest first."""
    until: datetime | None = None if before is None else from_epoch(before)
    return queries.bars(desk, symbol, timeframe, limit=limit, until=until)


@router.get("/market/quote", operation_id="getQuote")
def get_quote(desk: DeskDep, symbol: str) -> QuoteView:
    """Return the executable prices of one symbol."""
    return queries.quote(desk, symbol)


@router.get("/calendar", operation_id="getCalendar")
def get_calendar(desk: DeskDep) -> CalendarView:
    """Return the events around now for the currencies of the watchlist, with the embargo that they impose."""
    return calendar_queries.upcoming_events(desk)
