"""Writes the golden decisions: run ``python -m tests.golden.record`` after a deliberate change of the engine.

All bars come from the seeded generator of the simulated market. Each file holds recorded inputs, the bars they cite
and the decision, as the record keeps them.
"""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.builders import (
    ALWAYS,
    D,
    a_calendar,
    a_day,
    a_desk,
    a_desk_position,
    a_position,
    a_strategy,
    an_account,
    an_event,
    some_inputs,
    utc,
)

from tradewarden.adapters.brokers.mt5 import Mt5Broker
from tradewarden.adapters.clock import SteppedClock
from tradewarden.core.audit.codec import encode
from tradewarden.core.decision import (
    CloseRequest,
    DecisionInputs,
    EvaluateRequest,
    ManageRequest,
    RejudgeRequest,
    decide,
    decision_digest,
    inputs_digest,
)
from tradewarden.core.ideas import Approval
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.session import NAMED_SESSIONS
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import Mode
from tradewarden.core.strategy.spec import (
    AtrStop,
    Comparison,
    Group,
    GroupKind,
    NumberOperand,
    Operator,
    SeriesOperand,
    StrategyVersion,
    Target,
)
from tradewarden.core.values import Side
from tradewarden.mt5sim import SimulatedTerminal
from tradewarden.mt5sim.generator import GeneratedMarket

FOLDER = Path(__file__).parent
SEED = 11
STARTS_AT = utc(2026, 1, 6, 8)


def compare(left: str, op: Operator, right: str | int, *, shift: int = 0) -> Comparison:
    """Return a comparison of a series with a series or a number."""
    operand = NumberOperand(value=D(right)) if isinstance(right, int) else SeriesOperand(series=right)
    return Comparison(left=SeriesOperand(series=left, shift=shift), op=op, right=(operand,))


def strategy_on(symbol: str, side: Side) -> StrategyVersion:
    """Return a strategy that uses every indicator and most operators, and whose entry holds on most bars."""
    return a_strategy(
        name=f"Golden {side} {symbol}",
        allowed_symbols=(symbol,),
        timeframe=Timeframe.M5,
        side=side,
        indicators=(
            IndicatorSpec(name="fast", kind="ema", period=12),
            IndicatorSpec(name="slow", kind="sma", period=40),
            IndicatorSpec(name="rsi", kind="rsi", period=14),
            IndicatorSpec(name="atr", kind="atr", period=14),
        ),
        entry=(
            Group(
                kind=GroupKind.ANY,
                members=(compare("fast", Operator.ABOVE, "slow"), compare("fast", Operator.AT_MOST, "slow")),
            ),
            compare("rsi", Operator.ABOVE, 5),
        ),
        exit=(compare("rsi", Operator.ABOVE, 97),),
        strong=(compare("close", Operator.ABOVE, "fast"), compare("fast", Operator.RISING, 3)),
        weak=(compare("fast", Operator.CROSSES_BELOW, "slow"), compare("high", Operator.BELOW, "slow")),
        session_windows=(NAMED_SESSIONS["London"], NAMED_SESSIONS["NewYork"]),
        stop_loss=AtrStop(period=14, multiple=D("1.5")),
        take_profits=(Target(rr=D("2.5"), fraction=D(1)),),
        max_spread_points=400,
        rr_expectation=D("1.2"),
    )


def world_at(symbol: str, side: Side, hours: int) -> DecisionInputs:
    """Return the inputs of an evaluation ``hours`` after the market's start."""
    market = GeneratedMarket(SEED, starts_at=STARTS_AT)
    as_of = STARTS_AT + timedelta(hours=hours)
    terminal, clock = SimulatedTerminal(market, starts_at=STARTS_AT), SteppedClock(as_of)
    terminal.advance_to(as_of)
    contracts = terminal.contracts
    broker = Mt5Broker(
        terminal, server_clock=market.server_clock, clock=clock, hours=lambda name: contracts[name].hours
    )
    broker.connect()
    snapshot = MarketSnapshot(
        symbol=symbol,
        as_of=as_of,
        instrument=broker.instrument(symbol),
        quote=broker.quote(symbol),
        bars=(broker.closed_bars(symbol, Timeframe.M5, 420, as_of),),
        calendar=replace(a_calendar(), captured_at=as_of, covers_until=as_of + timedelta(days=2)),
        server_clock=market.server_clock,
    )
    return some_inputs(
        EvaluateRequest(side=side),
        snapshot=snapshot,
        account=an_account(captured_at=as_of),
        desk=a_desk(watchlist=(symbol,), day=a_day(day_started_at=as_of - timedelta(hours=10))),
        strategy=strategy_on(symbol, side),
    )


