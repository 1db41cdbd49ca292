"""Contract data: what one lot of a symbol is, when it trades and what it costs.

Built in are the symbols of the generated market and the usual indices of prop firms; a manifest (see ``manifest``)
adds others. Costs and margin rates are plausible defaults of a retail broker, not any one broker's statement.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import (
    MINUTES_PER_DAY,
    NEW_YORK_CLOSE,
    ServerClock,
    WeeklyHours,
    weekly_hours,
)
from tradewarden.mt5sim import constants as mt5

ZERO = Decimal(0)
WEEK_MINUTES = 7 * MINUTES_PER_DAY


class CalcMode(IntEnum):
    """How margin is computed: from the lots in the base currency, or from the value of the contract."""

    FOREX = mt5.SYMBOL_CALC_MODE_FOREX
    CFD_LEVERAGE = mt5.SYMBOL_CALC_MODE_CFDLEVERAGE


class Execution(IntEnum):
    """Whether an order names its price within a deviation, or takes the market's."""

    INSTANT = mt5.SYMBOL_TRADE_EXECUTION_INSTANT
    MARKET = mt5.SYMBOL_TRADE_EXECUTION_MARKET


class SymbolTradeMode(IntEnum):
    """What the broker lets one do with the symbol, under the terminal's numbers."""

    DISABLED = mt5.SYMBOL_TRADE_MODE_DISABLED
    LONG_ONLY = mt5.SYMBOL_TRADE_MODE_LONGONLY
    SHORT_ONLY = mt5.SYMBOL_TRADE_MODE_SHORTONLY
    CLOSE_ONLY = mt5.SYMBOL_TRADE_MODE_CLOSEONLY
    FULL = mt5.SYMBOL_TRADE_MODE_FULL


