"""Changing the desk's named sessions: a new version, an entry with who, before and after.

Documents may name them beside Sydney, Tokyo, London and NewYork. What is published carries the windows by value, so
that a later change of a session changes no published strategy.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.errors import PreconditionFailed
from tradewarden.core.market.session import WEEKDAYS, DeskSessions, SessionWindow
from tradewarden.services.context import Desk


def change_sessions(
    desk: Desk,
    additions: Sequence[SessionWindow],
    removals: Sequence[str] = (),
    *,
    actor: str,
    expected_version: int | None = None,
) -> int | None:
    """Set the windows of ``additions``, remove others by name, and return the entry's ``seq``.

    Returns None when the sessions are these already. Raises InvalidSetting naming the part and its rule,
    PreconditionFailed when the sessions in force are not of ``expected_version``.
    """
    with desk.storage.write() as tx:
        before = tx.sessions()
        if expected_version is not None and before.version != expected_version:
            raise PreconditionFailed(
                f"the sessions are at version {before.version}, the change expects {expected_version}"
            )
        after = before.changed(additions, removals)
        if after.windows == before.windows:
            return None
        at = desk.clock.market_now()
        tx.save_sessions(after, at=at)
        changes = _changes(before, after)
        entry = tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.SETTINGS_CHANGED,
                actor=actor,
                rationale=f"sessions version {after.version}: {', '.join(changes)}",
                human_override=actor.startswith("user:"),
                payload={"sessions_version": after.version, "changes": changes},
            )
        )
        return entry.seq


def by_value(document: str | bytes, sessions: Mapping[str, SessionWindow]) -> str | bytes:
    """Return a strategy document with the desk's own session names replaced by what they stand for.

    A document that names none of them, or that is no JSON object of unique keys, is returned as it is.
    """
    try:
        parsed = json.loads(document, object_pairs_hook=_unique)
    except ValueError:
        return document
    windows = parsed.get("session_windows") if isinstance(parsed, dict) else None
    if not isinstance(windows, list) or not any(isinstance(part, str) and part in sessions for part in windows):
        return document
    parsed["session_windows"] = [
        window_document(sessions[part]) if isinstance(part, str) and part in sessions else part for part in windows
    ]
    return json.dumps(parsed, ensure_ascii=False)


def window_document(window: SessionWindow) -> dict[str, Any]:
    """Return a window as a strategy document writes it."""
    days = [WEEKDAYS[day] for day in window.days]
    return {"start": window.start, "end": window.end, "timezone": window.zone_name, "days": days}


def _changes(before: DeskSessions, after: DeskSessions) -> dict[str, Any]:
    old = {window.name: window_document(window) for window in before.windows}
    new = {window.name: window_document(window) for window in after.windows}
    return {
        name: {"before": old.get(name), "after": new.get(name)}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice")
    return made
