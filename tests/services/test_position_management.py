"""Looking after positions on a real simulated terminal: every step recorded, replayable, and done once."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.builders import SYMBOL, D, utc
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, Segment, a_world, document, level_bars

from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.desk import IntentStatus
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.orders import ReduceIntent
from tradewarden.core.replay import replay
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal
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


# Targets


def test_two_targets_are_taken_in_parts_and_booked_to_the_cent() -> None:
    world = managed((5, 1.1032), (10, 1.1042))
    world.run(9)
    (half,) = world.positions()
    assert (half.lots, half.targets_done, half.initial_lots) == (D("2.34"), 1, D("4.67"))
    world.step()
    (half,) = world.positions()
    # 210 points × 2.33 lots, less commission of 2.50 per lot
    assert (half.realised, half.realised_lots) == (D("483.47"), D("2.33"))
    assert [held.volume for held in world.held()] == [2.34]
    world.run(6)
    assert out_deals(world) == [(2.33, 1.1032), (2.34, 1.10395)]
    whole = closed(world)
    # 489.30 + 285 points × 2.34 = 666.90, less 11.68 + 5.83 + 5.85 of commission; R was 443.65.
    assert (whole.net_profit, whole.commission, whole.r_multiple) == (D("1132.84"), D("-23.36"), D("2.55"))
    assert (whole.position.lots, whole.reason) == (D("4.67"), "tp")
    assert world.desk.broker.account().balance == D("101132.84")
    assert world.history(Action.DRIFT_DETECTED) == []
    check_record(world)


def test_a_short_takes_its_target_when_the_ask_is_there() -> None:
    short = document(
        direction="short",
        name="Level short",
        exit_rules=HALVES,
        conditions={"entry": [{"left": "close", "op": "<", "right": 1.0995}], "strong": []},
    )
    # Sold at 1.09900 with the stop at 1.09995 and the spread: the first target needs the ask at 1.09690.
    for level, parts in ((1.0969, 1), (1.0967, 2)):
        world = a_world((3, QUIET), (5, 1.0990), (3, level), (3, 1.1010), strategies=[short])
        world.run(13)
        (target, *_) = [intent.intent for intent in world.intents() if hasattr(intent.intent, "targets")]
        assert len(out_deals(world)) == parts, (level, target)
        check_record(world)


def test_two_targets_passed_in_one_minute_are_one_order() -> None:
    three = {"take_profit": [{"rr": 2, "fraction": 0.3}, {"rr": 2.5, "fraction": 0.3}, {"rr": 6, "fraction": 0.4}]}
    world = managed((5, 1.1038), rules=three)
    world.run(11)
    assert out_deals(world) == [(2.80, 1.1038)]
    assert world.positions()[0].targets_done == 2


@pytest.mark.parametrize("writes", range(5))
def test_a_record_that_breaks_between_steps_leads_to_no_second_part(writes: int) -> None:
    world = managed((6, 1.1032), (10, 1.1042))
    world.run(8)
    world.advance()
    world.storage.commits_left = writes
    world.cycle()
    world.storage.commits_left = None
    world.restart()
    world.run(8)
    assert out_deals(world) == [(2.33, 1.1032), (2.34, 1.10395)]
    assert closed(world).net_profit == D("1132.84")
    assert closed(world).position.targets_done == 1
    check_record(world)


def test_a_part_whose_reply_was_lost_is_found_and_not_repeated() -> None:
    world = managed((8, 1.1032), (10, 1.1042))
    world.run(8)
    world.terminal.lose_reply = True
    world.step()
    world.terminal.lose_reply = False
    assert world.intents()[0].status is IntentStatus.UNKNOWN
    world.step()
    assert world.intents()[0].status is IntentStatus.FILLED
    assert (world.positions()[0].lots, world.positions()[0].targets_done) == (D("2.34"), 1)
    world.run(10)
    assert out_deals(world) == [(2.33, 1.1032), (2.34, 1.10395)]
    assert closed(world).net_profit == D("1132.84")


def test_a_part_that_never_arrived_is_asked_for_again_only_after_two_looks() -> None:
    world = managed((9, 1.1032), (10, 1.1042))
    world.run(8)
    world.terminal.lose_request = True
    world.step()
    world.terminal.lose_request = False
    seen = []
    for _ in range(4):
        world.step()
        seen.append(len(out_deals(world)))
    # One look a minute: after the second one the part is decided upon anew.
    assert seen == [0, 1, 1, 1]
    assert [intent.status for intent in world.intents() if isinstance(intent.intent, ReduceIntent)] == [
        IntentStatus.FILLED,
        IntentStatus.FAILED,
    ]


def test_a_part_that_waited_too_long_is_judged_again() -> None:
    world = managed((3, 1.1032), (10, 1.1015))
    world.run(8)
    world.advance()
    # The risen equity's mark and the decision are written, and then the record is away.
    world.storage.commits_left = 2
    world.cycle()
    assert world.intents()[0].status is IntentStatus.QUEUED
    world.storage.commits_left = None
    world.advance(180)
    world.restart()
    world.run(5)
    assert out_deals(world) == []
    assert world.intents()[0].status is IntentStatus.VOIDED


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


def test_a_refused_move_is_not_asked_for_every_minute() -> None:
    world = managed((12, 1.1021), rules=FAR | {"break_even_at_r": 1.0})
    world.run(8)
    refuse_stops(world)
    world.run(11)
    assert len([intent for intent in world.intents() if intent.status is IntentStatus.REJECTED]) == 3


# Weekend and session


def test_positions_are_closed_before_the_weekend_and_the_next_week_begins_flat() -> None:
    friday = utc(2025, 12, 12, 21, 30)
    market = BarsMarket(
        (level_bars((*UP, (40, ABOVE)), start=friday),), contracts=BUILT_IN, server_clock=NEW_YORK_CLOSE
    )
    terminal = SimulatedTerminal(market, starts_at=friday)
    world = a_world(
        strategies=[document(exit_rules=FAR)],
        policy={"flat_before_weekend": True, "weekend_pause_minutes": 0},
        terminal=terminal,
        starts_at=friday,
    )
    world.run(14)
    assert len(world.held()) == 1
    world.step()
    assert world.held() == ()
    world.step()
    assert closed(world).reason == "flat 15 minutes before the weekend"
    assert closed(world).closed_at == utc(2025, 12, 12, 21, 45)
    check_record(world)


def test_a_position_ends_with_the_window_that_it_was_opened_in() -> None:
    window = {"start": "09:00", "end": "10:15", "timezone": "Europe/London", "days": ["Wed"]}
    rules = FAR | {"close_at_session_end": True}
    world = managed((20, ABOVE), rules=rules, document={"session_windows": [window]})
    world.run(14)
    assert len(world.held()) == 1
    world.run(2)
    assert closed(world).closed_at == utc(2025, 12, 10, 10, 15)
    assert "session ended" in closed(world).reason


# Protection


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


def deals_after(world: DeskWorld, minutes: int) -> Sequence[tuple[float, float]]:
    world.run(minutes)
    return out_deals(world)


def test_a_halt_and_a_switched_off_desk_stop_no_management() -> None:
    from tradewarden.services.halt_trading import halt_trading

    world = managed((5, 1.1032), (10, 1.1042))
    world.run(6)
    halt_trading(world.desk, actor="user:ann", reason="enough")
    assert [lots for lots, _ in deals_after(world, 10)] == [2.33, 2.34]
    assert closed(world).closed_at - closed(world).position.opened_at < timedelta(minutes=12)
