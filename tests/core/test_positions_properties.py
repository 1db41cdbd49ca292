"""What holds of every step for any position: nothing loosens, enlarges or closes too much, and it comes to an end."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    NOW,
    D,
    a_desk_position,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_spec,
    an_account,
    an_instrument,
    flat_closes,
    some_bars,
)

from tradewarden.core.desk import PositionTarget
from tradewarden.core.positions import CloseAll, ClosePart, Keep, PositionPlan, SetStop, Situation, plan_position
from tradewarden.core.positions.due import is_due_by_price
from tradewarden.core.risk.gate import ProtectRequest, ReduceRequest, judge_protect, judge_reduce
from tradewarden.core.risk.verdict import Outcome
from tradewarden.core.strategy.evaluate import evaluate
from tradewarden.core.strategy.spec import AtrTrail, IndicatorTrail, SeriesOperand, StepTrail
from tradewarden.core.values import Side

POINT = D("0.00001")
ENTRY = D("1.10000")
# More than targets, repairs and moves of the stop could ever be without a change of price.
ENDS_WITHIN = 12
QUIET_BARS = some_bars(flat_closes(60, level=1.1), reach=0.0)
NO_EVALUATION = evaluate(a_spec(), QUIET_BARS, tick_size=POINT)

fraction_lists = st.sampled_from(
    [(), ("0.5", "0.5"), ("0.34", "0.33", "0.33"), ("0.1", "0.2", "0.3", "0.4"), ("0.9", "0.05", "0.05")]
)
trails = st.one_of(
    st.none(),
    st.builds(StepTrail, step_r=st.sampled_from([D("0.25"), D("0.7"), D(1)]), from_r=st.sampled_from([D("0.5"), D(2)])),
    st.builds(AtrTrail, period=st.just(14), multiple=st.just(D(1)), from_r=st.sampled_from([D("0.5"), D(2)])),
    st.builds(
        IndicatorTrail,
        level=st.just(SeriesOperand(series="slow")),
        buffer_points=st.integers(0, 50),
        from_r=st.sampled_from([D("0.5"), D(2)]),
    ),
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Return a position in any state that a broker and a book could show."""
    side = draw(st.sampled_from(list(Side)))
    risk = draw(st.integers(1, 400))
    lots = draw(st.integers(1, 300)) * D("0.01")
    filled = lots + draw(st.integers(0, 100)) * D("0.01")
    price = ENTRY + draw(st.integers(-500, 2000)) * side.sign * POINT
    initial_stop = ENTRY - side.sign * risk * POINT
    fractions = draw(fraction_lists)
    goals = tuple(
        PositionTarget(price=ENTRY + side.sign * risk * (index + 1) * POINT, fraction=D(share))
        for index, share in enumerate(fractions)
    )
    booked_stop = initial_stop + side.sign * draw(st.sampled_from([0, 0, 5, 300])) * POINT
    broker_stop = draw(st.sampled_from([None, booked_stop, booked_stop - 7 * POINT, booked_stop + 7 * POINT]))
    opened_at = NOW - timedelta(minutes=draw(st.integers(0, 600)))
    shown: dict[str, Any] = {"side": side, "lots": lots, "entry_price": ENTRY, "opened_at": opened_at}
    held = a_desk_position(
        **shown,
        stop_loss=booked_stop,
        take_profit=ENTRY + side.sign * 5 * risk * POINT,
        initial_lots=draw(st.sampled_from([None, filled])),
        initial_stop=draw(st.sampled_from([None, initial_stop])),
        targets=goals,
        targets_done=draw(st.integers(0, len(goals))),
        approved_lots=draw(st.sampled_from([None, filled, lots, D("0.00"), D("0.05")])),
    )
    held = replace(held, lots=draw(st.sampled_from([lots, lots, lots + D("0.01")])))
    position = a_position(
        **shown, price=price, stop_loss=broker_stop, take_profit=held.take_profit, swap=D(draw(st.integers(-900, 900)))
    )
    return Situation(
        position=position,
        held=held,
        spec=a_spec(break_even_at_r=draw(st.sampled_from([None, D("0.5"), D(1)])), trail=draw(trails)),
        evaluation=replace(
            NO_EVALUATION,
            trail_distance=draw(st.sampled_from([None, D("0.0007313")])),
            trail_level=draw(st.sampled_from([None, D("1.1001234")])),
        ),
        snapshot=a_snapshot(
            bars=(_bars(draw),),
            quote=_quote(price, side),
            instrument=an_instrument(
                stops_level=draw(st.sampled_from([0, 40])),
                freeze_level=draw(st.sampled_from([0, 20])),
                volume_min=draw(st.sampled_from([D("0.01"), D("0.10")])),
            ),
        ),
        policy=a_policy(),
        refused_repairs=draw(st.sampled_from([0, 0, 3])),
    )


