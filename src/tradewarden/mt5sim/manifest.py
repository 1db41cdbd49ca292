"""Contract data from a JSON manifest, for symbols that are not built in or trade under other terms.

The form is described in ``docs/reference/bars-files.md``. Everything is checked; a problem is named by its place in
the file. Fields left out of a symbol that is built in keep their built-in value.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import MINUTES_PER_DAY, WEEKDAYS, WeeklyHours
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.contracts import BUILT_IN, CalcMode, Contract, Execution, SymbolTradeMode

_REQUIRED = ("digits", "contract_size", "currency_base", "currency_profit", "default_spread_points")
_DECIMALS = frozenset(
    "contract_size volume_min volume_max volume_step commission_per_lot swap_long swap_short margin_rate".split()  # noqa: SIM905
)
_INTEGERS = frozenset(("digits", "default_spread_points", "stops_level", "freeze_level"))
_TEXTS = frozenset(("description", "currency_base", "currency_profit", "currency_margin"))
_CHOICES: dict[str, Mapping[str, Any]] = {
    "calc_mode": {"forex": CalcMode.FOREX, "cfd": CalcMode.CFD_LEVERAGE},
    "execution": {"instant": Execution.INSTANT, "market": Execution.MARKET},
    "trade_mode": {mode.name.lower(): mode for mode in SymbolTradeMode},
    "triple_swap_day": {day: number for number, day in enumerate(WEEKDAYS)},
}
_FILLINGS = {"fok": mt5.SYMBOL_FILLING_FOK, "ioc": mt5.SYMBOL_FILLING_IOC}
_KNOWN = _DECIMALS | _INTEGERS | _TEXTS | _CHOICES.keys() | {"filling", "hours"}


def load_manifest(path: Path) -> dict[str, Contract]:
    """Return the built-in contracts with those of the manifest at ``path`` over them. Raises InvalidInput."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"manifest {path}: cannot be read ({error})") from error
    except ValueError as error:
        raise InvalidInput(f"manifest {path}: not JSON ({error})") from error
    if not isinstance(document, dict) or not isinstance(document.get("symbols"), dict) or len(document) != 1:
        raise InvalidInput(f'manifest {path}: must be an object with the one key "symbols", an object by symbol')
    contracts = dict(BUILT_IN)
    for symbol, stated in document["symbols"].items():
        where = f"manifest {path} /symbols/{symbol}"
        if not isinstance(stated, dict):
            raise InvalidInput(f"{where}: must be an object")
        contracts[symbol] = _contract(symbol, stated, where)
    return contracts


def _contract(symbol: str, stated: Mapping[str, Any], where: str) -> Contract:
    unknown = sorted(stated.keys() - _KNOWN)
    if unknown:
        raise InvalidInput(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(_KNOWN))}")
    values = {_target(name): _value(name, value, f"{where}/{name}") for name, value in stated.items()}
    if "hours" in values:
        # Stated hours are the broker's own, on whatever clock its bars are.
        values["hours_clock"] = None
    built_in = BUILT_IN.get(symbol)
    if built_in is not None:
        return replace(built_in, **values)
    missing = [name for name in _REQUIRED if name not in stated]
    if missing:
        raise InvalidInput(f"{where}: {', '.join(missing)} missing")
    values.setdefault("description", symbol)
    values.setdefault("currency_margin", values["currency_base"])
    values.setdefault("calc_mode", CalcMode.CFD_LEVERAGE)
    return Contract(symbol=symbol, **values)


def _target(name: str) -> str:
    target = "filling_flags" if name == "filling" else name
    assert target in {field.name for field in fields(Contract)}
    return target


def _value(name: str, value: Any, where: str) -> Any:
    if name in _DECIMALS:
        return _decimal(value, where)
    if name in _INTEGERS:
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidInput(f"{where}: is {value!r}, must be a whole number")
        return value
    if name in _TEXTS:
        if not isinstance(value, str) or not value:
            raise InvalidInput(f"{where}: is {value!r}, must be text")
        return value
    if name == "hours":
        return _hours(value, where)
    if name == "filling":
        return sum(_chosen(_FILLINGS, item, where) for item in set(_list(value, where)))
    return _chosen(_CHOICES[name], value, where)


def _decimal(value: Any, where: str) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise InvalidInput(f"{where}: is {value!r}, must be a number")
    return number


def _chosen(choices: Mapping[str, Any], value: Any, where: str) -> Any:
    if not isinstance(value, str) or value not in choices:
        raise InvalidInput(f"{where}: is {value!r}, allowed are {', '.join(choices)}")
    return choices[value]


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InvalidInput(f"{where}: is {value!r}, must be a list that is not empty")
    return value


def _hours(value: Any, where: str) -> WeeklyHours:
    """Return hours of ``[{"days": ["Mon", …], "open": "01:00", "close": "24:00"}, …]``."""
    intervals: list[tuple[int, int]] = []
    for number, part in enumerate(_list(value, where)):
        place = f"{where}/{number}"
        if not isinstance(part, dict) or part.keys() != {"days", "open", "close"}:
            raise InvalidInput(f'{place}: must be an object with "days", "open" and "close"')
        start, end = _minute(part["open"], f"{place}/open"), _minute(part["close"], f"{place}/close")
        for name in _list(part["days"], f"{place}/days"):
            day = _chosen(_CHOICES["triple_swap_day"], name, f"{place}/days") * MINUTES_PER_DAY
            intervals.append((day + start, day + end))
    merged: list[tuple[int, int]] = []
    for begin, finish in sorted(intervals):
        if begin >= finish:
            raise InvalidInput(f"{where}: opens at or after it closes")
        if merged and begin == merged[-1][1]:
            merged[-1] = (merged[-1][0], finish)
        else:
            merged.append((begin, finish))
    return WeeklyHours(tuple(merged))


def _minute(value: Any, where: str) -> int:
    parts = value.split(":") if isinstance(value, str) else []
    if len(parts) == 2 and all(part.isdigit() and len(part) == 2 for part in parts):
        minute = int(parts[0]) * 60 + int(parts[1])
        if minute <= MINUTES_PER_DAY and int(parts[1]) < 60:
            return minute
    raise InvalidInput(f"{where}: is {value!r}, must be a time such as 01:00, at most 24:00")
