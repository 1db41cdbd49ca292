"""MetaTrader 5: the terminal's functions as a Protocol, and the broker and market data over them."""

from tradewarden.adapters.brokers.mt5.broker import Mt5Broker
from tradewarden.adapters.brokers.mt5.terminal_api import TerminalApi

__all__ = ["Mt5Broker", "TerminalApi"]
