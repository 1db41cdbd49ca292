"""The account at work: the ledger with the market beside it, and the bookings that change it.

Opening, closing and stop changes are turned into ledger events here, written to the journal before they are
applied. Whether a request is allowed is judged in ``dealing``; when a level is hit is found in ``server``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tradewarden.core.errors import InvalidInput
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.contracts import Contract
from tradewarden.mt5sim.journal import Journal
from tradewarden.mt5sim.ledger import (
    ZERO,
    BookedDeal,
    BookedOrder,
    HeldPosition,
    Ledger,
    LedgerEvent,
    StopsMoved,
    SwapCharged,
    Traded,
)
from tradewarden.mt5sim.money import MoneyRules, to_cents
from tradewarden.mt5sim.prices import SymbolPrices, Tick
from tradewarden.mt5sim.requests import Request

HUNDRED = Decimal(100)
_ON_BALANCE = (mt5.DEAL_TYPE_BALANCE, mt5.DEAL_TYPE_CHARGE, mt5.DEAL_TYPE_CORRECTION, mt5.DEAL_TYPE_BONUS)


@dataclass(slots=True)
class Present:
    """The terminal's market time in epoch seconds UTC; only the server moves it."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The account's sums in account currency; ``level`` is a percentage, 0 while no margin is used."""

    balance: Decimal
    profit: Decimal
    swap: Decimal
    margin: Decimal

    @property
    def equity(self) -> Decimal:
        """Return balance plus what the open positions are worth now."""
        return self.balance + self.profit + self.swap

    @property
    def free(self) -> Decimal:
        """Return equity not bound as margin."""
        return self.equity - self.margin

    @property
    def level(self) -> Decimal:
        """Return equity as a percentage of margin."""
        return self.equity / self.margin * HUNDRED if self.margin else ZERO


class Book:
    """Ledger, prices and money rules of one account."""

    def __init__(
        self,
        ledger: Ledger,
        prices: Mapping[str, SymbolPrices],
        money: MoneyRules,
        present: Present,
        journal: Journal | None,
    ) -> None:
        self.ledger = ledger
        self.prices = prices
        self.money = money
        self.present = present
        self._journal = journal

    def record(self, event: LedgerEvent, *, durable: bool = True) -> None:
        """Write ``event`` to the journal, then apply it."""
        if self._journal is not None:
            self._journal.append(event, durable=durable)
        self.ledger.apply(event)

    def tick(self, symbol: str) -> Tick | None:
        """Return the symbol's newest tick."""
        return self.prices[symbol].tick(self.present.seconds)

    def closing_price(self, position: HeldPosition) -> Decimal:
        """Return the price at which ``position`` would be closed now."""
        tick = self.tick(position.symbol)
        if tick is None:
            return position.price_open
        points = tick.bid if position.position_type == mt5.POSITION_TYPE_BUY else tick.ask
        return self.prices[position.symbol].price(points)

    def floating(self, position: HeldPosition) -> Decimal:
        """Return the unrealised profit of ``position`` without swap."""
        profit = self.money.profit(
            self.contract(position.symbol),
            position.sign,
            position.volume,
            position.price_open,
            self.closing_price(position),
        )
        # A position is only opened while its profit can be converted, and quotes never go away afterwards.
        assert profit is not None
        return profit

    def contract(self, symbol: str) -> Contract:
        """Return the contract of ``symbol``."""
        return self.prices[symbol].contract

    def totals(self) -> Totals:
        """Return the account's sums at the present quotes."""
        positions = self.ledger.positions.values()
        return Totals(
            balance=self.ledger.balance,
            profit=sum((self.floating(position) for position in positions), ZERO),
            swap=sum((position.swap for position in positions), ZERO),
            margin=sum((position.margin for position in positions), ZERO),
        )

    def deposit(self, amount: Decimal, comment: str, deal_type: int = mt5.DEAL_TYPE_BALANCE) -> None:
        """Book ``amount`` onto the balance."""
        deal = self._deal(deal_type=deal_type, entry=mt5.DEAL_ENTRY_IN, profit=to_cents(amount), comment=comment)
        self._book(deal, None, None)

    def pay_in(self, amount: Decimal, comment: str, deal_type: int = mt5.DEAL_TYPE_BALANCE) -> None:
        """Book a deposit or, below 0, a withdrawal; another ``deal_type`` makes it a correction, charge or bonus.

        Raises InvalidInput for 0, for fractions of a cent, for more than is free to be withdrawn, and for credit, which
        is kept beside the balance.
        """
        if deal_type not in _ON_BALANCE:
            raise InvalidInput(f"deal type {deal_type} is not booked on the balance")
        if not amount.is_finite() or not amount or amount != to_cents(amount):
            raise InvalidInput(f"{amount} cannot be paid in: whole cents other than 0 are needed")
        totals = self.totals()
        free = min(totals.balance, totals.free)
        if -amount > free:
            raise InvalidInput(f"{-amount} cannot be withdrawn: {free} is free")
        self.deposit(amount, comment, deal_type)

    def open(self, request: Request, price: Decimal, margin: Decimal) -> Traded:
        """Book the opening deal of ``request`` at ``price``."""
        record, now, ticket = request.record, self.present.seconds, self.ledger.next_order
        order = self._order(request, price, ticket)
        deal = self._deal(
            deal_type=record.type,
            entry=mt5.DEAL_ENTRY_IN,
            order=ticket,
            magic=record.magic,
            position_id=ticket,
            reason=mt5.DEAL_REASON_EXPERT,
            volume=request.volume,
            price=price,
            commission=self._commission(record.symbol, request.volume),
            symbol=record.symbol,
            comment=record.comment,
        )
        position = HeldPosition(
            ticket=ticket,
            symbol=record.symbol,
            position_type=record.type,
            volume=request.volume,
            price_open=price,
            stop_loss=request.stop_loss,
            take_profit=request.take_profit,
            margin=margin,
            swap=ZERO,
            opened_at=now,
            updated_at=now,
            magic=record.magic,
            comment=record.comment,
            reason=mt5.POSITION_REASON_EXPERT,
        )
        return self._book(deal, order, position)

    def close(
        self,
        position: HeldPosition,
        volume: Decimal,
        price: Decimal,
        *,
        profit: Decimal,
        reason: int = mt5.DEAL_REASON_EXPERT,
        comment: str = "",
        type_filling: int = mt5.ORDER_FILLING_FOK,
    ) -> Traded:
        """Book the deal that closes ``volume`` of ``position`` at ``price``; it carries no magic."""
        left = position.volume - volume
        swap = position.swap if not left else to_cents(position.swap * volume / position.volume)
        opposite = mt5.ORDER_TYPE_SELL if position.position_type == mt5.POSITION_TYPE_BUY else mt5.ORDER_TYPE_BUY
        now, ticket = self.present.seconds, self.ledger.next_order
        order = BookedOrder(
            ticket=ticket,
            at=now,
            order_type=opposite,
            type_filling=type_filling,
            state=mt5.ORDER_STATE_FILLED,
            magic=0,
            position_id=position.ticket,
            reason=reason,
            volume=volume,
            price=price,
            stop_loss=ZERO,
            take_profit=ZERO,
            symbol=position.symbol,
            comment=comment,
        )
        deal = self._deal(
            deal_type=opposite,
            entry=mt5.DEAL_ENTRY_OUT,
            order=ticket,
            position_id=position.ticket,
            reason=reason,
            volume=volume,
            price=price,
            commission=self._commission(position.symbol, volume),
            swap=swap,
            profit=profit,
            symbol=position.symbol,
            comment=comment,
        )
        after = None
        if left:
            after = replace(
                position,
                volume=left,
                swap=position.swap - swap,
                margin=to_cents(position.margin * left / position.volume),
                updated_at=now,
            )
        return self._book(deal, order, after)

    def move_stops(self, ticket: int, stop_loss: Decimal, take_profit: Decimal) -> None:
        """Set the levels of a position."""
        self.record(StopsMoved(at=self.present.seconds, ticket=ticket, stop_loss=stop_loss, take_profit=take_profit))

    def charge_swap(self, position: HeldPosition, nights: int) -> None:
        """Add the swap of ``nights`` to ``position``."""
        contract = self.contract(position.symbol)
        amount = self.money.swap(contract, position.sign, position.volume, nights)
        if amount:
            self.record(SwapCharged(at=self.present.seconds, ticket=position.ticket, amount=amount))

    def _commission(self, symbol: str, volume: Decimal) -> Decimal:
        return -to_cents(self.contract(symbol).commission_per_lot * volume) + ZERO

    def _order(self, request: Request, price: Decimal, ticket: int) -> BookedOrder:
        record = request.record
        return BookedOrder(
            ticket=ticket,
            at=self.present.seconds,
            order_type=record.type,
            type_filling=record.type_filling,
            state=mt5.ORDER_STATE_FILLED,
            magic=record.magic,
            position_id=ticket,
            reason=mt5.ORDER_REASON_EXPERT,
            volume=request.volume,
            price=price,
            stop_loss=request.stop_loss,
            take_profit=request.take_profit,
            symbol=record.symbol,
            comment=record.comment,
        )

    def _deal(
        self,
        *,
        deal_type: int,
        entry: int,
        order: int = 0,
        magic: int = 0,
        position_id: int = 0,
        reason: int = mt5.DEAL_REASON_CLIENT,
        volume: Decimal = ZERO,
        price: Decimal = ZERO,
        commission: Decimal = ZERO,
        swap: Decimal = ZERO,
        profit: Decimal = ZERO,
        symbol: str = "",
        comment: str = "",
    ) -> BookedDeal:
        return BookedDeal(
            ticket=self.ledger.next_deal,
            order=order,
            at=self.present.seconds,
            deal_type=deal_type,
            entry=entry,
            magic=magic,
            position_id=position_id,
            reason=reason,
            volume=volume,
            price=price,
            commission=commission,
            swap=swap,
            profit=profit,
            symbol=symbol,
            comment=comment,
        )

    def _book(self, deal: BookedDeal, order: BookedOrder | None, position: HeldPosition | None) -> Traded:
        balance = to_cents(self.ledger.balance + deal.money)
        event = Traded(at=self.present.seconds, order=order, deal=deal, position=position, balance=balance)
        self.record(event)
        return event
