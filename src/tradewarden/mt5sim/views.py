"""The terminal's records of what the book and the market hold: times on the server clock, numbers as floats.

Translation only, from exact values to the package's structures; nothing is judged or changed here.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.book import Book
from tradewarden.mt5sim.journal import JournalHead
from tradewarden.mt5sim.ledger import BookedDeal, BookedOrder, HeldPosition
from tradewarden.mt5sim.records import (
    AccountInfo,
    SymbolInfo,
    TerminalInfo,
    Tick,
    TradeDeal,
    TradeOrder,
    TradePosition,
    build,
)
from tradewarden.mt5sim.server_time import ServerTimes

Moment = datetime | int | float
_Booked = TypeVar("_Booked", BookedOrder, BookedDeal)
_SWAP_DAY = {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 0}
_ORDER_MODE = mt5.SYMBOL_ORDER_MARKET | mt5.SYMBOL_ORDER_SL | mt5.SYMBOL_ORDER_TP


def matches_group(name: str, group: str) -> bool:
    """Return whether ``name`` is in ``group``: comma-separated patterns with ``*``, a leading ``!`` takes away."""
    chosen = False
    for part in (text.strip() for text in group.split(",")):
        if part.startswith("!"):
            chosen = chosen and not fnmatchcase(name, _pattern(part[1:]))
        elif part:
            chosen = chosen or fnmatchcase(name, _pattern(part))
    return chosen


def _pattern(text: str) -> str:
    return text.replace("[", "[[]").replace("?", "[?]")


def server_seconds(at: datetime | float) -> int:
    """Return the epoch seconds that a time argument of the package stands for."""
    return int(at.timestamp()) if isinstance(at, datetime) else int(at)


class Views:
    """Builds the records of one book."""

    def __init__(self, book: Book, times: ServerTimes) -> None:
        self._book = book
        self._times = times
        self._symbol_templates: dict[str, dict[str, Any]] = {}

    def server(self, utc_seconds: int) -> int:
        """Return server seconds of UTC seconds."""
        return self._times.to_server(utc_seconds)

    def position(self, held: HeldPosition) -> TradePosition:
        """Return the record of an open position at the present quotes."""
        opened, updated = self.server(held.opened_at), self.server(held.updated_at)
        return build(
            TradePosition,
            ticket=held.ticket,
            time=opened,
            time_msc=opened * 1000,
            time_update=updated,
            time_update_msc=updated * 1000,
            type=held.position_type,
            magic=held.magic,
            identifier=held.ticket,
            reason=held.reason,
            volume=float(held.volume),
            price_open=float(held.price_open),
            sl=float(held.stop_loss),
            tp=float(held.take_profit),
            price_current=float(self._book.closing_price(held)),
            swap=float(held.swap),
            profit=float(self._book.floating(held)),
            symbol=held.symbol,
            comment=held.comment,
        )

    def deal(self, booked: BookedDeal) -> TradeDeal:
        """Return the record of a deal."""
        at = self.server(booked.at)
        return build(
            TradeDeal,
            ticket=booked.ticket,
            order=booked.order,
            time=at,
            time_msc=at * 1000,
            type=booked.deal_type,
            entry=booked.entry,
            magic=booked.magic,
            position_id=booked.position_id,
            reason=booked.reason,
            volume=float(booked.volume),
            price=float(booked.price),
            commission=float(booked.commission),
            swap=float(booked.swap),
            profit=float(booked.profit),
            symbol=booked.symbol,
            comment=booked.comment,
        )

    def order(self, booked: BookedOrder) -> TradeOrder:
        """Return the record of a filled order."""
        at = self.server(booked.at)
        return build(
            TradeOrder,
            ticket=booked.ticket,
            time_setup=at,
            time_setup_msc=at * 1000,
            time_done=at,
            time_done_msc=at * 1000,
            type=booked.order_type,
            type_filling=booked.type_filling,
            state=booked.state,
            magic=booked.magic,
            position_id=booked.position_id,
            reason=booked.reason,
            volume_initial=float(booked.volume),
            price_open=float(booked.price),
            sl=float(booked.stop_loss),
            tp=float(booked.take_profit),
            price_current=float(booked.price),
            symbol=booked.symbol,
            comment=booked.comment,
        )

    def tick(self, symbol: str) -> Tick | None:
        """Return the newest quote, or None before the first bar."""
        tick = self._book.tick(symbol)
        if tick is None:
            return None
        prices, at = self._book.prices[symbol], self.server(tick.at)
        return build(
            Tick,
            time=at,
            bid=float(prices.price(tick.bid)),
            ask=float(prices.price(tick.ask)),
            time_msc=at * 1000,
            flags=mt5.TICK_FLAG_BID | mt5.TICK_FLAG_ASK,
        )

    def symbol(self, symbol: str) -> SymbolInfo:
        """Return contract and quote of ``symbol``; quotes are 0 before the first bar."""
        template = self._symbol_templates.get(symbol)
        if template is None:
            template = self._symbol_templates[symbol] = self._contract_fields(symbol)
        return build(SymbolInfo, **template, **self._quote_fields(symbol))

    def orders(
        self,
        date_from: Moment | None,
        date_to: Moment | None,
        *,
        group: str | None,
        ticket: int | None,
        position: int | None,
    ) -> tuple[TradeOrder, ...] | None:
        """Return finished orders by ticket, by position or by interval; None when none of these is given."""
        orders: Sequence[BookedOrder] = self._book.ledger.orders
        if ticket is not None:
            return tuple(self.order(order) for order in orders if order.ticket == ticket)
        found = self._within(orders, date_from, date_to, group, position)
        return None if found is None else tuple(map(self.order, found))

    def deals(
        self,
        date_from: Moment | None,
        date_to: Moment | None,
        *,
        group: str | None,
        ticket: int | None,
        position: int | None,
    ) -> tuple[TradeDeal, ...] | None:
        """Return deals by the ticket of their order, by position or by interval; None when none is given."""
        deals: Sequence[BookedDeal] = self._book.ledger.deals
        if ticket is not None:
            return tuple(self.deal(deal) for deal in deals if deal.order == ticket)
        found = self._within(deals, date_from, date_to, group, position)
        return None if found is None else tuple(map(self.deal, found))

    def _within(
        self,
        items: Sequence[_Booked],
        date_from: Moment | None,
        date_to: Moment | None,
        group: str | None,
        position: int | None,
    ) -> list[_Booked] | None:
        if position is not None:
            return [item for item in items if item.position_id == position]
        if date_from is None or date_to is None:
            return None
        first, last = server_seconds(date_from), server_seconds(date_to)
        # Items are in the order of their UTC times; an hour of slack covers the clock's own changes.
        start = bisect_left(items, self._times.to_utc(first) - 3600, key=lambda item: item.at)
        stop = bisect_right(items, self._times.to_utc(last) + 3600, key=lambda item: item.at)
        return [
            item
            for item in items[start:stop]
            if first <= self.server(item.at) <= last and (group is None or matches_group(item.symbol, group))
        ]

    def _contract_fields(self, symbol: str) -> dict[str, Any]:
        contract = self._book.contract(symbol)
        has_swap = bool(contract.swap_long or contract.swap_short)
        is_forex = contract.calc_mode == mt5.SYMBOL_CALC_MODE_FOREX
        return {
            "chart_mode": mt5.SYMBOL_CHART_MODE_BID,
            "select": True,
            "visible": True,
            "digits": contract.digits,
            "spread_float": True,
            "trade_calc_mode": int(contract.calc_mode),
            "trade_mode": int(contract.trade_mode),
            "trade_stops_level": contract.stops_level,
            "trade_freeze_level": contract.freeze_level,
            "trade_exemode": int(contract.execution),
            "swap_mode": mt5.SYMBOL_SWAP_MODE_POINTS if has_swap else mt5.SYMBOL_SWAP_MODE_DISABLED,
            "swap_rollover3days": _SWAP_DAY[contract.triple_swap_day],
            "expiration_mode": mt5.SYMBOL_EXPIRATION_GTC,
            "filling_mode": contract.filling_flags,
            "order_mode": _ORDER_MODE,
            "point": float(contract.point),
            "trade_tick_size": float(contract.point),
            "trade_contract_size": float(contract.contract_size),
            "volume_min": float(contract.volume_min),
            "volume_max": float(contract.volume_max),
            "volume_step": float(contract.volume_step),
            "swap_long": float(contract.swap_long),
            "swap_short": float(contract.swap_short),
            # Opposite positions get no discount: a hedged pair is charged for both its legs.
            "margin_hedged": float(contract.contract_size * 2),
            "currency_base": contract.currency_base,
            "currency_profit": contract.currency_profit,
            "currency_margin": contract.currency_margin,
            "description": contract.description,
            "name": symbol,
            "path": f"{'Forex' if is_forex else 'CFD'}\\{symbol}",
        }

    def _quote_fields(self, symbol: str) -> dict[str, Any]:
        prices, tick = self._book.prices[symbol], self._book.tick(symbol)
        if tick is None:
            return {}
        gain = self._tick_value(symbol, is_gain=True)
        fields: dict[str, Any] = {
            "time": self.server(tick.at),
            "spread": tick.ask - tick.bid,
            "bid": float(prices.price(tick.bid)),
            "ask": float(prices.price(tick.ask)),
            "trade_tick_value": gain,
            "trade_tick_value_profit": gain,
            "trade_tick_value_loss": self._tick_value(symbol, is_gain=False),
        }
        extremes = prices.day_extremes(self._book.present.seconds)
        if extremes is not None:
            names = ("bidlow", "bidhigh", "asklow", "askhigh")
            fields |= {name: float(prices.price(points)) for name, points in zip(names, extremes, strict=True)}
        return fields

    def _tick_value(self, symbol: str, *, is_gain: bool) -> float:
        value = self._book.money.tick_value(self._book.contract(symbol), is_gain=is_gain)
        return float(round(value, 8))


def chosen(
    items: Iterable[Any], *, symbol: str | None = None, group: str | None = None, ticket: int | None = None
) -> list[Any]:
    """Return the positions or orders that the package's filters leave; a ticket goes before the others."""
    if ticket is not None:
        return [item for item in items if item.ticket == ticket]
    if symbol is not None:
        return [item for item in items if item.symbol == symbol]
    if group is not None:
        return [item for item in items if matches_group(item.symbol, group)]
    return list(items)


