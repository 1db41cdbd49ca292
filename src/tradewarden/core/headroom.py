"""How much may still be lost, and at which equity each loss limit is breached.

One function for the status, the interface and the pages; the gate's own checks judge the same sums before an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState, drawdown_base, loss_base
from tradewarden.core.limits import opening_stops_at
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.values import ZERO


class LossLimit(StrEnum):
    """The limits on losses."""

    DAILY_LOSS = "daily_loss"
    DRAWDOWN = "drawdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """One limit in account currency: what is lost of it, counted from ``base``, and the equity that breaches it.

    ``used`` is negative in profit; equity is without the broker's credit.
    """

    base: Decimal
    used: Decimal
    limit: Decimal

    @property
    def left(self) -> Decimal:
        """Return what may still be lost; 0 or less once the limit is reached."""
        return self.limit - self.used

    @property
    def breach_equity(self) -> Decimal:
        """Return the equity at and below which the limit is reached."""
        return self.base - self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitHeadroom:
    """The distance to every limit that is set; None where none is, or where it cannot be judged.

    ``opening_stops_at`` and ``flattens_at`` are losses of today at which nothing more is opened and at which the
    desk's positions are closed. ``open_risk`` is what is lost from here if every stop is hit, orders on their way
    included; it is None while a position without a known loss at its stop is open: ``unbounded`` are
    the tickets of these.
    """

    equity: Decimal
    daily_loss: Distance | None
    drawdown: Distance | None
    opening_stops_at: Decimal | None
    flattens_at: Decimal | None
    open_risk: Decimal | None
    unbounded: tuple[int, ...]

    @property
    def first(self) -> LossLimit | None:
        """Return which limit is reached first on the way down, or None where there is none."""
        known = [
            (distance.left, kind)
            for distance, kind in ((self.daily_loss, LossLimit.DAILY_LOSS), (self.drawdown, LossLimit.DRAWDOWN))
            if distance is not None
        ]
        return min(known, key=lambda found: found[0])[1] if known else None

    @property
    def left(self) -> Decimal | None:
        """Return what may be lost until the first limit is reached."""
        return min((limit.left for limit in (self.daily_loss, self.drawdown) if limit is not None), default=None)

    @property
    def left_after_stops(self) -> Decimal | None:
        """Return what would be left of the first limit if every stop were hit now."""
        return None if self.left is None or self.open_risk is None else self.left - self.open_risk


def limit_headroom(
    account: AccountState,
    desk: DeskState,
    policy: RiskPolicy,
    *,
    stop_losses: Mapping[int, Decimal] | None = None,
) -> LimitHeadroom:
    """Return the distance of a believable ``account`` to every limit of ``policy``.

    ``stop_losses`` are the losses from here to the stop by ticket, costs included.
    """
    daily = drawn = flattens_at = None
    equity, day, known = account.own_equity, desk.day, stop_losses or {}
    if policy.max_daily_loss is not None and day is not None:
        base = loss_base(day, policy.daily_loss_reference)
        daily = Distance(base=base, used=base - equity, limit=policy.max_daily_loss)
        if policy.flatten_loss_fraction is not None:
            flattens_at = policy.flatten_loss_fraction * policy.max_daily_loss
    base_of_drawdown = drawdown_base(desk, policy)
    if policy.max_drawdown_amount is not None and base_of_drawdown is not None:
        drawn = Distance(base=base_of_drawdown, used=base_of_drawdown - equity, limit=policy.max_drawdown_amount)
    unbounded = tuple(position.ticket for position in account.positions if position.ticket not in known)
    on_the_way = sum((intent.risk_amount for intent in desk.unfinished_intents), ZERO)
    open_risk = None if unbounded else sum((known[held.ticket] for held in account.positions), on_the_way)
    return LimitHeadroom(
        equity=equity,
        daily_loss=daily,
        drawdown=drawn,
        opening_stops_at=None if daily is None else opening_stops_at(policy),
        flattens_at=flattens_at,
        open_risk=open_risk,
        unbounded=unbounded,
    )
