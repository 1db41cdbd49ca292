"""The terminal's journal under a real kill and a real full disk, each in a process of its own."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tradewarden.mt5sim import GeneratedMarket, Journal, SimulatedTerminal

START = datetime(2026, 1, 7, 10, tzinfo=UTC)
TRADER = """
import json, resource, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tradewarden.mt5sim import GeneratedMarket, Journal, SimulatedTerminal

start = datetime(2026, 1, 7, 10, tzinfo=UTC)
market = GeneratedMarket(9, starts_at=start, history=timedelta(days=7))
terminal = SimulatedTerminal(market, starts_at=start, journal=Journal(Path(sys.argv[1])))
terminal.initialize()
if len(sys.argv) > 2:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
for number in range(400):
    terminal.advance_to(terminal.now + timedelta(seconds=37))
    tick = terminal.symbol_info_tick("EURUSD")
    reply = terminal.order_send({
        "action": 1, "symbol": "EURUSD", "type": number % 2, "volume": 0.01, "magic": number + 1,
        "price": tick.bid if number % 2 else tick.ask,
        "sl": round(tick.bid + (0.0004 if number % 2 else -0.0004), 5),
    })
    if reply is None:
        print(json.dumps({"error": terminal.last_error(), "open": terminal.positions_total()}), flush=True)
        break
    print(json.dumps({"order": reply.order, "magic": number + 1, "retcode": reply.retcode}), flush=True)
"""


def resumed(path: Path) -> tuple[SimulatedTerminal, Journal]:
    journal = Journal(path)
    market = GeneratedMarket(9, starts_at=START, history=timedelta(days=7))
    simulated = SimulatedTerminal(market, starts_at=START, journal=journal)
    simulated.initialize()
    return simulated, journal


@pytest.mark.parametrize("replies", [1, 7, 40])
def test_every_order_that_was_replied_to_survives_a_kill(tmp_path: Path, replies: int) -> None:
    path = tmp_path / "journal.jsonl"
    trader = subprocess.Popen([sys.executable, "-c", TRADER, str(path)], stdout=subprocess.PIPE, text=True)
    assert trader.stdout is not None
    told = [json.loads(trader.stdout.readline()) for _ in range(replies)]
    trader.kill()
    told += [json.loads(line) for line in trader.stdout.read().splitlines() if line.endswith("}")]
    trader.stdout.close()
    trader.wait()
    simulated, journal = resumed(path)
    opened = {deal.magic: deal.order for deal in simulated.history_deals_get(0, 2**32) or () if deal.entry == 0}
    opened.pop(0, None)
    done = {reply["magic"]: reply["order"] for reply in told if reply["retcode"] == 10009}
    assert done
    assert done.items() <= opened.items()
    # At most the order that was being answered when the process died is there without a reply.
    assert len(opened) - len(done) <= 1
    journal.close()


def test_a_full_disk_books_nothing_and_leaves_a_whole_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", TRADER, str(path), "9000"], capture_output=True, text=True, check=True, timeout=60
    )
    *orders, failure = [json.loads(line) for line in done.stdout.splitlines()]
    assert failure["error"][0] == -1
    assert "the journal cannot be written" in failure["error"][1]
    assert path.read_bytes().endswith(b"}\n")
    simulated, journal = resumed(path)
    assert simulated.positions_total() == failure["open"]
    tickets = {deal.order for deal in simulated.history_deals_get(0, 2**32) or () if deal.magic}
    assert tickets == {order["order"] for order in orders if order["retcode"] == 10009}
    journal.close()
