"""One position of 1.00 lot whose R is 200 points, and every part of its situation replaceable by keyword."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.builders import (
    NOW,
    D,
    a_calendar,
    a_desk_position,
    a_policy,
    a_position,
    a_quote,
    a_snapshot,
    a_spec,
    an_instrument,
    flat_closes,
    some_bars,
)

from tradewarden.core.desk import PositionTarget
from tradewarden.core.positions import PositionPlan, Situation, plan_position
from tradewarden.core.strategy.evaluate import Evaluation, evaluate
from tradewarden.core.values import Side

ENTRY, R = D("1.10000"), D("0.00200")
BOTH = pytest.mark.parametrize("side", list(Side))
HALVES = (D("0.5"), D("0.5"))


def at_r(side: Side, r: str | int) -> Decimal:
    """Return the price ``r`` initial risks in favour."""
    return (ENTRY + side.sign * D(r) * R).quantize(D("0.00001"))


def points(side: Side, price: Decimal, count: int) -> Decimal:
    """Return ``price`` moved by ``count`` points in favour of the position."""
    return price + side.sign * count * D("0.00001")


def an_evaluation(**changes: Any) -> Evaluation:
    """Return what a strategy says at the newest bar, with the given parts."""
    return replace(evaluate(a_spec(), some_bars(flat_closes()), tick_size=D("0.00001")), **changes)


def a_situation(side: Side = Side.BUY, price: str | Decimal = "0", **changes: Any) -> Situation:
    """Return a position of 1.00 lot, R = 200 points, an hour old, at ``price`` (the entry by default)."""
    as_of: datetime = changes.pop("as_of", NOW)
    now = D(price) or ENTRY
    stop = at_r(side, -1)
    lots = changes.pop("lots", D("1.00"))
    values: dict[str, Any] = {
        "side": side,
        "lots": lots,
        "entry_price": ENTRY,
        "stop_loss": stop,
        "take_profit": at_r(side, 3),
        "opened_at": changes.pop("opened_at", as_of - timedelta(hours=1)),
    }
    position = a_position(**(values | {"price": now} | changes.pop("position", {})))
    book = {"initial_lots": lots, "initial_stop": stop, "initial_risk": D("200.00"), **changes.pop("held", {})}
    held = a_desk_position(**(values | book))
    # A market that stood still at the price now, so that bars add nothing to the excursion.
    bid = float(now) if side is Side.BUY else float(now) - 0.0001
    bars = changes.pop("bars", some_bars(flat_closes(level=bid), ended_at=as_of, reach=0.0))
    quote = a_quote(f"{bid:.5f}", f"{bid + 0.0001:.5f}", as_of)
    snapshot = a_snapshot(
        as_of=as_of,
        bars=(bars,),
        quote=quote,
        instrument=an_instrument(**changes.pop("instrument", {})),
        calendar=replace(a_calendar(), captured_at=as_of),
    )
    return Situation(
        position=position,
        held=held,
        spec=a_spec(**changes.pop("spec", {})),
        evaluation=changes.pop("evaluation", None),
        snapshot=snapshot,
        policy=a_policy(**changes.pop("policy", {})),
        **changes,
    )


def targets(side: Side, *rs: str, fractions: tuple[Decimal, ...] = HALVES) -> tuple[PositionTarget, ...]:
    return tuple(PositionTarget(price=at_r(side, r), fraction=f) for r, f in zip(rs, fractions, strict=True))


def planned(side: Side = Side.BUY, price: str | Decimal = "0", **changes: Any) -> PositionPlan:
    return plan_position(a_situation(side, price, **changes))
