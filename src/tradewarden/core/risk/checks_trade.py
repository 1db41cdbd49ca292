"""Checks of the trade itself: strategy, levels, what it is worth, size.

Each function takes the context and returns one check; none of them raises, and what cannot be computed denies.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from tradewarden.core.confidence import effective_threshold, highest
from tradewarden.core.ideas import TradeIdea
from tradewarden.core.market.conversion import cost_rate
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.session import SessionWindow
from tradewarden.core.policy import Mode, RiskPolicy
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.sizing import is_amount, worst_tick_value
from tradewarden.core.risk.verdict import Check, check, failed, passed, settled, unknown
from tradewarden.core.strategy.spec import ConfidenceModel
from tradewarden.core.values import ONE_HUNDRED, ZERO, Side, ceil_to_step, floor_to_step, is_multiple_of, plain

_RR_STEP = Decimal("0.01")
_NO_RATIO = Decimal("0.00")


def strategy_active(context: GateContext) -> Check:
    """The strategy version is switched on."""
    active = context.strategy.is_active
    return settled(Code.STRATEGY_INACTIVE, active, "active" if active else "inactive", "active")


def symbol_allowed(context: GateContext) -> Check:
    """The strategy names this symbol."""
    allowed = context.strategy.spec.allowed_symbols
    return settled(Code.SYMBOL_NOT_ALLOWED, context.idea.symbol in allowed, context.idea.symbol, ", ".join(allowed))


def on_watchlist(context: GateContext) -> Check:
    """The symbol is on the watchlist; alone, the desk leaves others be unless the policy lets it."""
    code, symbol = Code.OFF_WATCHLIST, context.idea.symbol
    limit = ", ".join(context.desk.watchlist) or "empty watchlist"
    if symbol in context.desk.watchlist:
        return passed(code, symbol, limit)
    if context.policy.mode is Mode.AUTONOMOUS:
        if context.policy.allow_off_watchlist_autotrade:
            return passed(code, f"{symbol}, allowed off the watchlist", limit)
        return failed(code, symbol, limit, OnFail.DENY)
    return failed(code, symbol, limit)


def inside_session(context: GateContext) -> Check:
    """The time lies in one of the strategy's session windows; none declared means any time."""
    code, windows = Code.OUTSIDE_SESSION, context.strategy.spec.session_windows
    if not windows:
        return passed(code, "no sessions declared", "no sessions declared")
    limit = ", ".join(dict.fromkeys(_window_text(window) for window in windows))
    inside = next((window for window in windows if window.contains(context.as_of)), None)
    return check(code, inside is not None, inside.name if inside else f"{context.as_of:%a %H:%M} UTC", limit)


def _window_text(window: SessionWindow) -> str:
    """Return a window in words; one without a name of its own is called by its hours already."""
    hours = f"{window.start}-{window.end} {window.zone_name}"
    return hours if window.name == hours else f"{window.name} {hours}"


def levels_valid(context: GateContext) -> Check:
    """Stop and targets are on the tick and on their sides of the price, the targets at the broker's distance."""
    code, idea, instrument = Code.INVALID_LEVELS, context.idea, context.snapshot.instrument
    quote = context.snapshot.quote
    limit = f"on the tick and their sides, targets {instrument.stops_level} pt away, fractions that add up to 1"
    if quote is None:
        return unknown(code, "no quote", limit)
    closing, sign = quote.exit(idea.side), idea.side.sign
    observed = f"stop {idea.stop_loss}, closing price {closing}, target {idea.take_profits[0]}"
    on_tick = all(is_multiple_of(price, instrument.tick_size) for price in (idea.stop_loss, *idea.take_profits))
    target_room = min([(target - closing) * sign for target in idea.take_profits])
    whole = not idea.fractions or (len(idea.fractions) == len(idea.take_profits) and sum(idea.fractions) == 1)
    holds = (
        on_tick
        and whole
        and idea.stop_loss > 0
        and (closing - idea.stop_loss) * sign > 0
        and target_room > 0
        and target_room >= instrument.stops_level * instrument.point
    )
    return check(code, holds, observed, limit)


def stop_far_enough(context: GateContext) -> Check:
    """The stop keeps the broker's distance and some spreads from the price at which the position would be closed."""
    code, idea, instrument, quote = (
        Code.STOP_TOO_CLOSE,
        context.idea,
        context.snapshot.instrument,
        context.snapshot.quote,
    )
    spreads = context.policy.min_stop_spreads
    if quote is None:
        return unknown(code, "no quote", f"{instrument.stops_level} pt or {spreads} × the spread")
    least = max(instrument.stops_level * instrument.point, spreads * quote.spread)
    room = (quote.exit(idea.side) - idea.stop_loss) * idea.side.sign
    limit = f"at least {plain(least)} (the larger of {instrument.stops_level} pt and {spreads} × the spread)"
    return check(code, room >= least, f"{plain(room)} from the closing price", limit)


