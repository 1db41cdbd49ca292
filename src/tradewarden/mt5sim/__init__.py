"""A simulated MetaTrader 5 terminal under the package's own function names.

Market data, account and orders of a broker that exists only here; the desk reaches it through the same interface as a
real terminal. It may import ports and core alone, and nothing in it reads a clock or draws a number outside its seed.
"""

from tradewarden.mt5sim.contracts import BUILT_IN, Contract
from tradewarden.mt5sim.generator import GeneratedMarket
from tradewarden.mt5sim.journal import Journal
from tradewarden.mt5sim.simulated_calendar import SimulatedCalendar
from tradewarden.mt5sim.sources import BarsMarket, MarketSource
from tradewarden.mt5sim.terminal import SimulatedTerminal

__all__ = [
    "BUILT_IN",
    "BarsMarket",
    "Contract",
    "GeneratedMarket",
    "Journal",
    "MarketSource",
    "SimulatedCalendar",
    "SimulatedTerminal",
]
