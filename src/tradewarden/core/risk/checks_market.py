"""Checks of the market and its clock: bars, quotes, calendar, hours, news, spread, and what the strategy forbids.

Each function takes the context and returns one check; none of them raises, and what cannot be computed denies.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from tradewarden.core.market.calendar import CalendarEvent, Embargo, Impact, events_in_embargo
from tradewarden.core.market.hours import in_rollover, until_weekend
from tradewarden.core.market.instrument import Instrument, TradeMode
from tradewarden.core.market.session import MINUTES_PER_DAY, ServerClock, WeeklyHours
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code
from tradewarden.core.risk.verdict import Check, check, failed, passed, settled, unknown
from tradewarden.core.strategy.plan import timeframes_of
from tradewarden.core.values import Side, plain

_LOOK_BACK_DAYS, _MINUTE = 7, timedelta(minutes=1)
_OPENABLE = {
    Side.BUY: ((TradeMode.FULL, TradeMode.LONG_ONLY), "full or long_only"),
    Side.SELL: ((TradeMode.FULL, TradeMode.SHORT_ONLY), "full or short_only"),
}


def clocks_agree(context: GateContext) -> Check:
    """The terminal's newest tick does not lie further after the desk's clock than the policy allows."""
    most, ahead = context.policy.max_clock_skew_seconds, context.snapshot.clock_ahead_seconds
    return check(
        Code.CLOCK_SKEW,
        ahead <= most,
        f"the terminal is {ahead} s ahead",
        f"at most {most} s ahead of the desk's clock",
    )


def snapshot_fresh(context: GateContext) -> Check:
    """The newest bar that is due by the server clock is present, in every timeframe that the strategy reads."""
    first, *higher = (_newest_present(context, timeframe) for timeframe in timeframes_of(context.strategy.spec))
    return next((each for each in (first, *higher) if not each.passed), first)


def _newest_present(context: GateContext, timeframe: Timeframe) -> Check:
    code, bars = Code.STALE_SNAPSHOT, context.snapshot.series(timeframe)
    limit = f"the newest due {timeframe} bar"
    refusal = None if context.evaluation is None else context.evaluation.refusal
    if refusal is not None:
        return unknown(code, refusal, limit)
    newest = None if bars is None else bars.last_ended_at
    if newest is None:
        return unknown(code, f"no {timeframe} bars", limit)
    hours, clock = context.snapshot.instrument.trading_hours, context.snapshot.server_clock
    due, words = _due(hours, timeframe, context.as_of, clock)
    if due is None:
        return unknown(code, f"no trading hours in {_LOOK_BACK_DAYS} days", limit)
    observed = f"newest ended {words if newest == due else newest.isoformat()}"
    return settled(code, newest >= due, observed, f"{limit}, ended {words}")


def newest_due_bar_end(
    instrument: Instrument, timeframe: Timeframe, as_of: datetime, clock: ServerClock
) -> datetime | None:
    """Return the end of the newest bar that has ended by ``as_of`` and overlaps trading hours, or None."""
    return _due(instrument.trading_hours, timeframe, as_of, clock)[0]


# One turn asks the same of many strategies and symbols.
@lru_cache(maxsize=1024)
def _due(hours: WeeklyHours, timeframe: Timeframe, as_of: datetime, clock: ServerClock) -> tuple[datetime | None, str]:
    """Return the end of the newest due bar, and that in words."""
    server, length = clock.to_server(as_of), timeframe.minutes
    minute = server.hour * 60 + server.minute
    # Minutes since the server's Monday; bars are counted from each midnight.
    now = server.weekday() * MINUTES_PER_DAY + minute
    end, oldest = now - minute % length, now - _LOOK_BACK_DAYS * MINUTES_PER_DAY
    while end > oldest:
        if _overlaps(hours, end - length, end):
            midnight = server.replace(hour=0, minute=0, second=0, microsecond=0)
            due = clock.to_utc(midnight + timedelta(minutes=end - server.weekday() * MINUTES_PER_DAY))
            return due, due.isoformat()
        end -= length
    return None, ""


def _overlaps(hours: WeeklyHours, start: int, end: int) -> bool:
    """Return whether the market trades between two minutes since some Monday, which may lie before it."""
    low = start % (7 * MINUTES_PER_DAY)
    high = low + end - start
    for opens, closes in hours.intervals:  # noqa: SIM110  # any() takes three times as long
        if opens < high and low < closes:
            return True
    return False


def quote_fresh(context: GateContext) -> Check:
    """There is an executable quote and it is young enough."""
    code, quote = Code.STALE_QUOTE, context.snapshot.quote
    limit = f"at most {context.policy.max_quote_age_seconds} s old"
    if quote is None:
        return unknown(code, "no quote", limit)
    age = (context.as_of - quote.at).total_seconds()
    return settled(code, age <= context.policy.max_quote_age_seconds, f"{age:.0f} s old", limit)


def calendar_recent(context: GateContext) -> Check:
    """The calendar was captured lately enough; a desk that trades news-blind has to say so in its policy."""
    code, policy = Code.CALENDAR_STALE, context.policy
    captured_at = context.snapshot.calendar.captured_at
    if not policy.calendar_required:
        return passed(code, "none required by the policy", "none required by the policy")
    limit = f"captured at most {policy.max_calendar_age_hours} h ago"
    if captured_at is None:
        return unknown(code, "no calendar", limit)
    hours = (context.as_of - captured_at).total_seconds() / 3600
    return check(code, hours <= policy.max_calendar_age_hours, f"captured {hours:.1f} h ago", limit)


def market_open(context: GateContext) -> Check:
    """The server clock is inside the symbol's trading hours."""
    server = context.server_time
    inside = context.snapshot.instrument.trading_hours.contains(server)
    return settled(Code.MARKET_CLOSED, inside, _server_words(server), "trading hours")


