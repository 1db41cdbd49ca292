"""What limits are counted from: references at the reset, marks that only rise, and money paid in or out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import D, a_desk, a_policy, a_position, an_account, utc

from tradewarden.core.account import AccountState, Booking, Deal, DealEntry
from tradewarden.core.desk import DayReference, LossBuffer, daily_loss, drawdown
from tradewarden.core.limits import (
    NO_FIGURES,
    DeskFigures,
    EquityBefore,
    figures_after,
    figures_within_day,
    mark_locked,
    needs_deals,
)
from tradewarden.core.policy import DrawdownKind, DrawdownMark, LossReference

MORNING = utc(2025, 12, 10, 8)
YESTERDAY = utc(2025, 12, 9, 22)
MIDNIGHT = utc(2025, 12, 10, 22)
A_DAY = timedelta(days=1)


def a_deal(ticket: int, amount: str, at: datetime = MORNING, booking: Booking | None = None) -> Deal:
    """Return a closing trade with this result, or a booking of this amount."""
    return Deal(
        ticket=ticket,
        order=0,
        position_id=0 if booking else 7,
        symbol="" if booking else "EURUSD",
        entry=DealEntry.BALANCE if booking else DealEntry.OUT,
        side=None,
        lots=D(0),
        price=D(0),
        profit=D(amount),
        swap=D(0),
        commission=D(0),
        at=at,
        magic=0,
        comment="",
        reason="client",
        booking=booking,
    )


def holding(balance: str, floating: str = "0.00", credit: str = "0.00") -> AccountState:
    """Return a statement with this balance, floating result and credit."""
    held = (a_position(profit=D(floating)),) if D(floating) else ()
    return an_account(balance=D(balance), credit=D(credit), positions=held)


def after(before: DeskFigures, account: AccountState, *deals: Deal, **changes: Any) -> DeskFigures:
    """Return the figures after ``account``; ``policy`` changes are given by keyword."""
    at: datetime = changes.pop("as_of", MORNING)
    resets: Sequence[datetime] = changes.pop("resets", ())
    recorded: EquityBefore | None = changes.pop("recorded", None)
    return figures_after(before, account, a_policy(**changes), as_of=at, resets=resets, deals=deals, recorded=recorded)


def first(balance: str = "100000.00", *deals: Deal, **changes: Any) -> DeskFigures:
    """Return the figures after the first statement."""
    return after(NO_FIGURES, holding(balance), *deals, resets=(YESTERDAY,), **changes)


def the_day(figures: DeskFigures) -> DayReference:
    assert figures.day is not None
    return figures.day


def loss(figures: DeskFigures, account: AccountState, **policy: Any) -> Decimal:
    """Return today's loss on these figures."""
    amount = daily_loss(account, a_desk(day=figures.day), a_policy(**policy))
    assert amount is not None
    return amount


def fallen(figures: DeskFigures, account: AccountState, **policy: Any) -> Decimal:
    """Return the drawdown on these figures."""
    state = a_desk(
        initial_balance=figures.initial_balance,
        high_water_mark=figures.high_water_mark,
        balance_mark=figures.balance_mark,
        deposits=figures.deposits,
    )
    amount = drawdown(account, state, a_policy(**policy))
    assert amount is not None
    return amount


def test_the_first_statement_holds_every_deal_up_to_it() -> None:
    figures = first("100000.00", a_deal(1, "100000.00", booking=Booking.DEPOSIT))
    assert (figures.deposits, the_day(figures).deposits) == (D(0), D(0))
    assert figures.booked is not None
    assert figures.booked.deal == 1
    assert (figures.high_water_mark, figures.balance_mark) == (D("100000.00"), D("100000.00"))


@pytest.mark.parametrize("amount", ["5000.00", "-5000.00"])
@pytest.mark.parametrize("reference", list(LossReference))
def test_money_paid_in_or_out_is_neither_profit_nor_loss(amount: str, reference: LossReference) -> None:
    figures = first()
    account = holding(str(D(100_000) + D(amount) - D(700)))
    deals = (a_deal(2, amount, booking=Booking.DEPOSIT), a_deal(3, "-700.00"))
    figures = after(figures, account, *deals)
    assert loss(figures, account, daily_loss_reference=reference) == D("700.00")
    assert the_day(figures).realised_profit == D("-700.00")
    for kind in DrawdownKind:
        for mark in DrawdownMark:
            assert fallen(figures, account, drawdown_kind=kind, drawdown_mark=mark) == D("700.00")