def cases(inputs: DecisionInputs) -> Iterator[tuple[str, DecisionInputs]]:
    """Yield one world judged in the ways a decision can go."""
    snapshot, symbol, as_of = inputs.snapshot, inputs.snapshot.symbol, inputs.as_of
    policy = inputs.policy

    def under(**changes: Any) -> DecisionInputs:
        return replace(inputs, policy=replace(policy, policy=replace(policy.policy, **changes)))

    yield "executes alone", inputs
    supervised = under(mode=Mode.SUPERVISED, min_confidence_threshold=D(99))
    yield "asks a person", supervised
    yield "is denied", under(ai_trading_enabled=False, min_rr=D(5))
    yield "halts", replace(inputs, desk=replace(inputs.desk, high_water_mark=D("150000.00")))
    news = an_event(as_of + timedelta(minutes=5), captured_at=as_of - timedelta(days=7))
    calendar = replace(snapshot.calendar, events=(news,))
    yield "falls into an embargo", replace(inputs, snapshot=replace(snapshot, calendar=calendar))
    yield "sees no account", replace(inputs, account=None)
    idea = decide(supervised).idea
    assert idea is not None
    approval = Approval(
        actor="user:ann",
        idea_digest=idea.digest,
        max_lots=D("0.10"),
        worst_price=None,
        answers=("CONFIDENCE_BELOW_THRESHOLD", "SUPERVISED_MODE"),
        approved_at=as_of,
    )
    request = RejudgeRequest(idea=idea, confidence_score=D(60), approval=approval, at_most=D("0.10"))
    yield "is approved", replace(supervised, request=request)
    assert snapshot.quote is not None
    price = snapshot.quote.bid
    held = a_position(symbol=symbol, price=price, entry_price=price, stop_loss=None, profit=D("0.00"))
    mine = a_desk_position(
        symbol=symbol, entry_price=price, stop_loss=price - 1000 * snapshot.instrument.point, opened_at=STARTS_AT
    )
    managed = replace(
        inputs,
        request=ManageRequest(ticket=held.ticket),
        account=an_account(captured_at=as_of, positions=(held,)),
        desk=replace(inputs.desk, positions=(mine,)),
    )
    yield "puts a stop back", managed
    stopped = replace(held, stop_loss=mine.stop_loss)
    protected = replace(managed, account=an_account(captured_at=as_of, positions=(stopped,)))
    yield "keeps a position", protected
    assert inputs.strategy is not None
    leaving = replace(inputs.strategy, spec=replace(inputs.strategy.spec, exit=(ALWAYS,)))
    yield "leaves on its exit", replace(protected, strategy=leaving)
    close = CloseRequest(ticket=held.ticket, lots=D("0.10"), actor="user:ann")
    yield "is closed by a person", replace(protected, request=close, strategy=None)


def recorded(inputs: DecisionInputs) -> dict[str, Any]:
    """Return a world's cases as the record would keep them."""
    blobs: dict[str, bytes] = {}
    entries = []
    for name, case in cases(inputs):
        decision = decide(case)
        entries.append(
            {
                "name": name,
                "inputs": encode(case, blobs),
                "inputs_digest": inputs_digest(case),
                "decision": encode(decision),
                "decision_digest": decision_digest(decision),
            }
        )
    return {"cases": entries, "blobs": {digest: b64encode(content).decode() for digest, content in blobs.items()}}


def main() -> None:
    """Write every golden file."""
    for symbol, side, hours in (("EURUSD", Side.BUY, 52), ("XAUUSD", Side.SELL, 55), ("US30", Side.BUY, 79)):
        content = json.dumps(recorded(world_at(symbol, side, hours)), sort_keys=True, separators=(",", ":"))
        path = FOLDER / f"{symbol.lower()}_{side}.json.gz"
        path.write_bytes(gzip.compress(content.encode(), mtime=0))


if __name__ == "__main__":
    main()
