"""The indicator block of a legacy rule file: the periods and levels that its facts silently refer to."""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.reader import ObjectReader

_WILDER = (
    "computed with Wilder's smoothing, where the earlier console took a plain mean over the period: values differ, "
    "so look at levels that decide"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyIndicators:
    """Periods in bars and levels of the block, with the earlier console's defaults where it says nothing.

    ``given`` names the parts that the file holds; ``atr_multiplier`` is the distance of the stop in ATR.
    """

    ema_fast: int = 20
    ema_slow: int = 50
    rsi_period: int = 14
    rsi_overbought: Decimal = Decimal(70)
    rsi_oversold: Decimal = Decimal(30)
    macd_fast: int = 12
    macd_slow: int = 26
    macd_signal: int = 9
    atr_period: int = 14
    atr_multiplier: Decimal | None = None
    given: frozenset[str] = frozenset()


def read_indicators(block: ObjectReader, notes: Notes) -> LegacyIndicators:
    """Return the block's parameters; what does not fit is refused in ``notes`` and read as the default."""
    ema, rsi, macd, atr = (block.inner(name) for name in ("ema", "rsi", "macd", "atr"))
    usual = LegacyIndicators()
    read = LegacyIndicators(
        ema_fast=ema.whole("fast", 2, 500) or usual.ema_fast,
        ema_slow=ema.whole("slow", 2, 500) or usual.ema_slow,
        rsi_period=rsi.whole("period", 2, 500) or usual.rsi_period,
        rsi_overbought=rsi.number("overbought", "51", "99") or usual.rsi_overbought,
        rsi_oversold=rsi.number("oversold", "1", "49") or usual.rsi_oversold,
        macd_fast=macd.whole("fast", 2, 500) or usual.macd_fast,
        macd_slow=macd.whole("slow", 3, 500) or usual.macd_slow,
        macd_signal=macd.whole("signal", 1, 200) or usual.macd_signal,
        atr_period=atr.whole("period", 2, 500) or usual.atr_period,
        atr_multiplier=atr.number("multiplier", "0.1", "20"),
        given=frozenset(name for name, part in zip(("ema", "rsi", "macd", "atr"), (ema, rsi, macd, atr), strict=True)
                        if part.given),
    )  # fmt: skip
    for part in (ema, rsi, macd, atr, block):
        part.finish()
    _check_order(read, block, notes)
    return read


def _check_order(read: LegacyIndicators, block: ObjectReader, notes: Notes) -> None:
    pairs = (
        ("ema", "fast", read.ema_fast, "slow", read.ema_slow),
        ("macd", "fast", read.macd_fast, "slow", read.macd_slow),
    )
    for name, low_name, low, high_name, high in pairs:
        if name in read.given and not low < high:
            notes.refuse(
                block.place(name), f"{low_name} {low}, {high_name} {high}", f"{low_name} must be below {high_name}"
            )
    spans = {
        "ema": f"{read.ema_fast}, {read.ema_slow}",
        "macd": f"{read.macd_fast}, {read.macd_slow}, {read.macd_signal}",
    }
    for name, span in spans.items():
        if name in read.given:
            notes.translated(block.place(name), f"{name}({span})", "the parameters of its facts")
    for name in ("rsi", "atr"):
        if name in read.given:
            notes.changed(block.place(name), f"{name}({getattr(read, f'{name}_period')})", name, _WILDER)
