"""Model ``v1`` of the confidence score, 0 to 100: strategy match, market risk and account comfort.

Weights are versioned data. A missing input takes its full deduction.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.confidence.values import HUNDREDTH, Contribution, contribution
from tradewarden.core.desk import DeskState, daily_loss
from tradewarden.core.indicators.market_state import MarketState
from tradewarden.core.market.calendar import Embargo, Impact, events_in_embargo
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import ONE_HUNDRED, ZERO, Side, round_to_step

MEDIUM_NEWS = Embargo(30, 15)
_WHOLE = Decimal(1)
# What a deduction of nothing is rounded to; the record tells it from a plain 0.
_NOTHING = -round_to_step(ZERO, HUNDREDTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceWeights:
    """The points of model ``v1``. ``full_*`` is the observation at which a deduction reaches its maximum."""

    model: str = "v1"
    setup: Decimal = Decimal(40)
    strong: Decimal = Decimal(10)
    weak: Decimal = Decimal(10)
    failed_entry: Decimal = Decimal(15)
    exit_holds: Decimal = Decimal(40)
    market: Decimal = Decimal(25)
    medium_news: Decimal = Decimal(5)
    spread: Decimal = Decimal(8)
    full_spread_to_median: Decimal = Decimal(2)
    volatility: Decimal = Decimal(8)
    calm_percentile: Decimal = Decimal(80)
    spike: Decimal = Decimal(4)
    account: Decimal = Decimal(25)
    margin: Decimal = Decimal(8)
    full_margin_fraction: Decimal = Decimal("0.5")
    same_symbol: Decimal = Decimal(6)
    per_same_symbol: Decimal = Decimal(6)
    same_currency: Decimal = Decimal(6)
    per_same_currency: Decimal = Decimal(2)
    loss_budget: Decimal = Decimal(5)


V1 = ConfidenceWeights()


def contributions_of(
    evaluation: Evaluation,
    snapshot: MarketSnapshot,
    market: MarketState,
    account: AccountState | None,
    desk: DeskState,
    policy: RiskPolicy,
    spec: StrategySpec,
    *,
    embargo: Embargo,
    weights: ConfidenceWeights = V1,
) -> tuple[Contribution, ...]:
    """Return every contribution to the score of a held setup, or to its proximity."""
    return (
        *_strategy_match(evaluation, weights),
        *_market_risk(snapshot, market, policy, spec, embargo, weights),
        *_account_comfort(snapshot, account, desk, policy, spec.side, weights),
    )


def reachable(spec: StrategySpec, weights: ConfidenceWeights = V1) -> Decimal:
    """Return the highest score that an idea of ``spec`` can have: calm market, empty account, all strong held."""
    strong = weights.strong if spec.strong else ZERO
    limits = spec.forbidden.volatility
    least = None if limits is None else limits.min_atr_percentile
    wild = ZERO if least is None else _deduct(weights.volatility, _wildness(least, weights))
    return weights.setup + strong + weights.market + wild + weights.account


def _strategy_match(evaluation: Evaluation, weights: ConfidenceWeights) -> tuple[Contribution, ...]:
    part = "strategy"
    entries = [contribution(part=part, name="setup", points=weights.setup, observed="base")]
    if evaluation.strong_count:
        points = round_to_step(weights.strong * evaluation.strong_share, HUNDREDTH)
        held = f"{evaluation.strong_share} of {evaluation.strong_count} strong conditions hold"
        entries.append(contribution(part=part, name="strong", points=points, observed=held))
    if evaluation.weak_count:
        points = -round_to_step(weights.weak * evaluation.weak_share, HUNDREDTH)
        held = f"{evaluation.weak_share} of {evaluation.weak_count} weak conditions hold"
        entries.append(contribution(part=part, name="weak", points=points, observed=held))
    if evaluation.entry_failed:
        failed = f"{evaluation.entry_failed} entry conditions fail"
        points = -weights.failed_entry * evaluation.entry_failed
        entries.append(contribution(part=part, name="entry not met", points=points, observed=failed))
    if evaluation.exit:
        entries.append(contribution(part=part, name="exit", points=-weights.exit_holds, observed="exit holds"))
    return tuple(entries)


def _market_risk(
    snapshot: MarketSnapshot,
    market: MarketState,
    policy: RiskPolicy,
    spec: StrategySpec,
    embargo: Embargo,
    weights: ConfidenceWeights,
) -> tuple[Contribution, ...]:
    part, calendar = "market", snapshot.calendar
    base = contribution(part=part, name="market", points=weights.market, observed="base")
    if calendar.captured_at is None and policy.calendar_required:
        return (base, contribution(part=part, name="no calendar", points=-weights.market, observed="unknown"))
    currencies = (*snapshot.instrument.currencies, *spec.forbidden.currencies)
    high = events_in_embargo(calendar, at=snapshot.as_of, embargo=embargo, currencies=currencies)
    if high:
        return (base, contribution(part=part, name="embargo", points=-weights.market, observed=high[0].title))
    medium = events_in_embargo(
        calendar, at=snapshot.as_of, embargo=MEDIUM_NEWS, currencies=currencies, impact=Impact.MEDIUM
    )
    near = medium[0].title if medium else "none near"
    news = contribution(part=part, name="medium news", points=-weights.medium_news if medium else ZERO, observed=near)
    return (
        base,
        news,
        _spread_contribution(snapshot, market, weights),
        _volatility_contribution(market, weights),
        _spike_contribution(market, weights),
    )


def _spread_contribution(snapshot: MarketSnapshot, market: MarketState, weights: ConfidenceWeights) -> Contribution:
    median = market.spread_median_points
    if snapshot.quote is None or median is None or not median > 0:
        return contribution(part="market", name="spread", points=-weights.spread, observed="unknown")
    points = snapshot.quote.spread / snapshot.instrument.point
    share = (points / median - 1) / (weights.full_spread_to_median - 1)
    observed = f"{points.normalize():f} pt, median {median.normalize():f}"
    return contribution(part="market", name="spread", points=_deduct(weights.spread, share), observed=observed)


def _volatility_contribution(market: MarketState, weights: ConfidenceWeights) -> Contribution:
    percentile = market.atr_percentile
    if percentile is None:
        return contribution(part="market", name="volatility", points=-weights.volatility, observed="unknown")
    share = _wildness(percentile, weights)
    observed = f"ATR percentile {percentile.normalize():f}"
    return contribution(part="market", name="volatility", points=_deduct(weights.volatility, share), observed=observed)


def _wildness(percentile: Decimal, weights: ConfidenceWeights) -> Decimal:
    return (percentile - weights.calm_percentile) / (ONE_HUNDRED - weights.calm_percentile)


def _spike_contribution(market: MarketState, weights: ConfidenceWeights) -> Contribution:
    if market.spike is None:
        return contribution(part="market", name="spike", points=-weights.spike, observed="unknown")
    points = -weights.spike if market.spike else ZERO
    return contribution(part="market", name="spike", points=points, observed="spike" if market.spike else "no spike")


def _account_comfort(
    snapshot: MarketSnapshot,
    account: AccountState | None,
    desk: DeskState,
    policy: RiskPolicy,
    side: Side,
    weights: ConfidenceWeights,
) -> tuple[Contribution, ...]:
    part = "account"
    base = contribution(part=part, name="account", points=weights.account, observed="base")
    if account is None or account.problem() is not None or not account.equity > 0:
        return (base, contribution(part=part, name="no account", points=-weights.account, observed="unknown"))
    used = account.margin / account.equity
    same_symbol = _same_symbol(snapshot.symbol, account, desk)
    same_currency = _same_currency(snapshot, side, account, desk)
    return (
        base,
        contribution(
            part=part,
            name="margin used",
            points=_deduct(weights.margin, used / weights.full_margin_fraction),
            observed=f"{round_to_step(used * 100, HUNDREDTH)} % of equity",
        ),
        contribution(
            part=part,
            name="same symbol",
            points=-min(weights.same_symbol, weights.per_same_symbol * same_symbol),
            observed=f"{same_symbol} open",
        ),
        contribution(
            part=part,
            name="same currency direction",
            points=-min(weights.same_currency, weights.per_same_currency * same_currency),
            observed=f"{same_currency} open",
        ),
        _loss_budget(account, desk, policy, weights),
    )


def _same_symbol(symbol: str, account: AccountState, desk: DeskState) -> int:
    held = sum(position.symbol == symbol for position in account.positions)
    return held + sum(intent.symbol == symbol for intent in desk.unfinished_intents)


def _same_currency(snapshot: MarketSnapshot, side: Side, account: AccountState, desk: DeskState) -> int:
    """Count other symbols' exposure that is long or short the same currency as the idea.

    Currencies of other symbols are read off six-letter names; a symbol that is not a pair (an index) counts on its
    own profit currency only when it ends in it, which is the honest limit of what a name tells.
    """
    wanted = _exposure(snapshot.instrument.currency_base, snapshot.instrument.currency_profit, side)
    others = [(held.symbol, held.side) for held in account.positions if held.symbol != snapshot.symbol]
    others += [(held.symbol, held.side) for held in desk.unfinished_intents if held.symbol != snapshot.symbol]
    return sum(bool(wanted & _exposure(name[:3], name[3:6], other)) for name, other in others)


def _exposure(base: str, profit: str, side: Side) -> set[tuple[str, Side]]:
    return {(base, side)} if base == profit else {(base, side), (profit, side.opposite)}


def _loss_budget(
    account: AccountState, desk: DeskState, policy: RiskPolicy, weights: ConfidenceWeights
) -> Contribution:
    name = "loss budget used"
    if policy.max_daily_loss is None:
        return contribution(part="account", name=name, points=ZERO, observed="no daily limit set")
    if desk.day is None:
        return contribution(part="account", name=name, points=-weights.loss_budget, observed="unknown")
    loss = max(ZERO, daily_loss(account, desk, policy) or ZERO)
    share = loss / policy.max_daily_loss
    observed = f"{loss} of {policy.max_daily_loss}"
    return contribution(part="account", name=name, points=_deduct(weights.loss_budget, share), observed=observed)


def _deduct(maximum: Decimal, share: Decimal) -> Decimal:
    """Return minus ``maximum`` times ``share``, the share kept within 0 to 1, to hundredths."""
    if share <= ZERO:
        return _NOTHING
    return -round_to_step(maximum * min(share, _WHOLE), HUNDREDTH)
