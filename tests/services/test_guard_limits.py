"""What the limits are counted from: the day's reference, the first balance and a mark that only rises."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.builders import SYMBOL, D, a_policy, a_position, an_account, utc
from tests.services.desk_world import ABOVE, QUIET, START, DeskWorld, a_world, level_bars

from tradewarden.bootstrap.headless import TerminalStepper
from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import DayReference
from tradewarden.core.errors import InvalidInput
from tradewarden.core.limits import DeskFigures
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.policy import PolicyVersion
from tradewarden.mt5sim import BUILT_IN, BarsMarket, SimulatedTerminal
from tradewarden.mt5sim import constants as mt5
from tradewarden.services.book import Book
from tradewarden.services.guard_limits import current_figures, day_start, guard_limits
from tradewarden.services.simulate import simulate

NOTHING = DeskFigures(day=None, initial_balance=None, high_water_mark=None)
# 22:00 UTC is midnight on a New-York-close server in winter.
MIDNIGHT = utc(2025, 12, 10, 22)


def a_book(figures: DeskFigures = NOTHING, **policy: Any) -> Book:
    return Book(
        policy=PolicyVersion(version=1, policy=a_policy(**policy)),
        halt=None,
        watchlist=(),
        strategies=(),
        open_ideas=(),
        unfinished_intents=(),
        outbox=(),
        positions=(),
        spent_setups=(),
        figures=figures,
    )


def figures_at(at: datetime, before: DeskFigures = NOTHING, **account: Any) -> DeskFigures:
    return current_figures(a_book(before), an_account(**account), NEW_YORK_CLOSE, at)


def test_the_first_statement_sets_everything_and_is_not_late() -> None:
    figures = figures_at(utc(2025, 12, 10, 15), balance=D("50000.00"))
    assert figures.day is not None
    assert (figures.day.day_started_at, figures.day.balance, figures.day.late) == (
        utc(2025, 12, 9, 22),
        D("50000.00"),
        False,
    )
    assert (figures.initial_balance, figures.high_water_mark) == (D("50000.00"), D("50000.00"))


def test_the_reference_changes_at_broker_midnight_and_not_before() -> None:
    first = figures_at(utc(2025, 12, 10, 15))
    richer = figures_at(MIDNIGHT - timedelta(seconds=1), first, balance=D("101000.00"))
    assert richer.day is not None
    assert (richer.day.balance, richer.day.realised_profit) == (D("100000.00"), D("1000.00"))
    next_day = figures_at(MIDNIGHT, richer, balance=D("101000.00"))
    assert next_day.day is not None
    assert (next_day.day.balance, next_day.day.realised_profit, next_day.day.late) == (D("101000.00"), D(0), False)
    assert next_day.initial_balance == D("100000.00")


@pytest.mark.parametrize(
    ("minutes", "late", "equity"), [(5, False, "99700.00"), (6, True, "100000.00"), (600, True, "100000.00")]
)
def test_a_reset_seen_late_says_so_and_takes_the_higher_equity(minutes: int, late: bool, equity: str) -> None:
    first = figures_at(utc(2025, 12, 10, 15))
    held = (a_position(profit=D("-300.00")),)
    figures = figures_at(MIDNIGHT + timedelta(minutes=minutes), first, positions=held)
    assert figures.day is not None
    assert (figures.day.late, figures.day.balance, figures.day.equity) == (late, D("100000.00"), D(equity))
    assert figures.day.realised_profit == 0


def test_the_high_water_mark_only_rises() -> None:
    figures = NOTHING
    marks = []
    for profit in ("100.00", "-500.00", "250.00", "200.00"):
        figures = figures_at(START, figures, positions=(a_position(profit=D(profit)),))
        marks.append(figures.high_water_mark)
    assert marks == [D("100100.00"), D("100100.00"), D("100250.00"), D("100250.00")]


def test_the_risk_day_may_follow_another_zone() -> None:
    at = utc(2025, 12, 10, 12)
    assert day_start(at, a_policy(day_reset_zone="Asia/Tokyo"), NEW_YORK_CLOSE) == utc(2025, 12, 9, 15)
    assert day_start(at, a_policy(day_reset_zone="Europe/Prague"), NEW_YORK_CLOSE) == utc(2025, 12, 9, 23)
    assert day_start(at, a_policy(), NEW_YORK_CLOSE) == utc(2025, 12, 9, 22)


def test_the_guard_keeps_its_figures_in_the_record() -> None:
    world = a_world((3, QUIET), (5, ABOVE), (10, 1.1040))
    world.run(12)
    with world.storage.read() as reading:
        figures = reading.figures()
    assert figures.day is not None
    assert figures.day.realised_profit == D("863.94")
    assert figures.initial_balance == D("100000.00")
    assert figures.high_water_mark is not None
    assert figures.high_water_mark >= D("100863.94")


def day_of(world: DeskWorld) -> DayReference:
    """Return today's reference as recorded."""
    with world.storage.read() as reading:
        day = reading.figures().day
    assert day is not None
    return day


def test_a_deposit_at_the_broker_is_not_profit() -> None:
    world = a_world((60, QUIET), policy={"daily_profit_target": D(3000)})
    world.step()
    world.terminal.deposit(D("5000.00"))
    world.step()
    day = day_of(world)
    assert (day.deposits, day.realised_profit) == (D("5000.00"), D("0.00"))
    assert world.history(Action.AI_HALTED) == []
    with world.storage.read() as reading:
        figures = reading.figures()
    assert (figures.deposits, figures.high_water_mark) == (D("5000.00"), D("100000.00"))


