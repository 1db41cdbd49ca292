"""The one line to a terminal that broker and market data share: its lock, its clocks and the words for its failures.

The terminal's library is not made for threads and keeps one last error for all, so that every question and the error
that explains its answer are asked under one lock.
"""

from threading import RLock
from typing import Any

from tradewarden.adapters.brokers.mt5.server_clock import ServerTime
from tradewarden.adapters.brokers.mt5.terminal_api import TerminalApi
from tradewarden.core.errors import BrokerUnavailable
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.ports.clock import Clock


class TerminalLine:
    """``terminal`` with the lock around it, the server's time, the desk's clock and the desk's names of symbols.

    Everything above this folder speaks of symbols by the desk's names; everything said to the terminal uses its own.
    """

    def __init__(self, terminal: TerminalApi, times: ServerTime, clock: Clock) -> None:
        self.terminal = terminal
        self.times = times
        self.clock = clock
        self.lock = RLock()
        self.symbols = SymbolMap()
        self._to_terminal: dict[str, str] = {}
        self._to_desk: dict[str, str] = {}

    def use_symbols(self, symbols: SymbolMap) -> None:
        """Name symbols by ``symbols`` from now on."""
        self.symbols = symbols
        self._to_terminal.clear()
        self._to_desk.clear()

    def to_terminal(self, name: str) -> str:
        """Return what the terminal calls the desk's ``name``."""
        if name not in self._to_terminal:
            self._to_terminal[name] = self.symbols.broker_symbol(name)
        return self._to_terminal[name]

    def to_desk(self, symbol: str) -> str:
        """Return what the desk calls the terminal's ``symbol``."""
        if symbol not in self._to_desk:
            self._to_desk[symbol] = self.symbols.desk_symbol(symbol)
        return self._to_desk[symbol]

    def need(self, answer: Any, what: str) -> Any:
        """Return ``answer``. Raises BrokerUnavailable when the terminal gave none."""
        if answer is None:
            raise BrokerUnavailable(f"the terminal does not tell {what}: {self.why()}")
        return answer

    def why(self) -> str:
        """Return the terminal's last error in words."""
        code, text = self.terminal.last_error()
        return f"{text} ({code})"
