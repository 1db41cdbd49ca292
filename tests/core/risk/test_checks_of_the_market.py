"""Clocks, calendars, hours, what a strategy forbids, levels and price, at their boundaries."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.builders import (
    NEVER,
    NOW,
    D,
    a_calendar,
    a_market,
    a_policy,
    a_quote,
    a_strategy,
    an_account,
    an_event,
    an_idea,
    an_instrument,
    at_time,
    flat_closes,
    some_bars,
    utc,
)
from tests.core.gate_cases import HELD, World

from tradewarden.core.desk import AccountBinding
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.market.calendar import Embargo, Impact
from tradewarden.core.market.session import NAMED_SESSIONS, WeeklyHours
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.risk.checks_trade import worst_fill
from tradewarden.core.risk.gate import judge
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import Check
from tradewarden.core.strategy.conditions import ConditionResult
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import Forbidden, Volatility
from tradewarden.core.values import Side

FRIDAY_CLOSE = utc(2025, 12, 12, 22)  # midnight on a New-York-close server


def found(world: World, code: Code) -> Check:
    return next(entry for entry in judge(world.context()).checks if entry.code is code)


def holds(world: World, code: Code) -> bool:
    return found(world, code).passed


def moved(at: datetime, **changes: Any) -> World:
    """Return the default world at another time."""
    world = World(**changes)
    snapshot = replace(at_time(at), held=HELD)
    return replace(world, snapshot=snapshot, account=an_account(captured_at=at))


def forbidding(**changes: Any) -> World:
    return World(strategy=a_strategy(forbidden=Forbidden(**changes)))


# The account


@pytest.mark.parametrize(
    ("binding", "passes"),
    [
        (AccountBinding(login=5000001, server="Demo"), True),
        (AccountBinding(login=5000002, server="Demo"), False),
        (AccountBinding(login=5000001, server="Live"), False),
        (None, False),
    ],
)
def test_only_the_account_of_the_record_may_trade(binding: AccountBinding | None, passes: bool) -> None:
    world = World()
    assert holds(replace(world, desk=replace(world.desk, binding=binding)), Code.WRONG_ACCOUNT) is passes


def test_a_loss_on_another_account_never_halts() -> None:
    world = World(account=an_account(login=7, balance=D("10.00")))
    verdict = judge(world.context())
    assert verdict.halt_cause is None
    assert {c.on_fail for c in verdict.checks if not c.passed} == {OnFail.DENY}


# Clocks and calendars


@pytest.mark.parametrize(("seconds", "passes"), [(0, True), (10, True), (11, False)])
def test_the_terminal_may_be_ahead_by_the_policy_s_seconds(seconds: int, passes: bool) -> None:
    world = World()
    ahead = replace(world, snapshot=replace(world.snapshot, clock_ahead_seconds=seconds))
    assert holds(ahead, Code.CLOCK_SKEW) is passes


@pytest.mark.parametrize(("required", "passes"), [(True, False), (False, True)])
def test_an_old_calendar_denies_where_one_is_required(required: bool, passes: bool) -> None:
    world = World(policy=a_policy(calendar_required=required))
    old = a_calendar(captured_at=NOW - timedelta(hours=193))
    assert holds(replace(world, snapshot=replace(world.snapshot, calendar=old)), Code.CALENDAR_STALE) is passes


# Hours: the server's midnight is 22:00 UTC in winter.


@pytest.mark.parametrize(
    ("at", "passes"),
    [
        (utc(2025, 12, 10, 21, 54), True),
        (utc(2025, 12, 10, 21, 55), False),
        (utc(2025, 12, 10, 22, 0), False),
        (utc(2025, 12, 10, 22, 10), False),
        (utc(2025, 12, 10, 22, 11), True),
        # In summer midnight comes an hour earlier by UTC.
        (utc(2025, 7, 9, 20, 56), False),
        (utc(2025, 7, 9, 21, 56), True),
    ],
)
def test_nothing_opens_around_the_rollover(at: datetime, passes: bool) -> None:
    assert holds(moved(at), Code.ROLLOVER) is passes


@pytest.mark.parametrize(
    ("minutes", "changes", "passes"),
    [
        (31, {}, True),
        (30, {}, False),
        (90, {"flat_before_weekend": True, "weekend_flat_minutes": 89}, True),
        (89, {"flat_before_weekend": True, "weekend_flat_minutes": 89}, False),
        (89, {"flat_before_weekend": False, "weekend_flat_minutes": 89}, True),
        (1, {"weekend_pause_minutes": 0}, True),
    ],
)
def test_nothing_opens_shortly_before_the_week_closes(minutes: int, changes: dict[str, Any], passes: bool) -> None:
    world = moved(FRIDAY_CLOSE - timedelta(minutes=minutes), policy=a_policy(**changes))
    assert holds(world, Code.WEEKEND) is passes


def test_a_market_that_never_closes_has_no_weekend() -> None:
    world = moved(utc(2025, 12, 13, 10))
    always = replace(world.snapshot.instrument, trading_hours=WeeklyHours(((0, 10080),)))
    assert holds(replace(world, snapshot=replace(world.snapshot, instrument=always)), Code.WEEKEND)


# What a strategy forbids


@pytest.mark.parametrize(
    ("rule", "market", "passes"),
    [
        (Volatility(max_atr_percentile=D(50)), {}, True),
        (Volatility(max_atr_percentile=D("49.99")), {}, False),
        (Volatility(min_atr_percentile=D(50)), {}, True),
        (Volatility(min_atr_percentile=D("50.01")), {}, False),
        (Volatility(forbid_spike=True), {"spike": True}, False),
        (Volatility(forbid_spike=False), {"spike": True}, True),
    ],
)
def test_volatility_is_forbidden_outside_its_percentiles(
    rule: Volatility, market: dict[str, Any], passes: bool
) -> None:
    world = replace(forbidding(volatility=rule), market=a_market(**market))
    assert holds(world, Code.FORBIDDEN_CONDITION) is passes


@pytest.mark.parametrize(
    ("at", "passes"),
    [
        (utc(2025, 12, 10, 8, 14), False),  # London opens at 08:00
        (utc(2025, 12, 10, 8, 15), True),
        (utc(2025, 12, 10, 16, 29), True),
        (utc(2025, 12, 10, 16, 30), False),  # the last half hour
        (utc(2025, 12, 10, 18, 0), True),  # outside: another check's business
    ],
)
def test_the_edges_of_a_session_are_forbidden(at: datetime, passes: bool) -> None:
    strategy = a_strategy(
        session_windows=(NAMED_SESSIONS["London"],), forbidden=Forbidden(session_edges=Embargo(15, 30))
    )
    assert holds(moved(at, strategy=strategy), Code.FORBIDDEN_CONDITION) is passes


def test_the_edge_of_one_session_inside_another_is_an_edge() -> None:
    both = (NAMED_SESSIONS["London"], NAMED_SESSIONS["NewYork"])
    strategy = a_strategy(session_windows=both, forbidden=Forbidden(session_edges=Embargo(15, 0)))
    check = found(moved(utc(2025, 12, 10, 13, 5), strategy=strategy), Code.FORBIDDEN_CONDITION)
    assert (check.passed, check.observed) == (False, "in the first 15 min of NewYork")


def test_a_strategy_s_own_rollover_and_friday_are_wider_than_the_policy_s() -> None:
    strategy = a_strategy(forbidden=Forbidden(rollover=Embargo(60, 0), before_friday_close=120))
    early = moved(utc(2025, 12, 10, 21, 0), strategy=strategy)
    assert holds(early, Code.ROLLOVER)
    assert not holds(early, Code.FORBIDDEN_CONDITION)
    friday = moved(FRIDAY_CLOSE - timedelta(minutes=120), strategy=strategy)
    assert holds(friday, Code.WEEKEND)
    assert "120 min before the week's last close" in found(friday, Code.FORBIDDEN_CONDITION).observed


@pytest.mark.parametrize(("minutes", "passes"), [(10, False), (11, True)])
def test_medium_news_is_forbidden_where_the_strategy_says_so(minutes: int, passes: bool) -> None:
    event = an_event(NOW + timedelta(minutes=minutes), impact=Impact.MEDIUM, title="PMI")
    world = forbidding(medium_news=Embargo(10, 5))
    world = replace(world, snapshot=replace(world.snapshot, calendar=a_calendar(event)))
    assert holds(world, Code.NEWS_EMBARGO)
    assert holds(world, Code.FORBIDDEN_CONDITION) is passes


def test_the_newest_due_bar_of_every_timeframe_must_be_there() -> None:
    """At 10:10 the M15 bar that ended at 10:00 is due, and so is the H1 bar."""
    at = NOW + timedelta(minutes=10)
    hourly = IndicatorSpec(name="trend", kind="ema", period=5, timeframe=Timeframe.H1)
    world = moved(at, strategy=a_strategy(indicators=(hourly,)))
    quarters = some_bars(flat_closes(), ended_at=NOW)
    for hours, passes, words in (
        ((), False, "unknown: no H1 bars"),
        ((some_bars(flat_closes(70), ended_at=NOW - timedelta(hours=1), timeframe=Timeframe.H1),), False, "T09:00"),
        ((some_bars(flat_closes(70), ended_at=NOW, timeframe=Timeframe.H1),), True, "T10:00"),
    ):
        check = found(replace(world, snapshot=replace(world.snapshot, bars=(quarters, *hours))), Code.STALE_SNAPSHOT)
        assert check.passed is passes
        assert words in check.observed


def test_news_of_a_strategy_s_further_currencies_counts() -> None:
    calendar = a_calendar(an_event(NOW, currency="JPY"))
    world = replace(World(), snapshot=replace(World().snapshot, calendar=calendar))
    assert holds(world, Code.NEWS_EMBARGO)
    wide = replace(world, strategy=a_strategy(forbidden=Forbidden(currencies=("JPY",))))
    assert not holds(wide, Code.NEWS_EMBARGO)


def evaluated(**changes: Any) -> Evaluation:
    text = "close < 1.2"
    held = tuple(
        ConditionResult(section=section, pointer="/x", text=text, holds=True, unknown=False, operands=(), members=())
        for section in ("invalidation", "forbidden")
    )
    values: dict[str, Any] = {
        "bar_ended_at": NOW,
        "bars_used": 400,
        "bars_required": 400,
        "refusal": None,
        "entry": True,
        "exit": False,
        "strong": False,
        "weak": False,
        "entry_failed": 0,
        "strong_share": D(0),
        "weak_share": D(0),
        "strong_count": 0,
        "weak_count": 0,
        "indicators": (),
        "conditions": held,
        "stop_distance": D("0.002"),
    }
    return Evaluation(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"invalid": True}, "an invalidation holds: close < 1.2"),
        ({"forbidden": True}, "a forbidden condition holds: close < 1.2"),
        ({}, "nothing"),
        ({"refusal": "too few bars"}, "unknown: the forbidden conditions were not evaluated"),
    ],
)
def test_forbidden_conditions_and_invalidations_are_named(changes: dict[str, Any], words: str) -> None:
    strategy = a_strategy(forbidden=Forbidden(conditions=(NEVER,)), invalidations=(NEVER,))
    check = found(World(strategy=strategy, evaluation=evaluated(**changes)), Code.FORBIDDEN_CONDITION)
    assert check.observed == words
    assert check.passed is (words == "nothing")


@pytest.mark.parametrize(("section", "denied"), [("invalidation", True), ("forbidden", True), ("weak", False)])
def test_a_ban_that_cannot_be_computed_denies(section: str, denied: bool) -> None:
    missing = replace(evaluated().conditions[0], section=section, holds=False, unknown=True)
    strategy = a_strategy(invalidations=(NEVER,))
    check = found(World(strategy=strategy, evaluation=evaluated(conditions=(missing,))), Code.FORBIDDEN_CONDITION)
    assert check.passed is not denied
    assert check.observed == ("unknown: a value of close < 1.2 is missing" if denied else "nothing")


# Levels and price


@pytest.mark.parametrize(
    ("spreads", "level", "passes"),
    [(19, 0, True), (20, 0, False), (0, 190, True), (0, 191, False), (2, 0, True)],
)
def test_a_stop_keeps_the_larger_of_stops_level_and_spreads(spreads: int, level: int, passes: bool) -> None:
    # The stop is 190 points under the bid; the spread is 10.
    world = World(policy=a_policy(min_stop_spreads=D(spreads)))
    snapshot = replace(world.snapshot, instrument=an_instrument(stops_level=level))
    assert holds(replace(world, snapshot=snapshot), Code.STOP_TOO_CLOSE) is passes


def test_the_room_of_a_short_s_stop_is_counted_from_the_ask() -> None:
    short = an_idea(side=Side.SELL, entry=D("1.09990"), stop_loss=D("1.10020"), take_profits=(D("1.09800"),))
    world = World(idea=short, policy=a_policy(min_stop_spreads=D(2)))
    assert holds(world, Code.STOP_TOO_CLOSE)
    nearer = replace(world, idea=replace(short, stop_loss=D("1.10019")))
    assert not holds(nearer, Code.STOP_TOO_CLOSE)


@pytest.mark.parametrize(
    "changes",
    [
        {"stop_loss": D("1.098005")},
        {"stop_loss": D("-1.00000")},
        {"stop_loss": D("1.09990")},
        {"take_profits": (D("1.09990"),)},
        {"take_profits": (D("1.10400"), D("1.104005"))},
        {"take_profits": (D("1.10400"), D("1.10500")), "fractions": (D("0.5"), D("0.4"))},
        {"take_profits": (D("1.10400"), D("1.10500")), "fractions": (D(1),)},
    ],
)
def test_levels_off_the_tick_on_the_wrong_side_or_without_their_fractions_are_refused(changes: dict[str, Any]) -> None:
    assert not holds(World(idea=an_idea(**changes)), Code.INVALID_LEVELS)


@pytest.mark.parametrize(
    ("atr", "points", "passes"),
    # A quarter of the risk of 200 points is 50; half an ATR of 40 is 20, of 200 it is 100.
    [("0.0004", 20, True), ("0.0004", 21, False), ("0.002", 40, True), ("0.002", 41, True), ("0.002", 68, False)],
)
def test_the_price_may_move_by_the_smaller_of_risk_and_range(atr: str, points: int, passes: bool) -> None:
    idea = an_idea(entry=D("1.10000") + points * D("0.00001"), stop_loss=D("1.09800"))
    world = World(idea=idea, market=a_market(atr=D(atr)))
    assert holds(world, Code.PRICE_MOVED) is passes


def test_reward_and_risk_are_weighted_by_fraction_and_after_costs() -> None:
    # 400 points of reward less 7 of commission, over 200 of risk with 7 of commission and 5 of slippage: 393 ÷ 212.
    assert found(World(), Code.RR_TOO_LOW).observed == "1.85 after costs, 2.00 in its levels"
    # Half at 2 R, half at 3 R: 493 ÷ 212.
    split = an_idea(take_profits=(D("1.10400"), D("1.10600")), fractions=(D("0.5"), D("0.5")))
    assert found(World(idea=split), Code.RR_TOO_LOW).observed == "2.32 after costs, 2.50 in its levels"


@pytest.mark.parametrize(("least", "passes"), [("1.85", True), ("1.86", False)])
def test_the_policy_s_least_reward_is_after_costs(least: str, passes: bool) -> None:
    assert holds(World(policy=a_policy(min_rr=D(least))), Code.RR_TOO_LOW) is passes


@pytest.mark.parametrize(("expected", "passes"), [("2.00", True), ("2.01", False)])
def test_a_strategy_expects_its_reward_of_the_levels_of_a_new_idea(expected: str, passes: bool) -> None:
    world = World(strategy=a_strategy(rr_expectation=D(expected)))
    assert holds(world, Code.RR_TOO_LOW) is passes
    again = judge(world.context(first=False)).checks
    assert next(entry for entry in again if entry.code is Code.RR_TOO_LOW).passed


@pytest.mark.parametrize(("side", "least"), [(Side.BUY, "1.5"), (Side.SELL, "1.5"), (Side.BUY, "1.85")])
def test_the_worst_fill_is_the_last_price_that_passes(side: Side, least: str) -> None:
    sign, tick = side.sign, D("0.00001")
    entry = D("1.10000") if side is Side.BUY else D("1.09990")
    idea = an_idea(
        side=side, entry=entry, stop_loss=entry - sign * D("0.00200"), take_profits=(entry + sign * D("0.00400"),)
    )
    policy, wide = a_policy(min_rr=D(least), max_spread_to_median=D(100)), a_market(atr=D("0.01"))
    worst = worst_fill(idea, policy, an_instrument(), wide.atr)
    assert worst is not None

    def passes(price: Any) -> bool:
        quote = (
            a_quote(str(price - D("0.0001")), str(price))
            if side is Side.BUY
            else a_quote(str(price), str(price + D("0.0001")))
        )
        snapshot = replace(World().snapshot, quote=quote)
        verdict = judge(World(idea=idea, policy=policy, market=wide, snapshot=snapshot).context(first=False))
        return all(c.passed for c in verdict.checks if c.code in (Code.PRICE_MOVED, Code.RR_TOO_LOW))

    assert passes(worst)
    assert not passes(worst + sign * tick)


def test_without_a_range_or_a_tick_value_there_is_no_worst_fill() -> None:
    assert worst_fill(an_idea(), a_policy(), an_instrument(), None) is None
    assert worst_fill(an_idea(), a_policy(), an_instrument(tick_value_loss=D(0)), D("0.001")) is None
