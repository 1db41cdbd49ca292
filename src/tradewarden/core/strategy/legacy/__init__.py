"""Translation of an earlier console's files into strategy documents and proposed limits: pure, told line by line."""

from tradewarden.core.strategy.legacy.findings import Finding, FindingKind
from tradewarden.core.strategy.legacy.limits import ProposedLimit
from tradewarden.core.strategy.legacy.options import ImportOptions, RiskUnit
from tradewarden.core.strategy.legacy.sources import LegacyFile, Row, SourceKind, Table, kind_of_tree
from tradewarden.core.strategy.legacy.translation import ImportedStrategy, SourceFile, Translation, translate

__all__ = [
    "Finding",
    "FindingKind",
    "ImportOptions",
    "ImportedStrategy",
    "LegacyFile",
    "ProposedLimit",
    "RiskUnit",
    "Row",
    "SourceFile",
    "SourceKind",
    "Table",
    "Translation",
    "kind_of_tree",
    "translate",
]
