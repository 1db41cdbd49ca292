"""The core on real bars that come with an installed package: what runs where the larger data set is absent.

EURUSD H1 of 2017 and 2018 (ask prices) from gym-anytrading; only its CSV file is read.
"""

from datetime import UTC
from decimal import Decimal
from functools import cache
from importlib.metadata import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewarden.core.indicators.registry import bind
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars, check_bars
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.evaluate import evaluate, own_bars_required
from tradewarden.core.values import from_epoch

TICK = Decimal("0.00001")
DOCUMENT = """{
  "schema_version": 1, "name": "Packaged", "allowed_symbols": ["EURUSD"], "timeframe": "H1", "direction": "long",
  "indicators": {"fast": {"kind": "ema", "period": 10}, "slow": {"kind": "sma", "period": 50},
                 "rsi": {"kind": "rsi", "period": 14}, "atr": {"kind": "atr", "period": 14}},
  "conditions": {"entry": [{"left": "fast", "op": "crosses_above", "right": "slow"}],
                 "exit": [{"left": "rsi", "op": ">", "right": 75}],
                 "strong": [{"left": "atr", "op": "rising", "right": 2}], "weak": []},
  "exit_rules": {"stop_loss": {"kind": "atr", "multiple": 2}, "take_profit": [{"rr": 2}]}
}"""


@cache
def packaged_bars() -> Bars:
    """The file's bars without its flat weekend hours, as the desk would load them."""
    found = [Path(str(entry.locate())) for entry in files("gym-anytrading") or () if "EURUSD" in entry.name]
    table = (
        pl.read_csv(found[0])
        .with_columns(pl.col("Time").str.to_datetime("%d.%m.%Y %H:%M:%S%.3f"))
        .filter(pl.col("Volume") > 0)
    )
    opened = table["Time"].dt.epoch("s").to_numpy().astype(np.int64)
    prices = {name.lower(): table[name].to_numpy().astype(np.float64) for name in ("Open", "High", "Low", "Close")}
    volume = table["Volume"].to_numpy().astype(np.float64)
    return Bars(
        symbol="EURUSD",
        timeframe=Timeframe.H1,
        opened_at=opened,
        ended_at=opened + Timeframe.H1.seconds,
        volume=volume,
        spread=np.full(len(opened), 10.0),
        **prices,
    )


def test_packaged_bars_pass_the_rules_of_market_data() -> None:
    bars = packaged_bars()
    assert len(bars) > 6000
    check_bars(bars)


@pytest.mark.parametrize(("kind", "period"), [("sma", 50), ("ema", 20), ("rsi", 14), ("atr", 14)])
def test_minimum_window_gives_the_full_runs_value(kind: str, period: int) -> None:
    bars, spec = packaged_bars(), IndicatorSpec(name="x", kind=kind, period=period)
    indicator = bind(spec)
    window = indicator.minimum_window(Timeframe.H1)
    quantum = 1e-9 if kind == "rsi" else float(TICK) / 10_000
    full = next(iter(indicator.compute(bars).values()))
    for stop in range(window, len(bars), 211):
        part = next(iter(indicator.compute(bars.window(stop - window, stop)).values()))
        assert abs(part[-1] - full[stop - 1]) < quantum


def test_evaluation_of_a_prefix_is_that_of_the_full_run() -> None:
    bars, spec = packaged_bars(), parse_strategy(DOCUMENT, source="packaged")
    needed = own_bars_required(spec)
    entries = 0
    for stop in range(needed, len(bars), 5):
        prefix = evaluate(spec, bars.window(0, stop), tick_size=TICK)
        as_of = from_epoch(int(bars.ended_at[stop - 1])).astimezone(UTC)
        chosen = evaluate(spec, bars.closed_by(as_of, needed), tick_size=TICK)
        assert prefix == chosen
        entries += prefix.entry
    assert entries > 0
