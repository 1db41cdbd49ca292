"""Confidence model emnr_v0 and the reach of both models: every end reachable, thresholds on the model's scale."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    ALWAYS,
    NEVER,
    NOW,
    D,
    a_calendar,
    a_desk,
    a_policy,
    a_snapshot,
    a_spec,
    an_account,
    an_event,
)

from tradewarden.core.confidence import Confidence, effective_threshold, highest, reach_problem, reachable_score, score
from tradewarden.core.indicators.market_state import NOTHING_KNOWN
from tradewarden.core.market.calendar import Embargo, Impact
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import evaluate
from tradewarden.core.strategy.spec import ConfidenceModel, Forbidden, StrategySpec, Volatility
from tradewarden.core.values import Side

EMNR = ConfidenceModel.EMNR_V0
PICK = {True: ALWAYS, False: NEVER}


def spec_of(
    *,
    entry: bool = True,
    strong: tuple[bool, ...] = (True,),
    weak: tuple[bool, ...] = (),
    leave: bool = False,
    side: Side = Side.BUY,
) -> StrategySpec:
    return a_spec(
        entry=(PICK[entry],),
        exit=(PICK[leave],),
        strong=tuple(PICK[held] for held in strong),
        weak=tuple(PICK[held] for held in weak),
        side=side,
        confidence_model=EMNR,
    )


def moved(snapshot: MarketSnapshot, close: str) -> MarketSnapshot:
    """The snapshot whose newest bar closed at `close`."""
    bars = snapshot.bars[0]
    closes, highs, lows = bars.close.copy(), bars.high.copy(), bars.low.copy()
    closes[-1] = float(close)
    highs[-1], lows[-1] = max(highs[-1], closes[-1]), min(lows[-1], closes[-1])
    return replace(snapshot, bars=(replace(bars, close=closes, high=highs, low=lows),))


ABOVE, BELOW = "1.20000", "1.00000"


def scored(
    spec: StrategySpec | None = None, *, snapshot: MarketSnapshot | None = None, policy: RiskPolicy | None = None
) -> Confidence:
    spec, snapshot = spec or spec_of(), snapshot or moved(a_snapshot(), ABOVE)
    return score(
        evaluate(spec, snapshot.bars[0], tick_size=snapshot.instrument.tick_size),
        snapshot,
        NOTHING_KNOWN,
        an_account(),
        a_desk(),
        policy or a_policy(),
        spec=spec,
        embargo=Embargo(15, 15),
    )


def points(confidence: Confidence) -> dict[str, int]:
    return {entry.name: int(entry.points) for entry in confidence.contributions}


def test_everything_in_favour_reaches_sixty_five() -> None:
    confidence = scored()
    assert (confidence.score, confidence.model, confidence.is_proximity) == (D(65), "emnr_v0", False)
    assert points(confidence) == {"entry": 30, "strong": 25, "aligned": 10, "news": 0}
    assert confidence.score == highest(EMNR)


def test_zero_is_reached_by_a_held_setup_and_the_clamp_is_named() -> None:
    news = replace(moved(a_snapshot(), BELOW), calendar=a_calendar(an_event(NOW)))
    confidence = scored(spec_of(strong=(False,), weak=(True,)), snapshot=news)
    assert points(confidence) == {
        "entry": 30, "strong": 0, "weak": -15, "aligned": 0, "news": -20, "kept within 0 to 65": 5,
    }  # fmt: skip
    assert (confidence.score, confidence.is_proximity) == (D(0), False)


def test_strong_and_weak_count_only_when_all_of_them_hold() -> None:
    some = scored(spec_of(strong=(True, False), weak=(True, False)))
    assert (points(some)["strong"], points(some)["weak"]) == (0, 0)
    every = scored(spec_of(strong=(True, True), weak=(True, True)))
    assert (points(every)["strong"], points(every)["weak"]) == (25, -15)


def test_failed_entries_and_exit_give_a_proximity() -> None:
    confidence = scored(spec_of(entry=False, leave=True))
    assert (points(confidence)["entry"], points(confidence)["exit"], confidence.is_proximity) == (0, -40, True)
    assert confidence.score == 0


@pytest.mark.parametrize(("side", "close"), [(Side.BUY, ABOVE), (Side.SELL, BELOW)])
def test_the_trend_agrees_when_the_close_is_on_the_trades_side_of_its_mean(side: Side, close: str) -> None:
    agreeing = scored(spec_of(side=side), snapshot=moved(a_snapshot(), close))
    against = scored(spec_of(side=side.opposite), snapshot=moved(a_snapshot(), close))
    assert (points(agreeing)["aligned"], points(against)["aligned"]) == (10, 0)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (an_event(NOW + timedelta(minutes=15)), -20),
        (an_event(NOW + timedelta(minutes=16)), 0),
        (an_event(NOW + timedelta(minutes=30), impact=Impact.MEDIUM), -10),
        (an_event(NOW + timedelta(minutes=31), impact=Impact.MEDIUM), 0),
    ],
)
def test_news_near_cost_points(event: object, expected: int) -> None:
    snapshot = replace(moved(a_snapshot(), ABOVE), calendar=a_calendar(event))  # type: ignore[arg-type]
    assert points(scored(snapshot=snapshot))["news"] == expected


def test_a_missing_calendar_takes_the_full_deduction_unless_none_is_required() -> None:
    snapshot = replace(moved(a_snapshot(), ABOVE), calendar=a_calendar(captured_at=None))
    assert points(scored(snapshot=snapshot))["news"] == -20
    assert points(scored(snapshot=snapshot, policy=a_policy(calendar_required=False)))["news"] == 0


@given(
    entry=st.booleans(),
    strong=st.lists(st.booleans(), max_size=3),
    weak=st.lists(st.booleans(), max_size=3),
    leave=st.booleans(),
    close=st.sampled_from([ABOVE, BELOW]),
)
def test_contributions_sum_to_the_score_and_it_stays_within_its_ends(
    entry: bool, strong: list[bool], weak: list[bool], leave: bool, close: str
) -> None:
    spec = spec_of(entry=entry, strong=tuple(strong), weak=tuple(weak), leave=leave)
    confidence = scored(spec, snapshot=moved(a_snapshot(), close))
    assert sum(each.points for each in confidence.contributions) == confidence.score
    assert 0 <= confidence.score <= reachable_score(spec)


class TestReach:
    def test_thresholds_are_scaled_to_the_reach_of_the_model(self) -> None:
        policy = a_policy(min_confidence_threshold=D(90))
        assert effective_threshold(policy, ConfidenceModel.V1) == 90
        assert effective_threshold(policy, EMNR) == D("58.5")
        assert effective_threshold(a_policy(min_confidence_threshold=D(100)), EMNR) == 65

    def test_an_empty_strong_list_lowers_what_can_be_reached(self) -> None:
        assert [reachable_score(a_spec(strong=strong)) for strong in ((ALWAYS,), ())] == [100, 90]
        assert [reachable_score(spec_of(strong=strong)) for strong in ((True,), ())] == [65, 40]

    def test_a_strategy_of_wild_markets_only_cannot_reach_the_calm_points(self) -> None:
        wild = Forbidden(volatility=Volatility(min_atr_percentile=D(90)))
        assert reachable_score(a_spec(strong=(ALWAYS,), forbidden=wild)) == 96

    @pytest.mark.parametrize(("spec", "threshold"), [(a_spec(), "90"), (spec_of(), "100"), (spec_of(strong=()), "61")])
    def test_a_threshold_within_reach_is_no_problem(self, spec: StrategySpec, threshold: str) -> None:
        assert reach_problem(spec, a_policy(min_confidence_threshold=D(threshold))) == ""

    def test_a_threshold_that_can_never_be_reached_is_named_with_both_numbers(self) -> None:
        assert reach_problem(a_spec(), a_policy(min_confidence_threshold=D("90.01"))) == (
            "the policy's threshold is 90.01; the highest score that this strategy can reach "
            "without a strong condition is 90"
        )
        assert reach_problem(spec_of(strong=()), a_policy(min_confidence_threshold=D(90))) == (
            "the policy's threshold is 90, 58.5 on the scale of emnr_v0, which ends at 65; "
            "the highest score that this strategy can reach without a strong condition is 40"
        )
