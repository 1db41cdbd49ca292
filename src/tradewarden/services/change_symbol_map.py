"""Changing the symbol map: what the broker calls the symbols that strategies name.

A change is a new version and an entry with who, before and after. The name of a symbol in which something is open or
on its way does not change, so that nobody ever closes one thing under the name of another.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.errors import Conflict, InvalidSetting, PreconditionFailed
from tradewarden.core.market.symbols import TAKEN_MARK, SymbolMap, candidates
from tradewarden.ports.storage import Reading, Writing
from tradewarden.services.context import Desk


def change_symbol_map(
    desk: Desk,
    additions: Mapping[str, str],
    removals: Iterable[str] = (),
    *,
    actor: str,
    expected_version: int | None = None,
) -> int | None:
    """Map canonical names to broker's symbols (``additions``), unmap others, and return the entry's ``seq``.

    A broker's symbol on the watchlist is put there under its new name. Returns None when the map is that already.
    Raises InvalidSetting for a line that cannot stand or a symbol that a running desk's terminal does not offer,
    Conflict while a symbol concerned is in use, PreconditionFailed when the map in force is not of
    ``expected_version``.
    """
    with desk.storage.write() as tx:
        seq = change_symbol_map_within(tx, desk, additions, removals, actor=actor, expected_version=expected_version)
        after = tx.symbol_map()
    if seq is not None:
        desk.market.use_symbols(after)
    return seq


def change_symbol_map_within(
    tx: Writing,
    desk: Desk,
    additions: Mapping[str, str],
    removals: Iterable[str] = (),
    *,
    actor: str,
    expected_version: int | None = None,
) -> int | None:
    """Change the map inside a transaction of the caller's; the rules are those of :func:`change_symbol_map`.

    Once it is committed, the caller hands the new map to ``desk.market``.
    """
    before = tx.symbol_map()
    if expected_version is not None and before.version != expected_version:
        raise PreconditionFailed(
            f"the symbol map is at version {before.version}, the change expects {expected_version}"
        )
    after = before.changed(additions, removals)
    if after.names == before.names:
        return None
    _check_offered(desk, before, additions)
    changes = _changes(before, after)
    _check_unused(tx, before, after, changes)
    at = desk.clock.market_now()
    tx.save_symbol_map(after, at=at)
    words = "; ".join(f"{name} is {change['after'] or 'called so by the broker'}" for name, change in changes.items())
    payload: Any = {"symbol_map_version": after.version, "changes": changes, **_rename_watched(tx, changes, at)}
    entry = tx.append(
        HistoryDraft(
            occurred_at=at,
            action=Action.SETTINGS_CHANGED,
            actor=actor,
            rationale=f"symbol map version {after.version}: {words}",
            human_override=actor.startswith("user:"),
            payload=payload,
        )
    )
    return entry.seq


def _rename_watched(
    tx: Writing, changes: Mapping[str, Mapping[str, str | None]], at: datetime
) -> dict[str, dict[str, list[str]]]:
    """Put the desk's names into the watchlist where it held the broker's, and return what that changed."""
    names = {change["after"]: canonical for canonical, change in changes.items()}
    before = tx.watchlist()
    after = tuple(dict.fromkeys(names.get(symbol, symbol) for symbol in before))
    if after == before:
        return {}
    tx.set_watchlist(after, at=at)
    return {"watchlist": {"before": list(before), "after": list(after)}}


def _changes(before: SymbolMap, after: SymbolMap) -> dict[str, dict[str, str | None]]:
    old = {line.canonical: line.broker for line in before.names}
    new = {line.canonical: line.broker for line in after.names}
    return {
        name: {"before": old.get(name), "after": new.get(name)}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def _check_offered(desk: Desk, before: SymbolMap, additions: Mapping[str, str]) -> None:
    offered = [before.broker_symbol(name) for name in desk.market.symbols()]
    for canonical, symbol in additions.items():
        # A desk that does not run offers nothing, and nothing can be compared.
        if offered and symbol not in offered:
            likely = ", ".join(candidates(canonical, offered)) or "none that looks like it"
            raise InvalidSetting(f"the terminal offers no symbol {symbol!r} for {canonical}; it has: {likely}")


def _check_unused(
    tx: Reading, before: SymbolMap, after: SymbolMap, changes: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Raise Conflict when a name that would mean something else is the name of something open or on its way."""
    concerned = set(changes)
    for change in changes.values():
        for symbol in filter(None, (change["before"], change["after"])):
            concerned |= {symbol, before.desk_symbol(symbol), after.desk_symbol(symbol)}
    concerned |= {name + TAKEN_MARK for name in changes}
    uses = [(position.symbol, f"position {position.ticket}") for position in tx.positions()]
    uses += [(record.intent.symbol, f"order {record.intent.intent_id[:8]}") for record in tx.outbox()]
    uses += [(idea.symbol, f"idea {idea.idea_id[:8]}") for idea in tx.open_ideas()]
    for symbol, what in uses:
        if symbol in concerned:
            raise Conflict(f"{what} in {symbol} is open: what a symbol means changes only while nothing hangs on it")
