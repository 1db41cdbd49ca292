"""The broker under the desk's names: what XAUUSD is called there stays behind the adapter."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.contracts.test_mt5_broker import accepted, opening, over, protecting, reducing
from tests.mt5sim.market import START, after, buy, flat, minute_bars

from tradewarden.adapters.brokers.mt5 import Mt5Broker
from tradewarden.core.errors import MarketDataUnavailable
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.symbols import SymbolMap
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal

MAP = SymbolMap().changed({"EURUSD": "EURUSD.pro", "XAUUSD": "GOLD.pro"})


@pytest.fixture
def simulated() -> SimulatedTerminal:
    contracts = {
        symbol: replace(BUILT_IN[built_in], symbol=symbol)
        for symbol, built_in in (("EURUSD.pro", "EURUSD"), ("GOLD.pro", "XAUUSD"), ("XAUUSD", "XAUUSD"))
    }
    series = (
        minute_bars("EURUSD.pro", flat(1.1, 60)),
        minute_bars("GOLD.pro", flat(2600.0, 60)),
        minute_bars("XAUUSD", flat(2500.0, 60)),
    )
    market = BarsMarket(series, contracts=contracts, server_clock=NEW_YORK_CLOSE)
    made = SimulatedTerminal(market, starts_at=START)
    made.initialize()
    made.advance_to(after(5))
    return made


@pytest.fixture
def broker(simulated: SimulatedTerminal) -> Mt5Broker:
    made = over(simulated, simulated)
    made.use_symbols(MAP)
    return made


def test_market_data_is_asked_for_and_answered_by_the_desks_names(broker: Mt5Broker) -> None:
    assert set(broker.symbols()) == {"EURUSD", "XAUUSD", "XAUUSD*"}
    gold, other = broker.instrument("XAUUSD"), broker.instrument("XAUUSD*")
    assert (gold.symbol, gold.broker_symbol) == ("XAUUSD", "GOLD.pro")
    assert (other.symbol, other.broker_symbol) == ("XAUUSD*", "XAUUSD")
    quote, other_quote = broker.quote("XAUUSD"), broker.quote("XAUUSD*")
    assert quote is not None
    assert other_quote is not None
    assert (quote.bid, other_quote.bid) == (Decimal("2600.00"), Decimal("2500.00"))
    bars = broker.closed_bars("XAUUSD", Timeframe.M1, 3, after(5))
    assert (bars.symbol, bars.close.tolist()) == ("XAUUSD", [2600.0] * 3)
    assert [found.symbol for found in broker.conversions(("EUR",), "USD")] == ["EURUSD"]


def test_a_name_that_is_mapped_away_is_not_the_brokers(broker: Mt5Broker) -> None:
    with pytest.raises(MarketDataUnavailable, match=r"GBPUSD"):
        broker.instrument("GBPUSD")
    broker.use_symbols(SymbolMap())
    assert set(broker.symbols()) == {"EURUSD.pro", "GOLD.pro", "XAUUSD"}
    plain = broker.quote("XAUUSD")
    assert plain is not None
    assert plain.bid == Decimal("2500.00")


def test_orders_positions_and_deals_are_under_the_desks_names(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    opened = accepted(broker.open(opening()))
    assert [position.symbol for position in simulated.positions_get() or ()] == ["EURUSD.pro"]
    (position,) = broker.account().positions
    assert position.symbol == "EURUSD"
    found = broker.find(opening().magic)
    assert found.outcome is not None
    assert found.outcome.position_ticket == opened.position_ticket
    accepted(broker.protect(protecting(opened.position_ticket, "1.09960")))
    assert broker.account().positions[0].stop_loss == Decimal("1.09960")
    accepted(broker.reduce(reducing(opened.position_ticket, "0.30")))
    assert broker.account().positions == ()
    traded = [deal.symbol for deal in broker.deals(START) if deal.position_id]
    assert traded == ["EURUSD", "EURUSD"]


def test_a_foreign_position_keeps_a_name_of_its_own(simulated: SimulatedTerminal, broker: Mt5Broker) -> None:
    reply: Any = buy(simulated, "XAUUSD", 0.1)
    buy(simulated, "GOLD.pro", 0.1)
    held = {position.ticket: position.symbol for position in broker.account().positions}
    assert held == {reply.order: "XAUUSD*", reply.order + 1: "XAUUSD"}
