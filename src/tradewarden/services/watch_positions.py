"""Saying for which positions something may be due this minute, without gathering a snapshot for each of them.

A position follows the strategy version that it came from. Its rules on bars are looked at when a bar ends; those on the
price, the size and the clock every minute.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions.due import is_due_by_price, is_due_by_time
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.ports.storage import Reading, StrategyRecord
from tradewarden.services.context import Desk


@dataclass(slots=True)
class PositionWatch:
    """What one runner remembers between its turns: the rules of each position, and contracts asked for this hour."""

    specs: dict[int, StrategySpec] = field(default_factory=dict)
    contracts: dict[str, Instrument] = field(default_factory=dict)
    contracts_hour: int = -1

    def is_due(
        self,
        desk: Desk,
        held: DeskPosition,
        shown: Position | None,
        policy: RiskPolicy,
        slots: Container[Timeframe],
        now: datetime,
    ) -> bool:
        """Return whether a step may be due. Raises MarketDataUnavailable when the symbol's contract is not known."""
        if shown is None:
            return False
        spec = self._spec(desk, held)
        if spec is None or spec.timeframe in slots:
            return True
        instrument = self._contract(desk, held.symbol, now)
        if is_due_by_price(shown, held, spec, instrument, policy):
            return True
        server_time = desk.market.server_clock.to_server(now)
        return is_due_by_time(held, spec, policy, instrument.trading_hours, as_of=now, server_time=server_time)

    def forget(self, held: tuple[DeskPosition, ...]) -> None:
        """Drop what is remembered of positions that are over."""
        if len(self.specs) > len(held):
            open_tickets = {position.ticket for position in held}
            self.specs = {ticket: spec for ticket, spec in self.specs.items() if ticket in open_tickets}

    def _spec(self, desk: Desk, held: DeskPosition) -> StrategySpec | None:
        if held.ticket not in self.specs:
            with desk.storage.read() as reading:
                spec = spec_behind(reading, held)
            if spec is None:
                return None
            self.specs[held.ticket] = spec
        return self.specs[held.ticket]

    def _contract(self, desk: Desk, symbol: str, now: datetime) -> Instrument:
        hour = int(now.timestamp()) // Timeframe.H1.seconds
        if hour != self.contracts_hour:
            self.contracts, self.contracts_hour = {}, hour
        if symbol not in self.contracts:
            self.contracts[symbol] = desk.market.instrument(symbol)
        return self.contracts[symbol]


def spec_behind(reading: Reading, held: DeskPosition) -> StrategySpec | None:
    """Return the rules that the position follows, on its side; None when they are not in the record."""
    record = strategy_behind(reading, held)
    if record is None:
        return None
    version = record.version
    return version.on_side(held.side).spec if held.side in version.sides else version.spec


def strategy_behind(reading: Reading, held: DeskPosition) -> StrategyRecord | None:
    """Return the strategy at the version that the position came from, None when it is not in the record."""
    idea = reading.idea(held.idea_id)
    return reading.strategy(held.strategy_id, None if idea is None else idea.idea.strategy_version)
