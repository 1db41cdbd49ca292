"""How far each loss limit is away, and which comes first."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import D, a_day, a_desk, a_policy, a_position, an_account

from tradewarden.core.account import AccountState
from tradewarden.core.desk import IntentStatus, UnfinishedIntent
from tradewarden.core.headroom import LimitHeadroom, LossLimit, limit_headroom
from tradewarden.core.policy import DrawdownKind
from tradewarden.core.risk.checks_desk import daily_loss_check, drawdown_check
from tradewarden.core.values import Side


def headroom(account: AccountState, *, desk: Any = None, losses: Any = None, **policy: Any) -> LimitHeadroom:
    """Return the headroom of an account under the builders' limits: 2,000 a day, 10,000 in all."""
    return limit_headroom(account, desk or a_desk(), a_policy(**policy), stop_losses=losses)


def floating(amount: str) -> AccountState:
    return an_account(positions=(a_position(profit=D(amount)),))


def test_what_is_lost_left_and_where_it_breaches() -> None:
    found = headroom(floating("-700.00"))
    assert found.daily_loss is not None
    assert found.drawdown is not None
    assert (found.daily_loss.used, found.daily_loss.left, found.daily_loss.breach_equity) == (
        D("700.00"),
        D("1300.00"),
        D("98000.00"),
    )
    assert (found.drawdown.left, found.drawdown.breach_equity) == (D("9300.00"), D("90000.00"))
    assert (found.first, found.left) == (LossLimit.DAILY_LOSS, D("1300.00"))


def test_the_drawdown_comes_first_when_it_is_nearer() -> None:
    desk = a_desk(high_water_mark=D("109000.00"))
    found = headroom(floating("-100.00"), desk=desk)
    assert (found.first, found.left) == (LossLimit.DRAWDOWN, D("900.00"))
    assert headroom(floating("-100.00"), desk=desk, drawdown_kind=DrawdownKind.STATIC).first is LossLimit.DAILY_LOSS


def test_deposits_move_every_breach() -> None:
    desk = a_desk(day=a_day(deposits=D("5000.00")), deposits=D("5000.00"))
    found = headroom(an_account(balance=D("105000.00")), desk=desk)
    assert found.daily_loss is not None
    assert found.drawdown is not None
    assert (found.daily_loss.left, found.daily_loss.breach_equity) == (D("2000.00"), D("103000.00"))
    assert (found.drawdown.left, found.drawdown.breach_equity) == (D("10000.00"), D("95000.00"))


def test_limits_that_are_not_set_have_no_distance() -> None:
    found = headroom(an_account(), max_daily_loss=None, max_drawdown_amount=None, soft_loss_fraction=D("0.5"))
    assert (found.daily_loss, found.drawdown, found.first, found.left) == (None, None, None, None)
    assert (found.opening_stops_at, found.flattens_at) == (None, None)


@pytest.mark.parametrize(
    ("soft", "flat", "stops", "flattens"),
    [
        (None, None, None, None),
        ("0.5", None, "1000", None),
        ("0.5", "0.8", "1000", "1600"),
        (None, "0.8", "1600", "1600"),
    ],
)
def test_the_buffers_are_amounts(soft: str | None, flat: str | None, stops: str | None, flattens: str | None) -> None:
    found = headroom(
        an_account(),
        soft_loss_fraction=soft and D(soft),
        flatten_loss_fraction=flat and D(flat),
    )
    assert found.opening_stops_at == (None if stops is None else D(stops))
    assert found.flattens_at == (None if flattens is None else D(flattens))


def test_open_risk_is_every_stop_from_here_and_what_is_on_the_way() -> None:
    """290 points from 1.09990 to the stop at 1.09700, half a lot of 1 a point: 145, and an order that risks 500."""
    coming = UnfinishedIntent(
        intent_id="i",
        idea_id="d",
        strategy_id="s",
        symbol="EURUSD",
        side=Side.BUY,
        lots=D("1.00"),
        risk_amount=D("500.00"),
        margin=D(0),
        status=IntentStatus.SENT,
    )
    held = a_position()
    loss = D("145.00")
    found = headroom(
        an_account(positions=(held,)), desk=a_desk(unfinished_intents=(coming,)), losses={held.ticket: loss}
    )
    assert (found.open_risk, found.unbounded) == (D("645.00"), ())
    assert found.left_after_stops == D("1405.00")


def test_a_position_without_a_stop_leaves_open_risk_unknown() -> None:
    bare = a_position(stop_loss=None)
    found = headroom(an_account(positions=(bare,)))
    assert (found.open_risk, found.unbounded, found.left_after_stops) == (None, (bare.ticket,), None)


@given(
    profit=st.integers(-1_500_000, 1_500_000), mark=st.integers(0, 1_500_000), deposit=st.integers(-500_000, 500_000)
)
def test_the_headroom_is_used_up_exactly_where_the_checks_fail(profit: int, mark: int, deposit: int) -> None:
    paid = Decimal(deposit) / 100
    desk = a_desk(high_water_mark=D(100_000) + Decimal(mark) / 100, deposits=paid, day=a_day(deposits=paid))
    account = an_account(balance=D(100_000) + paid, positions=(a_position(profit=Decimal(profit) / 100),))
    found = limit_headroom(account, desk, a_policy())
    assert found.daily_loss is not None
    assert found.drawdown is not None
    assert (found.daily_loss.left > 0) == daily_loss_check(account, desk, a_policy()).passed
    assert (found.drawdown.left > 0) == drawdown_check(account, desk, a_policy()).passed
    assert (account.equity > found.daily_loss.breach_equity) == (found.daily_loss.left > 0)
