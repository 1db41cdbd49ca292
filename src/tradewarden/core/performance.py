"""Statistics of closed trades, as the field defines them.

Amounts are net of costs in account currency; R is the initial risk, fixed at the fill. Pure arithmetic over values:
nothing here knows where the trades came from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.values import ZERO, round_to_step

_RATIO_STEP = Decimal("0.0001")
_R_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeResult:
    """One closed trade: net profit and its multiple of the initial risk."""

    net_profit: Decimal
    r_multiple: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeStatistics:
    """What a series of trades came to; a figure that needs trades it does not have is None.

    ``win_rate`` is a fraction; ``expectancy_r`` is the mean R-multiple; ``profit_factor`` is gross profit ÷ gross
    loss, None without a loss.
    """

    trades: int
    wins: int
    losses: int
    win_rate: Decimal | None
    net_profit: Decimal
    gross_profit: Decimal
    gross_loss: Decimal
    profit_factor: Decimal | None
    total_r: Decimal
    expectancy_r: Decimal | None
    best_r: Decimal | None
    worst_r: Decimal | None
    longest_losing_streak: int


def trade_statistics(trades: Iterable[TradeResult]) -> TradeStatistics:
    """Return the statistics of ``trades`` in the order in which they closed. A trade of exactly zero is no win."""
    series = tuple(trades)
    wins = [trade.net_profit for trade in series if trade.net_profit > 0]
    losses = [trade.net_profit for trade in series if trade.net_profit < 0]
    gross_profit, gross_loss = sum(wins, ZERO), -sum(losses, ZERO)
    total_r = sum((trade.r_multiple for trade in series), ZERO)
    count = len(series)
    return TradeStatistics(
        trades=count,
        wins=len(wins),
        losses=len(losses),
        win_rate=round_to_step(Decimal(len(wins)) / count, _RATIO_STEP) if count else None,
        net_profit=gross_profit - gross_loss,
        gross_profit=gross_profit,
        gross_loss=gross_loss,
        profit_factor=round_to_step(gross_profit / gross_loss, _R_STEP) if gross_loss else None,
        total_r=total_r,
        expectancy_r=round_to_step(total_r / count, _R_STEP) if count else None,
        best_r=max((trade.r_multiple for trade in series), default=None),
        worst_r=min((trade.r_multiple for trade in series), default=None),
        longest_losing_streak=_longest_losing_streak(series),
    )


def _longest_losing_streak(series: tuple[TradeResult, ...]) -> int:
    longest = current = 0
    for trade in series:
        current = current + 1 if trade.net_profit < 0 else 0
        longest = max(longest, current)
    return longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall of an equity curve from a peak before it, in account currency and as a fraction of the peak."""

    amount: Decimal
    fraction: Decimal


class DrawdownMeter:
    """Measures the deepest drawdown of equities as they come, without keeping them."""

    def __init__(self) -> None:
        self._peak: Decimal | None = None
        self._deepest = ZERO
        self._fraction = ZERO

    def add(self, equity: Decimal) -> None:
        """Take the next equity into account."""
        if self._peak is None or equity > self._peak:
            self._peak = equity
            return
        fall = self._peak - equity
        self._deepest = max(self._deepest, fall)
        if self._peak > 0 and fall / self._peak > self._fraction:
            self._fraction = fall / self._peak

    @property
    def deepest(self) -> Drawdown:
        """Return the deepest drawdown so far."""
        return Drawdown(amount=self._deepest, fraction=round_to_step(self._fraction, _RATIO_STEP))