def price_near(context: GateContext) -> Check:
    """The executable price is still near the idea's entry, and no worse than a person agreed to."""
    code, idea, price = Code.PRICE_MOVED, context.idea, context.price
    worst = None if context.approval is None else context.approval.worst_price
    drift = entry_drift(idea, context.policy, None if context.market is None else context.market.atr)
    if drift is None:
        return unknown(code, "no average true range above 0", f"near {idea.entry}")
    limit = f"within {plain(drift)} of {idea.entry}"
    if worst is not None:
        limit += f", no worse than {worst}"
    if price is None:
        return unknown(code, "no quote", limit)
    holds = abs(price - idea.entry) <= drift
    if worst is not None:
        holds = holds and (worst - price) * idea.side.sign >= 0
    return check(code, holds, f"{price}", limit)


def entry_drift(idea: TradeIdea, policy: RiskPolicy, atr: Decimal | None) -> Decimal | None:
    """Return how far the price may lie from the idea's entry, in price units; None without an ATR above 0."""
    if atr is None or not atr > 0:
        return None
    return min(abs(idea.entry - idea.stop_loss) * policy.max_entry_drift_r, atr * policy.max_entry_drift_atr)


def reward_worth_risk(context: GateContext) -> Check:
    """Reward ÷ risk, weighted by fraction, is worth it: after costs to the policy, in its levels to the strategy.

    The strategy's expectation is of its own levels, so it is asked of a new idea only.
    """
    code, policy, price = Code.RR_TOO_LOW, context.policy, context.price
    least = policy.min_rr
    limit = f"at least {least} after costs"
    expected = context.strategy.spec.rr_expectation if context.first else None
    if expected is not None:
        limit += f", {expected} in its levels"
    if price is None:
        return unknown(code, "no quote", limit)
    costs = costs_in_price(context.snapshot.instrument, policy)
    if costs is None:
        return unknown(code, "what a tick is worth is not known", limit)
    reward, risk = reward_and_risk(context.idea, price)
    net = _ratio(reward - costs.commission, risk + costs.commission + costs.slippage)
    gross = _ratio(reward, risk)
    holds = risk > 0 and net >= least and (expected is None or gross >= expected)
    return check(code, holds, f"{net} after costs, {gross} in its levels", limit)


def reward_and_risk(idea: TradeIdea, price: Decimal) -> tuple[Decimal, Decimal]:
    """Return how far the targets, weighted by their fractions, and the stop lie from ``price`` in price units."""
    sign = idea.side.sign
    if not idea.fractions or len(idea.fractions) != len(idea.take_profits):
        target = idea.take_profits[0]
    else:
        target = sum([part * level for part, level in zip(idea.fractions, idea.take_profits, strict=True)], ZERO)
    return (target - price) * sign, (price - idea.stop_loss) * sign


@dataclass(frozen=True, slots=True)
class Costs:
    """What a lot costs, in price units: the round-trip commission and the slippage allowed for at the stop."""

    commission: Decimal
    slippage: Decimal


def costs_in_price(instrument: Instrument, policy: RiskPolicy) -> Costs | None:
    """Return the costs of one lot in price units, or None where no tick value is known. The spread is in the entry."""
    value = worst_tick_value(instrument)
    if value is None:
        return None
    return Costs(policy.commission_per_lot * instrument.tick_size / value, policy.slippage_points * instrument.point)


def worst_fill(idea: TradeIdea, policy: RiskPolicy, instrument: Instrument, atr: Decimal | None) -> Decimal | None:
    """Return the worst price at which the gate still lets the idea go, on the tick towards its entry; None if none."""
    drift, costs = entry_drift(idea, policy, atr), costs_in_price(instrument, policy)
    if drift is None or costs is None:
        return None
    reward, _ = reward_and_risk(idea, ZERO)
    least, sign = policy.min_rr, idea.side.sign
    # (target − price) − commission = least × ((price − stop) + commission + slippage), solved for the price.
    rewarding = (reward - costs.commission + least * (sign * idea.stop_loss - costs.commission - costs.slippage)) / (
        1 + least
    )
    furthest = min(sign * idea.entry + drift, rewarding)
    if idea.side is Side.BUY:
        return floor_to_step(furthest, instrument.tick_size)
    return ceil_to_step(-furthest, instrument.tick_size)


