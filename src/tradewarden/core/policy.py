"""The risk policy: what a risk officer sets, as one versioned value.

Every field has a safe default and a limit. Fractions are fractions (0.01 is 1 %), amounts are in account currency.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tradewarden.core.audit.codec import added_field
from tradewarden.core.errors import InvalidInput, InvalidSetting
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.session import zone
from tradewarden.core.values import money


class Mode(StrEnum):
    """Who lets an order go: a person, or the desk alone within its limits."""

    SUPERVISED = "supervised"
    AUTONOMOUS = "autonomous"


class DrawdownKind(StrEnum):
    """What the drawdown is counted from: the first balance, or the highest mark reached."""

    STATIC = "static"
    TRAILING = "trailing"


class DrawdownMark(StrEnum):
    """What a trailing mark follows: equity at any moment, or the balance at the day's end."""

    INTRADAY_EQUITY = "intraday_equity"
    END_OF_DAY_BALANCE = "end_of_day_balance"


class LossReference(StrEnum):
    """What today's loss is counted from: balance or equity at the reset, or the higher of both."""

    BALANCE = "balance"
    EQUITY = "equity"
    HIGHER = "higher"


MINIMUM_EMBARGO = Embargo(15, 15)
BROKER_ZONE = "broker"
_LONGEST_EMBARGO_MINUTES = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPolicy:
    """The fields of ``risk_config``; None in an amount means that this limit is not set.

    Pauses around a moment are minutes before and after it. ``soft_loss_fraction`` and ``flatten_loss_fraction`` are
    shares of the daily loss limit: at the first nothing new is opened and resting orders go, at the second positions
    are closed. A locked trailing mark stands still once it has risen by ``max_drawdown_amount`` above the first
    balance. ``min_stop_spreads`` is the least distance of a stop in spreads; ``max_currency_exposure`` the largest
    net position in one currency in multiples of equity.
    """

    ai_trading_enabled: bool = False
    mode: Mode = Mode.SUPERVISED
    min_confidence_threshold: Decimal = Decimal(90)
    risk_fraction: Decimal = Decimal("0.005")
    max_lot_size: Decimal = Decimal("5.00")
    max_concurrent_trades: int = 3
    max_per_symbol: int = 1
    min_rr: Decimal = Decimal("1.5")
    min_margin_level: Decimal = Decimal(300)
    max_daily_loss: Decimal | None = Decimal(2000)
    daily_loss_reference: LossReference = LossReference.HIGHER
    max_drawdown_amount: Decimal | None = Decimal(10000)
    halt_on_drawdown: bool = True
    daily_profit_target: Decimal | None = Decimal(3000)
    stop_after_target: bool = True
    day_reset_zone: str = BROKER_ZONE
    allow_off_watchlist_autotrade: bool = False
    minimum_embargo: Embargo = MINIMUM_EMBARGO
    calendar_required: bool = True
    max_spread_to_median: Decimal = Decimal(3)
    max_quote_age_seconds: int = 90
    max_account_age_seconds: int = 90
    max_entry_drift_r: Decimal = Decimal("0.25")
    commission_per_lot: Decimal = Decimal("7.00")
    slippage_points: int = 5
    idea_life_bars: int = 1
    base_amount: Decimal | None = added_field(None)
    max_clock_skew_seconds: int = added_field(10)
    max_calendar_age_hours: int = added_field(192)
    rollover_pause: Embargo = added_field(Embargo(5, 10))
    weekend_pause_minutes: int = added_field(30)
    flat_before_weekend: bool = added_field(default=False)
    weekend_flat_minutes: int = added_field(15)
    opening_pause_minutes: int = added_field(5)
    min_stop_spreads: Decimal = added_field(Decimal(2))
    max_entry_drift_atr: Decimal = added_field(Decimal("0.5"))
    tick_value_tolerance: Decimal = added_field(Decimal("0.05"))
    max_open_risk_fraction: Decimal | None = added_field(Decimal("0.03"))
    max_currency_exposure: Decimal | None = added_field(Decimal(20))
    allow_opposite_positions: bool = added_field(default=False)
    cool_down_minutes: int = added_field(0)
    max_consecutive_losses: int | None = added_field(5)
    losses_pause_minutes: int = added_field(240)
    max_orders_per_minute: int = added_field(10)
    max_orders_per_day: int = added_field(100)
    soft_loss_fraction: Decimal | None = added_field(None)
    flatten_loss_fraction: Decimal | None = added_field(None)
    drawdown_kind: DrawdownKind = added_field(DrawdownKind.TRAILING)
    drawdown_mark: DrawdownMark = added_field(DrawdownMark.INTRADAY_EQUITY)
    drawdown_lock: bool = added_field(default=False)
    profit_target: Decimal | None = added_field(None)

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value: Any = getattr(self, name)
            if value is None and name in MAY_BE_UNSET:
                continue
            wanted = "int" if name in WHOLE_NUMBERS else "Decimal"
            if type(value).__name__ != wanted:
                raise InvalidSetting(f"{name} is {value!r}, it must be a {wanted} from {low} to {high}")
            if not (Decimal(value).is_finite() and low <= value <= high):
                raise InvalidSetting(f"{name} is {value}, allowed is {low} to {high}")
        for name, kind in _KINDS.items():
            if not isinstance(getattr(self, name), kind):
                raise InvalidSetting(f"{name} is {getattr(self, name)!r}, it must be a {kind.__name__}")
        self._check_embargo()
        self._check_reset_zone()

    def _check_embargo(self) -> None:
        for name in ("minimum_embargo", "rollover_pause"):
            around: Embargo = getattr(self, name)
            for minutes in (around.before_minutes, around.after_minutes):
                if not 0 <= minutes <= _LONGEST_EMBARGO_MINUTES:
                    raise InvalidSetting(
                        f"{name} of {minutes} minutes, allowed is 0 to {_LONGEST_EMBARGO_MINUTES} on either side"
                    )

    def _check_reset_zone(self) -> None:
        if self.day_reset_zone == BROKER_ZONE:
            return
        try:
            zone(self.day_reset_zone)
        except InvalidInput as error:
            raise InvalidSetting(f"day_reset_zone is neither {BROKER_ZONE!r} nor an IANA zone: {error}") from error


