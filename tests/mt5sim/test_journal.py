"""The account outlives the process: whatever is lost at a crash, what comes back is an account that was."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.mt5sim.market import START, after, all_deals, balance, buy, flat, market, minute_bars, sell, terminal

from tradewarden.core.errors import IntegrityError
from tradewarden.core.market.bars import Bars
from tradewarden.mt5sim import Journal, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5

ROWS = [*flat(1.1, 5), (1.1, 1.1005, 1.0990, 1.1002), *flat(1.1002, 200)]
BARS = minute_bars("EURUSD", ROWS)


Start = Callable[..., SimulatedTerminal]
Trade = Callable[[Path], SimulatedTerminal]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start terminals on journals; their files are let go at the end, as the system does with a killed process."""
    journals: list[Journal] = []

    def started(path: Path, bars: Bars = BARS, **settings: Any) -> SimulatedTerminal:
        journals.append(Journal(path))
        made = SimulatedTerminal(market(bars), starts_at=START, journal=journals[-1], **settings)
        assert made.initialize()
        return made

    yield started
    for journal in journals:
        journal.close()


@pytest.fixture
def trade(start: Start) -> Trade:
    """Trade on a new journal."""
    return lambda path: _trade(start(path))


def _trade(simulated: SimulatedTerminal) -> SimulatedTerminal:
    """Open three, move a stop, close part, let a stop be hit."""
    first = buy(simulated, "EURUSD", 0.30, sl=1.0995, magic=11, comment="tw-1")
    second = sell(simulated, "EURUSD", 0.20, magic=12)
    simulated.advance_to(after(2))
    buy(simulated, "EURUSD", 0.10, magic=13)
    request = {"action": mt5.TRADE_ACTION_SLTP, "symbol": "EURUSD", "position": second.order, "sl": 1.2, "tp": 1.0}
    assert simulated.order_send(request).retcode == mt5.TRADE_RETCODE_DONE  # type: ignore[union-attr]
    buy(simulated, "EURUSD", 0.05, position=second.order)
    simulated.advance_to(after(7))
    assert first.order not in {position.ticket for position in simulated.positions_get() or ()}
    return simulated


def state(simulated: SimulatedTerminal) -> tuple[object, ...]:
    orders = simulated.history_orders_get(0, 2**32)
    return simulated.account_info(), simulated.positions_get(), all_deals(simulated), orders


def test_a_restart_gives_the_identical_account(tmp_path: Path, start: Start, trade: Trade) -> None:
    path = tmp_path / "terminal" / "journal.jsonl"
    before = trade(path)
    told = state(before)
    before.close()
    again = start(path)
    assert again.now == after(7)
    assert state(again) == told
    ticket = buy(again, "EURUSD", 0.01).order
    assert ticket == max(order.ticket for order in told[3]) + 1  # type: ignore[attr-defined]


def test_after_a_kill_everything_replied_to_is_there(tmp_path: Path, start: Start, trade: Trade) -> None:
    # Nothing is closed or flushed here: a kill leaves the file as it is.
    path = tmp_path / "journal.jsonl"
    killed = trade(path)
    told = state(killed)
    again = start(path)
    again.advance_to(after(7))
    assert state(again) == told


def test_a_crash_after_any_line_continues_to_the_same_account(tmp_path: Path, start: Start, trade: Trade) -> None:
    path = tmp_path / "journal.jsonl"
    whole = trade(path)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    assert len(lines) > 7
    for kept in range(2, len(lines) + 1):
        for torn in (b"", lines[kept][:25] if kept < len(lines) else b'{"seq":'):
            part = tmp_path / f"part-{kept}-{len(torn)}.jsonl"
            part.write_bytes(b"".join(lines[:kept]) + torn)
            again = start(part)
            assert all_deals(again) == all_deals(whole)[: len(all_deals(again))]
            again.close()
            # The torn line is gone for good, the file is whole again.
            start(part).close()


