"""A whole desk for tests of the HTTP interface: simulated terminal, real services, a record, and a real server.

Requests go over a real socket, because streams, timeouts and shutdown are part of what is tested.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx

from tradewarden.adapters.clock import SteppedClock, system_now
from tradewarden.adapters.ids import DerivedIds
from tradewarden.adapters.memory import MemoryAccess, MemoryStorage
from tradewarden.api.app import create_app
from tradewarden.api.principal import issue_sign_in_token
from tradewarden.api.server import DeskServer, bind
from tradewarden.api.settings import ApiSettings
from tradewarden.bootstrap.market import (
    GENERATED_START,
    MarketOptions,
    MarketPlan,
    connect_broker,
    open_terminal,
    plan_market,
)
from tradewarden.bootstrap.strategies import shipped_strategies
from tradewarden.bootstrap.versions import library_versions
from tradewarden.core.market.bars import Bars
from tradewarden.mt5sim.sources import MarketSource
from tradewarden.mt5sim.terminal import SimulatedTerminal
from tradewarden.ports.access import AccessStore
from tradewarden.ports.storage import Storage
from tradewarden.services.book import BookReader
from tradewarden.services.context import Desk
from tradewarden.services.run_cycle import CycleState, run_cycle
from tradewarden.services.start_desk import start_desk

MACHINE_TOKEN = "machine-token-of-the-test"
START = GENERATED_START
_LONGEST_WAIT_MINUTES = 240
_TIMEOUT_SECONDS = 20.0


class MovableWall:
    """Real time that a test can move on."""

    def __init__(self) -> None:
        self.later = timedelta(0)

    def __call__(self) -> datetime:
        """Return the machine's time, moved on."""
        return system_now() + self.later


