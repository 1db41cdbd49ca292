"""Two processes on one PostgreSQL record, 32 symbols each, room for two trades: two orders between them."""

import json
import subprocess
import sys
from pathlib import Path

from tradewarden.adapters.embedded import DatabaseUrls
from tradewarden.adapters.postgres import PostgresStorage
from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.orders import OpenIntent
from tradewarden.ports.storage import HistoryFilter


def test_two_processes_with_room_for_two_make_two_orders(repository: Path, database_url: DatabaseUrls) -> None:
    halves: list[subprocess.Popen[str]] = []
    try:
        for half in ("0", "1"):
            command = [sys.executable, "-W", "error", "-m", "tests.integration.headroom_child"]
            process = subprocess.Popen(
                [*command, database_url.app, half, "daily loss"],
                cwd=repository,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            halves.append(process)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in halves:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        decided = 0
        for process in halves:
            answer, _ = process.communicate(timeout=120)
            assert process.returncode == 0
            decided += json.loads(answer)["symbols"]
    finally:
        for process in halves:
            process.kill()
            process.wait(timeout=30)
    assert decided == 64
    storage = PostgresStorage(database_url.app)
    try:
        with storage.read() as reading:
            intents = [record.intent for record in reading.intents() if isinstance(record.intent, OpenIntent)]
            denied = reading.history(HistoryFilter(actions=(Action.RISK_REJECTED,), limit=100))
            chain = verify_chain(reading.walk_history())
    finally:
        storage.close()
    assert len(intents) == 2
    assert len({intent.symbol for intent in intents}) == 2
    assert len(denied) == 62
    assert chain.ok
