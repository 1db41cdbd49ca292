"""The columns of a published strategy: the specification for the program, and its parts for people who ask in SQL."""

from typing import Any

from tradewarden.adapters.postgres.rows import Values
from tradewarden.core.audit.codec import encode
from tradewarden.ports.storage import StrategyRecord


def strategy_values(record: StrategyRecord) -> Values:
    """Return the columns that show the newest version of a strategy."""
    version, spec = record.version, _spec(record)
    return {
        "is_active": version.is_active,
        "newest_version": version.version,
        "allowed_symbols": list(version.spec.allowed_symbols),
        "session_windows": spec["session_windows"],
        "entry_conditions": spec["entry"],
        "exit_rules": {name: spec[name] for name in ("exit", "stop_loss", "take_profits", "time_limit_minutes")},
        "forbidden_conditions": {name: spec[name] for name in ("embargo", "max_spread_points")},
        "risk_caps": {name: spec[name] for name in ("risk_fraction", "max_lot_size", "max_concurrent_positions")},
        "rr_expectation": version.spec.rr_expectation,
        "created_at": record.published_at,
        "updated_at": record.published_at,
    }


def version_values(record: StrategyRecord) -> Values:
    """Return the columns of one immutable version."""
    version = record.version
    return {
        "strategy_id": version.strategy_id,
        "version": version.version,
        "digest": version.digest,
        "document": record.document,
        "spec": _spec(record),
        "published_at": record.published_at,
    }


def _spec(record: StrategyRecord) -> dict[str, Any]:
    encoded: Any = encode(record.version.spec)
    return dict(encoded)
