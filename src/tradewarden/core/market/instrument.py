"""Contract specification of a traded symbol, and quotes on it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tradewarden.core.audit.codec import added_field
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import WeeklyHours
from tradewarden.core.values import Side


class TradeMode(StrEnum):
    """What the broker lets one do with a symbol."""

    FULL = "full"
    LONG_ONLY = "long_only"
    SHORT_ONLY = "short_only"
    CLOSE_ONLY = "close_only"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """The contract of one symbol as the terminal states it.

    ``tick_size`` is the price step, ``tick_value`` the gain of one lot per tick in account currency and
    ``tick_value_loss`` the loss; ``margin_per_lot`` is the margin of one lot in account currency at the last quote.
    ``stops_level`` is in points of ``point`` price units. ``trading_hours`` are on the broker's server clock.
    ``calculated_tick_value`` is the loss of one lot per tick as the terminal's own profit calculation gives it over
    many ticks, None where it does not answer. ``broker_symbol`` is what the broker calls the symbol where that is not
    what the desk calls it.
    """

    symbol: str
    description: str
    digits: int
    point: Decimal
    tick_size: Decimal
    tick_value: Decimal
    tick_value_loss: Decimal
    contract_size: Decimal
    volume_min: Decimal
    volume_max: Decimal
    volume_step: Decimal
    stops_level: int
    freeze_level: int
    margin_per_lot: Decimal
    currency_base: str
    currency_profit: str
    currency_margin: str
    trade_mode: TradeMode
    trading_hours: WeeklyHours
    calculated_tick_value: Decimal | None = added_field(None)
    broker_symbol: str = added_field("")

    def __post_init__(self) -> None:
        for name in ("point", "tick_size", "contract_size", "volume_min", "volume_max", "volume_step"):
            value = getattr(self, name)
            if not (value.is_finite() and value > 0):
                raise InvalidInput(f"{self.symbol}: {name} is {value}, it must be above 0")

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return the currencies whose news move this symbol, without repetition."""
        return tuple(dict.fromkeys((self.currency_base, self.currency_profit)))


@dataclass(frozen=True, slots=True)
class Quote:
    """Executable prices at ``at``: one buys at ``ask`` and sells at ``bid``."""

    bid: Decimal
    ask: Decimal
    at: datetime

    def __post_init__(self) -> None:
        if not (self.bid.is_finite() and self.ask.is_finite() and self.bid > 0 and self.ask > 0):
            raise InvalidInput(f"quote {self.bid}/{self.ask} is not positive")
        if self.ask < self.bid:
            raise InvalidInput(f"quote is crossed: bid {self.bid} above ask {self.ask}")

    @property
    def spread(self) -> Decimal:
        """Return ask − bid in price units."""
        return self.ask - self.bid

    def entry(self, side: Side) -> Decimal:
        """Return the price at which ``side`` is opened."""
        return self.ask if side is Side.BUY else self.bid

    def exit(self, side: Side) -> Decimal:
        """Return the price at which a position of ``side`` is closed."""
        return self.bid if side is Side.BUY else self.ask
