"""Indicators that begin anew with the server's day or week or with a session: levels, VWAP and OBV.

What began before the first bar at hand may be cut off, so it is unknown. Days come from the recorded server clock,
sessions from the clock of their city; a bar belongs where it opens.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from tradewarden.core.indicators.kind import (
    PRICE,
    SIGNED,
    SINGLE,
    IndicatorKind,
    Length,
    Mirror,
    MirrorRule,
    Output,
    Outputs,
    Parameter,
    Settings,
    View,
    length_of,
)
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.market.bars import Float64, Int64
from tradewarden.core.market.server_days import session_days, weeks_of
from tradewarden.core.market.session import NAMED_SESSIONS
from tradewarden.core.market.timeframe import Timeframe

DAY, WEEK = "day", "week"
# The longest a period can last, in minutes: an hour is added where a clock is put back in it. The newest session
# began at most 72 hours ago: on Friday, looking from the same hour of Monday.
_LONGEST = {DAY: 25 * 60, WEEK: 7 * 24 * 60 + 60}
_LONGEST_SINCE_SESSION = 73 * 60
_TWO_DAYS = 49 * 60
_HIGH = Mirror(MirrorRule.PRICE, partner="low")
_LOW = Mirror(MirrorRule.PRICE, partner="high")
_LEVELS = ("r1", "r2", "r3", "s1", "s2", "s3")


def _bars_over(minutes: int, timeframe: Timeframe) -> int:
    """Return how many bars fill ``minutes``, and one more before them that shows nothing was cut off."""
    return -(-minutes // timeframe.minutes) + 1


def _anchor_window(settings: Settings, timeframe: Timeframe) -> int:
    return _bars_over(_LONGEST.get(settings.text("anchor"), _LONGEST_SINCE_SESSION), timeframe)


def _starts(view: View) -> Int64:
    """Return the indices of the bars at which a day, week or session began, as the setting ``anchor`` says."""
    anchor = view.settings.text("anchor")
    if anchor in _LONGEST:
        days = view.days
        return _changes(days if anchor == DAY else weeks_of(days))
    return _session_starts(session_days(NAMED_SESSIONS[anchor], view.bars.opened_at))


def _changes(groups: Int64) -> Int64:
    found: Int64 = np.flatnonzero(groups[1:] != groups[:-1]) + 1
    return found


def _session_starts(began: Int64) -> Int64:
    """Return where a session began, given the day it began on for each bar, -1 outside of it."""
    newest = np.maximum.accumulate(began)
    return _changes(newest)


def _per_group(starts: Int64, values: Float64) -> Float64:
    """Return the running sums of ``values``, begun anew at each of ``starts``; NaN before the first of them."""
    sums = np.full(len(values), np.nan)
    bounds = [*starts.tolist(), len(values)]
    # Group by group, so that no sum carries the rounding of an earlier group.
    for start, stop in pairwise(bounds):
        np.cumsum(values[start:stop], out=sums[start:stop])
    return sums


def _vwap(view: View) -> Outputs:
    bars, starts = view.bars, _starts(view)
    volume = _per_group(starts, bars.volume)
    money = _per_group(starts, (bars.high + bars.low + bars.close) / 3 * bars.volume)
    return {SINGLE: np.divide(money, volume, out=np.full(len(bars), np.nan), where=volume > 0)}


def _obv(view: View) -> Outputs:
    bars = view.bars
    signed = np.zeros(len(bars))
    signed[1:] = np.sign(np.diff(bars.close)) * bars.volume[1:]
    return {SINGLE: _per_group(_starts(view), signed)}


def _day_before(view: View) -> dict[str, Float64]:
    """Return open, high, low and close of the server day before that of each bar, NaN where it may be cut off."""
    bars, days = view.bars, view.days
    starts = _changes(days)
    known: dict[str, Float64] = {name: np.full(len(bars), np.nan) for name in ("open", "high", "low", "close")}
    if len(starts) < 2:
        return known
    lengths = np.diff([*starts.tolist(), len(bars)])[1:]
    for name, per_day in (
        ("open", bars.open[starts]),
        ("high", np.maximum.reduceat(bars.high, starts)),
        ("low", np.minimum.reduceat(bars.low, starts)),
        ("close", bars.close[np.append(starts[1:], len(bars)) - 1]),
    ):
        known[name][starts[1] :] = np.repeat(per_day[:-1], lengths)
    return known


def _pivots(view: View) -> Outputs:
    day = _day_before(view)
    high, low, pivot = day["high"], day["low"], (day["high"] + day["low"] + day["close"]) / 3
    return {
        "pivot": pivot,
        "r1": 2 * pivot - low,
        "r2": pivot + (high - low),
        "r3": high + 2 * (pivot - low),
        "s1": 2 * pivot - high,
        "s2": pivot - (high - low),
        "s3": low - 2 * (high - pivot),
    }


def _session_range(view: View) -> Outputs:
    bars = view.bars
    began = session_days(NAMED_SESSIONS[view.settings.text("session")], bars.opened_at)
    known: Outputs = {name: np.full(len(bars), np.nan) for name in ("open", "high", "low")}
    bounds = [*_session_starts(began).tolist(), len(bars)]
    for start, stop in pairwise(bounds):
        inside = began[start:stop] >= 0
        known["open"][start:stop] = bars.open[start]
        # Bars after the end of the session add nothing: its range stays known until the next one begins.
        known["high"][start:stop] = np.maximum.accumulate(np.where(inside, bars.high[start:stop], -np.inf))
        known["low"][start:stop] = np.minimum.accumulate(np.where(inside, bars.low[start:stop], np.inf))
    return known


def _anchored(
    name: str, title: str, definition: str, *, reads: str, output: Output, function: Callable[[View], Outputs]
) -> IndicatorKind:
    return IndicatorKind(
        name=name,
        title=title,
        definition=definition,
        reads=reads,
        parameters=(
            Parameter(
                name="anchor",
                description="Where it begins: with the server's day or week, or with a named session.",
                default=DAY,
                choices=(DAY, WEEK, *NAMED_SESSIONS),
            ),
        ),
        outputs=(output,),
        first_index=length_of(extra=1),
        minimum_window=Length(
            _anchor_window, "the bars of 25 hours (day), 169 hours (week) or 73 hours (session), and 1"
        ),
        function=function,
        exact=False,
        intraday=True,
    )


_OF_TWO_DAYS = Length(lambda _, timeframe: _bars_over(_TWO_DAYS, timeframe), "the bars of 49 hours, and 1")
_PREVIOUS_DAY = IndicatorKind(
    name="previous_day",
    title="Previous day",
    definition="open, high, low and close of the newest server day that has ended and has bars",
    reads="open, high, low, close",
    parameters=(),
    outputs=(
        Output("open", Unit.PRICE, PRICE),
        Output("high", Unit.PRICE, _HIGH),
        Output("low", Unit.PRICE, _LOW),
        Output("close", Unit.PRICE, PRICE),
    ),
    first_index=length_of(extra=2),
    minimum_window=_OF_TWO_DAYS,
    function=_day_before,
    exact=False,
)
_PIVOTS = IndicatorKind(
    name="pivots",
    title="Classic pivot points",
    definition="`pivot` = (H + L + C) / 3 of the previous server day; `r1` `s1` = 2P − L, 2P − H; "
    "`r2` `s2` = P ± (H − L); `r3` `s3` = H + 2(P − L), L − 2(H − P)",
    reads="high, low, close",
    parameters=(),
    outputs=(
        Output("pivot", Unit.PRICE, PRICE),
        *(
            Output(name, Unit.PRICE, Mirror(MirrorRule.PRICE, partner=("s" if name[0] == "r" else "r") + name[1]))
            for name in _LEVELS
        ),
    ),
    first_index=length_of(extra=2),
    minimum_window=_OF_TWO_DAYS,
    function=_pivots,
    exact=False,
)
_SESSION_RANGE = IndicatorKind(
    name="session_range",
    title="Session open, high and low",
    definition="of the session that is running, newest bar included; after its end they stay until the next begins",
    reads="open, high, low",
    parameters=(
        Parameter(
            name="session", description="The session whose range is taken.", default=None, choices=tuple(NAMED_SESSIONS)
        ),
    ),
    outputs=(
        Output("open", Unit.PRICE, PRICE),
        Output("high", Unit.PRICE, _HIGH),
        Output("low", Unit.PRICE, _LOW),
    ),
    first_index=length_of(extra=1),
    minimum_window=Length(
        lambda _, timeframe: _bars_over(_LONGEST_SINCE_SESSION, timeframe), "the bars of 73 hours, and 1"
    ),
    function=_session_range,
    exact=False,
    intraday=True,
)
_VWAP = _anchored(
    "vwap",
    "Volume-weighted average price",
    "mean of the typical price, weighted by tick volume, since the anchor; unknown while no volume was traded",
    reads="high, low, close, volume",
    output=Output(SINGLE, Unit.PRICE, PRICE),
    function=_vwap,
)
_OBV = _anchored(
    "obv",
    "On-balance volume",
    "volume of bars that closed higher minus that of bars that closed lower, since the anchor",
    reads="close, volume",
    output=Output(SINGLE, Unit.VOLUME, SIGNED),
    function=_obv,
)
ANCHORED = (_VWAP, _OBV, _PIVOTS, _PREVIOUS_DAY, _SESSION_RANGE)
