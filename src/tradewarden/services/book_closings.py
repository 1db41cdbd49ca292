"""Booking what the broker's deals and statement say about the desk's positions: parts closed, ends, changes by others.

Deals are matched by the position's ticket. A size or a nearer stop that somebody else set is taken over and recorded; a
position that is gone without a deal stays in the book, because what it came to is not known.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tradewarden.core.account import Deal, DealEntry, Position
from tradewarden.core.audit.canonical import decimal_text
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.desk import DeskPosition, IntentStatus
from tradewarden.core.orders import ProtectIntent, ReduceIntent
from tradewarden.core.values import ZERO, money, round_to_step
from tradewarden.ports.storage import ClosedPosition, IntentRecord, Reading, Writing
from tradewarden.services.book_fill import held_position, reduced
from tradewarden.services.context import Desk

_R_STEP = Decimal("0.01")
_BEFORE_OPENING = timedelta(days=1)
_INTENTS_LOOKED_AT = 50
# A statement may be older than the answer to an order by as much.
STATEMENT_LAG = timedelta(seconds=60)
_BY_BROKER = ("sl", "tp", "so")
_BY_A_PERSON = ("client", "mobile", "web")


def differs(held: DeskPosition, shown: Position | None) -> bool:
    """Return whether book and statement differ in what has to be booked: size, end, deals, a nearer stop, a target."""
    if shown is None or shown.lots != held.lots or unbooked_lots(held) > 0:
        return True
    return _has_nearer_stop(held, shown) or shown.take_profit not in (None, held.take_profit)


def position_deals(desk: Desk, held: DeskPosition) -> list[Deal]:
    """Return the deals of the position, oldest first. Raises BrokerUnavailable.

    The opening was booked on the broker's clock, which a desk that was late to hear of it may be well ahead of.
    """
    deals = desk.broker.deals(held.opened_at - _BEFORE_OPENING)
    return [deal for deal in deals if deal.position_id == held.ticket]


def book_end(desk: Desk, held: DeskPosition) -> bool:
    """Book a position that the broker no longer holds; return whether its closing deals were found."""
    mine = position_deals(desk, held)
    outs = [deal for deal in mine if deal.entry is DealEntry.OUT]
    now = desk.clock.market_now()
    with desk.storage.write() as tx:
        current = held_position(tx, held.ticket)
        if current is None:
            return True
        if not outs:
            _note_drift(tx, current, now)
            return False
        _close(tx, current, mine, outs)
    return True


def book_size(desk: Desk, held: DeskPosition, shown: Position) -> bool:
    """Book parts that were closed, or take over a size that somebody else set; return whether book and broker agree.

    While an order on the position is on its way, or was answered a moment ago, the statement may be the older one.
    """
    now = desk.clock.market_now()
    deals = position_deals(desk, held)
    if shown.lots == held.lots and _closed_lots(deals) == held.realised_lots:
        return True  # the deals of what was closed are not there yet, or never will be
    with desk.storage.write() as tx:
        current = held_position(tx, held.ticket)
        if current is None:
            return True
        if shown.lots != current.lots:
            if _is_unsettled(tx, current, now):
                return False
            current = _take_over_size(tx, current, shown.lots, now)
        _book_parts(tx, current, deals, now)
    return True


def book_levels(desk: Desk, held: DeskPosition, shown: Position) -> None:
    """Take over a nearer stop or another target that somebody else set; a farther stop is never taken over."""
    now = desk.clock.market_now()
    with desk.storage.write() as tx:
        current = held_position(tx, held.ticket)
        if current is None:
            return
        stop = shown.stop_loss if _has_nearer_stop(current, shown) else None
        target = shown.take_profit if shown.take_profit not in (None, current.take_profit) else None
        if (stop is None and target is None) or _is_being_protected(tx, held.ticket):
            return
        words = [f"stop {current.stop_loss} to {stop}"] if stop is not None else []
        words += [f"target {current.take_profit} to {target}"] if target is not None else []
        payload: Any = {"ticket": held.ticket, "stop_loss": str(stop or ""), "take_profit": str(target or "")}
        text = f"position {held.ticket} changed outside the desk and kept so: {', '.join(words)}"
        tx.append(_entry(current, Action.DRIFT_DETECTED, now, "broker", text, payload))
        tx.save_position(
            replace(
                current,
                stop_loss=stop or current.stop_loss,
                take_profit=target or current.take_profit,
                initial_stop=current.stop_loss if current.initial_stop is None else current.initial_stop,
                initial_lots=current.lots if current.initial_lots is None else current.initial_lots,
            )
        )


def _closed_lots(deals: list[Deal]) -> Decimal:
    return sum((deal.lots for deal in deals if deal.entry is DealEntry.OUT), ZERO)


def unbooked_lots(held: DeskPosition) -> Decimal:
    """Return how much has been closed that is not in ``realised`` yet."""
    return (held.initial_lots or held.lots) - held.lots - held.realised_lots


def _has_nearer_stop(held: DeskPosition, shown: Position) -> bool:
    return shown.stop_loss is not None and (shown.stop_loss - held.stop_loss) * held.side.sign > 0


def _is_unsettled(tx: Reading, held: DeskPosition, now: datetime) -> bool:
    """Return whether an order on the position is on its way, or so lately done that the statement may not show it."""
    return any(
        record.status.is_unfinished
        or (record.status is IntentStatus.FILLED and now - record.updated_at < STATEMENT_LAG)
        for record in _reductions(tx, held.ticket)
    )


def _is_being_protected(tx: Reading, ticket: int) -> bool:
    """Return whether the desk's own stop change is on its way: what the broker shows may be its doing."""
    return any(isinstance(record.intent, ProtectIntent) and record.intent.ticket == ticket for record in tx.outbox())


