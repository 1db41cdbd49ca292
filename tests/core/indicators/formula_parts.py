"""What the formulas are made of: runs of values, means, columns put together bar by bar."""

from collections.abc import Callable, Sequence

from tradewarden.core.indicators.kind import Settings
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import ServerClock

Values = list[float | None]
Formula = Callable[[Bars, Settings, ServerClock], dict[str, Values]]


def column(bars: Bars, settings: Settings) -> list[float]:
    values: list[float] = getattr(bars, settings.text("source")).tolist()
    return values


def single(values: Values) -> dict[str, Values]:
    return {"value": values}


def runs(values: Sequence[float], count: int, of: Callable[[Sequence[float]], float | None]) -> Values:
    """What `of` says of each run of `count` values, at the newest of them."""
    return [None if end < count else of(values[end - count : end]) for end in range(1, len(values) + 1)]


def chained(values: Values, of: Callable[[list[float]], Values]) -> Values:
    """What `of` gives on the known part of `values`, which is known from some bar on."""
    known = [value for value in values if value is not None]
    return [None] * (len(values) - len(known)) + of(known)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def sma(values: Sequence[float], count: int) -> Values:
    return runs(values, count, mean)


def smoothed(values: Sequence[float], count: int, weight: float) -> Values:
    """The mean of the first `count`, then a share `weight` of each new value."""
    if len(values) < count:
        return [None] * len(values)
    found: list[float] = [mean(values[:count])]
    for value in values[count:]:
        found.append(found[-1] + (value - found[-1]) * weight)
    return [None] * (count - 1) + [*found]


def ema(values: Sequence[float], count: int) -> Values:
    return smoothed(values, count, 2 / (count + 1))


def wilder(values: Sequence[float], count: int) -> Values:
    return smoothed(values, count, 1 / count)


def wma(values: Sequence[float], count: int) -> Values:
    weights = range(1, count + 1)
    return runs(values, count, lambda run: sum(w * v for w, v in zip(weights, run, strict=True)) / sum(weights))


def combined(of: Callable[..., float | None], *columns: Values) -> Values:
    """`of` the columns bar by bar, None where one of them is."""
    return [None if None in row else of(*row) for row in zip(*columns, strict=True)]


def prices(bars: Bars) -> tuple[list[float], list[float], list[float]]:
    return bars.high.tolist(), bars.low.tolist(), bars.close.tolist()


def typical(bars: Bars) -> list[float]:
    return [(high + low + close) / 3 for high, low, close in zip(*prices(bars), strict=True)]