@pytest.mark.parametrize(
    ("booking", "lost"),
    [
        (Booking.DEPOSIT, "0.00"),
        (Booking.BONUS, "0.00"),
        (Booking.CORRECTION, "-50.00"),
        (Booking.OTHER, "-50.00"),
    ],
)
def test_only_money_from_outside_is_left_out(booking: Booking, lost: str) -> None:
    account = holding("100050.00")
    assert loss(after(first(), account, a_deal(2, "50.00", booking=booking)), account) == D(lost)


def test_credit_is_never_part_of_a_limit() -> None:
    account = holding("100000.00", "-100.00", credit="3000.00")
    assert account.equity == D("102900.00")
    figures = after(first(), account, a_deal(2, "3000.00", booking=Booking.CREDIT))
    assert loss(figures, account) == D("100.00")
    assert figures.high_water_mark == D("100000.00")
    assert figures.deposits == 0


def test_a_jump_of_the_balance_that_no_deal_explains_is_a_result() -> None:
    account = holding("100500.00")
    figures = after(first(), account)
    assert (the_day(figures).deposits, loss(figures, account)) == (D(0), D("-500.00"))


def test_a_deal_counts_once_however_often_it_is_told() -> None:
    account = holding("105000.00")
    deals = (a_deal(1, "100000.00", booking=Booking.DEPOSIT), a_deal(2, "5000.00", booking=Booking.DEPOSIT))
    figures = first("100000.00", deals[0])
    for _ in range(3):
        figures = after(figures, account, *deals)
    assert (figures.deposits, the_day(figures).deposits) == (D("5000.00"), D("5000.00"))


def test_a_deal_booked_after_the_statement_waits_for_the_next_one() -> None:
    lost = a_deal(2, "-700.00")
    paid = a_deal(3, "5000.00", booking=Booking.DEPOSIT)
    earlier = holding("99300.00")
    figures = after(first(), earlier, lost, paid)
    assert (figures.deposits, loss(figures, earlier)) == (D(0), D("700.00"))
    assert needs_deals(figures, holding("104300.00"), YESTERDAY)
    figures = after(figures, holding("104300.00"), lost, paid)
    assert (figures.deposits, loss(figures, holding("104300.00"))) == (D("5000.00"), D("700.00"))


def test_deals_are_asked_for_when_the_balance_moves_and_when_a_day_begins() -> None:
    figures = first()
    assert not needs_deals(figures, holding("100000.00", "-300.00"), YESTERDAY)
    assert needs_deals(figures, holding("100000.01"), YESTERDAY)
    assert needs_deals(figures, holding("100000.00"), MIDNIGHT)
    assert needs_deals(NO_FIGURES, holding("100000.00"), YESTERDAY)


@given(floating=st.integers(-300_000, 300_000), lock=st.booleans(), soft=st.booleans())
def test_a_statement_within_the_day_gives_what_the_whole_reckoning_gives(floating: int, lock: bool, soft: bool) -> None:
    policy: Any = {
        "drawdown_lock": lock,
        "max_drawdown_amount": D(1500),
        "soft_loss_fraction": D("0.5") if soft else None,
        "flatten_loss_fraction": D("0.8"),
    }
    figures = first(**policy)
    account = holding("100000.00", str(Decimal(floating) / 100))
    quick = figures_within_day(figures, account, a_policy(**policy))
    assert quick == after(figures, account, **policy)
    assert figures_within_day(quick, account, a_policy(**policy)) is quick


def test_the_reset_takes_what_was_there_at_the_reset() -> None:
    deals = (
        a_deal(2, "800.00", MIDNIGHT - timedelta(hours=1)),
        a_deal(3, "-50.00", MIDNIGHT + timedelta(seconds=10)),
    )
    look = MIDNIGHT + timedelta(seconds=30)
    day = the_day(after(first(), holding("100750.00", "-20.00"), *deals, as_of=look, resets=(MIDNIGHT,)))
    assert (day.balance, day.equity, day.realised_profit, day.late) == (
        D("100800.00"),
        D("100730.00"),
        D("-50.00"),
        False,
    )


def test_a_missed_reset_takes_the_highest_that_can_have_been() -> None:
    """Balance at the reset 100,300; recorded before 101,250; at the first look balance 99,900, equity 99,650."""
    deals = (
        a_deal(2, "300.00", MIDNIGHT - timedelta(hours=3)),
        a_deal(3, "-400.00", MIDNIGHT + timedelta(hours=1)),
    )
    recorded = EquityBefore(at=MIDNIGHT - timedelta(hours=2), equity=D("101250.00"))
    look = MIDNIGHT + timedelta(hours=9)
    account = holding("99900.00", "-250.00")
    figures = after(first(), account, *deals, as_of=look, resets=(MIDNIGHT,), recorded=recorded)
    day = the_day(figures)
    assert (day.late, day.balance, day.equity) == (True, D("100300.00"), D("101250.00"))
    assert day.realised_profit == D("-400.00")
    for reference in LossReference:
        assert loss(figures, account, daily_loss_reference=reference) == D("1600.00")


