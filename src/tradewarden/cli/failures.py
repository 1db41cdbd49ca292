"""What an error of the product looks like at the command line: one message, one code, one exit code.

The codes are those of the HTTP interface, so that a script handles an error the same way wherever it came from.
"""

import json
import sys

from tradewarden.core.errors import (
    BrokerUnavailable,
    Conflict,
    IntegrityError,
    InvalidInput,
    InvalidStrategy,
    MarketDataUnavailable,
    NotFound,
    PreconditionFailed,
    RiskViolation,
    StorageUnavailable,
    TradewardenError,
)

REFUSED = 1
WRONG_INPUT = 2

# The first that fits; subclasses before their bases.
CODES: tuple[tuple[type[TradewardenError], str], ...] = (
    (InvalidInput, "INVALID_INPUT"),
    (NotFound, "NOT_FOUND"),
    (Conflict, "CONFLICT"),
    (PreconditionFailed, "PRECONDITION_FAILED"),
    (RiskViolation, "RISK_VIOLATION"),
    (BrokerUnavailable, "BROKER_UNAVAILABLE"),
    (StorageUnavailable, "STORAGE_UNAVAILABLE"),
    (MarketDataUnavailable, "SNAPSHOT_NOT_FOUND"),
    (IntegrityError, "INTERNAL"),
)


def exit_code_of(error: TradewardenError) -> int:
    """Return 2 for input that cannot be used, 1 for everything that was refused or failed."""
    return WRONG_INPUT if isinstance(error, InvalidInput) else REFUSED


def code_of(error: TradewardenError) -> str:
    """Return the error's code of the closed list."""
    return next((code for kind, code in CODES if isinstance(error, kind)), "INTERNAL")


def error_of(code: str, message: str) -> TradewardenError:
    """Return the error that a running desk answered with, as if it had been raised here."""
    kind = next((kind for kind, own in CODES if own == code), TradewardenError)
    return kind(message)


def report(error: TradewardenError, *, as_json: bool) -> None:
    """Print ``error`` on stderr, and as JSON on stdout where JSON was asked for."""
    if as_json:
        problems = error.problems if isinstance(error, InvalidStrategy) else ()
        details = [
            {"pointer": each.pointer, "message": each.message, "found": each.found, "suggestion": each.suggestion}
            for each in problems
        ]
        body = {"error": {"code": code_of(error), "message": str(error), "details": details}}
        print(json.dumps(body, indent=2, ensure_ascii=False))
    print(f"Error: {error}", file=sys.stderr)
