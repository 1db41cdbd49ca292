"""What it means to tighten a policy: for every field its values from the loosest to the tightest that tests try.

A field in ``UNORDERED`` has no tighter side: another reset or another mark is now the stricter one, now the milder.
"""

from decimal import Decimal
from typing import Any

from tradewarden.core.market.calendar import Embargo
from tradewarden.core.policy import DrawdownKind, LossReference, Mode

D = Decimal
UNORDERED = frozenset({"day_reset_zone", "drawdown_mark"})

# Loosest first. Values stand close to what the worlds of the property hold, so that each can be the one that decides.
LADDERS: dict[str, tuple[Any, ...]] = {
    "ai_trading_enabled": (True, False),
    "mode": (Mode.AUTONOMOUS, Mode.SUPERVISED),
    "min_confidence_threshold": (D(0), D(50), D(80), D(81), D(100)),
    "risk_fraction": (D("0.05"), D("0.01"), D("0.005"), D("0.0025"), D("0.0001")),
    "max_lot_size": (D(500), D(5), D("2.35"), D("0.5"), D("0.01")),
    "max_concurrent_trades": (200, 4, 3, 2, 1, 0),
    "max_per_symbol": (50, 3, 2, 1, 0),
    "min_rr": (D("0.1"), D("1.5"), D("1.85"), D("1.86"), D(20)),
    "min_margin_level": (D(0), D(300), D(900), D(100000)),
    "max_daily_loss": (None, D(10**6), D(5000), D(2000), D(500), D(10)),
    "max_drawdown_amount": (None, D(10**6), D(10000), D(2000), D(400), D(10)),
    "daily_loss_reference": (LossReference.BALANCE, LossReference.HIGHER),
    "halt_on_drawdown": (False, True),
    "daily_profit_target": (None, D(3000), D(100), D("0.01")),
    "stop_after_target": (False, True),
    "allow_off_watchlist_autotrade": (True, False),
    "minimum_embargo": (Embargo(0, 0), Embargo(5, 5), Embargo(15, 15), Embargo(60, 60)),
    "calendar_required": (False, True),
    "max_spread_to_median": (D(100), D(3), D(1)),
    "max_quote_age_seconds": (3600, 90, 10, 1),
    "max_account_age_seconds": (3600, 90, 10, 1),
    "max_entry_drift_r": (D(1), D("0.25"), D("0.05"), D("0.01")),
    "commission_per_lot": (D(0), D(7), D(50), D(1000)),
    "slippage_points": (0, 5, 50, 10000),
    "idea_life_bars": (20, 1),
    "base_amount": (None, D(10**9), D(100000), D(20000), D(100)),
    "max_clock_skew_seconds": (3600, 10, 1),
    "max_calendar_age_hours": (744, 192, 1),
    "rollover_pause": (Embargo(0, 0), Embargo(5, 10), Embargo(60, 719), Embargo(60, 720), Embargo(1440, 1440)),
    "weekend_pause_minutes": (0, 30, 60, 2880),
    "flat_before_weekend": (False, True),
    "weekend_flat_minutes": (1, 15, 120, 2880),
    "opening_pause_minutes": (0, 5, 240),
    "min_stop_spreads": (D(0), D(2), D(19), D(20), D(100)),
    "max_entry_drift_atr": (D(10), D("0.5"), D("0.1"), D("0.01")),
    "tick_value_tolerance": (D("0.5"), D("0.05"), D("0.01"), D("0.001")),
    "max_open_risk_fraction": (None, D(1), D("0.03"), D("0.01"), D("0.004"), D("0.0001")),
    "max_currency_exposure": (None, D(1000), D(20), D(3), D("0.5"), D("0.01")),
    "allow_opposite_positions": (True, False),
    "cool_down_minutes": (0, 30, 60, 43200),
    "max_consecutive_losses": (None, 5, 2, 1),
    "losses_pause_minutes": (1, 30, 240, 43200),
    "max_orders_per_minute": (1000, 3, 2, 1),
    "max_orders_per_day": (100000, 4, 3, 2, 1),
    "soft_loss_fraction": (None, D(1), D("0.5"), D("0.1"), D("0.01")),
    "flatten_loss_fraction": (None, D(1), D("0.8"), D("0.1")),
    "drawdown_kind": (DrawdownKind.STATIC, DrawdownKind.TRAILING),
    "drawdown_lock": (True, False),
    "profit_target": (None, D(5000), D(1000), D("0.01")),
}
