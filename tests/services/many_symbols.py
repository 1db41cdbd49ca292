"""A desk on 64 symbols that all show a setup in the same minute, for decisions that are taken at once."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.builders import D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world, document, level_bars

from tradewarden.core.orders import OpenIntent
from tradewarden.core.policy import Mode
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.mt5sim import BUILT_IN
from tradewarden.mt5sim.contracts import Contract
from tradewarden.ports.ids import Ids
from tradewarden.ports.storage import Storage
from tradewarden.services.submit_order import submit_order
from tradewarden.services.take_decision import take_decision

SYMBOLS = tuple(f"PAIR{number:02d}" for number in range(64))
SETUP_AFTER_SECONDS = 240
# Half a per cent of 100,000 a trade; a lot, the least there is, loses more than what two of them leave of a limit.
RISK = D("500.00")
# Each of these has room for two trades of that size and for no third.
ROOM_FOR_TWO: dict[str, dict[str, Any]] = {
    "daily loss": {"max_daily_loss": 2 * RISK},
    "drawdown": {"max_drawdown_amount": 2 * RISK},
    "open risk": {"max_open_risk_fraction": D("0.01")},
    "number of trades": {"max_concurrent_trades": 2},
}
_ROOMY: dict[str, Any] = {
    "max_daily_loss": None,
    "max_drawdown_amount": None,
    "max_open_risk_fraction": None,
    "max_currency_exposure": None,
    "max_concurrent_trades": 200,
    "max_orders_per_minute": 1000,
}


def contracts() -> dict[str, Contract]:
    """Return the contracts of all symbols: EURUSD under other names, with a lot as the least size."""
    euro = BUILT_IN["EURUSD"]
    named = {name: replace(euro, symbol=name, volume_min=Decimal("1.00")) for name in SYMBOLS}
    return BUILT_IN | named


def many_symbols(
    policy: dict[str, Any],
    *,
    mode: Mode = Mode.AUTONOMOUS,
    storage: Storage | None = None,
    ids: Ids | None = None,
) -> tuple[DeskWorld, dict[str, StrategyVersion]]:
    """Return a desk whose 64 symbols show a setup now, and the strategy that sees it in each."""
    segments = ((3, QUIET), (30, ABOVE))
    world = a_world(
        *segments,
        mode=mode,
        # A strategy takes at most 50 symbols.
        strategies=(
            document(name="First half", allowed_symbols=list(SYMBOLS[:32])),
            document(name="Second half", allowed_symbols=list(SYMBOLS[32:])),
        ),
        policy=_ROOMY | policy,
        others=[level_bars(segments, symbol=name) for name in SYMBOLS],
        contracts=contracts(),
        storage=storage,
        ids=ids,
    )
    # One turn before the setup reconciles the book, binds the account and takes the day's reference.
    world.step()
    world.advance(SETUP_AFTER_SECONDS - 60)
    with world.storage.read() as reading:
        versions = [record.version for record in reading.strategies()]
    return world, {symbol: version for version in versions for symbol in version.spec.allowed_symbols}


def steps_of(
    world: DeskWorld, strategies: dict[str, StrategyVersion], symbol: str
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return the two steps of one decision: deciding and recording, then sending what came of it."""
    found: list[str] = []

    def decide() -> None:
        book = world.state.reader.book()
        taken = take_decision(world.desk, strategies[symbol], symbol, book, as_of=world.clock.market_now())
        if taken.intent_id is not None:
            found.append(taken.intent_id)

    def send() -> None:
        for intent_id in found:
            submit_order(world.desk, intent_id)

    return decide, send


def openings(world: DeskWorld) -> list[OpenIntent]:
    """Return the opening intents in the record."""
    return [record.intent for record in world.intents() if isinstance(record.intent, OpenIntent)]
