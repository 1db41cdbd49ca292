"""Importing an earlier console's files: the translation's documents and limits go into the record, all or none.

The translation itself is pure and done before; here one transaction publishes every document, applies limits and
symbol names when they are sent along, and adds one entry that names the source files by their digests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.confidence import reachable_score
from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.legacy import FindingKind, ImportedStrategy, SourceFile, SourceKind, Translation
from tradewarden.ports.storage import StrategyRecord, Writing
from tradewarden.services.change_policy import change_policy_within
from tradewarden.services.change_symbol_map import change_symbol_map_within
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

    ``limits`` are fields of ``RiskPolicy``, ``symbols`` what the broker calls the desk's symbols; both are empty when
    none are to be applied. ``notes`` are the lines of the report
    that a person must be able to find again: what changed its meaning and what was left out.
    """

    sources: tuple[SourceFile, ...]
    strategies: tuple[PackedStrategy, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedVersion:
    """A published document and whether it made a new version."""

    record: StrategyRecord
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of an import; versions are None where nothing had to change.

    ``history_seq`` is its entry, None when everything was in force already.
    """

    strategies: tuple[ImportedVersion, ...]
    policy_version: int | None
    symbol_map_version: int | None
    history_seq: int | None


def package_of(
    translation: Translation, *, with_strategies: bool, with_limits: bool, with_symbols: bool
) -> ImportPackage:
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
        symbols=dict(translation.symbol_map) if with_symbols else {},
        notes=tuple(told),
    )


def reach_of(strategy: ImportedStrategy) -> Decimal:
    """Return the highest confidence score that the imported ``strategy`` can reach, in points of 100.

    Publishing refuses it while the policy's threshold, scaled to the model's reach, asks for more.
    """
    return reachable_score(parse_strategy(strategy.text, source=strategy.source))


def record_import(desk: Desk, package: ImportPackage, *, actor: str) -> ImportOutcome:
    """Publish the documents of ``package``, apply its limits and symbols, and record all with the sources' digests.

    All happens in one transaction or not at all. Raises InvalidInput for an empty package, InvalidStrategy with every
    problem of a document, InvalidSetting for a limit or symbol that is refused, Conflict for a symbol in use.
    """
    if not package.strategies and not package.limits and not package.symbols:
        raise InvalidInput("the import holds no strategy, no limit and no symbol to apply")
    if not package.sources:
        raise InvalidInput("the import names no source file")
    with desk.storage.write() as tx:
        symbols = _map_symbols(tx, package.symbols, desk, actor=actor)
        published = tuple(_publish(tx, each, desk, actor=actor) for each in package.strategies)
        policy_version = _apply(tx, package.limits, desk, actor=actor)
        outcome = ImportOutcome(
            strategies=published,
            policy_version=policy_version,
            symbol_map_version=None if symbols is None else symbols.version,
            history_seq=None,
        )
        if policy_version is None and symbols is None and not any(each.created for each in published):
            return outcome
        entry = tx.append(
            HistoryDraft(
                occurred_at=desk.clock.market_now(),
                action=Action.IMPORTED,
                actor=actor,
                rationale=_rationale(outcome, package),
                human_override=actor.startswith("user:"),
                payload=_payload(outcome, package),
            )
        )
    if symbols is not None:
        desk.market.use_symbols(symbols)
    return replace(outcome, history_seq=entry.seq)


def _map_symbols(tx: Writing, symbols: Mapping[str, str], desk: Desk, *, actor: str) -> SymbolMap | None:
    """Put ``symbols`` into the desk's map and return it, None when nothing had to change."""
    seq = change_symbol_map_within(tx, desk, symbols, actor=actor) if symbols else None
    return None if seq is None else tx.symbol_map()


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


def _rationale(outcome: ImportOutcome, package: ImportPackage) -> str:
    created = sum(each.created for each in outcome.strategies)
    parts = [f"{created} {'strategy' if created == 1 else 'strategies'}"] if package.strategies else []
    if outcome.policy_version is not None:
        parts.append(f"{len(package.limits)} limits (policy version {outcome.policy_version})")
    if outcome.symbol_map_version is not None:
        parts.append(f"{len(package.symbols)} symbols (symbol map version {outcome.symbol_map_version})")
    files = len(package.sources)
    return f"imported {', '.join(parts)} from {files} file{'s' if files != 1 else ''} of an earlier console"


def _payload(outcome: ImportOutcome, package: ImportPackage) -> dict[str, JsonValue]:
    return {
        "files": [{"name": each.name, "kind": each.kind.value, "sha256": each.digest} for each in package.sources],
        "strategies": [
            {
                "name": each.record.version.spec.name,
                "version": each.record.version.version,
                "document_digest": each.record.version.digest,
                "created": each.created,
            }
            for each in outcome.strategies
        ],
        "policy_version": outcome.policy_version,
        "limits": list(package.limits),
        "symbol_map_version": outcome.symbol_map_version,
        "symbols": dict(package.symbols),
        "notes": list(package.notes[:MAX_NOTES]),
        "notes_total": len(package.notes),
    }