def _ratio(reward: Decimal, risk: Decimal) -> Decimal:
    """Return reward ÷ risk rounded down to hundredths; 0 where there is no risk or no reward."""
    return _NO_RATIO if risk <= 0 or reward <= 0 else (reward / risk).quantize(_RR_STEP, rounding=ROUND_FLOOR)


def tick_value_reliable(context: GateContext) -> Check:
    """What the terminal states, what it computes, and our own conversion agree on what a tick costs."""
    code, instrument = Code.TICK_VALUE_UNRELIABLE, context.snapshot.instrument
    tolerance = context.policy.tick_value_tolerance
    limit = f"above 0, at most {plain(tolerance * ONE_HUNDRED)} % apart"
    stated, calculated = instrument.tick_value_loss, instrument.calculated_tick_value
    if calculated is None:
        return unknown(code, f"stated {stated}, the terminal computes none", limit)
    if not (is_amount(stated) and is_amount(calculated)):
        return failed(code, f"stated {stated}, computed {calculated}", limit)
    values = [stated, calculated]
    if context.rate is not None:
        values.append(instrument.contract_size * instrument.tick_size * context.rate.value)
    low, high = min(values), max(values)
    observed = f"stated {stated}, computed {calculated}"
    if len(values) > 2:
        observed += f", converted {values[2]:.6f}"
    return check(code, high - low <= tolerance * low, observed, limit)


def convertible(context: GateContext) -> Check:
    """There is a fresh rate into account currency for the symbol and for everything that is open."""
    code, account = Code.CONVERSION_UNAVAILABLE, context.account
    if account is None:
        return unknown(code, "no account statement", "a rate into account currency")
    profit = context.snapshot.instrument.currency_profit
    needed = dict.fromkeys((profit, *context.book.currencies))
    needed.pop(account.currency, None)
    if not needed:
        return passed(code, f"all in {account.currency}", "none needed")
    oldest = context.policy.max_quote_age_seconds
    limit = f"quotes at most {oldest} s old that lead to {account.currency}"
    paths = []
    for currency in needed:
        rate = context.rate if currency == profit else cost_rate(currency, account.currency, context.quotes)
        if rate is None or rate.oldest_at is None:
            return unknown(code, f"no rate from {currency}", limit)
        age = (context.as_of - rate.oldest_at).total_seconds()
        if not 0 <= age <= oldest:
            return failed(code, f"{currency} by {' and '.join(rate.path)}, {age:.0f} s old", limit)
        paths.append(f"{currency} by {' and '.join(rate.path)}")
    return passed(code, ", ".join(paths), limit)


def lots_reach_minimum(context: GateContext) -> Check:
    """The size reaches the broker's minimum without exceeding the risk or what the limits leave."""
    code, sizing, least = Code.LOT_BELOW_MINIMUM, context.sizing, context.snapshot.instrument.volume_min
    limit = f"at least {least}"
    if sizing.problem is not None:
        return unknown(code, sizing.problem, limit)
    if sizing.lots >= least:
        return passed(code, f"{sizing.lots}", limit)
    may = sizing.budget if sizing.room is None else max(ZERO, min(sizing.budget, sizing.room))
    observed = f"{sizing.lots}: {least} lots would lose {sizing.least_risk}, {may} may be lost"
    return failed(code, observed, limit)


def lots_within_maximum(context: GateContext) -> Check:
    """The size, and what a person asked for, are within the smallest of the maxima."""
    code, sizing = Code.LOT_ABOVE_MAXIMUM, context.sizing
    asked = sizing.lots if context.approval is None else max(sizing.lots, context.approval.max_lots)
    return check(code, asked <= sizing.maximum_lots, f"{asked}", f"at most {sizing.maximum_lots}")


def risk_within_budget(context: GateContext) -> Check:
    """What the stop would cost is within the risk budget."""
    code, sizing = Code.RISK_PER_TRADE, context.sizing
    limit = f"at most {sizing.budget} ({plain(sizing.risk_fraction * 100)} % of {sizing.base})"
    if sizing.problem is not None:
        return unknown(code, sizing.problem, limit)
    return check(code, sizing.risk_amount <= sizing.budget, f"{sizing.risk_amount}", limit)


def confidence_reached(context: GateContext) -> Check:
    """The confidence score reaches the policy's threshold."""
    model, score = context.strategy.spec.confidence_model, context.confidence_score
    threshold = effective_threshold(context.policy, model)
    limit = f"at least {threshold}"
    if model is not ConfidenceModel.V1:
        limit += f" ({context.policy.min_confidence_threshold} scaled to the {highest(model)} of {model.value})"
    return check(Code.CONFIDENCE_BELOW_THRESHOLD, score >= threshold, f"{score}", limit)
