"""``decide``: pure, the same in any process, and blind to everything after its moment."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    ALWAYS,
    NOW,
    D,
    a_calendar,
    a_desk,
    a_desk_position,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_strategy,
    an_account,
    an_event,
    an_instrument,
    flat_closes,
    some_bars,
    some_inputs,
    utc,
    wandering_closes,
)

from tradewarden.core.audit.canonical import digest_json
from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.decision import (
    CloseRequest,
    DecisionInputs,
    EvaluateRequest,
    ManageRequest,
    RejudgeRequest,
    Result,
    decide,
    decision_digest,
)
from tradewarden.core.ideas import Approval
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.orders import OpenIntent, ProtectIntent, ReduceIntent
from tradewarden.core.policy import Mode
from tradewarden.core.positions import CloseAll, Keep, SetStop
from tradewarden.core.replay import replay
from tradewarden.core.risk.reasons import Code
from tradewarden.core.strategy.evaluate import SECTIONS
from tradewarden.core.strategy.spec import Comparison, Forbidden, Operator, SeriesOperand, StrategyVersion
from tradewarden.core.values import Side

CROSSING: dict[str, Any] = {
    "indicators": (
        IndicatorSpec(name="fast", kind="ema", period=10),
        IndicatorSpec(name="slow", kind="sma", period=30),
        IndicatorSpec(name="rsi", kind="rsi", period=14),
    ),
    "entry": (Comparison(left=SeriesOperand(series="fast"), op=Operator.ABOVE, right=(SeriesOperand(series="slow"),)),),
    "strong": (
        Comparison(left=SeriesOperand(series="rsi"), op=Operator.ABOVE, right=(SeriesOperand(series="rsi", shift=3),)),
    ),
}


def on_walk(seed: int, **changes: Any) -> DecisionInputs:
    """Return the inputs of a crossing strategy on a seeded random walk that ends at ``NOW``."""
    closes = wandering_closes(420, seed=seed)
    bid = D(str(closes[-1])).quantize(D("0.00001"))
    snapshot = a_snapshot(bars=(some_bars(closes),), quote=a_quote(str(bid), str(bid + D("0.00010"))))
    return some_inputs(snapshot=snapshot, strategy=a_strategy(**CROSSING), **changes)


def test_an_evaluation_leads_to_an_order_with_every_stage_present() -> None:
    decision = decide(some_inputs())
    assert decision.result is Result.EXECUTE
    assert decision.evaluation is not None
    assert decision.confidence is not None
    assert decision.verdict is not None
    assert isinstance(decision.intent, OpenIntent)
    assert decision.intent.lots == decision.verdict.lots


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"policy": a_policy(mode=Mode.SUPERVISED)}, Result.NEEDS_APPROVAL),
        ({"policy": a_policy(ai_trading_enabled=False)}, Result.REJECTED),
        ({"desk": a_desk(high_water_mark=D("110000.00"))}, Result.HALTED_BY_RISK),
        ({"account": None}, Result.REJECTED),
        ({"strategy": a_strategy(exit=(ALWAYS,))}, Result.NO_SETUP),
        ({"strategy": a_strategy(is_active=False)}, Result.REJECTED),
        ({"snapshot": a_snapshot(quote=None)}, Result.NO_SETUP),
        ({"snapshot": a_snapshot(bars=(some_bars(flat_closes(10)),))}, Result.NO_SETUP),
    ],
)
def test_where_an_evaluation_leads(changes: dict[str, Any], result: Result) -> None:
    decision = decide(some_inputs(**changes))
    assert decision.result is result
    assert decision.intent is None


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (a_strategy(invalidations=(ALWAYS,)), "an invalidation holds: close > 0.00001"),
        (a_strategy(forbidden=Forbidden(conditions=(ALWAYS,))), "a forbidden condition holds: close > 0.00001"),
    ],
)
def test_a_rejudgement_looks_at_what_ends_the_idea_again(strategy: StrategyVersion, words: str) -> None:
    first = decide(some_inputs())
    assert first.idea is not None
    again = RejudgeRequest(idea=first.idea, confidence_score=D(82), approval=None, at_most=None)
    decision = decide(some_inputs(again, strategy=strategy))
    assert decision.result is Result.REJECTED
    assert decision.verdict is not None
    (failed,) = [check for check in decision.verdict.failures() if check.code is Code.FORBIDDEN_CONDITION]
    assert failed.observed == words
    # What it was judged on is part of the record.
    assert decision.evaluation is not None
    assert [check.holds for check in decision.evaluation.conditions if check.section not in SECTIONS] == [True]


def test_a_held_setup_without_an_idea_says_why() -> None:
    decision = decide(some_inputs(strategy=a_strategy(invalidations=(ALWAYS,))))
    assert (decision.result, decision.idea) == (Result.NO_SETUP, None)
    assert decision.no_idea == "an invalidation holds: close > 0.00001"
    assert decide(some_inputs(strategy=a_strategy(exit=(ALWAYS,)))).no_idea == ""


def test_a_rejudgement_is_bound_to_the_lots_that_were_approved() -> None:
    first = decide(some_inputs(policy=a_policy(mode=Mode.SUPERVISED)))
    assert first.idea is not None
    approval = Approval(
        actor="user:ann",
        idea_digest=first.idea.digest,
        max_lots=D("1.00"),
        worst_price=None,
        answers=("SUPERVISED_MODE",),
        approved_at=NOW,
    )
    for at_most in (None, D("3.00")):
        again = RejudgeRequest(idea=first.idea, confidence_score=D(82), approval=approval, at_most=at_most)
        decision = decide(some_inputs(again, policy=a_policy(mode=Mode.SUPERVISED)))
        assert decision.result is Result.EXECUTE
        assert decision.intent is not None
        assert decision.intent.lots == D("1.00")  # type: ignore[union-attr]


def managed(**changes: Any) -> DecisionInputs:
    """Return the inputs of looking after a position of the desk."""
    values: dict[str, Any] = {
        "account": an_account(positions=(a_position(),)),
        "desk": a_desk(positions=(a_desk_position(),)),
    }
    return some_inputs(ManageRequest(ticket=1001), **(values | changes))


def test_a_position_is_kept_while_no_exit_holds() -> None:
    decision = decide(managed())
    assert (decision.result, decision.plan) == (Result.KEEP, Keep(reason="no exit holds"))


def test_an_exit_condition_closes_the_whole_position() -> None:
    decision = decide(managed(strategy=a_strategy(exit=(ALWAYS,))))
    assert decision.result is Result.EXECUTE
    assert isinstance(decision.plan, CloseAll)
    assert isinstance(decision.intent, ReduceIntent)
    assert decision.intent.lots == D("0.50")


def test_an_exit_on_the_bar_of_the_opening_does_not_count() -> None:
    young = a_desk(positions=(a_desk_position(opened_at=NOW),))
    assert decide(managed(strategy=a_strategy(exit=(ALWAYS,)), desk=young)).result is Result.KEEP


@pytest.mark.parametrize(("minutes", "result"), [(120, Result.EXECUTE), (121, Result.KEEP)])
def test_a_time_limit_counts_from_the_opening(minutes: int, result: Result) -> None:
    assert decide(managed(strategy=a_strategy(time_limit_minutes=minutes))).result is result


def test_a_missing_stop_comes_first_and_closes_where_the_price_is_past_it() -> None:
    bare = an_account(positions=(a_position(stop_loss=None),))
    decision = decide(managed(account=bare, strategy=a_strategy(exit=(ALWAYS,))))
    assert isinstance(decision.plan, SetStop)
    assert isinstance(decision.intent, ProtectIntent)
    assert (decision.intent.stop_loss, decision.intent.take_profit) == (D("1.09700"), D("1.10400"))
    past = an_account(positions=(a_position(stop_loss=None, price=D("1.09690")),))
    assert isinstance(decide(managed(account=past)).plan, CloseAll)


def test_foreign_and_closed_positions_are_left_alone() -> None:
    assert decide(managed(desk=a_desk())).result is Result.KEEP
    assert decide(managed(account=an_account())).result is Result.KEEP
    assert decide(managed(account=None)).result is Result.KEEP


def test_what_is_due_while_the_market_is_closed_waits_for_its_opening() -> None:
    saturday = utc(2025, 12, 13, 12)
    snapshot = a_snapshot(as_of=saturday, calendar=replace(a_calendar(), captured_at=saturday))
    decision = decide(managed(snapshot=snapshot, strategy=a_strategy(time_limit_minutes=1)))
    assert decision.result is Result.KEEP
    assert decision.plan is not None
    assert "market is closed" in decision.plan.reason


def test_a_person_may_close_what_halts_and_limits_cannot_block() -> None:
    request = CloseRequest(ticket=1001, lots=D("0.20"), actor="user:ann")
    inputs = some_inputs(
        request, account=an_account(positions=(a_position(),)), desk=a_desk(reconciled=False), strategy=None
    )
    decision = decide(inputs)
    assert (decision.result, decision.intent.lots if decision.intent else None) == (Result.EXECUTE, D("0.20"))  # type: ignore[union-attr]


@pytest.mark.parametrize("lots", ["0.51", "0", "1E+30"])
def test_closing_more_than_is_open_is_a_refusal_and_no_error(lots: str) -> None:
    request = CloseRequest(ticket=1001, lots=D(lots), actor="user:ann")
    decision = decide(some_inputs(request, account=an_account(positions=(a_position(),))))
    assert (decision.result, decision.intent) == (Result.REJECTED, None)


# Purity


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), mode=st.sampled_from(Mode), score=st.integers(0, 100))
def test_the_same_inputs_give_the_same_decision_also_after_a_round_trip(seed: int, mode: Mode, score: int) -> None:
    policy = a_policy(mode=mode, min_confidence_threshold=D(score))
    calendar = a_calendar(an_event(NOW + timedelta(minutes=seed % 60)))
    inputs = on_walk(seed, policy=policy)
    inputs = replace(inputs, snapshot=replace(inputs.snapshot, calendar=calendar))
    blobs: dict[str, bytes] = {}
    encoded = encode(inputs, blobs)
    first = decide(inputs)
    again = decide(decode(DecisionInputs, json.loads(json.dumps(encoded)), blobs))
    assert again == first
    assert decision_digest(again) == decision_digest(first)
    report = replay(encoded, encode(first), blobs, recorded_digest=decision_digest(first))
    assert report.identical
    assert report.differences == ()


def test_replay_names_the_stage_and_field_that_differ() -> None:
    inputs = some_inputs()
    blobs: dict[str, bytes] = {}
    encoded: Any = encode(inputs, blobs)
    recorded: Any = encode(decide(inputs))
    recorded["verdict"]["lots"] = "9.00"
    report = replay(encoded, recorded, blobs, recorded_digest=digest_json(recorded))
    assert not report.identical
    assert [(d.stage, d.field, d.recorded, d.recomputed) for d in report.differences] == [
        ("verdict", "/lots", "9.00", "5.00")
    ]


CHILD = """
import json, locale, sys, time
from tradewarden.core.audit.codec import decode
from tradewarden.core.decision import DecisionInputs, decide, decision_digest
record = json.load(sys.stdin)
blobs = {digest: bytes.fromhex(content) for digest, content in record["blobs"].items()}
print(decision_digest(decide(decode(DecisionInputs, record["inputs"], blobs))), time.tzname[0], hash("x"))
"""


def digest_elsewhere(record: str, **environment: str) -> tuple[str, str, str]:
    """Return the digest that another process computes, its time zone's name and one of its string hashes."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD],
        input=record,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    digest, zone_name, number = done.stdout.split()
    return digest, zone_name, number


