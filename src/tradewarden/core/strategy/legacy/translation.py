"""A whole import: every legacy file together, because maps, sessions and profiles decide what rule files mean.

The result holds documents, proposed limits and the report. It counts as a whole: with one refusal in it nothing may be
published or applied.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.legacy.findings import Finding, FindingKind, Notes, plain
from tradewarden.core.strategy.legacy.limits import ProposedLimit, read_limits
from tradewarden.core.strategy.legacy.options import ImportOptions
from tradewarden.core.strategy.legacy.profile import Profile, read_profile
from tradewarden.core.strategy.legacy.rules import symbol_of, translate_rules
from tradewarden.core.strategy.legacy.sources import LegacyFile, SourceKind, kind_of
from tradewarden.core.strategy.legacy.tables import SymbolNames, read_sessions, read_symbol_map
from tradewarden.core.strategy.legacy.windows import Windows

_NOT_OURS = (
    "is none of the known files: rule files (conditions, indicators, strategy), symbol profiles (style, management, "
    "bestSessions), risk_limits.csv, sessions.csv, symbol_map.csv"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of the import: its name, what it holds, and the SHA-256 of its bytes."""

    name: str
    kind: SourceKind
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedStrategy:
    """A document that passed the parser, and the rule file that it comes from."""

    name: str
    source: str
    document: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Return the document as JSON text, ready to be written or published."""
        return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What an import comes to. ``limits`` are proposals; ``symbol_map`` holds names that the broker calls otherwise."""

    sources: tuple[SourceFile, ...]
    strategies: tuple[ImportedStrategy, ...]
    limits: tuple[ProposedLimit, ...]
    symbol_map: Mapping[str, str]
    findings: tuple[Finding, ...]

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Return what was refused; when it is not empty, nothing of the import may take effect."""
        return tuple(finding for finding in self.findings if finding.kind is FindingKind.REFUSED)

    def count(self, kind: FindingKind) -> int:
        """Return how many findings are of ``kind``."""
        return sum(finding.kind is kind for finding in self.findings)


def translate(files: Sequence[LegacyFile], options: ImportOptions | None = None) -> Translation:
    """Return the translation of ``files`` under ``options``; what cannot be translated is a refusal in it."""
    return _Import(files, options or ImportOptions()).result()


class _Import:
    """One run over the files, tables first."""

    def __init__(self, files: Sequence[LegacyFile], options: ImportOptions) -> None:
        self._options = options
        self._files = tuple(files)
        self._notes = [Notes(file.source) for file in files]
        self._kinds = tuple(kind_of(file) for file in files)
        self._windows = Windows()
        self._symbols = SymbolNames()
        self._profiles: dict[str, Profile] = {}
        self._used_profiles: set[str] = set()
        self._limits: list[ProposedLimit] = []
        self._strategies: list[ImportedStrategy] = []

    def result(self) -> Translation:
        for file, notes in zip(self._files, self._notes, strict=True):
            for problem in file.problems:
                notes.refuse(problem.pointer, problem.found, problem.message, problem.suggestion)
        for kind, read in (
            (SourceKind.SYMBOL_MAP, self._read_symbols),
            (SourceKind.SESSIONS, self._read_sessions),
            (SourceKind.RISK_LIMITS, self._read_limits),
            (SourceKind.PROFILE, self._read_profile),
            (SourceKind.RULES, self._read_rules),
            (SourceKind.UNKNOWN, self._read_unknown),
        ):
            for file, notes, own in zip(self._files, self._notes, self._kinds, strict=True):
                if own is kind and not file.problems:
                    read(file, notes)
        self._report_unused()
        return Translation(
            sources=tuple(
                SourceFile(name=file.source, kind=kind, digest=file.digest)
                for file, kind in zip(self._files, self._kinds, strict=True)
            ),
            strategies=tuple(self._strategies),
            limits=tuple(self._limits),
            symbol_map=self._symbols.lines(),
            findings=tuple(finding for notes in self._notes for finding in notes.findings),
        )

    def _read_symbols(self, file: LegacyFile, notes: Notes) -> None:
        if file.table is not None:
            read_symbol_map(file.table, notes, self._symbols)

    def _read_sessions(self, file: LegacyFile, notes: Notes) -> None:
        if file.table is not None:
            read_sessions(file.table, notes, self._windows, self._options.zone_name)

    def _read_limits(self, file: LegacyFile, notes: Notes) -> None:
        if file.table is None:
            return
        fields = {limit.field: limit.source for limit in self._limits}
        for limit in read_limits(file.table, notes, self._options.risk_unit):
            if limit.field in fields:
                notes.refuse(limit.place, limit.field, f"is already set by {fields[limit.field]}")
            else:
                self._limits.append(limit)

    def _read_profile(self, file: LegacyFile, notes: Notes) -> None:
        profile = read_profile(file.tree or {}, notes, self._options.risk_unit)
        if profile is None:
            return
        if profile.symbol in self._profiles:
            other = self._profiles[profile.symbol].notes.source
            notes.refuse("/symbol", profile.symbol, f"has a profile in {other} already")
        else:
            self._profiles[profile.symbol] = profile

    def _read_rules(self, file: LegacyFile, notes: Notes) -> None:
        tree = file.tree or {}
        symbol = symbol_of(tree)
        profile = self._profiles.get(symbol)
        if profile is not None:
            self._used_profiles.add(symbol)
        before = 0 if profile is None else _refusals(profile.notes)
        document = plain(
            translate_rules(
                tree, notes, profile=profile, windows=self._windows, symbols=self._symbols, options=self._options
            )
        )
        if notes.refused or (profile is not None and _refusals(profile.notes) > before):
            return
        same = next((each for each in self._strategies if each.name == document["name"]), None)
        if same is not None:
            notes.refuse("/name", document["name"], f"is the name of the strategy in {same.source} already")
            return
        try:
            parse_strategy(json.dumps(document), source=file.source)
        except InvalidStrategy as error:
            for problem in error.problems:
                where = f"document {problem.pointer or '/'}"
                notes.refuse(where, problem.found, problem.message, problem.suggestion)
            return
        self._strategies.append(ImportedStrategy(name=document["name"], source=file.source, document=document))

    def _read_unknown(self, file: LegacyFile, notes: Notes) -> None:
        if file.tree is not None and "schema_version" in file.tree:
            why = "is a strategy document already: validate and publish it as it is"
        else:
            why = _NOT_OURS
        if file.named:
            notes.refuse("", "the file", why)
        else:
            notes.left_out("", "the file", why)

    def _report_unused(self) -> None:
        for symbol, profile in self._profiles.items():
            if symbol not in self._used_profiles:
                profile.notes.left_out("", symbol, "the import holds no rule file of this symbol, so nothing uses it")


def _refusals(notes: Notes) -> int:
    return Counter(finding.kind for finding in notes.findings)[FindingKind.REFUSED]
