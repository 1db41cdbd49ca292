"""Profit, margin, commission and swap against numbers worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.mt5sim.market import START, after, all_deals, balance, buy, flat, minute_bars, sell, terminal

from tradewarden.mt5sim import constants as mt5

YEN = minute_bars("USDJPY", flat(150.000, 3))
EURO = minute_bars("EURUSD", flat(1.10000, 3))
GOLD = minute_bars("XAUUSD", flat(4000.00, 3), spread=30)
DOW = minute_bars("US30", flat(47000.00, 3), spread=200)


@pytest.mark.parametrize(
    ("symbol", "side", "volume", "opened", "closed", "profit"),
    [
        ("EURUSD", mt5.ORDER_TYPE_BUY, 1.0, 1.10000, 1.10123, 123.00),
        ("EURUSD", mt5.ORDER_TYPE_SELL, 0.37, 1.10000, 1.10123, -45.51),
        ("XAUUSD", mt5.ORDER_TYPE_BUY, 0.15, 4000.00, 4012.34, 185.10),
        ("US30", mt5.ORDER_TYPE_SELL, 2.0, 47000.00, 47100.50, -201.00),
        # 0.3 yen on one lot are 30,000 yen, converted at the closing price: 30000 / 150.3 = 199.60
        ("USDJPY", mt5.ORDER_TYPE_BUY, 1.0, 150.000, 150.300, 199.60),
        ("USDJPY", mt5.ORDER_TYPE_SELL, 1.0, 150.000, 150.300, -199.60),
    ],
)
def test_profit_is_exact_to_the_cent(
    symbol: str, side: int, volume: float, opened: float, closed: float, profit: float
) -> None:
    assert terminal(YEN, EURO, GOLD, DOW).order_calc_profit(side, symbol, volume, opened, closed) == profit


@pytest.mark.parametrize(
    ("symbol", "volume", "price", "margin"),
    [
        # 100,000 EUR × 1.1 / 100; 100,000 USD / 100; 50 oz × 4000 × 3 / 100; 3 × 47000 × 2 / 100
        ("EURUSD", 1.0, 1.10000, 1100.00),
        ("USDJPY", 1.0, 150.000, 1000.00),
        ("XAUUSD", 0.5, 4000.00, 6000.00),
        ("US30", 3.0, 47000.00, 2820.00),
    ],
)
def test_margin_is_exact_to_the_cent(symbol: str, volume: float, price: float, margin: float) -> None:
    assert terminal(YEN, EURO, GOLD, DOW).order_calc_margin(mt5.ORDER_TYPE_BUY, symbol, volume, price) == margin


def test_books_the_profit_that_order_calc_profit_foretells() -> None:
    rows = [(150.0, 150.0, 150.0, 150.0), (150.2, 150.25, 150.1, 150.2)]
    simulated = terminal(minute_bars("USDJPY", rows))
    opened = buy(simulated, "USDJPY", 0.40)
    simulated.advance_to(after(2))
    foretold = simulated.order_calc_profit(mt5.ORDER_TYPE_BUY, "USDJPY", 0.40, opened.price, 150.2)
    sell(simulated, "USDJPY", 0.40, position=opened.order)
    # 150.010 to 150.200: 0.19 × 40,000 = 7,600 yen / 150.2 = 50.60
    assert all_deals(simulated)[-1].profit == foretold == 50.60


def test_charges_commission_on_both_sides_of_a_round_trip() -> None:
    simulated = terminal(EURO)
    opened = buy(simulated, "EURUSD", 0.30)
    assert balance(simulated) == Decimal("99999.25")
    sell(simulated, "EURUSD", 0.30, position=opened.order)
    deposit, into, out = all_deals(simulated)
    # 2.50 a lot and side; the spread of 10 points on 0.30 lots costs 3.00
    assert (deposit.profit, into.commission, out.commission, out.profit) == (100_000, -0.75, -0.75, -3.0)
    assert balance(simulated) == Decimal("99995.50")


def test_account_sums_fit_together() -> None:
    simulated = terminal(EURO, GOLD)
    buy(simulated, "EURUSD", 1.0)
    sell(simulated, "XAUUSD", 0.20)
    account = simulated.account_info()
    assert account is not None
    # commissions 2.50 + 0.50; spreads 10.00 and 30 points × 20 oz = 6.00; margins 1100.10 and 4000 × 20 × 3 / 100
    assert account.balance == 99_997.00
    assert account.equity == 99_981.00
    assert account.profit == -16.00
    assert account.margin == 3500.10
    assert account.margin_free == 96_480.90
    assert account.margin_level == round(99_981.00 / 3500.10 * 100, 2)


def test_refuses_a_symbol_whose_profit_cannot_be_converted() -> None:
    cross = {"GBPUSD": {"currency_profit": "JPY"}}
    alone = terminal(minute_bars("GBPUSD", flat(1.30000, 2)), changes=cross)
    assert alone.order_calc_profit(mt5.ORDER_TYPE_BUY, "GBPUSD", 1.0, 1.3, 1.4) is None
    assert alone.last_error()[0] == mt5.RES_E_FAIL
    reply = buy(alone, "GBPUSD", 0.1)
    assert reply.retcode == mt5.TRADE_RETCODE_TRADE_DISABLED
    assert "conversion" in reply.comment
    assert alone.positions_total() == 0


def test_converts_through_a_quoted_symbol_on_the_worse_side() -> None:
    cross = {"GBPUSD": {"currency_profit": "JPY"}}
    both = terminal(minute_bars("GBPUSD", flat(1.30000, 2)), YEN, changes=cross)
    # 100,000 × 0.1 = 10,000 yen; a gain is converted at the ask 150.010, a loss at the bid 150.000
    assert both.order_calc_profit(mt5.ORDER_TYPE_BUY, "GBPUSD", 1.0, 1.3, 1.4) == 66.66
    assert both.order_calc_profit(mt5.ORDER_TYPE_SELL, "GBPUSD", 1.0, 1.3, 1.4) == -66.67


def test_charges_swap_at_server_midnight_and_three_nights_on_the_triple_day() -> None:
    # 100 minutes around midnight of the server clock (22:00 UTC in winter), Wednesday to Friday
    rows, minutes = [], []
    for day in range(3):
        minutes += [12 * 60 - 50 + day * 1440 + minute for minute in range(100)]
        rows += flat(1.10000, 100)
    simulated = terminal(
        minute_bars("EURUSD", rows, minutes=minutes), starts_at=START + timedelta(hours=11, minutes=30)
    )
    opened = buy(simulated, "EURUSD", 0.5)
    simulated.advance_to(datetime(2026, 1, 7, 21, 59, 59, tzinfo=UTC))
    assert simulated.positions_get()[0].swap == 0  # type: ignore[index]
    simulated.advance_to(datetime(2026, 1, 7, 22, 0, tzinfo=UTC))
    # -8.20 points × 0.00001 × 100,000 × 0.5 lots = -4.10 a night, and Wednesday's night counts three
    assert simulated.positions_get()[0].swap == -12.30  # type: ignore[index]
    simulated.advance_to(datetime(2026, 1, 8, 22, 30, tzinfo=UTC))
    assert simulated.positions_get()[0].swap == -16.40  # type: ignore[index]
    sell(simulated, "EURUSD", 0.2, position=opened.order)
    assert all_deals(simulated)[-1].swap == -6.56
    assert simulated.positions_get()[0].swap == -9.84  # type: ignore[index]


def test_converts_by_way_of_a_cross_where_no_symbol_leads_there() -> None:
    simulated = terminal(YEN, EURO, GOLD, currency="EUR")
    # 30,000 yen are 30000 / 150.000 dollars at the bid, and these / 1.10000 euro; a gain takes both asks.
    assert simulated.order_calc_profit(mt5.ORDER_TYPE_SELL, "USDJPY", 1.0, 150.000, 150.300) == -181.82
    assert simulated.order_calc_profit(mt5.ORDER_TYPE_BUY, "USDJPY", 1.0, 150.000, 150.300) == 181.79
    # 100,000 dollars / 100 of margin, / 1.1 in euro.
    assert simulated.order_calc_margin(mt5.ORDER_TYPE_BUY, "USDJPY", 1.0, 150.000) == 909.09
    yen = simulated.symbol_info("USDJPY")
    assert yen is not None
    assert (yen.trade_tick_value_loss, yen.trade_tick_value_profit) == (0.60606061, 0.60596512)
