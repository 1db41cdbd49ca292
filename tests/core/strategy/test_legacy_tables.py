"""Sessions, symbol maps and limits of an earlier console: what each row becomes, and what is refused by name."""

from decimal import Decimal
from typing import Any

import pytest
from tests.core.strategy.legacy_files import findings, imported, refusals, table_file

from tradewarden.core.market.calendar import Embargo
from tradewarden.core.strategy.legacy import FindingKind, ImportOptions, RiskUnit


def limits(*rows: str, options: ImportOptions | None = None) -> Any:
    return imported(table_file("risk_limits.csv", "key,value,notes", *rows), options=options)


def proposed(*rows: str, options: ImportOptions | None = None) -> dict[str, Any]:
    found = limits(*rows, options=options)
    assert not found.refusals, refusals(found)
    return {limit.field: limit.value for limit in found.limits}


def test_limits_become_fields_of_the_policy_in_its_units() -> None:
    assert proposed(
        "daily_loss_limit_r,1500,",
        "max_drawdown,6000.50,",
        "max_concurrent_positions,4,",
        "max_symbol_positions,1,",
        "risk_per_trade_pct,0.5,",
        "min_rr_ratio,1.5,",
        "news_embargo_minutes,30,",
    ) == {
        "max_daily_loss": Decimal(1500),
        "max_drawdown_amount": Decimal("6000.50"),
        "max_concurrent_trades": 4,
        "max_per_symbol": 1,
        "risk_fraction": Decimal("0.005"),
        "min_rr": Decimal("1.5"),
        "minimum_embargo": Embargo(30, 30),
    }


def test_a_limit_that_was_switched_off_is_left_out_and_never_lifts_the_policys() -> None:
    found = limits("daily_loss_limit_r,0,")
    assert not found.limits
    assert "stays as the policy has it" in findings(found, FindingKind.LEFT_OUT)[0].why


def test_percent_of_the_account_is_not_guessed_into_an_amount() -> None:
    found = limits("max_daily_loss_pct,3,")
    assert not found.limits
    assert "set max_daily_loss" in findings(found, FindingKind.LEFT_OUT)[0].why


@pytest.mark.parametrize(
    ("row", "place", "told"),
    [
        ("max_daly_loss,100,", "row 2, column key", "max_daily_loss"),
        ("max_daily_loss,-5,", "row 2, column value", "negative"),
        ("max_daily_loss,NaN,", "row 2, column value", "decimal point"),
        ("max_daily_loss,Infinity,", "row 2, column value", "decimal point"),
        ("max_daily_loss,1e99,", "row 2, column value", "allowed is"),
        ("max_daily_loss,1_000,", "row 2, column value", "decimal point"),
        ("max_daily_loss,,", "row 2, column value", "decimal point"),
        ("max_concurrent_positions,2.5,", "row 2, column value", "whole number"),
        ("max_concurrent_positions,900,", "row 2, column value", "allowed is 0 to 200"),
        ("risk_per_trade_pct,0,", "row 2, column value", "above 0"),
        ("risk_per_trade_pct,50,", "row 2, column value", "0.01 to 10 percent"),
        ("risk_per_trade_pct,8,", "row 2, column value", "allowed is"),
    ],
)
def test_a_limit_that_cannot_be_used_is_refused_with_its_row_value_and_rule(row: str, place: str, told: str) -> None:
    found = limits(row)
    assert not found.limits
    assert list(refusals(found)) == [place]
    assert told in refusals(found)[place]


def test_a_limit_that_stands_twice_is_refused() -> None:
    assert "already set" in refusals(limits("max_lots,1,", "max_lot_size,2,"))["row 3, column key"]
    two = imported(
        table_file("a/risk_limits.csv", "key,value", "max_lots,1"),
        table_file("b/risk_limits.csv", "key,value", "max_lots,2"),
    )
    assert "a/risk_limits.csv" in refusals(two)["row 2, column value"]


def test_a_figure_that_looks_like_a_fraction_is_pointed_out_and_can_be_read_as_one() -> None:
    row = "default_risk_pct,0.02,"
    assert proposed(row) == {"risk_fraction": Decimal("0.0002")}
    (told,) = findings(limits(row), FindingKind.CHANGED)
    assert "--risk-unit fraction" in told.why
    assert proposed(row, options=ImportOptions(risk_unit=RiskUnit.FRACTION)) == {"risk_fraction": Decimal("0.02")}


def test_missing_and_unknown_columns_are_refused() -> None:
    assert "value is missing" in refusals(imported(table_file("risk_limits.csv", "key,notes", "max_lots,")))["row 1"]
    assert "name is missing" in refusals(imported(table_file("sessions.csv", "start,end", "07:00,11:00")))["row 1"]
    assert "canonical is missing" in refusals(imported(table_file("symbol_map.csv", "broker_symbol", "GOLD")))["row 1"]
    extra = imported(table_file("symbol_map.csv", "canonical,broker_symbol,leverage", "XAUUSD,GOLD.pro,500"))
    assert "leverage: unknown column" in refusals(extra)["row 1"]


def test_a_symbol_has_one_broker_name() -> None:
    found = imported(table_file("symbol_map.csv", "canonical,broker_symbol", "xauusd,GOLD.pro", "XAUUSD,GOLD"))
    assert found.symbol_map == {"XAUUSD": "GOLD.pro"}
    assert "already mapped to GOLD.pro" in refusals(found)["row 3, column broker_symbol"]
    taken = imported(table_file("symbol_map.csv", "canonical,broker_symbol", "XAUUSD,GOLD", "GOLDUSD,GOLD"))
    assert "stands twice" in refusals(taken)["row 3, column broker_symbol"]
    bad = imported(table_file("symbol_map.csv", "canonical,broker_symbol", "XAU USD,GOLD"))
    assert "must be a symbol" in refusals(bad)["row 2, column canonical"]


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        ("Open,25:00,11:00,Europe/London,", "start", "time of day"),
        ("Open,7,11:00,Europe/London,", "start", "time of day"),
        ("Open,07:00:30,11:00,Europe/London,", "start", "whole minutes"),
        ("Open,07:00,11:60,Europe/London,", "end", "time of day"),
        ("Open,07:00,11:00,Europe/Londn,", "timezone", "Europe/London"),
        ("Open,07:00,11:00,UTC+2,", "timezone", "IANA"),
        ("Open,07:00,11:00,Europe/London,Mo-Fr", "days", "weekdays"),
        ("Open,07:00,11:00,Europe/London,0-5", "days", "weekdays"),
        (",07:00,11:00,Europe/London,", "name", "is required"),
    ],
)
def test_a_session_that_cannot_be_used_is_refused(row: str, column: str, told: str) -> None:
    found = imported(table_file("sessions.csv", "name,start,end,timezone,days", row))
    assert told in refusals(found)[f"row 2, column {column}"]


def test_what_is_none_of_the_known_tables_is_refused_when_it_was_named() -> None:
    found = imported(table_file("prices.csv", "time,bid,ask", "1,2,3"))
    assert "none of the known files" in refusals(found)[""]
