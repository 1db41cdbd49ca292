"""The broker's book: positions, orders, deals and the balance, changed by events alone.

Every change is one of the events below; the journal writes the same events and a restart folds them again, so
that the account after a restart is the account before it. Times are epoch seconds UTC; no market and no clock
in here.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tradewarden.core.errors import IntegrityError
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.money import to_cents

ZERO = Decimal(0)
FIRST_ORDER_TICKET = 10_000_001
FIRST_DEAL_TICKET = 5_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition:
    """An open position. ``position_type`` is the terminal's (0 buy, 1 sell); a level of 0 is none."""

    ticket: int
    symbol: str
    position_type: int
    volume: Decimal
    price_open: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    margin: Decimal
    swap: Decimal
    opened_at: int
    updated_at: int
    magic: int
    comment: str
    reason: int

    @property
    def sign(self) -> int:
        """Return +1 for a buy and −1 for a sell."""
        return 1 if self.position_type == mt5.POSITION_TYPE_BUY else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedOrder:
    """An order in the history; only filled market orders get there."""

    ticket: int
    at: int
    order_type: int
    type_filling: int
    state: int
    magic: int
    position_id: int
    reason: int
    volume: Decimal
    price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    symbol: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedDeal:
    """A deal in the history. Money is in account currency; costs are negative."""

    ticket: int
    order: int
    at: int
    deal_type: int
    entry: int
    magic: int
    position_id: int
    reason: int
    volume: Decimal
    price: Decimal
    commission: Decimal
    swap: Decimal
    profit: Decimal
    symbol: str
    comment: str

    @property
    def money(self) -> Decimal:
        """Return what the deal did to the balance."""
        return self.profit + self.swap + self.commission


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """A deal was booked. ``position`` is the position after it, None when it is gone; ``balance`` is the new one."""

    at: int
    order: BookedOrder | None
    deal: BookedDeal
    position: HeldPosition | None
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsMoved:
    """A position's stop and target were changed."""

    at: int
    ticket: int
    stop_loss: Decimal
    take_profit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapCharged:
    """A rollover added ``amount`` to a position's swap."""

    at: int
    ticket: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockNoted:
    """Market time reached ``at``."""

    at: int


LedgerEvent = Traded | StopsMoved | SwapCharged | ClockNoted


class Ledger:
    """The fold of the events so far. Raises IntegrityError at an event that contradicts what came before."""

    def __init__(self) -> None:
        self.positions: dict[int, HeldPosition] = {}
        self.orders: list[BookedOrder] = []
        self.deals: list[BookedDeal] = []
        self.balance = ZERO
        self.last_at = 0
        # Counts the changes of money or positions, so that sums over them can be kept until the next one.
        self.version = 0
        self.next_order = FIRST_ORDER_TICKET
        self.next_deal = FIRST_DEAL_TICKET

    def apply(self, event: LedgerEvent) -> None:
        """Change the book by ``event``."""
        if event.at < self.last_at:
            raise IntegrityError(f"{type(event).__name__} at {event.at} is before the last market time {self.last_at}")
        match event:
            case Traded():
                self._trade(event)
            case StopsMoved():
                held = self._held(event.ticket)
                self.positions[event.ticket] = replace(
                    held, stop_loss=event.stop_loss, take_profit=event.take_profit, updated_at=event.at
                )
            case SwapCharged():
                held = self._held(event.ticket)
                self.positions[event.ticket] = replace(held, swap=held.swap + event.amount)
            case ClockNoted():
                pass
        self.last_at = event.at
        self.version += not isinstance(event, ClockNoted)

    def _held(self, ticket: int) -> HeldPosition:
        held = self.positions.get(ticket)
        if held is None:
            raise IntegrityError(f"position {ticket} is not open")
        return held

    def _trade(self, event: Traded) -> None:
        deal, order = event.deal, event.order
        if deal.ticket != self.next_deal:
            raise IntegrityError(f"deal ticket {deal.ticket} does not follow {self.next_deal - 1}")
        if order is not None and order.ticket != self.next_order:
            raise IntegrityError(f"order ticket {order.ticket} does not follow {self.next_order - 1}")
        balance = to_cents(self.balance + deal.money)
        if balance != event.balance:
            raise IntegrityError(f"deal {deal.ticket} states balance {event.balance}, the deals sum to {balance}")
        self._check_position(event)
        self.balance = balance
        self.deals.append(deal)
        self.next_deal += 1
        if order is not None:
            self.orders.append(order)
            self.next_order += 1
        if event.position is not None:
            self.positions[event.position.ticket] = event.position
        elif deal.position_id:
            del self.positions[deal.position_id]

    def _check_position(self, event: Traded) -> None:
        deal, after = event.deal, event.position
        if deal.entry == mt5.DEAL_ENTRY_IN:
            fits = deal.position_id == 0 if after is None else self._opens(deal, after)
        else:
            before = self._held(deal.position_id).volume
            left = ZERO if after is None else after.volume
            fits = before - deal.volume == left and (after is None or after.ticket == deal.position_id)
        if not fits:
            raise IntegrityError(f"deal {deal.ticket} does not fit position {deal.position_id}")

    def _opens(self, deal: BookedDeal, after: HeldPosition) -> bool:
        return after.ticket == deal.position_id and after.ticket not in self.positions and after.volume == deal.volume
