"""Legacy fact names and what they are in a strategy document: a named fact with its parameters, or a comparison.

A legacy fact is a bare word whose periods stand in the file's indicator block; here it gets them in writing. A name
that is not known is refused with the nearest one, because a condition that is dropped makes another strategy.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tradewarden.core.strategy.document.rules import nearest
from tradewarden.core.strategy.legacy.findings import Notes, plain
from tradewarden.core.strategy.legacy.indicators import LegacyIndicators

# The earlier console took the median of the newest 50 values of the ATR.
MEDIAN_BARS = 50
# What the earlier console really evaluated; it listed the other facts, and they never held there.
COMPUTED = frozenset(
    {
        "ema_fast_gt_slow",
        "ema_fast_lt_slow",
        "price_above_ema_fast",
        "price_below_ema_fast",
        "price_above_ema_slow",
        "price_close_lt_ema_slow",
        "rsi_lt_30",
        "rsi_gt_70",
        "rsi_between_40_60",
        "macd_hist_gt_0",
        "macd_hist_lt_0",
        "atr_above_median",
        "atr_below_median",
        "long_upper_wick",
        "long_lower_wick",
    }
)
LISTED = frozenset(
    {
        "price_below_ema_slow",
        "price_close_gt_ema_slow",
        "rsi_between_30_70",
        "rsi_overbought",
        "rsi_oversold",
        "macd_line_gt_signal",
        "macd_line_lt_signal",
        "macd_bullish_cross",
        "macd_bearish_cross",
        "bullish_engulfing",
        "bearish_engulfing",
        "doji",
        "hammer",
        "shooting_star",
        "divergence_bullish",
        "divergence_bearish",
        "uptrend",
        "downtrend",
        "volume_above_average",
        "volume_below_average",
    }
)
_NEVER_HELD = "the earlier console listed this fact but never computed it, so it never held; now it is computed"
_WICK = (
    "twice the body as before, and now also at least half of the bar's range: a wick beside an equally long one "
    "is no rejection"
)
_NO_FACT: Mapping[str, str] = {
    "atr_expanding": "it never held in the earlier console and says not over how many bars; write it as a comparison",
    "atr_contracting": "it never held in the earlier console and says not over how many bars; write it as a comparison",
    "sideways": "it never held in the earlier console and has no definition; write what it should mean",
    "macro_contra_surge": "it was a note to the trader; no data of this product says it",
}

Parameters = Mapping[str, int | Decimal | str]
_Group = Callable[[LegacyIndicators], Parameters]


def _none(_: LegacyIndicators) -> Parameters:
    return {}


def _fast(block: LegacyIndicators) -> Parameters:
    return {"period": block.ema_fast}


def _slow(block: LegacyIndicators) -> Parameters:
    return {"period": block.ema_slow}


def _both(block: LegacyIndicators) -> Parameters:
    return {"fast": block.ema_fast, "slow": block.ema_slow}


def _rsi(block: LegacyIndicators) -> Parameters:
    return {"period": block.rsi_period}


def _oversold(block: LegacyIndicators) -> Parameters:
    return {"period": block.rsi_period, "level": block.rsi_oversold}


def _overbought(block: LegacyIndicators) -> Parameters:
    # A document names the distance from the end: 30 is oversold below 30 and overbought above 70.
    return {"period": block.rsi_period, "level": 100 - block.rsi_overbought}


def _macd(block: LegacyIndicators) -> Parameters:
    return {"fast": block.macd_fast, "slow": block.macd_slow, "signal": block.macd_signal}


def _median(block: LegacyIndicators) -> Parameters:
    return {"period": block.atr_period, "bars": MEDIAN_BARS}


def _divergence(block: LegacyIndicators) -> Parameters:
    return {"oscillator": "rsi", "period": block.rsi_period}


def _pairs(group: _Group, *names: str) -> dict[str, tuple[str, _Group]]:
    return {name: (name, group) for name in names}


# Legacy name: the fact of a document, and where its parameters come from.
FACTS: dict[str, tuple[str, _Group]] = {
    "ema_fast_gt_slow": ("ema_fast_above_slow", _both),
    "ema_fast_lt_slow": ("ema_fast_below_slow", _both),
    "ema_cross_up": ("ema_bullish_cross", _both),
    "ema_cross_down": ("ema_bearish_cross", _both),
    "price_above_ema_fast": ("price_above_ema", _fast),
    "price_below_ema_fast": ("price_below_ema", _fast),
    "price_close_gt_ema_fast": ("price_above_ema", _fast),
    "price_close_lt_ema_fast": ("price_below_ema", _fast),
    "close_above_ema_fast": ("price_above_ema", _fast),
    "close_below_ema_fast": ("price_below_ema", _fast),
    "price_above_ema_slow": ("price_above_ema", _slow),
    "price_below_ema_slow": ("price_below_ema", _slow),
    "price_close_gt_ema_slow": ("price_above_ema", _slow),
    "price_close_lt_ema_slow": ("price_below_ema", _slow),
    "close_above_ema_slow": ("price_above_ema", _slow),
    "close_below_ema_slow": ("price_below_ema", _slow),
    "macd_cross_up": ("macd_bullish_cross", _macd),
    "macd_cross_down": ("macd_bearish_cross", _macd),
    "divergence_bullish": ("bullish_divergence", _divergence),
    "divergence_bearish": ("bearish_divergence", _divergence),
    "volume_above_avg": ("volume_above_average", _none),
    "volume_below_avg": ("volume_below_average", _none),
    **_pairs(_slow, "price_above_ema", "price_below_ema"),
    **_pairs(_both, "ema_fast_above_slow", "ema_fast_below_slow", "ema_bullish_cross", "ema_bearish_cross"),
    **_pairs(_oversold, "rsi_oversold", "rsi_leaves_oversold"),
    **_pairs(_overbought, "rsi_overbought", "rsi_leaves_overbought"),
    **_pairs(_rsi, "rsi_bullish", "rsi_bearish"),
    **_pairs(_macd, "macd_bullish_cross", "macd_bearish_cross", "macd_above_zero", "macd_below_zero"),
    **_pairs(_median, "atr_above_median", "atr_below_median"),
    **_pairs(_divergence, "bullish_divergence", "bearish_divergence"),
    **_pairs(_divergence, "hidden_bullish_divergence", "hidden_bearish_divergence"),
    **_pairs(_both, "uptrend", "downtrend"),
    **_pairs(lambda _: {"body_multiple": 2}, "long_lower_wick", "long_upper_wick"),
    **_pairs(_none, "bullish_engulfing", "bearish_engulfing", "doji", "hammer", "shooting_star", "strong_trend"),
    **_pairs(_none, "volume_above_average", "volume_below_average", "price_above_vwap", "price_below_vwap"),
    **_pairs(_none, "price_above_bollinger", "price_below_bollinger"),
}
# Legacy name: the two sides of a comparison on the declared indicator "macd".
_MACD_COMPARISONS: Mapping[str, tuple[str, str, str | int]] = {
    "macd_hist_gt_0": ("macd.histogram", ">", 0),
    "macd_hist_lt_0": ("macd.histogram", "<", 0),
    "macd_line_gt_signal": ("macd.line", ">", "macd.signal"),
    "macd_line_lt_signal": ("macd.line", "<", "macd.signal"),
}
_RSI_LEVEL = re.compile(r"rsi_(gt|lt|above|below)_([0-9]{1,3})")
_RSI_BETWEEN = re.compile(r"rsi_between_([0-9]{1,3})_([0-9]{1,3})")
_BLOCK_OF: tuple[tuple[str, str], ...] = (("ema", "ema"), ("trend", "ema"), ("rsi", "rsi"), ("divergence", "rsi"),
                                          ("macd", "macd"), ("atr", "atr"))  # fmt: skip


def known_names() -> tuple[str, ...]:
    """Return every fact name that can be imported, those with a number in them by their usual one."""
    return (*FACTS, *_MACD_COMPARISONS, "rsi_gt_70", "rsi_lt_30", "rsi_between_40_60")


def translate_fact(name: str, block: LegacyIndicators, place: str, notes: Notes) -> Any | None:
    """Return the condition of a document that the legacy fact ``name`` means; None when it is refused in ``notes``."""
    condition = _condition(name, block)
    if condition is None:
        why = _NO_FACT.get(name)
        if why is None:
            why = "no such fact; every fact of the file must be known, because one that is dropped changes the strategy"
        notes.refuse(place, name, why, nearest(name, known_names()))
        return None
    reasons = _reasons(name, block)
    if reasons:
        notes.changed(place, name, plain(condition), "; ".join(reasons))
    else:
        notes.translated(place, name, plain(condition))
    return condition


def indicators_of(condition: Any) -> frozenset[str]:
    """Return the indicators that a comparison made here refers to by name."""
    if not isinstance(condition, dict) or "left" not in condition:
        return frozenset()
    return frozenset({str(condition["left"]).partition(".")[0]})


def _condition(name: str, block: LegacyIndicators) -> Any | None:
    if name in FACTS:
        fact, group = FACTS[name]
        parameters = group(block)
        return {"fact": fact, **parameters} if parameters else fact
    if name in _MACD_COMPARISONS:
        left, op, right = _MACD_COMPARISONS[name]
        return {"left": left, "op": op, "right": right}
    if name == "rsi_gt_70":
        return {"fact": "rsi_overbought", **_overbought(block)}
    if name == "rsi_lt_30":
        return {"fact": "rsi_oversold", **_oversold(block)}
    level, between = _RSI_LEVEL.fullmatch(name), _RSI_BETWEEN.fullmatch(name)
    if level is not None and int(level[2]) <= 100:
        return {"left": "rsi", "op": ">" if level[1] in ("gt", "above") else "<", "right": int(level[2])}
    if between is not None and int(between[1]) < int(between[2]) <= 100:
        return {"left": "rsi", "op": "between", "right": [int(between[1]), int(between[2])]}
    return None


def _reasons(name: str, block: LegacyIndicators) -> list[str]:
    """Return why the fact does not mean exactly what it meant, in order of weight; empty when it does."""
    reasons = []
    if name in LISTED:
        reasons.append(_NEVER_HELD)
    if name == "rsi_gt_70" and block.rsi_overbought != 70:
        reasons.append(f"the earlier console compared with the block's overbought level, {block.rsi_overbought}")
    if name == "rsi_lt_30" and block.rsi_oversold != 30:
        reasons.append(f"the earlier console compared with the block's oversold level, {block.rsi_oversold}")
    if name in ("long_upper_wick", "long_lower_wick"):
        reasons.append(_WICK)
    needed = next((part for word, part in _BLOCK_OF if word in name), None)
    if needed is not None and needed not in block.given:
        reasons.append(f"the file has no {needed} block, so the usual periods hold")
    return reasons
