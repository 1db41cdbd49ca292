"""Everything that is open or on the way: risk, headroom, exposure, margin, owners, pauses, at their boundaries."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.builders import (
    NOW,
    STRATEGY_ID,
    SYMBOL,
    D,
    a_day,
    a_desk,
    a_desk_position,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_strategy,
    an_account,
    an_instrument,
)
from tests.core.gate_cases import World, an_outcome
from tests.core.test_gate import an_unfinished

from tradewarden.core.account import MarginMode
from tradewarden.core.desk import LossBuffer
from tradewarden.core.market.snapshot import ConversionQuote, HeldMarket
from tradewarden.core.risk.gate import judge
from tradewarden.core.risk.open_book import legs, loss_at_stop
from tradewarden.core.risk.reasons import Code
from tradewarden.core.risk.verdict import Check, Outcome, Verdict
from tradewarden.core.values import Side, money_up

OTHER = "b" * 32


def judged(world: World) -> Verdict:
    return judge(world.context())


def found(verdict: Verdict, code: Code) -> Check:
    return next(entry for entry in verdict.checks if entry.code is code)


def holds(world: World, code: Code) -> bool:
    return found(judged(world), code).passed


def with_policy(**changes: Any) -> World:
    return World(policy=a_policy(**changes))


def holding(*positions: Any, **account: Any) -> World:
    return World(account=an_account(positions=positions, **account))


# What a stop costs


def test_a_position_is_counted_from_its_closing_price_with_slippage_and_commission() -> None:
    # 1.09990 − 1.09700 = 290 points, + 5 of slippage = 295 USD a lot, + 7 of commission; half a lot of it.
    assert loss_at_stop(a_position(), an_instrument(), a_policy()) == D("151.00")


def test_a_short_is_counted_from_the_ask_down_to_nothing_once_its_stop_is_in_profit() -> None:
    short = a_position(side=Side.SELL, price=D("1.10000"), stop_loss=D("1.10300"))
    assert loss_at_stop(short, an_instrument(), a_policy()) == D("156.00")
    behind = replace(short, stop_loss=D("1.09500"))
    # Only slippage and commission are left of it; a stop in profit is no gain that pays for another's loss.
    assert loss_at_stop(behind, an_instrument(), a_policy()) == D("6.00")


def test_without_a_stop_there_is_no_bound() -> None:
    assert loss_at_stop(a_position(stop_loss=None), an_instrument(), a_policy()) is None
    verdict = judged(holding(a_position(symbol="GBPUSD", stop_loss=None)))
    assert "position 1001 in GBPUSD has no stop" in found(verdict, Code.OPEN_RISK).observed
    assert verdict.outcome is Outcome.REJECTED


# OPEN_RISK


def test_all_open_risk_with_the_smallest_size_must_fit() -> None:
    # 151.00 open, 0.01 lots of the trade lose 2.12: 153.12 of 100,050 × fraction.
    world = holding(a_position(symbol="GBPUSD", profit=D("0.00")))
    fits = replace(world, policy=a_policy(max_open_risk_fraction=D("0.0015312")))
    verdict = judged(fits)
    assert (verdict.outcome, verdict.lots) == (Outcome.EXECUTE, D("0.01"))
    less = replace(world, policy=a_policy(max_open_risk_fraction=D("0.0015311")))
    assert not holds(less, Code.OPEN_RISK)


def test_unfinished_intents_count_at_their_full_risk() -> None:
    world = World(desk=a_desk(unfinished_intents=(an_unfinished(risk_amount=D("2900.00")),)))
    wide = replace(world, policy=a_policy(max_daily_loss=None))
    verdict = judged(wide)
    # 3 % of 100,000 less 2,900.00 leaves 100.00: 0.47 lots at 212.00.
    assert (verdict.lots, verdict.risk_amount) == (D("0.47"), D("99.64"))
    assert found(verdict, Code.OPEN_RISK).observed == "all open risk 2999.64"


def test_a_strategy_caps_its_own_open_risk_only() -> None:
    mine = a_desk_position(symbol="GBPUSD", strategy_id=OTHER)
    world = World(
        account=an_account(positions=(a_position(symbol="GBPUSD", profit=D("0.00")),)),
        desk=a_desk(positions=(mine,)),
        strategy=a_strategy(max_open_risk_fraction=D("0.00151")),
    )
    assert judged(world).lots == D("0.71"), "another strategy's position takes nothing of it"
    owner = replace(world, desk=a_desk(positions=(replace(mine, strategy_id=STRATEGY_ID),)))
    assert not holds(owner, Code.OPEN_RISK)
    assert "the strategy's open risk 153.12" in found(judged(owner), Code.OPEN_RISK).observed


# Headroom


@pytest.mark.parametrize(("equity", "lots"), [("98500.00", "2.35"), ("98100.00", "0.47"), ("98002.12", "0.01")])
def test_the_size_fits_what_the_day_leaves(equity: str, lots: str) -> None:
    lost = an_account(balance=D(equity))
    world = World(account=lost, desk=a_desk(high_water_mark=D(equity)), policy=a_policy(risk_fraction=D("0.0051")))
    assert judged(world).lots == D(lots)
    assert judged(world).outcome is Outcome.EXECUTE


def test_a_cent_less_than_the_smallest_size_needs_denies() -> None:
    world = World(account=an_account(balance=D("98002.11")), desk=a_desk(high_water_mark=D("98002.11")))
    verdict = judged(world)
    assert not found(verdict, Code.DAILY_LOSS_HEADROOM).passed
    assert found(verdict, Code.DAILY_LOSS_HEADROOM).observed == "today's loss with every stop hit 2000.01"
    assert found(verdict, Code.LOT_BELOW_MINIMUM).observed == "0.00: 0.01 lots would lose 2.12, 2.11 may be lost"


def test_a_profit_of_the_day_widens_its_headroom() -> None:
    policy = a_policy(max_daily_loss=D("300.00"))
    assert judged(World(policy=policy)).lots == D("1.41")
    richer = World(policy=policy, account=an_account(balance=D("100200.00")), desk=a_desk(high_water_mark=D(100200)))
    assert judged(richer).lots == D("2.35")


def test_drawdown_headroom_counts_every_stop() -> None:
    world = World(desk=a_desk(high_water_mark=D("109800.00"), unfinished_intents=(an_unfinished(risk_amount=D(100)),)))
    verdict = judged(world)
    assert (verdict.lots, found(verdict, Code.DRAWDOWN_HEADROOM).observed) == (
        D("0.47"),
        "drawdown with every stop hit 9999.64",
    )


@pytest.mark.parametrize(("equity", "passes"), [("99000.01", True), ("99000.00", False)])
def test_opening_stops_at_the_soft_share_of_the_daily_limit(equity: str, passes: bool) -> None:
    account = an_account(balance=D(equity))
    world = World(account=account, desk=a_desk(high_water_mark=D(equity)), policy=a_policy(soft_loss_fraction=D("0.5")))
    assert holds(world, Code.DAILY_LOSS_HEADROOM) is passes
    assert holds(world, Code.DAILY_LOSS_REACHED)


def test_a_buffer_reached_today_stays_reached() -> None:
    world = World(desk=a_desk(day=replace(a_day(), buffer=LossBuffer.SOFT)), policy=a_policy(soft_loss_fraction=D(1)))
    assert not holds(world, Code.DAILY_LOSS_HEADROOM)


# CURRENCY_EXPOSURE


def test_a_pair_is_long_one_currency_and_short_the_other_and_an_index_is_itself() -> None:
    assert legs(an_instrument(), Side.BUY) == (("EUR", 1), ("USD", -1))
    assert legs(an_instrument(), Side.SELL) == (("EUR", -1), ("USD", 1))
    gold = an_instrument(symbol="XAUUSD", currency_base="XAU")
    assert legs(gold, Side.BUY) == (("XAU", 1), ("USD", -1))
    index = an_instrument(symbol="US30", currency_base="USD")
    assert legs(index, Side.SELL) == (("US30", -1),)


def test_the_size_fits_the_exposure_that_is_left() -> None:
    # One lot of EURUSD at 1.10000 is 110,000 USD: 0.9 lots are 99,000, 0.91 would be 100,100.
    verdict = judged(with_policy(max_currency_exposure=D(1)))
    assert verdict.lots == D("0.90")
    assert found(verdict, Code.CURRENCY_EXPOSURE).observed == "USD 99000.00"


def test_exposure_nets_within_a_currency_and_counts_intents() -> None:
    # Half a lot short of GBPUSD is 54,995 USD long in dollars; the intent of a lot long 109,990 short.
    short = a_position(symbol="GBPUSD", side=Side.SELL, stop_loss=D("1.10300"))
    world = holding(short, balance=D("100000.00"), equity=D("100050.00"))
    verdict = judged(replace(world, policy=a_policy(max_currency_exposure=D(3))))
    assert found(verdict, Code.CURRENCY_EXPOSURE).observed == "EUR 258500.00"
    busy = replace(
        world, desk=a_desk(unfinished_intents=(an_unfinished(),)), policy=a_policy(max_currency_exposure=D(3))
    )
    # −54,995 + 110,000 (at the ask) + 2.23 × 110,000 = 300,305 is too much, 2.22 lots are 299,205.
    assert judged(busy).lots == D("2.22")


def test_exposure_is_in_account_currency() -> None:
    yen = an_instrument(symbol="USDJPY", currency_base="USD", currency_profit="JPY", tick_value_loss=D(1))
    rate = ConversionQuote(symbol="EURJPY", base="EUR", profit="JPY", quote=a_quote("160.00", "160.10"))
    world = World()
    snapshot = replace(world.snapshot, held=(HeldMarket(instrument=yen, quote=a_quote("155.00", "155.10")),))
    held = a_position(symbol="USDJPY", price=D("155.00"), stop_loss=D("154.99000"), lots=D("1.00"), profit=D(0))
    account = an_account(positions=(held,), currency="EUR")
    world = replace(world, snapshot=replace(snapshot, conversions=(rate,)), account=account)
    nets = world.context().book.nets
    # 1 lot at 155.00 is 15,500,000 yen; a yen costs 1 ÷ 160.00 euros.
    assert nets.amounts == {"USD": D("96875.00"), "JPY": D("-96875.00")}


# MARGIN_LEVEL


def test_margin_is_shown_before_and_after() -> None:
    verdict = judged(World(account=an_account(margin=D("10000.00"))))
    assert found(verdict, Code.MARGIN_LEVEL).observed == "1000.00 % before, 794.60 % after"
    assert found(judged(World()), Code.MARGIN_LEVEL).observed == "no margin used before, 3868.47 % after"


def test_the_size_fits_the_margin_that_is_left() -> None:
    # 33,333.33 may be used at 300 %; 32,000 are, and a lot takes 1,100.
    verdict = judged(World(account=an_account(margin=D("32000.00"))))
    assert (verdict.outcome, verdict.lots, verdict.margin) == (Outcome.EXECUTE, D("1.21"), D("1331.00"))
    # 0.01 lots take 11.00.
    assert holds(World(account=an_account(margin=D("33322.33"))), Code.MARGIN_LEVEL)
    assert not holds(World(account=an_account(margin=D("33322.34"))), Code.MARGIN_LEVEL)


# NETTING_CONFLICT


def in_symbol(mode: MarginMode, side: Side, owner: str | None, **policy: Any) -> World:
    stop = D("1.09700") if side is Side.BUY else D("1.10300")
    account = an_account(positions=(a_position(side=side, stop_loss=stop),), margin_mode=mode)
    mine = () if owner is None else (a_desk_position(side=side, strategy_id=owner),)
    return World(account=account, desk=a_desk(positions=mine), policy=a_policy(max_per_symbol=5, **policy))


@pytest.mark.parametrize(
    ("mode", "side", "owner", "passes"),
    [
        (MarginMode.HEDGING, Side.BUY, OTHER, True),
        (MarginMode.HEDGING, Side.SELL, OTHER, False),
        (MarginMode.HEDGING, Side.SELL, STRATEGY_ID, False),
        (MarginMode.HEDGING, Side.SELL, None, True),  # a person's own hedge is his
        (MarginMode.NETTING, Side.BUY, STRATEGY_ID, True),
        (MarginMode.NETTING, Side.BUY, OTHER, False),
        (MarginMode.NETTING, Side.BUY, None, False),
        (MarginMode.NETTING, Side.SELL, STRATEGY_ID, False),
        (MarginMode.FIFO, Side.BUY, STRATEGY_ID, False),
        (MarginMode.FIFO, Side.SELL, None, False),
    ],
)
def test_positions_in_the_symbol_conflict_by_the_kind_of_account(
    mode: MarginMode, side: Side, owner: str | None, passes: bool
) -> None:
    assert holds(in_symbol(mode, side, owner), Code.NETTING_CONFLICT) is passes


@pytest.mark.parametrize(("mode", "passes"), [(MarginMode.HEDGING, True), (MarginMode.NETTING, False)])
def test_opposite_positions_can_be_allowed_on_a_hedging_account_alone(mode: MarginMode, passes: bool) -> None:
    world = in_symbol(mode, Side.SELL, OTHER, allow_opposite_positions=True)
    assert holds(world, Code.NETTING_CONFLICT) is passes


@pytest.mark.parametrize(
    ("mode", "side", "owner", "passes"),
    [
        (MarginMode.HEDGING, Side.SELL, OTHER, False),
        (MarginMode.HEDGING, Side.BUY, OTHER, True),
        (MarginMode.NETTING, Side.BUY, OTHER, False),
        (MarginMode.FIFO, Side.BUY, STRATEGY_ID, False),
    ],
)
def test_orders_on_the_way_conflict_as_if_they_were_filled(
    mode: MarginMode, side: Side, owner: str, passes: bool
) -> None:
    coming = an_unfinished(symbol=SYMBOL, side=side, strategy_id=owner)
    world = World(account=an_account(margin_mode=mode), desk=a_desk(unfinished_intents=(coming,)))
    assert holds(world, Code.NETTING_CONFLICT) is passes


# Pauses and rates


@pytest.mark.parametrize(("minutes_ago", "passes"), [(59, False), (60, True)])
def test_the_cool_down_is_the_longer_of_policy_and_strategy(minutes_ago: int, passes: bool) -> None:
    desk = a_desk(outcomes=(an_outcome(minutes_ago, "5.00"),))
    by_policy = World(desk=desk, policy=a_policy(cool_down_minutes=60))
    by_strategy = World(desk=desk, strategy=a_strategy(cool_down_minutes=60), policy=a_policy(cool_down_minutes=10))
    assert holds(by_policy, Code.COOLDOWN) is holds(by_strategy, Code.COOLDOWN) is passes


@pytest.mark.parametrize("changes", [{"symbol": "GBPUSD"}, {"strategy_id": OTHER}])
def test_another_symbol_or_strategy_cools_nothing_down(changes: dict[str, str]) -> None:
    world = World(desk=a_desk(outcomes=(an_outcome(1, **changes),)), policy=a_policy(cool_down_minutes=60))
    assert holds(world, Code.COOLDOWN)


def test_losses_in_a_row_are_those_of_the_whole_desk_since_the_last_profit() -> None:
    four = tuple(an_outcome(10 * n, symbol=f"S{n}") for n in range(1, 5))
    assert holds(World(desk=a_desk(outcomes=four)), Code.CONSECUTIVE_LOSSES)
    five = (*four, an_outcome(50))
    assert not holds(World(desk=a_desk(outcomes=five)), Code.CONSECUTIVE_LOSSES)
    assert not holds(World(desk=a_desk(outcomes=five[::-1])), Code.CONSECUTIVE_LOSSES), "whatever their order"
    broken = (*four, an_outcome(45, "0.00"), an_outcome(50))
    assert holds(World(desk=a_desk(outcomes=broken)), Code.CONSECUTIVE_LOSSES)


@pytest.mark.parametrize(("since", "passes"), [(239, False), (240, True)])
def test_the_pause_after_losses_ends(since: int, passes: bool) -> None:
    outcomes = tuple(an_outcome(since + n) for n in range(5))
    assert holds(World(desk=a_desk(outcomes=outcomes)), Code.CONSECUTIVE_LOSSES) is passes


def test_the_order_rate_counts_a_minute_and_a_day() -> None:
    def sent(seconds_ago: int, count: int) -> World:
        return World(desk=a_desk(opens_sent_at=(NOW - timedelta(seconds=seconds_ago),) * count))

    assert holds(sent(59, 9), Code.ORDER_RATE)
    assert not holds(sent(59, 10), Code.ORDER_RATE)
    assert holds(sent(60, 10), Code.ORDER_RATE)
    assert holds(sent(86399, 99), Code.ORDER_RATE)
    assert not holds(sent(86399, 100), Code.ORDER_RATE)
    assert holds(sent(86400, 100), Code.ORDER_RATE)


# Sizing


@pytest.mark.parametrize(("amount", "lots"), [("50000.00", "1.17"), ("100000.00", "2.35"), ("900000.00", "2.35")])
def test_a_fixed_base_is_never_above_what_is_there(amount: str, lots: str) -> None:
    assert judged(with_policy(base_amount=D(amount))).lots == D(lots)


@pytest.mark.parametrize(
    ("stated", "computed", "passes"),
    [("1", "1.05", True), ("1", "1.051", False), ("1", "0.95", False), ("1", "0.953", True), ("1.06", "1.06", False)],
)
def test_tick_values_agree_with_each_other_and_with_our_own_conversion(
    stated: str, computed: str, passes: bool
) -> None:
    # A tick of 0.00001 over 100,000 units is 1 USD.
    instrument = an_instrument(tick_value_loss=D(stated), calculated_tick_value=D(computed))
    world = World(snapshot=a_snapshot(instrument=instrument))
    assert holds(world, Code.TICK_VALUE_UNRELIABLE) is passes
    assert world.context().sizing.loss_per_lot == money_up(205 * max(D(stated), D(computed)) + 7)


def test_a_size_says_what_the_limits_left_of_the_budget() -> None:
    sizing = World(policy=a_policy(max_daily_loss=D("300.00"))).context().sizing
    assert (sizing.budget, sizing.room, sizing.risk_amount) == (D("500.00"), D("300.00"), D("298.92"))
    assert sizing.lots == Decimal("1.41")