def _reductions(tx: Reading, ticket: int) -> list[IntentRecord]:
    """Return the desk's closing orders on the position, newest first."""
    found = tx.intents(limit=_INTENTS_LOOKED_AT)
    return [record for record in found if isinstance(record.intent, ReduceIntent) and record.intent.ticket == ticket]


def _take_over_size(tx: Writing, held: DeskPosition, lots: Decimal, now: datetime) -> DeskPosition:
    """Book the broker's size: the late result of an order that had been given up, or somebody else's doing."""
    late = next(
        (
            record
            for record in _reductions(tx, held.ticket)
            if record.status is IntentStatus.FAILED and record.intent.lots == held.lots - lots  # type: ignore[union-attr]
        ),
        None,
    )
    if late is not None and isinstance(late.intent, ReduceIntent):
        tx.update_intent(replace(late, status=IntentStatus.FILLED, detail="found late at the broker", updated_at=now))
        changed = reduced(held, lots, late.intent)
        what, action, actor = "was closed in part after all", Action.ORDER_RECONCILED, "desk"
    else:
        changed = reduced(held, lots, None)
        what, action, actor = "changed outside the desk", Action.DRIFT_DETECTED, "broker"
    text = f"position {held.ticket} {what}: {held.lots} lots to {lots}"
    payload: Any = {"ticket": held.ticket, "before": str(held.lots), "after": str(lots)}
    tx.append(_entry(held, action, now, actor, text, payload))
    tx.save_position(changed)
    return changed


