"""The closed list of check codes, their words, and what a failure of each leads to."""

from enum import StrEnum


class OnFail(StrEnum):
    """What a failed check leads to."""

    HALT = "halt"
    DENY = "deny"
    ASK = "ask"


class Code(StrEnum):
    """Every check of the gate, in the order in which it is shown."""

    RECORD_UNAVAILABLE = "RECORD_UNAVAILABLE"
    ACCOUNT_UNAVAILABLE = "ACCOUNT_UNAVAILABLE"
    WRONG_ACCOUNT = "WRONG_ACCOUNT"
    NOT_RECONCILED = "NOT_RECONCILED"
    CLOCK_SKEW = "CLOCK_SKEW"
    STALE_SNAPSHOT = "STALE_SNAPSHOT"
    STALE_QUOTE = "STALE_QUOTE"
    CALENDAR_STALE = "CALENDAR_STALE"
    MARKET_CLOSED = "MARKET_CLOSED"
    ROLLOVER = "ROLLOVER"
    WEEKEND = "WEEKEND"
    SYMBOL_TRADE_MODE = "SYMBOL_TRADE_MODE"
    TRADING_DISABLED = "TRADING_DISABLED"
    DAILY_LOSS_REACHED = "DAILY_LOSS_REACHED"
    MAX_DRAWDOWN_REACHED = "MAX_DRAWDOWN_REACHED"
    DAILY_TARGET_REACHED = "DAILY_TARGET_REACHED"
    PROFIT_TARGET_REACHED = "PROFIT_TARGET_REACHED"
    STRATEGY_INACTIVE = "STRATEGY_INACTIVE"
    SYMBOL_NOT_ALLOWED = "SYMBOL_NOT_ALLOWED"
    OFF_WATCHLIST = "OFF_WATCHLIST"
    OUTSIDE_SESSION = "OUTSIDE_SESSION"
    NEWS_EMBARGO = "NEWS_EMBARGO"
    FORBIDDEN_CONDITION = "FORBIDDEN_CONDITION"
    SPREAD_TOO_WIDE = "SPREAD_TOO_WIDE"
    INVALID_LEVELS = "INVALID_LEVELS"
    STOP_TOO_CLOSE = "STOP_TOO_CLOSE"
    PRICE_MOVED = "PRICE_MOVED"
    RR_TOO_LOW = "RR_TOO_LOW"
    TICK_VALUE_UNRELIABLE = "TICK_VALUE_UNRELIABLE"
    CONVERSION_UNAVAILABLE = "CONVERSION_UNAVAILABLE"
    LOT_BELOW_MINIMUM = "LOT_BELOW_MINIMUM"
    LOT_ABOVE_MAXIMUM = "LOT_ABOVE_MAXIMUM"
    RISK_PER_TRADE = "RISK_PER_TRADE"
    MAX_CONCURRENT_TRADES = "MAX_CONCURRENT_TRADES"
    MAX_PER_SYMBOL = "MAX_PER_SYMBOL"
    MAX_PER_STRATEGY = "MAX_PER_STRATEGY"
    OPEN_RISK = "OPEN_RISK"
    DAILY_LOSS_HEADROOM = "DAILY_LOSS_HEADROOM"
    DRAWDOWN_HEADROOM = "DRAWDOWN_HEADROOM"
    CURRENCY_EXPOSURE = "CURRENCY_EXPOSURE"
    MARGIN_LEVEL = "MARGIN_LEVEL"
    NETTING_CONFLICT = "NETTING_CONFLICT"
    DUPLICATE_IDEA = "DUPLICATE_IDEA"
    COOLDOWN = "COOLDOWN"
    CONSECUTIVE_LOSSES = "CONSECUTIVE_LOSSES"
    ORDER_RATE = "ORDER_RATE"
    CONFIDENCE_BELOW_THRESHOLD = "CONFIDENCE_BELOW_THRESHOLD"
    SUPERVISED_MODE = "SUPERVISED_MODE"
    UNKNOWN_POSITION = "UNKNOWN_POSITION"
    INVALID_REQUEST = "INVALID_REQUEST"

    # An enumeration hashes its name in Python code; every check looks its code up.
    __hash__ = str.__hash__


