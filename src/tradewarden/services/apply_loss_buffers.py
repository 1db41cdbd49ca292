"""Acting on the shares of the daily loss limit that the policy names, before the limit itself is reached.

From the first, orders that have not been sent are voided and waiting ideas end; the gate opens nothing more until the
next reset. From the second, the desk's positions are closed, each by a recorded decision that no halt blocks.
"""

from datetime import datetime, timedelta

from tradewarden.core.account import AccountState
from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import DayReference, IdeaStatus, IntentStatus, LossBuffer, loss_base
from tradewarden.core.errors import InvalidBars, InvalidInput, MarketDataUnavailable, NotFound
from tradewarden.core.orders import OpenIntent, ReduceIntent
from tradewarden.core.risk.reasons import Code
from tradewarden.core.values import money
from tradewarden.ports.storage import Writing
from tradewarden.services.book import Book, read_book
from tradewarden.services.close_position import close_position
from tradewarden.services.context import Desk
from tradewarden.services.halt_trading import end_idea, void_unsent

SOFT_ACTOR = "rule:SOFT_LOSS"
FLATTEN_ACTOR = "rule:FLATTEN_LOSS"
# A closing that the broker refused is tried again after this time, not at every look.
_RETRY_AFTER = timedelta(minutes=1)


def stop_opening(tx: Writing, account: AccountState, day: DayReference, *, crossed: bool, at: datetime) -> bool:
    """Void unsent opening orders and end waiting ideas once a buffer was reached today; return whether it wrote.

    What was done is one entry. When a buffer is ``crossed`` there is an entry even if nothing was on its way.
    """
    book = read_book(tx)
    policy, buffer = book.policy.policy, day.buffer
    loss = loss_base(day, policy.daily_loss_reference) - account.own_equity
    unsent = any(_is_unsent_opening(record.intent, record.status) for record in book.outbox)
    if buffer is LossBuffer.NONE or not (crossed or unsent):
        return False
    why = f"loss today {money(loss)} of {policy.max_daily_loss}: {_WORDS[buffer]}"
    voided = void_unsent(tx, at, f"voided: {why}")
    ended: list[JsonValue] = [
        idea.idea_id for idea in book.open_ideas if end_idea(tx, idea.idea_id, idea.status, at, to=IdeaStatus.REJECTED)
    ]
    tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.RISK_REJECTED,
            actor=FLATTEN_ACTOR if buffer is LossBuffer.FLATTEN else SOFT_ACTOR,
            rationale=f"{why}; {len(voided)} orders voided, {len(ended)} ideas ended",
            risk_check_result=Code.DAILY_LOSS_HEADROOM.value,
            payload={
                "buffer": buffer.value,
                "loss": str(money(loss)),
                "limit": str(policy.max_daily_loss),
                "equity": str(account.equity),
                "voided_intents": voided,
                "ended_ideas": ended,
            },
        )
    )
    return True


def flatten(desk: Desk, book: Book, *, as_of: datetime) -> tuple[str, ...]:
    """Close the desk's positions, each by a decision of its own; return what kept one from being closed, in words.

    A position on which an order is on its way is left to it, and so is one whose closing was refused a moment ago.
    Raises BrokerUnavailable, StorageUnavailable.
    """
    problems = []
    for position in book.positions:
        if _is_being_closed(desk, position.ticket, as_of):
            continue
        try:
            if not _is_open_market(desk, position.symbol, as_of):
                problems.append(f"position {position.ticket} in {position.symbol} is closed when its market opens")
                continue
            close_position(desk, position.ticket, actor=FLATTEN_ACTOR)
        except NotFound:
            # Closed since the statement, by its stop or by a person: reconciliation books it.
            continue
        except (MarketDataUnavailable, InvalidBars, InvalidInput) as error:
            problems.append(str(error))
    return tuple(problems)


_WORDS = {
    LossBuffer.SOFT: "nothing more is opened",
    LossBuffer.FLATTEN: "nothing more is opened, and the desk's positions are closed",
}


def _is_open_market(desk: Desk, symbol: str, as_of: datetime) -> bool:
    hours = desk.market.instrument(symbol).trading_hours
    return hours.contains(desk.market.server_clock.to_server(as_of))


def _is_unsent_opening(intent: object, status: IntentStatus) -> bool:
    return isinstance(intent, OpenIntent) and status is IntentStatus.QUEUED


def _is_being_closed(desk: Desk, ticket: int, as_of: datetime) -> bool:
    """Return whether an order on the position is on its way, or a closing of it was refused within the last minute."""
    with desk.storage.read() as reading:
        if any(not isinstance(r.intent, OpenIntent) and r.intent.ticket == ticket for r in reading.outbox()):
            return True
        return any(
            isinstance(record.intent, ReduceIntent)
            and record.intent.ticket == ticket
            and as_of - record.updated_at < _RETRY_AFTER
            for record in reading.intents(limit=50)
        )
