"""Formulas of indicators that begin anew with days and sessions, and of swings, written one bar at a time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.core.indicators.formula_parts import (
    Values,
    combined,
    single,
    typical,
)

from tradewarden.core.indicators.kind import Settings
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NAMED_SESSIONS, ServerClock


def moments(bars: Bars) -> list[datetime]:
    return [datetime.fromtimestamp(moment, UTC) for moment in bars.opened_at.tolist()]


def occurrences(bars: Bars, session: str) -> list[date | None]:
    """The day on which the session that each bar opens in began, None outside of it."""
    window = NAMED_SESSIONS[session]
    tz = ZoneInfo(window.zone_name)
    return [moment.astimezone(tz).date() if window.contains(moment) else None for moment in moments(bars)]


def anchors(bars: Bars, anchor: str, clock: ServerClock) -> list[object]:
    """Something that changes exactly where the anchor is set anew; None before the first session."""
    days = [clock.day_of(moment) for moment in moments(bars)]
    if anchor == "day":
        return [*days]
    if anchor == "week":
        return [day - timedelta(days=(day.weekday() + 1) % 7) for day in days]
    newest: list[object] = []
    for began in occurrences(bars, anchor):
        newest.append(began or (newest[-1] if newest else None))
    return newest


def anchored(marks: list[object], gains: list[tuple[float, float]]) -> Values:
    """Sum of the first parts over sum of the second since the mark changed; None until it has."""
    found: Values = []
    above = below = None
    for index, (first, second) in enumerate(gains):
        if index and marks[index] != marks[index - 1]:
            above = below = 0.0
        if above is None or below is None:
            found.append(None)
            continue
        above, below = above + first, below + second
        found.append(above / below if below else None)
    return found


def vwap(bars: Bars, settings: Settings, clock: ServerClock) -> dict[str, Values]:
    marks = anchors(bars, settings.text("anchor"), clock)
    gains = [(price * volume, volume) for price, volume in zip(typical(bars), bars.volume.tolist(), strict=True)]
    return single(anchored(marks, gains))


def obv(bars: Bars, settings: Settings, clock: ServerClock) -> dict[str, Values]:
    marks = anchors(bars, settings.text("anchor"), clock)
    close, volume = bars.close.tolist(), bars.volume.tolist()
    sums: Values = []
    total = None
    for i in range(len(close)):
        if i and marks[i] != marks[i - 1]:
            total = 0.0
        if total is not None:
            total += volume[i] * ((close[i] > close[i - 1]) - (close[i] < close[i - 1]))
        sums.append(total)
    return single(sums)


def previous_day(bars: Bars, _: Settings, clock: ServerClock) -> dict[str, Values]:
    days: list[date] = [clock.day_of(moment) for moment in moments(bars)]
    ordered = list(dict.fromkeys(days))
    rows: dict[date, list[int]] = {day: [i for i, each in enumerate(days) if each == day] for day in ordered}
    found: dict[str, Values] = {name: [] for name in ("open", "high", "low", "close")}
    for day in days:
        place_of = ordered.index(day)
        held = rows[ordered[place_of - 1]] if place_of >= 2 else []
        found["open"].append(float(bars.open[held[0]]) if held else None)
        found["high"].append(max(float(bars.high[i]) for i in held) if held else None)
        found["low"].append(min(float(bars.low[i]) for i in held) if held else None)
        found["close"].append(float(bars.close[held[-1]]) if held else None)
    return found


def pivots(bars: Bars, settings: Settings, clock: ServerClock) -> dict[str, Values]:
    day = previous_day(bars, settings, clock)
    high, low, close = day["high"], day["low"], day["close"]
    pivot = combined(lambda h, w, c: (h + w + c) / 3, high, low, close)
    return {
        "pivot": pivot,
        "r1": combined(lambda p, w: 2 * p - w, pivot, low),
        "r2": combined(lambda p, h, w: p + h - w, pivot, high, low),
        "r3": combined(lambda p, h, w: h + 2 * (p - w), pivot, high, low),
        "s1": combined(lambda p, h: 2 * p - h, pivot, high),
        "s2": combined(lambda p, h, w: p - h + w, pivot, high, low),
        "s3": combined(lambda p, h, w: w - 2 * (h - p), pivot, high, low),
    }


def session_range(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    began = occurrences(bars, settings.text("session"))
    found: dict[str, Values] = {"open": [], "high": [], "low": []}
    newest: date | None = began[0]
    range_of: tuple[float | None, float | None, float | None] = (None, None, None)
    for i, day in enumerate(began):
        high, low = float(bars.high[i]), float(bars.low[i])
        if day is not None and day != newest:
            newest, range_of = day, (float(bars.open[i]), high, low)
        elif day is not None and range_of[1] is not None and range_of[2] is not None:
            range_of = (range_of[0], max(range_of[1], high), min(range_of[2], low))
        for name, value in zip(found, range_of, strict=True):
            found[name].append(value)
    return found


def swings(bars: Bars, settings: Settings, _: ServerClock) -> dict[str, Values]:
    strength, lookback = settings.count("strength"), settings.count("lookback")

    def of(values: list[float], name: str, sign: int) -> dict[str, Values]:
        newest: Values = []
        before: Values = []
        for now in range(len(values)):
            peaks = [
                i
                for i in range(max(strength, now - lookback), now - strength + 1)
                if all(values[i] > values[j] for j in range(i - strength, i))
                and all(values[i] >= values[j] for j in range(i + 1, i + strength + 1))
            ]
            newest.append(sign * values[peaks[-1]] if peaks else None)
            before.append(sign * values[peaks[-2]] if len(peaks) > 1 else None)
        return {name: newest, f"previous_{name}": before}

    return of(bars.high.tolist(), "high", 1) | of([-low for low in bars.low.tolist()], "low", -1)
