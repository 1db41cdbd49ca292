"""One turn of the desk: the same for the live scheduler and for a headless run.

In order: the account's statement, the limits, reconciliation, orders on their way, expiries, positions, and new closed
bars. Whatever does not answer is remembered with its words, and nothing is opened meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tradewarden.core.account import AccountState
from tradewarden.core.desk import IntentStatus
from tradewarden.core.errors import (
    BrokerUnavailable,
    IntegrityError,
    InvalidBars,
    MarketDataUnavailable,
    StorageUnavailable,
)
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.spec import StrategyVersion
from tradewarden.ports.storage import EvaluationRow
from tradewarden.services.adopt_late_orders import adopt_late_orders, strangers
from tradewarden.services.book import Book, BookReader
from tradewarden.services.context import Desk
from tradewarden.services.expire_ideas import expire_ideas
from tradewarden.services.guard_limits import guard_limits, record_account
from tradewarden.services.manage_positions import manage_position
from tradewarden.services.reconcile_broker import needs_reconciling, reconcile_broker
from tradewarden.services.submit_order import submit_order
from tradewarden.services.take_decision import Taken, take_decision
from tradewarden.services.watch_positions import PositionWatch


@dataclass(slots=True, kw_only=True)
class CycleState:
    """What one runner remembers between its turns: bars seen, rows not written yet, when the account was noted.

    ``flush_rows`` is how many evaluation rows are gathered before they are written; 1 writes them every turn.
    """

    reader: BookReader
    flush_rows: int = 1
    account_every: timedelta = timedelta(minutes=1)
    on_taken: Callable[[Taken, StrategyVersion, str], None] | None = None
    on_account: Callable[[AccountState], None] | None = None
    bar_slots: dict[Timeframe, int] = field(default_factory=dict)
    seen_bars: dict[tuple[str, str], datetime] = field(default_factory=dict)
    strangers: frozenset[int] = frozenset()
    watch: PositionWatch = field(default_factory=PositionWatch)
    rows: list[EvaluationRow] = field(default_factory=list)
    account_noted_at: datetime | None = None


def run_cycle(desk: Desk, state: CycleState) -> bool:
    """Run one turn at the market's time and return whether it went through; errors are noted in the monitor."""
    try:
        disbelief, problems = _turn(desk, state, desk.clock.market_now())
    except BrokerUnavailable as error:
        desk.monitor.note_error(broker=str(error))
        return False
    except (StorageUnavailable, IntegrityError) as error:
        desk.monitor.note_error(storage=str(error))
        return False
    except MarketDataUnavailable as error:
        desk.monitor.note_error(market=str(error))
        return False
    desk.monitor.note_cycle(at=desk.clock.market_now(), wall_at=desk.clock.wall_now())
    if disbelief is not None:
        desk.monitor.note_error(broker=f"the account's statement cannot be believed: {disbelief}")
    if problems:
        desk.monitor.note_error(market="; ".join(problems))
    return True


def flush_evaluations(desk: Desk, state: CycleState) -> None:
    """Write the evaluation rows that were gathered."""
    if state.rows:
        with desk.storage.write() as tx:
            tx.save_evaluations(state.rows)
        state.rows = []


def _turn(desk: Desk, state: CycleState, now: datetime) -> tuple[str | None, list[str]]:
    """Run the turn's steps in their order; return why the account was not believed, and what single symbols lacked."""
    # The map may have been changed by another program; what the account holds is then read by the new names.
    desk.market.use_symbols(state.reader.book().symbol_map)
    account = desk.broker.account()
    if state.on_account is not None:
        state.on_account(account)
    book = state.reader.book()
    disbelief = account.problem()
    if disbelief is not None:
        # A terminal that lost its account reports zeros and no positions: neither a loss nor a closing follows from it.
        expire_ideas(desk, book)
        return disbelief, []
    note_account = state.account_noted_at is None or now - state.account_noted_at >= state.account_every
    guarded = guard_limits(desk, book, account, as_of=now, read_deals=note_account)
    if guarded.wrote:
        book = state.reader.book()
    if needs_reconciling(desk, book, account):
        reconcile_broker(desk, book, account)
        book = state.reader.book()
    if _adopt_strangers(desk, state, book, account):
        book = state.reader.book()
    broken = _relay(desk, book)
    expire_ideas(desk, state.reader.book())
    slots = _new_slots(state, now)
    problems = _manage(desk, state, account, list(slots), now) if slots else []
    if broken is None and not problems:
        # Marked only now: when looking after positions fails, the next turn looks after them again.
        state.bar_slots.update(slots)
    if broken is not None:
        # Open positions were looked after; on a record that contradicts itself nothing new is opened.
        raise broken
    for timeframe in slots:
        problems += _evaluate(desk, state, timeframe, now)
    if len(state.rows) >= state.flush_rows:
        flush_evaluations(desk, state)
    if note_account:
        record_account(desk, account, as_of=now)
        state.account_noted_at = now
    return None, [*guarded.problems, *problems]


