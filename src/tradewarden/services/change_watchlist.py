"""Changing the watchlist: a new version, an entry with who, before and after, in force at the next judgement."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from tradewarden.core.audit.chain import Action, HistoryDraft
from tradewarden.core.errors import InvalidSetting, PreconditionFailed
from tradewarden.core.market.symbols import LONGEST_NAME
from tradewarden.services.context import Desk

MOST_SYMBOLS = 200


def change_watchlist(
    desk: Desk, symbols: Sequence[str], *, actor: str, expected_version: int | None = None
) -> int | None:
    """Replace the watchlist by ``symbols`` and return the entry's ``seq``, or None when it is that already.

    Raises InvalidSetting for a symbol that stands twice or that a running desk's market does not offer, and
    PreconditionFailed when the watchlist in force is not of ``expected_version``.
    """
    wanted = tuple(symbols)
    _check(wanted, desk.market.symbols())
    with desk.storage.write() as tx:
        before, version = tx.watchlist(), tx.watchlist_version()
        if expected_version is not None and version != expected_version:
            raise PreconditionFailed(f"the watchlist is at version {version}, the change expects {expected_version}")
        if wanted == before:
            return None
        at = desk.clock.market_now()
        version = tx.set_watchlist(wanted, at=at)
        added = [symbol for symbol in wanted if symbol not in before]
        removed = [symbol for symbol in before if symbol not in wanted]
        parts = [f"{', '.join(added)} added"] * bool(added) + [f"{', '.join(removed)} removed"] * bool(removed)
        changes: Any = {"watchlist": {"before": list(before), "after": list(wanted)}}
        entry = tx.append(
            HistoryDraft(
                occurred_at=at,
                action=Action.SETTINGS_CHANGED,
                actor=actor,
                rationale=f"watchlist version {version}: {'; '.join(parts) or 'order changed'}",
                human_override=actor.startswith("user:"),
                payload={"watchlist_version": version, "changes": changes},
            )
        )
        return entry.seq


def _check(wanted: tuple[str, ...], offered: tuple[str, ...]) -> None:
    if len(wanted) > MOST_SYMBOLS:
        raise InvalidSetting(f"a watchlist of {len(wanted)} symbols, at most {MOST_SYMBOLS} are allowed")
    for number, symbol in enumerate(wanted):
        if not symbol or len(symbol) > LONGEST_NAME:
            raise InvalidSetting(f"watchlist symbol {symbol!r} must have 1 to {LONGEST_NAME} characters")
        if symbol in wanted[:number]:
            raise InvalidSetting(f"{symbol} stands twice in the watchlist")
        # A desk that does not run offers nothing, and nothing can be compared.
        if offered and symbol not in offered:
            near = get_close_matches(symbol, offered, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise InvalidSetting(f"no symbol {symbol!r}{hint}; on offer are {', '.join(offered)}")
