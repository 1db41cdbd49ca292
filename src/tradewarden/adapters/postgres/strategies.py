"""The columns of a published strategy: the specification for the program, and its parts for people who ask in SQL."""

from typing import Any

from tradewarden.adapters.postgres.rows import Values
from tradewarden.core.audit.codec import encode
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.ports.storage import StrategyRecord

_EXIT_RULES = (
    "exit",
    "stop_loss",
    "take_profits",
    "break_even_at_r",
    "trail",
    "time_limit_minutes",
    "close_at_session_end",
)
_RISK_CAPS = (
    "risk_fraction",
    "max_lot_size",
    "max_concurrent_positions",
    "max_open_risk_fraction",
    "cool_down_minutes",
)


def strategy_values(record: StrategyRecord) -> Values:
    """Return the columns that show the newest version of a strategy."""
    version, spec = record.version, _encoded(record.version.spec)
    return {
        "is_active": version.is_active,
        "newest_version": version.version,
        "allowed_symbols": list(version.spec.allowed_symbols),
        "session_windows": spec["session_windows"],
        "entry_conditions": spec["entry"],
        "exit_rules": _named(spec, _EXIT_RULES),
        "forbidden_conditions": _named(spec, ("embargo", "max_spread_points", "forbidden")),
        "risk_caps": _named(spec, _RISK_CAPS),
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
        "spec": _encoded(version.spec),
        "short": None if version.short is None else _encoded(version.short),
        "published_at": record.published_at,
    }


def _named(spec: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    # Parts that were added later are left out of the encoding where they say nothing.
    return {name: spec[name] for name in names if name in spec}


def _encoded(spec: StrategySpec) -> dict[str, Any]:
    encoded: Any = encode(spec)
    return dict(encoded)
