"""Which account statements are believed, and the loss limits that are judged on them."""

import re
from decimal import Decimal

import pytest
from tests.builders import D, a_day, a_desk, a_policy, a_position, an_account

from tradewarden.core.account import AccountState
from tradewarden.core.errors import InvalidSetting
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.policy import LossReference, changed, scaled_policy
from tradewarden.core.risk.checks_desk import daily_loss_check, daily_target_check, drawdown_check, limit_checks
from tradewarden.core.risk.reasons import OnFail

UNBELIEVABLE = [
    (an_account(connected=False), "not connected"),
    (an_account(balance=D("0.00")), "balance is 0.00"),
    (an_account(balance=D("0.00"), equity=D("0.00"), margin=D("0.00")), "balance is 0.00"),
    (an_account(balance=D("-5.00")), "balance is -5.00"),
    (an_account(equity=D("90000.00")), "equity 90000.00 is not balance"),
    (an_account(equity=D("0.00")), "equity 0.00 is not balance"),
    (an_account(positions=(a_position(),), equity=D("100000.00")), r"credit \+ floating = 100050.00"),
]


@pytest.mark.parametrize(("account", "words"), UNBELIEVABLE)
def test_an_unbelievable_statement_is_named_and_never_halts(account: AccountState, words: str) -> None:
    problem = account.problem()
    assert problem is not None
    assert re.search(words, problem)
    losing = a_desk(day=a_day(balance=D("200000.00"), realised_profit=D(9999)), high_water_mark=D("900000.00"))
    for check in limit_checks(account, losing, a_policy(profit_target=D(1))):
        assert not check.passed
        assert check.on_fail is OnFail.DENY


def test_no_statement_denies_and_never_halts() -> None:
    assert [c.on_fail for c in limit_checks(None, a_desk(), a_policy(profit_target=D(1)))] == [OnFail.DENY] * 4


def test_a_believable_statement_may_be_a_cent_off_per_position() -> None:
    held = tuple(a_position(number) for number in range(1, 4))
    assert an_account(positions=held).problem() is None
    assert an_account(positions=held, equity=D("100150.03")).problem() is None
    assert an_account(positions=held, equity=D("100150.04")).problem() is not None


def test_a_great_real_loss_is_believed() -> None:
    ruined = an_account(positions=(a_position(profit=D("-120000.00")),))
    assert ruined.problem() is None
    assert daily_loss_check(ruined, a_desk(), a_policy()).on_fail is OnFail.HALT


def floating(equity: str) -> AccountState:
    """Return a statement with a balance of 100,000 and this equity."""
    return an_account(positions=(a_position(profit=D(equity) - D(100000)),))


@pytest.mark.parametrize(
    ("reference", "base"),
    [(LossReference.BALANCE, "100000"), (LossReference.EQUITY, "101500"), (LossReference.HIGHER, "101500")],
)
def test_daily_loss_counts_from_its_reference(reference: LossReference, base: str) -> None:
    desk = a_desk(day=a_day(equity=D("101500.00")))
    policy = a_policy(daily_loss_reference=reference)
    limit = D(base) - 2000
    assert not daily_loss_check(floating(str(limit)), desk, policy).passed
    assert daily_loss_check(floating(str(limit + D("0.01"))), desk, policy).passed


def test_higher_of_both_takes_the_balance_where_equity_is_lower() -> None:
    desk = a_desk(day=a_day(equity=D("99000.00")))
    assert not daily_loss_check(floating("98000.00"), desk, a_policy()).passed
    by_equity = a_policy(daily_loss_reference=LossReference.EQUITY)
    assert daily_loss_check(floating("98000.00"), desk, by_equity).passed


def test_a_reset_seen_late_counts_from_the_higher_whatever_the_policy_prefers() -> None:
    desk = a_desk(day=a_day(equity=D("101500.00"), late=True))
    by_balance = a_policy(daily_loss_reference=LossReference.BALANCE)
    assert not daily_loss_check(floating("99500.00"), desk, by_balance).passed


def test_the_loss_that_equals_its_limit_halts_and_says_both() -> None:
    check = daily_loss_check(floating("98000.00"), a_desk(), a_policy())
    assert (check.passed, check.on_fail) == (False, OnFail.HALT)
    assert (check.observed, check.limit) == ("loss today 2000.00", "less than 2000")


def test_without_a_day_reference_the_loss_is_unknown_and_denies() -> None:
    check = daily_loss_check(an_account(), a_desk(day=None), a_policy())
    assert (check.passed, check.on_fail) == (False, OnFail.DENY)


@pytest.mark.parametrize(("halts", "on_fail"), [(True, OnFail.HALT), (False, OnFail.DENY)])
def test_drawdown_from_the_high_water_mark(halts: bool, on_fail: OnFail) -> None:
    desk, policy = a_desk(high_water_mark=D("104000.00")), a_policy(halt_on_drawdown=halts)
    assert drawdown_check(floating("94000.01"), desk, policy).passed
    check = drawdown_check(floating("94000.00"), desk, policy)
    assert (check.passed, check.on_fail) == (False, on_fail)
    unknown = drawdown_check(an_account(), a_desk(high_water_mark=None), policy)
    assert (unknown.passed, unknown.on_fail) == (False, OnFail.DENY)


def test_the_target_counts_realised_profit_only_and_can_be_ignored() -> None:
    reached = a_desk(day=a_day(realised_profit=D("3000.00")))
    check = daily_target_check(an_account(), reached, a_policy())
    assert (check.passed, check.on_fail) == (False, OnFail.HALT)
    assert daily_target_check(an_account(), reached, a_policy(stop_after_target=False)).passed
    assert daily_target_check(an_account(), reached, a_policy(daily_profit_target=None)).passed
    assert daily_target_check(floating("109000.00"), a_desk(), a_policy()).passed


def test_limits_that_are_not_set_pass() -> None:
    policy = a_policy(max_daily_loss=None, max_drawdown_amount=None, daily_profit_target=None)
    assert all(c.passed for c in limit_checks(None, a_desk(), policy))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"risk_fraction": D("0.06")}, "risk_fraction is 0.06, allowed is 0.0001 to 0.05"),
        ({"risk_fraction": 0.01}, "risk_fraction is 0.01, it must be a Decimal"),
        ({"risk_fraction": D("NaN")}, "risk_fraction is NaN"),
        ({"risk_fraction": None}, "risk_fraction is None"),
        ({"max_concurrent_trades": D(3)}, "it must be a int"),
        ({"max_concurrent_trades": True}, "max_concurrent_trades is True"),
        ({"mode": "autonomous"}, "mode is 'autonomous', it must be a Mode"),
        ({"ai_trading_enabled": 1}, "ai_trading_enabled is 1"),
        ({"day_reset_zone": "Mars/Olympus"}, "day_reset_zone is neither 'broker' nor an IANA zone"),
        ({"minimum_embargo": Embargo(-1, 15)}, "minimum_embargo of -1 minutes"),
        ({"max_los_size": D(1)}, "unknown policy field 'max_los_size'"),
    ],
)
def test_a_policy_refuses_what_it_cannot_judge_by(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        changed(a_policy(), changes)
    assert words in str(caught.value)


def test_the_first_policy_is_in_proportion_to_the_balance() -> None:
    policy = scaled_policy(Decimal("25000.00"))
    assert (policy.max_daily_loss, policy.max_drawdown_amount, policy.daily_profit_target) == (
        D("500.00"),
        D("2500.00"),
        D("750.00"),
    )
    assert not policy.ai_trading_enabled
    with pytest.raises(InvalidSetting, match="balance above 0"):
        scaled_policy(Decimal(0))
