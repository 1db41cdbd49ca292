"""Evaluation of conditions on quantised series, and what is recorded of each.

Conditions are compiled once per specification into a plan of reads and comparisons over whole numbers of
quanta; evaluating a plan only indexes and compares. An unknown value makes the comparison on it unknown,
and what is unknown at the top of a condition counts as false.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import gt, itemgetter, lt
from typing import Any, TypeAlias

from tradewarden.core.indicators.quantum import Quantum
from tradewarden.core.strategy.spec import (
    Comparison,
    Condition,
    Group,
    GroupKind,
    NumberOperand,
    Operand,
    Operator,
    SeriesOperand,
)
from tradewarden.core.values import maker_of

Counts: TypeAlias = list[int | None]
Truth: TypeAlias = bool | None
Compare: TypeAlias = Callable[[Sequence[int]], bool]
Cross: TypeAlias = Callable[[Sequence[int], Sequence[int]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandReading:
    """One operand as it was read: its text, its value and the value one bar before; None where unknown.

    ``previous`` of a series of higher bars is what was known of it one bar of the strategy before.
    """

    text: str
    value: Decimal | None
    previous: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionResult:
    """One condition: where it stands in the document, what it says, whether it holds and on what.

    ``section`` is entry, exit, strong, weak, invalidation or forbidden. ``unknown`` says that a value was missing, so
    that the condition counts as false. ``operands`` holds every operand that was read, in order; a group repeats those
    of its members, whose own results stand in ``members``.
    """

    section: str
    pointer: str
    text: str
    holds: bool
    unknown: bool
    operands: tuple[OperandReading, ...]
    members: tuple["ConditionResult", ...] = ()


_make_reading = maker_of(OperandReading)
_make_result = maker_of(ConditionResult)


@dataclass(frozen=True, slots=True)
class Read:
    """One operand, compiled: newest-last counts of ``series`` at ``shift``, times numerator / denominator.

    ``feed`` is the place of the series' bars among those of the plan. A constant has an empty ``series``, its own
    count, and the one reading it always gives.
    """

    text: str
    quantum: Quantum
    series: str = ""
    shift: int = 0
    numerator: int = 1
    denominator: int = 1
    constant: int = 0
    fixed: OperandReading | None = None
    feed: int = 0


@dataclass(slots=True)
class Readings:
    """What the plan's reads gave, by position: the counts now and one bar before, and the values to record."""

    now: Counts
    before: Counts
    recorded: list[OperandReading]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A compiled comparison; ``pick`` takes what it reads from a list in the order of the plan's reads.

    ``compare`` takes the counts of now; a comparison that needs the bar before too has ``cross`` instead.
    """

    section: str
    pointer: str
    text: str
    pick: Callable[[list[Any]], tuple[Any, ...]]
    compare: Compare | None
    cross: Cross | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A compiled group."""

    section: str
    pointer: str
    text: str
    kind: GroupKind
    members: tuple["Node", ...]


Node: TypeAlias = Leaf | Branch


def scale_count(count: int, numerator: int, denominator: int) -> int:
    """Return ``count`` × ``numerator`` / ``denominator`` as a whole number, ties to even."""
    quotient, rest = divmod(count * numerator, denominator)
    twice = 2 * rest
    return quotient + 1 if twice > denominator or (twice == denominator and quotient % 2) else quotient


