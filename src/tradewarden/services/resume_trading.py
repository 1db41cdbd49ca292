"""Resuming after a halt: a person's act, refused while the cause still holds."""

from dataclasses import replace
from datetime import datetime

from tradewarden.core.account import AccountState
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.errors import Conflict
from tradewarden.core.risk.checks_desk import limit_checks
from tradewarden.ports.storage import Writing
from tradewarden.services.book import desk_state, read_book
from tradewarden.services.context import Desk


def resume_trading(desk: Desk, *, actor: str) -> int:
    """Lift the halt, switch AI trading on and return the entry's ``seq``.

    Raises Conflict while a limit is still breached or cannot be judged, naming it; BrokerUnavailable when the account
    gives no statement to judge it on.
    """
    account = desk.broker.account()
    with desk.storage.write() as tx:
        return resume_within(tx, desk, account, at=desk.clock.market_now(), actor=actor)


def resume_within(tx: Writing, desk: Desk, account: AccountState, *, at: datetime, actor: str) -> int:
    """Resume inside a transaction of the caller's and return the entry's ``seq``."""
    book = read_book(tx)
    policy = book.policy.policy
    if book.halt is None and policy.ai_trading_enabled:
        raise Conflict("trading is on and no halt is in force: there is nothing to resume")
    for entry in limit_checks(account, desk_state(book, desk), policy):
        if not entry.passed:
            raise Conflict(f"the cause still holds: {entry.code}, {entry.observed}, limit {entry.limit}")
    tx.set_halt(None)
    if not policy.ai_trading_enabled:
        tx.save_policy(replace(policy, ai_trading_enabled=True), at=at)
    lifted = "AI trading was off" if book.halt is None else f"halt lifted: {book.halt.code}, {book.halt.reason}"
    return tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.AI_RESUMED,
            actor=actor,
            rationale=lifted,
            human_override=actor.startswith("user:"),
            payload={"ai_trading_enabled": {"before": policy.ai_trading_enabled, "after": True}},
        )
    ).seq