def rollover_far(context: GateContext) -> Check:
    """The server's midnight, when spreads widen and swaps are booked, is not near."""
    near, limit = _rollover(context.policy.rollover_pause, context.server_time)
    return settled(Code.ROLLOVER, not near, _server_words(context.server_time), limit)


def weekend_far(context: GateContext) -> Check:
    """The symbol's last close of the week is not near; where positions are closed before it, nothing opens after."""
    policy = context.policy
    pause = policy.weekend_pause_minutes
    if policy.flat_before_weekend:
        pause = max(pause, policy.weekend_flat_minutes)
    far, observed = _weekend(context.snapshot.instrument.trading_hours, context.server_time, pause)
    return settled(Code.WEEKEND, far, observed, f"more than {pause} min before the week's last close")


@lru_cache(maxsize=1024)
def _server_words(server: datetime) -> str:
    return f"{server:%a %H:%M} on the server clock"


@lru_cache(maxsize=1024)
def _rollover(pause: Embargo, server: datetime) -> tuple[bool, str]:
    words = f"not within {pause.before_minutes} min before or {pause.after_minutes} min after the server's midnight"
    return in_rollover(pause, server), words


@lru_cache(maxsize=1024)
def _weekend(hours: WeeklyHours, server: datetime, pause: int) -> tuple[bool, str]:
    left = until_weekend(hours, server)
    if left is None:
        return True, "this market has no weekend"
    return left > timedelta(minutes=pause), f"{left // _MINUTE} min before it"


def openable(context: GateContext) -> Check:
    """The broker lets the symbol be opened on the idea's side."""
    mode, (modes, words) = context.snapshot.instrument.trade_mode, _OPENABLE[context.idea.side]
    return settled(Code.SYMBOL_TRADE_MODE, mode in modes, mode.value, words)


def no_embargo(context: GateContext) -> Check:
    """No high-impact event of the symbol's currencies, or of the strategy's own, is within the embargo."""
    code, calendar, embargo = Code.NEWS_EMBARGO, context.snapshot.calendar, context.embargo
    limit = _embargo_words(embargo)
    if calendar.captured_at is None:
        if context.policy.calendar_required:
            return unknown(code, "no calendar", limit)
        return passed(code, "no calendar, none required by the policy", limit)
    near, why = _news(context, embargo, Impact.HIGH)
    if why:
        return unknown(code, why, limit)
    return check(code, not near, _news_text(near) or "none near", limit)


@lru_cache(maxsize=256)
def _embargo_words(embargo: Embargo) -> str:
    return f"none within {embargo.before_minutes} min before or {embargo.after_minutes} min after"


def _news(context: GateContext, embargo: Embargo, impact: Impact) -> tuple[tuple[CalendarEvent, ...], str]:
    """Return the events in whose window the moment lies, and why that cannot be known, where it cannot."""
    calendar = context.snapshot.calendar
    reach = context.as_of + timedelta(minutes=embargo.before_minutes)
    if calendar.covers_until is not None and calendar.covers_until < reach:
        return (), f"the calendar ends {calendar.covers_until.isoformat()}"
    if not calendar.events:
        return (), ""
    currencies = context.snapshot.instrument.currencies + context.strategy.spec.forbidden.currencies
    return events_in_embargo(calendar, at=context.as_of, embargo=embargo, currencies=currencies, impact=impact), ""


def _news_text(events: tuple[CalendarEvent, ...]) -> str:
    return "; ".join([f"{event.currency} {event.title} at {event.at:%H:%M} UTC" for event in events])


