"""What the market data over a terminal makes of contracts, broken quotes and the symbols that convert currencies."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.contracts.test_mt5_broker import over
from tests.mt5sim.market import START, after, flat, minute_bars, terminal

from tradewarden.adapters.brokers.mt5 import Mt5Broker
from tradewarden.adapters.brokers.mt5.conversions import ConversionTable
from tradewarden.core.account import MarginMode
from tradewarden.core.errors import BrokerUnavailable, MarketDataUnavailable
from tradewarden.mt5sim import SimulatedTerminal
from tradewarden.mt5sim import constants as mt5

MINUTES = 30


class Changed:
    """A terminal some of whose records are changed on their way to the desk."""

    def __init__(self, inner: SimulatedTerminal, **changes: Callable[[Any], Any]) -> None:
        self._inner = inner
        self.changes = changes

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._inner, name)
        if name not in self.changes:
            return asked
        return lambda *arguments: self.changes[name](asked(*arguments))


def altered(**fields: Any) -> Callable[[Any], Any]:
    """Return a function that puts ``fields`` into a record of the package."""

    def change(record: Any) -> Any:
        return type(record)(tuple({**record._asdict(), **fields}.values()))

    return change


@pytest.fixture
def simulated() -> SimulatedTerminal:
    made = terminal(
        minute_bars("EURUSD", flat(1.1, MINUTES)),
        minute_bars("GBPUSD", flat(1.25, MINUTES)),
        minute_bars("USDJPY", flat(150.0, MINUTES)),
        minute_bars("XAUUSD", flat(2600.0, MINUTES)),
        minute_bars("US30", flat(45_000.0, MINUTES)),
    )
    made.advance_to(after(5))
    return made


@pytest.mark.parametrize("symbol", ["EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "US30"])
def test_the_calculated_tick_value_agrees_with_the_stated_one(simulated: SimulatedTerminal, symbol: str) -> None:
    instrument = over(simulated, simulated).instrument(symbol)
    calculated = instrument.calculated_tick_value
    assert calculated is not None
    assert abs(calculated / instrument.tick_value_loss - 1) < Decimal("0.02")


def test_the_worse_side_of_the_calculation_counts(simulated: SimulatedTerminal) -> None:
    def dearer_to_sell(action: int, *rest: Any) -> float:
        profit = simulated.order_calc_profit(action, *rest)
        assert profit is not None
        return profit * (2 if action == mt5.ORDER_TYPE_SELL else 1)

    line: Any = Changed(simulated)
    line.order_calc_profit = dearer_to_sell
    assert over(line, simulated).instrument("EURUSD").calculated_tick_value == Decimal(2)


@pytest.mark.parametrize("answer", [None, float("nan"), 0.0, 25.0])
def test_a_calculation_that_says_no_loss_is_no_tick_value(simulated: SimulatedTerminal, answer: float | None) -> None:
    line: Any = Changed(simulated, order_calc_profit=lambda _: answer)
    assert over(line, simulated).instrument("EURUSD").calculated_tick_value is None


@pytest.mark.parametrize(
    ("bid", "ask"),
    [
        (1.1, 1.0999),
        (0.0, 1.1),
        (1.1, 0.0),
        (-1.1, 1.1),
        (float("nan"), 1.1),
        (1.1, float("nan")),
        (1.1, float("inf")),
        (float("inf"), float("inf")),
        (1e-9, 1.1),
    ],
)
def test_a_broken_quote_is_no_quote(simulated: SimulatedTerminal, bid: float, ask: float) -> None:
    broken = altered(bid=bid, ask=ask)
    line: Any = Changed(simulated, symbol_info_tick=broken)
    broker = over(line, simulated)
    assert broker.quote("EURUSD") is None
    assert broker.conversions(("EUR",), "USD") == ()


def test_a_contract_stays_known_while_its_quote_is_broken(simulated: SimulatedTerminal) -> None:
    line: Any = Changed(simulated)
    broker = over(line, simulated)
    before = broker.instrument("EURUSD")
    line.changes = {"symbol_info": altered(bid=0.0, ask=float("nan"))}
    simulated.advance_to(after(6))
    assert broker.instrument("EURUSD") == before
    with pytest.raises(MarketDataUnavailable, match="US30: there is no quote yet"):
        broker.instrument("US30")


@pytest.mark.parametrize(
    "field", ["trade_tick_size", "trade_tick_value_loss", "trade_contract_size", "volume_step", "point"]
)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_contract_number_that_is_none_is_refused_by_name(
    simulated: SimulatedTerminal, field: str, value: float
) -> None:
    line: Any = Changed(simulated, symbol_info=altered(**{field: value}))
    with pytest.raises(MarketDataUnavailable, match=f"EURUSD: {field} is {value}"):
        over(line, simulated).instrument("EURUSD")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trade_contract_size": 0.0}, "contract_size is 0"),
        ({"volume_step": -0.01}, "volume_step is -0.01"),
        ({"trade_mode": 77}, "trade_mode 77"),
    ],
)
def test_a_contract_outside_its_limits_is_refused(
    simulated: SimulatedTerminal, changes: dict[str, Any], words: str
) -> None:
    line: Any = Changed(simulated, symbol_info=altered(**changes))
    with pytest.raises(MarketDataUnavailable, match=words):
        over(line, simulated).instrument("EURUSD")


def test_a_statement_that_is_no_number_is_no_statement(simulated: SimulatedTerminal) -> None:
    for field in ("balance", "equity", "margin_free"):
        line: Any = Changed(simulated, account_info=altered(**{field: float("nan")}))
        with pytest.raises(BrokerUnavailable, match=f"{field} is nan"):
            over(line, simulated).account()


@pytest.mark.parametrize(
    ("mode", "fifo", "wanted"),
    [
        (mt5.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING, False, MarginMode.HEDGING),
        (mt5.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING, True, MarginMode.FIFO),
        (mt5.ACCOUNT_MARGIN_MODE_RETAIL_NETTING, True, MarginMode.NETTING),
        (mt5.ACCOUNT_MARGIN_MODE_EXCHANGE, False, MarginMode.NETTING),
    ],
)
def test_the_account_says_how_positions_are_kept(
    simulated: SimulatedTerminal, mode: int, fifo: bool, wanted: MarginMode
) -> None:
    line: Any = Changed(simulated, account_info=altered(margin_mode=mode, fifo_close=fifo))
    assert over(line, simulated).account().margin_mode is wanted


def test_an_unknown_margin_mode_is_no_statement(simulated: SimulatedTerminal) -> None:
    line: Any = Changed(simulated, account_info=altered(margin_mode=9))
    with pytest.raises(BrokerUnavailable, match="margin_mode 9"):
        over(line, simulated).account()


def pairs_of(broker: Mt5Broker, currency: str, to: str) -> list[str]:
    return [found.symbol for found in broker.conversions((currency,), to)]


def test_routes_are_direct_inverse_or_by_one_cross(simulated: SimulatedTerminal) -> None:
    broker = over(simulated, simulated)
    assert pairs_of(broker, "EUR", "USD") == ["EURUSD"]
    assert pairs_of(broker, "JPY", "USD") == ["USDJPY"]
    assert pairs_of(broker, "USD", "USD") == []
    assert pairs_of(broker, "JPY", "GBP") == ["USDJPY", "GBPUSD"]
    assert pairs_of(broker, "XAU", "EUR") == ["XAUUSD", "EURUSD"]
    assert pairs_of(broker, "SEK", "USD") == []
    asked_together = broker.conversions(("JPY", "EUR", "XAU"), "GBP")
    assert [found.symbol for found in asked_together] == ["USDJPY", "GBPUSD", "EURUSD", "XAUUSD"]
    euro = broker.conversions(("EUR",), "USD")[0]
    assert (euro.base, euro.profit, euro.quote) == ("EUR", "USD", broker.quote("EURUSD"))


def test_what_is_quoted_in_a_currency_without_being_one_converts_nothing() -> None:
    quoted = {"US30": {"currency_base": "EUR"}}
    broker = over(made := terminal(minute_bars("US30", flat(45_000.0, MINUTES)), changes=quoted), made)
    assert pairs_of(broker, "EUR", "USD") == []


def test_the_plain_name_of_a_pair_goes_before_its_variants(simulated: SimulatedTerminal) -> None:
    euro = next(info for info in simulated.symbols_get() or () if info.name == "EURUSD")
    variants = [altered(name=name)(euro) for name in ("EURUSD.pro", "EURUSD", "EURUSDm")]
    for order in (variants, variants[::-1]):
        assert [pair.symbol for pair in ConversionTable(order).route("EUR", "USD")] == ["EURUSD"]


def test_contracts_are_asked_for_once_while_time_stands_still(simulated: SimulatedTerminal) -> None:
    asked: list[Any] = []

    def note(info: Any) -> Any:
        asked.append(info)
        return info

    line: Any = Changed(simulated, symbol_info=note)
    broker = over(line, simulated)
    first = broker.instrument("EURUSD")
    count = len(asked)
    assert broker.instrument("EURUSD") is first
    assert len(asked) == count
    simulated.advance_to(after(6))
    assert broker.instrument("EURUSD") == first
    assert len(asked) > count
    assert simulated.now > START


def test_a_terminal_that_went_away_is_noticed_although_time_stands_still(simulated: SimulatedTerminal) -> None:
    broker = over(simulated, simulated)
    assert broker.instrument("EURUSD").symbol == "EURUSD"
    simulated.shutdown()
    with pytest.raises(MarketDataUnavailable, match="EURUSD: the terminal does not offer it: No IPC connection"):
        broker.instrument("EURUSD")
