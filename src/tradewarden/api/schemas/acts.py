"""What a person may do, and what the desk answers: always with the history entry that the act made."""

from datetime import datetime

from pydantic import BaseModel, Field

from tradewarden.api.schemas.base import Sent, SentNumber
from tradewarden.core.account import MarginMode
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.policy import DrawdownKind, DrawdownMark, LossReference, Mode
from tradewarden.core.risk.reasons import Code
from tradewarden.services.queries.models.common import VerdictView
from tradewarden.services.queries.models.numbers import Number


class Approve(Sent):
    """A yes to exactly the idea that was shown.

    ``lots`` may only lower what was proposed, ``worst_price`` bounds the price at which the order may still go.
    """

    idea_digest: str = Field(pattern="^[0-9a-f]{64}$")
    lots: SentNumber
    worst_price: SentNumber | None = None


class Reject(Sent):
    """A no, with a reason for the record."""

    reason: str = Field(default="", max_length=500)


class Halt(Sent):
    """Stop opening trades at once."""

    reason: str = Field(default="halted by hand", min_length=1, max_length=500)


class Flat(Sent):
    """Close every position of the desk. ``confirm`` must be ``CLOSE ALL``."""

    confirm: str = Field(max_length=50)
    reason: str = Field(default="closed by hand", min_length=1, max_length=500)


class ChangeMode(Sent):
    """Who lets an order go."""

    mode: Mode


class ClosePosition(Sent):
    """Close a position, whole when ``lots`` is left out."""

    lots: SentNumber | None = None


class ClearPosition(Sent):
    """Take a position out of the book that is gone at the broker without a deal; the reason goes on record."""

    reason: str = Field(min_length=1, max_length=500)


class Toggle(Sent):
    """Switch a strategy on or off."""

    is_active: bool


class ChangeEmbargo(Sent):
    """Minutes before and after a moment in which nothing is opened."""

    before_minutes: int = Field(ge=0, le=1440)
    after_minutes: int = Field(ge=0, le=1440)


class ChangeRisk(Sent):
    """Policy fields to change; those left out stay as they are, a null amount lifts that limit.

    ``expected_version`` refuses the change when somebody else changed the policy meanwhile.
    """

    expected_version: int | None = None
    mode: Mode | None = None
    min_confidence_threshold: SentNumber | None = None
    risk_fraction: SentNumber | None = None
    max_lot_size: SentNumber | None = None
    max_concurrent_trades: int | None = None
    max_per_symbol: int | None = None
    min_rr: SentNumber | None = None
    min_margin_level: SentNumber | None = None
    max_daily_loss: SentNumber | None = None
    daily_loss_reference: LossReference | None = None
    max_drawdown_amount: SentNumber | None = None
    halt_on_drawdown: bool | None = None
    daily_profit_target: SentNumber | None = None
    stop_after_target: bool | None = None
    day_reset_zone: str | None = Field(default=None, min_length=1, max_length=64)
    allow_off_watchlist_autotrade: bool | None = None
    minimum_embargo: ChangeEmbargo | None = None
    calendar_required: bool | None = None
    max_spread_to_median: SentNumber | None = None
    max_quote_age_seconds: int | None = None
    max_account_age_seconds: int | None = None
    max_entry_drift_r: SentNumber | None = None
    commission_per_lot: SentNumber | None = None
    slippage_points: int | None = None
    idea_life_bars: int | None = None
    base_amount: SentNumber | None = None
    max_clock_skew_seconds: int | None = None
    max_calendar_age_hours: int | None = None
    rollover_pause: ChangeEmbargo | None = None
    weekend_pause_minutes: int | None = None
    flat_before_weekend: bool | None = None
    weekend_flat_minutes: int | None = None
    opening_pause_minutes: int | None = None
    min_stop_spreads: SentNumber | None = None
    max_entry_drift_atr: SentNumber | None = None
    tick_value_tolerance: SentNumber | None = None
    max_open_risk_fraction: SentNumber | None = None
    max_currency_exposure: SentNumber | None = None
    allow_opposite_positions: bool | None = None
    cool_down_minutes: int | None = None
    max_consecutive_losses: int | None = None
    losses_pause_minutes: int | None = None
    max_orders_per_minute: int | None = None
    max_orders_per_day: int | None = None
    soft_loss_fraction: SentNumber | None = None
    flatten_loss_fraction: SentNumber | None = None
    drawdown_kind: DrawdownKind | None = None
    drawdown_mark: DrawdownMark | None = None
    drawdown_lock: bool | None = None
    profit_target: SentNumber | None = None


class ActAnswer(BaseModel):
    """The act is recorded. ``history_seq`` is its entry, null when nothing had to change."""

    history_seq: int | None
    message: str


class OrderOutcome(BaseModel):
    """What the broker answered: ``accepted``, ``rejected`` or ``unknown`` (being reconciled, counted as done)."""

    state: str
    message: str
    position_ticket: int | None
    lots: Number | None
    price: Number | None
    retcode: int | None


class ApprovalAnswer(BaseModel):
    """Where the idea stands after the approval: executed, asked about again, or refused by the gate just now."""

    idea_id: str
    status: IdeaStatus
    history_seq: int
    blocked_by: list[Code]
    verdict: VerdictView | None
    outcome: OrderOutcome | None
    message: str


class CloseAnswer(BaseModel):
    """What became of the closing order; null while it is on its way."""

    ticket: int
    history_seq: int
    outcome: OrderOutcome | None
    message: str


class FlatAnswer(BaseModel):
    """What came of closing everything: the closings, what kept others open, and orders that may still fill.

    ``history_seq`` is the entry that says who closed everything and why.
    """

    history_seq: int
    closed: list[CloseAnswer]
    problems: list[str]
    on_their_way: list[str]
    message: str


class ConnectionAnswer(BaseModel):
    """One round trip to the broker. ``problem`` says why nothing could be opened, null when all is well."""

    ok: bool
    problem: str | None
    milliseconds: float
    login: str | None
    server: str | None
    currency: str | None
    margin_mode: MarginMode | None
    trade_allowed: bool | None
    open_positions: int | None
    as_of: datetime
