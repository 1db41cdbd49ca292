"""A tighter policy never lets through what a looser one denied, whatever is open, on the way, lost or near."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    NOW,
    STRATEGY_ID,
    SYMBOL,
    D,
    a_calendar,
    a_day,
    a_desk,
    a_desk_position,
    a_market,
    a_policy,
    a_position,
    a_quote,
    a_strategy,
    an_account,
    an_event,
    an_idea,
)
from tests.core.gate_cases import ONE_FAILS, World, an_outcome
from tests.core.risk.tightening import LADDERS, UNORDERED

from tradewarden.core.account import MarginMode
from tradewarden.core.desk import IntentStatus, UnfinishedIntent
from tradewarden.core.market.session import WeeklyHours
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.gate import judge
from tradewarden.core.risk.reasons import Code
from tradewarden.core.risk.verdict import Outcome, Verdict
from tradewarden.core.values import Side

RANK = {Outcome.EXECUTE: 0, Outcome.NEEDS_APPROVAL: 1, Outcome.REJECTED: 2, Outcome.HALTED_BY_RISK: 2}
OTHER = "b" * 32
POINT = D("0.00001")
decimals = st.sampled_from


def test_every_field_of_the_policy_has_its_tighter_side_or_none() -> None:
    assert set(LADDERS) | UNORDERED == set(RiskPolicy.__slots__)
    assert not set(LADDERS) & UNORDERED


@st.composite
def positions(draw: st.DrawFn) -> tuple[Any, ...]:
    held = []
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        side, price = draw(st.sampled_from([Side.BUY, Side.BUY, Side.SELL])), D("1.09990")
        room = draw(st.sampled_from([*[10, 100, 290] * 4, None]))
        held.append(
            a_position(
                1001 + number,
                symbol=draw(st.sampled_from([SYMBOL, *["GBPUSD", "XAUUSD"] * 4, "UNKNOWN"])),
                side=side,
                price=price,
                lots=draw(st.sampled_from([D("0.01"), D("0.50"), D("4.00")])),
                stop_loss=None if room is None else price - side.sign * room * POINT,
                profit=draw(st.sampled_from([D("-900.00"), D("0.00"), D("700.00")])),
            )
        )
    return tuple(held)


@st.composite
def intents(draw: st.DrawFn) -> tuple[UnfinishedIntent, ...]:
    return tuple(
        UnfinishedIntent(
            intent_id=f"{number}" * 32,
            idea_id=f"{number + 5}" * 32,
            strategy_id=draw(st.sampled_from([STRATEGY_ID, OTHER])),
            symbol=draw(st.sampled_from([SYMBOL, "GBPUSD", "GBPUSD"])),
            side=draw(st.sampled_from(Side)),
            lots=D("1.00"),
            risk_amount=draw(st.sampled_from([D("10.00"), D("490.00"), D("1800.00")])),
            margin=draw(st.sampled_from([D("1100.00"), D("1100.00"), D("30000.00")])),
            status=IntentStatus.SENT,
        )
        for number in range(draw(st.sampled_from([0, 0, 1, 2])))
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a world with a little of everything near its limit; more often than not nothing is wrong in it."""
    held = draw(positions())
    owned = [position for position in held if draw(st.booleans())]
    balance = draw(decimals([D("100000.00"), D("100000.00"), D("101000.00"), D("2000.00")]))
    account = an_account(
        balance=balance,
        positions=held,
        margin=draw(decimals([D("0.00"), D("0.00"), D("28000.00"), D("32000.00")])),
        captured_at=NOW - timedelta(seconds=draw(st.sampled_from([*[0] * 6, 9, 80]))),
        margin_mode=draw(st.sampled_from([*[MarginMode.HEDGING] * 6, *MarginMode])),
    )
    initial = draw(decimals([balance, balance, D("99000.00")]))
    mark = max(initial, account.equity, draw(decimals([balance, balance, D("101500.00")])))
    desk = a_desk(
        unfinished_intents=draw(intents()),
        positions=tuple(
            a_desk_position(
                p.ticket, symbol=p.symbol, side=p.side, strategy_id=draw(st.sampled_from([STRATEGY_ID, OTHER, OTHER]))
            )
            for p in owned
        ),
        day=a_day(balance=balance, equity=draw(decimals([balance, balance, balance + 600])), realised_profit=D(50)),
        initial_balance=initial,
        high_water_mark=mark,
        balance_mark=mark,
        outcomes=tuple(an_outcome(draw(st.integers(5, 100))) for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3])))),
        opens_sent_at=(NOW - timedelta(seconds=draw(st.sampled_from([30, 600]))),)
        * draw(st.sampled_from([0, 0, 0, 1, 3])),
        watchlist=draw(st.sampled_from([*[(SYMBOL,)] * 6, ()])),
    )
    distance = draw(st.sampled_from([200, 200, 60, 1000]))
    idea = an_idea(
        stop_loss=D("1.10000") - distance * POINT,
        take_profits=(D("1.10000") + distance * draw(st.sampled_from([1, 2, 2, 3, 3])) * POINT,),
        entry=D("1.10000") + draw(st.sampled_from([0, 0, 3, 15])) * POINT,
    )
    event = an_event(NOW + timedelta(minutes=draw(st.sampled_from([10, 50, *[500] * 6]))))
    world = World(idea=idea, account=account, desk=desk, strategy=a_strategy(rr_expectation=D("0.5")))
    instrument = replace(
        world.snapshot.instrument,
        volume_min=draw(decimals([D("0.01"), D("0.01"), D("0.50")])),
        calculated_tick_value=draw(decimals([D(1), D(1), D("0.97")])),
        trading_hours=draw(
            st.sampled_from([*[world.snapshot.instrument.trading_hours] * 5, WeeklyHours(((0, 3650),))])
        ),
    )
    snapshot = replace(
        world.snapshot,
        instrument=instrument,
        quote=a_quote(at=NOW - timedelta(seconds=draw(st.sampled_from([*[0] * 6, 5, 80])))),
        calendar=a_calendar(event, captured_at=NOW - timedelta(hours=draw(st.sampled_from([0, 0, 0, 5, 300])))),
        clock_ahead_seconds=draw(st.sampled_from([0, 0, 0, 0, 5])),
    )
    market = a_market(atr=draw(decimals([D("0.000400000"), D("0.002000000")])))
    return replace(world, snapshot=snapshot, market=market, confidence=draw(st.sampled_from([80, 100])))


