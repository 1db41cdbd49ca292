"""Checks of the desk and the account: is the record there, is the account believable, is no limit reached.

Each function takes the context and returns one check; none of them raises, and what cannot be computed denies.
"""

from tradewarden.core.account import AccountState
from tradewarden.core.desk import DeskState, daily_loss, drawdown
from tradewarden.core.policy import Mode, RiskPolicy
from tradewarden.core.risk.context import GateContext
from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import Check, check, failed, passed, settled, unknown
from tradewarden.core.values import money


def record_available(context: GateContext) -> Check:
    """Nothing is opened that cannot be recorded."""
    available = context.desk.record_available
    return settled(Code.RECORD_UNAVAILABLE, available, "writable" if available else "not writable", "writable")


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
    return settled(code, age <= context.policy.max_account_age_seconds, f"{age:.0f} s old", limit)


def right_account(context: GateContext) -> Check:
    """The statement is of the account that the record belongs to."""
    code, account, binding = Code.WRONG_ACCOUNT, context.account, context.desk.binding
    if binding is None:
        return unknown(code, "the record belongs to no account yet", "the account of the record")
    limit = f"{binding.login} on {binding.server}"
    if account is None:
        return unknown(code, "no account statement", limit)
    return check(code, is_bound(account, context.desk), f"{account.login} on {account.server}", limit)


def is_bound(account: AccountState, desk: DeskState) -> bool:
    """Return whether nothing says that ``account`` is another one than the record's."""
    bound = desk.binding
    return bound is None or (account.login == bound.login and account.server == bound.server)


def _unbelievable(account: AccountState | None, desk: DeskState) -> bool:
    """Return whether no limit may be judged on this statement, let alone trip a halt."""
    return account is None or account.problem() is not None or not is_bound(account, desk)


def reconciled(context: GateContext) -> Check:
    """What happened while the desk was away has been booked."""
    done = context.desk.reconciled
    return settled(Code.NOT_RECONCILED, done, "reconciled" if done else "not reconciled yet", "reconciled")


def trading_enabled(context: GateContext) -> Check:
    """AI trading is on and no halt is in force."""
    code, halt = Code.TRADING_DISABLED, context.desk.halt
    if halt is not None:
        return failed(code, f"halted: {halt.reason}", "on, no halt")
    return settled(code, context.policy.ai_trading_enabled, "on" if context.policy.ai_trading_enabled else "off", "on")


def daily_loss_check(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> Check:
    """Today's loss is below its limit; a breach on a believable account halts."""
    code = Code.DAILY_LOSS_REACHED
    if policy.max_daily_loss is None:
        return passed(code, "no limit set", "no limit set")
    limit = f"less than {policy.max_daily_loss}"
    if account is None or _unbelievable(account, desk):
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
    if account is None or _unbelievable(account, desk):
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
    if account is None or _unbelievable(account, desk):
        return unknown(code, "no believable account statement", limit)
    if desk.day is None:
        return unknown(code, "no reference for today", limit)
    profit = desk.day.realised_profit
    return check(code, profit < policy.daily_profit_target, f"realised today {money(profit)}", limit)


def profit_target_check(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> Check:
    """The balance over the first one, deposits left out, has not reached its target; reaching it halts."""
    code = Code.PROFIT_TARGET_REACHED
    if policy.profit_target is None:
        return passed(code, "no target set", "no target set")
    limit = f"less than {policy.profit_target}"
    if account is None or _unbelievable(account, desk):
        return unknown(code, "no believable account statement", limit)
    if desk.initial_balance is None:
        return unknown(code, "no first balance", limit)
    profit = account.balance - desk.initial_balance - desk.deposits
    return check(code, profit < policy.profit_target, f"profit {money(profit)}", limit)


def limit_checks(account: AccountState | None, desk: DeskState, policy: RiskPolicy) -> tuple[Check, ...]:
    """Return the checks that the limit guard judges on every account update, idea or not."""
    return (
        daily_loss_check(account, desk, policy),
        drawdown_check(account, desk, policy),
        daily_target_check(account, desk, policy),
        profit_target_check(account, desk, policy),
    )


def supervised(context: GateContext) -> Check:
    """In supervised mode a person lets every order go."""
    alone = context.policy.mode is Mode.AUTONOMOUS
    return settled(Code.SUPERVISED_MODE, alone, context.policy.mode.value, Mode.AUTONOMOUS.value)
