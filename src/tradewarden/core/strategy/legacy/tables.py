"""``sessions.csv`` and ``symbol_map.csv``: what the names in rule files stand for.

Two forms of sessions are known: named windows with a zone, and hours in UTC per symbol.
"""

import re
from dataclasses import dataclass, field

from tradewarden.core.errors import InvalidSetting
from tradewarden.core.market.session import WEEKDAYS
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.sources import MAP_TARGETS, SYMBOL_WINDOW_COLUMNS, Row, Table
from tradewarden.core.strategy.legacy.windows import Window, Windows, clock, days_of, key_of, zone_of

SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._#&+\-]{0,31}")
YES, NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})
_SYMBOL_COLUMNS = ("canonical", "symbol", "name")


@dataclass(slots=True)
class SymbolNames:
    """The symbol map of this import: broker names by canonical name, and the symbols that it switches off."""

    names: dict[str, str] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)

    def lines(self) -> dict[str, str]:
        """Return the names that differ: what the desk's symbol map has to say."""
        return {name: broker for name, broker in self.names.items() if name != broker}


def desk_case(symbol: str) -> str:
    """Return a plain name in small letters in capitals; a broker's, such as EURUSDm or GOLD.pro, is kept as it is."""
    return symbol.upper() if symbol.isalnum() and symbol.islower() else symbol


def read_sessions(table: Table, notes: Notes, windows: Windows, usual_zone: str) -> None:
    """Add the windows of ``table`` to ``windows``; rows that cannot be used are refused."""
    if set(table.columns) & SYMBOL_WINDOW_COLUMNS:
        _read_symbol_hours(table, notes, windows)
        return
    if not _has_columns(table, ("name", "start", "end"), notes):
        return
    _refuse_unknown_columns(table, ("name", "start", "end", "timezone", "days", "notes", "comment"), notes)
    for row in table.rows:
        name = row.cells["name"].strip()
        if not key_of(name):
            notes.refuse(row.place("name"), name, "is required")
            continue
        window = _window(row, notes, usual_zone)
        if window is not None:
            windows.named.setdefault(key_of(name), []).append(window)
            windows.titles[key_of(name)] = name
            notes.translated(f"row {row.line}", name, window)


def read_symbol_map(table: Table, notes: Notes, symbols: SymbolNames) -> None:
    """Add the rows of ``table`` to ``symbols``; a symbol with two targets is refused."""
    source = next((each for each in _SYMBOL_COLUMNS if each in table.columns), None)
    target = next(each for each in MAP_TARGETS if each in table.columns)
    if source is None:
        notes.refuse("row 1", ", ".join(table.columns), "the column canonical is missing")
        return
    known = (source, target, "enabled", "min_vol", "vol_step", "comment", "notes")
    _refuse_unknown_columns(table, known, notes)
    for row in table.rows:
        name, broker = desk_case(row.cells[source].strip()), row.cells[target].strip()
        wrong = next(
            (column for column, text in ((source, name), (target, broker)) if not SYMBOL.fullmatch(text)), None
        )
        if wrong is not None:
            notes.refuse(
                row.place(wrong), row.cells[wrong], "must be a symbol of at most 32 letters, digits and ._#&+-"
            )
            continue
        if symbols.names.get(name, broker) != broker:
            notes.refuse(row.place(target), broker, f"{name} is already mapped to {symbols.names[name]}")
            continue
        _add(name, broker, row, target, notes, symbols)
        enabled = _switch(row, "enabled", notes)
        if enabled is False:
            symbols.disabled.add(name)
            notes.changed(
                row.place("enabled"), row.cells["enabled"], "is_active false", f"strategies of {name} start off"
            )
    left = [column for column in ("min_vol", "vol_step") if column in table.columns]
    if left and table.rows:
        notes.left_out("row 1", ", ".join(left), "the contract that the broker states has the last word on volumes")


def _add(name: str, broker: str, row: Row, target: str, notes: Notes, symbols: SymbolNames) -> None:
    """Add one line, under the rules of the desk's symbol map; a symbol that the broker calls the same needs none."""
    symbols.names[name] = broker
    try:
        SymbolMap().changed(symbols.lines())
    except InvalidSetting as error:
        del symbols.names[name]
        notes.refuse(row.place(target), broker, str(error))
        return
    same = "needs no line: the broker calls it the same"
    notes.translated(f"row {row.line}", name, same if name == broker else f"symbol map {name} → {broker}")


def _read_symbol_hours(table: Table, notes: Notes, windows: Windows) -> None:
    source = next((each for each in _SYMBOL_COLUMNS if each in table.columns), "canonical")
    if not _has_columns(table, (source, "trade_start_utc", "trade_end_utc"), notes):
        return
    known = (source, "trade_start_utc", "trade_end_utc", "block_on_closed", "notes", "comment")
    _refuse_unknown_columns(table, known, notes)
    for row in table.rows:
        name = desk_case(row.cells[source].strip())
        if not SYMBOL.fullmatch(name):
            notes.refuse(row.place(source), row.cells[source], "must be a symbol")
            continue
        start = clock(row.cells["trade_start_utc"], row.place("trade_start_utc"), notes, is_end=False)
        end = clock(row.cells["trade_end_utc"], row.place("trade_end_utc"), notes, is_end=True)
        blocks = _switch(row, "block_on_closed", notes)
        if start is None or end is None:
            continue
        hours = f"{name} {start}–{end} UTC"
        if blocks is False:
            notes.left_out(f"row {row.line}", hours, "block_on_closed is off, so these hours blocked nothing")
        elif start == end:
            notes.left_out(f"row {row.line}", hours, "a window of the whole day restricts nothing")
        else:
            window: Window = {"start": start, "end": end, "timezone": "UTC", "days": list(WEEKDAYS)}
            windows.by_symbol.setdefault(name, []).append(window)
            notes.translated(f"row {row.line}", hours, window)


def _window(row: Row, notes: Notes, usual_zone: str) -> Window | None:
    start = clock(row.cells["start"], row.place("start"), notes, is_end=False)
    end = clock(row.cells["end"], row.place("end"), notes, is_end=True)
    zone_name = zone_of(row.cells.get("timezone", ""), row.place("timezone"), notes, usual_zone)
    days = days_of(row.cells.get("days", ""), row.place("days"), notes)
    if start is None or end is None or zone_name is None or days is None:
        return None
    return {"start": start, "end": end, "timezone": zone_name, "days": days}


def _switch(row: Row, column: str, notes: Notes) -> bool | None:
    text = row.cells.get(column, "").strip().lower()
    if text in YES or not text:
        return True
    if text not in NO:
        notes.refuse(row.place(column), row.cells[column], "must be true or false")
        return None
    return False


def _has_columns(table: Table, wanted: tuple[str, ...], notes: Notes) -> bool:
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        notes.refuse("row 1", ", ".join(table.columns), f"the column {missing[0]} is missing")
    return not missing


def _refuse_unknown_columns(table: Table, known: tuple[str, ...], notes: Notes) -> None:
    for column in table.columns:
        if column not in known:
            notes.refuse("row 1", column, f"unknown column; known here are {', '.join(known)}")
