"""Checks of the trade itself: market, strategy, levels, size.

Each function takes the context and returns one check; none of them raises, and what cannot be computed denies.
"""

from datetime import datetime, timedelta

from tradewarden.core.confidence import effective_threshold, highest
from tradewarden.core.ideas import reward_to_risk
from tradewarden.core.market.calendar import events_in_embargo
from tradewarden.core.market.instrument import Instrument, TradeMode
from tradewarden.core.market.session import ServerClock, SessionWindow
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import Mode
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import Check, check, failed, passed, unknown
from tradewarden.core.strategy.plan import timeframes_of
from tradewarden.core.strategy.spec import ConfidenceModel
from tradewarden.core.values import Side, is_multiple_of

_LOOK_BACK = timedelta(days=7)
_OPENABLE = {
    Side.BUY: (TradeMode.FULL, TradeMode.LONG_ONLY),
    Side.SELL: (TradeMode.FULL, TradeMode.SHORT_ONLY),
}


def snapshot_fresh(context: GateContext) -> Check:
    """The newest bar that is due by the server clock is present, in every timeframe that the strategy reads."""
    first, *higher = (_newest_present(context, timeframe) for timeframe in timeframes_of(context.strategy.spec))
    return next((each for each in (first, *higher) if not each.passed), first)


def _newest_present(context: GateContext, timeframe: Timeframe) -> Check:
    code, bars = Code.STALE_SNAPSHOT, context.snapshot.series(timeframe)
    limit = f"the newest due {timeframe} bar"
    if context.refusal is not None:
        return unknown(code, context.refusal, limit)
    newest = None if bars is None else bars.last_ended_at
    if newest is None:
        return unknown(code, f"no {timeframe} bars", limit)
    due = newest_due_bar_end(context.snapshot.instrument, timeframe, context.as_of, context.snapshot.server_clock)
    if due is None:
        return unknown(code, f"no trading hours in {_LOOK_BACK.days} days", limit)
    return check(code, newest >= due, f"newest ended {newest.isoformat()}", f"{limit}, ended {due.isoformat()}")


