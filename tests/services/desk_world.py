"""A whole desk for tests: memory record, real simulated terminal on scripted bars, real broker adapter, stepped clock.

The market is written as levels at which EURUSD stands for some minutes, so that a test says when a setup begins and
where a stop is reached. Nothing is a mock; faults come from wrappers around the real storage and terminal.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from tests.builders import SYMBOL, D, utc

from tradewarden.adapters.brokers.mt5 import Mt5Broker
from tradewarden.adapters.clock import SteppedClock
from tradewarden.adapters.ids import DerivedIds
from tradewarden.adapters.memory import MemoryStorage
from tradewarden.core.audit.chain import Action, HistoryEntry
from tradewarden.core.desk import DeskPosition, IdeaStatus
from tradewarden.core.errors import StorageUnavailable
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.calendar import CalendarEvent, CalendarView
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import Mode
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.contracts import Contract
from tradewarden.ports.ids import Ids
from tradewarden.ports.storage import HistoryFilter, IdeaRecord, IntentRecord, Reading, Storage, Writing
from tradewarden.services.book import BookReader
from tradewarden.services.context import Desk
from tradewarden.services.run_cycle import CycleState, run_cycle
from tradewarden.services.start_desk import StrategyFile, start_desk

# A Wednesday, 10:00 UTC; the bars before it warm the indicators up.
START = utc(2025, 12, 10, 10)
WARM_UP_MINUTES = 420
QUIET = 1.1000
ABOVE = 1.1010
SPREAD_POINTS = 10.0
DEPOSIT = D(100_000)
WALL = utc(2026, 6, 1, 12)
Segment = tuple[int, float]


def level_bars(segments: Sequence[Segment], *, symbol: str = SYMBOL, start: datetime = START) -> Bars:
    """Return M1 bars that stand at each level for its minutes, after a quiet warm-up that ends at ``start``.

    Every bar reaches two pips beyond open and close; a change of level is one bar that runs there.
    """
    closes: list[float] = [QUIET] * WARM_UP_MINUTES
    for minutes, level in segments:
        closes += [level] * minutes
    close = np.asarray(closes, np.float64)
    opened = np.concatenate((close[:1], close[:-1]))
    first = int(start.timestamp()) - 60 * WARM_UP_MINUTES
    at = first + 60 * np.arange(len(close), dtype=np.int64)
    return Bars(
        symbol=symbol,
        timeframe=Timeframe.M1,
        opened_at=at,
        ended_at=at + 60,
        open=opened,
        high=np.round(np.maximum(opened, close) + 0.0002, 5),
        low=np.round(np.minimum(opened, close) - 0.0002, 5),
        close=close,
        volume=np.full(len(close), 50.0),
        spread=np.full(len(close), SPREAD_POINTS),
    )


def document(**changes: Any) -> dict[str, Any]:
    """Return a long M1 strategy whose entry holds while EURUSD closes above 1.1005; the ATR stop is about 8 pips."""
    rules: dict[str, Any] = {
        "stop_loss": {"kind": "atr", "multiple": 2.0},
        "take_profit": [{"rr": 2.0}],
    }
    rules |= changes.pop("exit_rules", {})
    conditions: dict[str, Any] = {
        "entry": [{"left": "close", "op": ">", "right": 1.1005}],
        "exit": [],
        "strong": [{"left": "close", "op": ">", "right": 1.1}],
        "weak": [],
    }
    conditions |= changes.pop("conditions", {})
    return {
        "schema_version": 1,
        "name": "Level long",
        "is_active": True,
        "allowed_symbols": [SYMBOL],
        "timeframe": "M1",
        "direction": "long",
        "indicators": {},
        "conditions": conditions,
        "session_windows": [],
        "exit_rules": rules,
        "rr_expectation": 1.5,
        **changes,
    }


class KnownCalendar:
    """A calendar of given events, captured at the moment of the question; None events: there is no calendar."""

    def __init__(self, events: Sequence[CalendarEvent] | None = ()) -> None:
        self._events = events

    def view(self, as_of: datetime, currencies: tuple[str, ...]) -> CalendarView:
        """Return the events around ``as_of``."""
        if self._events is None:
            return CalendarView(captured_at=None, covers_until=None, assumed=False, events=())
        known = tuple(e for e in self._events if e.currency in currencies and e.captured_at <= as_of)
        return CalendarView(captured_at=as_of, covers_until=as_of + timedelta(days=2), assumed=False, events=known)


class WallClock(SteppedClock):
    """The stepped clock with a wall of its own; ``rate`` is what an accelerated clock would state."""

    def __init__(self, market_start: datetime, *, rate: float | None = None) -> None:
        super().__init__(market_start, wall=lambda: self.wall_at)
        self.wall_at = WALL
        self.rate = rate

    @property
    def speed(self) -> float | None:
        """Return the stated rate."""
        return self.rate


class FaultyTerminal:
    """The simulated terminal with a line that can fail: before a request arrives, or on the reply's way back."""

    def __init__(self, terminal: SimulatedTerminal) -> None:
        self._terminal = terminal
        self.sent: list[dict[str, Any]] = []
        self.lost: list[dict[str, Any]] = []
        self.lose_request = False
        self.lose_reply = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)

    def order_send(self, request: Mapping[str, Any], /) -> Any:
        """Pass the request on, unless the line is cut before or after."""
        if self.lose_request:
            self.lost.append(dict(request))
            return None
        self.sent.append(dict(request))
        reply = self._terminal.order_send(request)
        return None if self.lose_reply else reply

    def last_error(self) -> tuple[int, str]:
        """Return the terminal's error; a cut line says that the connection failed."""
        if self.lose_request or self.lose_reply:
            return (mt5.RES_E_INTERNAL_FAIL_TIMEOUT, "Timed out")
        return self._terminal.last_error()


