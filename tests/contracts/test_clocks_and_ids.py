"""Clocks that run as they say, and ids that repeat only where they should."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.builders import NOW

from tradewarden.adapters.clock import AcceleratedClock, SteppedClock, SystemClock
from tradewarden.adapters.ids import DerivedIds, RandomIds
from tradewarden.core.errors import InvalidInput


class Seconds:
    """A steady clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_live_market_runs_on_wall_time() -> None:
    clock = SystemClock()
    before = clock.wall_now()
    assert clock.speed == 1
    assert before <= clock.market_now() <= clock.wall_now()
    assert clock.market_now().tzinfo is UTC


def test_an_accelerated_market_runs_that_much_faster() -> None:
    seconds = Seconds()
    clock = AcceleratedClock(NOW, 60, seconds=seconds, wall=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.market_now() == NOW
    seconds.now += 30
    assert clock.market_now() == NOW + timedelta(minutes=30)
    assert clock.wall_now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.speed == 60


def test_an_accelerated_market_goes_on_from_where_it_is_anchored() -> None:
    seconds = Seconds()
    clock = AcceleratedClock(NOW, 60, seconds=seconds)
    seconds.now += 10
    clock.anchor(NOW + timedelta(days=2))
    assert clock.market_now() == NOW + timedelta(days=2)
    seconds.now += 1
    assert clock.market_now() == NOW + timedelta(days=2, minutes=1)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), 1e9])
def test_a_speed_that_makes_no_sense_is_refused(speed: float) -> None:
    with pytest.raises(InvalidInput, match="speed"):
        AcceleratedClock(NOW, speed)


def test_a_stepped_market_moves_when_told_and_never_back() -> None:
    clock = SteppedClock(NOW)
    assert clock.speed is None
    clock.step_to(NOW + timedelta(minutes=1))
    clock.step_to(NOW + timedelta(minutes=1))
    assert clock.market_now() == NOW + timedelta(minutes=1)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.step_to(NOW)


def test_market_time_is_aware_and_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert SteppedClock(NOW.astimezone(tokyo)).market_now().tzinfo is UTC
    with pytest.raises(ValueError, match="no time zone"):
        SteppedClock(NOW.replace(tzinfo=None))


def test_derived_ids_repeat_with_their_seed_count_and_context() -> None:
    one, same, other = DerivedIds("7"), DerivedIds("7"), DerivedIds("8")
    first = [one.next_id("evaluate", "EURUSD"), one.next_id("evaluate", "EURUSD"), one.next_id("resend")]
    assert first == [same.next_id("evaluate", "EURUSD"), same.next_id("evaluate", "EURUSD"), same.next_id("resend")]
    assert len(set(first)) == 3
    assert other.next_id("evaluate", "EURUSD") not in first
    assert all(len(found) == 32 for found in first)


def test_random_ids_do_not_repeat() -> None:
    ids = RandomIds()
    found = {ids.next_id("evaluate") for _ in range(1000)}
    assert len(found) == 1000
    assert all(len(each) == 32 for each in found)
