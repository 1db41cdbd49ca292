"""Closing everything at once, and asking the broker whether it answers."""

import pytest
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IntentStatus
from tradewarden.core.errors import InvalidSetting
from tradewarden.services.check_connection import check_connection
from tradewarden.services.go_flat import CONFIRMATION, go_flat

ANN = "user:ann"
LONG = 60


def holding() -> DeskWorld:
    world = a_world((2, QUIET), (LONG, ABOVE))
    world.until_idea()
    assert len(world.positions()) == 1
    return world


def test_everything_of_the_desk_is_closed_by_recorded_decisions_and_trading_is_halted() -> None:
    world = holding()
    foreign = world.buy_by_hand()
    result = go_flat(world.desk, actor=ANN, reason="a data incident", confirmation=CONFIRMATION)
    assert [ticket for ticket, _ in result.closed] == [world.positions()[0].ticket]
    assert (result.problems, result.on_their_way) == ((), ())
    assert [position.ticket for position in world.held()] == [foreign]
    said = world.history(Action.EMERGENCY_FLAT)[0]
    assert (said.seq, said.draft.actor, said.draft.human_override) == (result.seq, ANN, True)
    assert said.draft.rationale == "close 1 positions: a data incident"
    halted = world.state.reader.book()
    assert halted.halt is not None
    assert halted.halt.reason == "a data incident"
    assert not halted.policy.policy.ai_trading_enabled
    decided = world.history(Action.POSITION_MANAGED)[-1]
    assert (decided.seq, decided.draft.actor) == (result.closed[0][1].seq, ANN)
    assert world.step()
    assert world.positions() == ()
    again = go_flat(world.desk, actor=ANN, reason="once more", confirmation=CONFIRMATION)
    assert (again.closed, again.problems) == ((), ())


@pytest.mark.parametrize("typed", ["", "close all", "CLOSE ALL ", "yes"])
def test_without_its_words_nothing_happens(typed: str) -> None:
    world = holding()
    before = len(world.history())
    with pytest.raises(InvalidSetting, match="CLOSE ALL"):
        go_flat(world.desk, actor=ANN, reason="by mistake", confirmation=typed)
    assert len(world.history()) == before
    assert len(world.held()) == 1


def test_an_opening_whose_fate_is_unknown_is_told_and_a_closing_on_its_way_is_left_alone() -> None:
    world = a_world((2, QUIET), (LONG, ABOVE))
    world.terminal.lose_request = True
    world.until_idea()
    first = go_flat(world.desk, actor=ANN, reason="cut line", confirmation=CONFIRMATION)
    assert [words.partition(" ")[0] for words in first.on_their_way] == ["buy"]
    other = holding()
    other.terminal.lose_reply = True
    result = go_flat(other.desk, actor=ANN, reason="cut line", confirmation=CONFIRMATION)
    assert len(result.closed) == 1
    other.terminal.lose_reply = False
    assert other.intents()[0].status is IntentStatus.UNKNOWN
    assert go_flat(other.desk, actor=ANN, reason="cut line", confirmation=CONFIRMATION).closed == ()


def test_a_terminal_that_is_gone_leaves_the_halt_and_says_what_is_open() -> None:
    world = holding()
    ticket = world.positions()[0].ticket
    world.terminal.shutdown()
    result = go_flat(world.desk, actor=ANN, reason="gone", confirmation=CONFIRMATION)
    assert result.closed == ()
    assert len(result.problems) == 1
    assert f"position {ticket} in EURUSD" in result.problems[0]
    assert world.state.reader.book().halt is not None


def test_one_round_trip_tells_the_account_or_why_there_is_none() -> None:
    world = a_world((10, QUIET))
    fine = check_connection(world.desk)
    assert fine.account == world.desk.broker.account()
    assert (fine.problem, fine.latency_milliseconds) == (None, 0.0)
    before = len(world.history())
    plain = world.terminal.account_info
    world.terminal.account_info = lambda: type(plain())(tuple({**plain()._asdict(), "login": 77}.values()))
    assert "this is account 77@" in str(check_connection(world.desk).problem)
    world.terminal.account_info = plain
    world.terminal.set_trading(auto_trading=False)
    assert "automatic trading" in str(check_connection(world.desk).problem)
    world.terminal.shutdown()
    gone = check_connection(world.desk)
    assert gone.account is None
    assert "No IPC connection" in str(gone.problem)
    assert len(world.history()) == before
