"""Changing watchlist, symbol map and sessions: versions, entries with who, before and after, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.builders import SYMBOL
from tests.services.desk_world import ABOVE, QUIET, START, DeskWorld, a_world, document, level_bars

from tradewarden.core.audit.chain import Action, HistoryEntry
from tradewarden.core.errors import Conflict, InvalidSetting, InvalidStrategy, PreconditionFailed
from tradewarden.core.market.session import NEW_YORK_CLOSE, SessionWindow
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal
from tradewarden.services.change_sessions import change_sessions
from tradewarden.services.change_symbol_map import change_symbol_map
from tradewarden.services.change_watchlist import change_watchlist
from tradewarden.services.publish_strategy import publish_strategy

ANN = "user:ann"
MORNING = SessionWindow("Morning", "07:30", "11:00", "Europe/Prague", (0, 1, 2, 3, 4))


def quiet() -> DeskWorld:
    return a_world((30, QUIET), others=[level_bars([(30, 1.25)], symbol="GBPUSD")])


def newest(world: DeskWorld) -> HistoryEntry:
    return world.history(Action.SETTINGS_CHANGED)[-1]


def test_a_changed_watchlist_is_a_version_and_an_entry_with_before_and_after() -> None:
    world = quiet()
    seq = change_watchlist(world.desk, ["GBPUSD"], actor=ANN, expected_version=1)
    entry = newest(world)
    assert (entry.seq, entry.draft.actor, entry.draft.human_override) == (seq, ANN, True)
    assert entry.draft.rationale == "watchlist version 2: EURUSD removed"
    assert entry.draft.payload == {
        "watchlist_version": 2,
        "changes": {"watchlist": {"before": ["EURUSD", "GBPUSD"], "after": ["GBPUSD"]}},
    }
    assert change_watchlist(world.desk, ["GBPUSD"], actor=ANN) is None
    assert world.state.reader.book().watchlist == ("GBPUSD",)


def test_a_watchlist_with_what_is_not_there_or_from_before_another_change_is_refused() -> None:
    world = quiet()
    with pytest.raises(InvalidSetting, match=r"no symbol 'GBUSD' \(did you mean GBPUSD\?\)"):
        change_watchlist(world.desk, ["GBUSD"], actor=ANN)
    with pytest.raises(InvalidSetting, match="GBPUSD stands twice"):
        change_watchlist(world.desk, ["GBPUSD", "GBPUSD"], actor=ANN)
    with pytest.raises(PreconditionFailed, match="at version 1, the change expects 0"):
        change_watchlist(world.desk, ["GBPUSD"], actor=ANN, expected_version=0)
    assert world.state.reader.book().watchlist == (SYMBOL, "GBPUSD")


def pro_world() -> DeskWorld:
    """A desk whose broker calls EURUSD ``EURUSD.pro``."""
    bars = replace(level_bars([(2, QUIET), (60, ABOVE)]), symbol="EURUSD.pro")
    contracts = {"EURUSD.pro": replace(BUILT_IN[SYMBOL], symbol="EURUSD.pro")}
    market = BarsMarket((bars,), contracts=contracts, server_clock=NEW_YORK_CLOSE)
    assert np.all(bars.close > 0)
    world = a_world((1, QUIET), terminal=SimulatedTerminal(market, starts_at=START))
    world.desk.broker._market._hours = lambda symbol: contracts[symbol].hours  # type: ignore[attr-defined]
    return world


def test_a_strategy_trades_under_its_own_name_what_the_broker_calls_otherwise() -> None:
    world = pro_world()
    world.run(6)
    assert world.ideas() == ()
    seq = change_symbol_map(world.desk, {SYMBOL: "EURUSD.pro"}, actor=ANN)
    entry = newest(world)
    assert (entry.seq, entry.draft.rationale) == (seq, "symbol map version 1: EURUSD is EURUSD.pro")
    assert entry.draft.payload == {
        "symbol_map_version": 1,
        "changes": {SYMBOL: {"before": None, "after": "EURUSD.pro"}},
        "watchlist": {"before": ["EURUSD.pro"], "after": [SYMBOL]},
    }
    record = world.until_idea()
    assert record.idea.symbol == SYMBOL
    assert [position.symbol for position in world.held()] == ["EURUSD.pro"]
    assert [position.symbol for position in world.positions()] == [SYMBOL]
    with pytest.raises(Conflict, match=rf"position \d+ in {SYMBOL} is open"):
        change_symbol_map(world.desk, {}, [SYMBOL], actor=ANN)
    # A new start reads the map before anything else.
    world.restart()
    world.desk.market._market.use_symbols(replace(world.state.reader.book().symbol_map, names=()))  # type: ignore[attr-defined]
    assert world.step()
    assert world.desk.broker.account().positions[0].symbol == SYMBOL


def test_a_symbol_that_the_terminal_does_not_offer_is_refused_with_candidates() -> None:
    world = pro_world()
    with pytest.raises(InvalidSetting, match=r"no symbol 'EURUSDm' for EURUSD; it has: EURUSD\.pro"):
        change_symbol_map(world.desk, {SYMBOL: "EURUSDm"}, actor=ANN)
    with pytest.raises(PreconditionFailed, match="at version 0, the change expects 3"):
        change_symbol_map(world.desk, {SYMBOL: "EURUSD.pro"}, actor=ANN, expected_version=3)
    assert change_symbol_map(world.desk, {}, actor=ANN) is None


def test_the_desks_sessions_may_be_named_in_documents_and_are_kept_by_value() -> None:
    world = quiet()
    named = json.dumps(document(name="Morning only", session_windows=["Morning", "London"]))
    with pytest.raises(InvalidStrategy, match="/session_windows/0"):
        publish_strategy(world.desk, named, actor=ANN, source="a test")
    change_sessions(world.desk, [MORNING], actor=ANN)
    entry = newest(world)
    after = {"start": "07:30", "end": "11:00", "timezone": "Europe/Prague", "days": ["Mon", "Tue", "Wed", "Thu", "Fri"]}
    assert entry.draft.payload == {"sessions_version": 1, "changes": {"Morning": {"before": None, "after": after}}}
    record = publish_strategy(world.desk, named, actor=ANN, source="a test")
    window = record.version.spec.session_windows[0]
    assert (window.start, window.end, window.zone_name, window.days) == (
        MORNING.start,
        MORNING.end,
        MORNING.zone_name,
        MORNING.days,
    )
    change_sessions(world.desk, [replace(MORNING, end="12:00")], actor=ANN)
    change_sessions(world.desk, [], ["Morning"], actor=ANN, expected_version=2)
    with world.storage.read() as reading:
        kept = reading.strategy(record.version.strategy_id)
    assert kept is not None
    assert kept.version.spec.session_windows[0] == window
    assert change_sessions(world.desk, [], actor=ANN) is None
