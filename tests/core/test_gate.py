"""The gate, check by check: what fails alone, where it leads, and what may never be blocked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    DECISION_ID,
    NOW,
    STRATEGY_ID,
    SYMBOL,
    D,
    a_day,
    a_desk,
    a_position,
    a_quote,
    an_account,
    an_instrument,
)
from tests.core.gate_cases import COMPANIONS, HALT, ONE_FAILS, UNKNOWN, World

from tradewarden.core.desk import IntentStatus, SetupKey, UnfinishedIntent
from tradewarden.core.errors import NotApproved
from tradewarden.core.ideas import Approval
from tradewarden.core.orders import intent_from, protect_intent, reduce_intent
from tradewarden.core.policy import Mode
from tradewarden.core.risk.gate import (
    OPEN_CHECKS,
    ProtectRequest,
    ReduceRequest,
    judge,
    judge_protect,
    judge_reduce,
)
from tradewarden.core.risk.reasons import NOT_ABOUT_OPENING, WORDS, Code, OnFail, default_on_fail
from tradewarden.core.risk.verdict import ApprovedVerdict, Check, Outcome, Purpose, Verdict, conclude
from tradewarden.core.values import Side, is_multiple_of

OUTCOMES = {
    OnFail.HALT: Outcome.HALTED_BY_RISK,
    OnFail.DENY: Outcome.REJECTED,
    OnFail.ASK: Outcome.NEEDS_APPROVAL,
}
HALT_CODES = {
    Code.DAILY_LOSS_REACHED,
    Code.MAX_DRAWDOWN_REACHED,
    Code.DAILY_TARGET_REACHED,
    Code.PROFIT_TARGET_REACHED,
}
ASK_CODES = {Code.CONFIDENCE_BELOW_THRESHOLD, Code.SUPERVISED_MODE}


def failing(verdict: Verdict) -> set[Code]:
    return {entry.code for entry in verdict.checks if not entry.passed}


def test_the_default_world_passes_every_check() -> None:
    verdict = judge(World().context())
    assert failing(verdict) == set()
    assert (verdict.outcome, verdict.lots, verdict.risk_amount) == (Outcome.EXECUTE, D("2.35"), D("498.20"))


def test_every_check_of_the_gate_has_a_case_and_its_words() -> None:
    judged = [entry.code for entry in judge(World().context()).checks]
    assert set(ONE_FAILS) == set(judged) == set(Code) - NOT_ABOUT_OPENING
    assert len(judged) == len(set(judged)) == len(OPEN_CHECKS)
    assert judged == [code for code in Code if code not in NOT_ABOUT_OPENING], "shown in the order of the list"
    assert set(WORDS) == set(Code)


@pytest.mark.parametrize("code", ONE_FAILS)
def test_one_failure_is_found_alone_and_leads_where_its_code_says(code: Code) -> None:
    verdict = judge(ONE_FAILS[code](World()).context())
    assert failing(verdict) == {code} | COMPANIONS.get(code, frozenset())
    found = next(entry for entry in verdict.checks if entry.code is code)
    # The desk on its own does not leave the watchlist: what asks a person in supervised mode denies here.
    expected = OnFail.DENY if code is Code.OFF_WATCHLIST else default_on_fail(code)
    assert found.on_fail is expected
    assert verdict.outcome is OUTCOMES[expected]
    assert found.observed
    assert found.limit
    assert len(verdict.checks) == len(OPEN_CHECKS), "every check runs, always"


def test_on_fail_is_what_the_contract_says() -> None:
    for code in ONE_FAILS:
        expected = OnFail.HALT if code in HALT_CODES else OnFail.DENY
        if code in ASK_CODES | {Code.OFF_WATCHLIST}:
            expected = OnFail.ASK
        assert default_on_fail(code) is expected, code


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_cannot_be_computed_denies_and_never_halts(case: str) -> None:
    change, codes = UNKNOWN[case]
    verdict = judge(change(World()).context())
    assert failing(verdict) == codes
    assert {entry.on_fail for entry in verdict.checks if not entry.passed} == {OnFail.DENY}
    assert verdict.outcome is Outcome.REJECTED
    assert verdict.halt_cause is None


def test_a_halt_in_force_denies_and_is_named_as_such() -> None:
    world = World()
    verdict = judge(replace(world, desk=replace(world.desk, halt=HALT)).context())
    assert failing(verdict) == {Code.TRADING_DISABLED}
    assert verdict.outcome is Outcome.HALTED_BY_RISK
    assert verdict.halt_cause is None
    assert "enough for today" in verdict.failures()[0].observed


def test_drawdown_denies_where_the_policy_does_not_halt_on_it() -> None:
    world = ONE_FAILS[Code.MAX_DRAWDOWN_REACHED](World())
    verdict = judge(replace(world, policy=replace(world.policy, halt_on_drawdown=False)).context())
    expected = {Code.MAX_DRAWDOWN_REACHED} | COMPANIONS[Code.MAX_DRAWDOWN_REACHED]
    assert (failing(verdict), verdict.outcome) == (expected, Outcome.REJECTED)


def test_off_the_watchlist_asks_a_person_or_passes_where_the_policy_allows_it() -> None:
    world = ONE_FAILS[Code.OFF_WATCHLIST](World())
    supervised = replace(world, policy=replace(world.policy, mode=Mode.SUPERVISED))
    verdict = judge(supervised.context())
    assert failing(verdict) == {Code.OFF_WATCHLIST, Code.SUPERVISED_MODE}
    assert verdict.outcome is Outcome.NEEDS_APPROVAL
    allowed = replace(world, policy=replace(world.policy, allow_off_watchlist_autotrade=True))
    assert judge(allowed.context()).outcome is Outcome.EXECUTE


def test_outcome_order_is_halt_before_deny_before_ask() -> None:
    world = ONE_FAILS[Code.SUPERVISED_MODE](World())
    assert judge(world.context()).outcome is Outcome.NEEDS_APPROVAL
    world = ONE_FAILS[Code.STRATEGY_INACTIVE](world)
    assert judge(world.context()).outcome is Outcome.REJECTED
    world = ONE_FAILS[Code.DAILY_LOSS_REACHED](world)
    assert judge(world.context()).outcome is Outcome.HALTED_BY_RISK


# Boundaries: the observation that equals its limit.


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        (
            Code.STALE_QUOTE,
            lambda w: replace(w, snapshot=replace(w.snapshot, quote=a_quote(at=NOW - timedelta(seconds=90)))),
        ),
        (Code.CONFIDENCE_BELOW_THRESHOLD, lambda w: replace(w, confidence=50)),
        (
            Code.ACCOUNT_UNAVAILABLE,
            lambda w: replace(w, account=replace(w.account, captured_at=NOW - timedelta(seconds=90))),
        ),
    ],
)
def test_what_equals_its_limit_passes(code: Code, passes) -> None:  # type: ignore[no-untyped-def]
    assert code not in failing(judge(passes(World()).context()))


# Unfinished intents count in every limit; the judged idea's own does not.


def an_unfinished(**changes: object) -> UnfinishedIntent:
    values: dict[str, object] = {
        "intent_id": "9" * 32,
        "idea_id": "8" * 32,
        "strategy_id": "7" * 32,
        "symbol": "GBPUSD",
        "side": Side.BUY,
        "lots": D("1.00"),
        "risk_amount": D("200.00"),
        "margin": D("1000.00"),
        "status": IntentStatus.UNKNOWN,
    }
    return UnfinishedIntent(**(values | changes))  # type: ignore[arg-type]


def with_intents(*intents: UnfinishedIntent) -> World:
    return World(desk=a_desk(unfinished_intents=intents))


def test_unfinished_intents_count_as_if_they_were_open() -> None:
    three = with_intents(*(an_unfinished(intent_id=str(n)) for n in range(3)))
    assert failing(judge(three.context())) == {Code.MAX_CONCURRENT_TRADES}
    assert failing(judge(with_intents(an_unfinished(symbol=SYMBOL)).context())) == {Code.MAX_PER_SYMBOL}
    assert failing(judge(with_intents(an_unfinished(strategy_id=STRATEGY_ID)).context())) == {Code.MAX_PER_STRATEGY}
    heavy = with_intents(an_unfinished(margin=D("33330.00")))
    assert failing(judge(heavy.context())) == {Code.MARGIN_LEVEL, Code.LOT_BELOW_MINIMUM}
    risky = with_intents(an_unfinished(risk_amount=D("1999.00")))
    assert failing(judge(risky.context())) == {Code.DAILY_LOSS_HEADROOM, Code.LOT_BELOW_MINIMUM}
    same = an_unfinished(strategy_id=STRATEGY_ID, symbol=SYMBOL)
    assert Code.DUPLICATE_IDEA in failing(judge(with_intents(same).context()))


def test_the_own_intent_of_a_rejudged_idea_does_not_stand_in_its_way() -> None:
    own = an_unfinished(idea_id=World().idea.idea_id, strategy_id=STRATEGY_ID, symbol=SYMBOL, margin=D("90000.00"))
    assert failing(judge(with_intents(own).context(first=False))) == set()


def test_a_spent_setup_stops_a_new_idea_and_not_its_rejudgement() -> None:
    key = SetupKey(strategy_id=STRATEGY_ID, symbol=SYMBOL, side=Side.BUY)
    world = World(desk=a_desk(spent_setups=(key,)))
    assert failing(judge(world.context())) == {Code.DUPLICATE_IDEA}
    assert failing(judge(world.context(first=False))) == set()
    other = World(desk=a_desk(spent_setups=(replace(key, side=Side.SELL),)))
    assert failing(judge(other.context())) == set()


# Approval


def approval(world: World, *codes: Code, **changes: object) -> Approval:
    values: dict[str, object] = {
        "actor": "user:ann",
        "idea_digest": world.idea.digest,
        "max_lots": D("2.35"),
        "worst_price": None,
        "answers": tuple(code.value for code in codes),
        "approved_at": NOW,
    }
    return Approval(**(values | changes))  # type: ignore[arg-type]


def test_an_approval_answers_the_questions_it_was_shown_and_no_others() -> None:
    world = ONE_FAILS[Code.SUPERVISED_MODE](ONE_FAILS[Code.CONFIDENCE_BELOW_THRESHOLD](World()))
    both = replace(world, approval=approval(world, Code.SUPERVISED_MODE, Code.CONFIDENCE_BELOW_THRESHOLD))
    assert judge(both.context()).outcome is Outcome.EXECUTE
    one = replace(world, approval=approval(world, Code.SUPERVISED_MODE))
    verdict = judge(one.context())
    assert verdict.outcome is Outcome.NEEDS_APPROVAL
    assert [entry.code for entry in verdict.failures()] == [Code.CONFIDENCE_BELOW_THRESHOLD]


def test_an_approval_of_another_idea_answers_nothing() -> None:
    world = ONE_FAILS[Code.SUPERVISED_MODE](World())
    other = approval(world, Code.SUPERVISED_MODE, idea_digest="0" * 64)
    assert judge(replace(world, approval=other).context()).outcome is Outcome.NEEDS_APPROVAL


@pytest.mark.parametrize("code", [code for code in ONE_FAILS if code not in ASK_CODES])
def test_deny_and_halt_cannot_be_approved(code: Code) -> None:
    world = ONE_FAILS[code](World())
    everything = approval(world, *Code, max_lots=D(6) if code is Code.LOT_ABOVE_MAXIMUM else D("2.35"))
    verdict = judge(replace(world, approval=everything).context())
    assert verdict.outcome in (Outcome.REJECTED, Outcome.HALTED_BY_RISK)


@pytest.mark.parametrize(("worst", "holds"), [("1.10000", True), ("1.10001", True), ("1.09999", False)])
def test_a_worst_price_bounds_what_a_person_agreed_to(worst: str, holds: bool) -> None:
    world = World()
    bound = replace(world, approval=approval(world, worst_price=D(worst)))
    assert (Code.PRICE_MOVED not in failing(judge(bound.context()))) is holds


# Properties

subsets = st.lists(st.sampled_from(list(ONE_FAILS)), unique=True)
halts = st.booleans()


def combined(codes: list[Code], *, halted: bool) -> World:
    world = World()
    for code in codes:
        world = ONE_FAILS[code](world)
    return replace(world, desk=replace(world.desk, halt=HALT)) if halted else world


@given(codes=subsets, halted=halts)
def test_opening_never_passes_over_any_subset_of_failures_and_halts(codes: list[Code], halted: bool) -> None:
    verdict = judge(combined(codes, halted=halted).context())
    assert (verdict.outcome is Outcome.EXECUTE) is (not codes and not halted)
    if verdict.outcome is not Outcome.EXECUTE:
        with pytest.raises(NotApproved):
            ApprovedVerdict(verdict)


@given(codes=subsets, halted=halts, more=st.sampled_from(list(ONE_FAILS)))
def test_one_more_failure_never_makes_the_outcome_milder(codes: list[Code], halted: bool, more: Code) -> None:
    severity = [Outcome.EXECUTE, Outcome.NEEDS_APPROVAL, Outcome.REJECTED, Outcome.HALTED_BY_RISK]
    # An approval answers questions, so the case that brings one along is no pure failure.
    codes = [code for code in codes if code is not Code.LOT_ABOVE_MAXIMUM]
    before = judge(combined(codes, halted=halted).context())
    after = judge(combined([*codes, more], halted=halted).context())
    assert severity.index(after.outcome) >= severity.index(before.outcome)
    assert more in failing(after)


@given(
    codes=subsets,
    halted=halts,
    lots=st.sampled_from([D("0.50"), D("0.10"), D("0.01")]),
    points=st.integers(1, 289),
)
def test_reducing_and_tightening_always_pass(codes: list[Code], halted: bool, lots: Decimal, points: int) -> None:
    world = combined(codes, halted=halted)
    account, instrument = world.account, world.snapshot.instrument
    assert account is not None
    held = a_position()
    account = replace(account, positions=(*account.positions, held))
    reduce = ReduceRequest(ticket=held.ticket, symbol=SYMBOL, lots=lots)
    assert judge_reduce(reduce, account, instrument).outcome is Outcome.EXECUTE
    protect = ProtectRequest(ticket=held.ticket, symbol=SYMBOL, stop_loss=D("1.09700") + points * D("0.00001"))
    assert judge_protect(protect, account, instrument).outcome is Outcome.EXECUTE


checks = st.builds(
    Check,
    code=st.sampled_from(Code),
    passed=st.booleans(),
    observed=st.sampled_from(["seen", "halted: x"]),
    limit=st.just("limit"),
    on_fail=st.sampled_from(OnFail),
    answered=st.booleans(),
)


@given(entries=st.lists(checks, max_size=12), lots=st.sampled_from([D(0), D("0.1")]), outcome=st.sampled_from(Outcome))
def test_nothing_but_a_complete_verdict_without_blocks_becomes_an_order(
    entries: list[Check], lots: Decimal, outcome: Outcome
) -> None:
    verdict = Verdict(
        purpose=Purpose.OPEN, outcome=outcome, checks=tuple(entries), lots=lots, risk_amount=D(1), margin=D(1)
    )
    # Fewer checks than the gate has: however they came out, this is no verdict of the gate.
    with pytest.raises(NotApproved):
        ApprovedVerdict(verdict)
    complete = replace(verdict, checks=judge(World().context()).checks + tuple(entries))
    if any(entry.blocks for entry in entries) or outcome is not Outcome.EXECUTE or not lots:
        with pytest.raises(NotApproved):
            ApprovedVerdict(complete)
    else:
        assert ApprovedVerdict(complete).verdict is complete


@given(entries=st.lists(checks, max_size=12))
def test_conclusion_executes_only_when_nothing_blocks(entries: list[Check]) -> None:
    assert (conclude(tuple(entries)) is Outcome.EXECUTE) is not any(entry.blocks for entry in entries)


def test_an_answer_counts_for_questions_only() -> None:
    answered_denial = Check(
        code=Code.MARKET_CLOSED, passed=False, observed="x", limit="y", on_fail=OnFail.DENY, answered=True
    )
    assert answered_denial.blocks
    assert conclude((answered_denial,)) is Outcome.REJECTED


def test_an_intent_takes_its_figures_from_the_verdict_and_its_levels_from_the_idea() -> None:
    world = World()
    verdict = judge(world.context())
    intent = intent_from(
        world.idea,
        ApprovedVerdict(verdict),
        decision_id=DECISION_ID,
        price=D("1.10000"),
        account_key="1@x",
        judged_at=NOW,
        max_deviation_points=5,
    )
    assert (intent.lots, intent.risk_amount, intent.margin) == (D("2.35"), D("498.20"), D("2585.00"))
    assert (intent.stop_loss, intent.take_profit) == (D("1.09800"), D("1.10400"))
    assert intent.not_after == NOW + timedelta(minutes=2)
    assert intent.verdict_digest == verdict.digest
    assert len(intent.comment) <= 20


# Reduce and protect refuse what would not reduce or protect.


@pytest.mark.parametrize("lots", ["0.51", "0", "-0.10", "0.005", "1E+40", "NaN", "Infinity"])
def test_reducing_by_more_than_is_open_or_off_the_step_is_refused(lots: str) -> None:
    account = an_account(positions=(a_position(),))
    verdict = judge_reduce(ReduceRequest(ticket=1001, symbol=SYMBOL, lots=D(lots)), account, an_instrument())
    assert (verdict.outcome, failing(verdict)) == (Outcome.REJECTED, {Code.INVALID_REQUEST})
    with pytest.raises(NotApproved):
        ApprovedVerdict(verdict)


def test_a_whole_position_can_be_closed_even_off_the_step() -> None:
    account = an_account(positions=(a_position(lots=D("0.055")),))
    request = ReduceRequest(ticket=1001, symbol=SYMBOL, lots=D("0.055"))
    assert judge_reduce(request, account, an_instrument()).outcome is Outcome.EXECUTE


@pytest.mark.parametrize(
    ("side", "stop_now", "stop", "allowed"),
    [
        (Side.BUY, "1.09700", "1.09701", True),
        (Side.BUY, "1.09700", "1.09699", False),  # wider
        (Side.BUY, "1.09700", "1.09700", False),  # no change
        (Side.BUY, "1.09700", "1.09990", False),  # at the price
        (Side.BUY, "1.09700", "1.097005", False),  # off the tick
        (Side.BUY, "1.09700", "0", False),  # removed
        (Side.BUY, None, "1.09000", True),
        (Side.BUY, None, "1.10100", False),
        (Side.SELL, "1.10200", "1.10199", True),
        (Side.SELL, "1.10200", "1.10201", False),
        (Side.SELL, None, "1.10100", True),
        (Side.SELL, None, "1.09800", False),
    ],
)
def test_a_stop_only_moves_nearer(side: Side, stop_now: str | None, stop: str, allowed: bool) -> None:
    held = a_position(side=side, stop_loss=None if stop_now is None else D(stop_now))
    account = an_account(positions=(held,))
    verdict = judge_protect(ProtectRequest(ticket=1001, symbol=SYMBOL, stop_loss=D(stop)), account, an_instrument())
    assert (verdict.outcome is Outcome.EXECUTE) is allowed


@given(side=st.sampled_from(Side), now=st.integers(-300, 300), wanted=st.integers(-300, 300))
def test_no_request_ever_widens_a_stop(side: Side, now: int, wanted: int) -> None:
    price = D("1.10000")
    stop_now, stop = price - now * D("0.00001") * side.sign, price - wanted * D("0.00001") * side.sign
    account = an_account(positions=(a_position(side=side, price=price, stop_loss=stop_now),))
    verdict = judge_protect(ProtectRequest(ticket=1001, symbol=SYMBOL, stop_loss=stop), account, an_instrument())
    assert (verdict.outcome is Outcome.EXECUTE) is (0 < wanted < now)


@pytest.mark.parametrize(
    ("ticket", "symbol", "code"), [(9, SYMBOL, Code.UNKNOWN_POSITION), (1001, "GBPUSD", Code.UNKNOWN_POSITION)]
)
def test_an_unknown_position_is_neither_reduced_nor_protected(ticket: int, symbol: str, code: Code) -> None:
    account = an_account(positions=(a_position(),))
    assert code in failing(
        judge_reduce(ReduceRequest(ticket=ticket, symbol=symbol, lots=D("0.5")), account, an_instrument())
    )
    protect = ProtectRequest(ticket=ticket, symbol=symbol, stop_loss=D("1.098"))
    assert code in failing(judge_protect(protect, account, an_instrument()))
    assert judge_reduce(ReduceRequest(ticket=1001, symbol=SYMBOL, lots=D(1)), None, an_instrument()).outcome is (
        Outcome.REJECTED
    )


def test_a_verdict_on_one_purpose_makes_no_order_of_another() -> None:
    account = an_account(positions=(a_position(),))
    reduce_request = ReduceRequest(ticket=1001, symbol=SYMBOL, lots=D("0.10"))
    reducing = ApprovedVerdict(judge_reduce(reduce_request, account, an_instrument()))
    opening = ApprovedVerdict(judge(World().context()))
    with pytest.raises(NotApproved, match="reduce cannot make an order to open"):
        intent_from(
            World().idea,
            reducing,
            decision_id=DECISION_ID,
            price=D("1.1"),
            account_key="k",
            judged_at=NOW,
            max_deviation_points=5,
        )
    with pytest.raises(NotApproved, match="open cannot make an order to reduce"):
        reduce_intent(reduce_request, opening, decision_id=DECISION_ID, side=Side.BUY, reason="x", judged_at=NOW)
    with pytest.raises(NotApproved, match="open cannot make an order to protect"):
        protect_intent(
            ProtectRequest(ticket=1001, symbol=SYMBOL, stop_loss=D("1.098")),
            opening,
            decision_id=DECISION_ID,
            take_profit=None,
            reason="x",
            judged_at=NOW,
        )


@given(
    balance=st.decimals("100", "1000000", places=2),
    stop_points=st.integers(11, 3000),
    step=st.sampled_from([D("0.01"), D("0.1"), D(1)]),
    fraction=st.decimals("0.0001", "0.05", places=4),
)
def test_an_executing_verdict_keeps_step_minimum_and_risk(
    balance: Decimal, stop_points: int, step: Decimal, fraction: Decimal
) -> None:
    world = World()
    stop = world.idea.entry - stop_points * D("0.00001")
    idea = replace(world.idea, stop_loss=stop, take_profits=(world.idea.entry + 2 * (world.idea.entry - stop),))
    instrument = replace(world.snapshot.instrument, volume_step=step, volume_min=step)
    desk = a_desk(high_water_mark=balance, day=a_day(balance=balance, equity=balance))
    changed = replace(
        world,
        idea=idea,
        account=an_account(balance=balance),
        desk=desk,
        snapshot=replace(world.snapshot, instrument=instrument),
        policy=replace(world.policy, risk_fraction=fraction),
    )
    verdict = judge(changed.context())
    assert is_multiple_of(verdict.lots, step)
    assert verdict.risk_amount <= balance * fraction
    if verdict.outcome is Outcome.EXECUTE:
        assert verdict.lots >= step
