"""Importing an earlier console's files: the documents that a client translated, with the digests of their sources."""

from pydantic import BaseModel, Field

from tradewarden.api.schemas.acts import ChangeRisk
from tradewarden.api.schemas.base import Sent
from tradewarden.api.schemas.reference import SymbolText
from tradewarden.core.strategy.legacy import SourceKind
from tradewarden.services.queries.models.settings import StrategySummary


class ImportSource(Sent):
    """A file of the import: its name, what it holds, and the SHA-256 of its bytes."""

    name: str = Field(min_length=1, max_length=500)
    kind: SourceKind
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class ImportDocument(Sent):
    """A strategy document as JSON text (so that its numbers stay exact) and the file it was translated from."""

    source: str = Field(min_length=1, max_length=500)
    text: str = Field(min_length=2)


class ImportLegacy(Sent):
    """Documents to publish, limits and symbol names to apply, all or none; ``notes`` are the report's lines to keep."""

    sources: list[ImportSource] = Field(min_length=1, max_length=500)
    strategies: list[ImportDocument] = Field(default=[], max_length=500)
    limits: ChangeRisk | None = None
    symbols: dict[SymbolText, SymbolText] = Field(default={}, max_length=500)
    notes: list[str] = Field(default=[], max_length=5000)


class ImportedStrategy(BaseModel):
    """A strategy of the import; ``created`` is false when exactly this document was in force already."""

    strategy: StrategySummary
    created: bool


class ImportAnswer(BaseModel):
    """What became of the import; ``history_seq`` is its entry, null when everything was in force already."""

    strategies: list[ImportedStrategy]
    policy_version: int | None
    symbol_map_version: int | None
    history_seq: int | None