def account_sums(book: Book, extra_margin: Decimal = Decimal(0)) -> dict[str, float]:
    """Return the money fields that account, check and reply share, with ``extra_margin`` taken on top."""
    totals = book.totals()
    margin = totals.margin + extra_margin
    level = totals.equity / margin * 100 if margin else Decimal(0)
    return {
        "balance": float(totals.balance),
        "equity": float(totals.equity),
        "profit": float(totals.profit + totals.swap),
        "margin": float(margin),
        "margin_free": float(totals.equity - margin),
        "margin_level": float(round(level, 2)),
    }


def terminal_record(build_number: int, auto_trading: bool, api_trading: bool) -> TerminalInfo:  # noqa: FBT001
    """Return the record of a connected terminal."""
    return build(
        TerminalInfo,
        connected=True,
        trade_allowed=auto_trading,
        tradeapi_disabled=not api_trading,
        build=build_number,
        maxbars=100_000,
        company="Tradewarden",
        name="Tradewarden simulated terminal",
        language="English",
    )


def account_record(book: Book, head: JournalHead, stop_out_level: Decimal) -> AccountInfo:
    """Return the record of the account at the present quotes."""
    return build(
        AccountInfo,
        login=head.login,
        trade_mode=mt5.ACCOUNT_TRADE_MODE_DEMO,
        leverage=head.leverage,
        margin_so_mode=mt5.ACCOUNT_STOPOUT_MODE_PERCENT,
        trade_allowed=True,
        trade_expert=True,
        margin_mode=mt5.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING,
        currency_digits=2,
        margin_so_call=100.0,
        margin_so_so=float(stop_out_level),
        name="Simulated account",
        server=head.server,
        currency=head.currency,
        company="Tradewarden",
        **account_sums(book),
    )
