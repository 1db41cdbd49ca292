"""What the dealer allows and refuses, under the terminal's return codes."""

from decimal import Decimal
from typing import Any

import pytest
from tests.mt5sim.market import START, after, all_deals, buy, flat, minute_bars, order, sell, terminal

from tradewarden.mt5sim import SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.mt5sim.contracts import Execution, SymbolTradeMode

Q = 1.10000
BARS = minute_bars("EURUSD", flat(Q, 5))
ASK = 1.10010


def changed(**fields: Any) -> SimulatedTerminal:
    return terminal(BARS, changes={"EURUSD": fields})


@pytest.mark.parametrize("volume", [0.001, 0.015, 50.01, 0.0])
def test_refuses_lots_outside_limits_or_off_the_step(volume: float) -> None:
    assert buy(terminal(BARS), "EURUSD", volume).retcode == mt5.TRADE_RETCODE_INVALID_VOLUME


def test_takes_lots_that_a_binary_fraction_blurs() -> None:
    assert buy(terminal(BARS), "EURUSD", 0.1 + 0.2).retcode == mt5.TRADE_RETCODE_DONE


@pytest.mark.parametrize(
    "levels",
    [
        {"sl": 1.10000},  # on the bid itself
        {"sl": 1.10005},  # between bid and ask
        {"tp": 1.10000},
        {"tp": 1.09000},
        {"sl": 1.099951},  # off the price grid
    ],
)
def test_refuses_stops_on_the_wrong_side_or_off_the_grid(levels: dict[str, float]) -> None:
    assert buy(terminal(BARS), "EURUSD", 0.1, **levels).retcode == mt5.TRADE_RETCODE_INVALID_STOPS


def test_keeps_stops_away_by_the_stops_level() -> None:
    simulated = changed(stops_level=50)
    assert buy(simulated, "EURUSD", 0.1, sl=1.09951).retcode == mt5.TRADE_RETCODE_INVALID_STOPS
    assert buy(simulated, "EURUSD", 0.1, sl=1.09950).retcode == mt5.TRADE_RETCODE_DONE
    assert sell(simulated, "EURUSD", 0.1, sl=1.10059).retcode == mt5.TRADE_RETCODE_INVALID_STOPS
    assert sell(simulated, "EURUSD", 0.1, sl=1.10060).retcode == mt5.TRADE_RETCODE_DONE


def test_refuses_more_than_the_free_margin_carries() -> None:
    simulated = terminal(BARS, deposit=Decimal(1000))
    # 0.90 lots need 990.09 and 2.25 of commission, 0.91 lots 1001.10
    assert buy(simulated, "EURUSD", 0.91).retcode == mt5.TRADE_RETCODE_NO_MONEY
    assert buy(simulated, "EURUSD", 0.90).retcode == mt5.TRADE_RETCODE_DONE


def test_refuses_outside_trading_hours_and_without_fresh_quotes() -> None:
    saturday = START.replace(day=10)
    closed = terminal(BARS, starts_at=saturday)
    assert buy(closed, "EURUSD", 0.1).retcode == mt5.TRADE_RETCODE_MARKET_CLOSED
    silent = terminal(BARS, starts_at=after(30))
    assert buy(silent, "EURUSD", 0.1).retcode == mt5.TRADE_RETCODE_PRICE_OFF
    before = terminal(BARS, starts_at=after(-30))
    assert before.symbol_info_tick("EURUSD") is None
    assert before.order_send(order("EURUSD", 0, 0.1, ASK)).retcode == mt5.TRADE_RETCODE_PRICE_OFF  # type: ignore[union-attr]


def test_requotes_beyond_the_deviation_and_fills_at_the_market_within_it() -> None:
    simulated = terminal(BARS)
    far = simulated.order_send(order("EURUSD", mt5.ORDER_TYPE_BUY, 0.1, 1.10004, deviation=5))
    near = simulated.order_send(order("EURUSD", mt5.ORDER_TYPE_BUY, 0.1, 1.10005, deviation=5))
    assert far is not None
    assert near is not None
    assert (far.retcode, far.bid, far.ask) == (mt5.TRADE_RETCODE_REQUOTE, Q, ASK)
    assert (near.retcode, near.price) == (mt5.TRADE_RETCODE_DONE, ASK)