LIMITS: dict[str, tuple[Decimal, Decimal]] = {
    "min_confidence_threshold": (Decimal(0), Decimal(100)),
    "risk_fraction": (Decimal("0.0001"), Decimal("0.05")),
    "max_lot_size": (Decimal("0.01"), Decimal(500)),
    "max_concurrent_trades": (Decimal(0), Decimal(200)),
    "max_per_symbol": (Decimal(0), Decimal(50)),
    "min_rr": (Decimal("0.1"), Decimal(20)),
    "min_margin_level": (Decimal(0), Decimal(100000)),
    "max_daily_loss": (Decimal("0.01"), Decimal(10**12)),
    "max_drawdown_amount": (Decimal("0.01"), Decimal(10**12)),
    "daily_profit_target": (Decimal("0.01"), Decimal(10**12)),
    "max_spread_to_median": (Decimal(1), Decimal(100)),
    "max_quote_age_seconds": (Decimal(1), Decimal(3600)),
    "max_account_age_seconds": (Decimal(1), Decimal(3600)),
    "max_entry_drift_r": (Decimal("0.01"), Decimal(1)),
    "commission_per_lot": (Decimal(0), Decimal(1000)),
    "slippage_points": (Decimal(0), Decimal(10000)),
    "idea_life_bars": (Decimal(1), Decimal(20)),
    "base_amount": (Decimal(1), Decimal(10**12)),
    "max_clock_skew_seconds": (Decimal(1), Decimal(3600)),
    "max_calendar_age_hours": (Decimal(1), Decimal(744)),
    "weekend_pause_minutes": (Decimal(0), Decimal(2880)),
    "weekend_flat_minutes": (Decimal(1), Decimal(2880)),
    "opening_pause_minutes": (Decimal(0), Decimal(240)),
    "min_stop_spreads": (Decimal(0), Decimal(100)),
    "max_entry_drift_atr": (Decimal("0.01"), Decimal(10)),
    "tick_value_tolerance": (Decimal("0.001"), Decimal("0.5")),
    "max_open_risk_fraction": (Decimal("0.0001"), Decimal(1)),
    "max_currency_exposure": (Decimal("0.01"), Decimal(1000)),
    "cool_down_minutes": (Decimal(0), Decimal(43200)),
    "max_consecutive_losses": (Decimal(1), Decimal(100)),
    "losses_pause_minutes": (Decimal(1), Decimal(43200)),
    "max_orders_per_minute": (Decimal(1), Decimal(1000)),
    "max_orders_per_day": (Decimal(1), Decimal(100000)),
    "soft_loss_fraction": (Decimal("0.01"), Decimal(1)),
    "flatten_loss_fraction": (Decimal("0.01"), Decimal(1)),
    "profit_target": (Decimal("0.01"), Decimal(10**12)),
}


