"""Publishing: both sides are kept, and what could never reach the confidence threshold is refused or named."""

import json
from typing import Any

import pytest
from tests.builders import D
from tests.core.strategy.specs import document
from tests.services.desk_world import DeskWorld, a_world

from tradewarden.core.audit.chain import Action
from tradewarden.core.errors import InvalidStrategy
from tradewarden.services.change_policy import change_policy
from tradewarden.services.publish_strategy import publish_strategy, toggle_strategy
from tradewarden.services.queries.settings import risk_settings

PERSON = "user:ann"


def a_document(*, strong: bool = True, **changes: Any) -> dict[str, Any]:
    given = document(name="Reach", allowed_symbols=["EURUSD"], **changes)
    if not strong:
        given["conditions"]["strong"] = []
    return given


def publish(world: DeskWorld, given: dict[str, Any]) -> Any:
    return publish_strategy(world.desk, json.dumps(given), actor=PERSON, source="reach.json")


def a_desk_with(threshold: str) -> DeskWorld:
    return a_world(policy={"min_confidence_threshold": D(threshold)})


def test_what_can_reach_the_threshold_exactly_is_published() -> None:
    assert publish(a_desk_with("90"), a_document(strong=False)).version.version == 1
    assert publish(a_desk_with("100"), a_document(confidence_model="emnr_v0")).version.version == 1


@pytest.mark.parametrize(
    ("given", "threshold", "said"),
    [
        (a_document(strong=False), "91", "/conditions/strong: the policy's threshold is 91"),
        (a_document(strong=False), "91", "without a strong condition is 90"),
        (a_document(strong=False, confidence_model="emnr_v0"), "90", "58.5 on the scale of emnr_v0"),
        (
            a_document(forbidden_conditions={"volatility": {"min_atr_percentile": 90}}),
            "97",
            "/confidence_model: the policy's threshold is 97; the highest score that this strategy can reach is 96",
        ),
    ],
)
def test_what_could_never_reach_the_threshold_is_refused(given: dict[str, Any], threshold: str, said: str) -> None:
    world = a_desk_with("50")
    change_policy(world.desk, {"min_confidence_threshold": D(threshold)}, actor=PERSON)
    before = len(world.history())
    with pytest.raises(InvalidStrategy) as refused:
        publish(world, given)
    assert said in str(refused.value)
    assert len(world.history()) == before


def test_a_mirrored_side_is_not_named_beside_the_one_that_it_mirrors() -> None:
    world = a_desk_with("95")
    with pytest.raises(InvalidStrategy) as refused:
        publish(world, a_document(strong=False, direction="both"))
    assert [problem.pointer for problem in refused.value.problems] == ["/conditions/strong"]
    short = {"entry": [{"left": "close", "op": "falling"}]}
    with pytest.raises(InvalidStrategy) as refused:
        publish(world, a_document(direction="both", conditions_short=short))
    assert [problem.pointer for problem in refused.value.problems] == ["/conditions_short/strong"]


def test_a_new_desk_refuses_what_its_first_policy_puts_out_of_reach() -> None:
    with pytest.raises(InvalidStrategy, match="threshold is 95"):
        a_world(strategies=[a_document(strong=False)], policy={"min_confidence_threshold": D(95)})


def test_a_policy_change_names_the_active_strategies_that_it_puts_out_of_reach() -> None:
    world = a_desk_with("50")
    record = publish(world, a_document(strong=False))
    assert risk_settings(world.desk).warnings == ()
    change_policy(world.desk, {"min_confidence_threshold": D(95)}, actor=PERSON)
    entry = world.history(Action.SETTINGS_CHANGED)[-1].draft
    assert isinstance(entry.payload, dict)
    assert "Reach" in str(entry.payload["unreachable_strategies"])
    assert "can reach the threshold now" in entry.rationale
    said = "Reach: the policy's threshold is 95"
    assert any(warning.startswith(said) for warning in risk_settings(world.desk).warnings)
    toggle_strategy(world.desk, record.version.strategy_id, active=False, actor=PERSON)
    assert not any(warning.startswith("Reach") for warning in risk_settings(world.desk).warnings)