@dataclass(kw_only=True)
class DeskRig:
    """A desk whose market a test moves by hand, and the servers in front of it."""

    desk: Desk
    access: AccessStore
    terminal: SimulatedTerminal
    clock: SteppedClock
    wall: MovableWall
    stack: ExitStack
    cycle: CycleState = field(init=False)
    servers: dict[str, tuple[DeskServer, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cycle = CycleState(reader=BookReader(self.desk))

    def step(self, minutes: int = 1) -> None:
        """Let market minutes pass, one turn of the desk in each."""
        for _ in range(minutes):
            at = self.clock.market_now() + timedelta(minutes=1)
            self.terminal.advance_to(at)
            self.clock.step_to(at)
            assert run_cycle(self.desk, self.cycle), self.desk.monitor.health

    def until_idea(self) -> str:
        """Let time pass until an idea waits for a person; return its id."""
        for _ in range(_LONGEST_WAIT_MINUTES):
            self.step()
            with self.desk.storage.read() as reading:
                waiting = [idea for idea in reading.open_ideas() if idea.status == "needs_approval"]
            if waiting:
                return waiting[0].idea_id
        raise AssertionError(f"no idea within {_LONGEST_WAIT_MINUTES} market minutes")

    def client(self, **settings: Any) -> httpx.Client:
        """Return a client that nobody has signed in with; one server serves each kind of settings."""
        kind = repr(sorted(settings.items()))
        if kind not in self.servers:
            self.servers[kind] = self.stack.enter_context(serve(self, **settings))
        client = httpx.Client(base_url=self.servers[kind][1], timeout=_TIMEOUT_SECONDS)
        return self.stack.enter_context(client)

    def machine(self, **settings: Any) -> httpx.Client:
        """Return a client with the machine token, as the command line is."""
        client = self.client(**settings)
        client.headers["Authorization"] = f"Bearer {MACHINE_TOKEN}"
        return client

    def browser(self, name: str = "Ada", **settings: Any) -> httpx.Client:
        """Return a client that a person has signed in with, sending the header that browsers send with acts."""
        client = self.client(**settings)
        client.headers["Origin"] = str(client.base_url).removesuffix("/api/v1/")
        answer = client.post("auth/sign-in", json={"token": self.link(name)})
        assert answer.status_code == 200, answer.text
        return client

    def stop_serving(self) -> None:
        """Tell every server to stop, as Ctrl-C does."""
        for server, _ in self.servers.values():
            server.should_exit = True

    def link(self, name: str = "Ada") -> str:
        """Return the token of a new sign-in link."""
        return issue_sign_in_token(self.access, name=name, now=self.clock.wall_now())

    def take(self, client: httpx.Client, path: str, **parameters: Any) -> Any:
        """Return the answer of a GET that must succeed."""
        answer = client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def approve(self, client: httpx.Client, idea_id: str, **changes: Any) -> httpx.Response:
        """Approve an idea as the pages do: with what the offer said."""
        offer = self.take(client, f"ai/ideas/{idea_id}")["offer"]
        body = {"idea_digest": offer["idea_digest"], "lots": offer["lots"], "worst_price": offer["worst_price"]}
        return client.post(f"ai/ideas/{idea_id}/approve", json={**body, **changes})


class RememberedMarket:
    """The generated market, each stretch of it computed once per test session instead of once per desk."""

    def __init__(self, source: MarketSource) -> None:
        self._source = source
        self._stretches: dict[tuple[str, int | None, int], tuple[Bars, int]] = {}
        self.identity = source.identity
        self.server_clock = source.server_clock
        self.contracts = source.contracts

    def load(self, symbol: str, *, after: int | None, until: int) -> tuple[Bars, int]:
        """Return the bars that follow ``after``."""
        key = (symbol, after, until)
        if key not in self._stretches:
            self._stretches[key] = self._source.load(symbol, after=after, until=until)
        return self._stretches[key]


@cache
def generated_market() -> MarketPlan:
    """Return the generated market that every desk of these tests stands on."""
    plan = plan_market(MarketOptions(), now=START + timedelta(days=400))
    return replace(plan, source=RememberedMarket(plan.source))


@contextmanager
def open_rig(storage: Storage | None = None, access: AccessStore | None = None) -> Iterator[DeskRig]:
    """Yield a fresh desk on the generated market with the shipped strategies, supervised."""
    options, plan = MarketOptions(), generated_market()
    wall = MovableWall()
    clock = SteppedClock(START, wall=wall)
    terminal = open_terminal(plan, options, starts_at=START, journal_path=None)
    broker = connect_broker(terminal, clock)
    desk = Desk(
        storage=storage or MemoryStorage(),
        broker=broker,
        market=broker,
        calendar=plan.calendar,
        clock=clock,
        ids=DerivedIds("api-tests"),
        simulated=True,
        market_label=plan.label,
        library_versions=library_versions(),
    )
    start_desk(desk, shipped_strategies())
    with ExitStack() as stack:
        rig = DeskRig(
            desk=desk, access=access or MemoryAccess(), terminal=terminal, clock=clock, wall=wall, stack=stack
        )
        yield rig


@contextmanager
def serve(rig: DeskRig, **settings: Any) -> Iterator[tuple[DeskServer, str]]:
    """Serve the desk on a free port and yield the server with its address."""
    told = {"machine_token": MACHINE_TOKEN, "stream_tick_seconds": 0.02, **settings}
    app = create_app(rig.desk, rig.access, settings=ApiSettings(**told))
    listening = bind("127.0.0.1", 0)
    server = DeskServer(app, host="127.0.0.1", port=listening.getsockname()[1])
    # The socket listens before the thread runs, so a request waits in it instead of failing.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/"
    finally:
        server.should_exit = True
        thread.join(_TIMEOUT_SECONDS)
        listening.close()
        assert not thread.is_alive(), "the server did not stop"


def site(client: httpx.Client, path: str) -> str:
    """Return the address of a page beside the interface, such as ``/healthz``."""
    return str(client.base_url).removesuffix("/api/v1/") + path


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the error of an answer, after checking that it has the one form."""
    body = answer.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message", "details", "request_id"}
    assert answer.headers["X-Request-ID"] == body["error"]["request_id"]
    error: dict[str, Any] = body["error"]
    return error
