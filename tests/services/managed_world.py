"""A world with one long position to look after: bought at 1.10110 with its stop at 1.10015, so that R is 95 points."""

from collections.abc import Callable
from typing import Any

from tests.builders import SYMBOL
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, Segment, a_world, document

from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.replay import replay
from tradewarden.mt5sim import constants as mt5
from tradewarden.ports.storage import ClosedPosition
from tradewarden.services.recorded_content import cited_digests

UP: tuple[Segment, ...] = ((3, QUIET), (5, ABOVE))
# Bought at 1.10110 with the stop at 1.10015: R is 95 points, the targets are at 1.10300 and 1.10395.
HALVES = {"take_profit": [{"rr": 2.0, "fraction": 0.5}, {"rr": 3.0, "fraction": 0.5}]}
FAR = {"take_profit": [{"rr": 9.0}]}


def managed(*segments: Segment, rules: dict[str, Any] | None = None, **changes: Any) -> DeskWorld:
    """Return a world with the rules of one long strategy on what comes after the setup."""
    strategy = document(exit_rules=HALVES if rules is None else rules, **changes.pop("document", {}))
    return a_world(*UP, *segments, strategies=[strategy], **changes)


def out_deals(world: DeskWorld) -> list[tuple[float, float]]:
    """Return lots and price of the closing deals at the terminal."""
    until = int(world.clock.market_now().timestamp()) + 200_000
    return [(deal.volume, deal.price) for deal in world.terminal.history_deals_get(0, until) if deal.entry == 1]


def closed(world: DeskWorld) -> ClosedPosition:
    with world.storage.read() as reading:
        (found,) = reading.closed_positions()
    return found


def reasons(world: DeskWorld) -> list[str]:
    """Return what position management has decided, oldest first, without the strategy's name."""
    with world.storage.read() as reading:
        decided = [e for e in world.history(Action.POSITION_MANAGED) if reading.decision_at(e.seq) is not None]
    return [entry.draft.rationale.removeprefix("Level long: ") for entry in decided]


def check_record(world: DeskWorld) -> None:
    """Check the chain, and that every decision replays to the same digest from the record alone."""
    with world.storage.read() as reading:
        assert verify_chain(reading.walk_history()).ok
        decisions = list(reading.walk_decisions())
        for stored in decisions:
            blobs = reading.blobs(sorted(set(cited_digests(stored.inputs))))
            report = replay(stored.inputs, stored.decision, blobs, recorded_digest=stored.decision_digest)
            assert report.identical, report.differences
    assert decisions


def change_stops(world: DeskWorld, stop: float, target: float) -> None:
    """Change the position's levels by hand at the terminal."""
    (held,) = world.held()
    request = {"action": mt5.TRADE_ACTION_SLTP, "symbol": SYMBOL, "position": held.ticket, "sl": stop, "tp": target}
    reply = world.terminal.order_send(request)
    world.terminal.sent.pop()
    assert reply.retcode == mt5.TRADE_RETCODE_DONE, reply


def refuse_stops(world: DeskWorld) -> None:
    """Let the broker refuse every change of levels from now on, as it does when a level is on the wrong side."""
    send: Callable[..., Any] = world.terminal.order_send

    def refusing(request: dict[str, Any]) -> Any:
        if request["action"] == mt5.TRADE_ACTION_SLTP:
            request = {**request, "sl": 2.0}
        return send(request)

    world.terminal.order_send = refusing


def close_by_hand(world: DeskWorld, lots: float) -> None:
    """Close part of the position by hand at the terminal."""
    (held,) = world.held()
    request = {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": SYMBOL,
        "volume": lots,
        "type": mt5.ORDER_TYPE_SELL,
        "position": held.ticket,
        "price": world.terminal.symbol_info_tick(SYMBOL).bid,
        "type_filling": mt5.ORDER_FILLING_FOK,
    }
    reply = world.terminal.order_send(request)
    world.terminal.sent.pop()
    assert reply.retcode == mt5.TRADE_RETCODE_DONE, reply
