"""The report of a headless run, read from its record: orders, closed positions, statistics, and every embargo."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tradewarden.core.audit.chain import Action
from tradewarden.core.ideas import effective_embargo
from tradewarden.core.market.calendar import CalendarEvent, Impact
from tradewarden.core.performance import TradeResult, TradeStatistics, trade_statistics
from tradewarden.ports.storage import ClosedPosition, Reading, StrategyRecord
from tradewarden.services.context import Desk
from tradewarden.services.simulate import EvaluationSeen, SimulationRun

_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order as the broker answered it."""

    at: datetime
    symbol: str
    strategy: str
    what: str
    outcome: str
    answer: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialLine:
    """One idea that the gate did not let through, with the codes that stood in the way."""

    at: datetime
    symbol: str
    strategy: str
    codes: tuple[str, ...]
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbargoLine:
    """One high-impact event with its widest window, and what fell into it. ``opened`` must be 0."""

    title: str
    currency: str
    at: datetime
    starts_at: datetime
    ends_at: datetime
    symbols: tuple[str, ...]
    evaluations: int
    proposed: int
    opened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLine:
    """Evaluations of one strategy on one symbol that could not be made, or led to no idea although the setup held.

    ``why`` is the newest reason.
    """

    strategy: str
    symbol: str
    count: int
    evaluations: int
    last_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyLine:
    """The statistics of one strategy."""

    strategy: str
    statistics: TradeStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationReport:
    """Everything a headless run came to; ``decisions`` are the recorded ones, ``evaluations`` all that were made."""

    run: SimulationRun
    decisions: int
    evaluations: int
    ideas: int
    refused: tuple[RefusalLine, ...]
    without_idea: tuple[RefusalLine, ...]
    denied: tuple[DenialLine, ...]
    denials_by_code: tuple[tuple[str, int], ...]
    orders: tuple[OrderLine, ...]
    positions_closed: tuple[ClosedPosition, ...]
    open_positions: int
    statistics: TradeStatistics
    by_strategy: tuple[StrategyLine, ...]
    embargoes: tuple[EmbargoLine, ...]
    halts: tuple[tuple[datetime, str], ...]
    history_entries: int
    history_digest: str