WORDS: dict[Code, str] = {
    Code.RECORD_UNAVAILABLE: "the record can be written",
    Code.ACCOUNT_UNAVAILABLE: "the account is connected and its figures add up",
    Code.WRONG_ACCOUNT: "the account is the one the record belongs to",
    Code.NOT_RECONCILED: "the book agrees with the broker",
    Code.CLOCK_SKEW: "the desk's clock and the terminal's agree",
    Code.STALE_SNAPSHOT: "the newest closed bar is present",
    Code.STALE_QUOTE: "the quote is fresh",
    Code.CALENDAR_STALE: "the economic calendar is recent",
    Code.MARKET_CLOSED: "the market is open",
    Code.ROLLOVER: "the daily rollover is not near",
    Code.WEEKEND: "the week's close is not near",
    Code.SYMBOL_TRADE_MODE: "the broker lets this symbol be opened on this side",
    Code.TRADING_DISABLED: "AI trading is switched on and no halt is in force",
    Code.DAILY_LOSS_REACHED: "today's loss is within its limit",
    Code.MAX_DRAWDOWN_REACHED: "the drawdown is within its limit",
    Code.DAILY_TARGET_REACHED: "today's profit target is not reached yet",
    Code.PROFIT_TARGET_REACHED: "the account's profit target is not reached yet",
    Code.STRATEGY_INACTIVE: "the strategy is active",
    Code.SYMBOL_NOT_ALLOWED: "the strategy may trade this symbol",
    Code.OFF_WATCHLIST: "the symbol is on the watchlist",
    Code.OUTSIDE_SESSION: "the time is inside the strategy's sessions",
    Code.NEWS_EMBARGO: "no high-impact news is near",
    Code.FORBIDDEN_CONDITION: "nothing that the strategy forbids holds",
    Code.SPREAD_TOO_WIDE: "the spread is normal",
    Code.INVALID_LEVELS: "stop and targets lie on the right side, on the tick",
    Code.STOP_TOO_CLOSE: "the stop is far enough from the price",
    Code.PRICE_MOVED: "the price has not moved away from the idea",
    Code.RR_TOO_LOW: "the reward is worth the risk",
    Code.TICK_VALUE_UNRELIABLE: "what a tick is worth is known beyond doubt",
    Code.CONVERSION_UNAVAILABLE: "amounts can be converted into account currency",
    Code.LOT_BELOW_MINIMUM: "the size reaches the broker's minimum",
    Code.LOT_ABOVE_MAXIMUM: "the size is within its maximum",
    Code.RISK_PER_TRADE: "the money at risk is within its limit",
    Code.MAX_CONCURRENT_TRADES: "there is room for another trade",
    Code.MAX_PER_SYMBOL: "there is room for another trade in this symbol",
    Code.MAX_PER_STRATEGY: "there is room for another trade of this strategy",
    Code.OPEN_RISK: "the account bears every stop being hit at once",
    Code.DAILY_LOSS_HEADROOM: "every stop being hit would keep the daily loss limit",
    Code.DRAWDOWN_HEADROOM: "every stop being hit would keep the drawdown limit",
    Code.CURRENCY_EXPOSURE: "no currency is held too heavily",
    Code.MARGIN_LEVEL: "the margin level stays high enough",
    Code.NETTING_CONFLICT: "the order meets no position of another owner or side",
    Code.DUPLICATE_IDEA: "this setup has not been proposed already",
    Code.COOLDOWN: "the cool-down after the last trade is over",
    Code.CONSECUTIVE_LOSSES: "no pause after losses in a row is in force",
    Code.ORDER_RATE: "not too many orders in a short time",
    Code.CONFIDENCE_BELOW_THRESHOLD: "the confidence reaches its threshold",
    Code.SUPERVISED_MODE: "the desk may act alone",
    Code.UNKNOWN_POSITION: "the position is open at the broker",
    Code.INVALID_REQUEST: "the request only reduces or protects",
}

