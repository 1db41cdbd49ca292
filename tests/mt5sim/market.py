"""Small markets whose every price is written out, and a terminal on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.mt5sim import BUILT_IN, BarsMarket, Contract, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5

# A Wednesday morning in winter: the server clock is UTC + 2.
START = datetime(2026, 1, 7, 10, tzinfo=UTC)
Row = tuple[float, float, float, float]


def minute_bars(
    symbol: str, rows: Sequence[Row], *, start: datetime = START, spread: int = 10, minutes: Sequence[int] | None = None
) -> Bars:
    """Return M1 bars of ``rows`` (open, high, low, close), one a minute or at the given ``minutes`` after start."""
    offsets = np.arange(len(rows)) if minutes is None else np.asarray(minutes)
    opened = int(start.timestamp()) + 60 * offsets.astype(np.int64)
    prices = np.asarray(rows, np.float64).reshape(-1, 4)
    return Bars(
        symbol=symbol,
        timeframe=Timeframe.M1,
        opened_at=opened,
        ended_at=opened + 60,
        open=prices[:, 0],
        high=prices[:, 1],
        low=prices[:, 2],
        close=prices[:, 3],
        volume=np.full(len(rows), 100.0),
        spread=np.full(len(rows), float(spread)),
    )


def flat(price: float, count: int) -> list[Row]:
    """Return ``count`` bars that do not move."""
    return [(price, price, price, price)] * count


def market(
    *series: Bars, clock: ServerClock = NEW_YORK_CLOSE, changes: Mapping[str, Mapping[str, Any]] | None = None
) -> BarsMarket:
    """Return a market of ``series``; ``changes`` replaces contract fields by symbol."""
    contracts: dict[str, Contract] = dict(BUILT_IN)
    for symbol, fields in (changes or {}).items():
        contracts[symbol] = replace(contracts[symbol], **fields)
    return BarsMarket(series, contracts=contracts, server_clock=clock)


def terminal(
    *series: Bars,
    starts_at: datetime = START,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> SimulatedTerminal:
    """Return a connected terminal on ``series``."""
    made = SimulatedTerminal(market(*series, changes=changes), starts_at=starts_at, **settings)
    assert made.initialize()
    return made


def after(minutes: float) -> datetime:
    """Return the time ``minutes`` after the start."""
    return START + timedelta(minutes=minutes)


def order(symbol: str, order_type: int, volume: float, price: float, **fields: Any) -> dict[str, Any]:
    """Return an opening market order."""
    request = {"action": mt5.TRADE_ACTION_DEAL, "symbol": symbol, "type": order_type, "volume": volume, "price": price}
    return request | fields


def buy(simulated: SimulatedTerminal, symbol: str, volume: float, **fields: Any) -> Any:
    """Buy at the market and return the reply."""
    tick = simulated.symbol_info_tick(symbol)
    assert tick is not None
    return simulated.order_send(order(symbol, mt5.ORDER_TYPE_BUY, volume, tick.ask, **fields))


def sell(simulated: SimulatedTerminal, symbol: str, volume: float, **fields: Any) -> Any:
    """Sell at the market and return the reply."""
    tick = simulated.symbol_info_tick(symbol)
    assert tick is not None
    return simulated.order_send(order(symbol, mt5.ORDER_TYPE_SELL, volume, tick.bid, **fields))


def all_deals(simulated: SimulatedTerminal) -> tuple[Any, ...]:
    """Return every deal of the account."""
    deals = simulated.history_deals_get(0, 2**32)
    assert deals is not None
    return deals


def balance(simulated: SimulatedTerminal) -> Decimal:
    """Return the balance in cents."""
    account = simulated.account_info()
    assert account is not None
    return Decimal(f"{account.balance:.2f}")
