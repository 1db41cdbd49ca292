"""Checks of the desk and the account: is the record there, is the account believable, are the limits kept.

Each function takes the context and returns one check; none of them raises, and what cannot be computed denies.
"""

from decimal import Decimal

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState, UnfinishedIntent, daily_loss, drawdown
from tradewarden.core.policy import Mode, RiskPolicy
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import Check, check, failed, passed, unknown
from tradewarden.core.values import ONE_HUNDRED, money, round_to_step

_PERCENT_STEP = Decimal("0.01")


def record_available(context: GateContext) -> Check:
    """Nothing is opened that cannot be recorded."""
    available = context.desk.record_available
    return check(Code.RECORD_UNAVAILABLE, available, "writable" if available else "not writable", "writable")


def account_available(context: GateContext) -> Check:
    """The account statement is present, believable and fresh, and the broker allows trading on it."""
    code, account = Code.ACCOUNT_UNAVAILABLE, context.account
    limit = f"connected, consistent, at most {context.policy.max_account_age_seconds} s old"
    if account is None:
        return unknown(code, "no account statement", limit)
    problem = account.problem()
    if problem is not None:
        return failed(code, problem, limit)
    if not account.trade_allowed:
        return failed(code, "the broker does not allow trading on this account", limit)
    age = (context.as_of - account.captured_at).total_seconds()
    return check(code, age <= context.policy.max_account_age_seconds, f"{age:.0f} s old", limit)


def reconciled(context: GateContext) -> Check:
    """What happened while the desk was away has been booked."""
    done = context.desk.reconciled
    return check(Code.NOT_RECONCILED, done, "reconciled" if done else "not reconciled yet", "reconciled")


def trading_enabled(context: GateContext) -> Check:
    """AI trading is on and no halt is in force."""
    code, halt = Code.TRADING_DISABLED, context.desk.halt
    if halt is not None:
        return failed(code, f"halted: {halt.reason}", "on, no halt")
    return check(code, context.policy.ai_trading_enabled, "on" if context.policy.ai_trading_enabled else "off", "on")


def daily_loss_check(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> Check:
    """Today's loss is below its limit; a breach on a believable account halts."""
    code = Code.DAILY_LOSS_REACHED
    if policy.max_daily_loss is None:
        return passed(code, "no limit set", "no limit set")
    limit = f"less than {policy.max_daily_loss}"
    if account is None or account.problem() is not None:
        return unknown(code, "no believable account statement", limit)
    loss = daily_loss(account, desk, policy)
    if loss is None:
        return unknown(code, "no reference for today", limit)
    return check(code, loss < policy.max_daily_loss, f"loss today {money(loss)}", limit)


def drawdown_check(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> Check:
    """The drawdown from the first balance or the mark is below its limit; it halts where the policy says so."""
    code = Code.MAX_DRAWDOWN_REACHED
    if policy.max_drawdown_amount is None:
        return passed(code, "no limit set", "no limit set")
    limit = f"less than {policy.max_drawdown_amount}"
    if account is None or account.problem() is not None:
        return unknown(code, "no believable account statement", limit)
    loss = drawdown(account, desk, policy)
    if loss is None:
        return unknown(code, "nothing to count the drawdown from", limit)
    if loss < policy.max_drawdown_amount:
        return passed(code, f"drawdown {money(loss)}", limit)
    on_fail = OnFail.HALT if policy.halt_on_drawdown else OnFail.DENY
    return failed(code, f"drawdown {money(loss)}", limit, on_fail)


def daily_target_check(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> Check:
    """Today's realised profit has not reached its target; where the policy says so, reaching it halts."""
    code = Code.DAILY_TARGET_REACHED
    if policy.daily_profit_target is None or not policy.stop_after_target:
        return passed(code, "no stop at a target", "no stop at a target")
    limit = f"less than {policy.daily_profit_target}"
    if account is None or account.problem() is not None:
        return unknown(code, "no believable account statement", limit)
    if desk.day is None:
        return unknown(code, "no reference for today", limit)
    profit = desk.day.realised_profit
    return check(code, profit < policy.daily_profit_target, f"realised today {money(profit)}", limit)


def limit_checks(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> tuple[Check, ...]:
    """Return the checks that the limit guard judges on every account update, idea or not."""
    return (
        daily_loss_check(account, desk, policy),
        drawdown_check(account, desk, policy),
        daily_target_check(account, desk, policy),
    )


def concurrent_trades(context: GateContext) -> Check:
    """Positions (foreign ones too) and unfinished orders leave room for one more."""
    code, limit = Code.MAX_CONCURRENT_TRADES, f"at most {context.policy.max_concurrent_trades}"
    if context.account is None:
        return unknown(code, "no account statement", limit)
    count = len(context.account.positions) + len(_others(context))
    return check(code, count < context.policy.max_concurrent_trades, f"{count} open or on the way", limit)


def per_symbol(context: GateContext) -> Check:
    """Positions and unfinished orders in this symbol leave room for one more."""
    code, limit = Code.MAX_PER_SYMBOL, f"at most {context.policy.max_per_symbol}"
    if context.account is None:
        return unknown(code, "no account statement", limit)
    symbol = context.idea.symbol
    count = sum(position.symbol == symbol for position in context.account.positions)
    count += sum(intent.symbol == symbol for intent in _others(context))
    return check(code, count < context.policy.max_per_symbol, f"{count} open or on the way in {symbol}", limit)


def per_strategy(context: GateContext) -> Check:
    """The strategy's own cap on concurrent positions leaves room for one more."""
    code, cap = Code.MAX_PER_STRATEGY, context.strategy.spec.max_concurrent_positions
    if cap is None:
        return passed(code, "no cap set", "no cap set")
    mine = context.strategy.strategy_id
    count = sum(position.strategy_id == mine for position in context.desk.positions)
    count += sum(intent.strategy_id == mine for intent in _others(context))
    return check(code, count < cap, f"{count} open or on the way", f"at most {cap}")


def margin_level(context: GateContext) -> Check:
    """After the trade, and everything on the way, the margin level stays at or above the policy's."""
    code, account, policy = Code.MARGIN_LEVEL, context.account, context.policy
    limit = f"at least {policy.min_margin_level} % after the trade"
    if account is None or account.problem() is not None:
        return unknown(code, "no believable account statement", limit)
    if not context.snapshot.instrument.margin_per_lot > 0:
        return unknown(code, "the terminal states no margin for this symbol", limit)
    needed = context.sizing.margin + sum((intent.margin for intent in _others(context)), Decimal(0))
    if needed > account.margin_free:
        return failed(code, f"needs {needed} of {account.margin_free} free margin", limit)
    total = account.margin + needed
    if total == 0:
        return passed(code, "no margin used", limit)
    level = round_to_step(account.equity / total * ONE_HUNDRED, _PERCENT_STEP)
    return check(code, level >= policy.min_margin_level, f"{level} % after the trade", limit)


def supervised(context: GateContext) -> Check:
    """In supervised mode a person lets every order go."""
    alone = context.policy.mode is Mode.AUTONOMOUS
    return check(Code.SUPERVISED_MODE, alone, context.policy.mode.value, Mode.AUTONOMOUS.value)


def _others(context: GateContext) -> list[UnfinishedIntent]:
    """Return the unfinished intents other than the judged idea's own (it is judged again before it is sent)."""
    own = context.idea.idea_id
    return [intent for intent in context.desk.unfinished_intents if intent.idea_id != own]
