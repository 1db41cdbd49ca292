"""The loss limits as people see them: the view of a running desk, and its lines in a terminal."""

from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.builders import D, utc
from tests.services.desk_world import QUIET, DeskWorld, a_world

from tradewarden.cli.limits_view import limit_rows
from tradewarden.core.desk import LossBuffer
from tradewarden.core.errors import BrokerUnavailable
from tradewarden.core.headroom import LossLimit
from tradewarden.core.policy import DrawdownKind
from tradewarden.services.queries.limits import limits
from tradewarden.services.queries.models.limits import LimitsView


def seen(*, lots: str | None = None, bare: bool = False, deposit: str | None = None, **policy: Any) -> DeskWorld:
    """Return a desk that has looked at a position bought by hand (``bare``: without a stop) and a deposit."""
    world = a_world((60, QUIET), policy={"max_daily_loss": D(2000), "max_drawdown_amount": D(5000), **policy})
    world.step()
    if lots is not None:
        ticket = world.buy_by_hand(lots)
        if bare:
            world.take_stop_off(ticket)
    if deposit is not None:
        world.terminal.deposit(D(deposit))
    world.step()
    return world


def lines(view: LimitsView) -> dict[str, str]:
    """Return the terminal's lines by their names."""
    sent = TypeAdapter(LimitsView).dump_python(view, mode="json")
    return {name: str(text) for name, text in limit_rows(sent)}


def test_a_fresh_day_has_the_whole_limit_left() -> None:
    view = limits(seen().desk)
    assert view.daily_loss is not None
    assert view.drawdown is not None
    assert (view.daily_loss.used, view.daily_loss.left, view.daily_loss.breach_equity) == (
        D("0.00"),
        D("2000.00"),
        D("98000.00"),
    )
    assert (view.drawdown.breach_equity, view.first, view.left) == (D("95000.00"), LossLimit.DAILY_LOSS, D("2000.00"))
    assert (view.resets_at, view.reset_zone) == (utc(2025, 12, 10, 22), "America/New_York+7")
    assert (view.open_risk, view.left_after_stops) == (D(0), D("2000.00"))


def test_a_loss_uses_the_limit_and_a_position_without_a_stop_is_named() -> None:
    """Ten lots lose the spread of a pip, 100, and a commission of 25."""
    world = seen(lots="10.00", bare=True, soft_loss_fraction=D("0.05"), flatten_loss_fraction=D("0.8"))
    view = limits(world.desk)
    assert view.daily_loss is not None
    assert (view.daily_loss.used, view.daily_loss.used_fraction) == (D("125.00"), D("0.0625"))
    assert (view.opening_stops_at, view.flattens_at, view.buffer) == (D("100.00"), D("1600.0"), LossBuffer.SOFT)
    assert view.unbounded == (world.held()[0].ticket,)
    assert view.open_risk is None
    told = lines(view)
    assert told["daily loss"].startswith("▮▯▯▯▯▯▯▯▯▯ 125.00 of 2,000.00 USD lost, 1,875.00 left")
    assert str(view.unbounded[0]) in told["headroom"]
    assert told["buffers"].endswith("the first was reached today")


def test_the_loss_at_the_stops_is_told() -> None:
    """Ten lots stand 2,000 points of 10 above their stop, 12 a lot are its costs; 125 are lost already."""
    view = limits(seen(lots="10.00", max_daily_loss=D(30000), max_drawdown_amount=None).desk)
    assert (view.open_risk, view.unbounded, view.left_after_stops) == (D("20120.00"), (), D("9755.00"))
    assert "9,755.00 if every stop is hit now (20,120.00)" in lines(view)["headroom"]


def test_a_deposit_is_said_and_left_out() -> None:
    view = limits(seen(deposit="5000.00").desk)
    assert view.daily_loss is not None
    assert (view.deposits_today, view.deposits, view.daily_loss.used) == (D("5000.00"), D("5000.00"), D("0.00"))
    assert view.daily_loss.breach_equity == D("103000.00")
    assert view.daily_loss.basis.endswith("with 5000.00 paid in since")
    assert lines(view)["paid in"] == "+5,000.00 today, left out of every loss"


def test_a_reached_limit_says_so_in_words() -> None:
    view = limits(seen(lots="10.00", max_daily_loss=D(125)).desk)
    assert view.daily_loss is not None
    assert view.daily_loss.reached
    assert "REACHED" in lines(view)["daily loss"]
    assert view.left == 0


def test_without_limits_there_is_nothing_to_reach() -> None:
    view = limits(seen(max_daily_loss=None, max_drawdown_amount=None).desk)
    assert (view.daily_loss, view.drawdown, view.first, view.left) == (None, None, None, None)
    told = lines(view)
    assert told["daily loss"] == "no limit set"
    assert "headroom" not in told


def test_static_and_trailing_drawdowns_say_what_they_count_from() -> None:
    static = limits(seen(drawdown_kind=DrawdownKind.STATIC, profit_target=D(8000)).desk)
    assert static.drawdown is not None
    assert static.drawdown.basis == "the first balance"
    assert static.mark is None
    assert static.profit_target is not None
    assert static.profit_target.realised == D("0.00")
    trailing = limits(seen().desk)
    assert trailing.drawdown is not None
    assert trailing.drawdown.basis == "the highest equity"
    assert trailing.mark == D("100000.00")


def test_a_statement_that_cannot_be_believed_has_no_limits() -> None:
    world = seen()
    world.terminal.shutdown()
    with pytest.raises(BrokerUnavailable):
        limits(world.desk)
