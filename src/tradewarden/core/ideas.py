"""Trade ideas: the proposal that a held setup leads to, with its levels and the rule behind each.

An idea's levels never change; a different level is a different idea. Drafting knows strategy, quote and calendar,
and nothing of money: lots are the gate's business.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from tradewarden.core.audit.codec import added_field
from tradewarden.core.audit.text import digest_of
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.calendar import CalendarView, Embargo, Impact
from tradewarden.core.market.instrument import Quote
from tradewarden.core.market.session import ServerClock
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import AtrStop, StrategySpec, StrategyVersion
from tradewarden.core.values import Side, ceil_to_step, derive_id, floor_to_step

_RR_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price of an idea and the rule that put it there."""

    name: str
    price: Decimal
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeIdea:
    """A proposed trade. ``entry`` is the executable price at drafting, ``rr`` the reward in units of the risk.

    ``fractions`` are the shares of the position that its targets close, in their order; empty for a single one.
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


def draft(
    strategy: StrategyVersion,
    snapshot: MarketSnapshot,
    evaluation: Evaluation,
    policy: RiskPolicy,
    *,
    decision_id: str,
) -> TradeIdea | None:
    """Return the idea of a held setup, or None when entry fails, exit holds, or no level can be computed."""
    quote, distance = snapshot.quote, evaluation.stop_distance
    if not evaluation.entry or evaluation.exit or quote is None or evaluation.bar_ended_at is None:
        return None
    if distance is None or not distance > 0:
        return None
    spec, tick = strategy.spec, snapshot.instrument.tick_size
    stop_loss = _stop_loss(spec.side, quote, distance, tick)
    entry = quote.entry(spec.side)
    if not stop_loss > 0:
        return None
    targets = tuple(_take_profit(spec.side, entry, stop_loss, target.rr, tick) for target in spec.take_profits)
    if any(not target > 0 for target in targets):
        return None
    expires_at, expiry_rule = _expiry(spec, snapshot, evaluation.bar_ended_at, policy)
    return TradeIdea(
        idea_id=derive_id(decision_id, "idea"),
        decision_id=decision_id,
        strategy_id=strategy.strategy_id,
        strategy_version=strategy.version,
        symbol=snapshot.symbol,
        side=spec.side,
        entry=entry,
        stop_loss=stop_loss,
        take_profits=targets,
        rr=reward_to_risk(spec.side, entry, stop_loss, targets[0]),
        levels=_levels(spec, entry, stop_loss, targets, distance),
        bar_ended_at=evaluation.bar_ended_at,
        created_at=snapshot.as_of,
        expires_at=expires_at,
        expiry_rule=expiry_rule,
        fractions=tuple(target.fraction for target in spec.take_profits) if len(targets) > 1 else (),
    )


def reward_to_risk(side: Side, entry: Decimal, stop_loss: Decimal, take_profit: Decimal) -> Decimal:
    """Return reward ÷ risk rounded down to hundredths; 0 when the levels leave no risk or no reward."""
    risk, reward = (entry - stop_loss) * side.sign, (take_profit - entry) * side.sign
    if risk <= 0 or reward <= 0:
        return Decimal("0.00")
    return floor_to_step(reward / risk, _RR_STEP)


def _stop_loss(side: Side, quote: Quote, distance: Decimal, tick: Decimal) -> Decimal:
    """Return the stop on the tick, rounded away from entry; a short's stop triggers on the ask, so adds the spread."""
    if side is Side.BUY:
        return floor_to_step(quote.ask - distance, tick)
    return ceil_to_step(quote.bid + distance + quote.spread, tick)


def _take_profit(side: Side, entry: Decimal, stop_loss: Decimal, rr: Decimal, tick: Decimal) -> Decimal:
    """Return the target at ``rr`` times the risk; rounded so that the promised R:R is kept on the tick."""
    reward = abs(entry - stop_loss) * rr
    return ceil_to_step(entry + reward, tick) if side is Side.BUY else floor_to_step(entry - reward, tick)


def _levels(
    spec: StrategySpec, entry: Decimal, stop_loss: Decimal, targets: tuple[Decimal, ...], distance: Decimal
) -> tuple[Level, ...]:
    price = "ask" if spec.side is Side.BUY else "bid"
    stop = spec.stop_loss
    if not isinstance(stop, AtrStop):
        raise InvalidInput(f"{spec.name}: a stop by {type(stop).__name__} is not run")
    stop_rule = f"{stop.multiple} × ATR({stop.period}) = {distance} from the {price}"
    if spec.side is Side.SELL:
        stop_rule += ", plus the spread"
    return (
        Level(name="entry", price=entry, rule=f"executable {price}"),
        Level(name="stop_loss", price=stop_loss, rule=stop_rule),
        *(
            Level(
                name="take_profit",
                price=price_level,
                rule=f"{target.rr} R, {target.fraction} of the position",
            )
            for target, price_level in zip(spec.take_profits, targets, strict=True)
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
    starts = _next_embargo(snapshot.calendar, embargo, snapshot.as_of, snapshot.instrument.currencies)
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
    starts = [
        event.at - timedelta(minutes=embargo.before_minutes)
        for event in calendar.events
        if event.impact is Impact.HIGH
        and not event.all_day
        and (event.currency in currencies or event.currency.upper() == "ALL")
    ]
    return min((start for start in starts if start > at), default=None)


def _friday_close(at: datetime, clock: ServerClock) -> datetime:
    """Return the server midnight that ends the trading week of ``at``."""
    day = clock.day_of(at)
    saturday = day + timedelta(days=(5 - day.weekday()) % 7 or 7)
    return clock.to_utc(datetime.combine(saturday, time(0)))
