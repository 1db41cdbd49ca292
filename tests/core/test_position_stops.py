"""Moves of the stop at their boundaries, on both sides: break-even and trailing, one point before and at the level."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.builders import (
    NOW,
    D,
    flat_closes,
    some_bars,
    utc,
)
from tests.core.position_cases import BOTH, ENTRY, a_situation, an_evaluation, at_r, planned, points, targets

from tradewarden.core.market.session import weekly_hours
from tradewarden.core.positions import ClosePart, Keep, Rule, SetStop, Situation
from tradewarden.core.positions.situation import best_price
from tradewarden.core.positions.stops import break_even_price
from tradewarden.core.strategy.spec import AtrTrail, IndicatorTrail, SeriesOperand, StepTrail
from tradewarden.core.values import Side

# Break-even


def costs_covered(situation: Situation) -> Decimal | None:
    return break_even_price(situation.position, situation.held, situation.snapshot.instrument, situation.policy)


@BOTH
def test_break_even_pays_commission_and_swap_in_whole_ticks(side: Side) -> None:
    # 7.00 of commission are 7 points of 1.00 lot; 1.20 of swap are two more.
    assert costs_covered(a_situation(side, position={"swap": D("-1.20")})) == points(side, ENTRY, 9)
    assert costs_covered(a_situation(side, position={"swap": D("5.00")})) == points(side, ENTRY, 7)
    assert costs_covered(a_situation(side, instrument={"tick_value": D(0)})) is None


@BOTH
def test_break_even_comes_at_its_r_and_not_a_point_before(side: Side) -> None:
    spec = {"break_even_at_r": D(1)}
    assert isinstance(planned(side, points(side, at_r(side, 1), -1), spec=spec), Keep)
    plan = planned(side, at_r(side, 1), spec=spec)
    assert isinstance(plan, SetStop)
    assert (plan.stop_loss, plan.rule) == (points(side, ENTRY, 7), Rule.BREAK_EVEN)
    there = {"stop_loss": points(side, ENTRY, 7)}
    assert isinstance(planned(side, at_r(side, 1), spec=spec, position=there, held=there), Keep)


def reached(side: Side, r: str, now: Decimal, *, bars_ago: int) -> Any:
    """Return quiet M15 bars of which one, ``bars_ago`` bars before the newest, reached ``r`` on the closing side."""
    bid = float(now) if side is Side.BUY else float(now) - 0.0001
    bars = some_bars(flat_closes(level=bid), reach=0.0)
    high, low = np.array(bars.high), np.array(bars.low)
    if side is Side.BUY:
        high[-1 - bars_ago] = float(at_r(side, r))
    else:
        low[-1 - bars_ago] = float(at_r(side, r)) - 0.0001
    return replace(bars, high=high, low=low)


@BOTH
def test_the_best_excursion_is_read_from_the_bars_since_the_opening(side: Side) -> None:
    now = at_r(side, "0.5")
    # Opened an hour ago: four bars of fifteen minutes count, the fifth had opened before.
    inside = a_situation(side, now, bars=reached(side, "1.25", now, bars_ago=3))
    before = a_situation(side, now, bars=reached(side, "1.25", now, bars_ago=4))
    assert (best_price(inside), best_price(before)) == (at_r(side, "1.25"), now)
    spec = {"break_even_at_r": D(1)}
    assert isinstance(planned(side, now, bars=reached(side, "1", now, bars_ago=2), spec=spec), SetStop)
    assert isinstance(planned(side, now, bars=reached(side, "0.995", now, bars_ago=2), spec=spec), Keep)


@BOTH
def test_break_even_waits_while_the_price_is_back_at_it(side: Side) -> None:
    spec = {"break_even_at_r": D(1)}
    for beyond, wanted in ((7, Keep), (8, SetStop)):
        now = points(side, ENTRY, beyond)
        plan = planned(side, now, bars=reached(side, "1.5", now, bars_ago=1), spec=spec)
        assert isinstance(plan, wanted), beyond


@BOTH
@pytest.mark.parametrize(
    ("level", "wanted"),
    [
        ({"stops_level": 193}, SetStop),
        ({"stops_level": 194}, Keep),
        ({"freeze_level": 399}, SetStop),
        ({"freeze_level": 400}, Keep),
    ],
)
def test_a_stop_is_not_moved_into_the_stops_level_or_while_frozen(
    side: Side, level: dict[str, int], wanted: type
) -> None:
    # At 1 R the break-even stop is 193 points behind the price; old stop and target are 400 points away.
    plan = planned(side, at_r(side, 1), spec={"break_even_at_r": D(1)}, instrument=level)
    assert isinstance(plan, wanted)


@pytest.mark.parametrize(
    ("as_of", "waits"),
    [
        (utc(2025, 12, 10, 21, 54, 59), ""),
        (utc(2025, 12, 10, 21, 55), "rollover"),
        (utc(2025, 12, 10, 22, 10), "rollover"),
        (utc(2025, 12, 10, 22, 10, 1), ""),
    ],
)
def test_optional_moves_wait_at_the_rollover_and_closings_do_not(as_of: datetime, waits: str) -> None:
    up = at_r(Side.BUY, 1)
    plan = planned(price=up, as_of=as_of, spec={"break_even_at_r": D(1)})
    assert (waits in plan.reason) if waits else isinstance(plan, SetStop)
    held = {"targets": targets(Side.BUY, "1", "3")}
    assert isinstance(planned(price=up, as_of=as_of, spec={"break_even_at_r": D(1)}, held=held), ClosePart)


@pytest.mark.parametrize(("second", "wanted"), [(299, Keep), (300, SetStop)])
def test_optional_moves_wait_in_the_first_minutes_of_a_session(second: int, wanted: type) -> None:
    hours = {"trading_hours": weekly_hours(time(9, 0), time(20, 0))}
    # 09:00 on the server is 07:00 UTC in winter.
    as_of = utc(2025, 12, 10, 7) + timedelta(seconds=second)
    spec = {"trail": StepTrail(step_r=D("0.5"), from_r=D(1))}
    plan = planned(price=at_r(Side.BUY, 2), as_of=as_of, spec=spec, instrument=hours)
    assert isinstance(plan, wanted)
    if wanted is Keep:
        assert "first 5 minutes" in plan.reason


# Trailing


@BOTH
@pytest.mark.parametrize(
    ("r", "stop_r"), [("0.995", None), ("1", "0"), ("1.495", "0"), ("1.5", "0.5"), ("2.25", "1"), ("2.5", "1.5")]
)
def test_a_step_trail_moves_by_whole_steps(side: Side, r: str, stop_r: str | None) -> None:
    plan = planned(side, at_r(side, r), spec={"trail": StepTrail(step_r=D("0.5"), from_r=D(1))})
    if stop_r is None:
        assert isinstance(plan, Keep)
        return
    assert isinstance(plan, SetStop)
    assert (plan.stop_loss, plan.rule) == (at_r(side, stop_r), Rule.TRAIL)


@BOTH
def test_an_atr_trail_follows_the_newest_close_and_only_forward(side: Side) -> None:
    spec = {"trail": AtrTrail(period=14, multiple=D("1.5"), from_r=D(1))}
    evaluation = an_evaluation(trail_distance=D("0.001"))
    plan = planned(side, at_r(side, 2), spec=spec, evaluation=evaluation)
    assert isinstance(plan, SetStop)
    # 100 points behind the close; a short's close is a bid, and its stop triggers on the ask.
    assert plan.stop_loss == points(side, at_r(side, 2), -100)
    for gap, wanted in ((9, Keep), (10, SetStop)):
        # 5 % of R are 10 points: what gains less is left alone.
        present = {"stop_loss": points(side, plan.stop_loss, -gap)}
        found = planned(side, at_r(side, 2), spec=spec, evaluation=evaluation, position=present, held=present)
        assert isinstance(found, wanted), gap
    ahead = {"stop_loss": points(side, plan.stop_loss, 20)}
    assert isinstance(planned(side, at_r(side, 2), spec=spec, evaluation=evaluation, position=ahead), Keep)
    early = an_evaluation(trail_distance=D("0.001"), bar_ended_at=NOW - timedelta(hours=1))
    assert isinstance(planned(side, at_r(side, 2), spec=spec, evaluation=early), Keep)


@BOTH
def test_an_indicator_trail_follows_the_level_of_the_evaluation(side: Side) -> None:
    level = SeriesOperand(series="ema_slow")
    spec = {"trail": IndicatorTrail(level=level, buffer_points=10, from_r=D(1))}
    at = at_r(side, 1) if side is Side.BUY else at_r(side, 1) - D("0.00010")
    plan = planned(side, at_r(side, 2), spec=spec, evaluation=an_evaluation(trail_level=at))
    assert isinstance(plan, SetStop)
    # The evaluation's level is a bid with its buffer taken off; a short's stop triggers on the ask.
    assert plan.stop_loss == at_r(side, 1)
    assert "10 points behind ema_slow" in plan.reason
    assert isinstance(planned(side, at_r(side, 2), spec=spec, evaluation=an_evaluation()), Keep)


@BOTH
def test_a_trail_inside_the_stops_level_stays_as_far_as_the_broker_asks(side: Side) -> None:
    spec = {"trail": AtrTrail(period=14, multiple=D(1), from_r=D(1))}
    evaluation = an_evaluation(trail_distance=D("0.00020"))
    plan = planned(side, at_r(side, 2), spec=spec, evaluation=evaluation, instrument={"stops_level": 50})
    assert isinstance(plan, SetStop)
    assert plan.stop_loss == points(side, at_r(side, 2), -50)
    # A close that the price has fallen back behind asks for a stop on the wrong side: nothing is sent.
    back = planned(
        side, at_r(side, "1.5"), spec=spec, evaluation=evaluation, bars=reached(side, "2", at_r(side, 2), bars_ago=0)
    )
    assert isinstance(back, Keep)


def test_a_position_booked_before_stops_were_kept_counts_r_from_the_book() -> None:
    old = {"initial_stop": None, "initial_lots": None}
    assert isinstance(planned(price=at_r(Side.BUY, 1), held=old, spec={"break_even_at_r": D(1)}), SetStop)
