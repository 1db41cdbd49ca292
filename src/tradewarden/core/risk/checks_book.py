"""Checks of the whole book: room for one more, everything at risk, margin, exposure, other owners, pauses.

Each function takes the context and returns one check; none of them raises, and what cannot be computed denies. A
limit on amounts is judged at the size chosen, and at the broker's smallest where the size is smaller than that.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from tradewarden.core.account import AccountState, MarginMode
from tradewarden.core.desk import LossBuffer, RecentOutcome
from tradewarden.core.limits import loss_buffer
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code
from tradewarden.core.risk.room import MoneyLimit
from tradewarden.core.risk.sizing import is_amount
from tradewarden.core.risk.verdict import Check, check, failed, passed, unknown
from tradewarden.core.values import ONE_HUNDRED, ZERO, money

_PERCENT_STEP = Decimal("0.01")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_NO_LIMIT = "no limit set"


def concurrent_trades(context: GateContext) -> Check:
    """Positions (foreign ones too) and unfinished orders leave room for one more."""
    code, limit = Code.MAX_CONCURRENT_TRADES, f"at most {context.policy.max_concurrent_trades}"
    if context.account is None:
        return unknown(code, "no account statement", limit)
    count = len(context.account.positions) + len(context.book.others)
    return check(code, count < context.policy.max_concurrent_trades, f"{count} open or on the way", limit)


def per_symbol(context: GateContext) -> Check:
    """Positions and unfinished orders in this symbol leave room for one more."""
    code, limit = Code.MAX_PER_SYMBOL, f"at most {context.policy.max_per_symbol}"
    account = context.account
    if account is None:
        return unknown(code, "no account statement", limit)
    symbol = context.idea.symbol
    if not account.positions and not context.book.others:
        return check(code, context.policy.max_per_symbol > 0, f"0 open or on the way in {symbol}", limit)
    count = sum([position.symbol == symbol for position in account.positions])
    count += sum([intent.symbol == symbol for intent in context.book.others])
    return check(code, count < context.policy.max_per_symbol, f"{count} open or on the way in {symbol}", limit)


def per_strategy(context: GateContext) -> Check:
    """The strategy's own cap on concurrent positions leaves room for one more."""
    code, cap = Code.MAX_PER_STRATEGY, context.strategy.spec.max_concurrent_positions
    if cap is None:
        return passed(code, "no cap set", "no cap set")
    mine = context.strategy.strategy_id
    count = sum([position.strategy_id == mine for position in context.desk.positions])
    count += sum([intent.strategy_id == mine for intent in context.book.others])
    return check(code, count < cap, f"{count} open or on the way", f"at most {cap}")


def open_risk(context: GateContext) -> Check:
    """If every stop were hit now, this one's too, the loss is within the policy's share and the strategy's own."""
    code, limits = Code.OPEN_RISK, context.limits
    if limits.open_risk.limit is None and limits.strategy_risk.limit is None:
        return passed(code, _NO_LIMIT, _NO_LIMIT)
    whole = _with_trade(code, context, limits.open_risk, "all open risk")
    if limits.strategy_risk.limit is None or not whole.passed:
        return whole
    own = _with_trade(code, context, limits.strategy_risk, "the strategy's open risk")
    return own if limits.open_risk.limit is None or not own.passed else whole


def daily_loss_headroom(context: GateContext) -> Check:
    """If every stop were hit now, this one's too, today's loss would keep its limit; no buffer before it is reached."""
    code, policy, limit = Code.DAILY_LOSS_HEADROOM, context.policy, context.limits.daily
    if limit.limit is not None and not limit.problem:
        loss, day = limit.used - context.book.all_risk.amount, context.desk.day
        # What was reached once today stays reached: a loss that comes back does not open the door again.
        reached = LossBuffer.NONE if day is None else day.buffer
        if loss_buffer(loss, policy) is not LossBuffer.NONE or reached is not LossBuffer.NONE:
            return failed(code, f"loss today {money(loss)}", f"opening stops before the limit of {limit.limit}")
    return _with_trade(code, context, limit, "today's loss with every stop hit")


def drawdown_headroom(context: GateContext) -> Check:
    """If every stop were hit now, this one's too, the drawdown would keep its limit."""
    return _with_trade(Code.DRAWDOWN_HEADROOM, context, context.limits.drawdown, "drawdown with every stop hit")


