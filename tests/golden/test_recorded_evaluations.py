"""What earlier versions recorded comes out the same: the same bytes, so the same digests."""

import json
from base64 import b64decode
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.core.indicators.series import walk
from tests.core.strategy.specs import DOCUMENT

from tradewarden.core.audit.canonical import digest_json
from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.decision import DecisionInputs
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.replay import replay
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.evaluate import evaluate
from tradewarden.core.strategy.spec import StrategySpec


@pytest.fixture(scope="module")
def recorded() -> Any:
    """A specification and its evaluation on `walk(1500, seed=11)`, written when indicators had no parameters."""
    return json.loads((Path(__file__).parent / "evaluation_v1.json").read_text(encoding="utf-8"))


def test_an_old_specification_is_read_and_encodes_to_its_digest(recorded: Any) -> None:
    spec = decode(StrategySpec, recorded["spec"])
    assert all(indicator.parameters == () for indicator in spec.indicators)
    assert encode(spec) == recorded["spec"]
    assert digest_json(encode(spec)) == recorded["spec_digest"]


def test_an_old_specification_evaluates_to_the_recorded_digest(recorded: Any) -> None:
    spec = decode(StrategySpec, recorded["spec"])
    evaluation = encode(evaluate(spec, walk(1500, seed=11), tick_size=Decimal("0.01"), server_clock=NEW_YORK_CLOSE))
    assert evaluation == recorded["evaluation"]
    assert digest_json(evaluation) == recorded["evaluation_digest"]


def test_the_same_document_still_means_the_same_specification(recorded: Any) -> None:
    assert encode(parse_strategy(DOCUMENT)) == recorded["spec"]


def test_an_old_decision_is_read_and_comes_to_the_same_idea() -> None:
    kept = json.loads((Path(__file__).parent / "decision_v1.json").read_text(encoding="utf-8"))
    blobs = {digest: b64decode(content) for digest, content in kept["blobs"].items()}
    assert encode(decode(DecisionInputs, kept["inputs"], blobs)) == kept["inputs"]
    report = replay(kept["inputs"], kept["decision"], blobs, recorded_digest=kept["digest"])
    # Engine 2 judges by more checks than engine 1 did, and knows of no account that this record belongs to; all that
    # leads up to the verdict is as it was.
    assert {difference.stage for difference in report.differences} <= {"result", "verdict", "intent"}
