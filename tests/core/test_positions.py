"""Position management at its boundaries, on both sides: protection, the clock, targets, and what comes first."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.builders import (
    ALWAYS,
    D,
    an_instrument,
    utc,
)
from tests.core.position_cases import BOTH, ENTRY, a_situation, an_evaluation, at_r, planned, points, targets

from tradewarden.core.market.session import SessionWindow, WeeklyHours, weekly_hours
from tradewarden.core.positions import CloseAll, ClosePart, Keep, Rule, SetStop, Situation
from tradewarden.core.positions.due import is_due_by_price
from tradewarden.core.positions.targets import open_parts, target_parts
from tradewarden.core.strategy.spec import StepTrail
from tradewarden.core.values import Side

# Protection


@BOTH
def test_a_stop_that_somebody_moved_away_comes_back_and_a_nearer_one_is_kept(side: Side) -> None:
    farther, nearer = points(side, at_r(side, -1), -1), points(side, at_r(side, -1), 1)
    plan = planned(side, position={"stop_loss": farther})
    assert isinstance(plan, SetStop)
    assert (plan.stop_loss, plan.rule) == (at_r(side, -1), Rule.LOOSENED_STOP)
    assert isinstance(planned(side, position={"stop_loss": nearer}), Keep)


@BOTH
def test_a_price_past_the_desks_stop_closes_where_the_broker_has_none_or_a_farther_one(side: Side) -> None:
    for stop in (None, at_r(side, -2)):
        plan = planned(side, at_r(side, -1), position={"stop_loss": stop})
        assert isinstance(plan, CloseAll)
        assert "past it" in plan.reason
        assert isinstance(planned(side, points(side, at_r(side, -1), 1), position={"stop_loss": stop}), SetStop)


def test_the_third_refusal_of_a_repair_closes_the_position() -> None:
    assert isinstance(planned(position={"stop_loss": None}, refused_repairs=2), SetStop)
    plan = planned(position={"stop_loss": None}, refused_repairs=3)
    assert isinstance(plan, CloseAll)
    assert plan.rule is Rule.REFUSED_STOP
    assert "refused 3 times within 10 minutes" in plan.reason


def test_lots_beyond_the_approved_risk_are_closed_and_all_where_too_few_would_stay() -> None:
    plan = planned(held={"approved_lots": D("0.93")})
    assert isinstance(plan, ClosePart)
    assert (plan.lots, plan.rule, plan.targets_done) == (D("0.07"), Rule.EXCESS_RISK, 0)
    assert isinstance(planned(held={"approved_lots": D("1.00")}), Keep)
    assert isinstance(planned(held={"approved_lots": D("0.00")}), CloseAll)
    # Not while the last closing is not booked yet.
    assert isinstance(planned(held={"approved_lots": D("0.50"), "lots": D("0.90")}), Keep)


# The clock

FRIDAY_FLAT = utc(2025, 12, 12, 21, 45)


@pytest.mark.parametrize(
    ("as_of", "rule"),
    [
        (FRIDAY_FLAT - timedelta(seconds=1), None),
        (FRIDAY_FLAT, Rule.WEEKEND),
        (utc(2025, 12, 12, 21, 59, 59), Rule.WEEKEND),
        (utc(2025, 12, 11, 21, 50), None),
    ],
)
def test_positions_are_flat_a_quarter_of_an_hour_before_the_weekend(as_of: datetime, rule: Rule | None) -> None:
    plan = planned(as_of=as_of, policy={"flat_before_weekend": True})
    assert getattr(plan, "rule", None) is rule
    assert isinstance(planned(as_of=as_of), Keep)


def test_a_daily_break_on_friday_moves_the_weekend_forward() -> None:
    hours = {"trading_hours": weekly_hours(time(1, 0), time(23, 55))}
    for minute, wanted in ((39, Keep), (40, CloseAll)):
        as_of = utc(2025, 12, 12, 21, minute)
        assert isinstance(planned(as_of=as_of, policy={"flat_before_weekend": True}, instrument=hours), wanted)


LONDON = SessionWindow("morning", "08:00", "11:00", "Europe/London", (0, 1, 2, 3, 4))
TOKYO_NIGHT = SessionWindow("night", "22:00", "09:30", "Europe/London", (0, 1, 2, 3, 4))


@pytest.mark.parametrize(
    ("opened_at", "last_inside"),
    [
        (utc(2025, 12, 10, 8), utc(2025, 12, 10, 10, 59, 59)),
        # In two windows at once: the later end counts.
        (utc(2025, 12, 10, 9), utc(2025, 12, 10, 10, 59, 59)),
        (utc(2025, 12, 10, 7, 59), utc(2025, 12, 10, 9, 29, 59)),
        (utc(2025, 12, 9, 23), utc(2025, 12, 10, 9, 29, 59)),
    ],
)
def test_a_position_is_closed_when_the_window_ends_that_it_was_opened_in(
    opened_at: datetime, last_inside: datetime
) -> None:
    spec = {"session_windows": (LONDON, TOKYO_NIGHT), "close_at_session_end": True}
    assert isinstance(planned(as_of=last_inside, opened_at=opened_at, spec=spec), Keep)
    plan = planned(as_of=last_inside + timedelta(seconds=1), opened_at=opened_at, spec=spec)
    assert isinstance(plan, CloseAll)
    assert plan.rule is Rule.SESSION_END


def test_a_session_that_ends_with_the_market_is_left_a_minute_before_its_close() -> None:
    # The market pauses from 12:30 to 13:30 on the server, which is 10:30 to 11:30 UTC; the window ends at 11:00.
    hours = {"trading_hours": WeeklyHours(((2 * 1440, 2 * 1440 + 750), (2 * 1440 + 810, 3 * 1440)))}
    spec = {"session_windows": (LONDON,), "close_at_session_end": True}
    opened_at = utc(2025, 12, 10, 9)
    early, due = utc(2025, 12, 10, 10, 28, 59), utc(2025, 12, 10, 10, 29)
    assert isinstance(planned(as_of=early, opened_at=opened_at, spec=spec, instrument=hours), Keep)
    plan = planned(as_of=due, opened_at=opened_at, spec=spec, instrument=hours)
    assert isinstance(plan, CloseAll)
    assert "market is closed then" in plan.reason


def test_a_position_filled_after_its_window_has_no_session_left() -> None:
    spec = {"session_windows": (LONDON,), "close_at_session_end": True}
    plan = planned(as_of=utc(2025, 12, 10, 11, 0, 5), opened_at=utc(2025, 12, 10, 11, 0, 1), spec=spec)
    assert isinstance(plan, CloseAll)


# Targets


@BOTH
def test_a_target_is_taken_at_its_price_and_not_a_point_before(side: Side) -> None:
    held = {"targets": targets(side, "2", "3")}
    assert isinstance(planned(side, points(side, at_r(side, 2), -1), held=held), Keep)
    plan = planned(side, at_r(side, 2), held=held)
    assert isinstance(plan, ClosePart)
    assert (plan.lots, plan.targets_done, plan.rule) == (D("0.50"), 1, Rule.TARGET)
    taken = held | {"targets_done": 1, "lots": D("0.50"), "initial_lots": D("1.00")}
    assert isinstance(planned(side, at_r(side, 2), held=taken, position={"lots": D("0.50")}), Keep)


@BOTH
def test_targets_passed_together_are_taken_together_and_the_last_is_the_brokers(side: Side) -> None:
    three = targets(side, "1", "2", "3", fractions=(D("0.25"), D("0.25"), D("0.5")))
    plan = planned(side, at_r(side, "2.5"), held={"targets": three})
    assert isinstance(plan, ClosePart)
    assert (plan.lots, plan.targets_done) == (D("0.50"), 2)
    assert "targets 1 to 2 of 3" in plan.reason
    done = {"targets": three, "targets_done": 2, "lots": D("0.50"), "initial_lots": D("1.00")}
    assert isinstance(planned(side, at_r(side, 4), held=done, position={"lots": D("0.50")}), Keep)


def test_no_second_part_while_the_first_is_not_booked() -> None:
    held = {"targets": targets(Side.BUY, "2", "3")}
    assert isinstance(planned(price=at_r(Side.BUY, 2), held=held, position={"lots": D("0.50")}), Keep)


@pytest.mark.parametrize(
    ("lots", "fractions", "parts"),
    [
        ("1.00", ("0.5", "0.5"), ("0.50",)),
        ("0.07", ("0.5", "0.5"), ("0.03",)),
        ("0.03", ("0.34", "0.33", "0.33"), ("0.01", "0")),
        ("0.02", ("0.3", "0.3", "0.4"), ("0", "0.01")),
        ("0.01", ("0.5", "0.5"), ("0",)),
        ("1.00", ("0.3", "0.3", "0.4"), ("0.30", "0.30")),
        ("0.60", ("0.3", "0.2"), ("0.36",)),
    ],
)
def test_parts_are_floored_to_the_step_and_merge_when_too_small(
    lots: str, fractions: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    found = target_parts(D(lots), [D(each) for each in fractions], an_instrument())
    assert found == tuple(D(part) for part in parts)


def test_a_part_that_would_leave_less_than_the_smallest_volume_joins_the_last_target() -> None:
    instrument = an_instrument(volume_min=D("0.10"))
    assert target_parts(D("0.15"), [D("0.8"), D("0.2")], instrument) == (D(0),)
    assert target_parts(D("0.25"), [D("0.5"), D("0.5")], instrument) == (D("0.12"),)


def parts_of(situation: Situation) -> tuple[Decimal, ...]:
    return open_parts(situation.held, situation.position.lots, situation.snapshot.instrument)


def test_after_somebody_elses_partial_closing_the_rest_is_shared_out_anew() -> None:
    three = targets(Side.BUY, "1", "2", "3", fractions=(D("0.5"), D("0.3"), D("0.2")))
    book = {"targets": three, "initial_lots": D("1.00")}
    assert parts_of(a_situation(held=book)) == (D("0.50"), D("0.30"))
    reduced = a_situation(held=book | {"lots": D("0.60")}, position={"lots": D("0.60")})
    assert parts_of(reduced) == (D("0.30"), D("0.18"))
    later = book | {"lots": D("0.30"), "targets_done": 1}
    assert parts_of(a_situation(held=later, position={"lots": D("0.30")})) == (D("0.18"),)


# Order


def test_the_most_urgent_step_comes_first() -> None:
    up, everything = at_r(Side.BUY, 2), {"break_even_at_r": D(1), "trail": StepTrail(step_r=D(1), from_r=D(1))}
    held = {"targets": targets(Side.BUY, "2", "3"), "approved_lots": D("0.90")}
    changes: dict[str, Any] = {
        "as_of": FRIDAY_FLAT,
        "spec": everything | {"exit": (ALWAYS,), "time_limit_minutes": 30},
        "policy": {"flat_before_weekend": True},
        "evaluation": an_evaluation(exit=True, bar_ended_at=FRIDAY_FLAT),
    }
    seen = []
    for _ in range(8):
        plan = planned(price=up, held=held, position={"stop_loss": changes.pop("stop", None)}, **_copied(changes))
        seen.append(getattr(plan, "rule", None))
        _answer(seen[-1], changes, held)
    assert seen == [
        Rule.MISSING_STOP,
        Rule.EXCESS_RISK,
        Rule.WEEKEND,
        Rule.TIME_LIMIT,
        Rule.EXIT,
        Rule.TARGET,
        Rule.BREAK_EVEN,
        Rule.TRAIL,
    ]


def _copied(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in changes.items()}


def _answer(rule: Rule | None, changes: dict[str, Any], held: dict[str, Any]) -> None:
    """Take away what ``rule`` asked about, so that the next one shows."""
    changes["stop"] = at_r(Side.BUY, -1)
    if rule is Rule.EXCESS_RISK:
        held["approved_lots"] = None
    elif rule is Rule.WEEKEND:
        changes["policy"]["flat_before_weekend"] = False
    elif rule is Rule.TIME_LIMIT:
        changes["spec"]["time_limit_minutes"] = None
    elif rule is Rule.EXIT:
        changes["evaluation"] = None
    elif rule is Rule.TARGET:
        held["targets"] = ()
    elif rule is Rule.BREAK_EVEN:
        changes["stop"] = points(Side.BUY, ENTRY, 7)


def looks_due(situation: Situation) -> bool:
    instrument = situation.snapshot.instrument
    return is_due_by_price(situation.position, situation.held, situation.spec, instrument, situation.policy)


@BOTH
def test_the_cheap_look_sees_what_the_price_alone_asks_for(side: Side) -> None:
    for price, changes in (
        (at_r(side, 2), {"held": {"targets": targets(side, "2", "3")}}),
        (at_r(side, 1), {"spec": {"break_even_at_r": D(1)}}),
        (at_r(side, 1), {"spec": {"trail": StepTrail(step_r=D("0.5"), from_r=D(1))}}),
    ):
        due = a_situation(side, price, **_copied(changes))
        early = a_situation(side, points(side, D(price), -1), **_copied(changes))
        assert looks_due(due)
        assert not looks_due(early)
