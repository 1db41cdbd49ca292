"""The worked examples of the documentation on a whole desk: simulated terminal, real deals, guard, record and view.

Floating results come from a position bought by hand on a market that moves as the table says, without costs or spread;
what is booked and paid in comes from the broker's back office.
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.builders import SYMBOL, D
from tests.limit_examples import GOES_ON, OFF, Example, Look, examples
from tests.services.desk_world import QUIET, DeskWorld, Segment, a_world, document, level_bars

from tradewarden.core.audit.chain import Action
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.values import money
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.services.book import desk_state, read_book
from tradewarden.services.queries.limits import limits
from tradewarden.services.replay_decisions import replay_all

# One lot of EURUSD: a point of 0.00001 is one dollar.
POINT = 0.00001
NEVER = document(conditions={"entry": [{"left": "close", "op": ">", "right": 9.0}]})


def market_of(example: Example) -> BarsMarket:
    """Return a market whose price, at each look, leaves one lot bought at the first with the floating of the row."""
    segments: list[Segment] = []
    level = QUIET
    for before, look in zip(example.looks, example.looks[1:], strict=False):
        minutes = int((look.at - before.at) / timedelta(minutes=1))
        segments.append((minutes - 1, level))
        level = round(QUIET + POINT * float(look.floating), 5)
        segments.append((1, level))
    bars = level_bars((*segments, (5, level)), start=example.looks[0].at)
    contract = replace(BUILT_IN[SYMBOL], commission_per_lot=D(0), swap_long=D(0), swap_short=D(0))
    return BarsMarket(
        (replace(bars, spread=np.zeros(len(bars))),), contracts={SYMBOL: contract}, server_clock=NEW_YORK_CLOSE
    )


def world_of(example: Example) -> DeskWorld:
    """Return a desk that stands at the first look and has taken it, one lot bought."""
    starts_at = example.looks[0].at
    terminal = SimulatedTerminal(market_of(example), starts_at=starts_at, deposit=D(100_000))
    world = a_world(terminal=terminal, starts_at=starts_at, strategies=(NEVER,), policy=example.policy)
    ticket = world.buy_by_hand("1.00")
    # It has to live through every price of the table.
    world.take_stop_off(ticket)
    world.cycle()
    return world


def book(world: DeskWorld, look: Look) -> None:
    """Let the broker book what happens until this row."""
    world.advance(int((look.at - world.clock.market_now()).total_seconds()))
    if look.paid_in:
        world.terminal.deposit(look.paid_in)
    if look.booked:
        world.terminal.deposit(look.booked, "Correction", mt5.DEAL_TYPE_CORRECTION)


def seen(world: DeskWorld) -> dict[str, str]:
    """Return every column that a table may have, as the running desk shows it."""
    view = limits(world.desk)
    with world.storage.read() as reading:
        state = desk_state(read_book(reading), world.desk)
    assert state.day is not None
    found = {
        "equity": str(money(view.equity)),
        "realised": str(money(state.day.realised_profit)),
        "buffer": view.buffer.value,
    }
    if view.daily_loss is not None:
        found["counted from"] = str(view.daily_loss.counted_from)
        found["loss today"] = str(money(view.daily_loss.counted_from - view.equity))
    if view.drawdown is not None:
        found["drawdown from"] = str(view.drawdown.counted_from)
        found["drawdown"] = str(money(view.drawdown.counted_from - view.equity))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_a_worked_example_comes_out_on_a_running_desk(example: Example) -> None:
    world = world_of(example)
    for look in example.looks:
        book(world, look)
        if look.desk == OFF:
            continue
        assert world.cycle(), world.desk.monitor.health
        found = seen(world)
        assert {name: found[name] for name in look.seen} == look.seen, look.at
        halts = [entry.draft.risk_check_result for entry in world.history(Action.AI_HALTED)]
        assert halts == ([] if look.desk == GOES_ON else [look.desk]), look.at
    replayed = replay_all(world.storage, stopwatch=lambda: 0.0, workers=1)
    assert replayed.identical == replayed.decisions
