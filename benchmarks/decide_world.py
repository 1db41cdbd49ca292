"""The worlds that the decision benchmark runs in: windows of real bars, one strategy, and a desk in order.

Bars come from the folder of real market data where it is at hand (gold and two indices, one-minute bars with their
spreads, and the economic calendar of those days), else from the EURUSD bars that the test environment installs. The
account, the desk and the policy are those of the tests, so that the whole gate is passed and an order comes out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.metadata import files
from pathlib import Path

import numpy as np
import polars as pl
from tests.builders import a_calendar, a_day, a_desk, a_desk_position, a_policy, a_position, a_quote, an_account
from tests.builders import an_instrument as an_eurusd

from tradewarden.adapters.feeds.calendar_files import load_calendar
from tradewarden.core.decision import DecisionInputs, EvaluateRequest
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.calendar import CalendarView
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.snapshot import HeldMarket, MarketSnapshot
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import PolicyVersion
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.evaluate import evaluate
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.core.values import from_epoch
from tradewarden.mt5sim import BUILT_IN
from tradewarden.ports.calendar import Calendar

ROOT = Path(__file__).resolve().parent.parent
BARS = 500
# Decisions are taken this long after their newest bar ended.
DELAY = timedelta(seconds=2)
# The desk holds a position in this pair.
HELD = an_eurusd(symbol="GBPUSD", currency_base="GBP", currency_margin="GBP")
SYMBOLS = ("XAUUSD", "US30", "US100")
# How far apart the candidates for a window lie: windows overlap, and no two are the same.
STRIDE = 37
DOCUMENT = """{
  "schema_version": 1, "name": "Benchmark", "allowed_symbols": ["XAUUSD"], "timeframe": "TIMEFRAME",
  "direction": "long",
  "indicators": {
    "fast": {"kind": "ema", "period": 20}, "slow": {"kind": "ema", "period": 41}, "rsi": {"kind": "rsi", "period": 14},
    "macd": {"kind": "macd", "fast": 12, "slow": 26, "signal": 9},
    "bands": {"kind": "bollinger", "period": 20, "multiple": 2}, "atr": {"kind": "atr", "period": 14}
  },
  "conditions": {
    "entry": [
      {"left": "fast", "op": ">", "right": "slow"}, {"left": "rsi", "op": "between", "right": [45, 70]},
      {"left": "macd.histogram", "op": ">", "right": 0}, {"left": "close", "op": ">", "right": "bands.middle"}
    ],
    "exit": [{"left": "rsi", "op": ">", "right": 80}],
    "strong": [{"left": "slow", "op": "rising", "right": 7}, {"left": "atr", "op": "rising", "right": 2}],
    "weak": [{"left": "close", "op": ">", "right": "bands.upper"}]
  },
  "session_windows": ["Tokyo", "London", "NewYork"],
  "exit_rules": {"stop_loss": {"kind": "atr", "multiple": 12, "period": 14}, "take_profit": [{"rr": 2}]},
  "forbidden_conditions": {"high_impact_news": {"before_minutes": 30, "after_minutes": 15}},
  "risk_caps": {"risk_fraction": 0.004, "max_concurrent_positions": 2},
  "rr_expectation": 1.5
}"""


@dataclass(frozen=True, slots=True)
class Market:
    """Real bars of some symbols with their contracts and calendar, and where they come from."""

    source: str
    series: dict[str, Bars]
    instruments: dict[str, Instrument]
    calendar: Calendar | None

    @property
    def timeframe(self) -> Timeframe:
        """Return the timeframe of the bars."""
        return next(iter(self.series.values())).timeframe


@dataclass(frozen=True, slots=True)
class Window:
    """The newest 500 bars of ``symbol`` before the bar ``stop``; ``held`` is whether the strategy's entry holds."""

    symbol: str
    stop: int
    held: bool


@dataclass(slots=True)
class Windows:
    """The windows that are measured: those with a setup and those without one, in turn by symbol."""

    setup: list[Window] = field(default_factory=list)
    no_setup: list[Window] = field(default_factory=list)


