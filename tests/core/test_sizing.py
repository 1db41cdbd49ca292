"""How many lots: figures computed by hand for EURUSD, where a point is worth 1 USD per lot."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import D, a_policy, a_position, a_spec, an_account, an_instrument

from tradewarden.core.account import AccountState
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk.sizing import Sizing, loss_per_lot, size_position
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import ceil_to_step, floor_to_step, is_multiple_of, money_up, round_to_step

ENTRY, STOP = D("1.10000"), D("1.09800")


def size(
    *,
    account: AccountState | None = None,
    policy: RiskPolicy | None = None,
    spec: StrategySpec | None = None,
    instrument: Instrument | None = None,
    entry: Decimal = ENTRY,
    stop: Decimal = STOP,
    at_most: Decimal | None = None,
) -> Sizing:
    return size_position(
        instrument or an_instrument(),
        account or an_account(),
        policy or a_policy(),
        spec or a_spec(),
        entry=entry,
        stop_loss=stop,
        at_most=at_most,
    )


def test_floors_the_lots_that_the_budget_allows() -> None:
    # 200 points + 5 points of slippage at 1 USD, + 7 USD commission = 212 USD a lot; 500 / 212 = 2.358…
    sizing = size()
    assert sizing.budget == D("500.00")
    assert sizing.loss_per_lot == D("212.00")
    assert sizing.lots == D("2.35")
    assert sizing.risk_amount == D("498.20")
    assert sizing.margin == D("2585.00")
    assert sizing.problem is None


def test_an_exact_budget_is_used_up_and_a_cent_less_is_not() -> None:
    policy = a_policy(risk_fraction=D("0.00212"))
    assert size(policy=policy).lots == D("1.00")
    assert size(policy=policy, account=an_account(balance=D("99999.99"))).lots == D("0.99")


@pytest.mark.parametrize(
    ("step", "lots"), [("0.01", "2.35"), ("0.1", "2.3"), ("0.5", "2.0"), ("1", "2"), ("0.25", "2.25"), ("3", "0")]
)
def test_lots_lie_on_the_volume_step(step: str, lots: str) -> None:
    sizing = size(instrument=an_instrument(volume_step=D(step), volume_min=D(step)))
    assert sizing.lots == D(lots)
    assert sizing.lots.as_tuple().exponent == D(step).as_tuple().exponent


def test_never_rounds_up_to_the_minimum_lot() -> None:
    # 2,000 × 0.5 % = 10 USD, while the minimum of 0.1 lots would risk 21.20.
    sizing = size(account=an_account(balance=D("2000.00")), instrument=an_instrument(volume_min=D("0.1")))
    assert sizing.lots == D("0.04")
    sizing = size(account=an_account(balance=D("2000.00")), instrument=an_instrument(volume_step=D("0.1")))
    assert sizing.lots == D("0.0")
    assert sizing.risk_amount == D("0.00")


def test_base_is_the_lower_of_balance_and_equity_without_credit() -> None:
    losing = (a_position(profit=D("-4000.00")),)
    assert size(account=an_account(positions=losing)).base == D("96000.00")
    assert size(account=an_account(positions=(a_position(profit=D("4000.00")),))).base == D("100000.00")
    assert size(account=an_account(credit=D("5000.00"))).base == D("100000.00")
    with_credit = an_account(credit=D("5000.00"), positions=losing)
    assert size(account=with_credit).base == D("96000.00")


def test_a_negative_base_allows_nothing() -> None:
    sizing = size(account=an_account(positions=(a_position(profit=D("-200000.00")),)))
    assert (sizing.base, sizing.budget, sizing.lots) == (D(0), D("0.00"), D("0.00"))


def test_budget_is_cut_to_the_cent_and_never_rounded_up() -> None:
    # 12,345.67 × 0.005 = 61.72835
    assert size(account=an_account(balance=D("12345.67"))).budget == D("61.72")


def test_a_strategy_can_only_lower_the_risk_and_the_size() -> None:
    assert size(spec=a_spec(risk_fraction=D("0.0025"))).lots == D("1.17")
    assert size(spec=a_spec(risk_fraction=D("0.05"))).lots == D("2.35")
    assert size(spec=a_spec(max_lot_size=D("0.3"))).lots == D("0.30")
    assert size(spec=a_spec(max_lot_size=D(40)), policy=a_policy(max_lot_size=D(1))).lots == D("1.00")


def test_the_smallest_of_three_maxima_holds_and_is_floored_to_the_step() -> None:
    assert size(instrument=an_instrument(volume_max=D("1.5"))).maximum_lots == D("1.50")
    assert size(policy=a_policy(max_lot_size=D("1.239"))).maximum_lots == D("1.23")


def test_an_approval_lowers_the_size_and_never_raises_it() -> None:
    assert size(at_most=D("1.00")).lots == D("1.00")
    assert size(at_most=D("9.00")).lots == D("2.35")
    assert size(at_most=D("0.019")).lots == D("0.01")


@pytest.mark.parametrize("value", ["0", "-1"])
def test_a_tick_value_that_is_not_above_zero_gives_no_size(value: str) -> None:
    sizing = size(instrument=an_instrument(tick_value_loss=D(value)))
    assert sizing.lots == 0
    assert "tick value" in (sizing.problem or "")


def test_without_account_or_price_there_is_no_size() -> None:
    policy, spec, instrument = a_policy(), a_spec(), an_instrument()
    nobody = size_position(instrument, None, policy, spec, entry=ENTRY, stop_loss=STOP)
    assert (nobody.lots, nobody.problem) == (D(0), "no account")
    assert size_position(instrument, an_account(), policy, spec, entry=None, stop_loss=STOP).problem == (
        "no executable price"
    )


def test_the_loss_tick_value_counts_not_the_gain() -> None:
    instrument = an_instrument(tick_value=D("1.00"), tick_value_loss=D("1.10"))
    # 205 × 1.10 + 7 = 232.50
    assert loss_per_lot(instrument, a_policy(), entry=ENTRY, stop_loss=STOP) == D("232.50")


def test_slippage_is_in_points_where_the_tick_is_larger() -> None:
    # An index: point 0.01, tick 0.25 worth 0.25: 40.00 away + 5 points = 40.05 / 0.25 = 160.2 ticks × 0.25 = 40.05 + 7
    index = an_instrument(digits=2, point=D("0.01"), tick_size=D("0.25"), tick_value_loss=D("0.25"))
    assert loss_per_lot(index, a_policy(), entry=D("48000.00"), stop_loss=D("47960.00")) == D("47.05")


prices = st.decimals("0.50000", "2.00000", places=5)


@given(
    entry=prices,
    stop=prices,
    balance=st.decimals("0.01", "10000000", places=2),
    fraction=st.decimals("0.0001", "0.05", places=4),
    step=st.sampled_from([D("0.01"), D("0.1"), D("0.05"), D("1"), D("0.001")]),
    tick_value=st.decimals("0.0001", "25", places=4),
    at_most=st.none() | st.decimals("0", "60", places=3),
)
def test_lots_are_a_multiple_of_the_step_and_never_risk_more_than_the_policy(
    entry: Decimal,
    stop: Decimal,
    balance: Decimal,
    fraction: Decimal,
    step: Decimal,
    tick_value: Decimal,
    at_most: Decimal | None,
) -> None:
    instrument = an_instrument(volume_step=step, volume_min=step, tick_value_loss=tick_value)
    sizing = size_position(
        instrument,
        an_account(balance=balance),
        a_policy(risk_fraction=fraction),
        a_spec(),
        entry=entry,
        stop_loss=stop,
        at_most=at_most,
    )
    assert is_multiple_of(sizing.lots, step)
    assert sizing.risk_amount <= balance * fraction
    assert 0 <= sizing.lots <= D(5)
    assert at_most is None or sizing.lots <= at_most


@given(value=st.decimals("-1000", "1000", places=7), step=st.sampled_from([D("0.01"), D("0.00001"), D("0.25"), D(3)]))
def test_steps_enclose_the_value(value: Decimal, step: Decimal) -> None:
    low, high, near = floor_to_step(value, step), ceil_to_step(value, step), round_to_step(value, step)
    assert low <= value <= high
    assert high - low in (0, step)
    assert near in (low, high)
    assert abs(near - value) * 2 <= step


def test_a_step_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="step 0 must be above 0"):
        floor_to_step(D(1), D(0))


def test_money_at_risk_is_rounded_up() -> None:
    assert money_up(D("0.001")) == D("0.01")
    assert money_up(D("-0.019")) == D("-0.01")
