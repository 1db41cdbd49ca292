"""Conversion into account currency: the pair, the pair turned round, or one cross, on the side that is worse for us."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW, D, a_quote, a_snapshot, an_instrument

from tradewarden.core.market.conversion import Rate, conversion_quotes, cost_rate, proceeds_rate
from tradewarden.core.market.instrument import Quote
from tradewarden.core.market.snapshot import ConversionQuote, HeldMarket


def pair(base: str, profit: str, bid: str, ask: str) -> ConversionQuote:
    return ConversionQuote(symbol=f"{base}{profit}", base=base, profit=profit, quote=a_quote(bid, ask))


EURUSD = pair("EUR", "USD", "1.0998", "1.1000")
USDJPY = pair("USD", "JPY", "155.00", "155.50")
GBPUSD = pair("GBP", "USD", "1.3000", "1.3010")
XAUUSD = pair("XAU", "USD", "4200.00", "4200.50")


def value(rate: Rate | None) -> Decimal:
    assert rate is not None
    return rate.value


def test_the_pair_itself_is_bought_at_the_ask_and_sold_at_the_bid() -> None:
    assert value(cost_rate("EUR", "USD", (EURUSD,))) == D("1.1000")
    assert value(proceeds_rate("EUR", "USD", (EURUSD,))) == D("1.0998")


def test_the_pair_turned_round_takes_the_other_side() -> None:
    # Buying a euro's worth of dollars: 1 USD costs 1 ÷ bid euros, and brings 1 ÷ ask.
    assert value(cost_rate("USD", "EUR", (EURUSD,))) == 1 / D("1.0998")
    assert value(proceeds_rate("USD", "EUR", (EURUSD,))) == 1 / D("1.1000")


def test_one_cross_multiplies_the_worse_sides() -> None:
    rate = cost_rate("JPY", "EUR", (EURUSD, USDJPY))
    assert rate is not None
    assert rate.value == (1 / D("155.00")) * (1 / D("1.0998"))
    assert rate.path == ("USDJPY", "EURUSD")
    assert rate.oldest_at == NOW


def test_gold_is_converted_like_a_currency() -> None:
    assert value(cost_rate("XAU", "USD", (XAUUSD,))) == D("4200.50")
    assert value(cost_rate("XAU", "EUR", (XAUUSD, EURUSD))) == D("4200.50") * (1 / D("1.0998"))


def test_no_way_and_no_second_cross_give_no_rate() -> None:
    assert cost_rate("CHF", "USD", (EURUSD,)) is None
    assert cost_rate("EUR", "USD", ()) is None
    far = (pair("AUD", "NZD", "1.1", "1.1"), pair("NZD", "JPY", "90", "90"), USDJPY)
    assert cost_rate("AUD", "USD", far) is None


def test_the_same_currency_needs_no_quote() -> None:
    assert cost_rate("USD", "USD", ()) == Rate(value=D(1), oldest_at=None, path=())


def test_of_two_crosses_the_worse_counts() -> None:
    dear = pair("GBP", "EUR", "1.2000", "1.2010")
    quotes = (EURUSD, GBPUSD, pair("CHF", "USD", "1.2500", "1.2510"), pair("CHF", "GBP", "0.9600", "0.9610"), dear)
    through = {name: value(cost_rate("CHF", "EUR", subset)) for name, subset in {
        "dollar": (EURUSD, quotes[2]),
        "pound": (dear, quotes[3]),
    }.items()}  # fmt: skip
    assert value(cost_rate("CHF", "EUR", quotes)) == max(through.values())


prices = st.decimals("0.0001", "50000", places=5)


@st.composite
def quotes_between(draw: st.DrawFn) -> tuple[ConversionQuote, ...]:
    """Return quotes among four currencies, at most one per pair, either way round."""
    names = ("AAA", "BBB", "CCC", "DDD")
    found = []
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            if draw(st.booleans()):
                bid = draw(prices)
                base, profit = (first, second) if draw(st.booleans()) else (second, first)
                quote = Quote(bid, bid + draw(st.decimals("0", "1", places=5)), NOW)
                found.append(ConversionQuote(symbol=base + profit, base=base, profit=profit, quote=quote))
    return tuple(found)


@given(quotes=quotes_between(), source=st.sampled_from("ABCD"), target=st.sampled_from("ABCD"))
def test_what_costs_never_costs_less_than_it_brings(
    quotes: tuple[ConversionQuote, ...], source: str, target: str
) -> None:
    cost, proceeds = (rate(source * 3, target * 3, quotes) for rate in (cost_rate, proceeds_rate))
    assert (cost is None) is (proceeds is None)
    if cost is None or proceeds is None:
        return
    assert cost.value >= proceeds.value > 0
    assert len(cost.path) <= 2


@given(quotes=quotes_between(), source=st.sampled_from("ABCD"), target=st.sampled_from("ABCD"))
def test_there_and_back_is_never_a_gain(quotes: tuple[ConversionQuote, ...], source: str, target: str) -> None:
    there = proceeds_rate(source * 3, target * 3, quotes)
    back = proceeds_rate(target * 3, source * 3, quotes)
    assert (there is None) is (back is None)
    if there is not None and back is not None and len(there.path) <= 1:
        assert there.value * back.value <= 1 + D("1e-20")


@given(quotes=quotes_between(), more=quotes_between(), source=st.sampled_from("ABCD"), target=st.sampled_from("ABCD"))
def test_the_order_of_quotes_decides_nothing(
    quotes: tuple[ConversionQuote, ...], more: tuple[ConversionQuote, ...], source: str, target: str
) -> None:
    forwards = cost_rate(source * 3, target * 3, quotes)
    backwards = cost_rate(source * 3, target * 3, quotes[::-1])
    assert (None if forwards is None else forwards.value) == (None if backwards is None else backwards.value)


def test_a_snapshot_converts_by_its_own_pair_and_by_held_ones() -> None:
    held = HeldMarket(instrument=an_instrument(symbol="GBPUSD.pro", currency_base="GBP"), quote=a_quote())
    found = conversion_quotes(a_snapshot(held=(held,), conversions=(USDJPY,)))
    assert [entry.symbol for entry in found] == ["USDJPY", "EURUSD", "GBPUSD.pro"]


@pytest.mark.parametrize(
    ("symbol", "base", "profit"), [("US30", "USD", "USD"), ("DE40.cash", "EUR", "EUR"), ("EU50", "EUR", "USD")]
)
def test_an_index_is_no_rate_whatever_its_currencies_say(symbol: str, base: str, profit: str) -> None:
    index = an_instrument(symbol=symbol, currency_base=base, currency_profit=profit)
    assert conversion_quotes(a_snapshot(symbol=symbol, instrument=index, bars=())) == ()
