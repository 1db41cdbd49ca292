"""What the desk knows of itself at the moment of a decision.

Filled from the record by the edge and handed to the gate, so that limits hold over broker state *plus* everything
the desk has set in motion and not yet seen finished.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tradewarden.core.account import AccountState
from tradewarden.core.audit.codec import added_field
from tradewarden.core.policy import DrawdownKind, DrawdownMark, LossReference, RiskPolicy
from tradewarden.core.values import ZERO, Side


class IdeaStatus(StrEnum):
    """Where a trade idea stands."""

    WAITING = "waiting"
    NEEDS_APPROVAL = "needs_approval"
    AUTO_EXECUTED = "auto_executed"
    APPROVED_EXECUTED = "approved_executed"
    REJECTED = "rejected"
    HALTED_BY_RISK = "halted_by_risk"
    EXPIRED = "expired"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Return whether the idea can still lead to an order."""
        return self in (IdeaStatus.WAITING, IdeaStatus.NEEDS_APPROVAL)


class IntentStatus(StrEnum):
    """Where an order intent stands; the unfinished ones count in every limit."""

    QUEUED = "queued"
    SENT = "sent"
    UNKNOWN = "unknown"
    FILLED = "filled"
    REJECTED = "rejected"
    VOIDED = "voided"
    FAILED = "failed"

    @property
    def is_unfinished(self) -> bool:
        """Return whether the order may still come into being at the broker."""
        return self in (IntentStatus.QUEUED, IntentStatus.SENT, IntentStatus.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A halt in force: the first cause stands until a person resumes."""

    code: str
    reason: str
    actor: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdea:
    """An idea that can still become an order."""

    idea_id: str
    strategy_id: str
    symbol: str
    side: Side
    status: IdeaStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedIntent:
    """An ``open`` intent whose fate at the broker is not settled; counted at full lots, margin and risk."""

    intent_id: str
    idea_id: str
    strategy_id: str
    symbol: str
    side: Side
    lots: Decimal
    risk_amount: Decimal
    margin: Decimal
    status: IntentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTarget:
    """A price at which ``fraction`` of the filled lots is closed."""

    price: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPosition:
    """A position the desk opened, with what the broker does not keep: its idea, strategy and initial risk.

    ``initial_lots`` and ``initial_stop`` are those of the fill (None for positions booked before they were kept);
    ``targets`` are all targets in rising order of reward and ``targets_done`` how many of them have been taken.
    ``approved_lots`` are the most lots whose risk, counted from the fill, stays within what was approved; ``realised``
    is what closing deals have booked so far, costs included, and ``realised_lots`` how much they closed.
    """

    ticket: int
    idea_id: str
    strategy_id: str
    symbol: str
    side: Side
    lots: Decimal
    entry_price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    initial_risk: Decimal
    opened_at: datetime
    initial_lots: Decimal | None = added_field(None)
    initial_stop: Decimal | None = added_field(None)
    targets: tuple[PositionTarget, ...] = added_field(())
    targets_done: int = added_field(0)
    approved_lots: Decimal | None = added_field(None)
    realised: Decimal = added_field(ZERO)
    realised_lots: Decimal = added_field(ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupKey:
    """A setup that has produced an idea and re-arms only after its entry has been false once."""

    strategy_id: str
    symbol: str
    side: Side


class LossBuffer(StrEnum):
    """How far into the daily loss limit a day has gone: the shares of it that the policy names."""

    NONE = "none"
    SOFT = "soft"
    FLATTEN = "flatten"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReference:
    """What today's result is counted from. ``late`` says that the reset was first seen after it had happened.

    ``balance`` and ``equity`` are those of the reset, equity without credit; of a late reset ``equity`` is the highest
    that can have stood there. ``deposits`` is what has been paid in since (negative for withdrawals): neither profit
    nor loss. ``realised_profit`` leaves it out. ``buffer`` is the farthest that today's loss has gone.
    """

    day_started_at: datetime
    balance: Decimal
    equity: Decimal
    realised_profit: Decimal
    late: bool
    deposits: Decimal = added_field(ZERO)
    buffer: LossBuffer = added_field(LossBuffer.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentOutcome:
    """A position of the desk that closed lately. ``net_profit`` is in account currency, costs included."""

    strategy_id: str
    symbol: str
    side: Side
    closed_at: datetime
    net_profit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBinding:
    """The account that the record belongs to: what was traded on first."""

    login: int
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskState:
    """The desk at the moment of a decision. ``simulated`` is what the UI calls a simulated market.

    ``deposits`` is what has been paid in since the first balance was noted; the marks are kept without it, so that
    they only rise. ``high_water_mark`` follows equity without credit, ``balance_mark`` the balance at the day's end.
    """

    simulated: bool
    record_available: bool
    reconciled: bool
    halt: Halt | None
    watchlist: tuple[str, ...]
    open_ideas: tuple[OpenIdea, ...]
    unfinished_intents: tuple[UnfinishedIntent, ...]
    positions: tuple[DeskPosition, ...]
    spent_setups: tuple[SetupKey, ...]
    day: DayReference | None
    initial_balance: Decimal | None
    high_water_mark: Decimal | None
    outcomes: tuple[RecentOutcome, ...] = added_field(())
    opens_sent_at: tuple[datetime, ...] = added_field(())
    binding: AccountBinding | None = added_field(None)
    deposits: Decimal = added_field(ZERO)
    mark_locked: bool = added_field(default=False)
    balance_mark: Decimal | None = added_field(None)

    def position(self, ticket: int) -> DeskPosition | None:
        """Return the desk's own position with ``ticket``, or None when it is foreign or closed."""
        return next((held for held in self.positions if held.ticket == ticket), None)


def loss_base(day: DayReference, reference: LossReference) -> Decimal:
    """Return the amount that today's loss is counted from: balance, equity or the higher of both at the reset.

    What was paid in since is added, what was withdrawn taken off. A reset that was seen late takes the stricter bound,
    whatever the policy prefers.
    """
    if day.late or reference is LossReference.HIGHER:
        base = max(day.balance, day.equity)
    else:
        base = day.balance if reference is LossReference.BALANCE else day.equity
    return base + day.deposits


def daily_loss(account: AccountState, desk: DeskState, policy: RiskPolicy) -> Decimal | None:
    """Return reference − equity in account currency (negative in profit), or None without a day reference.

    Equity is without the broker's credit, here as in the reference.
    """
    if desk.day is None:
        return None
    return loss_base(desk.day, policy.daily_loss_reference) - account.own_equity


def drawdown_base(desk: DeskState, policy: RiskPolicy) -> Decimal | None:
    """Return what the drawdown is counted from: the first balance or the mark, with deposits; None if unknown."""
    if policy.drawdown_kind is DrawdownKind.STATIC:
        base = desk.initial_balance
    elif policy.drawdown_mark is DrawdownMark.END_OF_DAY_BALANCE:
        base = desk.balance_mark
    else:
        base = desk.high_water_mark
    return None if base is None else base + desk.deposits


def drawdown(account: AccountState, desk: DeskState, policy: RiskPolicy) -> Decimal | None:
    """Return how far equity without credit is below what the drawdown is counted from, or None when that is unknown."""
    base = drawdown_base(desk, policy)
    return None if base is None else base - account.own_equity
