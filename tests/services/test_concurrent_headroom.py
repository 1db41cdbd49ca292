"""64 decisions at once with room for two: exactly two orders, in whatever order their steps fall."""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import D
from tests.services.desk_world import DeskWorld
from tests.services.many_symbols import ROOM_FOR_TWO, SYMBOLS, many_symbols, openings, steps_of

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus, IntentStatus
from tradewarden.core.errors import Conflict
from tradewarden.core.policy import Mode
from tradewarden.ports.storage import IdeaRecord
from tradewarden.services.approve_idea import approve_idea


@contextmanager
def switching_often() -> Iterator[None]:
    """Let threads take turns a thousand times more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1000)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def all_at_once(works: list[Callable[[], None]]) -> None:
    """Run ``works`` in threads of their own that start together; raise what any of them raised."""
    barrier, raised = Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        barrier.wait(timeout=60)
        try:
            work()
        except Exception as error:  # noqa: BLE001 (a thread's error is the test's)
            raised.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    if raised:
        raise raised[0]


def in_turn(steps: Sequence[Callable[[], None]]) -> Callable[[], None]:
    """Return one work of several steps."""

    def work() -> None:
        for step in steps:
            step()

    return work


@pytest.mark.parametrize("limit", ROOM_FOR_TWO)
def test_sixty_four_threads_with_room_for_two_make_two_orders(limit: str) -> None:
    world, strategies = many_symbols(ROOM_FOR_TWO[limit])
    mixed = random.Random(limit).sample(SYMBOLS, len(SYMBOLS))
    with switching_often():
        all_at_once([in_turn(steps_of(world, strategies, symbol)) for symbol in mixed])
    assert len(openings(world)) == len(world.held()) == 2
    assert len(world.history(Action.RISK_REJECTED)) == 62, "each of the others was judged, denied and recorded"


def test_orders_that_are_not_sent_yet_take_their_room_all_the_same() -> None:
    world, strategies = many_symbols(ROOM_FOR_TWO["daily loss"])
    with switching_often():
        all_at_once([steps_of(world, strategies, symbol)[0] for symbol in SYMBOLS])
    assert len(openings(world)) == 2
    assert {record.status for record in world.intents()} == {IntentStatus.QUEUED}
    assert world.held() == ()


@given(seed=st.integers(0, 2**32), limit=st.sampled_from(sorted(ROOM_FOR_TWO)), count=st.sampled_from([3, 5, 8]))
@settings(max_examples=8)
def test_no_order_of_deciding_and_sending_finds_room_for_a_third(seed: int, limit: str, count: int) -> None:
    """Every decision has two steps, deciding with its record and sending; any shuffle of them is one interleaving."""
    world, strategies = many_symbols(ROOM_FOR_TWO[limit])
    chance = random.Random(seed)
    waiting = [list(steps_of(world, strategies, symbol)) for symbol in chance.sample(SYMBOLS, count)]
    while waiting:
        steps = chance.choice(waiting)
        steps.pop(0)()
        waiting = [each for each in waiting if each]
    assert len(openings(world)) == len(world.held()) == 2


def test_the_two_that_come_first_are_the_two_that_go() -> None:
    for first, second in ((SYMBOLS[0], SYMBOLS[1]), (SYMBOLS[40], SYMBOLS[3])):
        world, strategies = many_symbols(ROOM_FOR_TWO["open risk"])
        for symbol in (first, second, *SYMBOLS):
            steps_of(world, strategies, symbol)[0]()
        assert {intent.symbol for intent in openings(world)} == {first, second}


# Asked first, approved then


def asked_ideas(count: int, **policy: Any) -> DeskWorld:
    """Return a supervised desk with ``count`` ideas that wait for a person."""
    world, strategies = many_symbols(policy, mode=Mode.SUPERVISED)
    for symbol in SYMBOLS[:count]:
        steps_of(world, strategies, symbol)[0]()
    assert len(world.ideas(IdeaStatus.NEEDS_APPROVAL)) == count
    return world


def approving(world: DeskWorld, record: IdeaRecord, seen: list[str]) -> Callable[[], None]:
    def approve() -> None:
        try:
            result = approve_idea(
                world.desk, record.idea.idea_id, actor="user:ann", idea_digest=record.idea.digest, lots=record.lots
            )
        except Conflict:
            seen.append("conflict")
        else:
            seen.append(result.status.value)

    return approve


def test_an_approval_ends_in_one_send_and_not_in_a_second_question() -> None:
    world = asked_ideas(1, min_confidence_threshold=D(99))
    (record,) = world.ideas()
    seen: list[str] = []
    with switching_often():
        all_at_once([approving(world, record, seen) for _ in range(8)])
    assert sorted(seen) == ["approved_executed", *["conflict"] * 7]
    assert len(world.openings()) == 1
    acts = [Action.AI_PROPOSED, Action.HUMAN_APPROVED, Action.ORDER_SUBMITTED, Action.ORDER_ACCEPTED]
    assert [entry.draft.action for entry in world.history(*acts)] == acts


def test_approving_all_at_once_executes_what_there_is_room_for_and_asks_nothing_again() -> None:
    world = asked_ideas(12, max_open_risk_fraction=D("0.01"))
    seen: list[str] = []
    with switching_often():
        all_at_once([approving(world, record, seen) for record in world.ideas()])
    assert sorted(seen) == [*["approved_executed"] * 2, *["rejected"] * 10]
    assert len(world.openings()) == 2
    assert world.ideas(IdeaStatus.NEEDS_APPROVAL) == ()
    assert len(world.history(Action.AI_PROPOSED)) == 12