class FaultyStorage:
    """A storage that can be out of reach, or break after a number of committed transactions."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.down = False
        self.commits_left: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def _reach(self) -> None:
        if self.down:
            raise StorageUnavailable("the record is out of reach")

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Open a read-only block, unless the record is down."""
        self._reach()
        with self._storage.read() as reading:
            yield reading

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """Open a transaction, unless the record is down."""
        self._reach()
        if self.commits_left is not None:
            if self.commits_left <= 0:
                raise StorageUnavailable("the record broke between two transactions")
            self.commits_left -= 1
        with self._storage.write() as writing:
            yield writing


@dataclass(slots=True)
class DeskWorld:
    """The parts of one desk and short words for what tests ask of it."""

    # A FaultyTerminal; untyped because tests cut single functions of it, and its records are the package's tuples.
    terminal: Any
    storage: FaultyStorage
    clock: WallClock
    desk: Desk
    state: CycleState
    runs: int = 1
    outcomes: list[bool] = field(default_factory=list)

    # Time

    def cycle(self) -> bool:
        """Run one turn now."""
        went_through = run_cycle(self.desk, self.state)
        self.outcomes.append(went_through)
        return went_through

    def step(self, seconds: int = 60) -> bool:
        """Move the market on and run one turn."""
        self.advance(seconds)
        return self.cycle()

    def until_idea(self) -> IdeaRecord:
        """Run turns until there is a first idea (within ten minutes), and return it."""
        for _ in range(10):
            self.step()
            if self.ideas():
                return self.ideas()[-1]
        raise AssertionError("no idea came up in ten minutes")

    def advance(self, seconds: int = 60) -> None:
        """Move the market on without a turn."""
        at = self.clock.market_now() + timedelta(seconds=seconds)
        self.terminal.advance_to(at)
        self.clock.step_to(at)

    def run(self, minutes: int) -> None:
        """Run a turn at the end of each of the next ``minutes``."""
        for _ in range(minutes):
            self.step()

    def restart(self, storage: Storage | None = None) -> None:
        """Start a new desk on the same record (or ``storage`` around it), terminal and clock, and nothing else."""
        self.runs += 1
        self.desk = replace(
            self.desk,
            ids=DerivedIds(f"run {self.runs}"),
            monitor=type(self.desk.monitor)(),
            storage=storage or self.desk.storage,
        )
        self.state = CycleState(reader=BookReader(self.desk))

    # Questions to the record

    def ideas(self, *statuses: IdeaStatus) -> tuple[IdeaRecord, ...]:
        """Return ideas, newest first."""
        with self.storage.read() as reading:
            return reading.ideas(statuses=statuses)

    def idea(self, idea_id: str | None = None) -> IdeaRecord:
        """Return the idea, or the only one there is."""
        ideas = [record for record in self.ideas() if idea_id in (None, record.idea.idea_id)]
        assert len(ideas) == 1, [record.status for record in ideas]
        return ideas[0]

    def intents(self) -> tuple[IntentRecord, ...]:
        """Return intents, newest first."""
        with self.storage.read() as reading:
            return reading.intents()

    def history(self, *actions: Action) -> list[HistoryEntry]:
        """Return entries, oldest first."""
        with self.storage.read() as reading:
            return list(reversed(reading.history(HistoryFilter(actions=actions, limit=10_000))))

    def actions(self) -> list[str]:
        """Return the actions of the history after the start's own, oldest first."""
        started = (Action.SETTINGS_CHANGED, Action.STRATEGY_PUBLISHED)
        return [entry.draft.action.value for entry in self.history() if entry.draft.action not in started]

    def positions(self) -> tuple[DeskPosition, ...]:
        """Return the desk's open positions."""
        with self.storage.read() as reading:
            return reading.positions()

    # Questions to the terminal

    def held(self) -> tuple[Any, ...]:
        """Return the terminal's open positions."""
        found: tuple[Any, ...] = self.terminal.positions_get()
        return found

    def openings(self) -> list[Any]:
        """Return the opening deals booked at the terminal."""
        until = int(self.clock.market_now().timestamp()) + 200_000
        return [deal for deal in self.terminal.history_deals_get(0, until) if deal.entry == 0 and deal.position_id]

    def buy_by_hand(self, lots: str = "0.10", *, magic: int = 0) -> int:
        """Open a foreign position at the terminal, with a stop 200 pips away, and return its ticket."""
        tick = self.terminal.symbol_info_tick(SYMBOL)
        reply = self.terminal.order_send(
            {
                "action": mt5.TRADE_ACTION_DEAL,
                "symbol": SYMBOL,
                "volume": float(D(lots)),
                "type": mt5.ORDER_TYPE_BUY,
                "price": tick.ask,
                "sl": round(tick.bid - 0.02, 5),
                "magic": magic,
                "type_filling": mt5.ORDER_FILLING_FOK,
            }
        )
        self.terminal.sent.pop()
        assert reply.retcode == mt5.TRADE_RETCODE_DONE, reply
        return int(reply.order)

    def take_stop_off(self, ticket: int) -> None:
        """Remove a position's stop at the terminal, by hand."""
        self.terminal.order_send({"action": mt5.TRADE_ACTION_SLTP, "symbol": SYMBOL, "position": ticket})
        self.terminal.sent.pop()
        assert [held.sl for held in self.held() if held.ticket == ticket] == [0.0]


