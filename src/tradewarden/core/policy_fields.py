"""What each field of the risk policy means, in words: for the settings' API, the command line and the reference page.

A field is explained once, here; its default and its limits are read from the policy itself.
"""

from dataclasses import dataclass

from tradewarden.core.policy import BROKER_ZONE


@dataclass(frozen=True, slots=True)
class PolicyField:
    """One field: the group it is shown in, what it does, the unit of its value, and the checks that read it."""

    name: str
    group: str
    text: str
    unit: str = ""
    checks: tuple[str, ...] = ()


_MONEY = "account currency"
_MINUTES = "minutes"
_AROUND = "minutes before/after"
_SHARE = "fraction, 0.01 is 1 %"
# Groups in the order shown; each field as name, words, unit, codes of the checks that read it.
_GROUPS: dict[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    "who decides": (
        ("ai_trading_enabled", "Whether the desk may open trades; switched by halt and resume.", "",
         ("TRADING_DISABLED",)),
        ("mode", "Whether a person lets every order go, or the desk acts alone within its limits.", "",
         ("SUPERVISED_MODE", "OFF_WATCHLIST")),
        ("min_confidence_threshold", "Confidence below this asks a person.", "points of 100",
         ("CONFIDENCE_BELOW_THRESHOLD",)),
        ("allow_off_watchlist_autotrade", "Whether the desk may act alone on symbols off the watchlist.", "",
         ("OFF_WATCHLIST",)),
    ),
    "size of a trade": (
        ("risk_fraction", "Share of the base that one trade may lose at its stop, costs included.", _SHARE,
         ("RISK_PER_TRADE",)),
        ("base_amount", "A fixed base, never above the lower of balance and equity without credit, which is the base.",
         _MONEY,
         ("RISK_PER_TRADE", "OPEN_RISK")),
        ("max_lot_size", "Most lots of one trade.", "lots", ("LOT_ABOVE_MAXIMUM",)),
        ("min_rr", "Least reward in units of the risk, after costs.", "R", ("RR_TOO_LOW",)),
        ("commission_per_lot", "Round-trip commission that sizing allows for.", f"{_MONEY} per lot",
         ("RISK_PER_TRADE", "RR_TOO_LOW", "OPEN_RISK")),
        ("slippage_points", "Slippage that sizing allows for, and the deviation an order may be filled with.", "points",
         ("RISK_PER_TRADE", "RR_TOO_LOW", "OPEN_RISK")),
        ("tick_value_tolerance", "How far apart the terminal's tick values and our own may lie.", _SHARE,
         ("TICK_VALUE_UNRELIABLE",)),
    ),
    "everything that is open": (
        ("max_concurrent_trades", "Most positions and orders on the way, foreign ones included.", "",
         ("MAX_CONCURRENT_TRADES",)),
        ("max_per_symbol", "Most positions and orders on the way in one symbol.", "", ("MAX_PER_SYMBOL",)),
        ("max_open_risk_fraction", "Share of the base that is lost when every stop is hit at once.", _SHARE,
         ("OPEN_RISK",)),
        ("max_currency_exposure", "Largest net position in one currency.", "multiples of equity",
         ("CURRENCY_EXPOSURE",)),
        ("min_margin_level", "Least margin level after the trade.", "percent", ("MARGIN_LEVEL",)),
        ("allow_opposite_positions", "Whether a symbol may be held long and short at once.", "",
         ("NETTING_CONFLICT",)),
    ),
    "loss limits": (
        ("max_daily_loss", "Loss since the day's reset that halts trading.", _MONEY,
         ("DAILY_LOSS_REACHED", "DAILY_LOSS_HEADROOM")),
        ("daily_loss_reference", "What the day's loss is counted from: balance, equity or the higher at the reset.", "",
         ("DAILY_LOSS_REACHED", "DAILY_LOSS_HEADROOM")),
        ("day_reset_zone", f"Time zone whose midnight is the reset; {BROKER_ZONE!r} is the server's own.", "IANA zone",
         ("DAILY_LOSS_REACHED", "DAILY_LOSS_HEADROOM")),
        ("soft_loss_fraction", "Share of the daily limit from which nothing more is opened.", _SHARE,
         ("DAILY_LOSS_HEADROOM",)),
        ("flatten_loss_fraction", "Share of the daily limit at which the desk closes its positions.", _SHARE,
         ("DAILY_LOSS_HEADROOM",)),
        ("max_drawdown_amount", "Drawdown that halts trading.", _MONEY,
         ("MAX_DRAWDOWN_REACHED", "DRAWDOWN_HEADROOM")),
        ("halt_on_drawdown", "Whether reaching the drawdown halts; otherwise it denies.", "",
         ("MAX_DRAWDOWN_REACHED",)),
        ("drawdown_kind", "Counted from the first balance (static) or from the highest mark (trailing).", "",
         ("MAX_DRAWDOWN_REACHED", "DRAWDOWN_HEADROOM")),
        ("drawdown_mark", "What a trailing mark follows: equity at any moment or the balance at the day's end.", "",
         ("MAX_DRAWDOWN_REACHED", "DRAWDOWN_HEADROOM")),
        ("drawdown_lock", "Whether the trailing mark stops once its floor has reached the first balance.", "",
         ("MAX_DRAWDOWN_REACHED", "DRAWDOWN_HEADROOM")),
    ),
    "targets": (
        ("daily_profit_target", "Realised profit of the day that counts as enough.", _MONEY,
         ("DAILY_TARGET_REACHED",)),
        ("stop_after_target", "Whether reaching the day's target halts.", "", ("DAILY_TARGET_REACHED",)),
        ("profit_target", "Profit over the first balance at which trading halts.", _MONEY,
         ("PROFIT_TARGET_REACHED",)),
    ),
    "when nothing is opened": (
        ("minimum_embargo", "Pause around high-impact news; strategies can only widen it.", _AROUND,
         ("NEWS_EMBARGO",)),
        ("rollover_pause", "Pause around the server's midnight.", _AROUND, ("ROLLOVER",)),
        ("weekend_pause_minutes", "Pause before the last close of the week.", _MINUTES, ("WEEKEND",)),
        ("opening_pause_minutes", "First minutes after the market opens in which stops are not moved.", _MINUTES, ()),
        ("cool_down_minutes", "Pause after a position closed, for its strategy and symbol.", _MINUTES,
         ("COOLDOWN",)),
        ("max_consecutive_losses", "Losses in a row after which the desk pauses.", "", ("CONSECUTIVE_LOSSES",)),
        ("losses_pause_minutes", "How long it pauses then.", _MINUTES, ("CONSECUTIVE_LOSSES",)),
        ("max_orders_per_minute", "Most opening orders in a minute.", "", ("ORDER_RATE",)),
        ("max_orders_per_day", "Most opening orders in 24 hours.", "", ("ORDER_RATE",)),
    ),
    "weekend": (
        ("flat_before_weekend", "Whether the desk closes its positions before the last close of the week.", "",
         ("WEEKEND",)),
        ("weekend_flat_minutes", "How long before that close.", _MINUTES, ("WEEKEND",)),
    ),
    "prices and their age": (
        ("max_spread_to_median", "Widest spread in multiples of its median.", "×", ("SPREAD_TOO_WIDE",)),
        ("min_stop_spreads", "Least distance of the stop in multiples of the spread.", "×", ("STOP_TOO_CLOSE",)),
        ("max_entry_drift_r", "How far the price may have moved since the idea.", "R", ("PRICE_MOVED",)),
        ("max_entry_drift_atr", "The same in multiples of the ATR; the smaller counts.", "× ATR", ("PRICE_MOVED",)),
        ("max_quote_age_seconds", "Oldest quote that counts.", "seconds", ("STALE_QUOTE", "CONVERSION_UNAVAILABLE")),
        ("max_account_age_seconds", "Oldest account statement that counts.", "seconds", ("ACCOUNT_UNAVAILABLE",)),
        ("max_clock_skew_seconds", "How far the terminal's clock may lie ahead of ours.", "seconds",
         ("CLOCK_SKEW",)),
        ("calendar_required", "Whether nothing is opened without a calendar.", "",
         ("NEWS_EMBARGO", "CALENDAR_STALE", "FORBIDDEN_CONDITION")),
        ("max_calendar_age_hours", "Oldest capture of the calendar that counts.", "hours", ("CALENDAR_STALE",)),
        ("idea_life_bars", "Bars for which an idea stands.", "bars", ()),
    ),
}  # fmt: skip
FIELDS: tuple[PolicyField, ...] = tuple(
    PolicyField(name, group, text, unit, checks)
    for group, fields in _GROUPS.items()
    for name, text, unit, checks in fields
)
FIELD_NAMES = tuple(field.name for field in FIELDS)


def field_of(name: str) -> PolicyField:
    """Return what the field ``name`` means. Raises KeyError."""
    for field in FIELDS:
        if field.name == name:
            return field
    raise KeyError(f"{name} is no field of the policy; known are {', '.join(FIELD_NAMES)}")
