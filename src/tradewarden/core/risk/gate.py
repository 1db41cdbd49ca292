"""The gate: one judgement for each purpose.

``open`` runs every check, always, and fails closed. ``reduce`` and ``protect`` are separate requests with separate
functions: no halt, embargo, session, spread, margin or limit is even looked at for them, so none can block them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from tradewarden.core.account import AccountState, Position
from tradewarden.core.desk import DeskState
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.risk import checks_book as book
from tradewarden.core.risk import checks_desk as desk
from tradewarden.core.risk import checks_market as market
from tradewarden.core.risk import checks_trade as trade
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import (
    Check,
    Outcome,
    Purpose,
    Verdict,
    check,
    conclude,
    failed,
    passed,
    unknown,
)
from tradewarden.core.values import ZERO, is_multiple_of, maker_of

LimitCheck = Callable[[AccountState | None, DeskState, RiskPolicy], Check]


def _on_account(judged: LimitCheck) -> Callable[[GateContext], Check]:
    """Return the check of the limit guard as one of the gate's."""

    def run(context: GateContext) -> Check:
        return judged(context.account, context.desk, context.policy)

    run.__doc__ = judged.__doc__
    return run


OPEN_CHECKS: tuple[Callable[[GateContext], Check], ...] = (
    desk.record_available,
    desk.account_available,
    desk.right_account,
    desk.reconciled,
    market.clocks_agree,
    market.snapshot_fresh,
    market.quote_fresh,
    market.calendar_recent,
    market.market_open,
    market.rollover_far,
    market.weekend_far,
    market.openable,
    desk.trading_enabled,
    _on_account(desk.daily_loss_check),
    _on_account(desk.drawdown_check),
    _on_account(desk.daily_target_check),
    _on_account(desk.profit_target_check),
    trade.strategy_active,
    trade.symbol_allowed,
    trade.on_watchlist,
    trade.inside_session,
    market.no_embargo,
    market.nothing_forbidden,
    market.spread_normal,
    trade.levels_valid,
    trade.stop_far_enough,
    trade.price_near,
    trade.reward_worth_risk,
    trade.tick_value_reliable,
    trade.convertible,
    trade.lots_reach_minimum,
    trade.lots_within_maximum,
    trade.risk_within_budget,
    book.concurrent_trades,
    book.per_symbol,
    book.per_strategy,
    book.open_risk,
    book.daily_loss_headroom,
    book.drawdown_headroom,
    book.currency_exposure,
    book.margin_level,
    book.no_conflict,
    book.not_duplicate,
    book.cooled_down,
    book.losses_paused,
    book.order_rate,
    trade.confidence_reached,
    desk.supervised,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceRequest:
    """Close ``lots`` of the position ``ticket``. There is no field in it that could enlarge anything."""

    ticket: int
    symbol: str
    lots: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectRequest:
    """Set the stop of the position ``ticket``: nearer than it is, or where there is none; never removed."""

    ticket: int
    symbol: str
    stop_loss: Decimal


_make_verdict = maker_of(Verdict)


def judge(context: GateContext) -> Verdict:
    """Return the verdict on opening: every check of the gate, the size it allows and where it leads."""
    checks = tuple([run(context) for run in OPEN_CHECKS])
    if context.approval is not None:
        checks = tuple([_answered(entry, context) for entry in checks])
    return _make_verdict(
        purpose=Purpose.OPEN,
        outcome=conclude(checks),
        checks=checks,
        lots=context.sizing.lots,
        risk_amount=context.sizing.risk_amount,
        margin=context.sizing.margin,
    )


def _answered(entry: Check, context: GateContext) -> Check:
    """Return ``entry`` marked as answered when the approval names it; only an ask can be answered."""
    approval = context.approval
    if entry.passed or entry.on_fail is not OnFail.ASK or approval is None:
        return entry
    if approval.idea_digest != context.idea.digest or entry.code.value not in approval.answers:
        return entry
    return replace(entry, answered=True)


def judge_reduce(request: ReduceRequest, account: AccountState | None, instrument: Instrument) -> Verdict:
    """Return the verdict on closing: known position, volume at most what is open and on the step. Nothing else."""
    checks = (_known_account(account), _known_position(request.ticket, request.symbol, account))
    position = _position(request.ticket, account)
    limit = "above 0, on the volume step, at most what is open"
    if position is None:
        volume = unknown(Code.INVALID_REQUEST, "no position", limit)
    else:
        # The bounds come first: the step of a number without bounds cannot be computed.
        bounded = request.lots.is_finite() and ZERO < request.lots <= position.lots
        holds = bounded and (request.lots == position.lots or is_multiple_of(request.lots, instrument.volume_step))
        volume = check(Code.INVALID_REQUEST, holds, f"{request.lots} of {position.lots} lots", limit)
    return _reducing(Purpose.REDUCE, (*checks, volume), request.lots)


def judge_protect(request: ProtectRequest, account: AccountState | None, instrument: Instrument) -> Verdict:
    """Return the verdict on a stop: known position, on the tick, and only nearer than the one in place."""
    checks = (_known_account(account), _known_position(request.ticket, request.symbol, account))
    position = _position(request.ticket, account)
    limit = "on the tick, beyond the price, nearer than the stop in place"
    if position is None:
        level = unknown(Code.INVALID_REQUEST, "no position", limit)
    else:
        level = _tightening(request, position, instrument, limit)
    return _reducing(Purpose.PROTECT, (*checks, level), position.lots if position else ZERO)


def _tightening(request: ProtectRequest, position: Position, instrument: Instrument, limit: str) -> Check:
    sign, stop = position.side.sign, request.stop_loss
    observed = f"stop {position.stop_loss or 'none'} to {stop}, price {position.price}"
    holds = (
        stop > 0
        and is_multiple_of(stop, instrument.tick_size)
        and (position.price - stop) * sign > 0
        and (position.stop_loss is None or (stop - position.stop_loss) * sign > 0)
    )
    return check(Code.INVALID_REQUEST, holds, observed, limit)


def _known_account(account: AccountState | None) -> Check:
    limit = "connected"
    if account is None:
        return unknown(Code.ACCOUNT_UNAVAILABLE, "no account statement", limit)
    return check(Code.ACCOUNT_UNAVAILABLE, account.connected, "connected" if account.connected else "not", limit)


def _known_position(ticket: int, symbol: str, account: AccountState | None) -> Check:
    code, limit, position = (
        Code.UNKNOWN_POSITION,
        f"position {ticket} in {symbol}",
        _position(ticket, account),
    )
    if position is None:
        return failed(code, "not open", limit)
    if position.symbol != symbol:
        return failed(code, f"is in {position.symbol}", limit)
    return passed(code, f"{position.side} {position.lots} lots", limit)


def _position(ticket: int, account: AccountState | None) -> Position | None:
    if account is None:
        return None
    return next((position for position in account.positions if position.ticket == ticket), None)


def _reducing(purpose: Purpose, checks: tuple[Check, ...], lots: Decimal) -> Verdict:
    outcome = Outcome.EXECUTE if all(entry.passed for entry in checks) else Outcome.REJECTED
    return Verdict(purpose=purpose, outcome=outcome, checks=checks, lots=lots, risk_amount=ZERO, margin=ZERO)
