"""What a desk does when it starts: its first policy, watchlist and strategies, each recorded.

A later start changes nothing of these. On a simulated market the first policy switches trading on in supervised mode,
so that there is something to see; on a broker's account it stays off until a person resumes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tradewarden.core.account import AccountState
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import AccountBinding
from tradewarden.core.errors import BrokerUnavailable
from tradewarden.core.policy import RiskPolicy, changed, scaled_policy
from tradewarden.ports.storage import Writing
from tradewarden.services.change_policy import set_policy_within
from tradewarden.services.context import Desk
from tradewarden.services.publish_strategy import publish_strategy

ACTOR = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyFile:
    """A strategy document and where it came from."""

    source: str
    document: str


def start_desk(desk: Desk, strategies: Sequence[StrategyFile], *, policy_changes: dict[str, Any] | None = None) -> bool:
    """Give an empty desk its policy, watchlist and ``strategies``; return whether this was its first start.

    Raises BrokerUnavailable when the account cannot be read: the first limits are in proportion to its balance.
    """
    with desk.storage.read() as reading:
        started, binding = reading.policy() is not None, reading.account_binding()
        desk.market.use_symbols(reading.symbol_map())
    if started:
        if binding is None:
            _bind_old_record(desk)
        return False
    account = desk.broker.account()
    policy = first_policy(desk, scaled_policy(account.balance), policy_changes or {})
    symbols = desk.market.symbols()
    # The policy comes last: it marks the start as done, so that one that was cut short is done again.
    for file in strategies:
        publish_strategy(desk, file.document, actor=ACTOR, source=file.source, policy=policy)
    at = desk.clock.market_now()
    with desk.storage.write() as tx:
        why = f"first policy, in proportion to a balance of {account.balance} {account.currency}"
        set_policy_within(tx, None, policy, at=at, actor=ACTOR, why=why)
        bind_account(tx, account, at=at)
        tx.set_watchlist(symbols, at=at)
        tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.SETTINGS_CHANGED,
                actor=ACTOR,
                rationale=f"first watchlist: {', '.join(symbols)}",
                payload={"watchlist": list(symbols), "market": desk.market_label, "simulated": desk.simulated},
            )
        )
    return True


def bind_account(tx: Writing, account: AccountState, *, at: datetime) -> None:
    """Note in ``tx`` that the record belongs to ``account``. Raises Conflict when it belongs to another."""
    tx.bind_account(AccountBinding(login=account.login, server=account.server), at=at)
    tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.SETTINGS_CHANGED,
            actor=ACTOR,
            rationale=f"the record belongs to account {account.login} at {account.server}",
            payload={"account": {"login": account.login, "server": account.server, "currency": account.currency}},
        )
    )


def _bind_old_record(desk: Desk) -> None:
    """Bind a record from before records were bound to the account that it is started on.

    A broker that does not answer leaves it unbound, which denies opening until a start finds one.
    """
    try:
        account = desk.broker.account()
    except BrokerUnavailable as error:
        desk.monitor.note_error(broker=str(error))
        return
    with desk.storage.write() as tx:
        bind_account(tx, account, at=desk.clock.market_now())


def first_policy(desk: Desk, policy: RiskPolicy, changes: dict[str, Any]) -> RiskPolicy:
    """Return the first policy: on a simulated market trading is switched on."""
    if desk.simulated:
        policy = replace(policy, ai_trading_enabled=True)
    return changed(policy, changes)