def test_a_withdrawal_at_the_broker_is_not_a_loss() -> None:
    world = a_world((60, QUIET), policy={"max_daily_loss": D(2000), "max_drawdown_amount": D(5000)})
    world.step()
    world.terminal.deposit(D("-50000.00"))
    world.step()
    assert day_of(world).deposits == D("-50000.00")
    assert world.history(Action.AI_HALTED) == []


@pytest.mark.parametrize(("amount", "words"), [("0.00", "other than 0"), ("0.001", "whole cents"), ("NaN", "NaN")])
def test_the_simulated_broker_refuses_amounts_that_are_none(amount: str, words: str) -> None:
    world = a_world((5, QUIET))
    with pytest.raises(InvalidInput, match=words):
        world.terminal.deposit(D(amount))


def test_the_simulated_broker_lets_nobody_withdraw_what_is_bound() -> None:
    world = a_world((5, QUIET))
    world.buy_by_hand("10.00")
    bound = D(str(world.terminal.account_info().margin_free))
    with pytest.raises(InvalidInput, match=r"is free"):
        world.terminal.deposit(-bound - D("0.01"))
    world.terminal.deposit(-bound)


def test_a_balance_that_moves_while_the_first_deals_are_read_begins_at_the_next_look() -> None:
    world = a_world((60, QUIET))
    told = world.terminal.history_deals_get

    def slowly(*arguments: object) -> object:
        deals = told(*arguments)
        world.terminal.history_deals_get = told
        world.terminal.deposit(D("1000.00"))
        return deals

    world.terminal.history_deals_get = slowly
    world.step()
    with world.storage.read() as reading:
        assert reading.figures().day is None
    world.step()
    day = day_of(world)
    assert (day.balance, day.deposits) == (D("101000.00"), D(0))


def test_without_the_deals_a_moved_balance_is_not_judged_and_the_turn_says_so() -> None:
    world = a_world((60, QUIET))
    world.step()
    world.terminal.deposit(D("1000.00"))
    told = world.terminal.history_deals_get
    world.terminal.history_deals_get = lambda *_: None
    assert not world.step()
    assert "deals" in (world.desk.monitor.health.broker_error or "")
    world.terminal.history_deals_get = told
    assert world.step()
    assert day_of(world).deposits == D("1000.00")


def test_a_desk_switched_off_over_the_reset_counts_from_the_highest() -> None:
    """The balance of the reset is reckoned back from the closing since; 99,937.50 was the equity noted before it."""
    world = a_world((14 * 60, QUIET), policy={"max_daily_loss": D(5000)})
    world.step()
    ticket = world.buy_by_hand("5.00")
    world.step()
    world.advance(12 * 3600 + 1800)  # over midnight of the broker's clock, 22:00 UTC
    position = next(held for held in world.held() if held.ticket == ticket)
    world.terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": SYMBOL,
            "volume": position.volume,
            "type": mt5.ORDER_TYPE_SELL,
            "position": ticket,
            "price": world.terminal.symbol_info_tick(SYMBOL).bid,
            "type_filling": mt5.ORDER_FILLING_FOK,
        }
    )
    world.restart()
    world.step()
    day = day_of(world)
    assert (day.late, day.day_started_at) == (True, MIDNIGHT)
    assert (day.balance, day.equity) == (D("99987.50"), D("99937.50"))
    assert day.realised_profit == D("-185.50")  # spread, commission and a night of swap


def test_another_account_moves_no_figure() -> None:
    world = a_world((60, QUIET))
    world.step()
    with world.storage.read() as reading:
        before = reading.figures()
    account = world.desk.broker.account()
    rich = replace(account, login=account.login + 1, balance=D("900000.00"), equity=D("900000.00"))
    guarded = guard_limits(world.desk, world.state.reader.book(), rich, as_of=world.clock.market_now())
    assert not guarded.wrote
    with world.storage.read() as reading:
        assert reading.figures() == before


def with_a_break(bars: Bars, first: datetime, last: datetime) -> Bars:
    """Return ``bars`` without those that open from ``first`` to ``last``: the market stands still meanwhile."""
    kept = (bars.opened_at < first.timestamp()) | (bars.opened_at >= last.timestamp())
    names = ("opened_at", "ended_at", "open", "high", "low", "close", "volume", "spread")
    parts: Any = {name: getattr(bars, name)[kept] for name in names}
    return replace(bars, **parts)


def test_a_headless_run_takes_the_reset_in_a_pause_of_the_market() -> None:
    """No bar from 21:30 to 23:00; the reset is at 22:00, and a look after the pause would be an hour late."""
    bars = with_a_break(
        level_bars(((14 * 60, QUIET),)), MIDNIGHT - timedelta(minutes=30), MIDNIGHT + timedelta(hours=1)
    )
    market = BarsMarket((bars,), contracts=BUILT_IN, server_clock=NEW_YORK_CLOSE)
    world = a_world(terminal=SimulatedTerminal(market, starts_at=START))
    stepper = TerminalStepper(world.terminal, world.clock)
    simulate(world.desk, stepper, START, MIDNIGHT + timedelta(hours=1, minutes=10))
    day = day_of(world)
    assert (day.day_started_at, day.late) == (MIDNIGHT, False)


def test_a_deposit_does_not_hide_a_loss_of_the_same_amount() -> None:
    world = a_world((60, QUIET), policy={"max_daily_loss": D(2000)})
    world.step()
    world.terminal.deposit(D("2000.00"))
    world.terminal.deposit(D("-2000.00"), "Correction", mt5.DEAL_TYPE_CORRECTION)
    world.step()
    day = day_of(world)
    assert (day.deposits, day.realised_profit) == (D("2000.00"), D("-2000.00"))
    assert [entry.draft.risk_check_result for entry in world.history(Action.AI_HALTED)] == ["DAILY_LOSS_REACHED"]
