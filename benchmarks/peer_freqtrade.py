"""The peer of the decision benchmark: freqtrade analysing one pair, in its own environment and process.

Run by bench_decide.py as ``.venv-bench/bin/python benchmarks/peer_freqtrade.py BARS.npz``. It reads one JSON line for
each block of windows from its standard input and answers with one line of durations and signals. What is timed is
freqtrade's own path of its running bot: ``IStrategy.analyze([pair])`` — the candles' copy out of the data provider,
the check of the frame, indicators, entry and exit signals, the cached result — and ``analyze_ticker`` alone.
"""

from __future__ import annotations

import json
import logging
import sys
from time import perf_counter_ns, process_time_ns
from typing import Any

import freqtrade
import numpy as np
import pandas as pd
import talib
import talib.abstract as ta
from freqtrade.data.dataprovider import DataProvider
from freqtrade.enums import CandleType, RunMode
from freqtrade.strategy import IStrategy

PAIR_SUFFIX = "/USD"


class Benchmark(IStrategy):
    """The strategy of the benchmark: the same six indicators and eight conditions."""

    INTERFACE_VERSION = 3
    minimal_roi = {"0": 100.0}  # noqa: RUF012  # freqtrade reads a plain class attribute
    stoploss = -0.5
    process_only_new_candles = True
    startup_candle_count = 0

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:  # noqa: ARG002
        """Add the six indicators."""
        dataframe["fast"] = ta.EMA(dataframe, timeperiod=20)
        dataframe["slow"] = ta.EMA(dataframe, timeperiod=41)
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
        macd = ta.MACD(dataframe, fastperiod=12, slowperiod=26, signalperiod=9)
        dataframe["macd"], dataframe["macdsignal"], dataframe["macdhist"] = (
            macd["macd"],
            macd["macdsignal"],
            macd["macdhist"],
        )
        bands = ta.BBANDS(dataframe, timeperiod=20, nbdevup=2.0, nbdevdn=2.0)
        dataframe["bb_upper"], dataframe["bb_middle"], dataframe["bb_lower"] = (
            bands["upperband"],
            bands["middleband"],
            bands["lowerband"],
        )
        dataframe["atr"] = ta.ATR(dataframe, timeperiod=14)
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:  # noqa: ARG002
        """Mark the entries, and count the strong and weak conditions that hold."""
        slow, atr = dataframe["slow"], dataframe["atr"]
        dataframe.loc[
            (dataframe["fast"] > slow)
            & dataframe["rsi"].between(45, 70)
            & (dataframe["macdhist"] > 0)
            & (dataframe["close"] > dataframe["bb_middle"]),
            "enter_long",
        ] = 1
        rising = (slow.diff().rolling(7).min() > 0).astype(int)
        dataframe["strong"] = rising + (atr.diff().rolling(2).min() > 0).astype(int)
        dataframe["weak"] = (dataframe["close"] > dataframe["bb_upper"]).astype(int)
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:  # noqa: ARG002
        """Mark the exits."""
        dataframe.loc[(dataframe["rsi"] > 80), "exit_long"] = 1
        return dataframe


class Candles:
    """What the data provider asks of an exchange: the candles that were fetched before, as a copy."""

    def __init__(self) -> None:
        self.frames: dict[str, pd.DataFrame] = {}

    def klines(self, key: tuple[str, str, CandleType], copy: bool = True) -> pd.DataFrame:  # noqa: FBT001, FBT002
        """Return the candles of the pair in ``key``."""
        frame = self.frames[key[0]]
        return frame.copy() if copy else frame


def main() -> None:
    """Answer each block of windows with durations in nanoseconds and the newest signals."""
    logging.disable(logging.WARNING)
    bars = np.load(sys.argv[1])
    timeframe = str(bars["timeframe"])
    candles = Candles()
    config: dict[str, Any] = {
        "candle_type_def": CandleType.SPOT,
        "runmode": RunMode.DRY_RUN,
        "timeframe": timeframe,
        "stake_currency": "USD",
        "trading_mode": "spot",
        "exchange": {"name": "binance"},
    }
    Benchmark.timeframe = timeframe
    strategy = Benchmark(config)
    strategy.dp = DataProvider(config, candles)
    versions = {"freqtrade": freqtrade.__version__, "pandas": pd.__version__, "numpy": np.__version__}
    _answer({"versions": versions | {"ta-lib": talib.__version__, "python": sys.version.split()[0]}})
    for line in sys.stdin:
        _answer(_block(strategy, candles, bars, json.loads(line)))


def _block(strategy: Benchmark, candles: Candles, bars: Any, windows: list[list[Any]]) -> dict[str, Any]:
    """Return what analysing each window, a list of symbol, start and stop, took and said."""
    analyze, ticker, signals = [], [], []
    analyze_work, ticker_work = [], []
    timeframe = strategy.timeframe
    for symbol, start, stop in windows:
        pair = symbol + PAIR_SUFFIX
        frame = _frame(bars, symbol, start, stop)
        candles.frames[pair] = frame
        worked, started = process_time_ns(), perf_counter_ns()
        strategy.analyze([pair])
        analyze.append(perf_counter_ns() - started)
        analyze_work.append(process_time_ns() - worked)
        newest = strategy.dp.get_analyzed_dataframe(pair, timeframe)[0].iloc[-1]
        signals.append([bool(newest["enter_long"] == 1), bool(newest.get("exit_long") == 1)])
        again = frame.copy()
        worked, started = process_time_ns(), perf_counter_ns()
        strategy.analyze_ticker(again, {"pair": pair})
        ticker.append(perf_counter_ns() - started)
        ticker_work.append(process_time_ns() - worked)
    work = {"analyze_work": analyze_work, "ticker_work": ticker_work}
    return {"analyze": analyze, "ticker": ticker, "signals": signals, **work}


def _frame(bars: Any, symbol: str, start: int, stop: int) -> pd.DataFrame:
    """Return the candles as freqtrade keeps them: dates in UTC, float columns."""
    columns = {name: bars[f"{symbol}.{name}"][start:stop] for name in ("open", "high", "low", "close", "volume")}
    dates = pd.to_datetime(bars[f"{symbol}.opened_at"][start:stop], unit="s", utc=True)
    return pd.DataFrame({"date": dates, **columns})


def _answer(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    main()
