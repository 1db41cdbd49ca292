"""Model ``emnr_v0`` of the confidence score, 0 to 65: entry, meaning of strong and weak, news, and the trend.

The scorer of earlier rule files, kept for strategies imported from them. It knows nothing of spread, volatility or
account: those are the gate's business. Weights are versioned data. A missing input takes its full deduction.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.confidence.v1 import MEDIUM_NEWS
from tradewarden.core.confidence.values import Contribution, contribution
from tradewarden.core.indicators.quantum import Unit, quantum_of
from tradewarden.core.market.calendar import Embargo, Impact, events_in_embargo
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import ZERO, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class EmnrWeights:
    """The points of model ``emnr_v0``. The trend is that of the newest ``trend_bars`` bars of the strategy."""

    model: str = "emnr_v0"
    entry: Decimal = Decimal(30)
    strong: Decimal = Decimal(25)
    weak: Decimal = Decimal(15)
    exit_holds: Decimal = Decimal(40)
    aligned: Decimal = Decimal(10)
    trend_bars: int = 50
    high_news: Decimal = Decimal(20)
    medium_news: Decimal = Decimal(10)


EMNR_V0 = EmnrWeights()


def contributions_of(
    evaluation: Evaluation,
    snapshot: MarketSnapshot,
    policy: RiskPolicy,
    spec: StrategySpec,
    *,
    embargo: Embargo,
    weights: EmnrWeights = EMNR_V0,
) -> tuple[Contribution, ...]:
    """Return every contribution to the score of a held setup, or to its proximity."""
    return (
        *_strategy_match(evaluation, weights),
        _trend(snapshot, spec, weights),
        _news(snapshot, policy, spec, embargo, weights),
    )


def reachable(spec: StrategySpec, weights: EmnrWeights = EMNR_V0) -> Decimal:
    """Return the highest score that an idea of ``spec`` can have."""
    return weights.entry + (weights.strong if spec.strong else ZERO) + weights.aligned


def _strategy_match(evaluation: Evaluation, weights: EmnrWeights) -> tuple[Contribution, ...]:
    part, failed = "strategy", evaluation.entry_failed
    observed = "all entry conditions hold" if evaluation.entry else f"{failed} entry conditions fail"
    points = weights.entry if evaluation.entry else ZERO
    entries = [contribution(part=part, name="entry", points=points, observed=observed)]
    if evaluation.strong_count:
        held = f"{evaluation.strong_share} of {evaluation.strong_count} strong conditions hold, all are needed"
        points = weights.strong if evaluation.strong else ZERO
        entries.append(contribution(part=part, name="strong", points=points, observed=held))
    if evaluation.weak_count:
        held = f"{evaluation.weak_share} of {evaluation.weak_count} weak conditions hold, all count together"
        points = -weights.weak if evaluation.weak else ZERO
        entries.append(contribution(part=part, name="weak", points=points, observed=held))
    if evaluation.exit:
        entries.append(contribution(part=part, name="exit", points=-weights.exit_holds, observed="exit holds"))
    return tuple(entries)


def _trend(snapshot: MarketSnapshot, spec: StrategySpec, weights: EmnrWeights) -> Contribution:
    """Return points when the newest close lies on the trade's side of the mean close of the newest bars.

    Compared in whole quanta, so that it is exact and the same in a mirrored market.
    """
    part, name, count = "market", "aligned", weights.trend_bars
    bars = snapshot.series(spec.timeframe)
    if bars is None or len(bars) < count:
        return contribution(part=part, name=name, points=ZERO, observed=f"fewer than {count} bars")
    quantum = quantum_of(Unit.PRICE, snapshot.instrument.tick_size)
    closes = [each for each in quantum.counts(bars.close[-count:]) if each is not None]
    if len(closes) < count:
        return contribution(part=part, name=name, points=ZERO, observed="unknown closes")
    distance = (closes[-1] * count - sum(closes)) * spec.side.sign
    wanted = "above" if spec.side is Side.BUY else "below"
    mean = quantum.value(round(sum(closes) / count))
    holds = distance > 0
    observed = f"close {quantum.value(closes[-1])} {'' if holds else 'not '}{wanted} the mean of {count} bars, {mean}"
    return contribution(part=part, name=name, points=weights.aligned if holds else ZERO, observed=observed)


def _news(
    snapshot: MarketSnapshot, policy: RiskPolicy, spec: StrategySpec, embargo: Embargo, weights: EmnrWeights
) -> Contribution:
    part, name, calendar = "market", "news", snapshot.calendar
    if calendar.captured_at is None and policy.calendar_required:
        return contribution(part=part, name=name, points=-weights.high_news, observed="no calendar")
    currencies = (*snapshot.instrument.currencies, *spec.forbidden.currencies)
    for around, impact, points in (
        (embargo, Impact.HIGH, weights.high_news),
        (MEDIUM_NEWS, Impact.MEDIUM, weights.medium_news),
    ):
        near = events_in_embargo(calendar, at=snapshot.as_of, embargo=around, currencies=currencies, impact=impact)
        if near:
            observed = f"{impact.value} impact: {near[0].title}"
            return contribution(part=part, name=name, points=-points, observed=observed)
    return contribution(part=part, name=name, points=ZERO, observed="none near")