def test_a_fill_lost_in_a_crash_happens_again_identically(tmp_path: Path, start: Start, trade: Trade) -> None:
    path = tmp_path / "journal.jsonl"
    whole = trade(path)
    lines = path.read_bytes().splitlines(keepends=True)
    stopped = next(i for i, line in enumerate(lines) if b"[sl" in line)
    path.write_bytes(b"".join(lines[:stopped]))
    again = start(path)
    again.advance_to(after(7))
    assert state(again) == state(whole)


def test_a_later_start_meets_the_stops_on_the_way(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "journal.jsonl"
    early = start(path)
    buy(early, "EURUSD", 0.30, sl=1.0995)
    late = SimulatedTerminal(market(BARS), starts_at=after(30), journal=Journal(path))
    assert late.now == after(30)
    late.initialize()
    assert late.positions_total() == 0
    assert all_deals(late)[-1].reason == mt5.DEAL_REASON_SL
    late.close()


def test_market_time_is_noted_every_hour(tmp_path: Path, start: Start, trade: Trade) -> None:
    path = tmp_path / "journal.jsonl"
    simulated = start(path)
    for minute in range(1, 200):
        simulated.advance_to(after(minute))
    again = start(path)
    assert after(180) <= again.now <= after(199)
    assert len(path.read_text().splitlines()) == 2 + 3


def _other_market(start: Start, path: Path) -> None:
    start(path, minute_bars("EURUSD", flat(1.2, 3)))


def _other_login(start: Start, path: Path) -> None:
    start(path, login=99)


@pytest.mark.parametrize(("other", "named"), [(_other_market, "market"), (_other_login, "login")])
def test_refuses_to_go_on_with_another_market_or_account(
    tmp_path: Path, start: Start, trade: Trade, other: Callable[[Start, Path], None], named: str
) -> None:
    path = tmp_path / "journal.jsonl"
    trade(path).close()
    with pytest.raises(IntegrityError, match=rf"opened with {named}"):
        other(start, path)


def _change(line: int, **fields: object) -> Callable[[list[str]], list[str]]:
    def apply(lines: list[str]) -> list[str]:
        entry = json.loads(lines[line])
        entry["event"].update(fields)
        return [*lines[:line], json.dumps(entry), *lines[line + 1 :]]

    return apply


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (lambda lines: [*lines[:3], *lines[4:]], "does not follow"),
        (lambda lines: [*lines[:3], "not json", *lines[3:]], "not a journal entry"),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], "does not follow"),
        (_change(2, balance="99999.99"), "states balance"),
        (_change(3, at=5), "before the last market time"),
        (_change(2, position=None), "does not fit position"),
        (lambda lines: [lines[0].replace('"format":1', '"format":2'), *lines[1:]], "format"),
    ],
)
def test_refuses_a_file_that_contradicts_itself(
    tmp_path: Path, start: Start, trade: Trade, damage: Callable[[list[str]], list[str]], rule: str
) -> None:
    path = tmp_path / "journal.jsonl"
    trade(path).close()
    path.write_text("\n".join(damage(path.read_text().splitlines())) + "\n")
    with pytest.raises(IntegrityError, match=rule):
        start(path)


def test_a_closed_journal_takes_no_orders(tmp_path: Path, start: Start, trade: Trade) -> None:
    simulated = trade(tmp_path / "journal.jsonl")
    simulated.close()
    assert simulated.initialize()
    with pytest.raises(IntegrityError, match="closed"):
        buy(simulated, "EURUSD", 0.1)


def test_without_a_journal_the_account_is_the_same(tmp_path: Path, start: Start, trade: Trade) -> None:
    with_journal = trade(tmp_path / "journal.jsonl")
    memory = terminal(BARS)
    first = buy(memory, "EURUSD", 0.30, sl=1.0995, magic=11, comment="tw-1")
    assert first.order == all_deals(with_journal)[1].order
    assert balance(memory) == Decimal("99999.25")
    with Journal(tmp_path / "unused.jsonl"):
        pass
