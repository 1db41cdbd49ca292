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
    NOT_RECONCILED = "NOT_RECONCILED"
    STALE_SNAPSHOT = "STALE_SNAPSHOT"
    STALE_QUOTE = "STALE_QUOTE"
    MARKET_CLOSED = "MARKET_CLOSED"
    TRADING_DISABLED = "TRADING_DISABLED"
    DAILY_LOSS_REACHED = "DAILY_LOSS_REACHED"
    MAX_DRAWDOWN_REACHED = "MAX_DRAWDOWN_REACHED"
    DAILY_TARGET_REACHED = "DAILY_TARGET_REACHED"
    STRATEGY_INACTIVE = "STRATEGY_INACTIVE"
    SYMBOL_NOT_ALLOWED = "SYMBOL_NOT_ALLOWED"
    OFF_WATCHLIST = "OFF_WATCHLIST"
    OUTSIDE_SESSION = "OUTSIDE_SESSION"
    NEWS_EMBARGO = "NEWS_EMBARGO"
    SPREAD_TOO_WIDE = "SPREAD_TOO_WIDE"
    INVALID_LEVELS = "INVALID_LEVELS"
    PRICE_MOVED = "PRICE_MOVED"
    RR_TOO_LOW = "RR_TOO_LOW"
    LOT_BELOW_MINIMUM = "LOT_BELOW_MINIMUM"
    LOT_ABOVE_MAXIMUM = "LOT_ABOVE_MAXIMUM"
    RISK_PER_TRADE = "RISK_PER_TRADE"
    MAX_CONCURRENT_TRADES = "MAX_CONCURRENT_TRADES"
    MAX_PER_SYMBOL = "MAX_PER_SYMBOL"
    MAX_PER_STRATEGY = "MAX_PER_STRATEGY"
    MARGIN_LEVEL = "MARGIN_LEVEL"
    DUPLICATE_IDEA = "DUPLICATE_IDEA"
    CONFIDENCE_BELOW_THRESHOLD = "CONFIDENCE_BELOW_THRESHOLD"
    SUPERVISED_MODE = "SUPERVISED_MODE"
    UNKNOWN_POSITION = "UNKNOWN_POSITION"
    INVALID_REQUEST = "INVALID_REQUEST"


WORDS: dict[Code, str] = {
    Code.RECORD_UNAVAILABLE: "the record can be written",
    Code.ACCOUNT_UNAVAILABLE: "the account is connected and its figures add up",
    Code.NOT_RECONCILED: "the book agrees with the broker",
    Code.STALE_SNAPSHOT: "the newest closed bar is present",
    Code.STALE_QUOTE: "the quote is fresh",
    Code.MARKET_CLOSED: "the market is open",
    Code.TRADING_DISABLED: "AI trading is switched on and no halt is in force",
    Code.DAILY_LOSS_REACHED: "today's loss is within its limit",
    Code.MAX_DRAWDOWN_REACHED: "the drawdown is within its limit",
    Code.DAILY_TARGET_REACHED: "today's profit target is not reached yet",
    Code.STRATEGY_INACTIVE: "the strategy is active",
    Code.SYMBOL_NOT_ALLOWED: "the strategy may trade this symbol",
    Code.OFF_WATCHLIST: "the symbol is on the watchlist",
    Code.OUTSIDE_SESSION: "the time is inside the strategy's sessions",
    Code.NEWS_EMBARGO: "no high-impact news is near",
    Code.SPREAD_TOO_WIDE: "the spread is normal",
    Code.INVALID_LEVELS: "stop and target lie on the right side and far enough away",
    Code.PRICE_MOVED: "the price has not moved away from the idea",
    Code.RR_TOO_LOW: "the reward is worth the risk",
    Code.LOT_BELOW_MINIMUM: "the size reaches the broker's minimum",
    Code.LOT_ABOVE_MAXIMUM: "the size is within its maximum",
    Code.RISK_PER_TRADE: "the money at risk is within its limit",
    Code.MAX_CONCURRENT_TRADES: "there is room for another trade",
    Code.MAX_PER_SYMBOL: "there is room for another trade in this symbol",
    Code.MAX_PER_STRATEGY: "there is room for another trade of this strategy",
    Code.MARGIN_LEVEL: "the margin level stays high enough",
    Code.DUPLICATE_IDEA: "this setup has not been proposed already",
    Code.CONFIDENCE_BELOW_THRESHOLD: "the confidence reaches its threshold",
    Code.SUPERVISED_MODE: "the desk may act alone",
    Code.UNKNOWN_POSITION: "the position is open at the broker",
    Code.INVALID_REQUEST: "the request only reduces or protects",
}

