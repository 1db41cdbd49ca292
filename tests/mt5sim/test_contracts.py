"""Contract data, the manifest, and hours on other clocks."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tradewarden.core.errors import InvalidInput
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.mt5sim import BUILT_IN
from tradewarden.mt5sim.contracts import CalcMode
from tradewarden.mt5sim.manifest import load_manifest

DAX: dict[str, Any] = {
    "digits": 1,
    "contract_size": "1",
    "currency_base": "EUR",
    "currency_profit": "EUR",
    "default_spread_points": 9,
    "volume_min": 0.1,
    "volume_step": 0.1,
    "hours": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "open": "01:15", "close": "23:00"}],
    "triple_swap_day": "Fri",
    "filling": ["ioc"],
}


def manifest(path: Path, **symbols: Any) -> Path:
    path.write_text(json.dumps({"symbols": symbols}))
    return path


def test_adds_symbols_and_changes_built_in_ones(tmp_path: Path) -> None:
    contracts = load_manifest(manifest(tmp_path / "m.json", GER40=DAX, EURUSD={"commission_per_lot": 3.5}))
    dax, euro = contracts["GER40"], contracts["EURUSD"]
    assert (dax.point, dax.volume_step, dax.calc_mode) == (Decimal("0.1"), Decimal("0.1"), CalcMode.CFD_LEVERAGE)
    assert dax.hours.intervals[0] == (75, 1380)
    assert euro.commission_per_lot == Decimal("3.5")
    assert euro.hours == BUILT_IN["EURUSD"].hours
    assert contracts["XAUUSD"] == BUILT_IN["XAUUSD"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digts": 1}, r"/symbols/GER40: unknown digts"),
        ({"digits": None}, r"/symbols/GER40/digits: is None"),
        ({"digits": 12}, r"digits is 12"),
        ({"contract_size": "much"}, r"/symbols/GER40/contract_size: is 'much'"),
        ({"contract_size": 0}, r"contract_size is 0"),
        ({"volume_min": 0.15}, r"volume_min 0.15 must be a multiple of volume_step 0.1"),
        ({"trade_mode": "none"}, r"trade_mode: is 'none', allowed are disabled"),
        ({"hours": []}, r"hours: is \[\]"),
        ({"hours": [{"days": ["Mon"], "open": "09:00", "close": "25:00"}]}, r"hours/0/close: is '25:00'"),
        ({"hours": [{"days": ["Mon"], "open": "09:00", "close": "09:00"}]}, r"opens at or after it closes"),
        ({"filling": ["all"]}, r"filling: is 'all', allowed are fok, ioc"),
    ],
)
def test_names_the_place_of_a_problem(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_manifest(manifest(tmp_path / "m.json", GER40=DAX | change))


def test_names_what_a_new_symbol_needs(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="contract_size, currency_base, currency_profit"):
        load_manifest(manifest(tmp_path / "m.json", GER40={"digits": 1, "default_spread_points": 9}))


@pytest.mark.parametrize(
    "content", ["", "[]", '{"symbols": []}', '{"symbols": {}, "more": 1}', '{"symbols": {"A": 1}}']
)
def test_refuses_a_manifest_of_another_shape(tmp_path: Path, content: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=r"manifest .*m\.json"):
        load_manifest(path)


def test_hours_move_with_the_clock_of_the_broker() -> None:
    euro = BUILT_IN["EURUSD"]
    assert euro.on_clock(NEW_YORK_CLOSE).hours == euro.hours
    # New York 17:00 is 21:00 or 22:00 UTC: Sunday 21:00 to Friday 22:00 covers both.
    assert euro.on_clock(ServerClock()).hours.intervals == ((0, 4 * 1440 + 22 * 60), (6 * 1440 + 21 * 60, 7 * 1440))
    stated = euro.on_clock(NEW_YORK_CLOSE)
    assert stated.on_clock(ServerClock()).hours == stated.hours