# What makes a trade smaller, and what a smaller trade might slip under: the half of all tries goes there.
SIZES = (
    "risk_fraction",
    "max_lot_size",
    "base_amount",
    "commission_per_lot",
    "slippage_points",
    "max_daily_loss",
    "max_drawdown_amount",
    "max_open_risk_fraction",
)
AMOUNTS = frozenset({*SIZES, "min_margin_level", "max_currency_exposure", "min_rr"})
fields = st.sampled_from(SIZES) | st.sampled_from(sorted(LADDERS))


@st.composite
def rungs(draw: st.DrawFn) -> dict[str, int]:
    """Return for every field how far down its ladder it stands: near the top, so that little is denied by all else."""
    return {
        name: min(len(ladder) - 1, draw(st.sampled_from([0, 1, 2] if name in AMOUNTS else [*[0] * 12, 1])))
        for name, ladder in LADDERS.items()
    }


def policy_at(steps: dict[str, int]) -> RiskPolicy:
    return a_policy(**{name: LADDERS[name][step] for name, step in steps.items()})


def failing(verdict: Verdict) -> set[Code]:
    return {entry.code for entry in verdict.checks if not entry.passed}


def outcome_under(world: World, policy: RiskPolicy) -> Verdict:
    return judge(replace(world, policy=policy).context())


def assert_no_milder(world: World, loose: RiskPolicy, tight: RiskPolicy, fields: set[str]) -> None:
    before, after = outcome_under(world, loose), outcome_under(world, tight)
    if before.outcome is not Outcome.EXECUTE:
        assert after.outcome is not Outcome.EXECUTE
    if "mode" not in fields:
        # A person may be asked about a symbol off the watchlist where the desk alone may not act on it at all.
        assert RANK[after.outcome] >= RANK[before.outcome]
    assert failing(before) <= failing(after)
    assert after.lots <= before.lots


@given(world=worlds(), steps=rungs(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_tightening_any_field_never_turns_a_denial_into_an_approval(
    world: World, steps: dict[str, int], data: st.DataObject
) -> None:
    name = data.draw(fields)
    lower = data.draw(st.integers(steps[name], len(LADDERS[name]) - 1))
    assert_no_milder(world, policy_at(steps), policy_at(steps | {name: lower}), {name})


@given(world=worlds(), steps=rungs(), data=st.data())
@settings(max_examples=75, deadline=None)
def test_tightening_many_fields_at_once_never_does_either(
    world: World, steps: dict[str, int], data: st.DataObject
) -> None:
    names = data.draw(st.sets(fields, max_size=12))
    lower = {name: data.draw(st.integers(steps[name], len(LADDERS[name]) - 1)) for name in sorted(names)}
    assert_no_milder(world, policy_at(steps), policy_at(steps | lower), names)


@pytest.mark.parametrize("code", ONE_FAILS)
def test_no_single_denial_is_lifted_by_tightening_any_one_field(code: Code) -> None:
    world = ONE_FAILS[code](World())
    before = judge(world.context())
    for name, ladder in LADDERS.items():
        now = getattr(world.policy, name)
        if now not in ladder:
            continue
        for value in ladder[ladder.index(now) :]:
            after = outcome_under(world, replace(world.policy, **{name: value}))
            assert after.outcome is not Outcome.EXECUTE, (code, name, value)
            if name != "mode":
                assert RANK[after.outcome] >= RANK[before.outcome], (code, name, value)


@given(world=worlds(), fraction=st.decimals("0.0001", "0.05", places=4))
@settings(max_examples=75, deadline=None)
def test_a_size_keeps_step_budget_and_every_limit(world: World, fraction: Decimal) -> None:
    policy = a_policy(risk_fraction=fraction, max_open_risk_fraction=D("0.02"), max_currency_exposure=D(3))
    context = replace(world, policy=policy).context()
    verdict, sizing = judge(context), context.sizing
    assert verdict.lots % context.snapshot.instrument.volume_step == 0
    assert verdict.risk_amount <= sizing.budget <= max(D(0), sizing.base) * fraction
    if verdict.outcome is not Outcome.EXECUTE:
        return
    book, limits = context.book, context.limits
    for limit in (limits.daily, limits.drawdown, limits.open_risk):
        assert limit.limit is not None
        assert limit.used + verdict.risk_amount <= limit.limit
    account = context.account
    assert account is not None
    assert account.margin + book.margin + verdict.margin <= account.equity * 100 / policy.min_margin_level
