"""Checking and publishing strategies."""

from pydantic import BaseModel

from tradewarden.api.schemas.errors import ErrorDetail
from tradewarden.services.queries.models.settings import StrategySummary


class ValidationAnswer(BaseModel):
    """Whether a document can be published, with every problem found; ``digest`` is null when it cannot."""

    valid: bool
    name: str | None
    digest: str | None
    problems: list[ErrorDetail]


class PublishAnswer(BaseModel):
    """The version in force; ``created`` is false when exactly this document was in force already."""

    strategy: StrategySummary
    created: bool
    history_seq: int | None