class Compiler:
    """Turns conditions into nodes and gathers the distinct reads that they need.

    ``locate`` returns the key of an operand's series, its quantum and the place of its bars among those of the plan.
    """

    def __init__(self, locate: Callable[[SeriesOperand], tuple[str, Quantum, int]]) -> None:
        self.reads: list[Read] = []
        self._positions: dict[Read, int] = {}
        self._locate = locate

    def section(self, name: str, conditions: Iterable[Condition], pointer: str) -> tuple[Node, ...]:
        """Return the nodes of the section ``name``, whose list stands at ``pointer`` in the document, in order."""
        return tuple(self._node(name, f"{pointer}/{index}", each) for index, each in enumerate(conditions))

    def read(self, operand: SeriesOperand) -> int:
        """Return the position of ``operand`` among the reads, for what is no condition."""
        return self._read(operand, self._locate(operand)[1])

    def _node(self, section: str, pointer: str, condition: Condition) -> Node:
        if isinstance(condition, Group):
            return self._branch(section, pointer, condition)
        operands = (condition.left, *condition.right)
        if condition.op in (Operator.RISING, Operator.FALLING):
            operands = _steps(condition)
        quantum = self._quantum(operands)
        reads = tuple(self._read(operand, quantum) for operand in operands)
        text = condition_text(condition)
        compare, cross = _COMPARISONS.get(condition.op), _CROSSINGS.get(condition.op)
        # Every comparison reads at least its two sides, and for those an itemgetter gives a tuple.
        return Leaf(section, pointer, text, itemgetter(*reads), compare, cross)

    def _branch(self, section: str, pointer: str, group: Group) -> Branch:
        key = group.kind.value
        members = tuple(
            self._node(section, f"{pointer}/{key}" if key == "not" else f"{pointer}/{key}/{index}", member)
            for index, member in enumerate(group.members)
        )
        return Branch(section, pointer, condition_text(group), group.kind, members)

    def _quantum(self, operands: Iterable[Operand]) -> Quantum:
        series = next(operand for operand in operands if isinstance(operand, SeriesOperand))
        return self._locate(series)[1]

    def _read(self, operand: Operand, quantum: Quantum) -> int:
        text = operand_text(operand)
        if isinstance(operand, NumberOperand):
            count = quantum.count_of(operand.value)
            fixed = OperandReading(text=text, value=quantum.value(count), previous=quantum.value(count))
            read = Read(text, quantum, constant=count, fixed=fixed)
        else:
            numerator, denominator = operand.multiple.as_integer_ratio()
            key, _, feed = self._locate(operand)
            read = Read(text, quantum, key, operand.shift, numerator, denominator, feed=feed)
        if read not in self._positions:
            self._positions[read] = len(self.reads)
            self.reads.append(read)
        return self._positions[read]


def series_key(operand: SeriesOperand) -> str:
    """Return the key of the operand's array: ``name`` or ``name.output``."""
    return f"{operand.series}.{operand.output}" if operand.output else operand.series


def take_readings(reads: Iterable[Read], tails: Mapping[str, Counts], steps: Sequence[int]) -> Readings:
    """Return what ``reads`` give on the newest counts ``tails`` of every series.

    ``steps`` says for each series of bars how many of them ended with the newest bar of the strategy: 1 for its own.
    """
    counts_now: Counts = []
    counts_before: Counts = []
    recorded: list[OperandReading] = []
    for read in reads:
        if read.fixed is not None:
            counts_now.append(read.constant)
            counts_before.append(read.constant)
            recorded.append(read.fixed)
            continue
        tail = tails[read.series]
        now = tail[-1 - read.shift]
        earlier = 1 + read.shift + steps[read.feed]
        before = tail[-earlier] if earlier <= len(tail) else None
        if read.numerator != read.denominator:
            now, before = _scaled(now, read), _scaled(before, read)
        step = read.quantum.step
        counts_now.append(now)
        counts_before.append(before)
        recorded.append(
            _make_reading(
                text=read.text,
                value=None if now is None else now * step,
                previous=None if before is None else before * step,
            )
        )
    return Readings(counts_now, counts_before, recorded)


def _scaled(count: int | None, read: Read) -> int | None:
    return None if count is None else scale_count(count, read.numerator, read.denominator)


def judge_node(node: Node, readings: Readings) -> ConditionResult:
    """Return the result of a compiled condition on the plan's ``readings``."""
    if isinstance(node, Leaf):
        truth = _compare(node, readings)
        operands = node.pick(readings.recorded)
        members: tuple[ConditionResult, ...] = ()
    else:
        members = tuple([judge_node(member, readings) for member in node.members])
        truth = _combine(node.kind, [None if member.unknown else member.holds for member in members])
        operands = tuple([operand for member in members for operand in member.operands])
    return _make_result(
        section=node.section,
        pointer=node.pointer,
        text=node.text,
        holds=truth is True,
        unknown=truth is None,
        operands=operands,
        members=members,
    )


