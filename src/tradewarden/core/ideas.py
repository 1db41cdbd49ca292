"""Trade ideas: the proposal that a held setup leads to, with its levels and the rule behind each.

An idea's levels never change; a different level is a different idea. Drafting knows strategy, quote and calendar,
and nothing of money: lots are the gate's business.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from tradewarden.core.audit.codec import added_field
from tradewarden.core.audit.text import digest_of
from tradewarden.core.market.calendar import CalendarView, Embargo, Impact
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.levels import (
    StopPrice,
    reward_to_risk,
    stop_price,
    target_prices,
    weighted_reward_to_risk,
)
from tradewarden.core.strategy.plan import INVALIDATION
from tradewarden.core.strategy.spec import StrategySpec, StrategyVersion
from tradewarden.core.values import Side, derive_id, maker_of

__all__ = [
    "Approval",
    "Level",
    "NoIdea",
    "TradeIdea",
    "draft",
    "effective_embargo",
    "reward_to_risk",
    "weighted_reward_to_risk",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price of an idea and the rule that put it there."""

    name: str
    price: Decimal
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeIdea:
    """A proposed trade. ``entry`` is the executable price at drafting, ``rr`` the reward in units of the risk.

    ``fractions`` are the shares of the position that its targets close, in their order; empty for a single one. With
    several, ``rr`` is the mean of their rewards, weighted by fraction.
    """

    idea_id: str
    decision_id: str
    strategy_id: str
    strategy_version: int
    symbol: str
    side: Side
    entry: Decimal
    stop_loss: Decimal
    take_profits: tuple[Decimal, ...]
    rr: Decimal
    levels: tuple[Level, ...]
    bar_ended_at: datetime
    created_at: datetime
    expires_at: datetime
    expiry_rule: str
    fractions: tuple[Decimal, ...] = added_field(())

    @property
    def digest(self) -> str:
        """Return the content digest that an approval is bound to."""
        return digest_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's yes: to this digest, to at most ``max_lots``, at no worse than ``worst_price``."""

    actor: str
    idea_digest: str
    max_lots: Decimal
    worst_price: Decimal | None
    answers: tuple[str, ...]
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoIdea:
    """No idea: ``reason`` says what a setup that held lacked, and is empty where none held."""

    reason: str = ""


_NO_SETUP = NoIdea()
_EVER = datetime.max.replace(tzinfo=UTC)
_make_level = maker_of(Level)
_make_idea = maker_of(TradeIdea)


def draft(
    strategy: StrategyVersion,
    snapshot: MarketSnapshot,
    evaluation: Evaluation,
    policy: RiskPolicy,
    *,
    decision_id: str,
) -> TradeIdea | NoIdea:
    """Return the idea of a held setup; or that there is none, because entry fails or exit holds, or why not.

    Where the setup holds, an invalidation prevents the idea, and so do a missing quote and a level that is no price.
    """
    quote, spec, instrument = snapshot.quote, strategy.spec, snapshot.instrument
    if not evaluation.entry or evaluation.exit or evaluation.bar_ended_at is None:
        return _NO_SETUP
    if evaluation.invalid:
        held = next(each.text for each in evaluation.conditions if each.section == INVALIDATION and each.holds)
        return NoIdea(reason=f"an invalidation holds: {held}")
    if quote is None:
        return NoIdea(reason="there is no executable quote")
    stop = stop_price(spec, evaluation, quote, instrument)
    if isinstance(stop, str):
        return NoIdea(reason=stop)
    entry = quote.entry(spec.side)
    targets = target_prices(spec.side, entry, stop.price, spec.take_profits, instrument.tick_size)
    if isinstance(targets, str):
        return NoIdea(reason=targets)
    fractions = tuple(target.fraction for target in spec.take_profits) if len(targets) > 1 else ()
    expires_at, expiry_rule = _expiry(spec, snapshot, evaluation.bar_ended_at, policy)
    return _make_idea(
        idea_id=derive_id(decision_id, "idea"),
        decision_id=decision_id,
        strategy_id=strategy.strategy_id,
        strategy_version=strategy.version,
        symbol=snapshot.symbol,
        side=spec.side,
        entry=entry,
        stop_loss=stop.price,
        take_profits=targets,
        rr=weighted_reward_to_risk(spec.side, entry, stop.price, targets, fractions),
        levels=_levels(spec, entry, stop, targets),
        bar_ended_at=evaluation.bar_ended_at,
        created_at=snapshot.as_of,
        expires_at=expires_at,
        expiry_rule=expiry_rule,
        fractions=fractions,
    )


def _levels(spec: StrategySpec, entry: Decimal, stop: StopPrice, targets: tuple[Decimal, ...]) -> tuple[Level, ...]:
    price = "ask" if spec.side is Side.BUY else "bid"
    return (
        _make_level(name="entry", price=entry, rule=f"executable {price}"),
        _make_level(name="stop_loss", price=stop.price, rule=stop.rule),
        *(
            _make_level(name="take_profit", price=level, rule=f"{target.rr} R, {target.fraction} of the position")
            for target, level in zip(spec.take_profits, targets, strict=True)
        ),
    )


def _expiry(
    spec: StrategySpec, snapshot: MarketSnapshot, bar_ended_at: datetime, policy: RiskPolicy
) -> tuple[datetime, str]:
    """Return the earliest of bar life, session end, next embargo and Friday's close, with its name."""
    life = timedelta(minutes=spec.timeframe.minutes * policy.idea_life_bars)
    candidates = [(bar_ended_at + life, "bar life")]
    session_ends = [end for window in spec.session_windows if (end := window.ends_at(snapshot.as_of))]
    if session_ends:
        candidates.append((max(session_ends), "session end"))
    embargo = effective_embargo(spec, policy)
    minded = snapshot.instrument.currencies + spec.forbidden.currencies
    starts = _next_embargo(snapshot.calendar, embargo, snapshot.as_of, minded)
    if starts is not None:
        candidates.append((starts, "news embargo"))
    candidates.append((_friday_close(snapshot.as_of, snapshot.server_clock), "Friday close"))
    return min(candidates)


def effective_embargo(spec: StrategySpec, policy: RiskPolicy) -> Embargo:
    """Return the policy's embargo, widened by the strategy's where that is wider."""
    return policy.minimum_embargo if spec.embargo is None else policy.minimum_embargo.widened(spec.embargo)


def _next_embargo(
    calendar: CalendarView, embargo: Embargo, at: datetime, currencies: tuple[str, ...]
) -> datetime | None:
    before = timedelta(minutes=embargo.before_minutes)
    after = at + before
    ahead = [
        event.at
        for event in calendar.between(after, _EVER)
        if event.at > after
        and event.impact is Impact.HIGH
        and not event.all_day
        and (event.currency in currencies or event.currency.upper() == "ALL")
    ]
    return min(ahead) - before if ahead else None


def _friday_close(at: datetime, clock: ServerClock) -> datetime:
    """Return the server midnight that ends the trading week of ``at``."""
    return _saturday(clock, clock.day_of(at))


@lru_cache(maxsize=64)
def _saturday(clock: ServerClock, day: date) -> datetime:
    """Return when the next Saturday after ``day`` begins on the server clock."""
    saturday = day + timedelta(days=(5 - day.weekday()) % 7 or 7)
    return clock.to_utc(datetime.combine(saturday, time(0)))
