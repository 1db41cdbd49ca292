"""Real gold bars through the simulated terminal, with or without the bars that come after the moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from tests.builders import D, a_calendar, a_desk, a_policy, a_strategy, an_account, some_inputs

from tradewarden.adapters.brokers.mt5 import Mt5Broker
from tradewarden.adapters.clock import SteppedClock
from tradewarden.core.decision import EvaluateRequest, decide, decision_digest
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.spec import Comparison, Operator, SeriesOperand
from tradewarden.core.values import Side, from_epoch
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal

GOLD = "XAUUSD"
STRATEGY = a_strategy(
    allowed_symbols=(GOLD,),
    indicators=(
        IndicatorSpec(name="fast", kind="ema", period=20),
        IndicatorSpec(name="slow", kind="sma", period=60),
    ),
    entry=(Comparison(left=SeriesOperand(series="fast"), op=Operator.ABOVE, right=(SeriesOperand(series="slow"),)),),
)


def real_gold(test_data: Path) -> tuple[Bars, list[datetime]]:
    """Return three weeks of one-minute gold and moments at ends of M15 bars in the last of them."""
    table = pl.read_parquet(test_data / "bars" / "ftmo_m1" / f"{GOLD}_M1.parquet").head(20_000)
    opened = table["time_utc"].dt.epoch("s").to_numpy().astype(np.int64)
    columns = {name: table[name].to_numpy().astype(np.float64) for name in ("open", "high", "low", "close")}
    bars = Bars(
        symbol=GOLD,
        timeframe=Timeframe.M1,
        opened_at=opened,
        ended_at=opened + 60,
        volume=table["tick_volume"].to_numpy().astype(np.float64),
        spread=table["spread_points"].to_numpy().astype(np.float64),
        **columns,
    )
    ends = bars.ended_at[(bars.ended_at % 900 == 0) & (np.arange(len(bars)) > 10_000)]
    return bars, [from_epoch(int(end)) for end in ends[::17]]


def without_future(bars: Bars, as_of: datetime) -> Bars:
    """Return the bars that had opened by ``as_of``; the one that opens then has shown its first price only."""
    now = int(as_of.timestamp())
    known = bars.window(0, int(bars.opened_at.searchsorted(now, side="right")))
    if int(known.opened_at[-1]) != now:
        return known
    columns = {name: getattr(known, name).copy() for name in ("high", "low", "close")}
    for column in columns.values():
        column[-1] = known.open[-1]
    return replace(known, **columns)


def digests_at(bars: Bars, moments: Sequence[datetime], *, forget_the_future: bool = False) -> list[str]:
    """Return the digest of the decision at each of ``moments``."""
    series = without_future(bars, moments[0]) if forget_the_future else bars
    market = BarsMarket([series], contracts=BUILT_IN, server_clock=NEW_YORK_CLOSE)
    starts_at = moments[0] - timedelta(hours=1)
    terminal = SimulatedTerminal(market, starts_at=starts_at)
    clock = SteppedClock(starts_at)
    broker = Mt5Broker(terminal, server_clock=NEW_YORK_CLOSE, clock=clock, hours=lambda name: BUILT_IN[name].hours)
    broker.connect()
    found = []
    for moment in moments:
        terminal.advance_to(moment)
        clock.step_to(moment)
        snapshot = MarketSnapshot(
            symbol=GOLD,
            as_of=moment,
            instrument=broker.instrument(GOLD),
            quote=broker.quote(GOLD),
            bars=(broker.closed_bars(GOLD, Timeframe.M15, 500, moment),),
            calendar=replace(a_calendar(), captured_at=moment, covers_until=moment + timedelta(days=2)),
            server_clock=NEW_YORK_CLOSE,
        )
        inputs = some_inputs(
            EvaluateRequest(side=Side.BUY),
            snapshot=snapshot,
            strategy=STRATEGY,
            account=an_account(captured_at=moment),
            desk=a_desk(watchlist=(GOLD,)),
            policy=a_policy(min_confidence_threshold=D(0)),
        )
        found.append(decision_digest(decide(inputs)))
    return found