def _book_parts(tx: Writing, held: DeskPosition, deals: list[Deal], now: datetime) -> None:
    """Book the money of what has been closed so far, once its deals are there."""
    outs = [deal for deal in deals if deal.entry is DealEntry.OUT]
    closed = _closed_lots(deals)
    if not outs or closed == held.realised_lots:
        return
    booked = money(sum((deal.profit + deal.swap + deal.commission for deal in outs), ZERO))
    newest = outs[-1]
    share = f"{closed - held.realised_lots} of {held.initial_lots or held.lots} lots"
    goals = f", {held.targets_done} of {len(held.targets)} targets taken" if held.targets else ""
    text = (
        f"{held.side} {held.symbol} partly closed: {share} at {newest.price}, {booked - held.realised} realised, "
        f"{held.lots} lots left{goals}"
    )
    payload: Any = {
        "ticket": held.ticket,
        "before": str(held.lots + closed - held.realised_lots),
        "after": str(held.lots),
        "realised": decimal_text(booked),
        "deals": [deal.ticket for deal in outs],
    }
    actor = "broker" if newest.reason in (*_BY_BROKER, *_BY_A_PERSON) else "desk"
    tx.append(_entry(held, Action.POSITION_MANAGED, now, actor, text, payload))
    tx.save_position(replace(held, realised=booked, realised_lots=closed))


def _close(tx: Writing, held: DeskPosition, deals: list[Deal], outs: list[Deal]) -> None:
    """Move the position to the closed ones, with the result of the whole of it."""
    swap = sum((deal.swap for deal in deals), ZERO)
    commission = sum((deal.commission for deal in deals), ZERO)
    net = money(sum((deal.profit for deal in deals), ZERO) + swap + commission)
    lots = sum((deal.lots for deal in outs), ZERO)
    last = outs[-1]
    exit_price = (sum((deal.price * deal.lots for deal in outs), ZERO) / lots).quantize(last.price)
    r_multiple = round_to_step(net / held.initial_risk, _R_STEP)
    reason = _reason(tx, held, last)
    payload: Any = {
        "ticket": held.ticket,
        "exit_price": decimal_text(exit_price),
        "net_profit": decimal_text(net),
        "commission": decimal_text(commission),
        "swap": decimal_text(swap),
        "initial_risk": decimal_text(held.initial_risk),
        "r_multiple": decimal_text(r_multiple),
        "reason": reason,
        "deals": [deal.ticket for deal in deals],
    }
    in_parts = f" in {len(outs)} parts" if len(outs) > 1 else ""
    text = f"{held.side} {held.symbol} closed{in_parts} at {exit_price}: {reason}, {net} ({r_multiple} R)"
    actor = "broker" if reason in _BY_BROKER else "desk"
    entry = tx.append(_entry(held, Action.POSITION_CLOSED, last.at, actor, text, payload))
    tx.close_position(
        ClosedPosition(
            # Of the whole position, not of what was left of it at last.
            position=replace(held, lots=lots),
            exit_price=exit_price,
            closed_at=last.at,
            net_profit=net,
            commission=commission,
            swap=swap,
            r_multiple=r_multiple,
            reason=reason,
            history_seq=entry.seq,
        )
    )


def _reason(tx: Writing, held: DeskPosition, last: Deal) -> str:
    """Return why the position was closed: the broker's cause, or the reason of the desk's own closing order."""
    if last.reason in _BY_BROKER:
        return last.reason
    own = next((r.intent.reason for r in _reductions(tx, held.ticket) if r.intent.lots == last.lots), None)  # type: ignore[union-attr]
    return own or last.reason


def _note_drift(tx: Writing, held: DeskPosition, at: datetime) -> None:
    """Record, once per position, that the broker holds neither the position nor a deal that closed it."""
    name = f"drift:{held.ticket}"
    if tx.bookmark(name) is not None:
        return
    tx.set_bookmark(name, at.isoformat())
    text = f"position {held.ticket} is gone at the broker, and no deal closed it: opening is blocked"
    payload: Any = {"ticket": held.ticket, "lots": decimal_text(held.lots)}
    tx.append(_entry(held, Action.DRIFT_DETECTED, at, "desk", text, payload))


def _entry(
    held: DeskPosition, action: Action, at: datetime, actor: str, text: str, payload: dict[str, Any]
) -> HistoryDraft:
    return HistoryDraft(
        occurred_at=at,
        action=action,
        actor=actor,
        rationale=text,
        symbol=held.symbol,
        strategy_id=held.strategy_id,
        trade_idea_id=held.idea_id,
        payload=payload,
    )
