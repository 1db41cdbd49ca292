"""Errors as answers: one table from the error tree to codes, one from codes to HTTP, one form for all."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tradewarden.api.errors import Forbidden, TooLarge, Unauthorized
from tradewarden.api.headers import API_HEADERS, REQUEST_ID_HEADER
from tradewarden.api.schemas.errors import ErrorAnswer, ErrorBody, ErrorCode, ErrorDetail
from tradewarden.core.errors import (
    BrokerUnavailable,
    Conflict,
    IntegrityError,
    InvalidInput,
    InvalidStrategy,
    MarketDataUnavailable,
    NotApproved,
    NotFound,
    PreconditionFailed,
    RiskViolation,
    StorageUnavailable,
    TradewardenError,
)
from tradewarden.services.queries.story import NoDecision

_LOG = structlog.get_logger(__name__)

# The first class that fits counts, so that the narrower one stands above the wider.
CODE_OF_ERROR: tuple[tuple[type[TradewardenError], ErrorCode], ...] = (
    (Unauthorized, ErrorCode.UNAUTHORIZED),
    (Forbidden, ErrorCode.FORBIDDEN),
    (TooLarge, ErrorCode.TOO_LARGE),
    (NoDecision, ErrorCode.SNAPSHOT_NOT_FOUND),
    (InvalidInput, ErrorCode.INVALID_INPUT),
    (NotFound, ErrorCode.NOT_FOUND),
    (Conflict, ErrorCode.CONFLICT),
    (PreconditionFailed, ErrorCode.PRECONDITION_FAILED),
    (RiskViolation, ErrorCode.RISK_VIOLATION),
    (NotApproved, ErrorCode.RISK_VIOLATION),
    (BrokerUnavailable, ErrorCode.BROKER_UNAVAILABLE),
    (MarketDataUnavailable, ErrorCode.BROKER_UNAVAILABLE),
    (StorageUnavailable, ErrorCode.STORAGE_UNAVAILABLE),
    (IntegrityError, ErrorCode.INTERNAL),
)
STATUS_OF_CODE: dict[ErrorCode, HTTPStatus] = {
    ErrorCode.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.STEP_UP_REQUIRED: HTTPStatus.FORBIDDEN,
    ErrorCode.INVALID_INPUT: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.PRECONDITION_FAILED: HTTPStatus.PRECONDITION_FAILED,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.RISK_VIOLATION: HTTPStatus.CONFLICT,
    ErrorCode.STRATEGY_BLOCKED: HTTPStatus.CONFLICT,
    ErrorCode.AI_HALTED: HTTPStatus.CONFLICT,
    ErrorCode.BROKER_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.BROKER_REJECTED: HTTPStatus.BAD_GATEWAY,
    ErrorCode.ORDER_UNKNOWN: HTTPStatus.BAD_GATEWAY,
    ErrorCode.LLM_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.SNAPSHOT_NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.STORAGE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_CODE_OF_STATUS = {
    HTTPStatus.UNAUTHORIZED: ErrorCode.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: ErrorCode.FORBIDDEN,
    HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ErrorCode.TOO_LARGE,
}


def code_of(error: TradewardenError) -> ErrorCode:
    """Return the code under which ``error`` is answered."""
    return next((code for kind, code in CODE_OF_ERROR if isinstance(error, kind)), ErrorCode.INTERNAL)


def details_of(error: InvalidStrategy) -> list[ErrorDetail]:
    """Return every problem of a strategy document."""
    return [
        ErrorDetail(pointer=p.pointer, message=p.message, found=p.found, suggestion=p.suggestion)
        for p in error.problems
    ]


def problem_response(
    code: ErrorCode,
    message: str,
    request_id: str,
    *,
    details: Sequence[ErrorDetail] = (),
    status: int | None = None,
) -> JSONResponse:
    """Return the answer of an error, in the one form that all of them have."""
    body = ErrorBody(code=code, message=message, details=list(details), request_id=request_id)
    headers = {**API_HEADERS, REQUEST_ID_HEADER: request_id}
    answer = ErrorAnswer(error=body).model_dump(mode="json")
    return JSONResponse(answer, status_code=status or STATUS_OF_CODE[code], headers=headers)


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` in the one form."""
    app.add_exception_handler(TradewardenError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


def request_id_of(request: Request) -> str:
    """Return the id that the outermost middleware gave the request."""
    return str(getattr(request.state, "request_id", ""))


async def _on_ours(request: Request, error: Exception) -> JSONResponse:
    known = cast(TradewardenError, error)
    code = code_of(known)
    if code is ErrorCode.INTERNAL:
        _LOG.error("record_contradicts_itself", path=request.url.path, problem=str(known))
    details = details_of(known) if isinstance(known, InvalidStrategy) else ()
    message = f"{known.source} has {len(known.problems)} problems" if isinstance(known, InvalidStrategy) else str(known)
    return problem_response(code, message, request_id_of(request), details=details)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    findings = cast(RequestValidationError, error).errors()
    details = [_finding(found) for found in findings]
    first = details[0]
    message = f"{first.pointer or 'the request'}: {first.message}"
    if len(details) > 1:
        message += f" (and {len(details) - 1} more)"
    return problem_response(ErrorCode.INVALID_INPUT, message, request_id_of(request), details=details)


def _finding(found: dict[str, Any]) -> ErrorDetail:
    pointer = "".join(f"/{part}" for part in found["loc"])
    shown = found.get("input")
    text = "" if isinstance(shown, dict | list | bytes) or shown is None else repr(shown)[:200]
    return ErrorDetail(pointer=pointer, message=found["msg"], found=text, suggestion="")


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    status = HTTPStatus(refused.status_code)
    code = _CODE_OF_STATUS.get(status, ErrorCode.INVALID_INPUT if status < 500 else ErrorCode.INTERNAL)
    message = f"{request.method} {request.url.path}: {refused.detail}"
    return problem_response(code, message, request_id_of(request), status=status)


async def _on_unexpected(request: Request, error: Exception) -> JSONResponse:
    request_id = request_id_of(request)
    _LOG.error("request_failed", path=request.url.path, request_id=request_id, exc_info=error)
    message = f"something went wrong inside the desk; the log has it under request {request_id}"
    return problem_response(ErrorCode.INTERNAL, message, request_id)
