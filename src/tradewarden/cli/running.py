"""A desk from start to stop in one process: every step shown, everything closed in reverse order.

The main thread only waits; the scheduler and the HTTP server have threads of their own. Signals set a flag, so that
whatever is under way is finished and not torn.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from tradewarden.cli.acting import person
from tradewarden.cli.output import answer, console_for, note, styled
from tradewarden.cli.progress import Steps
from tradewarden.cli.sign_in import link_to
from tradewarden.core.errors import TradewardenError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from types import FrameType

    from rich.panel import Panel

    from tradewarden.bootstrap.configured import Settings
    from tradewarden.bootstrap.live import LiveDesk
    from tradewarden.bootstrap.market import MarketOptions

LOOK_SECONDS = 0.5


class ServerStopped(TradewardenError):
    """The HTTP server ended although nobody told it to."""


class StopSignals:
    """Ctrl-C and the signals of a service manager: a flag while the desk runs, an interrupt while it starts."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._running = False

    def install(self) -> None:
        """Take the signals over."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._asked)

    def desk_is_up(self) -> None:
        """Let a signal end the desk in order from now on, and interrupt nothing."""
        self._running = True

    def wait_for_one(self, look: Callable[[], None]) -> None:
        """Return when a signal came; ``look`` is called now and then and may raise."""
        while not self._stop.wait(LOOK_SECONDS):
            look()

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        first = not self._stop.is_set()
        self._stop.set()
        if first and not self._running:
            raise KeyboardInterrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What people are told about a desk that is up."""

    url: str
    sign_in_link: str
    data_dir: str
    log: str
    pid: int
    market: str
    simulated: bool
    speed: float
    first_start: bool
    notices: tuple[str, ...]


def run_desk(
    settings: Settings, options: MarketOptions, *, starts_at: datetime | None, open_browser: bool, as_json: bool
) -> None:
    """Start everything, tell where it is, wait for a signal, stop everything.

    Raises DeskAlreadyRunning, Conflict for a port that is taken, and whatever else a step says; what was started by
    then is stopped first.
    """
    steps, signals = Steps(quiet=as_json), StopSignals()
    signals.install()
    with _stopping(steps), ExitStack() as stack:
        with _starting(steps):
            running, look = _start(stack, settings, options, starts_at, steps)
            signals.desk_is_up()
        _announce(running, as_json=as_json)
        if open_browser:
            typer.launch(running.sign_in_link)
        signals.wait_for_one(look)
        if not as_json:
            note("\nStopping.")
    if not as_json:
        note("The desk has stopped. Its record stays; the next start goes on from here.")


@contextmanager
def _starting(steps: Steps) -> Iterator[None]:
    """Tick the last step off, or cross out the one that failed before what was started is stopped again."""
    try:
        yield
    except BaseException:
        steps.end(failed=True)
        raise
    steps.end()


@contextmanager
def _stopping(steps: Steps) -> Iterator[None]:
    """End the last step of stopping; turn an interrupt during the start into a quiet end."""
    try:
        yield
    except KeyboardInterrupt:
        note("Stopped before the desk was up; nothing is left running.")
        raise typer.Exit(1) from None
    finally:
        steps.end()


def _start(
    stack: ExitStack, settings: Settings, options: MarketOptions, starts_at: datetime | None, steps: Steps
) -> tuple[Running, Callable[[], None]]:
    """Start the parts in order; return what to tell people, and a look that raises when a part is gone."""
    steps.begin("Loading the program")
    # All of it now: later steps then take the time that they need themselves.
    import tradewarden.api.app
    import tradewarden.bootstrap.live
    import tradewarden.worker.scheduler  # noqa: F401
    from tradewarden.adapters.embedded import DataDirLock
    from tradewarden.api.server import bind
    from tradewarden.cli.logs import log_to_file

    steps.begin(f"Data directory {settings.data_dir}")
    lock = stack.enter_context(DataDirLock(settings.data_dir))
    log = log_to_file(settings.data_dir)
    # The port is taken before anything slow is started: a program that has it already is then told at once.
    steps.begin(f"Port {settings.port}")
    door = stack.enter_context(bind(settings.host, settings.port))
    live = _open_desk(stack, settings, options, starts_at, steps)
    look = _serve(stack, live, settings, door, steps)
    running = _tell(live, settings, log)
    lock.publish(running.url)
    # Whoever asks while the desk stops is told so, and not sent to a door that is closed.
    stack.callback(lock.publish, "")
    return running, look