def spread_normal(context: GateContext) -> Check:
    """The spread is within the strategy's points and within a multiple of its median."""
    code, snapshot = Code.SPREAD_TOO_WIDE, context.snapshot
    median = None if context.market is None else context.market.spread_median_points
    fixed = context.strategy.spec.max_spread_points
    limits = [] if fixed is None else [f"{fixed} pt"]
    if snapshot.quote is None or median is None:
        return unknown(code, "no quote or no spread history", " and ".join(limits) or "normal spread")
    relative = median * context.policy.max_spread_to_median
    limits.append(f"{plain(relative)} pt ({context.policy.max_spread_to_median} × median)")
    points = snapshot.quote.spread / snapshot.instrument.point
    holds = (fixed is None or points <= fixed) and (points <= relative or median == 0)
    return check(code, holds, f"{plain(points)} pt, median {plain(median)} pt", " and ".join(limits))


def nothing_forbidden(context: GateContext) -> Check:
    """Nothing of what the strategy forbids holds, and no invalidation of its ideas does."""
    code, spec = Code.FORBIDDEN_CONDITION, context.strategy.spec
    forbidden = spec.forbidden
    limit = "nothing that the strategy forbids"
    found: list[str] = []
    unsure: list[str] = []
    if forbidden.conditions or spec.invalidations:
        _conditions(context, found, unsure)
    if forbidden.volatility is not None:
        _volatility(context, found, unsure)
    if forbidden.medium_news is not None:
        _medium_news(context, forbidden.medium_news, found, unsure)
    if forbidden.session_edges is not None:
        _session_edges(context, forbidden.session_edges, found)
    if forbidden.rollover is not None and in_rollover(forbidden.rollover, context.server_time):
        found.append(f"{context.server_time:%H:%M} on the server clock, near its midnight")
    if forbidden.before_friday_close is not None:
        left = until_weekend(context.snapshot.instrument.trading_hours, context.server_time)
        if left is not None and left <= timedelta(minutes=forbidden.before_friday_close):
            found.append(f"{left // _MINUTE} min before the week's last close")
    if found:
        return failed(code, "; ".join(found), limit)
    return unknown(code, "; ".join(unsure), limit) if unsure else passed(code, "nothing", limit)


def _conditions(context: GateContext, found: list[str], unsure: list[str]) -> None:
    evaluation = context.evaluation
    if evaluation is None or evaluation.refusal is not None:
        unsure.append("the forbidden conditions were not evaluated")
        return
    if evaluation.invalid:
        found.append(_held(context, "invalidation", "an invalidation holds"))
    if evaluation.forbidden:
        found.append(_held(context, "forbidden", "a forbidden condition holds"))
    bans = [entry for entry in evaluation.conditions if entry.section in ("invalidation", "forbidden")]
    unsure += [f"a value of {entry.text} is missing" for entry in bans if entry.unknown]


def _held(context: GateContext, section: str, words: str) -> str:
    conditions = () if context.evaluation is None else context.evaluation.conditions
    texts = [entry.text for entry in conditions if entry.section == section and entry.holds]
    return f"{words}: {', '.join(texts)}" if texts else words


def _volatility(context: GateContext, found: list[str], unsure: list[str]) -> None:
    rule, market = context.strategy.spec.forbidden.volatility, context.market
    if rule is None:
        return
    percentile = None if market is None else market.atr_percentile
    if rule.min_atr_percentile is not None or rule.max_atr_percentile is not None:
        if percentile is None:
            unsure.append("the ATR's percentile is unknown")
        elif rule.min_atr_percentile is not None and percentile < rule.min_atr_percentile:
            found.append(f"ATR percentile {percentile} below {rule.min_atr_percentile}")
        elif rule.max_atr_percentile is not None and percentile > rule.max_atr_percentile:
            found.append(f"ATR percentile {percentile} above {rule.max_atr_percentile}")
    if rule.forbid_spike:
        spike = None if market is None else market.spike
        if spike is None:
            unsure.append("whether the newest bar is a spike is unknown")
        elif spike:
            found.append("the newest bar is a spike")


def _medium_news(context: GateContext, embargo: Embargo, found: list[str], unsure: list[str]) -> None:
    if context.snapshot.calendar.captured_at is None:
        if context.policy.calendar_required:
            unsure.append("no calendar")
        return
    near, why = _news(context, embargo, Impact.MEDIUM)
    if why:
        unsure.append(why)
    if near:
        found.append(f"medium-impact news: {_news_text(near)}")


def _session_edges(context: GateContext, edges: Embargo, found: list[str]) -> None:
    """Any window that the time lies in counts: the end of one session inside another is an edge too."""
    for window in context.strategy.spec.session_windows:
        bounds = window.bounds_at(context.as_of)
        if bounds is None:
            continue
        if context.as_of - bounds[0] < timedelta(minutes=edges.before_minutes):
            found.append(f"in the first {edges.before_minutes} min of {window.name}")
        if bounds[1] - context.as_of <= timedelta(minutes=edges.after_minutes):
            found.append(f"in the last {edges.after_minutes} min of {window.name}")
