"""Whether what the record holds is what its digests say: inputs, decisions, cited content and intents.

Shared by verification, which reports what does not fit, and by replay, which must not recompute from it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tradewarden.core.audit.canonical import JsonValue, digest_bytes, digest_json


def cited_digests(value: JsonValue) -> Iterator[str]:
    """Yield the digests of the content that ``value`` cites: objects with nothing but a digest."""
    if isinstance(value, dict):
        digest = value.get("digest")
        if len(value) == 1 and isinstance(digest, str):
            yield digest
            return
        for item in value.values():
            yield from cited_digests(item)
    elif isinstance(value, list):
        for item in value:
            yield from cited_digests(item)


def digest_problem(what: str, value: JsonValue, digest: str) -> str | None:
    """Return why ``value`` is not what was recorded under ``digest``, or None when it is."""
    try:
        found = digest_json(value)
    except (TypeError, ValueError) as error:
        return f"{what} cannot be encoded: {error}"
    return None if found == digest else f"{what} was changed: it hashes to {found[:12]}, recorded is {digest[:12]}"


def content_problems(digests: set[str], blobs: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what is wrong with cited content: missing, or not what its digest says."""
    for digest in sorted(digests):
        content = blobs.get(digest)
        if content is None:
            yield f"cited content {digest[:12]} is missing"
        elif (found := digest_bytes(content)) != digest:
            yield f"cited content {digest[:12]} was changed: it hashes to {found[:12]}"


def intent_json_digest(kind: str, intent: Mapping[str, Any]) -> str:
    """Return the digest of an intent's canonical JSON, as the core computes it from the intent itself."""
    return digest_json({"kind": kind, "intent": dict(intent)})
