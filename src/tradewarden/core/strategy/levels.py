"""Stop and targets as prices: what an evaluation measured, put against the quote and rounded to the contract's tick.

Rounding never shrinks the risk that is reckoned with nor the reward that is promised. Where no price can be made, the
answer is a text that says why.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.market.instrument import Instrument, Quote
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.plan import plan_of
from tradewarden.core.strategy.spec import AtrStop, PercentStop, PointsStop, StrategySpec, Target
from tradewarden.core.values import ONE_HUNDRED, Side, ceil_to_step, floor_to_step

_RR_STEP = Decimal("0.01")
_ALL = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPrice:
    """The price of a stop on the tick, and the rule that put it there in words."""

    price: Decimal
    rule: str


def stop_price(spec: StrategySpec, evaluation: Evaluation, quote: Quote, instrument: Instrument) -> StopPrice | str:
    """Return the stop of an entry at ``quote``, rounded away from it; or why there is none.

    The stop of a short is triggered by the ask, while bars and what is computed of them are bids: it adds the spread.
    """
    side, tick = spec.side, instrument.tick_size
    entry, spread = quote.entry(side), quote.spread if side is Side.SELL else 0
    if evaluation.stop_level is not None:
        raw, words = evaluation.stop_level, _level_words(spec, evaluation.stop_level, instrument)
    else:
        distance, words = _distance(spec, evaluation, entry)
        if distance is None:
            return words
        raw = entry - side.sign * distance
    price = floor_to_step(raw, tick) if side is Side.BUY else ceil_to_step(raw + spread, tick)
    if not price > 0:
        return f"the stop would stand at {price}, which is no price ({words})"
    if (entry - price) * side.sign <= 0:
        wanted = "below" if side is Side.BUY else "above"
        return f"the stop would stand at {price}, which is not {wanted} the entry {entry} ({words})"
    return StopPrice(price=price, rule=words if side is Side.BUY else f"{words}, plus the spread")


def _distance(spec: StrategySpec, evaluation: Evaluation, entry: Decimal) -> tuple[Decimal | None, str]:
    """Return the distance of the stop from the entry and the rule in words; or None and why there is no distance."""
    rule, price = spec.stop_loss, "ask" if spec.side is Side.BUY else "bid"
    if isinstance(rule, PercentStop):
        distance = rule.fraction * entry
        return distance, f"{_plain(rule.fraction * ONE_HUNDRED)} % of the {price} {entry} = {_plain(distance)} from it"
    measured = evaluation.stop_distance
    if measured is None:
        return None, f"no stop: {evaluation.stop_problem or 'its distance is unknown'}"
    if isinstance(rule, AtrStop):
        return measured, f"{rule.multiple} × ATR({rule.period}) = {measured} from the {price}"
    if isinstance(rule, PointsStop):
        return measured, f"{rule.points} points = {_plain(measured)} from the {price}"
    return measured, f"{_plain(measured)} from the {price}"


def _level_words(spec: StrategySpec, level: Decimal, instrument: Instrument) -> str:
    measured = plan_of(spec, instrument.tick_size).stop
    if measured is None:
        return f"at {_plain(level)}"
    words, points = measured.measure.words, measured.measure.buffer_points
    if not points:
        return f"{words} = {_plain(level)}"
    return f"{words} {'less' if spec.side is Side.BUY else 'plus'} {points} points = {_plain(level)}"


def target_prices(
    side: Side, entry: Decimal, stop_loss: Decimal, targets: tuple[Target, ...], tick: Decimal
) -> tuple[Decimal, ...] | str:
    """Return the price of each target, rounded so that its reward is kept on the tick; or why there is none."""
    prices = tuple(_target(side, entry, abs(entry - stop_loss) * target.rr, tick) for target in targets)
    for target, price in zip(targets, prices, strict=True):
        if not price > 0:
            return f"the target at {_plain(target.rr)} R would stand at {price}, which is no price"
    return prices


def _target(side: Side, entry: Decimal, reward: Decimal, tick: Decimal) -> Decimal:
    return ceil_to_step(entry + reward, tick) if side is Side.BUY else floor_to_step(entry - reward, tick)


def reward_to_risk(side: Side, entry: Decimal, stop_loss: Decimal, take_profit: Decimal) -> Decimal:
    """Return reward ÷ risk rounded down to hundredths; 0 when the levels leave no risk or no reward."""
    return weighted_reward_to_risk(side, entry, stop_loss, (take_profit,), ())


def weighted_reward_to_risk(
    side: Side, entry: Decimal, stop_loss: Decimal, take_profits: tuple[Decimal, ...], fractions: tuple[Decimal, ...]
) -> Decimal:
    """Return the rewards of all targets, each weighted by the fraction it closes, ÷ risk, rounded down to hundredths.

    Without ``fractions`` the first target closes all. 0 when the levels leave no risk, or a target no reward.
    """
    risk = (entry - stop_loss) * side.sign
    shares = fractions or (_ALL,)
    rewards = [(target - entry) * side.sign for target in take_profits[: len(shares)]]
    if risk <= 0 or min(rewards) <= 0:
        return Decimal("0.00")
    reward = sum((each * share for each, share in zip(rewards, shares, strict=True)), Decimal(0))
    return floor_to_step(reward / risk, _RR_STEP)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
