"""An open position at one moment, and how far it has come in units of its initial risk.

R is the distance from the fill to the stop that was sent with it; it never changes. The best favourable excursion has
no memory of its own: it is read from the closed bars that opened after the position, and from the price now.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import Side, round_to_step, to_epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that a step depends on.

    ``position`` is the broker's statement, ``held`` the desk's book. ``refused_repairs`` is how often the broker has
    refused lately to put the stop back.
    """

    position: Position
    held: DeskPosition
    spec: StrategySpec
    evaluation: Evaluation | None
    snapshot: MarketSnapshot
    policy: RiskPolicy
    refused_repairs: int = 0

    @property
    def as_of(self) -> datetime:
        """Return the moment."""
        return self.snapshot.as_of

    @property
    def server_time(self) -> datetime:
        """Return the moment on the broker's clock, naive."""
        return self.snapshot.server_clock.to_server(self.snapshot.as_of)


def risk_distance(held: DeskPosition) -> Decimal:
    """Return R in price units: from the fill to the stop that was sent with it."""
    stop = held.stop_loss if held.initial_stop is None else held.initial_stop
    return abs(held.entry_price - stop)


def price_at(held: DeskPosition, r: Decimal) -> Decimal:
    """Return the price that is ``r`` initial risks in favour of the position, not rounded to the tick."""
    return held.entry_price + held.side.sign * r * risk_distance(held)


def has_reached(held: DeskPosition, price: Decimal, r: Decimal) -> bool:
    """Return whether ``price`` is at least ``r`` initial risks in favour; never for a position without a risk."""
    distance = risk_distance(held)
    return distance > 0 and (price - held.entry_price) * held.side.sign >= r * distance


def best_price(situation: Situation) -> Decimal:
    """Return the most favourable closing-side price since the opening, as far as the bars at hand tell.

    Bars that opened before the position are not counted: what they reached may lie before the fill. A short closes
    at the ask, so that its bars count with their spread.
    """
    now, held = situation.position.price, situation.held
    bars = situation.snapshot.series(situation.spec.timeframe)
    if bars is None or not len(bars):
        return now
    opened = to_epoch(held.opened_at) + (1 if held.opened_at.microsecond else 0)
    first = int(np.searchsorted(bars.opened_at, opened))
    if first == len(bars):
        return now
    instrument = situation.snapshot.instrument
    if held.side is Side.BUY:
        reached = float(bars.high[first:].max())
        return max(now, round_to_step(Decimal(repr(reached)), instrument.tick_size))
    reached = float((bars.low[first:] + bars.spread[first:] * float(instrument.point)).min())
    return min(now, round_to_step(Decimal(repr(reached)), instrument.tick_size))
