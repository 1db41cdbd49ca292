"""The functions of the MetaTrader5 package that the desk uses, as one Protocol.

The real package (a module) and the simulated terminal (an object) both satisfy it. Structures are ``Any`` because the
package's own are untyped C tuples; ``broker`` reads their fields by the package's names.
"""

from collections.abc import Mapping
from typing import Any, Protocol


class TerminalApi(Protocol):
    """A terminal under the package's function names. Failures are None or False, explained by ``last_error``."""

    def initialize(self) -> bool:
        """Connect to the terminal."""

    def shutdown(self) -> None:
        """Disconnect."""

    def last_error(self) -> tuple[int, str]:
        """Return code and text of the last call's outcome."""

    def terminal_info(self) -> Any:
        """Return the terminal's state, or None."""

    def account_info(self) -> Any:
        """Return the account, or None."""

    def symbols_get(self) -> Any:
        """Return all symbols, or None."""

    def symbol_info(self, symbol: str, /) -> Any:
        """Return contract and quote, or None."""

    def symbol_info_tick(self, symbol: str, /) -> Any:
        """Return the newest quote, or None."""

    def symbol_select(self, symbol: str, enable: bool, /) -> bool:  # noqa: FBT001
        """Show a symbol in the market watch, without which a real terminal has no quotes of it."""

    def copy_rates_from(self, symbol: str, timeframe: int, date_from: int, count: int, /) -> Any:
        """Return up to ``count`` bars that open at or before ``date_from``, oldest first, or None."""

    def order_calc_margin(self, action: int, symbol: str, volume: float, price: float, /) -> float | None:
        """Return the margin of an opening, or None."""

    def order_calc_profit(
        self, action: int, symbol: str, volume: float, price_open: float, price_close: float, /
    ) -> float | None:
        """Return the profit of a round trip in account currency, or None."""

    def order_send(self, request: Mapping[str, Any], /) -> Any:
        """Send a trade request; None when it never left the terminal or nobody knows."""

    def positions_get(self) -> Any:
        """Return open positions, or None."""

    def orders_get(self) -> Any:
        """Return resting orders, or None."""

    def history_orders_get(self, date_from: int, date_to: int, /) -> Any:
        """Return finished orders of the interval, or None."""

    def history_deals_get(self, date_from: int, date_to: int, /) -> Any:
        """Return deals of the interval, or None."""