def test_money_paid_in_around_a_missed_reset_is_left_out_of_it() -> None:
    deals = (
        a_deal(2, "1000.00", MIDNIGHT - timedelta(hours=1), Booking.DEPOSIT),
        a_deal(3, "4000.00", MIDNIGHT + timedelta(hours=1), Booking.DEPOSIT),
        a_deal(4, "-100.00", MIDNIGHT + timedelta(hours=2)),
    )
    recorded = EquityBefore(at=MIDNIGHT - timedelta(hours=2), equity=D("100020.00"))
    account = holding("104900.00")
    figures = after(
        first(), account, *deals, as_of=MIDNIGHT + timedelta(hours=9), resets=(MIDNIGHT,), recorded=recorded
    )
    day = the_day(figures)
    assert (day.balance, day.equity, day.deposits) == (D("101000.00"), D("101020.00"), D("4000.00"))
    assert loss(figures, account) == D("120.00")
    assert (figures.deposits, figures.high_water_mark) == (D("5000.00"), D("100000.00"))


def test_missing_deals_leave_the_higher_of_both_reckonings() -> None:
    """The balance fell by 600, and the deals tell of 400 only: the reset is counted from the balance known before."""
    known = a_deal(2, "-400.00", MIDNIGHT + timedelta(hours=1))
    account = holding("99400.00")
    figures = after(first(), account, known, as_of=MIDNIGHT + timedelta(hours=9), resets=(MIDNIGHT,))
    assert the_day(figures).balance == D("100000.00")
    assert loss(figures, account) == D("600.00")


def test_moving_the_reset_does_not_forgive_the_loss_of_today() -> None:
    figures = first()
    account = holding("98500.00")
    figures = after(figures, account, a_deal(2, "-1500.00"))
    moved = after(
        figures, account, a_deal(2, "-1500.00"), as_of=MORNING + timedelta(hours=1), resets=(YESTERDAY - A_DAY / 4,)
    )
    assert the_day(moved).late
    assert loss(moved, account) == D("1500.00")


def test_the_mark_of_daily_balances_rises_at_resets_only() -> None:
    figures = first()
    figures = after(figures, holding("103000.00"), a_deal(2, "3000.00"))
    assert (figures.balance_mark, figures.high_water_mark) == (D("100000.00"), D("103000.00"))
    figures = after(figures, holding("101000.00"), a_deal(2, "3000.00"), a_deal(3, "-2000.00"))
    figures = after(figures, holding("101000.00"), as_of=MIDNIGHT, resets=(MIDNIGHT,))
    assert (figures.balance_mark, figures.high_water_mark) == (D("101000.00"), D("103000.00"))


def test_every_missed_day_counts_in_the_mark_of_daily_balances() -> None:
    deals = (
        a_deal(2, "2500.00", MIDNIGHT - timedelta(hours=1)),
        a_deal(3, "-2400.00", MIDNIGHT + timedelta(hours=5)),
    )
    look = MIDNIGHT + 2 * A_DAY
    figures = after(
        first(), holding("100100.00"), *deals, as_of=look, resets=(MIDNIGHT, MIDNIGHT + A_DAY, MIDNIGHT + 2 * A_DAY)
    )
    assert figures.balance_mark == D("102500.00")


def test_a_locked_mark_stands_still_at_the_first_balance_plus_the_limit() -> None:
    policy: Any = {"drawdown_lock": True, "max_drawdown_amount": D(5000)}
    figures = first(**policy)
    for floating, mark, locked in (
        ("4999.99", "104999.99", False),
        ("5000.00", "105000.00", True),
        ("9000.00", "105000.00", True),
    ):
        figures = after(figures, holding("100000.00", floating), **policy)
        assert (figures.high_water_mark, mark_locked(figures, a_policy(**policy))) == (D(mark), locked)
    assert fallen(figures, holding("100000.00", "-0.01"), **policy) == D("5000.01")


def test_a_mark_that_was_higher_before_the_lock_does_not_fall() -> None:
    figures = after(first(), holding("100000.00", "9000.00"))
    policy: Any = {"drawdown_lock": True, "max_drawdown_amount": D(5000)}
    figures = after(figures, holding("100000.00", "9500.00"), **policy)
    assert figures.high_water_mark == D("109000.00")


