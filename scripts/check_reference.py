"""Write docs/reference/checks.md from what the gate's checks declare: `python scripts/check_reference.py`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src")]

from tradewarden.core.policy_fields import FIELDS  # noqa: E402  # the source tree is found first
from tradewarden.core.risk.gate import OPEN_CHECKS  # noqa: E402
from tradewarden.core.risk.reasons import FAILURES, NOT_ABOUT_OPENING, WORDS, Code, default_on_fail  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "checks.md"
FRAME = ROOT / "docs" / "reference" / "checks.frame.md"
MARKER = "<!-- checks -->"
ABOUT_OPENING = tuple(code for code in Code if code not in NOT_ABOUT_OPENING)
# What a check shows as observed, and what as its limit.
SHOWN: dict[Code, tuple[str, str]] = {
    Code.RECORD_UNAVAILABLE: ("writable or not", "writable"),
    Code.ACCOUNT_UNAVAILABLE: ("what is wrong with the statement, or its age", "connected, consistent, its age"),
    Code.WRONG_ACCOUNT: ("login and server of the statement", "those of the record"),
    Code.NOT_RECONCILED: ("reconciled or not", "reconciled"),
    Code.CLOCK_SKEW: ("seconds by which the terminal's newest tick is ahead", "the most seconds"),
    Code.STALE_SNAPSHOT: ("end of the newest bar", "end of the newest bar that is due on the server clock"),
    Code.STALE_QUOTE: ("age of the quote", "its greatest age"),
    Code.CALENDAR_STALE: ("hours since the calendar was captured", "the most hours"),
    Code.MARKET_CLOSED: ("day and time on the server clock", "trading hours"),
    Code.ROLLOVER: ("time on the server clock", "minutes before and after its midnight"),
    Code.WEEKEND: ("minutes to the week's last close", "the fewest minutes"),
    Code.SYMBOL_TRADE_MODE: ("the broker's trade mode", "the modes that let this side be opened"),
    Code.TRADING_DISABLED: ("on, off, or the halt and its reason", "on, no halt"),
    Code.DAILY_LOSS_REACHED: ("today's loss", "must stay below it"),
    Code.MAX_DRAWDOWN_REACHED: ("drawdown", "must stay below it"),
    Code.DAILY_TARGET_REACHED: ("today's realised profit", "must stay below it"),
    Code.PROFIT_TARGET_REACHED: ("balance over the first one, without deposits", "must stay below it"),
    Code.STRATEGY_INACTIVE: ("active or not", "active"),
    Code.SYMBOL_NOT_ALLOWED: ("the symbol", "the strategy's symbols"),
    Code.OFF_WATCHLIST: ("the symbol", "the watchlist"),
    Code.OUTSIDE_SESSION: ("the window it is in, or the time", "the strategy's windows"),
    Code.NEWS_EMBARGO: ("the events near", "minutes before and after"),
    Code.FORBIDDEN_CONDITION: ("everything forbidden that holds", "nothing"),
    Code.SPREAD_TOO_WIDE: ("spread and its median in points", "the strategy's points, a multiple of the median"),
    Code.INVALID_LEVELS: ("stop, closing price, first target", "on the tick, on their sides, fractions add up to 1"),
    Code.STOP_TOO_CLOSE: ("distance of the stop from the closing price", "the larger of stops level and some spreads"),
    Code.PRICE_MOVED: ("the price now", "how far it may lie from the entry, and a person's worst price"),
    Code.RR_TOO_LOW: ("reward ÷ risk after costs, and in the levels", "the policy's least, the strategy's expectation"),
    Code.TICK_VALUE_UNRELIABLE: ("value stated, computed and converted", "how far apart they may lie"),
    Code.CONVERSION_UNAVAILABLE: ("the pairs used, or the currency without any", "age of their quotes"),
    Code.LOT_BELOW_MINIMUM: ("the size; what the minimum would lose, what may be lost", "the broker's minimum"),
    Code.LOT_ABOVE_MAXIMUM: ("the size, or what a person asked for", "the smallest of the maxima"),
    Code.RISK_PER_TRADE: ("loss at the stop with costs", "share of the base"),
    Code.MAX_CONCURRENT_TRADES: ("open or on the way", "the most"),
    Code.MAX_PER_SYMBOL: ("open or on the way in the symbol", "the most"),
    Code.MAX_PER_STRATEGY: ("open or on the way of the strategy", "the strategy's most"),
    Code.OPEN_RISK: ("loss if every stop is hit, this one's too", "shares of the base: the policy's, the strategy's"),
    Code.DAILY_LOSS_HEADROOM: ("today's loss if every stop is hit", "the daily limit, or the buffer before it"),
    Code.DRAWDOWN_HEADROOM: ("drawdown if every stop is hit", "the drawdown limit"),
    Code.CURRENCY_EXPOSURE: ("the largest net amount and its currency", "multiple of equity"),
    Code.MARGIN_LEVEL: ("margin level before and after", "the least level after"),
    Code.NETTING_CONFLICT: ("what it would meet", "what the kind of account allows"),
    Code.DUPLICATE_IDEA: ("what is there already", "none of this strategy, symbol and side"),
    Code.COOLDOWN: ("minutes since the last closing", "the longer pause of policy and strategy"),
    Code.CONSECUTIVE_LOSSES: ("losses in a row, minutes since the last", "the most losses, the pause"),
    Code.ORDER_RATE: ("orders in the last minute and in 24 hours", "the most of each"),
    Code.CONFIDENCE_BELOW_THRESHOLD: ("the score", "the threshold, scaled to the model's reach"),
    Code.SUPERVISED_MODE: ("the mode", "autonomous"),
}


def page() -> str:
    """Return the whole page: the written frame with the generated sections in it."""
    text = FRAME.read_text(encoding="utf-8")
    if text.count(MARKER) != 1:
        raise SystemExit(f"{FRAME} needs the line {MARKER} exactly once")
    sections = [section(code, run.__doc__ or "") for code, run in zip(ABOUT_OPENING, OPEN_CHECKS, strict=True)]
    return text.replace(MARKER, "\n\n".join(sections)).replace("<!-- count -->", str(len(sections)))


def section(code: Code, rule: str) -> str:
    """Return what one check judges, by its own docstring, what it shows, and what sets its limit."""
    observed, limit = SHOWN[code]
    fields = [f"`{field.name}`" for field in FIELDS if code.value in field.checks]
    first, *more = [" ".join(part.split()) for part in rule.split("\n\n")]
    lines = [
        f"### {code.value}",
        "",
        " ".join([first, *more]),
        "",
        f"*{WORDS[code]}* / *{FAILURES[code]}*. Fails as **{default_on_fail(code).value}**. Observed: {observed}. "
        f"Limit: {limit}." + (f" Set by {', '.join(fields)}." if fields else ""),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(ABOUT_OPENING)} checks")
