"""The broker: the account's statement, orders out, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tradewarden.core.account import AccountState, Deal
from tradewarden.core.orders import Accepted, OpenIntent, ProtectIntent, ReduceIntent, SubmitOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerTrace:
    """What the broker knows of one order identity, over positions, orders and both histories."""

    magic: int
    outcome: Accepted | None
    pending: bool


class Broker(Protocol):
    """A broker's terminal. Expected refusals are values; BrokerUnavailable is raised when there is no answer."""

    @property
    def account_key(self) -> str:
        """Return ``login@server``: the account that locks and order identities are bound to."""

    def account(self) -> AccountState:
        """Return the account's statement now. Raises BrokerUnavailable."""

    def open(self, intent: OpenIntent) -> SubmitOutcome:
        """Send a market order with stop and target; never raises for a lost reply, that is ``Unknown``."""

    def reduce(self, intent: ReduceIntent) -> SubmitOutcome:
        """Close (part of) a position by ticket."""

    def protect(self, intent: ProtectIntent) -> SubmitOutcome:
        """Change a position's stop."""

    def find(self, magic: int) -> BrokerTrace:
        """Return what the broker knows of the order identity ``magic``. Raises BrokerUnavailable."""

    def deals(self, since: datetime) -> tuple[Deal, ...]:
        """Return the deals booked at or after ``since``, oldest first. Raises BrokerUnavailable."""
