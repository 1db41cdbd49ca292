"""Recorded decisions replay to the digest they were recorded with; a change of the engine shows here first."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tradewarden.core.audit.canonical import digest_json
from tradewarden.core.replay import replay

FILES = sorted(Path(__file__).parent.glob("*.json.gz"))
OUTCOMES = {
    "executes alone": "execute",
    "asks a person": "needs_approval",
    "is denied": "rejected",
    "halts": "halted_by_risk",
    "falls into an embargo": "rejected",
    "sees no account": "rejected",
    "is approved": "execute",
    "puts a stop back": "execute",
    "keeps a position": "keep",
    "leaves on its exit": "execute",
    "is closed by a person": "execute",
}


def test_there_are_golden_decisions_of_several_markets() -> None:
    assert len(FILES) == 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".json.gz"))
def test_golden_decisions_replay_to_the_same_digest(path: Path) -> None:
    golden: Any = json.loads(gzip.decompress(path.read_bytes()))
    blobs = {digest: b64decode(content) for digest, content in golden["blobs"].items()}
    assert {case["name"]: case["decision"]["result"] for case in golden["cases"]} == OUTCOMES
    for case in golden["cases"]:
        assert digest_json(case["inputs"]) == case["inputs_digest"]
        report = replay(case["inputs"], case["decision"], blobs, recorded_digest=case["decision_digest"])
        assert report.identical, (case["name"], report.differences)