def load_market(count: int) -> Market:
    """Return the real bars at hand, the newest ``count`` of each symbol."""
    folder = Path(os.environ.get("TRADEWARDEN_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "bars" / "ftmo_m1").is_dir():
        return _packaged_market(count)
    series = {symbol: _prop_firm_bars(folder, symbol).window(0, count) for symbol in SYMBOLS}
    calendars = sorted((folder / "calendar").glob("calendar_*.parquet"))
    source = f"one-minute bars of {', '.join(SYMBOLS)} at a prop firm, {_span(series)}, with the calendar of these days"
    instruments = {symbol: contract(symbol) for symbol in SYMBOLS}
    return Market(source, series, instruments, load_calendar(calendars) if calendars else None)


def contract(symbol: str) -> Instrument:
    """Return the contract of ``symbol`` as the simulated terminal states it."""
    known = BUILT_IN[symbol].on_clock(NEW_YORK_CLOSE)
    return an_eurusd(
        symbol=symbol,
        digits=known.digits,
        point=known.point,
        tick_size=known.point,
        tick_value=known.contract_size * known.point,
        tick_value_loss=known.contract_size * known.point,
        contract_size=known.contract_size,
        currency_base=known.currency_base,
        currency_profit=known.currency_profit,
        currency_margin=known.currency_margin,
        trading_hours=known.hours,
    )


def strategy_of(market: Market) -> StrategyVersion:
    """Return the measured strategy: six indicators with eleven outputs, eight conditions, 500 bars."""
    spec = parse_strategy(DOCUMENT.replace("TIMEFRAME", market.timeframe.value), source="benchmark")
    spec = replace(spec, allowed_symbols=tuple(market.series))
    return StrategyVersion(strategy_id="b" * 32, version=1, digest="5" * 64, is_active=True, spec=spec)


def find_windows(market: Market, strategy: StrategyVersion, count: int) -> Windows:
    """Return ``count`` windows with a setup and as many without, or fewer where the bars hold no more."""
    found = Windows()
    for symbol, stop in _candidates(market):
        setups_missing, others_missing = len(found.setup) < count, len(found.no_setup) < count
        if not (setups_missing or others_missing):
            break
        bars = market.series[symbol].window(stop - BARS, stop)
        said = evaluate(
            strategy.spec, bars, tick_size=market.instruments[symbol].tick_size, server_clock=NEW_YORK_CLOSE
        )
        held = said.entry and not said.exit
        if held and setups_missing:
            found.setup.append(Window(symbol, stop, held=True))
        if not held and others_missing:
            found.no_setup.append(Window(symbol, stop, held=False))
    return found


def inputs_for(market: Market, strategy: StrategyVersion, window: Window) -> DecisionInputs:
    """Return the inputs of a decision on ``window``, all of them made anew: nothing is known from an earlier one."""
    bars = market.series[window.symbol].window(window.stop - BARS, window.stop)
    as_of = from_epoch(int(bars.ended_at[-1])) + DELAY
    return inputs_on(
        bars, as_of, market.instruments[window.symbol], calendar_at(market, window.symbol, as_of), strategy
    )


def inputs_on(
    bars: Bars, as_of: datetime, instrument: Instrument, calendar: CalendarView, strategy: StrategyVersion
) -> DecisionInputs:
    """Return the inputs of a decision on ``bars`` at ``as_of`` by a desk that holds one position elsewhere."""
    point = instrument.point
    bid = Decimal(str(bars.close[-1])).quantize(point)
    spread = Decimal(int(bars.spread[-1])) * point
    snapshot = MarketSnapshot(
        symbol=bars.symbol,
        as_of=as_of,
        instrument=instrument,
        quote=a_quote(str(bid), str(bid + spread), at=as_of),
        bars=(bars,),
        calendar=calendar,
        server_clock=NEW_YORK_CLOSE,
        held=(HeldMarket(instrument=HELD, quote=a_quote("1.09990", "1.10000", at=as_of)),),
    )
    opened_at = as_of - timedelta(hours=2)
    held = a_position(symbol=HELD.symbol, opened_at=opened_at)
    mine = a_desk_position(symbol=HELD.symbol, opened_at=opened_at)
    return DecisionInputs(
        decision_id=f"{int(as_of.timestamp()):032d}",
        as_of=as_of,
        request=EvaluateRequest(side=strategy.spec.side),
        snapshot=snapshot,
        account=an_account(captured_at=as_of, positions=(held,)),
        account_key="5000001@Demo",
        desk=a_desk(
            watchlist=strategy.spec.allowed_symbols,
            positions=(mine,),
            day=a_day(day_started_at=NEW_YORK_CLOSE.day_start(as_of)),
        ),
        strategy=strategy,
        policy=PolicyVersion(version=1, policy=a_policy(min_confidence_threshold=Decimal(40))),
    )


def calendar_at(market: Market, symbol: str, as_of: datetime) -> CalendarView:
    """Return what was known of the calendar at ``as_of``; an empty, fresh one where there is no calendar file."""
    if market.calendar is not None:
        return market.calendar.view(as_of, market.instruments[symbol].currencies)
    return replace(a_calendar(captured_at=as_of), covers_until=as_of + timedelta(days=2))


def _candidates(market: Market) -> Iterator[tuple[str, int]]:
    length = min(len(bars) for bars in market.series.values())
    for stop in range(BARS, length, STRIDE):
        for symbol in market.series:
            yield symbol, stop


def _prop_firm_bars(folder: Path, symbol: str) -> Bars:
    table = pl.read_parquet(folder / "bars" / "ftmo_m1" / f"{symbol}_M1.parquet")
    opened = table["time_utc"].dt.epoch("s").to_numpy().astype(np.int64)
    prices = {name: table[name].to_numpy().astype(np.float64) for name in ("open", "high", "low", "close")}
    return Bars(
        symbol=symbol,
        timeframe=Timeframe.M1,
        opened_at=opened,
        ended_at=opened + Timeframe.M1.seconds,
        volume=table["tick_volume"].to_numpy().astype(np.float64),
        spread=table["spread_points"].to_numpy().astype(np.float64),
        **prices,
    )


def _packaged_market(count: int) -> Market:
    bars = _packaged_bars()
    bars = bars.window(0, min(len(bars), count))
    source = f"EURUSD one-hour bars of an installed package, {_span({'EURUSD': bars})}, spread 10 points, no calendar"
    return Market(source, {"EURUSD": bars}, {"EURUSD": an_eurusd()}, None)


@cache
def _packaged_bars() -> Bars:
    found = [Path(str(entry.locate())) for entry in files("gym-anytrading") or () if "EURUSD" in entry.name]
    if not found:
        raise SystemExit("No bars: set TRADEWARDEN_TEST_DATA to the folder of real market data, or run `make setup`.")
    table = (
        pl.read_csv(found[0])
        .with_columns(pl.col("Time").str.to_datetime("%d.%m.%Y %H:%M:%S%.3f"))
        .filter(pl.col("Volume") > 0)
    )
    opened = table["Time"].dt.epoch("s").to_numpy().astype(np.int64)
    prices = {name.lower(): table[name].to_numpy().astype(np.float64) for name in ("Open", "High", "Low", "Close")}
    return Bars(
        symbol="EURUSD",
        timeframe=Timeframe.H1,
        opened_at=opened,
        ended_at=opened + Timeframe.H1.seconds,
        volume=table["Volume"].to_numpy().astype(np.float64),
        spread=np.full(len(opened), 10.0),
        **prices,
    )


def _span(series: dict[str, Bars]) -> str:
    first = min(int(bars.opened_at[0]) for bars in series.values())
    last = max(int(bars.ended_at[-1]) for bars in series.values())
    return f"{from_epoch(first):%Y-%m-%d} to {from_epoch(last):%Y-%m-%d}"
