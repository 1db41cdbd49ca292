"""What facts are made of: hidden indicators, and the conditions that each bullish or neutral fact spells out.

Expansions take the fact's parameters and return primitive comparisons, all of which must hold. Bearish facts have no
expansion of their own: each is the mirror image of its bullish counterpart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from tradewarden.core.indicators.kind import PERIOD, SOURCE, Parameter, Settings, Value
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.strategy.mirror_conditions import Mirroring, hidden_name
from tradewarden.core.strategy.spec import Comparison, Condition, NumberOperand, Operand, Operator, SeriesOperand

_ONE = Decimal(1)
_ABOVE, _BELOW = Operator.ABOVE, Operator.BELOW


@dataclass(frozen=True, slots=True)
class Expansion:
    """The conditions that a fact stands for, all of which must hold, and the hidden indicators they read."""

    members: tuple[Condition, ...]
    indicators: tuple[IndicatorSpec, ...]


Expand: TypeAlias = Callable[[Settings], Expansion]
Check: TypeAlias = Callable[[Settings], tuple[str, str] | None]


def no_contradiction(_: Settings) -> None:
    """Find nothing that contradicts, in any settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact: its name, what it says, its parameters, and the fact that it is in a mirrored market.

    ``mirror`` is the fact's own name where up and down make no difference. ``check`` returns the parameter that
    contradicts another, and why.
    """

    name: str
    description: str
    mirror: str
    expand: Expand
    parameters: tuple[Parameter, ...] = ()
    check: Check = no_contradiction


def opposites(
    names: tuple[str, str],
    descriptions: tuple[str, str],
    expand: Expand,
    parameters: tuple[Parameter, ...] = (),
    check: Check = no_contradiction,
) -> tuple[Fact, Fact]:
    """Return a bullish fact, spelled out by ``expand``, and the bearish one that is its mirror image."""
    (bullish, bearish), (rising, falling) = names, descriptions
    return (
        Fact(name=bullish, description=rising, mirror=bearish, expand=expand, parameters=parameters, check=check),
        Fact(
            name=bearish,
            description=falling,
            mirror=bullish,
            expand=_image_of(expand),
            parameters=parameters,
            check=check,
        ),
    )


def neutral(name: str, description: str, expand: Expand, parameters: tuple[Parameter, ...] = ()) -> Fact:
    """Return a fact that is the same in a mirrored market."""
    return Fact(name=name, description=description, mirror=name, expand=expand, parameters=parameters)


def _image_of(expand: Expand) -> Expand:
    def expand_image(settings: Settings) -> Expansion:
        bullish = expand(settings)
        mirroring = Mirroring(bullish.indicators, str)
        members = mirroring.section(bullish.members, "")
        if mirroring.problems:
            raise ValueError(f"a bullish fact without a mirror image: {mirroring.problems[0]}")
        return Expansion(members, mirroring.indicators)

    return expand_image


def hidden(kind: str, **values: Value) -> IndicatorSpec:
    """Return the hidden indicator of ``kind``; what ``values`` leaves out has its default."""
    declared = {each.name: each.default for each in KINDS[kind].parameters} | values
    source, period = str(declared.pop(SOURCE, "close") or "close"), int(declared.pop(PERIOD, 0) or 0)
    parameters = tuple(
        IndicatorParameter(name=name, value=value) for name, value in declared.items() if value is not None
    )
    unnamed = IndicatorSpec(name="", kind=kind, period=period, source=source, parameters=parameters)
    return IndicatorSpec(name=hidden_name(unnamed), kind=kind, period=period, source=source, parameters=parameters)


def _compare(left: Operand, op: Operator, right: Operand) -> Comparison:
    return Comparison(left=left, op=op, right=(right,))


def _output(indicator: IndicatorSpec, output: str = "", multiple: Decimal = _ONE) -> SeriesOperand:
    return SeriesOperand(series=indicator.name, output=output, multiple=multiple)


def _column(name: str, multiple: Decimal = _ONE) -> SeriesOperand:
    return SeriesOperand(series=name, multiple=multiple)


def _number(value: Value) -> NumberOperand:
    return NumberOperand(value=Decimal(value))


def _decimal(settings: Settings, name: str) -> Decimal:
    return Decimal(settings.values[name])


def price_above_ema(settings: Settings) -> Expansion:
    """Return: the close is above its EMA."""
    ema = hidden("ema", period=settings.count())
    return Expansion((_compare(_column("close"), _ABOVE, _output(ema)),), (ema,))


def price_above_vwap(_: Settings) -> Expansion:
    """Return: the close is above the day's VWAP."""
    vwap = hidden("vwap")
    return Expansion((_compare(_column("close"), _ABOVE, _output(vwap)),), (vwap,))


def price_above_bollinger(settings: Settings) -> Expansion:
    """Return: the close is above the upper band."""
    bands = hidden("bollinger", period=settings.count(), multiple=_decimal(settings, "multiple"))
    return Expansion((_compare(_column("close"), _ABOVE, _output(bands, "upper")),), (bands,))


