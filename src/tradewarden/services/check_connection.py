"""Asking the broker whether it answers: one round trip, with the account that it answers for."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.account import AccountState
from tradewarden.core.errors import BrokerUnavailable
from tradewarden.services.context import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The broker's answer. ``problem`` says why nothing could be opened on it, None when all is well.

    ``account`` is None when there was no answer; ``latency_milliseconds`` is in wall time.
    """

    account: AccountState | None
    latency_milliseconds: float
    problem: str | None


def check_connection(desk: Desk) -> Connection:
    """Ask for the account's statement once and return what came of it; nothing is recorded."""
    with desk.storage.read() as reading:
        binding = reading.account_binding()
    started = desk.clock.wall_now()
    try:
        account = desk.broker.account()
    except BrokerUnavailable as error:
        return Connection(account=None, latency_milliseconds=_since(desk, started), problem=str(error))
    latency = _since(desk, started)
    problem = account.problem()
    if problem is None and binding is not None and (account.login, account.server) != (binding.login, binding.server):
        problem = (
            f"this is account {account.login}@{account.server}, the record belongs to {binding.login}@{binding.server}"
        )
    if problem is None and not account.trade_allowed:
        problem = "the terminal or the account does not allow automatic trading"
    return Connection(account=account, latency_milliseconds=latency, problem=problem)


def _since(desk: Desk, started: datetime) -> float:
    return (desk.clock.wall_now() - started).total_seconds() * 1000
