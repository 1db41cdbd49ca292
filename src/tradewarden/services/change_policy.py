"""Changing the risk policy: a new version, an entry with before and after, in force at the next judgement."""

from datetime import datetime
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.audit.codec import encode
from tradewarden.core.confidence import reach_problem
from tradewarden.core.errors import InvalidSetting, PreconditionFailed
from tradewarden.core.policy import PolicyVersion, RiskPolicy, changed
from tradewarden.ports.storage import Reading, Writing
from tradewarden.services.context import Desk


def change_policy(
    desk: Desk, changes: dict[str, Any], *, actor: str, expected_version: int | None = None
) -> PolicyVersion:
    """Apply ``changes`` (field names of ``RiskPolicy``) and return the policy in force.

    Raises InvalidSetting for an unknown field or a value outside its limits; switching ``ai_trading_enabled`` on or
    off is halting and resuming, and refused here. Raises PreconditionFailed when the policy in force is not of
    ``expected_version``.
    """
    with desk.storage.write() as tx:
        return change_policy_within(
            tx, changes, at=desk.clock.market_now(), actor=actor, expected_version=expected_version
        )


def change_policy_within(
    tx: Writing, changes: dict[str, Any], *, at: datetime, actor: str, expected_version: int | None = None
) -> PolicyVersion:
    """Apply ``changes`` inside a transaction of the caller's; the rules are those of :func:`change_policy`."""
    if "ai_trading_enabled" in changes:
        raise InvalidSetting("ai_trading_enabled is changed by halt and resume, not as a setting")
    current = tx.policy()
    if current is None:
        raise InvalidSetting("the desk has no risk policy yet: start it once with `tradewarden up`")
    if expected_version is not None and current.version != expected_version:
        raise PreconditionFailed(f"the policy is at version {current.version}, the change expects {expected_version}")
    policy = changed(current.policy, changes)
    if policy == current.policy:
        return current
    return set_policy_within(tx, current.policy, policy, at=at, actor=actor)


def set_policy_within(
    tx: Writing, before: RiskPolicy | None, after: RiskPolicy, *, at: datetime, actor: str, why: str = ""
) -> PolicyVersion:
    """Make ``after`` the policy in force inside a transaction of the caller's, with its entry."""
    version = tx.save_policy(after, at=at)
    old: Any = {} if before is None else encode(before)
    new: Any = encode(after)
    different: Any = {name: {"before": old.get(name), "after": new[name]} for name in new if old.get(name) != new[name]}
    names = ", ".join(different)
    payload: Any = {"policy_version": version.version, "changes": different}
    warnings = unreachable_strategies(tx, after)
    if warnings:
        payload["unreachable_strategies"] = list(warnings)
        names += f"; no idea of {', '.join(warnings)} can reach the threshold now"
    tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.SETTINGS_CHANGED,
            actor=actor,
            rationale=why or f"risk policy version {version.version}: {names}",
            human_override=actor.startswith("user:"),
            payload=payload,
        )
    )
    return version


def unreachable_strategies(reading: Reading, policy: RiskPolicy) -> dict[str, str]:
    """Return, by name, why no idea of an active strategy could reach the threshold of ``policy``."""
    found: dict[str, str] = {}
    for record in reading.strategies():
        version = record.version
        problems = [reach_problem(spec, policy) for spec in (version.spec, version.short) if spec is not None]
        if version.is_active and any(problems):
            found[version.spec.name] = next(problem for problem in problems if problem)
    return found
