"""What lies ahead of a position is announced at the very price at which it is done."""

from datetime import timedelta
from typing import Any

import pytest
from tests.builders import NOW, D, utc
from tests.core.position_cases import BOTH, HALVES, a_situation, at_r, planned, points, targets

from tradewarden.core.market.session import SessionWindow
from tradewarden.core.positions import Keep, Rule, Situation
from tradewarden.core.positions.outlook import StepAhead, steps_ahead
from tradewarden.core.strategy.spec import AtrTrail, StepTrail
from tradewarden.core.values import Side


def ahead(situation: Situation) -> tuple[StepAhead, ...]:
    snapshot = situation.snapshot
    return steps_ahead(
        situation.position,
        situation.held,
        situation.spec,
        situation.policy,
        snapshot.instrument,
        server_clock=snapshot.server_clock,
        as_of=snapshot.as_of,
    )


RULES: list[tuple[dict[str, Any], Rule]] = [
    ({"spec": {"break_even_at_r": D("0.33")}}, Rule.BREAK_EVEN),
    ({"spec": {"trail": StepTrail(step_r=D("0.37"), from_r=D("0.71"))}}, Rule.TRAIL),
    ({"held": {"targets": True}}, Rule.TARGET),
]


@BOTH
@pytest.mark.parametrize(("changes", "rule"), RULES, ids=lambda value: value if isinstance(value, Rule) else "")
def test_the_announced_price_is_the_one_that_acts(side: Side, changes: dict[str, Any], rule: Rule) -> None:
    given = {"held": {"targets": targets(side, "2", "3")}} if "held" in changes else changes
    (step,) = ahead(a_situation(side, **given))
    assert step.rule is rule
    assert step.price is not None
    assert getattr(planned(side, step.price, **given), "rule", None) is rule
    assert isinstance(planned(side, points(side, step.price, -1), **given), Keep)


@BOTH
def test_prices_come_from_near_to_far_and_then_times_from_early_to_late(side: Side) -> None:
    window = SessionWindow("morning", "08:00", "11:00", "Europe/London", (0, 1, 2, 3, 4))
    spec = {
        "break_even_at_r": D(1),
        "trail": AtrTrail(period=14, multiple=D(1), from_r=D("1.5")),
        "time_limit_minutes": 90,
        "session_windows": (window,),
        "close_at_session_end": True,
    }
    situation = a_situation(
        side, spec=spec, held={"targets": targets(side, "2", "3")}, policy={"flat_before_weekend": True}
    )
    assert [(step.rule, step.price, step.at) for step in ahead(situation)] == [
        (Rule.BREAK_EVEN, at_r(side, 1), None),
        (Rule.TRAIL, at_r(side, "1.5"), None),
        (Rule.TARGET, at_r(side, 2), None),
        (Rule.TIME_LIMIT, None, NOW + timedelta(minutes=30)),
        (Rule.SESSION_END, None, utc(2025, 12, 10, 11)),
        (Rule.WEEKEND, None, utc(2025, 12, 12, 21, 45)),
    ]
    assert [step.lots for step in ahead(situation)][2] == D("0.50")


def test_what_is_done_is_not_announced_again() -> None:
    spec = {"break_even_at_r": D(1), "trail": AtrTrail(period=14, multiple=D(1), from_r=D(1))}
    there = {"stop_loss": points(Side.BUY, D("1.10000"), 7)}
    done = {"targets": targets(Side.BUY, "1", "3", fractions=HALVES), "targets_done": 1, **there}
    (step,) = ahead(a_situation(Side.BUY, at_r(Side.BUY, 2), spec=spec, held=done, position=there))
    assert (step.rule, step.price, step.at) == (Rule.TRAIL, None, None)