FAILURES: dict[Code, str] = {
    Code.RECORD_UNAVAILABLE: "the record cannot be written",
    Code.ACCOUNT_UNAVAILABLE: "the account gives no usable statement",
    Code.WRONG_ACCOUNT: "this is not the account of the record",
    Code.NOT_RECONCILED: "the book is not reconciled with the broker",
    Code.CLOCK_SKEW: "the clocks disagree",
    Code.STALE_SNAPSHOT: "the newest bar is missing",
    Code.STALE_QUOTE: "the quote is stale",
    Code.CALENDAR_STALE: "the economic calendar is out of date",
    Code.MARKET_CLOSED: "the market is closed",
    Code.ROLLOVER: "the daily rollover is near",
    Code.WEEKEND: "the week's close is near",
    Code.SYMBOL_TRADE_MODE: "the broker does not let this be opened",
    Code.TRADING_DISABLED: "trading is off",
    Code.DAILY_LOSS_REACHED: "the daily loss limit is reached",
    Code.MAX_DRAWDOWN_REACHED: "the drawdown limit is reached",
    Code.DAILY_TARGET_REACHED: "the daily target is reached",
    Code.PROFIT_TARGET_REACHED: "the account's profit target is reached",
    Code.STRATEGY_INACTIVE: "the strategy is switched off",
    Code.SYMBOL_NOT_ALLOWED: "the strategy may not trade this symbol",
    Code.OFF_WATCHLIST: "the symbol is not on the watchlist",
    Code.OUTSIDE_SESSION: "outside the strategy's sessions",
    Code.NEWS_EMBARGO: "high-impact news is near",
    Code.FORBIDDEN_CONDITION: "the strategy forbids opening now",
    Code.SPREAD_TOO_WIDE: "the spread is too wide",
    Code.INVALID_LEVELS: "stop or target is not valid",
    Code.STOP_TOO_CLOSE: "the stop is too close to the price",
    Code.PRICE_MOVED: "the price has moved away",
    Code.RR_TOO_LOW: "the reward is too small for the risk",
    Code.TICK_VALUE_UNRELIABLE: "what a tick is worth is in doubt",
    Code.CONVERSION_UNAVAILABLE: "a conversion rate is missing",
    Code.LOT_BELOW_MINIMUM: "the size is below the minimum",
    Code.LOT_ABOVE_MAXIMUM: "the size is above the maximum",
    Code.RISK_PER_TRADE: "the money at risk is above its limit",
    Code.MAX_CONCURRENT_TRADES: "no room for another trade",
    Code.MAX_PER_SYMBOL: "no room for another trade in this symbol",
    Code.MAX_PER_STRATEGY: "no room for another trade of this strategy",
    Code.OPEN_RISK: "too much would be lost if every stop were hit",
    Code.DAILY_LOSS_HEADROOM: "the daily loss limit leaves no room",
    Code.DRAWDOWN_HEADROOM: "the drawdown limit leaves no room",
    Code.CURRENCY_EXPOSURE: "too much in one currency",
    Code.MARGIN_LEVEL: "too little margin",
    Code.NETTING_CONFLICT: "it would meet a position of another owner or side",
    Code.DUPLICATE_IDEA: "this setup was proposed already",
    Code.COOLDOWN: "still cooling down after the last trade",
    Code.CONSECUTIVE_LOSSES: "pausing after losses in a row",
    Code.ORDER_RATE: "too many orders in a short time",
    Code.CONFIDENCE_BELOW_THRESHOLD: "confidence below its threshold",
    Code.SUPERVISED_MODE: "supervised mode asks a person",
    Code.UNKNOWN_POSITION: "no such position at the broker",
    Code.INVALID_REQUEST: "the request would not only reduce or protect",
}

NOT_ABOUT_OPENING = frozenset({Code.UNKNOWN_POSITION, Code.INVALID_REQUEST})
OPEN_CODES = frozenset(Code) - NOT_ABOUT_OPENING
HALTING = frozenset(
    {Code.DAILY_LOSS_REACHED, Code.MAX_DRAWDOWN_REACHED, Code.DAILY_TARGET_REACHED, Code.PROFIT_TARGET_REACHED}
)
ASKING = frozenset({Code.OFF_WATCHLIST, Code.CONFIDENCE_BELOW_THRESHOLD, Code.SUPERVISED_MODE})


def default_on_fail(code: Code) -> OnFail:
    """Return what a failure of ``code`` leads to unless the check itself says something stricter."""
    if code in HALTING:
        return OnFail.HALT
    return OnFail.ASK if code in ASKING else OnFail.DENY
