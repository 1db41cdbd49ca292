"""Importing an earlier console's files: the translation's documents and limits go into the record, all or none.

The translation itself is pure and done before; here one transaction publishes every document, applies the limits when
they are sent along, and adds one entry that names the source files by their digests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.confidence import reachable_score
from tradewarden.core.errors import InvalidInput
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.legacy import FindingKind, ImportedStrategy, SourceFile, SourceKind, Translation
from tradewarden.ports.storage import StrategyRecord, Writing
from tradewarden.services.change_policy import change_policy_within
from tradewarden.services.context import Desk
from tradewarden.services.publish_strategy import publish_within

# What changed its meaning or was left out is part of the record; more lines than this are counted only.
MAX_NOTES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedStrategy:
    """A document as JSON text, and the name of the file that it was translated from."""

    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPackage:
    """What an import puts into the record.

    ``limits`` are fields of ``RiskPolicy``, empty when none are to be applied. ``notes`` are the lines of the report
    that a person must be able to find again: what changed its meaning and what was left out.
    """

    sources: tuple[SourceFile, ...]
    strategies: tuple[PackedStrategy, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedVersion:
    """A published document and whether it made a new version."""

    record: StrategyRecord
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of an import. ``history_seq`` is its entry, None when everything was in force already."""

    strategies: tuple[ImportedVersion, ...]
    policy_version: int | None
    history_seq: int | None


def package_of(translation: Translation, *, with_strategies: bool, with_limits: bool) -> ImportPackage:
    """Return what ``translation`` puts into the record. Raises InvalidInput when anything in it was refused."""
    refusals = translation.refusals
    if refusals:
        raise InvalidInput(f"nothing is imported: {len(refusals)} refused, first {refusals[0]}")
    told = [
        str(finding) for finding in translation.findings if finding.kind in (FindingKind.CHANGED, FindingKind.LEFT_OUT)
    ]
    return ImportPackage(
        sources=tuple(source for source in translation.sources if source.kind is not SourceKind.UNKNOWN),
        strategies=tuple(PackedStrategy(source=each.source, text=each.text) for each in translation.strategies)
        if with_strategies
        else (),
        limits={limit.field: limit.value for limit in translation.limits} if with_limits else {},
        notes=tuple(told),
    )


def reach_of(strategy: ImportedStrategy) -> Decimal:
    """Return the highest confidence score that the imported ``strategy`` can reach, in points of 100.

    Publishing refuses it while the policy's threshold, scaled to the model's reach, asks for more.
    """
    return reachable_score(parse_strategy(strategy.text, source=strategy.source))


def record_import(desk: Desk, package: ImportPackage, *, actor: str) -> ImportOutcome:
    """Publish the documents of ``package``, apply its limits, and record both with the digests of the sources.

    All happens in one transaction or not at all. Raises InvalidInput for an empty package, InvalidStrategy with every
    problem of a document, InvalidSetting for a limit that the policy refuses.
    """
    if not package.strategies and not package.limits:
        raise InvalidInput("the import holds no strategy and no limit to apply")
    if not package.sources:
        raise InvalidInput("the import names no source file")
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        published = tuple(_publish(tx, each, desk, actor=actor) for each in package.strategies)
        policy_version = _apply(tx, package.limits, desk, actor=actor)
        if policy_version is None and not any(each.created for each in published):
            return ImportOutcome(strategies=published, policy_version=None, history_seq=None)
        entry = tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.IMPORTED,
                actor=actor,
                rationale=_rationale(published, policy_version, package),
                human_override=actor.startswith("user:"),
                payload=_payload(published, policy_version, package),
            )
        )
        return ImportOutcome(strategies=published, policy_version=policy_version, history_seq=entry.seq)


def _publish(tx: Writing, packed: PackedStrategy, desk: Desk, *, actor: str) -> ImportedVersion:
    before = tx.head().seq
    record = publish_within(tx, packed.text, at=desk.clock.market_now(), actor=actor, source=packed.source)
    return ImportedVersion(record=record, created=tx.head().seq > before)


def _apply(tx: Writing, limits: Mapping[str, Any], desk: Desk, *, actor: str) -> int | None:
    """Apply ``limits`` and return the policy's new version, None when nothing had to change."""
    if not limits:
        return None
    before = tx.head().seq
    version = change_policy_within(tx, dict(limits), at=desk.clock.market_now(), actor=actor).version
    return version if tx.head().seq > before else None


def _rationale(published: tuple[ImportedVersion, ...], policy_version: int | None, package: ImportPackage) -> str:
    created = sum(each.created for each in published)
    parts = [f"{created} {'strategy' if created == 1 else 'strategies'}"]
    if policy_version is not None:
        parts.append(f"{len(package.limits)} limits (policy version {policy_version})")
    files = len(package.sources)
    return f"imported {' and '.join(parts)} from {files} file{'s' if files != 1 else ''} of an earlier console"


def _payload(
    published: tuple[ImportedVersion, ...], policy_version: int | None, package: ImportPackage
) -> dict[str, JsonValue]:
    return {
        "files": [{"name": each.name, "kind": each.kind.value, "sha256": each.digest} for each in package.sources],
        "strategies": [
            {
                "name": each.record.version.spec.name,
                "version": each.record.version.version,
                "document_digest": each.record.version.digest,
                "created": each.created,
            }
            for each in published
        ],
        "policy_version": policy_version,
        "limits": list(package.limits),
        "notes": list(package.notes[:MAX_NOTES]),
        "notes_total": len(package.notes),
    }
