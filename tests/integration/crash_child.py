"""The desk that is killed: a process that composes one through its ports and dies by SIGKILL at a named point.

Started once per test module; it imports everything and then forks a fresh process for every run it is asked for, so
that a hundred crashes cost seconds. The points are wrappers around the real record and terminal: the product has no
hooks. Each line on stdin is one run as JSON; the answer is one line with the exit status and, if it lived, its report.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.services.desk_world import ABOVE, QUIET, START, DeskWorld, a_world, document, level_bars

from tradewarden.adapters.anchor import FileAnchor
from tradewarden.adapters.ids import RandomIds
from tradewarden.adapters.postgres import PostgresStorage
from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.orders import OpenIntent, ReduceIntent
from tradewarden.core.policy import Mode
from tradewarden.mt5sim import BUILT_IN, BarsMarket, Journal, SimulatedTerminal
from tradewarden.ports.storage import HistoryFilter, Reading, Writing
from tradewarden.services.approve_idea import approve_idea

# The setup comes at 10:04; the target is reached after 10:18.
SEGMENTS = ((3, QUIET), (15, ABOVE), (10, 1.1040))
# With two targets: the setup comes at 10:04, the first target is passed before 10:09, the second before 10:19.
PART_SEGMENTS = ((3, QUIET), (5, ABOVE), (10, 1.1032), (10, 1.1042))
HALVES = {"take_profit": [{"rr": 2.0, "fraction": 0.5}, {"rr": 3.0, "fraction": 0.5}]}
AFTER_RECORD, AFTER_CLAIM, BEFORE_REPLY = "after the record", "after the claim", "before the reply"


def die() -> None:
    """End this process as a power cut would: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


class MortalWriting:
    """A transaction that notes whether it queued an order of the kind in question, or marked one as sent."""

    def __init__(self, writing: Writing, kind: type) -> None:
        self._writing = writing
        self._kind = kind
        self.seen = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writing, name)

    def save_intent(self, record: Any) -> None:
        """Pass on and note."""
        if isinstance(record.intent, self._kind):
            self.seen = AFTER_RECORD
        self._writing.save_intent(record)

    def update_intent(self, record: Any) -> None:
        """Pass on and note."""
        if record.status is IntentStatus.SENT and isinstance(record.intent, self._kind):
            self.seen = AFTER_CLAIM
        self._writing.update_intent(record)


class MortalStorage:
    """The real record; the process dies right after the commit that ``point`` names."""

    def __init__(self, storage: PostgresStorage, point: str, kind: type) -> None:
        self._storage = storage
        self._point = point
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        """Open a transaction."""
        with self._storage.write() as writing:
            mortal = MortalWriting(writing, self._kind)
            yield mortal
        if mortal.seen and mortal.seen == self._point:
            die()

    def read(self) -> Any:
        """Open a read-only block."""
        return self._storage.read()


class MortalTerminal:
    """The real terminal; the process dies when the order is in its journal and its reply on the way."""

    def __init__(self, terminal: SimulatedTerminal, point: str, kind: type) -> None:
        self._terminal = terminal
        self._point = point
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)

    def order_send(self, request: Mapping[str, Any], /) -> Any:
        """Send, and die before anybody hears the answer."""
        reply = self._terminal.order_send(request)
        if self._point == BEFORE_REPLY and ("position" in request) == (self._kind is ReduceIntent):
            die()
        return reply


def composed(run: Mapping[str, Any]) -> DeskWorld:
    """Return the desk of this run on the database and the journal that it names."""
    in_parts = run.get("in_parts", False)
    kind: type = ReduceIntent if in_parts else OpenIntent
    market = BarsMarket(
        [level_bars(PART_SEGMENTS if in_parts else SEGMENTS)], contracts=BUILT_IN, server_clock=NEW_YORK_CLOSE
    )
    terminal = SimulatedTerminal(market, starts_at=START, journal=Journal(Path(run["journal"])))
    # The world goes on while a desk is dead.
    terminal.advance_to(max(terminal.now, datetime.fromisoformat(run["at"])))
    anchor = FileAnchor(Path(run["anchor"]))
    storage: Any = MortalStorage(PostgresStorage(run["url"], anchor=anchor), run["point"], kind)
    mortal: Any = MortalTerminal(terminal, run["point"], kind)
    return a_world(
        mode=Mode(run["mode"]),
        strategies=[document(exit_rules=HALVES)] if in_parts else (),
        policy={"idea_life_bars": 20},
        storage=storage,
        terminal=mortal,
        starts_at=terminal.now,
        ids=RandomIds(),
    )


def live(run: Mapping[str, Any]) -> dict[str, Any]:
    """Run the desk to the end of its market, letting an idea that waits go, and report what is where."""
    world = composed(run)
    world.cycle()
    while world.clock.market_now() < START + timedelta(minutes=26):
        for record in world.ideas(IdeaStatus.NEEDS_APPROVAL):
            idea = record.idea
            approve_idea(world.desk, idea.idea_id, actor="user:ann", idea_digest=idea.digest, lots=record.lots)
        world.step()
    with world.storage.read() as reading:
        return report(world, reading)


def report(world: DeskWorld, reading: Reading) -> dict[str, Any]:
    """Return what terminal and record hold at the end."""
    outcomes = reading.history(
        HistoryFilter(actions=(Action.ORDER_ACCEPTED, Action.ORDER_RECONCILED, Action.ORDER_REJECTED), limit=1000)
    )
    return {
        "openings": [[deal.position_id, deal.volume] for deal in world.openings()],
        "closings": [deal.volume for deal in world.terminal.history_deals_get(0, 2**32) if deal.entry == 1],
        "targets_done": [closed.position.targets_done for closed in reading.closed_positions()],
        "open": [position.ticket for position in reading.positions()],
        "closed": [[closed.position.ticket, float(closed.position.lots)] for closed in reading.closed_positions()],
        "statuses": [record.status.value for record in reading.intents()],
        "unfinished": len(reading.outbox()),
        "reconciled": world.desk.monitor.health.reconciled,
        "outcomes": [entry.draft.rationale for entry in outcomes],
        "chain": verify_chain(reading.walk_history()).ok,
        "balance_agrees": world.desk.broker.account().balance
        == Decimal(100_000) + sum((closed.net_profit for closed in reading.closed_positions()), Decimal(0)),
    }


def serve() -> None:
    """Fork one process per line of stdin and say how it ended."""
    for line in sys.stdin:
        run = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            status = 1
            try:
                answer = json.dumps(live(run))
                status = 0
            except Exception:  # noqa: BLE001  the parent is told, whatever it was
                answer = json.dumps({"error": traceback.format_exc()})
            os.write(writing, answer.encode())
            os._exit(status)
        os.close(writing)
        with os.fdopen(reading) as stream:
            answer = stream.read()
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps({"code": code, "report": json.loads(answer) if answer else None}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    import talib  # noqa: F401  loaded here once instead of in every fork

    serve()
