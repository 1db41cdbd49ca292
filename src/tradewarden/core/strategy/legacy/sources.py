"""Legacy files as they reach the translation: read, not yet understood.

Reading belongs to ``adapters/legacy_files``; here stand the values that it returns and the question which of the five
kinds of file a content is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tradewarden.core.errors import Problem
from tradewarden.core.strategy.document.reading import Tree


class SourceKind(StrEnum):
    """What a file holds."""

    RULES = "rules"
    PROFILE = "profile"
    RISK_LIMITS = "risk_limits"
    SESSIONS = "sessions"
    SYMBOL_MAP = "symbol_map"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: its line in the file (the header is line 1) and its cells by column."""

    line: int
    cells: Mapping[str, str]

    def place(self, column: str) -> str:
        """Return where ``column`` of this row stands, in words."""
        return f"row {self.line}, column {column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file as text: column names in lower case, rows in file order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyFile:
    """One file: how it is called in messages, the SHA-256 of its bytes, and its content or its problems.

    Exactly one of ``tree`` (a JSON object) and ``table`` (CSV) is set, unless ``problems`` says why neither could be
    read. ``named`` is false for a file that was found in a folder: there, what is none of the known kinds is passed
    over with a line in the report instead of being refused.
    """

    source: str
    digest: str
    named: bool = True
    tree: dict[str, Tree] | None = None
    table: Table | None = None
    problems: tuple[Problem, ...] = ()


RULE_KEYS = frozenset({"conditions", "indicators", "strategy"})
PROFILE_KEYS = frozenset({"bestSessions", "bestTimeframes", "style", "management"})
MAP_TARGETS = ("broker_symbol", "broker", "mt5_symbol")
LIMIT_KEYS = ("key", "limit", "name", "setting")
NAMED_WINDOW_COLUMNS = frozenset({"start", "end"})
SYMBOL_WINDOW_COLUMNS = frozenset({"trade_start_utc", "trade_end_utc"})


def kind_of(file: LegacyFile) -> SourceKind:
    """Return what ``file`` holds, by its content; its name decides only between tables that lack a column."""
    if file.tree is not None:
        return kind_of_tree(file.tree)
    columns = set(file.table.columns) if file.table is not None else set()
    if columns & set(MAP_TARGETS):
        return SourceKind.SYMBOL_MAP
    if columns & (NAMED_WINDOW_COLUMNS | SYMBOL_WINDOW_COLUMNS):
        return SourceKind.SESSIONS
    if "value" in columns and columns & set(LIMIT_KEYS):
        return SourceKind.RISK_LIMITS
    return _kind_by_name(file.source)


def kind_of_tree(tree: Mapping[str, object]) -> SourceKind:
    """Return what a JSON object holds."""
    if "schema_version" in tree:
        return SourceKind.UNKNOWN
    if tree.keys() & PROFILE_KEYS and "conditions" not in tree:
        return SourceKind.PROFILE
    return SourceKind.RULES if tree.keys() & RULE_KEYS else SourceKind.UNKNOWN


def _kind_by_name(source: str) -> SourceKind:
    name = source.replace("\\", "/").rpartition("/")[2].lower()
    for kind in (SourceKind.RISK_LIMITS, SourceKind.SESSIONS, SourceKind.SYMBOL_MAP):
        if name.startswith(kind.value) and name.endswith(".csv"):
            return kind
    return SourceKind.UNKNOWN
