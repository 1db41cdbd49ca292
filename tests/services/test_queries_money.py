"""The sums that screens show: exact, rounded to the cautious side, unknown where nothing is known."""

from decimal import Decimal

import pytest
from tests import builders

from tradewarden.core.account import Position
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.values import Side
from tradewarden.services.queries.money import decimals, loss_to_stop, profit_in_r, reward_amount, share

D = Decimal


def position(side: Side, stop_loss: Decimal | None) -> Position:
    return builders.a_position(side=side, lots=D("0.50"), entry_price=D("1.10000"), stop_loss=stop_loss)


@pytest.mark.parametrize(
    ("side", "stop", "loss"),
    [
        (Side.BUY, D("1.09900"), D("50.00")),
        (Side.SELL, D("1.10100"), D("50.00")),
        (Side.BUY, D("1.10010"), D("-5.00")),
        (Side.BUY, None, None),
    ],
)
def test_the_loss_at_the_stop(side: Side, stop: Decimal | None, loss: Decimal | None) -> None:
    instrument = builders.an_instrument(tick_value=D("1.00"), tick_value_loss=D("1.00"))
    assert loss_to_stop(position(side, stop), instrument) == loss


def test_a_loss_that_cannot_be_computed_is_unknown() -> None:
    instrument = builders.an_instrument(tick_value_loss=D(0))
    assert loss_to_stop(position(Side.BUY, D("1.09900")), instrument) is None


def test_the_reward_is_after_commission_and_never_rounded_up() -> None:
    instrument = builders.an_instrument(tick_value=D("0.33333"))
    policy = RiskPolicy(commission_per_lot=D("7.00"))
    idea = builders.an_idea(take_profits=(D("1.10200"),))
    assert reward_amount(instrument, policy, lots=D("0.10"), entry=D("1.10000"), idea=idea) == D("5.96")


def test_the_reward_of_several_targets_counts_each_at_its_fraction() -> None:
    instrument, policy = builders.an_instrument(tick_value=D("1.00")), RiskPolicy(commission_per_lot=D("7.00"))
    idea = builders.an_idea(take_profits=(D("1.10100"), D("1.10300")), fractions=(D("0.75"), D("0.25")))
    # 100 points on three quarters and 300 on one, 150 a lot, less the commission.
    assert reward_amount(instrument, policy, lots=D(2), entry=D("1.10000"), idea=idea) == D("286.00")


def test_a_share_of_nothing_is_unknown() -> None:
    assert share(D(1), None) is None
    assert share(D(1), D(0)) is None
    assert share(D(1), D(3)) == D("0.3333")


def test_profit_in_units_of_the_risk_is_rounded_down() -> None:
    assert profit_in_r(D("-10.01"), D(100)) == D("-0.11")
    assert profit_in_r(D(199), D(100)) == D("1.99")
    assert profit_in_r(D(1), D(0)) is None


def test_decimals_of_a_price() -> None:
    assert (decimals(D("1.10000")), decimals(D("100")), decimals(D("1E+3"))) == (5, 0, 0)
