"""The fast way to make a frozen value makes what its class makes, and refuses classes that it cannot serve."""

from dataclasses import FrozenInstanceError, dataclass, field, fields
from typing import Any

import pytest

from tradewarden.core.market.bars import Bars
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import Check
from tradewarden.core.strategy.conditions import ConditionResult, OperandReading
from tradewarden.core.strategy.evaluate import Evaluation, IndicatorReading
from tradewarden.core.values import maker_of

MADE = (Bars, Check, ConditionResult, Evaluation, IndicatorReading, OperandReading)


@dataclass(frozen=True, slots=True)
class Point:
    """A value whose fields are given by position, one of them named like what a maker works with."""

    value: int
    kind: str = "plain"
    hidden: str = field(default="", init=False)


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_makes_what_the_class_makes(kind: Any) -> None:
    given = {item.name: f"a {item.name}" for item in fields(kind) if item.init}
    made, constructed = maker_of(kind)(**given), kind(**given)
    assert type(made) is kind
    for item in fields(kind):
        assert getattr(made, item.name) == getattr(constructed, item.name)


def test_fills_in_defaults_and_takes_fields_by_position() -> None:
    make = maker_of(Point)
    assert make(1) == Point(1)
    assert make(2, "other") == Point(2, kind="other")
    assert hash(make(1)) == hash(Point(1))
    assert repr(make(1)) == repr(Point(1))


def test_what_was_made_stays_frozen() -> None:
    made = maker_of(Check)(code=Code.STALE_QUOTE, passed=True, observed="", limit="", on_fail=OnFail.DENY)
    with pytest.raises(FrozenInstanceError):
        made.passed = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        maker_of(Check)(code=Code.STALE_QUOTE)  # type: ignore[call-arg]


@dataclass(frozen=True, slots=True)
class Checked:
    """A value that checks itself."""

    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(self.number)


@dataclass(slots=True)
class Open:
    """A value that is not frozen."""

    number: int


@dataclass(frozen=True)
class Unslotted:
    """A value without slots."""

    number: int


@dataclass(frozen=True, slots=True)
class Derived(Point):
    """A value with a base."""

    more: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A value that makes a default anew each time."""

    items: list[int] = field(default_factory=list)


@pytest.mark.parametrize("kind", [Checked, Open, Unslotted, Derived, Listing], ids=lambda kind: kind.__name__)
def test_refuses_a_class_that_does_more_than_hold_fields(kind: Any) -> None:
    with pytest.raises(TypeError, match=kind.__name__):
        maker_of(kind)