def two_emas(op: Operator) -> Expand:
    """Return the expansion: the fast EMA stands to the slow one as ``op`` says."""

    def expand(settings: Settings) -> Expansion:
        fast, slow = (hidden("ema", period=settings.count(name)) for name in ("fast", "slow"))
        return Expansion((_compare(_output(fast), op, _output(slow)),), (fast, slow))

    return expand


def rsi_against(op: Operator, level: Decimal | None = None) -> Expand:
    """Return the expansion: the RSI stands to ``level``, or the parameter of that name, as ``op`` says."""

    def expand(settings: Settings) -> Expansion:
        rsi = hidden("rsi", period=settings.count())
        right = _number(_decimal(settings, "level") if level is None else level)
        return Expansion((_compare(_output(rsi), op, right),), (rsi,))

    return expand


def _macd(settings: Settings) -> IndicatorSpec:
    return hidden("macd", **{name: settings.count(name) for name in ("fast", "slow", "signal")})


def macd_crosses_signal(settings: Settings) -> Expansion:
    """Return: the MACD line crossed above its signal."""
    macd = _macd(settings)
    return Expansion((_compare(_output(macd, "line"), Operator.CROSSES_ABOVE, _output(macd, "signal")),), (macd,))


def macd_above_zero(settings: Settings) -> Expansion:
    """Return: the MACD line is above zero."""
    macd = _macd(settings)
    return Expansion((_compare(_output(macd, "line"), _ABOVE, _number(0)),), (macd,))


def candle(kind: str) -> Expand:
    """Return the expansion: the candle pattern ``kind`` ended bullish on this bar."""

    def expand(_: Settings) -> Expansion:
        found = hidden(kind)
        return Expansion((_compare(_output(found), _ABOVE, _number(0)),), (found,))

    return expand


def long_lower_wick(settings: Settings) -> Expansion:
    """Return: the lower wick is long beside the body and within the range, and there is a range."""
    candle = hidden("candle_parts")
    wick, at_least = _output(candle, "lower_wick"), Operator.AT_LEAST
    members = (
        _compare(wick, at_least, _output(candle, "body", _decimal(settings, "body_multiple"))),
        _compare(wick, at_least, _output(candle, "range", _decimal(settings, "least_range_fraction"))),
        _compare(_output(candle, "range"), _ABOVE, _number(0)),
    )
    return Expansion(members, (candle,))


def diverges(output: str) -> Expand:
    """Return the expansion: price and oscillator diverge in a bullish way, ``regular`` or ``hidden``."""

    def expand(settings: Settings) -> Expansion:
        found = hidden("divergence", **settings.values)
        return Expansion((_compare(_output(found, output), _ABOVE, _number(0)),), (found,))

    return expand


def atr_against_median(op: Operator) -> Expand:
    """Return the expansion: the ATR stands to its median as ``op`` says."""

    def expand(settings: Settings) -> Expansion:
        atr = hidden("atr", period=settings.count())
        median = hidden("atr_median", period=settings.count(), lookback=settings.count("bars"))
        return Expansion((_compare(_output(atr), op, _output(median)),), (atr, median))

    return expand


def uptrend(settings: Settings) -> Expansion:
    """Return: fast EMA and close above the slow EMA, and the ADX above its limit."""
    fast, slow = (hidden("ema", period=settings.count(name)) for name in ("fast", "slow"))
    adx = hidden("adx")
    members = (
        _compare(_output(fast), _ABOVE, _output(slow)),
        _compare(_column("close"), _ABOVE, _output(slow)),
        _compare(_output(adx, "adx"), _ABOVE, _number(_decimal(settings, "adx"))),
    )
    return Expansion(members, (fast, slow, adx))


def strong_trend(settings: Settings) -> Expansion:
    """Return: the ADX is above its limit."""
    adx = hidden("adx")
    return Expansion((_compare(_output(adx, "adx"), _ABOVE, _number(_decimal(settings, "adx"))),), (adx,))


def volume_above_average(settings: Settings) -> Expansion:
    """Return: the volume is more than the multiple of its mean."""
    mean = hidden("sma", period=settings.count(), source="volume")
    right = _output(mean, multiple=_decimal(settings, "multiple"))
    return Expansion((_compare(_column("volume"), _ABOVE, right),), (mean,))


def volume_below_average(settings: Settings) -> Expansion:
    """Return: the multiple of the volume is less than its mean."""
    mean = hidden("sma", period=settings.count(), source="volume")
    left = _column("volume", _decimal(settings, "multiple"))
    return Expansion((_compare(left, _BELOW, _output(mean)),), (mean,))


def lookback_holds_two_swings(settings: Settings) -> tuple[str, str] | None:
    """Return what is wrong where no two swings fit into the look-back."""
    return KINDS["divergence"].check(settings)


def fast_below_slow(settings: Settings) -> tuple[str, str] | None:
    """Return what is wrong where the fast span is not shorter than the slow one."""
    fast, slow = settings.count("fast"), settings.count("slow")
    return None if fast < slow else ("fast", f"must be below slow, which is {slow}")
