"""The broker's account as the terminal reported it: money, positions, deals.

Everything here is the broker's statement, not the desk's belief; what the desk knows of itself is in ``core.desk``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tradewarden.core.audit.codec import added_field
from tradewarden.core.values import CENT, ZERO, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One open position. ``profit`` and ``swap`` are in account currency; ``price`` is the closing-side quote."""

    ticket: int
    symbol: str
    side: Side
    lots: Decimal
    entry_price: Decimal
    price: Decimal
    stop_loss: Decimal | None
    take_profit: Decimal | None
    profit: Decimal
    swap: Decimal
    opened_at: datetime
    magic: int
    comment: str


class DealEntry(StrEnum):
    """Whether a deal opened, closed or reversed exposure, or only booked money."""

    IN = "in"
    OUT = "out"
    INOUT = "inout"
    BALANCE = "balance"


class Booking(StrEnum):
    """What a booking that is no trade was for, as far as the broker tells.

    Deposits (withdrawals are negative ones) and bonuses are money from outside: neither profit nor loss. Credit is
    the broker's money and never part of the balance. Everything else is a result like that of a trade.
    """

    DEPOSIT = "deposit"
    CREDIT = "credit"
    BONUS = "bonus"
    CORRECTION = "correction"
    CHARGE = "charge"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One booked deal. ``profit``, ``swap`` and ``commission`` are in account currency; costs are negative.

    ``reason`` is the broker's word for the cause: client, expert, sl, tp, so (stop out). ``booking`` says what a deal
    that is no trade was for, None for trades.
    """

    ticket: int
    order: int
    position_id: int
    symbol: str
    entry: DealEntry
    side: Side | None
    lots: Decimal
    price: Decimal
    profit: Decimal
    swap: Decimal
    commission: Decimal
    at: datetime
    magic: int
    comment: str
    reason: str
    booking: Booking | None = None

    @property
    def balance_change(self) -> Decimal:
        """Return what the deal did to the balance; credit is kept beside it."""
        return ZERO if self.booking is Booking.CREDIT else self.profit + self.swap + self.commission

    @property
    def paid_in(self) -> Decimal:
        """Return what the deal brought from outside (negative for a withdrawal): neither profit nor loss."""
        return self.balance_change if self.booking in (Booking.DEPOSIT, Booking.BONUS) else ZERO


class MarginMode(StrEnum):
    """How an account keeps positions: one per order, one per order closed oldest first, or one per symbol."""

    HEDGING = "hedging"
    FIFO = "fifo"
    NETTING = "netting"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """The account at ``captured_at``. ``margin_level`` is a percentage, None while no margin is used."""

    login: int
    server: str
    currency: str
    connected: bool
    trade_allowed: bool
    balance: Decimal
    credit: Decimal
    equity: Decimal
    margin: Decimal
    margin_free: Decimal
    margin_level: Decimal | None
    leverage: int
    positions: tuple[Position, ...]
    captured_at: datetime
    margin_mode: MarginMode = added_field(MarginMode.HEDGING)
    # What problem() found; empty until it was asked.
    _problem: str | None = field(default="", init=False, repr=False, compare=False)

    @property
    def floating(self) -> Decimal:
        """Return the unrealised profit and swap of all open positions in account currency."""
        return sum((position.profit + position.swap for position in self.positions), ZERO)

    @property
    def own_equity(self) -> Decimal:
        """Return equity without the broker's credit: what loss limits are judged on."""
        return self.equity - self.credit

    def not_a_number(self) -> str | None:
        """Return which figure is not a finite number, and cannot be computed with, or None."""
        for name in ("balance", "credit", "equity", "margin", "margin_free"):
            amount: Decimal = getattr(self, name)
            if not amount.is_finite():
                return f"{name} is {amount}"
        for held in self.positions:
            figures = (held.lots, held.price, held.profit, held.swap, held.stop_loss or CENT)
            if not all(figure.is_finite() for figure in figures):
                return f"position {held.ticket} in {held.symbol} states {', '.join(map(str, figures))}"
        return None

    def problem(self) -> str | None:
        """Return why this statement cannot be believed, or None; computed once, because a dozen checks ask.

        A terminal that lost its account reports zeros; a limit may not be judged, let alone trip a halt, on those.
        """
        if self._problem == "":
            object.__setattr__(self, "_problem", self._find_problem())
        return self._problem

    def _find_problem(self) -> str | None:
        if not self.connected:
            return "the terminal is not connected"
        if (unclear := self.not_a_number()) is not None:
            return unclear
        if not self.balance > 0:
            return f"balance is {self.balance}"
        stated, computed = self.equity, self.balance + self.credit + self.floating
        if abs(stated - computed) > CENT * max(1, len(self.positions)):
            return f"equity {stated} is not balance + credit + floating = {computed}"
        return None
