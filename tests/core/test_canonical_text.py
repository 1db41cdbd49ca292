"""The canonical text that digests are taken of is the canonical JSON of what the codec encodes, byte for byte."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    ALWAYS,
    D,
    a_calendar,
    a_desk,
    a_desk_position,
    a_policy,
    a_position,
    a_snapshot,
    a_strategy,
    an_account,
    an_event,
    some_inputs,
)

from tradewarden.core.audit.canonical import canonical_json
from tradewarden.core.audit.codec import added_field, encode
from tradewarden.core.audit.text import canonical_text, digest_of
from tradewarden.core.decision import (
    CloseRequest,
    DecisionInputs,
    ManageRequest,
    decide,
    decision_digest,
    inputs_digest,
)
from tradewarden.core.policy import Mode
from tradewarden.core.strategy.spec import Group, GroupKind
from tradewarden.core.values import from_epoch

HELD = a_position()
WORLDS: dict[str, DecisionInputs] = {
    "an order": some_inputs(),
    "a question": some_inputs(policy=a_policy(mode=Mode.SUPERVISED, max_daily_loss=None)),
    "no account": some_inputs(account=None),
    "nested conditions": some_inputs(
        strategy=a_strategy(
            entry=(Group(kind=GroupKind.NOT, members=(Group(kind=GroupKind.ANY, members=(ALWAYS, ALWAYS)),)),)
        )
    ),
    "an event": some_inputs(snapshot=a_snapshot(calendar=a_calendar(an_event(from_epoch(1_765_000_000))))),
    "no strategy": some_inputs(
        CloseRequest(ticket=HELD.ticket, lots=D("0.10"), actor='user:"ann"\n'),
        strategy=None,
        account=an_account(positions=(HELD,)),
    ),
    "a position": some_inputs(
        ManageRequest(ticket=HELD.ticket),
        account=an_account(positions=(HELD,)),
        desk=a_desk(positions=(a_desk_position(),)),
    ),
}


def agree(value: Any) -> bool:
    """Whether the text written in one pass is that of the encoded tree."""
    return canonical_text(value).encode() == canonical_json(encode(value))


@pytest.mark.parametrize("name", WORLDS)
def test_inputs_and_decisions_are_written_as_they_are_encoded(name: str) -> None:
    inputs = WORLDS[name]
    decision = decide(inputs)
    assert agree(inputs)
    assert agree(decision)
    assert inputs_digest(inputs) == inputs_digest(inputs, {}) == digest_of(inputs)
    assert decision_digest(decision) == digest_of(decision)


class Colour(StrEnum):
    """A closed list of words."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A choice that carries nothing."""


@dataclass(frozen=True, slots=True)
class Old:
    """A choice that was there before there was one."""

    recorded_untagged: ClassVar[bool] = True
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Tree:
    """A value with every kind of field; some were added later."""

    words: str
    whole: int
    amount: Decimal
    at: datetime
    truth: bool
    colour: Colour
    pair: tuple[int, str]
    choice: Leaf | Old | Decimal | None
    maybe: str | None
    branches: tuple["Tree", ...] = ()
    added_first: int = added_field(0)
    added_last: Old | None = added_field(None)
    zone: Leaf = added_field(Leaf())


KATHMANDU = timezone(timedelta(hours=5, minutes=45))
amounts = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [D("0E-9"), D("-0"), D("1E+20"), D("1E-7"), D("12.50")]
)
olds = st.builds(Old, amounts)
moments = st.datetimes(timezones=st.sampled_from([UTC, KATHMANDU]), min_value=from_epoch(0).replace(tzinfo=None))


def trees(branches: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    """Trees with the given branches."""
    return st.builds(
        Tree,
        words=st.text(st.characters(codec="utf-8")),
        whole=st.integers(),
        amount=amounts,
        at=moments,
        truth=st.booleans(),
        colour=st.sampled_from(Colour),
        pair=st.tuples(st.integers(), st.text(max_size=3)),
        choice=st.builds(Leaf) | olds | amounts | st.none(),
        maybe=st.none() | st.text(max_size=3),
        branches=branches,
        added_first=st.sampled_from([0, 7]),
        added_last=st.none() | olds,
        zone=st.builds(Leaf),
    )


@given(tree=trees(st.lists(trees(st.just(())), max_size=2).map(tuple)))
def test_any_value_is_written_as_it_is_encoded(tree: Tree) -> None:
    assert agree(tree)


@pytest.mark.parametrize("changes", [{"amount": D("NaN")}, {"amount": D("Infinity")}, {"at": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_what_cannot_be_recorded_is_refused(changes: dict[str, Any]) -> None:
    values: dict[str, Any] = {
        "words": "",
        "whole": 1,
        "amount": D(1),
        "at": from_epoch(0),
        "truth": True,
        "colour": Colour.RED,
        "pair": (1, ""),
        "choice": None,
        "maybe": None,
    }
    with pytest.raises(ValueError, match="cannot be recorded"):
        canonical_text(Tree(**(values | changes)))
    for name, wrong in (("whole", True), ("words", 1), ("truth", "yes")):
        with pytest.raises((TypeError, KeyError)):
            canonical_text(Tree(**(values | {name: wrong})))
