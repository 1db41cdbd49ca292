"""The shapes that programs written for the MetaTrader5 package rely on."""

import pickle

import pytest
from tests.mt5sim.market import flat, minute_bars, terminal

from tradewarden.mt5sim import constants, records

SIZES = {
    "TradePosition": 19,
    "TradeOrder": 24,
    "TradeDeal": 18,
    "TradeRequest": 17,
    "OrderSendResult": 11,
    "OrderCheckResult": 9,
    "Tick": 8,
    "TerminalInfo": 22,
    "AccountInfo": 28,
    "SymbolInfo": 96,
}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_structures_are_built_from_one_iterable_of_exact_length(name: str, size: int) -> None:
    kind = getattr(records, name)
    made = kind(iter(range(size)))
    assert tuple(made) == tuple(range(size))
    assert list(made._asdict()) == list(kind.__match_args__)
    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(TypeError, match="Invalid tuple size"):
        kind(range(size - 1))


def test_every_constant_is_there() -> None:
    names = [name for name in vars(constants) if name.isupper()]
    assert len(names) == 223 + 11
    assert constants.TIMEFRAME_H4 == 16388
    assert constants.TRADE_RETCODE_DONE == 10009


def test_groups_take_patterns_in_order() -> None:
    simulated = terminal(*(minute_bars(name, flat(1.1, 2)) for name in ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")))

    def names(group: str) -> list[str]:
        return [info.name for info in simulated.symbols_get(group=group) or ()]

    assert names("*USD*") == ["EURUSD", "GBPUSD", "USDJPY", "XAUUSD"]
    assert names("*, !EUR*, !*JPY") == ["GBPUSD", "XAUUSD"]
    assert names("EURUSD,XAU*") == ["EURUSD", "XAUUSD"]
    assert names("[A-Z]*") == []


def test_unnamed_filters_are_refused() -> None:
    simulated = terminal(minute_bars("EURUSD", flat(1.1, 2)))
    assert simulated.positions_get("EURUSD") is None
    assert simulated.last_error() == (constants.RES_E_INVALID_PARAMS, "Unnamed arguments not allowed")
    assert simulated.positions_get(symbol="EURUSD") == ()
    assert simulated.orders_get() == ()
    assert simulated.history_deals_get() is None


def test_symbol_info_tells_the_contract_and_the_day() -> None:
    rows = [(150.0, 150.2, 149.9, 150.1), (150.1, 150.1, 150.1, 150.1)]
    simulated = terminal(minute_bars("USDJPY", rows, spread=10))
    info = simulated.symbol_info("USDJPY")
    assert info is not None
    assert (info.digits, info.point, info.trade_contract_size, info.spread) == (3, 0.001, 100_000, 10)
    # one point of one lot is 100 yen: a gain at the ask 150.010, a loss at the bid 150.000
    assert (info.trade_tick_value_profit, info.trade_tick_value_loss) == (round(100 / 150.01, 8), round(100 / 150, 8))
    assert (info.bidlow, info.bidhigh) == (150.0, 150.0)
    assert simulated.symbol_info("EURUSD") is None
    assert simulated.last_error()[0] == constants.RES_E_NOT_FOUND
