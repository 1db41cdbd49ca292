"""The choices that an import leaves to a person, each with the default that risks less."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

_NO_SYMBOLS: Mapping[str, str] = MappingProxyType({})


class RiskUnit(StrEnum):
    """How a legacy risk figure is read: 1 is one percent, or 0.01 is one percent."""

    PERCENT = "percent"
    FRACTION = "fraction"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to read what legacy files leave open.

    ``zone_name`` (IANA) holds for session hours that name no zone. ``leave_out`` are facts that a person decided to
    do without, never for entries. ``symbol_map`` (the desk's name to the broker's) holds beside the import's own
    ``symbol_map.csv``, which has the last word.
    """

    risk_unit: RiskUnit = RiskUnit.PERCENT
    zone_name: str = "UTC"
    leave_out: frozenset[str] = frozenset()
    symbol_map: Mapping[str, str] = field(default_factory=lambda: _NO_SYMBOLS)