MAY_BE_UNSET = frozenset(
    {
        "max_daily_loss",
        "max_drawdown_amount",
        "daily_profit_target",
        "base_amount",
        "max_open_risk_fraction",
        "max_currency_exposure",
        "max_consecutive_losses",
        "soft_loss_fraction",
        "flatten_loss_fraction",
        "profit_target",
    }
)
WHOLE_NUMBERS = frozenset(
    {
        "max_concurrent_trades",
        "max_per_symbol",
        "max_quote_age_seconds",
        "max_account_age_seconds",
        "slippage_points",
        "idea_life_bars",
        "max_clock_skew_seconds",
        "max_calendar_age_hours",
        "weekend_pause_minutes",
        "weekend_flat_minutes",
        "opening_pause_minutes",
        "cool_down_minutes",
        "max_consecutive_losses",
        "losses_pause_minutes",
        "max_orders_per_minute",
        "max_orders_per_day",
    }
)
_KINDS: dict[str, type] = {
    "ai_trading_enabled": bool,
    "mode": Mode,
    "daily_loss_reference": LossReference,
    "halt_on_drawdown": bool,
    "stop_after_target": bool,
    "day_reset_zone": str,
    "allow_off_watchlist_autotrade": bool,
    "minimum_embargo": Embargo,
    "calendar_required": bool,
    "rollover_pause": Embargo,
    "flat_before_weekend": bool,
    "allow_opposite_positions": bool,
    "drawdown_kind": DrawdownKind,
    "drawdown_mark": DrawdownMark,
    "drawdown_lock": bool,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """A policy as it was in force: decisions point at the version they were judged under."""

    version: int
    policy: RiskPolicy


def scaled_policy(balance: Decimal) -> RiskPolicy:
    """Return the default policy with its amounts in proportion to ``balance``: the desk's first policy.

    Daily loss 2 %, drawdown 10 %, daily target 3 % of the balance found at the first start.
    """
    if not balance > 0:
        raise InvalidSetting(f"the first policy needs a balance above 0, the account has {balance}")
    return replace(
        RiskPolicy(),
        max_daily_loss=money(balance * Decimal("0.02")),
        max_drawdown_amount=money(balance * Decimal("0.10")),
        daily_profit_target=money(balance * Decimal("0.03")),
    )


def changed(policy: RiskPolicy, changes: dict[str, Any]) -> RiskPolicy:
    """Return ``policy`` with ``changes`` applied. Raises InvalidSetting for an unknown field or a bad value."""
    unknown = sorted(set(changes) - set(RiskPolicy.__dataclass_fields__))
    if unknown:
        raise InvalidSetting(
            f"unknown policy field {unknown[0]!r}; known are {', '.join(sorted(RiskPolicy.__slots__))}"
        )
    return replace(policy, **changes)