def _adopt_strangers(desk: Desk, state: CycleState, book: Book, account: AccountState) -> bool:
    """Look once at every position that is not in the book: it may be an order that had been given up."""
    found = strangers(book, account)
    unseen = tuple(position for position in found if position.ticket not in state.strangers)
    adopted = adopt_late_orders(desk, unseen) if unseen else 0
    state.strangers = frozenset(position.ticket for position in found)
    return adopted > 0


def _relay(desk: Desk, book: Book) -> IntegrityError | None:
    """Send what is queued: intents that were recorded when the desk, or the broker, went away.

    Return the first refusal of an intent that is not the one recorded; it holds up no other.
    """
    broken = None
    for record in book.outbox:
        if record.status is IntentStatus.QUEUED:
            try:
                submit_order(desk, record.intent.intent_id)
            except IntegrityError as error:
                broken = broken or error
    return broken


def _manage(desk: Desk, state: CycleState, account: AccountState, slots: list[Timeframe], now: datetime) -> list[str]:
    """Look after the positions for which something may be due this minute; return what was missing to do so."""
    problems = []
    shown = {position.ticket: position for position in account.positions}
    positions = state.reader.book().positions
    state.watch.forget(positions)
    for held in positions:
        policy = state.reader.book().policy.policy
        try:
            if state.watch.is_due(desk, held, shown.get(held.ticket), policy, slots, now):
                manage_position(desk, held, state.reader.book(), as_of=now)
        except (MarketDataUnavailable, InvalidBars) as error:
            problems.append(str(error))
    return problems


def _new_slots(state: CycleState, now: datetime) -> dict[Timeframe, int]:
    """Return the timeframes of which a bar may have ended since they were last marked, by the whole minutes of UTC.

    H4 and D1 end on the server clock, which differs from UTC by whole hours: they are looked at every hour.
    """
    current = {
        timeframe: int(now.timestamp()) // min(timeframe.seconds, Timeframe.H1.seconds) for timeframe in Timeframe
    }
    return {timeframe: slot for timeframe, slot in current.items() if state.bar_slots.get(timeframe) != slot}


def _evaluate(desk: Desk, state: CycleState, timeframe: Timeframe, now: datetime) -> list[str]:
    """Evaluate every strategy of ``timeframe`` on each of its symbols that has a new closed bar.

    A symbol without usable data is passed over and named in what is returned; the others go on.
    """
    problems = []
    offered = set(desk.market.symbols())
    for record in state.reader.book().strategies:
        strategy = record.version
        if strategy.spec.timeframe is not timeframe or not strategy.is_active:
            continue
        for symbol in strategy.spec.allowed_symbols:
            if symbol not in offered:
                continue
            try:
                if _has_new_bar(desk, state, strategy, symbol, now):
                    _take(desk, state, strategy, symbol, now)
            except (MarketDataUnavailable, InvalidBars) as error:
                problems.append(str(error))
    return problems


def _has_new_bar(desk: Desk, state: CycleState, strategy: StrategyVersion, symbol: str, now: datetime) -> bool:
    newest = desk.market.closed_bars(symbol, strategy.spec.timeframe, 1, now).last_ended_at
    key = (strategy.strategy_id, symbol)
    if newest is None or state.seen_bars.get(key) == newest:
        return False
    first_look = key not in state.seen_bars
    state.seen_bars[key] = newest
    # At the first look after a start the newest bar may be old news; only a bar that has just ended is acted on.
    return not first_look or (now - newest).total_seconds() < Timeframe.M1.seconds


def _take(desk: Desk, state: CycleState, strategy: StrategyVersion, symbol: str, now: datetime) -> None:
    for side in strategy.sides:
        taken = take_decision(desk, strategy, symbol, state.reader.book(), as_of=now, side=side)
        if taken.row is not None:
            state.rows.append(taken.row)
        if state.on_taken is not None:
            state.on_taken(taken, strategy, symbol)
        if taken.intent_id is not None:
            submit_order(desk, taken.intent_id)
