"""The one line to a terminal that broker and market data share: its lock, its clocks and the words for its failures.

The terminal's library is not made for threads and keeps one last error for all, so that every question and the error
that explains its answer are asked under one lock.
"""

from threading import RLock
from typing import Any

from tradewarden.adapters.brokers.mt5.server_clock import ServerTime
from tradewarden.adapters.brokers.mt5.terminal_api import TerminalApi
from tradewarden.core.errors import BrokerUnavailable
from tradewarden.ports.clock import Clock


class TerminalLine:
    """``terminal`` with the lock around it, the server's time and the desk's clock."""

    def __init__(self, terminal: TerminalApi, times: ServerTime, clock: Clock) -> None:
        self.terminal = terminal
        self.times = times
        self.clock = clock
        self.lock = RLock()

    def need(self, answer: Any, what: str) -> Any:
        """Return ``answer``. Raises BrokerUnavailable when the terminal gave none."""
        if answer is None:
            raise BrokerUnavailable(f"the terminal does not tell {what}: {self.why()}")
        return answer

    def why(self) -> str:
        """Return the terminal's last error in words."""
        code, text = self.terminal.last_error()
        return f"{text} ({code})"