def newest_due_bar_end(
    instrument: Instrument, timeframe: Timeframe, as_of: datetime, clock: ServerClock
) -> datetime | None:
    """Return the end of the newest bar that has ended by ``as_of`` and overlaps trading hours, or None."""
    server = clock.to_server(as_of)
    midnight = server.replace(hour=0, minute=0, second=0, microsecond=0)
    length = timedelta(minutes=timeframe.minutes)
    end = midnight + length * ((server - midnight) // length)
    oldest = server - _LOOK_BACK
    while end > oldest:
        if _overlaps_hours(instrument, end - length, end):
            return clock.to_utc(end)
        end -= length
    return None


def _overlaps_hours(instrument: Instrument, start: datetime, end: datetime) -> bool:
    monday = start.replace(hour=0, minute=0) - timedelta(days=start.weekday())
    low, high = (int((moment - monday).total_seconds()) // 60 for moment in (start, end))
    return any(opens < high and low < closes for opens, closes in instrument.trading_hours.intervals)


def quote_fresh(context: GateContext) -> Check:
    """There is an executable quote and it is young enough."""
    code, quote = Code.STALE_QUOTE, context.snapshot.quote
    limit = f"at most {context.policy.max_quote_age_seconds} s old"
    if quote is None:
        return unknown(code, "no quote", limit)
    age = (context.as_of - quote.at).total_seconds()
    return check(code, age <= context.policy.max_quote_age_seconds, f"{age:.0f} s old", limit)


def market_open(context: GateContext) -> Check:
    """The server clock is inside trading hours and the symbol may be opened in this direction."""
    code, instrument = Code.MARKET_CLOSED, context.snapshot.instrument
    server = context.snapshot.server_clock.to_server(context.as_of)
    shown = f"{server:%a %H:%M} on the server clock"
    if instrument.trade_mode not in _OPENABLE[context.idea.side]:
        return failed(code, f"trade mode {instrument.trade_mode}", "trading hours, full trade mode")
    return check(code, instrument.trading_hours.contains(server), shown, "trading hours")


def strategy_active(context: GateContext) -> Check:
    """The strategy version is switched on."""
    active = context.strategy.is_active
    return check(Code.STRATEGY_INACTIVE, active, "active" if active else "inactive", "active")


def symbol_allowed(context: GateContext) -> Check:
    """The strategy names this symbol."""
    allowed = context.strategy.spec.allowed_symbols
    return check(Code.SYMBOL_NOT_ALLOWED, context.idea.symbol in allowed, context.idea.symbol, ", ".join(allowed))


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


def no_embargo(context: GateContext) -> Check:
    """No high-impact event of the symbol's currencies is within the embargo."""
    code, calendar, embargo = Code.NEWS_EMBARGO, context.snapshot.calendar, context.embargo
    currencies = context.snapshot.instrument.currencies
    limit = f"none within {embargo.before_minutes} min before or {embargo.after_minutes} min after"
    if calendar.captured_at is None:
        if context.policy.calendar_required:
            return unknown(code, "no calendar", limit)
        return passed(code, "no calendar, none required by the policy", limit)
    reach = context.as_of + timedelta(minutes=embargo.before_minutes)
    if calendar.covers_until is not None and calendar.covers_until < reach:
        return unknown(code, f"the calendar ends {calendar.covers_until.isoformat()}", limit)
    near = events_in_embargo(calendar.events, at=context.as_of, embargo=embargo, currencies=currencies)
    observed = "; ".join(f"{event.currency} {event.title} at {event.at:%H:%M} UTC" for event in near)
    return check(code, not near, observed or "none near", limit)


def spread_normal(context: GateContext) -> Check:
    """The spread is within the strategy's points and within a multiple of its median."""
    code, snapshot, median = Code.SPREAD_TOO_WIDE, context.snapshot, context.spread_median
    fixed = context.strategy.spec.max_spread_points
    limits = [] if fixed is None else [f"{fixed} pt"]
    if snapshot.quote is None or median is None:
        return unknown(code, "no quote or no spread history", " and ".join(limits) or "normal spread")
    relative = median * context.policy.max_spread_to_median
    limits.append(f"{relative.normalize():f} pt ({context.policy.max_spread_to_median} × median)")
    points = snapshot.quote.spread / snapshot.instrument.point
    holds = (fixed is None or points <= fixed) and (points <= relative or median == 0)
    return check(code, holds, f"{points.normalize():f} pt, median {median.normalize():f} pt", " and ".join(limits))


def levels_valid(context: GateContext) -> Check:
    """Stop and target are on the tick, on their sides of the price, and the broker's distance away."""
    code, idea, instrument = Code.INVALID_LEVELS, context.idea, context.snapshot.instrument
    quote = context.snapshot.quote
    least = instrument.stops_level * instrument.point
    limit = f"stop and target at least {instrument.stops_level} pt from the closing price, on the tick"
    if quote is None:
        return unknown(code, "no quote", limit)
    closing, sign = quote.exit(idea.side), idea.side.sign
    observed = f"stop {idea.stop_loss}, closing price {closing}, target {idea.take_profits[0]}"
    on_tick = all(is_multiple_of(p, instrument.tick_size) for p in (idea.stop_loss, *idea.take_profits))
    stop_room = (closing - idea.stop_loss) * sign
    target_room = min((target - closing) * sign for target in idea.take_profits)
    holds = on_tick and stop_room > 0 and target_room > 0 and min(stop_room, target_room) >= least
    return check(code, holds, observed, limit)


def price_near(context: GateContext) -> Check:
    """The executable price is still near the idea's entry, and no worse than a person agreed to."""
    code, idea, price = Code.PRICE_MOVED, context.idea, context.price
    drift_limit = abs(idea.entry - idea.stop_loss) * context.policy.max_entry_drift_r
    limit = f"within {drift_limit.normalize():f} of {idea.entry}"
    worst = None if context.approval is None else context.approval.worst_price
    if worst is not None:
        limit += f", no worse than {worst}"
    if price is None:
        return unknown(code, "no quote", limit)
    holds = abs(price - idea.entry) <= drift_limit
    if worst is not None:
        holds = holds and (worst - price) * idea.side.sign >= 0
    return check(code, holds, f"{price}", limit)


def reward_worth_risk(context: GateContext) -> Check:
    """Reward ÷ risk at the executable price; a new idea must also keep what its strategy expects."""
    code, idea, price = Code.RR_TOO_LOW, context.idea, context.price
    least = context.policy.min_rr
    if context.first:
        least = max(least, context.strategy.spec.rr_expectation)
    limit = f"at least {least}"
    if price is None:
        return unknown(code, "no quote", limit)
    rr = reward_to_risk(idea.side, price, idea.stop_loss, idea.take_profits[0])
    return check(code, rr >= least, f"{rr}", limit)


def lots_reach_minimum(context: GateContext) -> Check:
    """The size reaches the broker's minimum without exceeding the risk."""
    code, sizing = Code.LOT_BELOW_MINIMUM, context.sizing
    limit = f"at least {context.snapshot.instrument.volume_min}"
    if sizing.problem is not None:
        return unknown(code, sizing.problem, limit)
    return check(code, sizing.lots >= context.snapshot.instrument.volume_min, f"{sizing.lots}", limit)


def lots_within_maximum(context: GateContext) -> Check:
    """The size, and what a person asked for, are within the smallest of the maxima."""
    code, sizing = Code.LOT_ABOVE_MAXIMUM, context.sizing
    asked = sizing.lots if context.approval is None else max(sizing.lots, context.approval.max_lots)
    return check(code, asked <= sizing.maximum_lots, f"{asked}", f"at most {sizing.maximum_lots}")


def risk_within_budget(context: GateContext) -> Check:
    """What the stop would cost is within the risk budget."""
    code, sizing = Code.RISK_PER_TRADE, context.sizing
    limit = f"at most {sizing.budget} ({(sizing.risk_fraction * 100).normalize():f} % of {sizing.base})"
    if sizing.problem is not None:
        return unknown(code, sizing.problem, limit)
    return check(code, sizing.risk_amount <= sizing.budget, f"{sizing.risk_amount}", limit)


def not_duplicate(context: GateContext) -> Check:
    """No open idea, intent or position has this strategy, symbol and side, and the setup has re-armed."""
    code, idea, desk = Code.DUPLICATE_IDEA, context.idea, context.desk
    key = (idea.strategy_id, idea.symbol, idea.side)
    limit = "none of this strategy, symbol and side"
    open_ideas = [o for o in desk.open_ideas if o.idea_id != idea.idea_id]
    on_the_way = [o for o in desk.unfinished_intents if o.idea_id != idea.idea_id]
    if any((o.strategy_id, o.symbol, o.side) == key for o in open_ideas):
        return failed(code, "an open idea", limit)
    if any((o.strategy_id, o.symbol, o.side) == key for o in on_the_way):
        return failed(code, "an order on the way", limit)
    if any((o.strategy_id, o.symbol, o.side) == key for o in desk.positions):
        return failed(code, "an open position", limit)
    spent = any((item.strategy_id, item.symbol, item.side) == key for item in desk.spent_setups)
    if context.first and spent:
        return failed(code, "entry has held since the last idea", "entry false once since the last idea")
    return passed(code, "none", limit)


def confidence_reached(context: GateContext) -> Check:
    """The confidence score reaches the policy's threshold."""
    model, score = context.strategy.spec.confidence_model, context.confidence_score
    threshold = effective_threshold(context.policy, model)
    limit = f"at least {threshold}"
    if model is not ConfidenceModel.V1:
        limit += f" ({context.policy.min_confidence_threshold} scaled to the {highest(model)} of {model.value})"
    return check(Code.CONFIDENCE_BELOW_THRESHOLD, score >= threshold, f"{score}", limit)
