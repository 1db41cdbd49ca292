"""Stops and targets: where they trigger, what price they fill at, and the stop-out."""

from decimal import Decimal

from tests.mt5sim.market import after, all_deals, balance, buy, flat, minute_bars, sell, terminal

from tradewarden.mt5sim import constants as mt5

Q = 1.10000


def test_a_long_stop_inside_a_bar_fills_at_its_level() -> None:
    rows = [(Q, Q, Q, Q), (Q, 1.10020, 1.09900, 1.10010)]
    simulated = terminal(minute_bars("EURUSD", rows))
    buy(simulated, "EURUSD", 1.0, sl=1.09950, tp=1.10300)
    simulated.advance_to(after(2))
    deal = all_deals(simulated)[-1]
    assert (deal.price, deal.reason, deal.entry) == (1.09950, mt5.DEAL_REASON_SL, mt5.DEAL_ENTRY_OUT)
    # bought at the ask 1.10010: 60 points × 1 USD, commission 2.50 a side
    assert deal.profit == -60.0
    assert balance(simulated) == Decimal("99935.00")
    assert deal.time == simulated.history_orders_get(ticket=deal.order)[0].time_done  # type: ignore[index]
    assert simulated.positions_total() == 0


def test_a_stop_jumped_over_between_bars_fills_at_the_worse_price() -> None:
    rows = [(Q, Q, Q, Q), (1.09800, 1.09800, 1.09800, 1.09800)]
    simulated = terminal(minute_bars("EURUSD", rows))
    buy(simulated, "EURUSD", 1.0, sl=1.09950)
    simulated.advance_to(after(2))
    assert all_deals(simulated)[-1].price == 1.09800


def test_a_target_jumped_over_between_bars_fills_at_the_better_price() -> None:
    rows = [(Q, Q, Q, Q), (1.10500, 1.10500, 1.10500, 1.10500)]
    simulated = terminal(minute_bars("EURUSD", rows))
    buy(simulated, "EURUSD", 1.0, tp=1.10300)
    simulated.advance_to(after(2))
    deal = all_deals(simulated)[-1]
    assert (deal.price, deal.reason) == (1.10500, mt5.DEAL_REASON_TP)


def test_a_target_inside_a_bar_fills_at_its_level() -> None:
    rows = [(Q, Q, Q, Q), (Q, 1.10400, Q, 1.10200)]
    simulated = terminal(minute_bars("EURUSD", rows))
    buy(simulated, "EURUSD", 1.0, tp=1.10300)
    simulated.advance_to(after(2))
    assert all_deals(simulated)[-1].price == 1.10300


def test_a_short_stop_triggers_on_the_ask() -> None:
    # the bid stays 5 points below the stop, the ask with its 10 points of spread goes above
    rows = [(Q, Q, Q, Q), (Q, 1.10045, Q, 1.10045)]
    simulated = terminal(minute_bars("EURUSD", rows))
    sell(simulated, "EURUSD", 1.0, sl=1.10050, tp=1.09000)
    simulated.advance_to(after(2))
    deal = all_deals(simulated)[-1]
    assert (deal.price, deal.type, deal.reason) == (1.10050, mt5.DEAL_TYPE_BUY, mt5.DEAL_REASON_SL)


def test_a_short_target_needs_the_ask_to_come_down() -> None:
    rows = [(Q, Q, Q, Q), (Q, Q, 1.09895, 1.09950), (1.09950, 1.09950, 1.09885, 1.09950)]
    simulated = terminal(minute_bars("EURUSD", rows))
    sell(simulated, "EURUSD", 1.0, tp=1.09900)
    simulated.advance_to(after(2))
    assert simulated.positions_total() == 1
    simulated.advance_to(after(3))
    assert all_deals(simulated)[-1].price == 1.09900


def test_a_rising_bar_visits_its_low_first_and_a_falling_one_its_high() -> None:
    # both bars span stop and target; which comes first is decided by the direction of the bar
    for close, reason in ((1.10001, mt5.DEAL_REASON_SL), (1.09999, mt5.DEAL_REASON_TP)):
        rows = [(Q, Q, Q, Q), (Q, 1.10300, 1.09700, close)]
        simulated = terminal(minute_bars("EURUSD", rows))
        buy(simulated, "EURUSD", 1.0, sl=1.09800, tp=1.10200)
        simulated.advance_to(after(2))
        assert all_deals(simulated)[-1].reason == reason


def test_the_path_is_walked_only_as_far_as_time_has_come() -> None:
    rows = [(Q, Q, Q, Q), (Q, 1.10050, 1.09900, 1.10040)]
    simulated = terminal(minute_bars("EURUSD", rows))
    buy(simulated, "EURUSD", 1.0, sl=1.09950)
    simulated.advance_to(after(1).replace(second=19))
    assert simulated.positions_total() == 1
    simulated.advance_to(after(1).replace(second=20))
    assert simulated.positions_total() == 0
    assert all_deals(simulated)[-1].time_msc % 60_000 == 20_000


def test_one_long_step_books_what_many_small_steps_book() -> None:
    rows = [(Q, Q + 0.0005, Q - 0.0005, Q + step * 1e-5) for step in range(-40, 40, 3)]
    booked = []
    for pause in (1, 7, 60, 6000):
        simulated = terminal(minute_bars("EURUSD", rows), minute_bars("USDJPY", flat(150.0, len(rows))))
        buy(simulated, "EURUSD", 1.0, sl=1.09960, tp=1.10030)
        sell(simulated, "EURUSD", 0.5, sl=1.10045, tp=1.09955)
        sell(simulated, "USDJPY", 0.5, sl=151.0)
        seconds = 0
        while seconds < 60 * len(rows):
            seconds = min(seconds + pause, 60 * len(rows))
            simulated.advance_to(after(seconds / 60))
        booked.append((all_deals(simulated), simulated.account_info()))
    assert all(outcome == booked[0] for outcome in booked[1:])
    assert len(booked[0][0]) == 6


def test_stop_out_closes_the_worst_position_first_and_stops_when_margin_suffices() -> None:
    # 1,500 USD carry 1 lot EURUSD (margin 1100.10) and 0.1 lot more; a fall of 900 points costs 900 and 90
    rows = [(Q, Q, Q, Q), (Q, Q, 1.09100, 1.09100), *flat(1.09100, 3)]
    simulated = terminal(minute_bars("EURUSD", rows), deposit=Decimal(1500))
    large, small = buy(simulated, "EURUSD", 1.0), buy(simulated, "EURUSD", 0.1)
    assert small.retcode == mt5.TRADE_RETCODE_DONE
    simulated.advance_to(after(4))
    deals = all_deals(simulated)
    assert [(deal.position_id, deal.reason) for deal in deals[3:]] == [(large.order, mt5.DEAL_REASON_SO)]
    assert [position.ticket for position in simulated.positions_get() or ()] == [small.order]
    account = simulated.account_info()
    assert account is not None
    assert account.margin_level > 50


def test_no_stop_out_above_the_level() -> None:
    rows = [(Q, Q, Q, Q), (Q, Q, 1.09500, 1.09500)]
    simulated = terminal(minute_bars("EURUSD", rows), deposit=Decimal(1500))
    buy(simulated, "EURUSD", 1.0)
    simulated.advance_to(after(2))
    account = simulated.account_info()
    assert account is not None
    assert simulated.positions_total() == 1
    # 1500 − 2.50 − 510 = 987.50 of 1100.10
    assert account.margin_level == 89.76
