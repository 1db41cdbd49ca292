"""The worked examples of the documentation on the arithmetic alone, and the resets of the odd weeks."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.builders import D, a_desk, a_policy, a_position, an_account
from tests.core.test_limit_figures import a_deal
from tests.limit_examples import GOES_ON, OFF, Example, Look, examples, resets

from tradewarden.core.account import AccountState, Booking, Deal
from tradewarden.core.desk import DeskState, daily_loss, drawdown, drawdown_base, loss_base
from tradewarden.core.limits import NO_FIGURES, DeskFigures, EquityBefore, figures_after
from tradewarden.core.market.session import NEW_YORK_CLOSE, ServerClock
from tradewarden.core.policy import BROKER_ZONE, RiskPolicy
from tradewarden.core.risk.checks_desk import limit_checks
from tradewarden.core.risk.reasons import OnFail
from tradewarden.core.values import money
from tradewarden.services.guard_limits import day_start, resets_since

EXAMPLES = examples()
CLOCKS = {"America/New_York+7": NEW_YORK_CLOSE, "EET": ServerClock("EET"), "UTC": ServerClock("UTC")}


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 17
    assert sum(len(example.looks) for example in EXAMPLES) > 80
    assert len(resets()) == 8


def statement(looks: tuple[Look, ...]) -> AccountState:
    """Return the account after these rows."""
    balance = D("100000.00") + sum((look.booked + look.paid_in for look in looks), D(0))
    held = (a_position(profit=looks[-1].floating),) if looks[-1].floating else ()
    return an_account(balance=balance, positions=held)


def deals_of(looks: tuple[Look, ...]) -> tuple[Deal, ...]:
    """Return what was booked in these rows, deposits first."""
    found: list[Deal] = []
    for look in looks:
        for amount, booking in ((look.paid_in, Booking.DEPOSIT), (look.booked, None)):
            if amount:
                found.append(a_deal(len(found) + 1, str(amount), look.at, booking))
    return tuple(found)


def state_of(figures: DeskFigures) -> DeskState:
    return a_desk(
        day=figures.day,
        initial_balance=figures.initial_balance,
        high_water_mark=figures.high_water_mark,
        balance_mark=figures.balance_mark,
        deposits=figures.deposits,
    )


def seen(figures: DeskFigures, account: AccountState, policy: RiskPolicy) -> dict[str, str]:
    """Return every column that a table may have."""
    state, day = state_of(figures), figures.day
    assert day is not None
    loss, drawn, base = (
        daily_loss(account, state, policy),
        drawdown(account, state, policy),
        drawdown_base(state, policy),
    )
    amounts: dict[str, Decimal | None] = {
        "equity": account.equity,
        "counted from": loss_base(day, policy.daily_loss_reference),
        "loss today": loss,
        "drawdown from": base,
        "drawdown": drawn,
        "realised": day.realised_profit,
    }
    words = {name: str(money(amount)) for name, amount in amounts.items() if amount is not None}
    return {**words, "buffer": day.buffer.value}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_a_worked_example_comes_out_to_the_cent(example: Example) -> None:
    policy = a_policy(**example.policy)
    figures, noted = NO_FIGURES, list[EquityBefore]()
    for number, look in enumerate(example.looks, start=1):
        done = example.looks[:number]
        account = statement(done)
        if look.desk == OFF:
            assert look.seen["equity"] == str(money(account.equity))
            continue
        known = None if figures.day is None else figures.day.day_started_at
        newest = day_start(look.at, policy, NEW_YORK_CLOSE)
        figures = figures_after(
            figures,
            account,
            policy,
            as_of=look.at,
            resets=resets_since(known, look.at, policy, NEW_YORK_CLOSE),
            deals=deals_of(done),
            recorded=next((point for point in reversed(noted) if point.at < newest), None),
        )
        noted.append(EquityBefore(at=look.at, equity=account.own_equity))
        found = seen(figures, account, policy)
        assert {name: found[name] for name in look.seen} == look.seen, look.at
        failed = [c.code.value for c in limit_checks(account, state_of(figures), policy) if not c.passed]
        assert failed[:1] == ([] if look.desk == GOES_ON else [look.desk]), look.at
        halts = [c for c in limit_checks(account, state_of(figures), policy) if c.on_fail is OnFail.HALT]
        assert look.desk == GOES_ON or halts


@pytest.mark.parametrize(("day", "begins"), resets(), ids=lambda value: value if isinstance(value, str) else "")
def test_each_risk_day_begins_as_the_page_says(day: str, begins: dict[str, datetime]) -> None:
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=begins["UTC"].tzinfo) + timedelta(
        hours=12
    )
    for name, expected in begins.items():
        by_broker = CLOCKS.get(name)
        zone = BROKER_ZONE if by_broker is not None else name
        policy = a_policy(day_reset_zone=zone)
        clock = by_broker or NEW_YORK_CLOSE
        assert day_start(noon, policy, clock) == expected
        assert day_start(expected, policy, clock) == expected
        assert day_start(expected - timedelta(seconds=1), policy, clock) < expected
