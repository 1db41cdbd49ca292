"""What a decision is shown of the world: markets with exposure, conversions, and nothing from after its moment."""

from datetime import timedelta
from typing import Any

from tests.builders import SYMBOL, D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world, level_bars

from tradewarden.core.decision import Result
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.policy import Mode
from tradewarden.mt5sim import constants as mt5
from tradewarden.services.approve_idea import approve_idea
from tradewarden.services.book import read_book
from tradewarden.services.gathering import World, observe

LONG = 60


def seen(world: DeskWorld, symbol: str = SYMBOL, **changes: Any) -> World:
    with world.storage.read() as reading:
        book = read_book(reading)
    return observe(world.desk, symbol, None, book, **changes)


def buy(world: DeskWorld, symbol: str) -> None:
    reply = world.terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": symbol,
            "volume": 0.1,
            "type": mt5.ORDER_TYPE_BUY,
            "price": world.terminal.symbol_info_tick(symbol).ask,
            "type_filling": mt5.ORDER_FILLING_FOK,
        }
    )
    assert reply.retcode == mt5.TRADE_RETCODE_DONE, reply


def broken(record: Any, **fields: Any) -> Any:
    return type(record)(tuple({**record._asdict(), **fields}.values()))


def two_markets(**changes: Any) -> DeskWorld:
    return a_world((LONG, QUIET), others=[level_bars([(LONG, 1.25)], symbol="GBPUSD")], **changes)


def test_other_symbols_with_a_position_are_shown_with_contract_and_quote() -> None:
    world = two_markets()
    assert seen(world).snapshot.held == ()
    buy(world, "GBPUSD")
    snapshot = seen(world).snapshot
    (held,) = snapshot.held
    assert held.instrument == world.desk.market.instrument("GBPUSD")
    assert held.quote == world.desk.market.quote("GBPUSD")
    assert [(item.base, item.profit) for item in snapshot.conversions] == [("EUR", "USD"), ("GBP", "USD")]
    # The symbol that is decided on is shown as itself, not once more.
    assert [market.instrument.symbol for market in seen(world, "GBPUSD").snapshot.held] == []


def test_a_symbol_with_an_order_on_its_way_counts_as_held() -> None:
    world = a_world((2, QUIET), (LONG, ABOVE), others=[level_bars([(LONG, 1.25)], symbol="GBPUSD")])
    world.terminal.lose_request = True
    world.until_idea()
    assert not world.held()
    assert [market.instrument.symbol for market in seen(world, "GBPUSD").snapshot.held] == [SYMBOL]


def test_a_held_market_that_cannot_be_read_is_left_out_and_noted() -> None:
    world = two_markets()
    buy(world, "GBPUSD")
    world.advance()
    plain = world.terminal.symbol_info
    world.terminal.symbol_info = lambda symbol: (
        broken(plain(symbol), trade_contract_size=float("nan")) if symbol == "GBPUSD" else plain(symbol)
    )
    assert seen(world).snapshot.held == ()
    assert "GBPUSD: trade_contract_size is nan" in str(world.desk.monitor.health.market_error)


def test_a_quote_from_after_the_desks_clock_is_not_shown_and_says_how_far() -> None:
    world = two_markets()
    buy(world, "GBPUSD")
    # The terminal's clock runs ahead of the desk's by a minute and a half; its newest tick is a little older.
    now = world.clock.market_now()
    world.terminal.advance_to(now + timedelta(seconds=90))
    newest = world.desk.market.quote(SYMBOL)
    assert newest is not None
    snapshot = seen(world).snapshot
    assert snapshot.as_of == now
    assert snapshot.quote is None
    assert snapshot.clock_ahead_seconds == (newest.at - now).total_seconds() > 30
    assert [market.quote for market in snapshot.held] == [None]
    assert snapshot.conversions == ()
    world.clock.step_to(now + timedelta(seconds=90))
    caught_up = seen(world).snapshot
    assert (caught_up.clock_ahead_seconds, caught_up.quote is None) == (0, False)


def test_a_market_that_moves_during_the_turn_moves_the_moment_on() -> None:
    world = two_markets()
    started = world.clock.market_now()
    world.advance(60)
    snapshot = seen(world, as_of=started).snapshot
    assert snapshot.as_of == world.clock.market_now()
    assert snapshot.quote is not None
    assert snapshot.clock_ahead_seconds == 0


def test_a_broken_quote_denies_what_waits_as_stale() -> None:
    world = a_world((2, QUIET), (LONG, ABOVE), mode=Mode.SUPERVISED, policy={"idea_life_bars": 20})
    record = world.until_idea()
    assert record.status is IdeaStatus.NEEDS_APPROVAL
    plain = world.terminal.symbol_info_tick
    for bid, ask in ((0.0, 0.0), (1.2, 1.1), (-1.0, 1.0), (float("nan"), float("nan")), (1.1, float("inf"))):
        world.terminal.symbol_info_tick = lambda symbol, bid=bid, ask=ask: broken(plain(symbol), bid=bid, ask=ask)
        assert seen(world).snapshot.quote is None
        assert world.step()
    approval = approve_idea(
        world.desk, record.idea.idea_id, actor="user:ann", idea_digest=record.idea.digest, lots=D("0.01")
    )
    assert approval.decision.result is Result.REJECTED
    verdict = approval.decision.verdict
    assert verdict is not None
    assert "STALE_QUOTE" in [check.code for check in verdict.failures()]