def a_world(
    *segments: Segment,
    mode: Mode = Mode.AUTONOMOUS,
    strategies: Sequence[dict[str, Any]] = (),
    policy: dict[str, Any] | None = None,
    events: Sequence[CalendarEvent] | None = (),
    speed: float | None = None,
    deposit: Decimal = DEPOSIT,
    others: Sequence[Bars] = (),
    storage: Storage | None = None,
    terminal: SimulatedTerminal | None = None,
    starts_at: datetime = START,
    ids: Ids | None = None,
    contracts: Mapping[str, Contract] = BUILT_IN,
) -> DeskWorld:
    """Return a started desk at 10:00 on a market of ``segments``, in autonomous mode with a threshold of 50."""
    if terminal is None:
        market = BarsMarket((level_bars(segments), *others), contracts=contracts, server_clock=NEW_YORK_CLOSE)
        terminal = SimulatedTerminal(market, starts_at=START, deposit=deposit)
    line: Any = FaultyTerminal(terminal)
    clock = WallClock(starts_at, rate=speed)
    broker = Mt5Broker(line, server_clock=NEW_YORK_CLOSE, clock=clock, hours=lambda symbol: contracts[symbol].hours)
    broker.connect()
    record = FaultyStorage(storage or MemoryStorage())
    desk = Desk(
        storage=record,
        broker=broker,
        market=broker,
        calendar=KnownCalendar(events),
        clock=clock,
        ids=ids or DerivedIds("run 1"),
        simulated=True,
        market_label="scripted",
        library_versions={},
    )
    changes = {"mode": mode, "min_confidence_threshold": D(50), "max_lot_size": D(50), **(policy or {})}
    files = [StrategyFile(source=f"{d['name']}.json", document=json.dumps(d)) for d in strategies or (document(),)]
    start_desk(desk, files, policy_changes=changes)
    return DeskWorld(terminal=line, storage=record, clock=clock, desk=desk, state=CycleState(reader=BookReader(desk)))