FAILURES: dict[Code, str] = {
    Code.RECORD_UNAVAILABLE: "the record cannot be written",
    Code.ACCOUNT_UNAVAILABLE: "the account gives no usable statement",
    Code.NOT_RECONCILED: "the book is not reconciled with the broker",
    Code.STALE_SNAPSHOT: "the newest bar is missing",
    Code.STALE_QUOTE: "the quote is stale",
    Code.MARKET_CLOSED: "the market is closed",
    Code.TRADING_DISABLED: "trading is off",
    Code.DAILY_LOSS_REACHED: "the daily loss limit is reached",
    Code.MAX_DRAWDOWN_REACHED: "the drawdown limit is reached",
    Code.DAILY_TARGET_REACHED: "the daily target is reached",
    Code.STRATEGY_INACTIVE: "the strategy is switched off",
    Code.SYMBOL_NOT_ALLOWED: "the strategy may not trade this symbol",
    Code.OFF_WATCHLIST: "the symbol is not on the watchlist",
    Code.OUTSIDE_SESSION: "outside the strategy's sessions",
    Code.NEWS_EMBARGO: "high-impact news is near",
    Code.SPREAD_TOO_WIDE: "the spread is too wide",
    Code.INVALID_LEVELS: "stop or target is not valid",
    Code.PRICE_MOVED: "the price has moved away",
    Code.RR_TOO_LOW: "the reward is too small for the risk",
    Code.LOT_BELOW_MINIMUM: "the size is below the minimum",
    Code.LOT_ABOVE_MAXIMUM: "the size is above the maximum",
    Code.RISK_PER_TRADE: "the money at risk is above its limit",
    Code.MAX_CONCURRENT_TRADES: "no room for another trade",
    Code.MAX_PER_SYMBOL: "no room for another trade in this symbol",
    Code.MAX_PER_STRATEGY: "no room for another trade of this strategy",
    Code.MARGIN_LEVEL: "too little margin",
    Code.DUPLICATE_IDEA: "this setup was proposed already",
    Code.CONFIDENCE_BELOW_THRESHOLD: "confidence below its threshold",
    Code.SUPERVISED_MODE: "supervised mode asks a person",
    Code.UNKNOWN_POSITION: "no such position at the broker",
    Code.INVALID_REQUEST: "the request would not only reduce or protect",
}

NOT_ABOUT_OPENING = frozenset({Code.UNKNOWN_POSITION, Code.INVALID_REQUEST})
OPEN_CODES = frozenset(Code) - NOT_ABOUT_OPENING
HALTING = frozenset({Code.DAILY_LOSS_REACHED, Code.MAX_DRAWDOWN_REACHED, Code.DAILY_TARGET_REACHED})
ASKING = frozenset({Code.OFF_WATCHLIST, Code.CONFIDENCE_BELOW_THRESHOLD, Code.SUPERVISED_MODE})


def default_on_fail(code: Code) -> OnFail:
    """Return what a failure of ``code`` leads to unless the check itself says something stricter."""
    if code in HALTING:
        return OnFail.HALT
    return OnFail.ASK if code in ASKING else OnFail.DENY
