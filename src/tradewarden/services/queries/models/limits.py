"""The loss limits: what is lost of each, what is left, and where it would be breached."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.desk import LossBuffer
from tradewarden.core.headroom import LossLimit
from tradewarden.core.policy import DrawdownKind, DrawdownMark, LossReference
from tradewarden.services.queries.models.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitView:
    """One limit in account currency. ``used`` is the loss so far (0 in profit), ``left`` what may still be lost.

    The loss is counted from ``counted_from``, said in words by ``basis``; at ``breach_equity`` or below (without the
    broker's credit) the limit is reached. The fractions are of the limit, 0 to 1.
    """

    counted_from: Number
    basis: str
    used: Number
    left: Number
    limit: Number
    used_fraction: Number
    left_fraction: Number
    breach_equity: Number
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitTargetView:
    """A profit target: what has been realised towards it without deposits, and the fraction of it (0 to 1)."""

    realised: Number
    target: Number
    reached_fraction: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsView:
    """Every limit that is set, in account currency, as of ``captured_at``; null where none is set.

    ``first`` is the limit that is reached first on the way down, after a loss of ``left``. ``open_risk`` is what is
    lost from here if every stop is hit, orders on their way included; null while one of the positions ``unbounded``
    has no known loss at its stop. ``left_after_stops`` would then be left of the first limit. ``opening_stops_at`` and
    ``flattens_at`` are losses of today at which opening stops and at which the desk's positions are closed;
    ``buffer`` is the farthest of these reached today. ``deposits_today`` and ``deposits`` (since the first balance)
    are left out of every loss; withdrawals are negative. ``mark`` is what a trailing drawdown follows, ``mark_locked``
    whether it stands still. ``late`` says that today's reset was seen late: the stricter reference is taken.
    """

    currency: str
    equity: Number
    daily_loss: LimitView | None
    drawdown: LimitView | None
    first: LossLimit | None
    left: Number | None
    opening_stops_at: Number | None
    flattens_at: Number | None
    buffer: LossBuffer
    open_risk: Number | None
    unbounded: tuple[int, ...]
    left_after_stops: Number | None
    daily_loss_reference: LossReference
    drawdown_kind: DrawdownKind
    drawdown_mark: DrawdownMark
    mark: Number | None
    mark_locked: bool
    late: bool
    day_started_at: datetime | None
    resets_at: datetime
    reset_zone: str
    deposits_today: Number
    deposits: Number
    daily_target: ProfitTargetView | None
    profit_target: ProfitTargetView | None
    captured_at: datetime
    age_seconds: float
