"""The in-process scheduler: one thread that moves the market on and runs the desk's turns.

On a simulated market it advances the terminal first; everything else is the same turn that a headless run makes. The
thread ends only when it is told to: an error is noted where people see it, and the next turn tries again.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from tradewarden.core.errors import TradewardenError
from tradewarden.services.context import Desk
from tradewarden.services.run_cycle import CycleState, run_cycle

TICK_SECONDS = 0.25
_LOG = structlog.get_logger("tradewarden.scheduler")


class Scheduler:
    """Runs the desk's turns in a thread of its own.

    ``advance`` moves a simulated market to the given market time, None on a live one. ``on_turn`` is called after every
    turn with whether it went through.
    """

    def __init__(
        self,
        desk: Desk,
        state: CycleState,
        *,
        advance: Callable[[datetime], None] | None = None,
        on_turn: Callable[[bool], None] | None = None,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        self._desk = desk
        self._state = state
        self._advance = advance
        self._on_turn = on_turn
        self._tick_seconds = tick_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Return whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; raise RuntimeError when it runs already."""
        if self.is_running:
            raise RuntimeError("the scheduler already runs")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="tradewarden-scheduler", daemon=True)
        self._thread.start()

    def stop(self, timeout_seconds: float = 30.0) -> bool:
        """Let the turn under way finish and end the thread; return whether it ended in time."""
        self._stopping.set()
        if self._thread is None:
            return True
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        last_problem = ""
        while not self._stopping.is_set():
            problem = self._turn()
            if problem and problem != last_problem:
                _LOG.error("turn failed", problem=problem)
            elif last_problem and not problem:
                _LOG.info("turns go through again")
            last_problem = problem
            self._stopping.wait(self._tick_seconds)

    def _turn(self) -> str:
        """Run one turn and return what went wrong in words, or nothing."""
        try:
            if self._advance is not None:
                self._advance(self._desk.clock.market_now())
            went_through = run_cycle(self._desk, self._state)
        except TradewardenError as error:
            went_through, problem = False, str(error)
            self._desk.monitor.note_error(market=problem)
        except Exception as error:  # noqa: BLE001  the process's main loop: a defect must not end the watch over stops
            went_through, problem = False, f"{type(error).__name__}: {error}"
            self._desk.monitor.note_error(market=problem)
            _LOG.exception("defect in a turn")
        else:
            health = self._desk.monitor.health
            problem = "" if went_through else str(health.broker_error or health.storage_error or health.market_error)
        if self._on_turn is not None:
            self._on_turn(went_through)
        return problem