def _with_trade(code: Code, context: GateContext, limit: MoneyLimit, words: str) -> Check:
    if limit.limit is None:
        return passed(code, _NO_LIMIT, _NO_LIMIT)
    sizing, most = context.sizing, f"at most {limit.limit}"
    if limit.problem:
        return unknown(code, limit.problem, most)
    if sizing.problem is not None:
        return unknown(code, sizing.problem, most)
    total = limit.used + max(sizing.risk_amount, sizing.least_risk)
    return check(code, total <= limit.limit, f"{words} {money(total)}", most)


def currency_exposure(context: GateContext) -> Check:
    """The net amount in every currency, metal or index stays within its multiple of equity, before and after."""
    code, exposure, nets = Code.CURRENCY_EXPOSURE, context.limits.exposure, context.book.nets
    if exposure.limit is None:
        return passed(code, _NO_LIMIT, _NO_LIMIT)
    most = f"at most {context.policy.max_currency_exposure} × equity = {money(exposure.limit)} in any"
    if exposure.problem or nets.problem:
        return unknown(code, exposure.problem or nets.problem, most)
    trade = max(context.sizing.lots, context.snapshot.instrument.volume_min) * exposure.per_lot
    if nets.amounts:
        largest, name = _largest(nets.amounts, exposure.legs, trade)
    else:
        largest, name = trade, max(exposure.legs)[0]
    return check(code, largest <= exposure.limit, f"{name} {money(largest)}", most)


def _largest(amounts: Mapping[str, Decimal], legs: tuple[tuple[str, int], ...], trade: Decimal) -> tuple[Decimal, str]:
    """Return the largest amount, before or after the trade, and what it is in.

    Where the trade shrinks an amount, the one before it counts: it is no way out of a limit already passed.
    """
    after = dict(amounts)
    for name, sign in legs:
        after[name] = after.get(name, ZERO) + sign * trade
    return max([(abs(amount), name) for name, amount in (*after.items(), *amounts.items())])


def margin_level(context: GateContext) -> Check:
    """After the trade, and everything on the way, the margin level stays at or above the policy's."""
    code, account, policy = Code.MARGIN_LEVEL, context.account, context.policy
    limit = f"at least {policy.min_margin_level} % after the trade"
    if account is None or account.problem() is not None:
        return unknown(code, "no believable account statement", limit)
    if not is_amount(context.snapshot.instrument.margin_per_lot):
        return unknown(code, "the terminal states no margin for this symbol", limit)
    needed = max(context.sizing.margin, context.sizing.least_margin) + context.book.margin
    if needed > account.margin_free:
        return failed(code, f"needs {needed} of {account.margin_free} free margin", limit)
    total = account.margin + needed
    holds = account.equity * ONE_HUNDRED >= policy.min_margin_level * total
    return check(code, holds, f"{_level(account, account.margin)} before, {_level(account, total)} after", limit)


def _level(account: AccountState, margin: Decimal) -> str:
    if not margin > 0:
        return "no margin used"
    return f"{(account.equity * ONE_HUNDRED / margin).quantize(_PERCENT_STEP, rounding=ROUND_HALF_EVEN)} %"


def no_conflict(context: GateContext) -> Check:
    """The order meets nothing in its symbol that it would net against, reverse, or have to close first.

    On a netting account a symbol has one owner and one side; on a FIFO account it holds one position; on a hedging
    account the desk's own positions do not oppose each other, unless the policy lets them.
    """
    code, account, idea = Code.NETTING_CONFLICT, context.account, context.idea
    if account is None:
        return unknown(code, "no account statement", "no conflict in the symbol")
    mode = account.margin_mode
    if not account.positions and not context.book.others:
        return passed(code, "nothing is open or on the way", "nothing that it would meet")
    there = [position for position in account.positions if position.symbol == idea.symbol]
    coming = [intent for intent in context.book.others if intent.symbol == idea.symbol]
    if mode is MarginMode.FIFO:
        limit = "one position per symbol on an account that closes the oldest first"
        return check(code, not there and not coming, f"{len(there) + len(coming)} open or on the way", limit)
    owned = {held.ticket: held.strategy_id for held in context.desk.positions}
    if mode is MarginMode.NETTING:
        limit = "one owner and one side per symbol on a netting account"
        for position in there:
            owner = owned.get(position.ticket)
            if owner != idea.strategy_id or position.side is not idea.side:
                whose = "a position that is not the desk's" if owner is None else f"a {position.side} of the desk's"
                return failed(code, f"{whose}, ticket {position.ticket}", limit)
        if any((o.strategy_id, o.side) != (idea.strategy_id, idea.side) for o in coming):
            return failed(code, "an order on the way of another strategy or side", limit)
        return passed(code, "none", limit)
    if context.policy.allow_opposite_positions:
        return passed(code, "opposite positions are allowed", "opposite positions are allowed")
    limit = "no position of the desk's on the other side"
    opposed = [position for position in there if position.side is not idea.side and position.ticket in owned]
    if opposed:
        return failed(code, f"a {opposed[0].side} of the desk's, ticket {opposed[0].ticket}", limit)
    opposite = any(intent.side is not idea.side for intent in coming)
    return check(code, not opposite, "an opposite order on the way" if opposite else "none", limit)


