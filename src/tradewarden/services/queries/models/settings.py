"""The policy and the strategies as people see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import DrawdownKind, DrawdownMark, LossReference, Mode
from tradewarden.core.values import Side
from tradewarden.services.queries.models.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbargoView:
    """Minutes before and after a moment in which nothing is opened."""

    before_minutes: int
    after_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """Every field of the policy; a null amount means that this limit is not set."""

    ai_trading_enabled: bool
    mode: Mode
    min_confidence_threshold: Number
    risk_fraction: Number
    max_lot_size: Number
    max_concurrent_trades: int
    max_per_symbol: int
    min_rr: Number
    min_margin_level: Number
    max_daily_loss: Number | None
    daily_loss_reference: LossReference
    max_drawdown_amount: Number | None
    halt_on_drawdown: bool
    daily_profit_target: Number | None
    stop_after_target: bool
    day_reset_zone: str
    allow_off_watchlist_autotrade: bool
    minimum_embargo: EmbargoView
    calendar_required: bool
    max_spread_to_median: Number
    max_quote_age_seconds: int
    max_account_age_seconds: int
    max_entry_drift_r: Number
    commission_per_lot: Number
    slippage_points: int
    idea_life_bars: int
    base_amount: Number | None
    max_clock_skew_seconds: int
    max_calendar_age_hours: int
    rollover_pause: EmbargoView
    weekend_pause_minutes: int
    flat_before_weekend: bool
    weekend_flat_minutes: int
    opening_pause_minutes: int
    min_stop_spreads: Number
    max_entry_drift_atr: Number
    tick_value_tolerance: Number
    max_open_risk_fraction: Number | None
    max_currency_exposure: Number | None
    allow_opposite_positions: bool
    cool_down_minutes: int
    max_consecutive_losses: int | None
    losses_pause_minutes: int
    max_orders_per_minute: int
    max_orders_per_day: int
    soft_loss_fraction: Number | None
    flatten_loss_fraction: Number | None
    drawdown_kind: DrawdownKind
    drawdown_mark: DrawdownMark
    drawdown_lock: bool
    profit_target: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLimits:
    """The least and the greatest value that a policy field takes."""

    low: Number
    high: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWords:
    """What a policy field means: its group, words, unit, and the codes of the checks that read it."""

    name: str
    group: str
    text: str
    unit: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSettings:
    """The policy in force, its version, the limits and words of its fields and the newest halt's first reason.

    ``warnings`` name the active strategies none of whose ideas can reach the confidence threshold, and say why.
    """

    version: int
    policy: PolicyView
    limits: dict[str, FieldLimits]
    fields: tuple[FieldWords, ...]
    last_halt_reason: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySummary:
    """A strategy at its newest version."""

    strategy_id: str
    name: str
    description: str
    version: int
    digest: str
    is_active: bool
    allowed_symbols: tuple[str, ...]
    timeframe: Timeframe
    sides: tuple[Side, ...]
    sessions: tuple[str, ...]
    risk_fraction: Number | None
    rr_expectation: Number
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyList:
    """Every strategy, by name."""

    as_of: datetime
    strategies: tuple[StrategySummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRule:
    """One condition of one side of a strategy in words.

    ``section`` is entry, exit, strong, weak, invalidation or forbidden.
    """

    side: Side
    section: str
    pointer: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyDetail:
    """A strategy with its document as published and the conditions of each side in words."""

    strategy: StrategySummary
    required_bars: int
    rules: tuple[StrategyRule, ...]
    document: Any