def _open_desk(
    stack: ExitStack, settings: Settings, options: MarketOptions, starts_at: datetime | None, steps: Steps
) -> LiveDesk:
    from tradewarden.bootstrap.live import open_live_desk
    from tradewarden.worker.scheduler import Scheduler

    main = threading.get_ident()

    def tell(message: str) -> None:
        # The database's supervisor also speaks from its own thread, long after the start.
        if threading.get_ident() == main:
            steps.begin(message)
        else:
            note(message)

    steps.begin("PostgreSQL")
    live = stack.enter_context(open_live_desk(settings, options, starts_at=starts_at, on_progress=tell))
    stack.callback(steps.begin, "Closing the terminal and the database")
    steps.begin("Scheduler")
    scheduler = Scheduler(live.desk, live.cycle, advance=live.advance)
    scheduler.start()
    stack.callback(scheduler.stop)
    stack.callback(steps.begin, "Finishing the turn under way")
    return live


def _serve(
    stack: ExitStack, live: LiveDesk, settings: Settings, door: socket.socket, steps: Steps
) -> Callable[[], None]:
    """Serve the HTTP interface from a thread; return a look that raises when the server is gone."""
    steps.begin("HTTP interface and web pages")
    from tradewarden.api.app import create_app
    from tradewarden.api.machine_token import make_machine_token
    from tradewarden.api.server import DeskServer
    from tradewarden.api.settings import ApiSettings

    token = make_machine_token(settings.data_dir / "run")
    app = create_app(live.desk, live.record.access, settings=ApiSettings(machine_token=token))
    server = DeskServer(app, host=settings.host, port=settings.port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="tradewarden-http", daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()

    def look() -> None:
        if not thread.is_alive():
            raise ServerStopped(f"the HTTP interface ended; see {settings.data_dir / 'logs' / 'desk.log'}")

    stack.callback(stop)
    stack.callback(steps.begin, "Closing the HTTP interface")
    while not server.started:
        look()
        thread.join(0.02)
    return look


def _tell(live: LiveDesk, settings: Settings, log: Path) -> Running:
    from tradewarden.adapters.clock import system_now
    from tradewarden.api.principal import issue_sign_in_token

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{settings.port}"
    token = issue_sign_in_token(live.record.access, name=person(), now=system_now())
    return Running(
        url=url,
        sign_in_link=link_to(url, token),
        data_dir=str(settings.data_dir),
        log=str(log),
        pid=os.getpid(),
        market=live.desk.market_label,
        simulated=live.desk.simulated,
        speed=settings.speed,
        first_start=live.first_start,
        notices=live.notices,
    )


def _announce(running: Running, *, as_json: bool) -> None:
    for notice in running.notices:
        note(f"Note: {notice}")
    answer(running, lambda: [_panel(running)], as_json=as_json)
    sys.stdout.flush()


def _panel(running: Running) -> Panel:
    from rich.panel import Panel
    from rich.table import Table

    body: Any = Table.grid(padding=(0, 2))
    body.add_column(style="dim", no_wrap=True)
    body.add_column(overflow="fold")
    body.add_row("Desk", styled(running.url, "bold"))
    body.add_row("Sign in", styled(running.sign_in_link, f"link {running.sign_in_link}"))
    body.add_row("", styled("works once, for 15 minutes; another one: tradewarden sign-in-link", "dim"))
    market = f"SIMULATED market ×{running.speed:g}, {running.market}" if running.simulated else running.market
    body.add_row("Market", styled(market, "bold yellow" if running.simulated else "bold"))
    body.add_row("Data", running.data_dir)
    body.add_row("Log", running.log)
    body.add_row("Stop", "Ctrl-C")
    width = None if console_for(sys.stdout).is_terminal else len(running.sign_in_link) + 20
    return Panel(body, title="Tradewarden is up", title_align="left", border_style="green", padding=(1, 2), width=width)
