"""The one form of every error answer."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel


class ErrorCode(StrEnum):
    """The closed list of error codes."""

    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    TOO_LARGE = "TOO_LARGE"
    RATE_LIMITED = "RATE_LIMITED"
    RISK_VIOLATION = "RISK_VIOLATION"
    STRATEGY_BLOCKED = "STRATEGY_BLOCKED"
    AI_HALTED = "AI_HALTED"
    BROKER_UNAVAILABLE = "BROKER_UNAVAILABLE"
    BROKER_REJECTED = "BROKER_REJECTED"
    ORDER_UNKNOWN = "ORDER_UNKNOWN"
    LLM_UNAVAILABLE = "LLM_UNAVAILABLE"
    SNAPSHOT_NOT_FOUND = "SNAPSHOT_NOT_FOUND"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class ErrorDetail(BaseModel):
    """One finding: ``pointer`` is a JSON pointer into what was sent, empty for the whole."""

    pointer: str
    message: str
    found: str
    suggestion: str


class ErrorBody(BaseModel):
    """What went wrong, in words that name the thing, the value and the limit."""

    code: ErrorCode
    message: str
    details: list[ErrorDetail]
    request_id: str


class ErrorAnswer(BaseModel):
    """Every answer that is not a success."""

    error: ErrorBody


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": ErrorAnswer, "description": "What went wrong"},
}
