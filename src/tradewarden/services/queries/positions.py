"""Reading open positions: the broker's statement joined with the desk's book, and what the desk will do next."""

from datetime import datetime

from tradewarden.core.account import Position
from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.market.session import ServerClock
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.positions import Rule
from tradewarden.core.positions.outlook import StepAhead, steps_ahead
from tradewarden.core.positions.situation import risk_distance
from tradewarden.core.positions.targets import open_parts
from tradewarden.core.strategy.spec import StrategySpec
from tradewarden.core.values import money
from tradewarden.ports.storage import Reading
from tradewarden.services.book import read_book
from tradewarden.services.book_closings import unbooked_lots
from tradewarden.services.context import Desk
from tradewarden.services.queries.models.account import (
    LostPosition,
    PositionList,
    PositionTargetView,
    PositionView,
    StepAheadView,
)
from tradewarden.services.queries.money import loss_to_stop, profit_in_r
from tradewarden.services.queries.views import StrategyNames
from tradewarden.services.watch_positions import spec_behind

_AHEAD = {
    Rule.TARGET: "part closes",
    Rule.BREAK_EVEN: "break-even",
    Rule.TRAIL: "stop trails",
    Rule.WEEKEND: "weekend",
    Rule.TIME_LIMIT: "time limit",
    Rule.SESSION_END: "session end",
}


def positions(desk: Desk) -> PositionList:
    """Return the broker's open positions, newest first, with what the desk knows of its own. Raises BrokerUnavailable.

    Foreign positions are shown like all others, and marked: they count in every limit.
    """
    statement = desk.broker.account()
    now = desk.clock.market_now()
    with desk.storage.read() as reading:
        book = read_book(reading)
        own = {held.ticket: held for held in book.positions}
        names = StrategyNames(book.strategies)
        specs = {held.ticket: spec_behind(reading, held) for held in own.values()}
        opened_by = {held.ticket: _opened_by(reading, held) for held in own.values()}
    on_offer = set(desk.market.symbols())
    shown = sorted(statement.positions, key=lambda held: (held.opened_at, held.ticket), reverse=True)
    views = []
    for position in shown:
        held = own.get(position.ticket)
        instrument = desk.market.instrument(position.symbol) if position.symbol in on_offer else None
        spec = specs.get(position.ticket)
        ahead: tuple[StepAhead, ...] = ()
        if held is not None and spec is not None and instrument is not None:
            ahead = _ahead(position, held, spec, book.policy.policy, instrument, desk.market.server_clock, now)
        views.append(_view(position, held, names, instrument, opened_by.get(position.ticket), ahead))
    tickets = {position.ticket for position in statement.positions}
    return PositionList(
        as_of=now,
        captured_at=statement.captured_at,
        currency=statement.currency,
        floating=money(statement.floating),
        positions=tuple(views),
        lost=tuple(_lost(held, names) for held in own.values() if held.ticket not in tickets),
    )


def _opened_by(reading: Reading, held: DeskPosition) -> int | None:
    record = reading.idea(held.idea_id)
    return None if record is None else record.history_seq


def _ahead(
    position: Position,
    held: DeskPosition,
    spec: StrategySpec,
    policy: RiskPolicy,
    instrument: Instrument,
    server_clock: ServerClock,
    now: datetime,
) -> tuple[StepAhead, ...]:
    return steps_ahead(position, held, spec, policy, instrument, server_clock=server_clock, as_of=now)


def _view(
    position: Position,
    held: DeskPosition | None,
    names: StrategyNames,
    instrument: Instrument | None,
    history_seq: int | None,
    ahead: tuple[StepAhead, ...],
) -> PositionView:
    floating = position.profit + position.swap
    # Between a closing and its deals nobody knows yet what it came to.
    realised = None if held is None or unbooked_lots(held) > 0 else held.realised
    gained = (position.price - position.entry_price) * position.side.sign
    return PositionView(
        ticket=position.ticket,
        symbol=position.symbol,
        side=position.side,
        digits=None if instrument is None else instrument.digits,
        lots=position.lots,
        volume_step=None if instrument is None else instrument.volume_step,
        entry_price=position.entry_price,
        price=position.price,
        stop_loss=position.stop_loss,
        take_profit=position.take_profit,
        profit=position.profit,
        swap=position.swap,
        profit_r=None if held is None or realised is None else profit_in_r(realised + floating, held.initial_risk),
        price_r=None if held is None else profit_in_r(gained, risk_distance(held)),
        initial_risk=None if held is None else held.initial_risk,
        risk_now=None if instrument is None else loss_to_stop(position, instrument),
        initial_lots=None if held is None else held.initial_lots,
        realised=realised,
        targets=() if held is None else _targets(position, held, instrument),
        ahead=tuple(
            StepAheadView(rule=step.rule, words=_AHEAD[step.rule], price=step.price, at=step.at, lots=step.lots)
            for step in ahead
        ),
        opened_at=position.opened_at,
        own=held is not None,
        idea_id=None if held is None else held.idea_id,
        strategy=None if held is None else names.ref(held.strategy_id),
        history_seq=history_seq,
    )


def _targets(position: Position, held: DeskPosition, instrument: Instrument | None) -> tuple[PositionTargetView, ...]:
    parts = () if instrument is None else open_parts(held, position.lots, instrument)
    return tuple(
        PositionTargetView(
            price=target.price,
            fraction=target.fraction,
            lots=parts[index - held.targets_done] if 0 <= index - held.targets_done < len(parts) else None,
            taken=index < held.targets_done,
        )
        for index, target in enumerate(held.targets)
    )


def _lost(held: DeskPosition, names: StrategyNames) -> LostPosition:
    return LostPosition(
        ticket=held.ticket,
        symbol=held.symbol,
        side=held.side,
        lots=held.lots,
        opened_at=held.opened_at,
        strategy=names.ref(held.strategy_id),
    )