def _bars(draw: st.DrawFn) -> Any:
    high, low = np.array(QUIET_BARS.high), np.array(QUIET_BARS.low)
    at = -1 - draw(st.integers(0, 20))
    high[at] += draw(st.integers(0, 2000)) * float(POINT)
    low[at] -= draw(st.integers(0, 2000)) * float(POINT)
    return replace(QUIET_BARS, high=high, low=low)


def _quote(price: Decimal, side: Side) -> Any:
    bid = price if side is Side.BUY else price - 10 * POINT
    return a_quote(str(bid), str(bid + 10 * POINT))


def carried_out(situation: Situation, plan: PositionPlan) -> Situation | None:
    """Return the situation after broker and book have done what ``plan`` asks; None when nothing is open any more."""
    position, held = situation.position, situation.held
    if isinstance(plan, CloseAll):
        return None
    if isinstance(plan, ClosePart):
        left = position.lots - plan.lots
        return replace(
            situation,
            position=replace(position, lots=left),
            held=replace(held, lots=left, targets_done=plan.targets_done),
        )
    assert isinstance(plan, SetStop)
    return replace(
        situation,
        position=replace(position, stop_loss=plan.stop_loss),
        held=replace(held, stop_loss=plan.stop_loss),
    )


def check_step(situation: Situation, plan: PositionPlan) -> None:
    """Say what must hold of any step; the gate agrees with each of them."""
    position, instrument = situation.position, situation.snapshot.instrument
    account = an_account(positions=(position,))
    if isinstance(plan, SetStop):
        if position.stop_loss is not None:
            assert (plan.stop_loss - position.stop_loss) * position.side.sign > 0
        assert (position.price - plan.stop_loss) * position.side.sign > 0
        request = ProtectRequest(ticket=position.ticket, symbol=position.symbol, stop_loss=plan.stop_loss)
        assert judge_protect(request, account, instrument).outcome is Outcome.EXECUTE
    if isinstance(plan, CloseAll | ClosePart):
        assert 0 < plan.lots <= position.lots
        reduce = ReduceRequest(ticket=position.ticket, symbol=position.symbol, lots=plan.lots)
        assert judge_reduce(reduce, account, instrument).outcome is Outcome.EXECUTE
    if isinstance(plan, ClosePart) and plan.targets_done > situation.held.targets_done:
        assert min(plan.lots, position.lots - plan.lots) >= instrument.volume_min
        assert plan.targets_done < len(situation.held.targets)
    if isinstance(plan, CloseAll):
        assert plan.lots == position.lots


@settings(max_examples=400, deadline=None)
@given(situations())
def test_steps_only_reduce_or_protect_and_come_to_an_end(situation: Situation) -> None:
    current: Situation | None = situation
    for _ in range(ENDS_WITHIN):
        assert current is not None
        plan = plan_position(current)
        if isinstance(plan, Keep):
            return
        check_step(current, plan)
        current = carried_out(current, plan)
        if current is None:
            return
    raise AssertionError(f"still not at rest after {ENDS_WITHIN} steps: {current}")


@settings(max_examples=300, deadline=None)
@given(situations())
def test_the_cheap_look_misses_nothing_that_bars_did_not_bring(situation: Situation) -> None:
    """Without bars since the opening and without an evaluation, a step is due only where the cheap look says so."""
    fresh = replace(situation, evaluation=None, snapshot=replace(situation.snapshot, bars=(QUIET_BARS.window(0, 0),)))
    if not isinstance(plan_position(fresh), Keep):
        assert is_due_by_price(fresh.position, fresh.held, fresh.spec, fresh.snapshot.instrument, fresh.policy)
