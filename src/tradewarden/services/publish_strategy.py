"""Publishing strategies: a new immutable version with a content digest, recorded with who did it."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from tradewarden.core.audit.canonical import JsonValue, decimal_text
from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.confidence import reach_problem
from tradewarden.core.errors import InvalidInput, InvalidStrategy, NotFound, Problem
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.document import document_digest, parse_sides
from tradewarden.core.strategy.spec import StrategySpec, StrategyVersion
from tradewarden.core.values import derive_id
from tradewarden.ports.storage import StrategyRecord, Writing
from tradewarden.services.change_sessions import by_value
from tradewarden.services.context import Desk


def publish_strategy(
    desk: Desk, document: str | bytes, *, actor: str, source: str, policy: RiskPolicy | None = None
) -> StrategyRecord:
    """Check ``document`` (JSON text) and publish it as the next version of the strategy of its name.

    Publishing what is already in force changes nothing. Raises InvalidStrategy with every problem found, one of which
    is a confidence threshold above what the strategy can reach: that of the policy in force, or of ``policy`` on a
    desk that has none yet.
    """
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        return publish_within(tx, document, at=at, actor=actor, source=source, policy=policy)


def publish_within(
    tx: Writing, document: str | bytes, *, at: datetime, actor: str, source: str, policy: RiskPolicy | None = None
) -> StrategyRecord:
    """Publish ``document`` inside a transaction of the caller's; the rules are those of :func:`publish_strategy`.

    The desk's own sessions may be named in it; it is kept with their windows.
    """
    document = by_value(document, {window.name: window for window in tx.sessions().windows})
    spec, short = parse_sides(document, source=source)
    parsed = json.loads(document, parse_float=Decimal)
    digest = document_digest(parsed)
    strategy_id = derive_id("strategy", spec.name)
    newest = tx.strategy(strategy_id)
    if newest is not None and newest.version.digest == digest:
        return newest
    current = tx.policy()
    _check_reach((spec, short), policy if current is None else current.policy, source)
    version = StrategyVersion(
        strategy_id=strategy_id,
        version=1 if newest is None else newest.version.version + 1,
        digest=digest,
        is_active=bool(parsed.get("is_active", True)) if newest is None else newest.version.is_active,
        spec=spec,
        short=short,
    )
    record = StrategyRecord(version=version, document=_canonical(parsed), published_at=at)
    tx.save_strategy(record)
    tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.STRATEGY_PUBLISHED,
            actor=actor,
            rationale=f"{spec.name} version {version.version} published from {source}",
            strategy_id=strategy_id,
            human_override=actor.startswith("user:"),
            payload={"name": spec.name, "version": version.version, "document_digest": digest},
        )
    )
    return record


def _check_reach(sides: tuple[StrategySpec | None, ...], policy: RiskPolicy | None, source: str) -> None:
    """Refuse a strategy whose ideas could never reach the confidence threshold of ``policy``."""
    # A mirrored side has the places, and so the problems, of the one that it mirrors.
    found: dict[str, Problem] = {}
    for spec in sides:
        problem = "" if spec is None or policy is None else reach_problem(spec, policy)
        if spec is not None and problem:
            pointer = "/confidence_model" if spec.strong else f"/{spec.conditions_key}/strong"
            found.setdefault(pointer, Problem(pointer, problem))
    if found:
        raise InvalidStrategy(tuple(found.values()), source)


def toggle_strategy(desk: Desk, strategy_id: str, *, active: bool, actor: str) -> StrategyRecord:
    """Switch a strategy on or off and return it. Raises NotFound."""
    with desk.storage.write() as tx:
        at = desk.clock.market_now()
        record = tx.strategy(strategy_id)
        if record is None:
            raise NotFound(f"no strategy {strategy_id}")
        if record.version.is_active != active:
            tx.set_strategy_active(strategy_id, active=active, at=at)
            tx.append(
                HistoryDraft(
                    occurred_at=at,
                    action=Action.SETTINGS_CHANGED,
                    actor=actor,
                    rationale=f"{record.version.spec.name} switched {'on' if active else 'off'}",
                    strategy_id=strategy_id,
                    human_override=actor.startswith("user:"),
                    payload={"is_active": {"before": record.version.is_active, "after": active}},
                )
            )
        found = tx.strategy(strategy_id)
    if found is None:
        raise NotFound(f"no strategy {strategy_id}")
    return found


def _canonical(value: Any) -> JsonValue:
    """Return the document with its fractions as text: nothing recorded is a float."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    raise InvalidInput(f"{value!r} cannot stand in a strategy document")