def not_duplicate(context: GateContext) -> Check:
    """No open idea, intent or position has this strategy, symbol and side, and the setup has re-armed."""
    code, idea, desk = Code.DUPLICATE_IDEA, context.idea, context.desk
    key = (idea.strategy_id, idea.symbol, idea.side)
    limit = "none of this strategy, symbol and side"
    if not (desk.open_ideas or context.book.others or desk.positions or desk.spent_setups):
        return passed(code, "none", limit)
    open_ideas = [o for o in desk.open_ideas if o.idea_id != idea.idea_id]
    if any((o.strategy_id, o.symbol, o.side) == key for o in open_ideas):
        return failed(code, "an open idea", limit)
    if any((o.strategy_id, o.symbol, o.side) == key for o in context.book.others):
        return failed(code, "an order on the way", limit)
    if any((o.strategy_id, o.symbol, o.side) == key for o in desk.positions):
        return failed(code, "an open position", limit)
    if context.first and any((item.strategy_id, item.symbol, item.side) == key for item in desk.spent_setups):
        return failed(code, "entry has held since the last idea", "entry false once since the last idea")
    return passed(code, "none", limit)


def cooled_down(context: GateContext) -> Check:
    """The pause after the last closing of this strategy in this symbol is over."""
    code, idea = Code.COOLDOWN, context.idea
    minutes = max(context.policy.cool_down_minutes, context.strategy.spec.cool_down_minutes or 0)
    if minutes == 0:
        return passed(code, "no cool-down set", "no cool-down set")
    limit = f"{minutes} min after the last closing"
    closed = [
        outcome.closed_at
        for outcome in context.desk.outcomes
        if outcome.strategy_id == idea.strategy_id and outcome.symbol == idea.symbol
    ]
    if not closed:
        return passed(code, "none closed lately", limit)
    since = context.as_of - max(closed)
    return check(code, since >= timedelta(minutes=minutes), f"closed {since // _MINUTE} min ago", limit)


def losses_paused(context: GateContext) -> Check:
    """The pause after too many losses in a row of the whole desk is over."""
    code, policy = Code.CONSECUTIVE_LOSSES, context.policy
    most = policy.max_consecutive_losses
    if most is None:
        return passed(code, _NO_LIMIT, _NO_LIMIT)
    limit = f"less than {most} in a row, or {policy.losses_pause_minutes} min since the last"
    streak, newest = _losses_in_a_row(context.desk.outcomes)
    if streak < most or newest is None:
        return passed(code, f"{streak} in a row", limit)
    since = context.as_of - newest
    holds = since >= timedelta(minutes=policy.losses_pause_minutes)
    return check(code, holds, f"{streak} in a row, the last {since // _MINUTE} min ago", limit)


def _losses_in_a_row(outcomes: tuple[RecentOutcome, ...]) -> tuple[int, datetime | None]:
    """Return how many of the newest outcomes are losses without a break, and when the newest of them closed."""
    streak, newest = 0, None
    for outcome in sorted(outcomes, key=lambda entry: entry.closed_at, reverse=True):
        if outcome.net_profit >= 0:
            break
        streak, newest = streak + 1, newest or outcome.closed_at
    return streak, newest


def order_rate(context: GateContext) -> Check:
    """One more opening order keeps the rates of a minute and of a day; the judged idea's own is not among them."""
    code, policy, sent = Code.ORDER_RATE, context.policy, context.desk.opens_sent_at
    limit = f"at most {policy.max_orders_per_minute} in a minute and {policy.max_orders_per_day} in 24 hours"
    if not sent:
        return passed(code, "none sent", limit)
    minute = _count_since(sent, context.as_of - _MINUTE)
    day = _count_since(sent, context.as_of - _DAY)
    holds = minute < policy.max_orders_per_minute and day < policy.max_orders_per_day
    return check(code, holds, f"{minute} in the last minute, {day} in 24 hours", limit)


def _count_since(sent: tuple[datetime, ...], since: datetime) -> int:
    return sum([at > since for at in sent])