def test_a_static_drawdown_knows_no_mark() -> None:
    figures = after(first(), holding("100000.00", "9000.00"), drawdown_kind=DrawdownKind.STATIC)
    assert fallen(figures, holding("100000.00", "-10.00"), drawdown_kind=DrawdownKind.STATIC) == D("10.00")
    assert not mark_locked(figures, a_policy(drawdown_kind=DrawdownKind.STATIC, drawdown_lock=True))


def test_the_farthest_buffer_of_the_day_is_kept_until_the_next() -> None:
    policy: Any = {"soft_loss_fraction": D("0.5"), "flatten_loss_fraction": D("0.8")}
    figures, seen = first(**policy), []
    for floating in ("-999.99", "-1000.00", "-200.00", "-1600.00", "0.00"):
        figures = after(figures, holding("100000.00", floating), **policy)
        seen.append(the_day(figures).buffer)
    assert seen == [LossBuffer.NONE, LossBuffer.SOFT, LossBuffer.SOFT, LossBuffer.FLATTEN, LossBuffer.FLATTEN]
    tomorrow = after(figures, holding("100000.00"), as_of=MIDNIGHT, resets=(MIDNIGHT,), **policy)
    assert the_day(tomorrow).buffer is LossBuffer.NONE


CENTS = st.integers(min_value=-200_000, max_value=200_000).map(lambda cents: Decimal(cents) / 100)
STEPS = st.lists(st.tuples(CENTS, st.sampled_from([None, Booking.DEPOSIT]), CENTS, st.booleans()), max_size=12)


@given(steps=STEPS, lock=st.booleans())
def test_marks_only_rise_and_deposits_change_no_loss(steps: list[Any], lock: bool) -> None:
    """The same trades with and without money paid in lead to the same losses, drawdowns and marks."""
    policy: Any = {"drawdown_lock": lock, "max_drawdown_amount": D(3000)}
    paid, plain = first(**policy), first(**policy)
    paid_deals: list[Deal] = []
    plain_deals: list[Deal] = []
    balance = bare = D("100000.00")
    at = MORNING
    for number, (amount, booking, floating, new_day) in enumerate(steps, start=2):
        at += timedelta(hours=1)
        balance += amount
        paid_deals.append(a_deal(number, str(amount), at, booking))
        if booking is None:
            bare += amount
            plain_deals.append(paid_deals[-1])
        resets = (at,) if new_day else ()
        marks = (paid.high_water_mark, paid.balance_mark)
        rich, poor = holding(str(balance), str(floating)), holding(str(bare), str(floating))
        paid = after(paid, rich, *paid_deals, as_of=at, resets=resets, **policy)
        plain = after(plain, poor, *plain_deals, as_of=at, resets=resets, **policy)
        assert loss(paid, rich) == loss(plain, poor)
        assert the_day(paid).realised_profit == the_day(plain).realised_profit
        for kind in DrawdownKind:
            for mark in DrawdownMark:
                words: Any = {"drawdown_kind": kind, "drawdown_mark": mark, **policy}
                assert fallen(paid, rich, **words) == fallen(plain, poor, **words)
        assert (paid.high_water_mark, paid.balance_mark) == (plain.high_water_mark, plain.balance_mark)
        for known, now in zip(marks, (paid.high_water_mark, paid.balance_mark), strict=True):
            assert known is not None
            assert now is not None
            assert known <= now


def test_figures_from_before_deals_were_read_go_on_from_the_statement() -> None:
    """An older record knows no deals: all that there are belong to its balance, and the next ones count."""
    old = DeskFigures(
        day=DayReference(
            day_started_at=YESTERDAY, balance=D("100000.00"), equity=D("100000.00"), realised_profit=D(0), late=False
        ),
        initial_balance=D("90000.00"),
        high_water_mark=D("104000.00"),
    )
    account = holding("99500.00")
    assert needs_deals(old, account, YESTERDAY)
    figures = after(old, account, a_deal(8, "10000.00", booking=Booking.DEPOSIT), a_deal(9, "-500.00"))
    assert (figures.deposits, loss(figures, account), figures.balance_mark) == (D(0), D("500.00"), D("90000.00"))
    richer = holding("100500.00")
    figures = after(figures, richer, a_deal(10, "1000.00", booking=Booking.DEPOSIT))
    assert (figures.deposits, loss(figures, richer)) == (D("1000.00"), D("500.00"))
    assert fallen(figures, richer) == D("4500.00")
