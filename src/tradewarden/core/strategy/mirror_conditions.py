"""Conditions in a market turned upside down, by the mirror rule that every series declares.

In the mirror a price p is C − p for some C that no condition may know, a reflected value x is its total less x, and a
neutral value stays. Comparisons are rearranged until only mirrored series are left in them; where C or a total would
remain, the condition has no mirror image and is refused.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from tradewarden.core.errors import Problem
from tradewarden.core.indicators.kind import COLUMN_UNITS, NEUTRAL, PRICE, SINGLE, Mirror, MirrorRule
from tradewarden.core.indicators.quantum import Unit
from tradewarden.core.indicators.registry import KINDS, MIRRORED_COLUMNS, mirrored
from tradewarden.core.indicators.spec import IndicatorParameter, IndicatorSpec
from tradewarden.core.strategy.conditions import condition_text, operand_text
from tradewarden.core.strategy.spec import (
    Comparison,
    Condition,
    Group,
    GroupKind,
    NumberOperand,
    Operator,
    SeriesOperand,
)

__all__ = ["Mirroring", "hidden_name"]

_FLIPPED = {
    Operator.ABOVE: Operator.BELOW,
    Operator.AT_LEAST: Operator.AT_MOST,
    Operator.CROSSES_ABOVE: Operator.CROSSES_BELOW,
    Operator.RISING: Operator.FALLING,
}
_OPPOSITE = {**_FLIPPED, **{below: above for above, below in _FLIPPED.items()}, Operator.BETWEEN: Operator.BETWEEN}
_MOVEMENTS = (Operator.RISING, Operator.FALLING)


class _NoImage(ValueError):
    """A comparison has no mirror image; the message says why."""


class Mirroring:
    """The mirror images of the indicators of one strategy, and of the conditions on them.

    ``opposite`` names the fact that a fact is in the mirror. Where ``beside`` is set the originals are kept, and an
    image that differs from its original has a name of its own. ``problems`` gathers what has no mirror image.
    """

    def __init__(
        self, indicators: Iterable[IndicatorSpec], opposite: Callable[[str], str], *, beside: bool = False
    ) -> None:
        self._originals = {spec.name: spec for spec in indicators}
        self._images = {name: _image(spec, beside=beside) for name, spec in self._originals.items()}
        self._opposite, self._beside = opposite, beside
        self.problems: list[Problem] = []

    @property
    def indicators(self) -> tuple[IndicatorSpec, ...]:
        """Return the indicators that the mirrored strategy reads, in order; with the originals where those are kept."""
        kept = self._originals if self._beside else {}
        return tuple((kept | {image.name: image for image in self._images.values()}).values())

    def section(self, conditions: Iterable[Condition], pointer: str) -> tuple[Condition, ...]:
        """Return the mirror images of a list of conditions that stands at ``pointer`` in the document."""
        return tuple(self.condition(each, f"{pointer}/{index}") for index, each in enumerate(conditions))

    def condition(self, condition: Condition, pointer: str) -> Condition:
        """Return the mirror image of ``condition``; where there is none, note the problem and return it as it is."""
        if isinstance(condition, Group):
            key = condition.kind.value
            members = tuple(
                self.condition(
                    member,
                    pointer
                    if condition.fact
                    else f"{pointer}/{key}"
                    if condition.kind is GroupKind.NOT
                    else f"{pointer}/{key}/{index}",
                )
                for index, member in enumerate(condition.members)
            )
            fact = self._opposite(condition.fact) if condition.fact else ""
            return Group(kind=condition.kind, members=members, fact=fact)
        try:
            return self._comparison(condition)
        except _NoImage as reason:
            text = f"{condition_text(condition)} cannot be mirrored: {reason}; write conditions_short"
            self.problems.append(Problem(pointer, text))
            return condition

    def price_series(self, operand: SeriesOperand, pointer: str) -> SeriesOperand:
        """Return the mirror image of a price level that a stop or a trail follows."""
        if self._rule(operand).rule is not MirrorRule.PRICE or operand.multiple != 1:
            text = f"{operand_text(operand)} cannot be mirrored: it does not turn with the price"
            self.problems.append(Problem(pointer, text))
            return operand
        return self._series(operand)

    def _rule(self, operand: SeriesOperand) -> Mirror:
        if operand.series in COLUMN_UNITS:
            return PRICE if COLUMN_UNITS[operand.series] is Unit.PRICE else NEUTRAL
        spec = self._originals[operand.series]
        return KINDS[spec.kind].mirror_of(operand.output or SINGLE, spec.source)

    def _series(self, operand: SeriesOperand) -> SeriesOperand:
        if operand.series in COLUMN_UNITS:
            return replace(operand, series=MIRRORED_COLUMNS.get(operand.series, operand.series))
        partner = self._rule(operand).partner
        return replace(operand, series=self._images[operand.series].name, output=partner or operand.output)

    def _comparison(self, comparison: Comparison) -> Comparison:
        if comparison.op in _MOVEMENTS:
            return self._movement(comparison)
        operands = (comparison.left, *comparison.right)
        series = [operand for operand in operands if isinstance(operand, SeriesOperand)]
        rules = {self._rule(operand).rule for operand in series}
        if rules == {MirrorRule.NEUTRAL}:
            images = [self._series(each) if isinstance(each, SeriesOperand) else each for each in operands]
            return Comparison(left=images[0], op=comparison.op, right=tuple(images[1:]))
        if MirrorRule.PRICE in rules:
            images = [self._price(operand) for operand in operands]
        else:
            total = self._total(series)
            images = [self._reflected(operand, total) for operand in operands]
        right = tuple(images[1:])
        if comparison.op is Operator.BETWEEN:
            right = right[::-1]
        return Comparison(left=images[0], op=_OPPOSITE[comparison.op], right=right)

    def _movement(self, comparison: Comparison) -> Comparison:
        left = comparison.left
        if not isinstance(left, SeriesOperand):
            raise _NoImage("a number does not move")
        neutral = self._rule(left).rule is MirrorRule.NEUTRAL
        op = comparison.op if neutral else _OPPOSITE[comparison.op]
        return Comparison(left=self._series(left), op=op, right=comparison.right)

    def _price(self, operand: SeriesOperand | NumberOperand) -> SeriesOperand:
        if isinstance(operand, NumberOperand):
            raise _NoImage(f"a price level has no counterpart of the number {operand_text(operand)}")
        if self._rule(operand).rule is not MirrorRule.PRICE:
            raise _NoImage(f"{operand_text(operand)} is a distance, no price level")
        if operand.multiple != 1:
            raise _NoImage(f"{operand_text(operand)} is a multiple of a price level")
        return self._series(operand)

    def _total(self, series: list[SeriesOperand]) -> Decimal:
        """Return what each of ``series`` and its mirror image add up to; distances go with a total of 0."""
        mirrors = [(operand, self._rule(operand)) for operand in series]
        totals = {operand.multiple * rule.total for operand, rule in mirrors if rule.rule is MirrorRule.REFLECTED}
        has_neutral = any(rule.rule is MirrorRule.NEUTRAL for _, rule in mirrors)
        if len(totals) > 1 or (has_neutral and totals != {0}):
            raise _NoImage("its sides are reflected around different middles")
        return totals.pop()

    def _reflected(self, operand: SeriesOperand | NumberOperand, total: Decimal) -> SeriesOperand | NumberOperand:
        if isinstance(operand, NumberOperand):
            return NumberOperand(value=total - operand.value)
        image = self._series(operand)
        if self._rule(operand).rule is MirrorRule.NEUTRAL:
            return replace(image, multiple=-image.multiple)
        return image


def _image(spec: IndicatorSpec, *, beside: bool) -> IndicatorSpec:
    image = mirrored(spec)
    if "(" in spec.name:
        # A hidden indicator is named after what it computes.
        return replace(image, name=hidden_name(image))
    return replace(image, name=f"mirrored({spec.name})") if beside and image != spec else image


def hidden_name(spec: IndicatorSpec) -> str:
    """Return the name of ``spec`` as a hidden indicator: its kind and parameters, such as ``sma(20,volume)``."""
    said = [str(spec.period)] if spec.period else []
    said += [_value(parameter) for parameter in spec.parameters]
    said += [spec.source] if spec.source != "close" else []
    return f"{spec.kind}({','.join(said)})"


def _value(parameter: IndicatorParameter) -> str:
    value = parameter.value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
