"""Recomputing a recorded decision and comparing it stage by stage.

The record's inputs go through the same ``decide`` as they did then; nothing else is consulted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewarden.core.audit.canonical import JsonValue, digest_json
from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.decision import DecisionInputs, decide

STAGES = ("evaluation", "market", "confidence", "idea", "verdict", "plan", "intent", "result")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDifference:
    """The first field of a stage whose recomputed value differs from the recorded one."""

    stage: str
    field: str
    recorded: str
    recomputed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """Whether a decision came out identical, and where not."""

    decision_id: str
    identical: bool
    recorded_digest: str
    recomputed_digest: str
    differences: tuple[StageDifference, ...]


def replay(inputs: JsonValue, decision: JsonValue, blobs: Mapping[str, bytes], *, recorded_digest: str) -> ReplayReport:
    """Return the comparison of the recorded ``decision`` with what its recorded ``inputs`` give now.

    Raises IntegrityError when the inputs cannot be read: a record that cannot be read is not a difference.
    """
    restored = decode(DecisionInputs, inputs, blobs)
    recomputed = encode(decide(restored))
    digest = digest_json(recomputed)
    identical = digest == recorded_digest == digest_json(decision)
    return ReplayReport(
        decision_id=restored.decision_id,
        identical=identical,
        recorded_digest=recorded_digest,
        recomputed_digest=digest,
        differences=() if identical else tuple(_differences(decision, recomputed)),
    )


def _differences(recorded: Any, recomputed: Any) -> list[StageDifference]:
    found = []
    for stage in STAGES:
        difference = _first_difference(recorded.get(stage), recomputed.get(stage), "")
        if difference is not None:
            field, before, after = difference
            found.append(StageDifference(stage=stage, field=field, recorded=before, recomputed=after))
    return found


def _first_difference(left: Any, right: Any, path: str) -> tuple[str, str, str] | None:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            difference = _first_difference(left.get(key), right.get(key), f"{path}/{key}")
            if difference is not None:
                return difference
        return None
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (before, after) in enumerate(zip(left, right, strict=True)):
            difference = _first_difference(before, after, f"{path}/{index}")
            if difference is not None:
                return difference
        return None
    return None if left == right else (path or "/", str(left)[:200], str(right)[:200])
