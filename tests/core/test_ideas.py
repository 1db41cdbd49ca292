"""Levels of an idea, its reward per risk, and when it ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    ALWAYS,
    DECISION_ID,
    NEVER,
    NOW,
    D,
    a_calendar,
    a_policy,
    a_quote,
    a_snapshot,
    a_strategy,
    an_event,
    an_instrument,
    at_time,
    flat_closes,
    some_bars,
    utc,
)

from tradewarden.core.ideas import NoIdea, TradeIdea, draft, reward_to_risk
from tradewarden.core.market.calendar import CalendarEvent, Embargo, Impact
from tradewarden.core.market.session import NAMED_SESSIONS, SessionWindow
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation, evaluate
from tradewarden.core.strategy.spec import AtrStop, Forbidden, StrategyVersion, Target
from tradewarden.core.values import Side, is_multiple_of


def evaluated(strategy: StrategyVersion, snapshot: MarketSnapshot, distance: str | None = None) -> Evaluation:
    """Return the evaluation, with another stop distance where given."""
    bars = snapshot.series(strategy.spec.timeframe)
    assert bars is not None
    evaluation = evaluate(strategy.spec, bars, tick_size=snapshot.instrument.tick_size)
    return evaluation if distance is None else replace(evaluation, stop_distance=D(distance))


def drafted(
    *,
    distance: str | None = None,
    snapshot: MarketSnapshot | None = None,
    policy: RiskPolicy | None = None,
    **spec: Any,
) -> TradeIdea:
    strategy, world = a_strategy(**spec), snapshot or a_snapshot()
    idea = draft(strategy, world, evaluated(strategy, world, distance), policy or a_policy(), decision_id=DECISION_ID)
    assert isinstance(idea, TradeIdea)
    return idea


def test_long_enters_at_the_ask_with_its_stop_below_and_target_above() -> None:
    # Bars of four ticks: ATR 0.0004 × 1.5 = 0.0006 below the ask of 1.10000; two risks above it.
    idea = drafted()
    assert (idea.entry, idea.stop_loss, idea.take_profits) == (D("1.10000"), D("1.09940"), (D("1.10120"),))
    assert idea.rr == D("2.00")


def test_short_enters_at_the_bid_and_its_stop_adds_the_spread() -> None:
    # Bid 1.09990 + 0.0006 + spread 0.0001 = 1.10060: 70 points of risk, target 140 below.
    idea = drafted(side=Side.SELL)
    assert (idea.entry, idea.stop_loss, idea.take_profits) == (D("1.09990"), D("1.10060"), (D("1.09850"),))
    assert idea.rr == D("2.00")


@pytest.mark.parametrize(
    ("side", "stop", "target"), [(Side.BUY, "1.09939", "1.10122"), (Side.SELL, "1.10061", "1.09848")]
)
def test_stop_rounds_away_from_entry_and_the_target_keeps_the_promised_reward(
    side: Side, stop: str, target: str
) -> None:
    idea = drafted(distance="0.000603", side=side)
    assert (idea.stop_loss, idea.take_profits[0]) == (D(stop), D(target))


def test_target_lands_on_a_coarse_tick_with_its_reward_kept() -> None:
    instrument = an_instrument(digits=2, point=D("0.01"), tick_size=D("0.25"))
    snapshot = a_snapshot(instrument=instrument, quote=a_quote("100.00", "100.25"), bars=(some_bars(flat_closes()),))
    idea = drafted(distance="1.1", snapshot=snapshot, take_profits=(Target(rr=D("1.5"), fraction=D(1)),))
    # 100.25 − 1.1 = 99.15 → 99.00; risk 1.25 × 1.5 = 1.875 → 102.125 → 102.25
    assert (idea.stop_loss, idea.take_profits[0], idea.rr) == (D("99.00"), D("102.25"), D("1.60"))


@given(
    distance=st.decimals("0.000001", "0.2", places=9),
    rr=st.decimals("0.1", "5", places=2),
    side=st.sampled_from(Side),
    spread=st.integers(0, 200),
    tick=st.sampled_from([D("0.00001"), D("0.00005"), D("0.0001")]),
)
def test_levels_lie_on_the_tick_and_rounding_never_shrinks_risk_or_reward(
    distance: Decimal, rr: Decimal, side: Side, spread: int, tick: Decimal
) -> None:
    bid = D("1.10000")
    quote = a_quote(str(bid), str(bid + spread * D("0.00001")))
    snapshot = a_snapshot(instrument=an_instrument(tick_size=tick), quote=quote)
    idea = drafted(distance=str(distance), snapshot=snapshot, side=side, take_profits=(Target(rr=rr, fraction=D(1)),))
    assert is_multiple_of(idea.stop_loss, tick)
    assert is_multiple_of(idea.take_profits[0], tick)
    asked = distance + (quote.spread if side is Side.SELL else 0)
    risk = (idea.entry - idea.stop_loss) * side.sign
    assert asked <= risk < asked + tick
    assert (idea.take_profits[0] - idea.entry) * side.sign >= risk * rr
    assert idea.rr >= rr.quantize(D("0.01"))


def refused(
    strategy: StrategyVersion, snapshot: MarketSnapshot, evaluation: Evaluation | None = None, policy: Any = None
) -> str:
    """Why there is no idea; empty where no setup held."""
    given = evaluation or evaluated(strategy, snapshot)
    found = draft(strategy, snapshot, given, policy or a_policy(), decision_id=DECISION_ID)
    assert isinstance(found, NoIdea)
    return found.reason


@pytest.mark.parametrize("spec", [{"entry": (NEVER,)}, {"exit": (ALWAYS,)}, {"entry": ()}])
def test_no_setup_unless_entry_holds_and_exit_does_not(spec: dict[str, Any]) -> None:
    assert refused(a_strategy(**spec), a_snapshot()) == ""


def test_no_setup_on_too_few_bars() -> None:
    assert refused(a_strategy(), a_snapshot(bars=(some_bars(flat_closes(399)),))) == ""


def test_no_idea_without_a_quote() -> None:
    assert refused(a_strategy(), replace(a_snapshot(), quote=None)) == "there is no executable quote"


def test_no_idea_while_an_invalidation_holds() -> None:
    text = "an invalidation holds: close > 0.00001"
    assert refused(a_strategy(invalidations=(NEVER, ALWAYS)), a_snapshot()) == text
    assert drafted(invalidations=(NEVER,)).rr == D("2.00")


def test_what_forbids_opening_is_left_to_the_gate() -> None:
    strategy, snapshot = a_strategy(forbidden=Forbidden(conditions=(ALWAYS,))), a_snapshot()
    assert evaluated(strategy, snapshot).forbidden
    assert isinstance(
        draft(strategy, snapshot, evaluated(strategy, snapshot), a_policy(), decision_id=DECISION_ID), TradeIdea
    )


def test_a_market_without_any_range_gives_no_distance() -> None:
    still = a_snapshot(bars=(some_bars(flat_closes(), reach=0.0),))
    assert refused(a_strategy(), still) == "no stop: ATR(14) is 0: there is no distance"


@pytest.mark.parametrize(
    ("side", "distance", "reason"),
    [
        (Side.BUY, "2.0", "the stop would stand at -0.90000, which is no price"),
        (Side.SELL, "0.6", "the target at 2 R would stand at -0.10030, which is no price"),
    ],
)
def test_no_idea_whose_level_would_not_be_a_price(side: Side, distance: str, reason: str) -> None:
    strategy, snapshot = a_strategy(side=side, stop_loss=AtrStop(period=14, multiple=D(1))), a_snapshot()
    assert refused(strategy, snapshot, evaluated(strategy, snapshot, distance)).startswith(reason)


def test_reward_to_risk_is_floored_and_zero_for_levels_on_the_wrong_side() -> None:
    assert reward_to_risk(Side.BUY, D("1.10000"), D("1.09700"), D("1.10500")) == D("1.66")
    assert reward_to_risk(Side.BUY, D("1.10000"), D("1.10100"), D("1.10500")) == D("0.00")
    assert reward_to_risk(Side.SELL, D("1.10000"), D("1.10100"), D("1.10000")) == D("0.00")


def ends(
    at: datetime, *, policy: RiskPolicy | None = None, events: tuple[CalendarEvent, ...] = (), **spec: Any
) -> tuple[datetime, str]:
    calendar = replace(a_calendar(), captured_at=at, events=events)
    idea = drafted(snapshot=at_time(at, calendar=calendar), policy=policy, **spec)
    return idea.expires_at, idea.expiry_rule


LONDON = NAMED_SESSIONS["London"]
LATE = SessionWindow("late", "09:00", "10:10", "UTC", (0, 1, 2, 3, 4))


def test_ends_with_the_life_of_its_bar_when_nothing_comes_earlier() -> None:
    assert ends(NOW, session_windows=(LONDON,)) == (NOW + timedelta(minutes=15), "bar life")
    assert ends(NOW, policy=a_policy(idea_life_bars=4)) == (NOW + timedelta(minutes=60), "bar life")


def test_ends_with_the_session_and_with_the_latest_of_overlapping_ones() -> None:
    assert ends(NOW, session_windows=(LATE,)) == (utc(2025, 12, 10, 10, 10), "session end")
    assert ends(NOW, session_windows=(LATE, LONDON)) == (NOW + timedelta(minutes=15), "bar life")


def test_ends_when_the_next_embargo_begins_by_the_wider_of_policy_and_strategy() -> None:
    event = an_event(NOW + timedelta(minutes=20))
    assert ends(NOW, events=(event,)) == (NOW + timedelta(minutes=5), "news embargo")
    assert ends(NOW, events=(event,), embargo=Embargo(18, 0)) == (NOW + timedelta(minutes=2), "news embargo")
    assert ends(NOW, events=(event,), embargo=Embargo(1, 0)) == (NOW + timedelta(minutes=5), "news embargo")


def test_news_of_other_currencies_impacts_or_without_a_clock_end_nothing() -> None:
    at = NOW + timedelta(minutes=20)
    others = (an_event(at, currency="JPY"), an_event(at, impact=Impact.MEDIUM), an_event(at, all_day=True))
    assert ends(NOW, events=others)[1] == "bar life"
    assert ends(NOW, events=(an_event(at, currency="All"),))[1] == "news embargo"


def test_ends_with_the_close_of_friday_on_the_server_clock() -> None:
    # 16:50 in New York on Friday; the server's midnight is 17:00 there: 22:00 UTC in winter, 21:00 in summer.
    assert ends(utc(2025, 12, 12, 21, 50)) == (utc(2025, 12, 12, 22), "Friday close")
    assert ends(utc(2025, 7, 11, 20, 50)) == (utc(2025, 7, 11, 21), "Friday close")


def test_of_several_ends_the_earliest_counts() -> None:
    events = (an_event(NOW + timedelta(minutes=18)), an_event(NOW + timedelta(minutes=25)))
    assert ends(NOW, events=events, session_windows=(LATE,)) == (NOW + timedelta(minutes=3), "news embargo")


def test_an_idea_is_known_by_its_content() -> None:
    idea = drafted()
    assert idea.digest == drafted().digest
    assert idea.digest != replace(idea, stop_loss=idea.stop_loss - D("0.00001")).digest