def test_another_process_hash_seed_locale_and_time_zone_change_nothing() -> None:
    inputs = on_walk(7)
    blobs: dict[str, bytes] = {}
    encoded = encode(inputs, blobs)
    record = json.dumps({"inputs": encoded, "blobs": {key: value.hex() for key, value in blobs.items()}})
    expected = decision_digest(decide(inputs))
    first = digest_elsewhere(record, PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="C")
    second = digest_elsewhere(record, PYTHONHASHSEED="2", TZ="America/New_York", LC_ALL="tr_TR.UTF-8")
    assert first[0] == second[0] == expected
    assert first[1:] != second[1:], "the two processes did differ"


# No look-ahead: what comes after the moment is not there to be seen.


@settings(max_examples=25)
@given(seed=st.integers(0, 500), cut=st.integers(401, 520))
def test_deciding_on_a_prefix_equals_deciding_in_the_full_run(seed: int, cut: int) -> None:
    full = some_bars(wandering_closes(520, seed=seed), ended_at=NOW + timedelta(hours=30))
    as_of = utc(1970, 1, 1) + timedelta(seconds=int(full.ended_at[cut - 1]))
    shown = full.closed_by(as_of, 400)
    prefix = some_bars(full.close[:cut].tolist(), ended_at=as_of).window(cut - 400, cut)
    assert len(shown) == 400
    results = []
    for bars in (shown, prefix):
        snapshot = a_snapshot(
            as_of=as_of, bars=(bars,), instrument=an_instrument(), calendar=replace(a_calendar(), captured_at=as_of)
        )
        inputs = some_inputs(EvaluateRequest(side=Side.BUY), snapshot=snapshot, strategy=a_strategy(**CROSSING))
        results.append(decision_digest(decide(inputs)))
    assert results[0] == results[1]


def test_more_history_than_is_needed_changes_nothing() -> None:
    long = some_bars(wandering_closes(900, seed=3))
    snapshots = [a_snapshot(bars=(long.window(900 - count, 900),)) for count in (400, 600, 900)]
    strategy = a_strategy(**CROSSING)
    digests = {decision_digest(decide(some_inputs(snapshot=s, strategy=strategy))) for s in snapshots}
    assert len(digests) == 1


def test_real_bars_give_the_same_decision_from_a_cut_file(test_data: Path) -> None:
    """Walk real gold through the simulated terminal twice: once with the future in the file, once without."""
    from tests.core.real_walk import digests_at, real_gold

    full, cuts = real_gold(test_data)
    assert len(cuts) >= 20
    whole = digests_at(full, cuts)
    assert len(set(whole)) > 1
    for index in (0, len(cuts) // 2, len(cuts) - 1):
        assert digests_at(full, [cuts[index]], forget_the_future=True) == [whole[index]]
