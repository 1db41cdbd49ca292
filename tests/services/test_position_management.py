"""Looking after positions on a real simulated terminal: parts, weekend and session, each recorded and done once."""

import pytest
from tests.builders import D, utc
from tests.services.desk_world import ABOVE, QUIET, a_world, document, level_bars
from tests.services.managed_world import FAR, HALVES, UP, check_record, closed, managed, out_deals

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IntentStatus
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.orders import ReduceIntent
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal

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
    assert closed(world).reason == "its session ends at 2025-12-10 10:15 UTC"