def test_instant_execution_needs_a_price_and_market_execution_does_not() -> None:
    request = {"action": mt5.TRADE_ACTION_DEAL, "symbol": "EURUSD", "type": 0, "volume": 0.1}
    reply = terminal(BARS).order_send(request)
    assert reply is not None
    assert reply.retcode == mt5.TRADE_RETCODE_INVALID_PRICE
    market = changed(execution=Execution.MARKET)
    assert market.order_send(request).retcode == mt5.TRADE_RETCODE_DONE  # type: ignore[union-attr]
    moved = market.order_send(request | {"price": 1.09000, "deviation": 5})
    assert moved is not None
    assert moved.retcode == mt5.TRADE_RETCODE_PRICE_CHANGED


@pytest.mark.parametrize(
    ("mode", "bought", "sold"),
    [
        (SymbolTradeMode.DISABLED, mt5.TRADE_RETCODE_TRADE_DISABLED, mt5.TRADE_RETCODE_TRADE_DISABLED),
        (SymbolTradeMode.CLOSE_ONLY, mt5.TRADE_RETCODE_CLOSE_ONLY, mt5.TRADE_RETCODE_CLOSE_ONLY),
        (SymbolTradeMode.LONG_ONLY, mt5.TRADE_RETCODE_DONE, mt5.TRADE_RETCODE_LONG_ONLY),
        (SymbolTradeMode.SHORT_ONLY, mt5.TRADE_RETCODE_SHORT_ONLY, mt5.TRADE_RETCODE_DONE),
    ],
)
def test_keeps_to_the_trade_mode(mode: SymbolTradeMode, bought: int, sold: int) -> None:
    simulated = changed(trade_mode=mode)
    assert (buy(simulated, "EURUSD", 0.1).retcode, sell(simulated, "EURUSD", 0.1).retcode) == (bought, sold)


def test_refuses_a_filling_mode_the_symbol_has_not() -> None:
    reply = buy(terminal(BARS), "EURUSD", 0.1, type_filling=mt5.ORDER_FILLING_RETURN)
    assert reply.retcode == mt5.TRADE_RETCODE_INVALID_FILL


@pytest.mark.parametrize(
    "fields",
    [
        {"action": mt5.TRADE_ACTION_PENDING, "type": mt5.ORDER_TYPE_BUY_LIMIT},
        {"action": mt5.TRADE_ACTION_MODIFY, "order": 5},
        {"action": mt5.TRADE_ACTION_REMOVE, "order": 5},
        {"action": mt5.TRADE_ACTION_CLOSE_BY, "position": 1, "position_by": 2},
    ],
)
def test_answers_what_it_does_not_offer_as_a_broker_that_forbids_it(fields: dict[str, int]) -> None:
    simulated = terminal(BARS)
    reply = simulated.order_send(order("EURUSD", 0, 0.1, ASK) | fields)
    assert reply is not None
    assert reply.retcode == mt5.TRADE_RETCODE_INVALID_ORDER
    assert "not offered" in reply.comment
    assert simulated.positions_total() == 0


def test_auto_trading_off_is_a_return_code_and_the_api_switch_an_error() -> None:
    simulated = terminal(BARS)
    simulated.set_trading(auto_trading=False)
    assert buy(simulated, "EURUSD", 0.1).retcode == mt5.TRADE_RETCODE_CLIENT_DISABLES_AT
    simulated.set_trading(api=False)
    assert buy(simulated, "EURUSD", 0.1) is None
    assert simulated.last_error()[0] == mt5.RES_E_AUTO_TRADING_DISABLED


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"volume": "0.1"}, "volume"),
        ({"volume": float("nan")}, "volume"),
        ({"magic": 1.5}, "magic"),
        ({"comment": "x" * 32}, "comment"),
        ({"symbol": 7}, "symbol"),
        ({"stop": 1.0}, "stop"),
    ],
)
def test_bad_arguments_never_reach_the_server(fields: dict[str, Any], named: str) -> None:
    simulated = terminal(BARS)
    assert simulated.order_send(order("EURUSD", 0, 0.1, ASK) | fields) is None
    assert simulated.last_error() == (mt5.RES_E_INVALID_PARAMS, f'Invalid "{named}" argument')


