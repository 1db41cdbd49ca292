"""Booking what a settled order did to a position: its opening, a partial closing, a new stop.

Each is booked in the transaction that records the broker's answer, so that there is no moment in which the order is
done and the book does not know: a second partial closing could come of it.
"""

from dataclasses import replace
from decimal import Decimal

from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.orders import Accepted, OpenIntent, OrderIntent, ReduceIntent
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.values import CENT, floor_to_step, money_up
from tradewarden.ports.storage import Reading, Writing


def book_open(tx: Writing, intent: OpenIntent, outcome: Accepted, instrument: Instrument) -> None:
    """Book the position: R, the targets' lots and the lots within the approved risk are fixed here, from the fill.

    The initial risk counts from the fill to the stop at the loss tick value, without costs.
    """
    ticks = abs(outcome.price - intent.stop_loss) / instrument.tick_size
    per_lot = ticks * instrument.tick_value_loss
    policy = tx.policy()
    tx.save_position(
        DeskPosition(
            ticket=outcome.position_ticket,
            idea_id=intent.idea_id,
            strategy_id=intent.strategy_id,
            symbol=intent.symbol,
            side=intent.side,
            lots=outcome.lots,
            entry_price=outcome.price,
            stop_loss=intent.stop_loss,
            take_profit=intent.take_profit,
            initial_risk=max(money_up(per_lot * outcome.lots), CENT),
            opened_at=outcome.at,
            initial_lots=outcome.lots,
            initial_stop=intent.stop_loss,
            targets=intent.targets,
            approved_lots=None
            if policy is None
            else _approved_lots(intent, outcome, per_lot, instrument, policy.policy),
        )
    )


def _approved_lots(
    intent: OpenIntent, outcome: Accepted, per_lot: Decimal, instrument: Instrument, policy: RiskPolicy
) -> Decimal | None:
    """Return how many of the filled lots stay within the approved risk with their commission; None when all do.

    The allowance for slippage in the approved risk is there to be used up; what the fill slipped further is not.
    """
    risked = per_lot + policy.commission_per_lot
    if risked * outcome.lots <= intent.risk_amount:
        return None
    return floor_to_step(intent.risk_amount / risked, instrument.volume_step)


def book_change(tx: Writing, intent: OrderIntent, outcome: Accepted) -> None:
    """Book what a reduction or a new stop did to the desk's position; foreign positions are not in the book.

    A position that was closed whole stays until its deals are booked: they say at what price and with what result.
    """
    if isinstance(intent, OpenIntent):
        return
    held = held_position(tx, intent.ticket)
    if held is None:
        return
    if isinstance(intent, ReduceIntent):
        if outcome.lots < held.lots:
            tx.save_position(reduced(held, held.lots - outcome.lots, intent))
        return
    tx.save_position(
        replace(
            held,
            stop_loss=intent.stop_loss,
            take_profit=intent.take_profit or held.take_profit,
            initial_stop=held.stop_loss if held.initial_stop is None else held.initial_stop,
            initial_lots=held.lots if held.initial_lots is None else held.initial_lots,
        )
    )


def reduced(held: DeskPosition, lots: Decimal, intent: ReduceIntent | None) -> DeskPosition:
    """Return ``held`` with ``lots`` left; the targets that ``intent`` took count as taken with it."""
    done = held.targets_done if intent is None or intent.targets_done is None else intent.targets_done
    return replace(
        held,
        lots=lots,
        targets_done=max(held.targets_done, done),
        initial_lots=held.lots if held.initial_lots is None else held.initial_lots,
        initial_stop=held.stop_loss if held.initial_stop is None else held.initial_stop,
    )


def held_position(reading: Reading, ticket: int) -> DeskPosition | None:
    """Return the desk's open position with ``ticket``."""
    return next((held for held in reading.positions() if held.ticket == ticket), None)
