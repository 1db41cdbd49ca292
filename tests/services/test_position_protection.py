"""Stops on a real simulated terminal: moved forward only, put back, and what a person changes meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.builders import D
from tests.services.desk_world import ABOVE
from tests.services.managed_world import (
    FAR,
    change_stops,
    check_record,
    close_by_hand,
    closed,
    managed,
    out_deals,
    reasons,
    refuse_stops,
)

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IntentStatus
from tradewarden.mt5sim import constants as mt5

# The stop


def test_break_even_and_then_steps_move_the_stop_forward_only() -> None:
    rules = FAR | {"break_even_at_r": 1.0, "trail": {"kind": "step", "step_r": 0.5, "from_r": 1.5}}
    world = managed((3, 1.1021), (3, 1.1026), (3, 1.1031), (2, 1.1027), (5, 1.1010), rules=rules)
    stops = []
    for _ in range(20):
        world.step()
        stops += [held.sl for held in world.held() if held.sl not in stops]
    # 7 points of commission above the entry; then 0.5 R = 1.101575 on the tick, looser: 1.10157.
    assert stops == [1.10015, 1.10117, 1.10157]
    assert [entry.split(":")[0] for entry in reasons(world)] == ["break-even after 1 R", "trailing from 1.5 R"]
    whole = closed(world)
    assert (whole.reason, whole.exit_price) == ("sl", D("1.10157"))
    # R counts from the stop of the fill, wherever the stop was at last.
    assert whole.position.initial_risk == D("443.65")
    check_record(world)


def test_break_even_covers_its_costs() -> None:
    world = managed((2, 1.1021), (5, 1.1005), rules=FAR | {"break_even_at_r": 1.0})
    world.run(14)
    whole = closed(world)
    assert whole.reason == "sl"
    assert whole.net_profit >= 0
    assert whole.net_profit < D("15")


def test_an_atr_trail_follows_the_closes_at_the_end_of_each_bar() -> None:
    rules = FAR | {"trail": {"kind": "atr", "multiple": 2.0, "period": 14, "from_r": 1.0}}
    world = managed((4, 1.1022), (4, 1.1032), (4, 1.1010), rules=rules)
    stops: list[float] = []
    while len(world.terminal.positions_get()) or not stops:
        world.step()
        stops += [held.sl for held in world.held() if held.sl not in stops]
    assert stops == sorted(stops)
    assert len(stops) > 4
    assert closed(world).net_profit > 0
    assert all("× ATR(14)" in reason for reason in reasons(world))
    check_record(world)


def test_an_indicator_trail_follows_its_series_behind_the_buffer() -> None:
    trail = {"kind": "indicator", "series": "slow", "buffer_points": 30, "from_r": 1.0}
    slow = {"indicators": {"slow": {"kind": "sma", "period": 5}}}
    world = managed((12, 1.1022), rules=FAR | {"trail": trail}, document=slow)
    world.run(14)
    # Five closes at 1.10220 in a row: the stop stands thirty points below them.
    assert [held.sl for held in world.held()] == [1.1019]
    assert "30 points behind slow" in reasons(world)[-1]
    check_record(world)


def test_a_refused_move_is_not_asked_for_every_minute() -> None:
    world = managed((12, 1.1021), rules=FAR | {"break_even_at_r": 1.0})
    world.run(8)
    refuse_stops(world)
    world.run(11)
    assert len([intent for intent in world.intents() if intent.status is IntentStatus.REJECTED]) == 3


# Protection


def test_a_stop_that_the_broker_will_not_take_back_ends_the_position() -> None:
    world = managed((20, ABOVE), rules=FAR)
    world.run(6)
    (held,) = world.held()
    change_stops(world, 0.0, held.tp)
    refuse_stops(world)
    world.run(3)
    assert len(world.held()) == 1
    world.step()
    assert world.held() == ()
    world.step()
    assert "refused 3 times within 10 minutes" in closed(world).reason
    assert len(world.history(Action.ORDER_REJECTED)) == 3
    check_record(world)


def test_a_nearer_stop_by_hand_is_kept_and_a_farther_one_comes_back() -> None:
    world = managed((20, ABOVE), rules=FAR)
    world.run(5)
    (held,) = world.held()
    change_stops(world, 1.1005, held.tp)
    world.run(2)
    assert [position.sl for position in world.held()] == [1.1005]
    assert world.positions()[0].stop_loss == D("1.10050")
    assert reasons(world) == []
    (noted,) = world.history(Action.DRIFT_DETECTED)
    assert "stop 1.10015 to 1.10050" in noted.draft.rationale
    change_stops(world, 1.1002, held.tp)
    world.run(2)
    assert [position.sl for position in world.held()] == [1.1005]
    assert ["farther away" in reason for reason in reasons(world)] == [True]
    check_record(world)


def test_a_target_by_hand_stays_when_the_stop_moves() -> None:
    world = managed((5, ABOVE), (10, 1.1021), rules=FAR | {"break_even_at_r": 1.0})
    world.run(6)
    (held,) = world.held()
    change_stops(world, held.sl, 1.1060)
    world.run(9)
    assert [(position.sl, position.tp) for position in world.held()] == [(1.10117, 1.1060)]
    assert world.positions()[0].take_profit == D("1.10600")


def test_what_a_person_closed_is_adopted_and_the_rest_is_shared_out_anew() -> None:
    world = managed((5, 1.1032), (10, 1.1042))
    world.run(6)
    close_by_hand(world, 1.67)
    world.run(2)
    (left,) = world.positions()
    assert (left.lots, left.realised_lots, left.targets_done) == (D("3.00"), D("1.67"), 0)
    world.run(8)
    assert [lots for lots, _ in out_deals(world)] == [1.67, 1.50, 1.50]
    whole = closed(world)
    assert whole.net_profit == world.desk.broker.account().balance - D(100_000)
    assert whole.position.lots == D("4.67")
    check_record(world)


def test_what_the_fill_risks_beyond_the_approval_is_closed_at_once() -> None:
    world = managed((10, ABOVE), rules=FAR)
    send: Callable[..., Any] = world.terminal.order_send

    def slipping(request: dict[str, Any]) -> Any:
        """Fill where the market is forty seconds later, as a broker with market execution may: 20 points away."""
        if request["action"] == mt5.TRADE_ACTION_DEAL and "position" not in request:
            world.terminal.advance_to(world.clock.market_now() + timedelta(seconds=40))
            request = {**request, "deviation": 1000}
        return send(request)

    world.terminal.order_send = slipping
    world.run(4)
    (position,) = world.positions()
    # 499.69 were approved; 115 points and 7.00 of commission are 122.00 per lot.
    assert (position.entry_price, position.lots, position.approved_lots) == (D("1.10130"), D("4.67"), D("4.09"))
    world.run(2)
    assert [lots for lots, _ in out_deals(world)] == [0.58]
    assert world.positions()[0].lots == D("4.09")
    assert "risks more than was approved" in reasons(world)[0]
    world.run(3)
    assert len(out_deals(world)) == 1
    check_record(world)


def test_a_halt_and_a_switched_off_desk_stop_no_management() -> None:
    from tradewarden.services.halt_trading import halt_trading

    world = managed((5, 1.1032), (10, 1.1042))
    world.run(6)
    halt_trading(world.desk, actor="user:ann", reason="enough")
    world.run(10)
    assert [lots for lots, _ in out_deals(world)] == [2.33, 2.34]
    assert closed(world).closed_at - closed(world).position.opened_at < timedelta(minutes=12)