def test_opening_deals_keep_magic_and_comment_and_closings_carry_none() -> None:
    simulated = terminal(BARS)
    opened = buy(simulated, "EURUSD", 0.30, magic=2**63 - 1, comment="tw-1")
    position = simulated.positions_get(ticket=opened.order)[0]  # type: ignore[index]
    assert (position.magic, position.comment, position.volume) == (2**63 - 1, "tw-1", 0.30)
    closed = sell(simulated, "EURUSD", 0.10, position=opened.order, magic=7, comment="mine")
    into, out = all_deals(simulated)[1:]
    assert (into.magic, into.comment, into.entry) == (2**63 - 1, "tw-1", mt5.DEAL_ENTRY_IN)
    assert (out.magic, out.comment, out.entry, out.position_id) == (0, "", mt5.DEAL_ENTRY_OUT, opened.order)
    assert closed.order != opened.order
    assert simulated.positions_get()[0].volume == 0.20  # type: ignore[index]
    assert simulated.history_deals_get(position=opened.order) == (into, out)


def test_refuses_to_close_what_is_not_there() -> None:
    simulated = terminal(BARS)
    opened = buy(simulated, "EURUSD", 0.30)
    too_much = sell(simulated, "EURUSD", 0.31, position=opened.order)
    same_side = buy(simulated, "EURUSD", 0.10, position=opened.order)
    unknown = sell(simulated, "EURUSD", 0.10, position=opened.order + 1)
    assert too_much.retcode == mt5.TRADE_RETCODE_INVALID_CLOSE_VOLUME
    assert same_side.retcode == mt5.TRADE_RETCODE_INVALID
    assert unknown.retcode == mt5.TRADE_RETCODE_POSITION_CLOSED
    assert simulated.positions_get()[0].volume == 0.30  # type: ignore[index]


def test_moves_stops_and_refuses_no_change_wrong_sides_and_frozen_levels() -> None:
    simulated = changed(freeze_level=20)
    opened = buy(simulated, "EURUSD", 0.1, sl=1.09900)

    def move(**levels: float) -> int:
        request = {"action": mt5.TRADE_ACTION_SLTP, "symbol": "EURUSD", "position": opened.order} | levels
        reply = simulated.order_send(request)
        assert reply is not None
        return reply.retcode

    assert move(sl=1.09900) == mt5.TRADE_RETCODE_NO_CHANGES
    assert move(sl=1.10000) == mt5.TRADE_RETCODE_INVALID_STOPS
    assert move(sl=1.09985, tp=1.20000) == mt5.TRADE_RETCODE_DONE
    position = simulated.positions_get()[0]  # type: ignore[index]
    assert (position.sl, position.tp) == (1.09985, 1.2)
    # the stop is now within 20 points of the bid
    assert move(sl=1.09900) == mt5.TRADE_RETCODE_FROZEN


def test_order_check_foretells_without_trading() -> None:
    simulated = terminal(BARS)
    good = simulated.order_check(order("EURUSD", 0, 1.0, ASK))
    bad = simulated.order_check(order("EURUSD", 0, 0.001, ASK))
    assert good is not None
    assert bad is not None
    assert (good.retcode, good.margin, good.margin_free) == (0, 1100.10, 98_899.90)
    assert bad.retcode == mt5.TRADE_RETCODE_INVALID_VOLUME
    assert simulated.positions_total() == 0
