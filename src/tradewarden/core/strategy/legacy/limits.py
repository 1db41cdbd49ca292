"""``risk_limits.csv`` as proposed changes of the risk policy. Nothing here applies them.

The file is a list of keys and values of an earlier console. Amounts are in account currency; what that console called
percent becomes a fraction. A key that is not known is refused: a limit must not get lost on the way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tradewarden.core.errors import InvalidSetting
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.policy import RiskPolicy, changed
from tradewarden.core.strategy.document.rules import nearest
from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.options import RiskUnit
from tradewarden.core.strategy.legacy.risk import fraction_of
from tradewarden.core.strategy.legacy.sources import LIMIT_KEYS, Row, Table

_AMOUNT, _COUNT, _RATIO, _RISK, _EMBARGO = "amount", "count", "ratio", "risk", "embargo"
# Legacy key: the policy field and how its value is read.
_FIELDS: Mapping[str, tuple[str, str]] = {
    "daily_loss_limit_r": ("max_daily_loss", _AMOUNT),
    "daily_loss_limit": ("max_daily_loss", _AMOUNT),
    "max_daily_loss": ("max_daily_loss", _AMOUNT),
    "max_drawdown": ("max_drawdown_amount", _AMOUNT),
    "max_drawdown_amount": ("max_drawdown_amount", _AMOUNT),
    "daily_profit_target": ("daily_profit_target", _AMOUNT),
    "max_lot_size": ("max_lot_size", _RATIO),
    "max_lots": ("max_lot_size", _RATIO),
    "min_rr": ("min_rr", _RATIO),
    "min_rr_ratio": ("min_rr", _RATIO),
    "max_concurrent_positions": ("max_concurrent_trades", _COUNT),
    "max_concurrent_trades": ("max_concurrent_trades", _COUNT),
    "max_open_positions": ("max_concurrent_trades", _COUNT),
    "max_symbol_positions": ("max_per_symbol", _COUNT),
    "max_positions_per_symbol": ("max_per_symbol", _COUNT),
    "max_per_symbol": ("max_per_symbol", _COUNT),
    "max_consecutive_losses": ("max_consecutive_losses", _COUNT),
    "cooldown_minutes": ("cool_down_minutes", _COUNT),
    "max_risk_pct": ("risk_fraction", _RISK),
    "risk_per_trade_pct": ("risk_fraction", _RISK),
    "max_risk_per_trade_pct": ("risk_fraction", _RISK),
    "default_risk_pct": ("risk_fraction", _RISK),
    "news_embargo_minutes": ("minimum_embargo", _EMBARGO),
}
_ELSEWHERE: Mapping[str, str] = {
    "sl_atr_mult": "the stop belongs to each strategy (exit_rules.stop_loss)",
    "tp_atr_mult": "the target belongs to each strategy (exit_rules.take_profit)",
    "max_daily_loss_pct": "the policy takes an amount in account currency: set max_daily_loss",
    "daily_loss_limit_pct": "the policy takes an amount in account currency: set max_daily_loss",
    "max_drawdown_pct": "the policy takes an amount in account currency: set max_drawdown_amount",
    "confidence_threshold": "the policy's own min_confidence_threshold holds, scaled to 65 for imported strategies",
}
_R_IS_MONEY = "in account currency: the earlier console compared it with the day's profit in money, whatever its name"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLimit:
    """One change of the risk policy that a file asks for: a field of ``RiskPolicy`` and its value, and from where."""

    field: str
    value: Any
    source: str
    place: str


def read_limits(table: Table, notes: Notes, unit: RiskUnit) -> tuple[ProposedLimit, ...]:
    """Return the changes that ``table`` proposes; what cannot be used is refused in ``notes``."""
    key_column = next((each for each in LIMIT_KEYS if each in table.columns), None)
    if key_column is None or "value" not in table.columns:
        missing = "value" if key_column is not None else "key"
        notes.refuse("row 1", ", ".join(table.columns), f"the column {missing} is missing")
        return ()
    known = (key_column, "value", "notes", "comment", "unit")
    for column in table.columns:
        if column not in known:
            notes.refuse("row 1", column, f"unknown column; known here are {', '.join(known)}")
    proposed: dict[str, ProposedLimit] = {}
    for row in table.rows:
        limit = _limit(row, key_column, notes, unit)
        if limit is None:
            continue
        if limit.field in proposed:
            notes.refuse(row.place(key_column), row.cells[key_column], f"{limit.field} is already set in this file")
        else:
            proposed[limit.field] = limit
    return tuple(proposed.values())


def _limit(row: Row, key_column: str, notes: Notes, unit: RiskUnit) -> ProposedLimit | None:
    key, text = row.cells[key_column].strip().lower(), row.cells["value"].strip()
    if key in _ELSEWHERE:
        notes.left_out(row.place(key_column), f"{key} {text}", _ELSEWHERE[key])
        return None
    if key not in _FIELDS:
        known = (*_FIELDS, *_ELSEWHERE)
        notes.refuse(row.place(key_column), key, "no such limit; a limit must not get lost", nearest(key, known))
        return None
    field, kind = _FIELDS[key]
    place = row.place("value")
    number = _number(text, place, notes)
    if number is None:
        return None
    if kind == _AMOUNT and number == 0:
        notes.left_out(place, f"{key} {text}", f"0 switched the limit off; {field} stays as the policy has it")
        return None
    value = fraction_of(number, unit, place, notes) if kind == _RISK else _READERS[kind](number, place, notes)
    if value is None or not _within_policy(field, value, text, place, notes):
        return None
    _report(key, text, field, value, place, notes)
    return ProposedLimit(field=field, value=value, source=notes.source, place=place)


def _number(text: str, place: str, notes: Notes) -> Decimal | None:
    try:
        # Underscores, blanks and digits of other scripts are numbers to Python and misprints in a limit.
        number = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        notes.refuse(place, text, "must be a number with a decimal point, such as 0.5 or 1500")
        return None
    if number < 0:
        notes.refuse(place, text, "must not be negative")
        return None
    return number


def _plain_number(number: Decimal, _place: str, _notes: Notes) -> Decimal:
    return number


def _count(number: Decimal, place: str, notes: Notes) -> int | None:
    if number != number.to_integral_value() or number > 10**6:
        notes.refuse(place, str(number), "must be a whole number")
        return None
    return int(number)


def _embargo(number: Decimal, place: str, notes: Notes) -> Embargo | None:
    minutes = _count(number, place, notes)
    return None if minutes is None else Embargo(minutes, minutes)


_READERS: Mapping[str, Callable[[Decimal, str, Notes], Any]] = {
    _AMOUNT: _plain_number,
    _RATIO: _plain_number,
    _COUNT: _count,
    _EMBARGO: _embargo,
}


def _within_policy(field: str, value: Any, text: str, place: str, notes: Notes) -> bool:
    try:
        changed(RiskPolicy(), {field: value})
    except InvalidSetting as error:
        notes.refuse(place, text, str(error))
        return False
    return True


def _report(key: str, text: str, field: str, value: Any, place: str, notes: Notes) -> None:
    shown = f"{value.before_minutes}/{value.after_minutes}" if isinstance(value, Embargo) else value
    became = f"{field} {shown}"
    if key == "daily_loss_limit_r":
        notes.changed(place, f"{key} {text}", became, _R_IS_MONEY)
    elif field == "minimum_embargo":
        notes.changed(place, f"{key} {text}", became, "minutes before and after each high-impact event")
    elif field != "risk_fraction":
        notes.translated(place, f"{key} {text}", became)
