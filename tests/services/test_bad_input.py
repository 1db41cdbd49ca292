"""What a terminal can say wrong reaches the gate as a denial with its own code, never as an error or an order."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.services.desk_world import DeskWorld
from tests.services.test_ideas_and_halts import approve, waiting

from tradewarden.core.audit.chain import Action
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.risk.reasons import Code

NAN, INFINITY = float("nan"), float("inf")


def changed(record: Any, **values: Any) -> Any:
    """Return one of the terminal's records with other values."""
    assert set(values) <= set(record._fields)
    return type(record)([values.get(name, getattr(record, name)) for name in record._fields])


def judged_with(call: str, **values: Any) -> tuple[DeskWorld, IdeaStatus, set[str]]:
    """Approve an idea while the terminal's ``call`` states ``values``; return its status and the failed checks."""
    world, record = waiting()
    real: Callable[..., Any] = getattr(world.terminal, call)
    setattr(world.terminal, call, lambda *args, **more: changed(real(*args, **more), **values))
    # The terminal caches nothing, the adapter a contract for the minute.
    world.advance(61)
    result = approve(world, record)
    newest = world.history(Action.RISK_REJECTED)[-1]
    payload: Any = newest.draft.payload
    assert world.openings() == []
    return world, result.status, set(payload["failed_checks"])


@pytest.mark.parametrize(
    "values",
    [
        {"bid": 1.1020, "ask": 1.1010},
        {"bid": 0.0},
        {"ask": -1.1010},
        {"bid": NAN},
        {"ask": NAN, "bid": NAN},
        {"ask": INFINITY},
    ],
)
def test_a_quote_that_is_none_denies_by_its_own_code(values: dict[str, float]) -> None:
    _, status, failed = judged_with("symbol_info_tick", **values)
    assert status is IdeaStatus.REJECTED
    assert Code.STALE_QUOTE.value in failed


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_tick_value_that_is_none_denies_by_its_own_code(value: float) -> None:
    _, status, failed = judged_with("symbol_info", trade_tick_value_loss=value)
    assert status is IdeaStatus.REJECTED
    assert Code.TICK_VALUE_UNRELIABLE.value in failed


def test_a_tick_value_apart_from_the_terminal_s_own_calculation_denies() -> None:
    _, status, failed = judged_with("symbol_info", trade_tick_value_loss=1.06)
    assert (status, failed) == (IdeaStatus.REJECTED, {Code.TICK_VALUE_UNRELIABLE.value})


@pytest.mark.parametrize("values", [{"equity": 0.0}, {"balance": 0.0}, {"equity": 99_000.0}])
def test_an_account_that_does_not_add_up_denies_and_never_halts(values: dict[str, float]) -> None:
    world, status, failed = judged_with("account_info", **values)
    assert status is IdeaStatus.REJECTED
    assert Code.ACCOUNT_UNAVAILABLE.value in failed
    assert world.history(Action.AI_HALTED) == []


def test_another_login_denies_and_never_halts() -> None:
    world, status, failed = judged_with("account_info", login=1, balance=10.0, equity=10.0)
    assert status is IdeaStatus.REJECTED
    assert Code.WRONG_ACCOUNT.value in failed
    assert world.history(Action.AI_HALTED) == []
