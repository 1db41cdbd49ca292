"""Bars for tests of indicators and strategies: made by hand, by a seeded walk, or read from the real data."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from tradewarden.core.market.bars import Bars, Float64, check_bars
from tradewarden.core.market.timeframe import Timeframe

FIRST_OPEN = 1_700_000_100 // 900 * 900


def bars_of(
    closes: Sequence[float] | Float64,
    *,
    highs: Sequence[float] | Float64 | None = None,
    lows: Sequence[float] | Float64 | None = None,
    opens: Sequence[float] | Float64 | None = None,
    spread: Sequence[float] | Float64 | float = 20.0,
    volume: Float64 | float = 100.0,
    timeframe: Timeframe = Timeframe.M15,
    symbol: str = "XAUUSD",
) -> Bars:
    """Bars that close at `closes`; without more they open at the last close and reach no further."""
    close = np.asarray(closes, dtype=np.float64)
    count = len(close)
    before = np.concatenate((close[:1], close[:-1]))
    open_ = before if opens is None else np.asarray(opens, dtype=np.float64)
    high = np.maximum(open_, close) if highs is None else np.asarray(highs, dtype=np.float64)
    low = np.minimum(open_, close) if lows is None else np.asarray(lows, dtype=np.float64)
    opened_at = FIRST_OPEN + np.arange(count, dtype=np.int64) * timeframe.seconds
    bars = Bars(
        symbol=symbol,
        timeframe=timeframe,
        opened_at=opened_at,
        ended_at=opened_at + timeframe.seconds,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=np.broadcast_to(np.asarray(volume, dtype=np.float64), (count,)).copy(),
        spread=np.broadcast_to(np.asarray(spread, dtype=np.float64), (count,)).copy(),
    )
    check_bars(bars)
    return bars


def walk(count: int, *, seed: int = 7, start: float = 2600.0, step: float = 1.5, tick: float = 0.01) -> Bars:
    """A seeded random walk on the tick grid with wicks, whose volume and spread move too."""
    chance = np.random.default_rng(seed)
    close = np.round((start + np.cumsum(chance.normal(size=count)) * step) / tick) * tick
    before = np.concatenate((close[:1], close[:-1]))
    wick = np.round(chance.exponential(step, size=(2, count)) / tick) * tick
    return bars_of(
        close,
        highs=np.maximum(before, close) + wick[0],
        lows=np.minimum(before, close) - wick[1],
        volume=chance.integers(1, 500, size=count).astype(np.float64),
        spread=chance.integers(10, 40, size=count).astype(np.float64),
    )


def real_bars(folder: Path, name: str, symbol: str, timeframe: Timeframe) -> Bars:
    """Real bars of `name` below `folder`, put together to `timeframe` on the source's server clock."""
    table = pl.read_parquet(folder / "bars" / f"{name}.parquet")
    spread = pl.col("spread_points").cast(pl.Float64) if "spread_points" in table.columns else pl.lit(10.0)
    grouped = (
        table.with_columns(
            pl.col("time_server").dt.truncate(f"{timeframe.minutes}m").alias("slot"),
            (pl.col("time_utc") - pl.col("time_server")).alias("offset"),
            spread.alias("spread"),
        )
        .group_by("slot", maintain_order=True)
        .agg(
            pl.col("offset").first(),
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("tick_volume").sum(),
            pl.col("spread").last(),
        )
    )
    opened_at = (grouped["slot"] + grouped["offset"]).dt.epoch("s").to_numpy().astype(np.int64)
    columns = {name: grouped[name].to_numpy().astype(np.float64) for name in ("open", "high", "low", "close")}
    bars = Bars(
        symbol=symbol,
        timeframe=timeframe,
        opened_at=opened_at,
        ended_at=opened_at + timeframe.seconds,
        volume=grouped["tick_volume"].to_numpy().astype(np.float64),
        spread=grouped["spread"].to_numpy().astype(np.float64),
        **columns,
    )
    check_bars(bars)
    return bars