# Around the clock on weekdays of the server clock (spot FX), and with the daily hour's break of metals and
# indices.
FX_HOURS = weekly_hours(time(0), time(0))
METAL_AND_INDEX_HOURS = weekly_hours(time(1), time(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The contract of one symbol.

    ``contract_size`` is in units of the base currency, ounces or money per index point, per lot.
    ``commission_per_lot`` is in account currency per lot and side. ``swap_long`` and ``swap_short`` are
    points per lot and night, tripled on the night that ends weekday ``triple_swap_day`` (Monday = 0).
    ``margin_rate`` multiplies the account's margin. ``default_spread_points`` is used for bars that state no
    spread. ``hours`` are on
    ``hours_clock``, or on the broker's server clock where that is None; see :meth:`on_clock`.
    """

    symbol: str
    description: str
    digits: int
    contract_size: Decimal
    currency_base: str
    currency_profit: str
    currency_margin: str
    calc_mode: CalcMode
    default_spread_points: int
    volume_min: Decimal = Decimal("0.01")
    volume_max: Decimal = Decimal(50)
    volume_step: Decimal = Decimal("0.01")
    stops_level: int = 0
    freeze_level: int = 0
    commission_per_lot: Decimal = ZERO
    swap_long: Decimal = ZERO
    swap_short: Decimal = ZERO
    triple_swap_day: int = 2
    margin_rate: Decimal = Decimal(1)
    execution: Execution = Execution.INSTANT
    trade_mode: SymbolTradeMode = SymbolTradeMode.FULL
    filling_flags: int = mt5.SYMBOL_FILLING_FOK | mt5.SYMBOL_FILLING_IOC
    hours: WeeklyHours = FX_HOURS
    hours_clock: ServerClock | None = NEW_YORK_CLOSE
    point: Decimal = field(init=False)

    def __post_init__(self) -> None:
        if not self.symbol or len(self.symbol) > 31:
            raise InvalidInput(f"symbol {self.symbol!r} must have 1 to 31 characters")
        if not 0 <= self.digits <= 8:
            raise InvalidInput(f"{self.symbol}: digits is {self.digits}, it must be 0 to 8")
        for name in ("contract_size", "volume_min", "volume_max", "volume_step", "margin_rate"):
            if not getattr(self, name) > 0:
                raise InvalidInput(f"{self.symbol}: {name} is {getattr(self, name)}, it must be above 0")
        for name in ("stops_level", "freeze_level", "default_spread_points", "commission_per_lot"):
            if getattr(self, name) < 0:
                raise InvalidInput(f"{self.symbol}: {name} is {getattr(self, name)}, it must be 0 or above")
        if self.volume_min > self.volume_max or self.volume_min % self.volume_step:
            raise InvalidInput(
                f"{self.symbol}: volume_min {self.volume_min} must be a multiple of volume_step {self.volume_step}"
                f" and at most volume_max {self.volume_max}"
            )
        if not 0 <= self.triple_swap_day <= 6:
            raise InvalidInput(f"{self.symbol}: triple_swap_day is {self.triple_swap_day}, it must be 0 to 6")
        object.__setattr__(self, "point", Decimal(1).scaleb(-self.digits))

    def on_clock(self, clock: ServerClock) -> "Contract":
        """Return the contract with its hours on the server clock ``clock``.

        Where the two clocks are apart by different amounts over the year, the hours cover all of them.
        """
        if self.hours_clock is None or self.hours_clock == clock:
            return replace(self, hours_clock=None)
        return replace(self, hours=_shifted(self.hours, _shifts(self.hours_clock, clock)), hours_clock=None)


def _shifts(stated: ServerClock, wanted: ServerClock) -> frozenset[int]:
    """Return by how many minutes ``wanted`` is ahead of ``stated``, over the weeks of a year."""
    weeks = (datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=7 * week) for week in range(52))
    return frozenset(int((wanted.to_server(at) - stated.to_server(at)).total_seconds()) // 60 for at in weeks)


def _shifted(hours: WeeklyHours, shifts: frozenset[int]) -> WeeklyHours:
    """Return the minutes of the week that are open under any of the shifts."""
    is_open = [False] * WEEK_MINUTES
    for shift in shifts:
        for start, end in hours.intervals:
            for minute in range(start + shift, end + shift):
                is_open[minute % WEEK_MINUTES] = True
    borders = [minute for minute in range(WEEK_MINUTES) if is_open[minute] != (minute > 0 and is_open[minute - 1])]
    if is_open[-1]:
        borders.append(WEEK_MINUTES)
    return WeeklyHours(tuple(zip(borders[::2], borders[1::2], strict=True)))


def _forex(symbol: str, words: str, digits: int, spread: int, swaps: tuple[str, str]) -> Contract:
    return Contract(
        symbol=symbol,
        description=words,
        digits=digits,
        contract_size=Decimal(100_000),
        currency_base=symbol[:3],
        currency_profit=symbol[3:],
        currency_margin=symbol[:3],
        calc_mode=CalcMode.FOREX,
        default_spread_points=spread,
        commission_per_lot=Decimal("2.50"),
        swap_long=Decimal(swaps[0]),
        swap_short=Decimal(swaps[1]),
    )


def _index(symbol: str, words: str, spread: int, swaps: tuple[str, str]) -> Contract:
    return Contract(
        symbol=symbol,
        description=words,
        digits=2,
        contract_size=Decimal(1),
        currency_base="USD",
        currency_profit="USD",
        currency_margin="USD",
        calc_mode=CalcMode.CFD_LEVERAGE,
        default_spread_points=spread,
        swap_long=Decimal(swaps[0]),
        swap_short=Decimal(swaps[1]),
        triple_swap_day=4,
        margin_rate=Decimal(2),
        hours=METAL_AND_INDEX_HOURS,
    )


_GOLD = Contract(
    symbol="XAUUSD",
    description="Gold vs US Dollar",
    digits=2,
    contract_size=Decimal(100),
    currency_base="XAU",
    currency_profit="USD",
    currency_margin="USD",
    calc_mode=CalcMode.CFD_LEVERAGE,
    default_spread_points=30,
    commission_per_lot=Decimal("2.50"),
    swap_long=Decimal("-62.00"),
    swap_short=Decimal("28.00"),
    margin_rate=Decimal(3),
    hours=METAL_AND_INDEX_HOURS,
)

BUILT_IN: dict[str, Contract] = {
    contract.symbol: contract
    for contract in (
        _forex("EURUSD", "Euro vs US Dollar", 5, 8, ("-8.20", "2.90")),
        _forex("GBPUSD", "Great Britain Pound vs US Dollar", 5, 11, ("-4.10", "-3.30")),
        _forex("USDJPY", "US Dollar vs Japanese Yen", 3, 10, ("9.40", "-21.60")),
        _GOLD,
        _index("US30", "Dow Jones Industrial Average (cash CFD)", 220, ("-790.00", "210.00")),
        _index("US100", "Nasdaq 100 (cash CFD)", 150, ("-430.00", "110.00")),
    )
}
