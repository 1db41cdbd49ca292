"""What every record promises about what the desk works with, and about what protections look back on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.builders import NOW, D, a_desk_position
from tests.contracts.records import (
    a_closed_position,
    a_strategy_record,
    an_idea_record,
    an_intent_record,
    an_open_intent,
    keep_decision,
    keep_idea,
    written,
)

from tradewarden.core.desk import AccountBinding, IntentStatus
from tradewarden.core.errors import Conflict
from tradewarden.core.market.session import DeskSessions, SessionWindow
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.ports.storage import Storage, Writing

HOME = AccountBinding(login=5_000_001, server="Broker-Demo")
MORNING = SessionWindow("Morning", "07:30", "11:00", "Europe/Prague", (0, 1, 2, 3, 4))


def test_a_record_belongs_to_one_account(storage: Storage) -> None:
    with storage.read() as reading:
        assert reading.account_binding() is None
    written(storage, lambda tx: tx.bind_account(HOME, at=NOW))
    written(storage, lambda tx: tx.bind_account(HOME, at=NOW + timedelta(days=1)))
    with pytest.raises(Conflict, match="5000001@Broker-Demo"):
        written(storage, lambda tx: tx.bind_account(replace(HOME, login=7), at=NOW))
    with storage.read() as reading:
        assert reading.account_binding() == HOME


def test_every_change_of_the_watchlist_is_a_version(storage: Storage) -> None:
    before = storage.revision()
    for symbols in (["US30", "EURUSD"], [], ["XAUUSD"]):
        with storage.write() as tx:
            tx.set_watchlist(symbols, at=NOW)
        with storage.read() as reading:
            assert reading.watchlist() == tuple(symbols)
    with storage.read() as reading:
        assert reading.watchlist_version() == 3
    assert storage.revision() > before


def test_the_symbol_map_and_the_sessions_come_version_by_version(storage: Storage) -> None:
    with storage.read() as reading:
        assert (reading.symbol_map(), reading.sessions()) == (SymbolMap(), DeskSessions())
    first = SymbolMap().changed({"XAUUSD": "GOLD.pro", "EURUSD": "EURUSD.pro"})
    written(storage, lambda tx: tx.save_symbol_map(first, at=NOW))
    second = first.changed({"XAUUSD": "XAUUSD.r"}, ["EURUSD"])
    windows = DeskSessions().changed([MORNING, replace(MORNING, name="Late", days=(0, 6))])

    def change(tx: Writing) -> None:
        tx.save_symbol_map(second, at=NOW)
        tx.save_sessions(windows, at=NOW)
        assert (tx.symbol_map(), tx.sessions()) == (second, windows)

    written(storage, change)
    with storage.read() as reading:
        assert (reading.symbol_map(), reading.sessions()) == (second, windows)
    for stale in (second, first):
        with pytest.raises(Conflict, match="next version of the symbol map is 3"), storage.write() as tx:
            tx.save_symbol_map(stale, at=NOW)
    with pytest.raises(Conflict, match="next version of the sessions is 2"):
        written(storage, lambda tx: tx.save_sessions(windows, at=NOW))
    written(storage, lambda tx: tx.save_sessions(windows.changed((), ["Late", "Morning"]), at=NOW))
    with storage.read() as reading:
        assert reading.sessions() == DeskSessions(version=2)


def test_outcomes_tell_the_newest_closings_first(storage: Storage) -> None:
    seq = keep_idea(storage)
    with storage.write() as tx:
        for ticket, minutes, profit in ((1001, 5, "-12.50"), (1002, 50, "40.00"), (1003, 20, "0.00")):
            closed = a_closed_position(
                seq, a_desk_position(ticket), closed_at=NOW + timedelta(minutes=minutes), net_profit=D(profit)
            )
            tx.save_position(closed.position)
            tx.close_position(closed)
        assert [outcome.net_profit for outcome in tx.outcomes()] == [D("40.00"), D("0.00"), D("-12.50")]
    with storage.read() as reading:
        newest = reading.outcomes()[0]
        position = a_desk_position()
        assert (newest.strategy_id, newest.symbol, newest.side) == (
            position.strategy_id,
            position.symbol,
            position.side,
        )
        assert newest.closed_at == NOW + timedelta(minutes=50)


def test_openings_tell_each_idea_of_the_last_day_once(storage: Storage) -> None:
    with storage.read() as reading:
        assert reading.openings() == ()
    with storage.write() as tx:
        tx.save_strategy(a_strategy_record())
        kept = keep_decision(tx)
        seq = kept.entry.seq

        def opened(number: int, at: datetime) -> None:
            intent = an_open_intent(intent_id=f"i{number}", idea_id=f"{number}" * 32, magic=1000 + number, judged_at=at)
            tx.save_intent(an_intent_record(intent, seq, status=IntentStatus.FILLED))

        for number, hours in enumerate((-30, -23, -2, 0)):
            record = an_idea_record(seq)
            tx.save_idea(replace(record, idea=replace(record.idea, idea_id=f"{number}" * 32)))
            opened(number, NOW + timedelta(hours=hours))
        again = an_open_intent(intent_id="again", idea_id="3" * 32, judged_at=NOW + timedelta(minutes=1))
        tx.save_intent(an_intent_record(again, seq))
    with storage.read() as reading:
        assert [(opening.idea_id[0], opening.judged_at - NOW) for opening in reading.openings()] == [
            ("1", timedelta(hours=-23)),
            ("2", timedelta(hours=-2)),
            ("3", timedelta(minutes=1)),
        ]