def _combine(kind: GroupKind, truths: list[Truth]) -> Truth:
    """Combine three-valued truths: what a missing value could still change stays unknown."""
    if kind is GroupKind.NOT:
        return None if truths[0] is None else not truths[0]
    decisive = kind is GroupKind.ANY
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def _compare(leaf: Leaf, readings: Readings) -> Truth:
    now = leaf.pick(readings.now)
    if None in now:
        return None
    if leaf.compare is not None:
        return leaf.compare(now)
    before = leaf.pick(readings.before)
    if leaf.cross is None or None in before:
        return None
    return leaf.cross(now, before)


_COMPARISONS: dict[Operator, Compare] = {
    Operator.ABOVE: lambda now: now[0] > now[1],
    Operator.AT_LEAST: lambda now: now[0] >= now[1],
    Operator.BELOW: lambda now: now[0] < now[1],
    Operator.AT_MOST: lambda now: now[0] <= now[1],
    Operator.BETWEEN: lambda now: now[1] <= now[0] <= now[2],
    Operator.RISING: lambda now: all(map(gt, now, now[1:])),
    Operator.FALLING: lambda now: all(map(lt, now, now[1:])),
}
_CROSSINGS: dict[Operator, Cross] = {
    Operator.CROSSES_ABOVE: lambda now, before: before[0] <= before[1] and now[0] > now[1],
    Operator.CROSSES_BELOW: lambda now, before: before[0] >= before[1] and now[0] < now[1],
}


def _steps(condition: Comparison) -> tuple[Operand, ...]:
    """Return the left operand of rising or falling at each of the bars that it must have moved over."""
    if not isinstance(condition.left, SeriesOperand):
        raise TypeError(f"{condition.op} needs a series on its left, not {operand_text(condition.left)}")
    left = condition.left
    return tuple(replace(left, shift=left.shift + step) for step in range(bar_count(condition) + 1))


def bar_count(condition: Comparison) -> int:
    """Return over how many bars a ``rising`` or ``falling`` comparison looks."""
    (count,) = condition.right
    if not isinstance(count, NumberOperand):
        raise TypeError(f"{condition.op} needs a number of bars on its right, not {operand_text(count)}")
    return int(count.value)


def operand_text(operand: Operand) -> str:
    """Return the operand in words.

    ``1.5 × ema_fast[2]`` is one and a half times the value of ema_fast two bars before, ``H1 close`` the close of the
    newest closed H1 bar.
    """
    if isinstance(operand, NumberOperand):
        return number_text(operand.value)
    text = series_key(operand) + (f"[{operand.shift}]" if operand.shift else "")
    text = text if operand.timeframe is None else f"{operand.timeframe} {text}"
    return text if operand.multiple == 1 else f"{number_text(operand.multiple)} × {text}"


def condition_text(condition: Condition) -> str:
    """Return the condition in words, such as ``ema_fast > ema_slow``; a fact is named before what it stands for."""
    if isinstance(condition, Group):
        members = "; ".join(condition_text(member) for member in condition.members)
        if condition.fact:
            return f"{condition.fact}: {members}"
        return f"not ({members})" if condition.kind is GroupKind.NOT else f"{condition.kind} of ({members})"
    left, op = operand_text(condition.left), condition.op.value.replace("_", " ")
    if condition.op in (Operator.RISING, Operator.FALLING):
        bars = bar_count(condition)
        return f"{left} {op}" if bars == 1 else f"{left} {op} over {bars} bars"
    return f"{left} {op} {' and '.join(operand_text(operand) for operand in condition.right)}"


def number_text(value: Decimal) -> str:
    """Return ``value`` in plain digits without trailing zeros."""
    return f"{value.normalize():f}"
