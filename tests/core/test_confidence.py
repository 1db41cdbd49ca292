"""Confidence model v1: every point named, the sum exact, both ends reachable."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    ALWAYS,
    NEVER,
    NOW,
    SYMBOL,
    D,
    a_calendar,
    a_day,
    a_desk,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_spec,
    an_account,
    an_event,
)

from tradewarden.core.account import AccountState
from tradewarden.core.confidence import Confidence, score
from tradewarden.core.desk import DeskState, IntentStatus, UnfinishedIntent
from tradewarden.core.indicators.market_state import NOTHING_KNOWN, MarketState
from tradewarden.core.market.calendar import Embargo, Impact
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation, evaluate
from tradewarden.core.values import Side

CALM = MarketState(
    spread_points=D("10.0"),
    spread_median_points=D("10.0"),
    atr=D("0.0004"),
    atr_percentile=D("50.00"),
    spike=False,
)
EMBARGO = Embargo(15, 15)


def evaluation(
    *, strong: tuple[bool, ...] = (True,), weak: tuple[bool, ...] = (), failed: int = 0, leave: bool = False
) -> Evaluation:
    pick = {True: ALWAYS, False: NEVER}
    spec = a_spec(
        entry=(ALWAYS,) + (NEVER,) * failed,
        exit=(ALWAYS,) if leave else (),
        strong=tuple(pick[held] for held in strong),
        weak=tuple(pick[held] for held in weak),
    )
    snapshot = a_snapshot()
    return evaluate(spec, snapshot.bars[0], tick_size=snapshot.instrument.tick_size)


def scored(
    held: Evaluation | None = None,
    *,
    snapshot: MarketSnapshot | None = None,
    market: MarketState = CALM,
    account: AccountState | str | None = "default",
    desk: DeskState | None = None,
    policy: RiskPolicy | None = None,
    side: Side = Side.BUY,
) -> Confidence:
    statement = an_account() if isinstance(account, str) else account
    return score(
        held or evaluation(),
        snapshot or a_snapshot(),
        market,
        statement,
        desk or a_desk(),
        policy or a_policy(),
        spec=a_spec(side=side),
        embargo=EMBARGO,
    )


def points(confidence: Confidence, name: str) -> Decimal:
    return sum((entry.points for entry in confidence.contributions if entry.name == name), D(0))


def test_a_held_setup_in_calm_conditions_reaches_one_hundred() -> None:
    confidence = scored()
    assert confidence.score == 100
    assert [confidence.part(name) for name in ("strategy", "market", "account")] == [50, 25, 25]
    assert not confidence.is_proximity


def test_an_empty_strong_list_caps_the_score_at_ninety() -> None:
    assert scored(evaluation(strong=())).score == 90


def test_zero_is_reached_and_the_clamp_is_a_named_contribution() -> None:
    far = evaluation(strong=(False,), weak=(True,), failed=3, leave=True)
    confidence = scored(
        far, market=NOTHING_KNOWN, account=None, snapshot=a_snapshot(calendar=a_calendar(captured_at=None))
    )
    # 40 − 10 − 3 × 15 − 40 = −55
    assert confidence.score == 0
    assert confidence.part("clamp") == 55
    assert confidence.is_proximity


def test_the_worst_held_setup_keeps_thirty_points() -> None:
    worst = evaluation(strong=(False,), weak=(True,))
    calendar = a_calendar(an_event(NOW))
    confidence = scored(worst, account=None, snapshot=a_snapshot(calendar=calendar))
    assert confidence.score == 30
    assert not confidence.is_proximity


def test_strong_and_weak_count_by_their_share() -> None:
    confidence = scored(evaluation(strong=(True, True, False), weak=(True, False, False)))
    assert points(confidence, "strong") == D("6.67")
    assert points(confidence, "weak") == D("-3.33")
    assert confidence.score == D("93.34")


def test_failed_entries_and_exit_give_a_proximity() -> None:
    confidence = scored(evaluation(failed=2))
    assert (points(confidence, "entry not met"), confidence.score, confidence.is_proximity) == (D(-30), D(70), True)
    leaving = scored(evaluation(leave=True))
    assert (points(leaving, "exit"), leaving.score, leaving.is_proximity) == (D(-40), D(60), True)


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_an_embargo_takes_every_market_point(minutes: int) -> None:
    calendar = a_calendar(an_event(NOW + timedelta(minutes=minutes)))
    confidence = scored(snapshot=a_snapshot(calendar=calendar))
    assert confidence.part("market") == 0
    assert points(confidence, "embargo") == -25
    outside = a_calendar(an_event(NOW + timedelta(minutes=minutes + 31)))
    assert scored(snapshot=a_snapshot(calendar=outside)).part("market") == 25


def test_medium_news_near_takes_five_points() -> None:
    calendar = a_calendar(an_event(NOW + timedelta(minutes=30), impact=Impact.MEDIUM))
    assert points(scored(snapshot=a_snapshot(calendar=calendar)), "medium news") == -5
    later = a_calendar(an_event(NOW + timedelta(minutes=31), impact=Impact.MEDIUM))
    assert points(scored(snapshot=a_snapshot(calendar=later)), "medium news") == 0


@pytest.mark.parametrize(
    ("ask", "deduction"), [("1.10000", "0"), ("1.10005", "-4"), ("1.10010", "-8"), ("1.10090", "-8"), ("1.09995", "0")]
)
def test_a_spread_above_its_median_takes_up_to_eight(ask: str, deduction: str) -> None:
    snapshot = a_snapshot(quote=a_quote("1.09990", ask))
    assert points(scored(snapshot=snapshot), "spread") == D(deduction)


@pytest.mark.parametrize(
    ("percentile", "deduction"), [("80.00", "0"), ("90.00", "-4"), ("100.00", "-8"), ("10.00", "0")]
)
def test_volatility_above_its_eightieth_percentile_takes_up_to_eight(percentile: str, deduction: str) -> None:
    market = replace(CALM, atr_percentile=D(percentile))
    assert points(scored(market=market), "volatility") == D(deduction)


def test_a_spike_bar_takes_four() -> None:
    assert points(scored(market=replace(CALM, spike=True)), "spike") == -4


def test_a_missing_input_takes_its_full_deduction() -> None:
    blind = scored(market=NOTHING_KNOWN)
    assert [points(blind, name) for name in ("spread", "volatility", "spike")] == [-8, -8, -4]
    assert points(scored(snapshot=a_snapshot(quote=None)), "spread") == -8
    assert scored(snapshot=a_snapshot(calendar=a_calendar(captured_at=None))).part("market") == 0
    assert scored(account=None).part("account") == 0
    assert scored(account=an_account(balance=D("0.00"))).part("account") == 0
    assert points(scored(desk=a_desk(day=None)), "loss budget used") == -5


def test_without_a_required_calendar_news_are_not_counted() -> None:
    snapshot = a_snapshot(calendar=a_calendar(captured_at=None))
    assert scored(snapshot=snapshot, policy=a_policy(calendar_required=False)).part("market") == 25


@pytest.mark.parametrize(("margin", "deduction"), [("0", "0"), ("25000", "-4"), ("50000", "-8"), ("80000", "-8")])
def test_margin_used_takes_up_to_eight(margin: str, deduction: str) -> None:
    assert points(scored(account=an_account(margin=D(margin))), "margin used") == D(deduction)


def on_the_way(symbol: str, side: Side = Side.BUY) -> UnfinishedIntent:
    return UnfinishedIntent(
        intent_id="i",
        idea_id="x",
        strategy_id="s",
        symbol=symbol,
        side=side,
        lots=D("0.1"),
        risk_amount=D(50),
        margin=D(100),
        status=IntentStatus.SENT,
    )


def test_open_and_unfinished_exposure_in_the_symbol_takes_six() -> None:
    held = an_account(positions=(a_position(),))
    assert points(scored(account=held), "same symbol") == -6
    assert points(scored(desk=a_desk(unfinished_intents=(on_the_way(SYMBOL),))), "same symbol") == -6


@pytest.mark.parametrize(
    ("symbol", "side", "deduction"),
    [
        ("GBPUSD", Side.BUY, -2),  # short the dollar too
        ("GBPUSD", Side.SELL, 0),
        ("USDJPY", Side.SELL, -2),
        ("USDJPY", Side.BUY, 0),
        ("EURGBP", Side.BUY, -2),  # long the euro too
        ("AUDNZD", Side.BUY, 0),
        (SYMBOL, Side.BUY, 0),  # counted as the same symbol
    ],
)
def test_the_same_currency_direction_in_other_symbols_takes_two_each(symbol: str, side: Side, deduction: int) -> None:
    held = an_account(positions=(a_position(symbol=symbol, side=side),))
    assert points(scored(account=held), "same currency direction") == deduction
    assert points(scored(desk=a_desk(unfinished_intents=(on_the_way(symbol, side),))), "same currency direction") == (
        deduction
    )


def test_the_same_currency_direction_takes_at_most_six() -> None:
    held = an_account(positions=tuple(a_position(n, symbol="GBPUSD") for n in range(1, 6)))
    assert points(scored(account=held), "same currency direction") == -6


@pytest.mark.parametrize(("loss", "deduction"), [("0", "0"), ("1000", "-2.50"), ("2000", "-5"), ("-500", "0")])
def test_the_used_loss_budget_takes_up_to_five(loss: str, deduction: str) -> None:
    account = an_account(balance=D("100000.00") - D(loss))
    assert points(scored(account=account, desk=a_desk(day=a_day())), "loss budget used") == D(deduction)
    unlimited = scored(account=account, policy=a_policy(max_daily_loss=None))
    assert points(unlimited, "loss budget used") == 0


@given(
    strong=st.lists(st.booleans(), max_size=5),
    weak=st.lists(st.booleans(), max_size=5),
    failed=st.integers(0, 4),
    leave=st.booleans(),
    ask=st.integers(0, 100),
    percentile=st.none() | st.decimals(0, 100, places=2),
    spike=st.none() | st.booleans(),
    margin=st.none() | st.integers(0, 120000),
    equity_loss=st.integers(-5000, 5000),
)
def test_contributions_always_sum_to_a_score_within_its_bounds(
    strong: list[bool],
    weak: list[bool],
    failed: int,
    leave: bool,
    ask: int,
    percentile: Decimal | None,
    spike: bool | None,
    margin: int | None,
    equity_loss: int,
) -> None:
    held = evaluation(strong=tuple(strong), weak=tuple(weak), failed=failed, leave=leave)
    confidence = scored(
        held,
        snapshot=a_snapshot(quote=a_quote("1.09990", str(D("1.09990") + ask * D("0.00001")))),
        market=replace(CALM, atr_percentile=percentile, spike=spike),
        account=None if margin is None else an_account(margin=D(margin), balance=D(100000 - equity_loss)),
    )
    assert sum(entry.points for entry in confidence.contributions) == confidence.score
    assert 0 <= confidence.score <= 100
    assert 0 <= confidence.part("market") <= 25
    assert 0 <= confidence.part("account") <= 25
    assert confidence.is_proximity is (failed > 0 or leave)
    assert strong or confidence.score <= 90
