"""What the limits are counted from: the day's reference, the first balance and a mark that only rises."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.builders import D, a_policy, a_position, an_account, utc
from tests.services.desk_world import ABOVE, QUIET, START, a_world

from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.policy import PolicyVersion
from tradewarden.ports.storage import DeskFigures
from tradewarden.services.book import Book
from tradewarden.services.guard_limits import current_figures, day_start

NOTHING = DeskFigures(day=None, initial_balance=None, high_water_mark=None)
# 22:00 UTC is midnight on a New-York-close server in winter.
MIDNIGHT = utc(2025, 12, 10, 22)


def a_book(figures: DeskFigures = NOTHING, **policy: Any) -> Book:
    return Book(
        policy=PolicyVersion(version=1, policy=a_policy(**policy)),
        halt=None,
        watchlist=(),
        strategies=(),
        open_ideas=(),
        unfinished_intents=(),
        outbox=(),
        positions=(),
        spent_setups=(),
        figures=figures,
    )


def figures_at(at: datetime, before: DeskFigures = NOTHING, **account: Any) -> DeskFigures:
    return current_figures(a_book(before), an_account(**account), NEW_YORK_CLOSE, at)


def test_the_first_statement_sets_everything_and_is_not_late() -> None:
    figures = figures_at(utc(2025, 12, 10, 15), balance=D("50000.00"))
    assert figures.day is not None
    assert (figures.day.day_started_at, figures.day.balance, figures.day.late) == (
        utc(2025, 12, 9, 22),
        D("50000.00"),
        False,
    )
    assert (figures.initial_balance, figures.high_water_mark) == (D("50000.00"), D("50000.00"))


def test_the_reference_changes_at_broker_midnight_and_not_before() -> None:
    first = figures_at(utc(2025, 12, 10, 15))
    richer = figures_at(MIDNIGHT - timedelta(seconds=1), first, balance=D("101000.00"))
    assert richer.day is not None
    assert (richer.day.balance, richer.day.realised_profit) == (D("100000.00"), D("1000.00"))
    next_day = figures_at(MIDNIGHT, richer, balance=D("101000.00"))
    assert next_day.day is not None
    assert (next_day.day.balance, next_day.day.realised_profit, next_day.day.late) == (D("101000.00"), D(0), False)
    assert next_day.initial_balance == D("100000.00")


@pytest.mark.parametrize(("minutes", "late"), [(5, False), (6, True), (600, True)])
def test_a_reset_seen_late_says_so(minutes: int, late: bool) -> None:
    first = figures_at(utc(2025, 12, 10, 15))
    held = (a_position(profit=D("-300.00")),)
    figures = figures_at(MIDNIGHT + timedelta(minutes=minutes), first, positions=held)
    assert figures.day is not None
    assert (figures.day.late, figures.day.balance, figures.day.equity) == (late, D("100000.00"), D("99700.00"))
    assert figures.day.realised_profit == 0


def test_the_high_water_mark_only_rises() -> None:
    figures = NOTHING
    marks = []
    for profit in ("100.00", "-500.00", "250.00", "200.00"):
        figures = figures_at(START, figures, positions=(a_position(profit=D(profit)),))
        marks.append(figures.high_water_mark)
    assert marks == [D("100100.00"), D("100100.00"), D("100250.00"), D("100250.00")]


def test_the_risk_day_may_follow_another_zone() -> None:
    at = utc(2025, 12, 10, 12)
    assert day_start(at, a_policy(day_reset_zone="Asia/Tokyo"), NEW_YORK_CLOSE) == utc(2025, 12, 9, 15)
    assert day_start(at, a_policy(day_reset_zone="Europe/Prague"), NEW_YORK_CLOSE) == utc(2025, 12, 9, 23)
    assert day_start(at, a_policy(), NEW_YORK_CLOSE) == utc(2025, 12, 9, 22)


def test_the_guard_keeps_its_figures_in_the_record() -> None:
    world = a_world((3, QUIET), (5, ABOVE), (10, 1.1040))
    world.run(12)
    with world.storage.read() as reading:
        figures = reading.figures()
    assert figures.day is not None
    assert figures.day.realised_profit == D("863.94")
    assert figures.initial_balance == D("100000.00")
    assert figures.high_water_mark is not None
    assert figures.high_water_mark >= D("100863.94")
