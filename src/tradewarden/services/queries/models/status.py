"""The status strip: is the desk safe, what does it do, and how old is what it shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tradewarden.core.policy import Mode
from tradewarden.services.queries.models.limits import LimitsView
from tradewarden.services.queries.models.numbers import Number


class HealthState(StrEnum):
    """Whether something the desk depends on answers."""

    OK = "ok"
    STALE = "stale"
    DOWN = "down"
    UNKNOWN = "unknown"


class StatusSource(StrEnum):
    """Whether the record answered for this status, or the newest earlier status was repeated."""

    LIVE = "live"
    LAST_KNOWN = "last_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthItem:
    """One dependency: its state, what is wrong in words, and since when (wall time) it has been so."""

    state: HealthState
    detail: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteHealth:
    """How old the quote of a watched symbol is, in market seconds; null age when there is none."""

    symbol: str
    state: HealthState
    at: datetime | None
    age_seconds: float | None
    limit_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarHealth:
    """What is known of the economic calendar."""

    state: HealthState
    captured_at: datetime | None
    covers_until: datetime | None
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Everything the desk depends on. ``last_cycle_at`` is wall time.

    ``reconcile_problem`` says what keeps the book and the broker apart, null while nothing does.
    """

    broker: HealthItem
    record: HealthItem
    reconciled: bool
    reconcile_problem: str | None
    calendar: CalendarHealth
    quotes: tuple[QuoteHealth, ...]
    last_cycle_at: datetime | None
    last_cycle_age_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltView:
    """A halt in force: its first cause. ``history_seq`` is the entry that put it in force."""

    code: str
    reason: str
    actor: str
    since: datetime
    history_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketClockView:
    """Which market this is and what time it is there.

    ``speed`` is market seconds per wall second, null when time is stepped. ``broker_time`` is the broker's server
    clock without a zone, ``broker_clock`` names it, ``broker_offset_minutes`` is its distance from UTC now.
    """

    simulated: bool
    label: str
    speed: float | None
    market_at: datetime
    broker_time: str
    broker_clock: str
    broker_offset_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStrip:
    """The account in short. ``margin_level`` is a percentage, null while no margin is used."""

    currency: str
    balance: Number
    equity: Number
    floating: Number
    margin_level: Number | None
    problem: str | None
    captured_at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """Today's result against its limits, in account currency.

    ``profit`` is equity − reference, ``profit_fraction`` that over the reference. ``loss`` is the reference − equity
    where that is a loss, else 0. The fractions are of the limit (0 to 1); null where no limit or target is set.
    ``late`` says that the day's reset was first seen after it had happened.
    """

    started_at: datetime
    late: bool
    reference: Number
    profit: Number
    profit_fraction: Number | None
    realised_profit: Number
    loss: Number
    loss_limit: Number | None
    loss_used_fraction: Number | None
    loss_free_fraction: Number | None
    loss_free_amount: Number | None
    target: Number | None
    target_reached_fraction: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownView:
    """The distance of equity below ``high_water_mark``, in account currency and as a fraction of the limit.

    That is the mark with deposits since, or the first balance where the drawdown is static: ``limits`` says which.
    """

    amount: Number
    high_water_mark: Number
    limit: Number | None
    used_fraction: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStatus:
    """Everything the status strip shows.

    When the record does not answer, ``source`` is ``last_known`` and ``age_seconds`` (wall time) says how old the
    answer is; ``health`` is always of now. ``can_resume`` says whether resuming would be accepted; while trading is
    off and it would not, ``resume_blocked_by`` names what stands against it.
    """

    source: StatusSource
    as_of: datetime
    wall_at: datetime
    age_seconds: float
    mode: Mode
    ai_trading_enabled: bool
    policy_version: int
    halt: HaltView | None
    can_resume: bool
    resume_blocked_by: str | None
    market: MarketClockView
    account: AccountStrip | None
    day: DayView | None
    drawdown: DrawdownView | None
    limits: LimitsView | None
    open_positions: int | None
    waiting_ideas: int
    unfinished_orders: int
    watchlist: tuple[str, ...]
    history_seq: int
    health: Health
    product_version: str
    engine_version: str
    library_versions: dict[str, str]