def report_simulation(desk: Desk, run: SimulationRun) -> SimulationReport:
    """Return the report of ``run`` from what the record holds."""
    with desk.storage.read() as reading:
        names = {record.version.strategy_id: record.version.spec.name for record in reading.strategies()}
        closed = tuple(reversed(reading.closed_positions(limit=_EVERYTHING)))
        lines = _walk(reading, names)
        head = reading.head()
        embargoes = _embargoes(desk, run, reading.strategies(), reading)
        open_positions = len(reading.positions())
    codes = Counter(code for line in lines.denied for code in line.codes)
    return SimulationReport(
        run=run,
        decisions=lines.decisions,
        evaluations=len(run.evaluations),
        ideas=sum(seen.proposed for seen in run.evaluations),
        refused=_refusals(run, names, lambda seen: seen.refusal),
        without_idea=_refusals(run, names, lambda seen: seen.no_idea),
        denied=tuple(lines.denied),
        denials_by_code=tuple(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
        orders=tuple(lines.orders),
        positions_closed=closed,
        open_positions=open_positions,
        statistics=_statistics(closed),
        by_strategy=tuple(
            StrategyLine(
                strategy=names[strategy_id],
                statistics=_statistics(c for c in closed if c.position.strategy_id == strategy_id),
            )
            for strategy_id in sorted(names, key=lambda key: names[key])
        ),
        embargoes=embargoes,
        halts=tuple(lines.halts),
        history_entries=head.seq,
        history_digest=head.entry_hash,
    )


@dataclass(slots=True)
class _Lines:
    denied: list[DenialLine]
    orders: list[OrderLine]
    halts: list[tuple[datetime, str]]
    decisions: int = 0


def _walk(reading: Reading, names: dict[str, str]) -> _Lines:
    lines = _Lines([], [], [])
    submitted: dict[str, str] = {}
    for entry in reading.walk_history():
        draft, payload = entry.draft, dict(entry.draft.payload or {})
        strategy = names.get(draft.strategy_id or "", "")
        if "decision_digest" in payload:
            lines.decisions += 1
        if draft.action is Action.AI_HALTED:
            lines.halts.append((draft.occurred_at, draft.rationale))
        elif draft.action is Action.RISK_REJECTED:
            codes: Any = payload.get("failed_checks") or []
            lines.denied.append(
                DenialLine(
                    at=draft.occurred_at,
                    symbol=draft.symbol or "",
                    strategy=strategy,
                    codes=tuple(codes),
                    seq=entry.seq,
                )
            )
        elif draft.action is Action.ORDER_SUBMITTED:
            submitted[str(payload.get("intent_id"))] = draft.rationale
        elif "outcome" in payload:
            lines.orders.append(
                OrderLine(
                    at=draft.occurred_at,
                    symbol=draft.symbol or "",
                    strategy=strategy,
                    what=submitted.get(str(payload.get("intent_id")), ""),
                    outcome=str(payload["outcome"]).lower(),
                    answer=draft.rationale,
                    seq=entry.seq,
                )
            )
    return lines


def _refusals(
    run: SimulationRun, names: dict[str, str], why: Callable[[EvaluationSeen], str | None]
) -> tuple[RefusalLine, ...]:
    """Return the evaluations with a reason, ``why``, counted by strategy and symbol.

    A strategy that never had its bars, or never a valid stop, must not look like one without setups.
    """
    made = Counter((seen.strategy_id, seen.symbol) for seen in run.evaluations)
    refused = [seen for seen in run.evaluations if why(seen)]
    counts = Counter((seen.strategy_id, seen.symbol) for seen in refused)
    newest = {(seen.strategy_id, seen.symbol): seen for seen in refused}
    return tuple(
        RefusalLine(
            strategy=names.get(strategy_id, strategy_id),
            symbol=symbol,
            count=count,
            evaluations=made[strategy_id, symbol],
            last_at=newest[strategy_id, symbol].at,
            why=why(newest[strategy_id, symbol]) or "",
        )
        for (strategy_id, symbol), count in sorted(counts.items())
    )


def _statistics(closed: Iterable[ClosedPosition]) -> TradeStatistics:
    return trade_statistics(TradeResult(net_profit=c.net_profit, r_multiple=c.r_multiple) for c in closed)


def _embargoes(
    desk: Desk, run: SimulationRun, strategies: tuple[StrategyRecord, ...], reading: Reading
) -> tuple[EmbargoLine, ...]:
    policy = reading.policy()
    if policy is None:
        return ()
    offered = desk.market.symbols()
    currencies = {symbol: desk.market.instrument(symbol).currencies for symbol in offered}
    windows = {
        record.version.strategy_id: effective_embargo(record.version.spec, policy.policy) for record in strategies
    }
    traded = {s for record in strategies for s in record.version.spec.allowed_symbols if s in currencies}
    before = max((window.before_minutes for window in windows.values()), default=0)
    after = max((window.after_minutes for window in windows.values()), default=0)
    lines = []
    for event in run.events:
        if event.impact is not Impact.HIGH or event.all_day:
            continue
        affected = tuple(s for s in sorted(traded) if _concerns(event, currencies[s]))
        if affected:
            lines.append(_embargo_line(run, event, affected, before, after))
    return tuple(lines)


def _concerns(event: CalendarEvent, currencies: tuple[str, ...]) -> bool:
    return event.currency in currencies or event.currency.upper() == "ALL"


def _embargo_line(
    run: SimulationRun, event: CalendarEvent, affected: tuple[str, ...], before: int, after: int
) -> EmbargoLine:
    starts_at, ends_at = event.at - timedelta(minutes=before), event.at + timedelta(minutes=after)
    inside = [
        seen
        for seen in run.evaluations
        if seen.embargo_title is not None and seen.symbol in affected and starts_at <= seen.at <= ends_at
    ]
    return EmbargoLine(
        title=event.title,
        currency=event.currency,
        at=event.at,
        starts_at=starts_at,
        ends_at=ends_at,
        symbols=affected,
        evaluations=len(inside),
        proposed=sum(seen.proposed for seen in inside),
        opened=sum(seen.opened for seen in inside),
    )
