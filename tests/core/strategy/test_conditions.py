"""Conditions on hand-made bars: what each operator means, to the quantum."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from tests.core.indicators.series import bars_of
from tests.core.strategy.specs import compare, group, series, spec, value

from tradewarden.core.strategy.conditions import ConditionResult, condition_text, scale_count
from tradewarden.core.strategy.evaluate import Evaluation, evaluate, own_bars_required
from tradewarden.core.strategy.spec import Condition

TICK = Decimal("0.01")
CLOSE = series("close")
HUNDRED = value(100)


def judged(condition: Condition, closes: Sequence[float], *, opens: Sequence[float] | None = None) -> ConditionResult:
    """The result of `condition` when the newest bars close at `closes` (and open at `opens`)."""
    return evaluated(condition, closes, opens=opens).conditions[0]


def evaluated(condition: Condition, closes: Sequence[float], *, opens: Sequence[float] | None = None) -> Evaluation:
    strategy = spec(entry=(condition,))
    padding = own_bars_required(strategy) - len(closes)
    padded_opens = None if opens is None else [90.0] * padding + list(opens)
    bars = bars_of([90.0] * padding + list(closes), opens=padded_opens)
    return evaluate(strategy, bars, tick_size=TICK)


@pytest.mark.parametrize(
    ("op", "below", "equal", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
    ],
)
def test_comparisons(op: str, below: bool, equal: bool, above: bool) -> None:
    condition = compare(CLOSE, op, HUNDRED)
    assert [judged(condition, [close]).holds for close in (99.99, 100.0, 100.01)] == [below, equal, above]


@pytest.mark.parametrize(("close", "holds"), [(94.99, False), (95.0, True), (97.0, True), (99.0, True), (99.01, False)])
def test_between_includes_both_bounds(close: float, holds: bool) -> None:
    assert judged(compare(CLOSE, "between", value(95), value(99)), [close]).holds is holds


@pytest.mark.parametrize(
    ("closes", "above", "below"),
    [
        ([99.0, 101.0], True, False),
        ([100.0, 101.0], True, False),  # it stood on the line, now it is past it
        ([99.0, 100.0], False, False),  # equal is no cross
        ([101.0, 102.0], False, False),
        ([101.0, 99.0], False, True),
        ([100.0, 99.0], False, True),
        ([101.0, 100.0], False, False),
        ([100.0, 100.0], False, False),
    ],
)
def test_crossings(closes: list[float], above: bool, below: bool) -> None:
    assert judged(compare(CLOSE, "crosses_above", HUNDRED), closes).holds is above
    assert judged(compare(CLOSE, "crosses_below", HUNDRED), closes).holds is below


def test_a_difference_below_the_quantum_is_no_cross() -> None:
    step = float(TICK) / 10_000
    assert not judged(compare(CLOSE, "crosses_above", HUNDRED), [99.0, 100.0 + 0.4 * step]).holds
    assert judged(compare(CLOSE, "crosses_above", HUNDRED), [99.0, 100.0 + 0.6 * step]).holds


def test_crossing_of_two_series_compares_each_with_its_own_past() -> None:
    condition = compare(CLOSE, "crosses_above", series("open"))
    assert judged(condition, [100.0, 102.0], opens=[101.0, 101.0]).holds
    assert not judged(condition, [100.0, 102.0], opens=[99.0, 101.0]).holds


@pytest.mark.parametrize(
    ("bars", "closes", "rising", "falling"),
    [
        (1, [100.0, 101.0], True, False),
        (1, [101.0, 100.0], False, True),
        (1, [100.0, 100.0], False, False),
        (3, [100.0, 101.0, 102.0, 103.0], True, False),
        (3, [100.0, 101.0, 101.0, 103.0], False, False),
        (3, [99.0, 103.0, 102.0, 101.0, 100.0], False, True),
    ],
)
def test_movement_is_strict_on_every_bar(bars: int, closes: list[float], rising: bool, falling: bool) -> None:
    assert judged(compare(CLOSE, "rising", value(bars)), closes).holds is rising
    assert judged(compare(CLOSE, "falling", value(bars)), closes).holds is falling


def test_movement_records_every_bar_it_looked_at() -> None:
    result = judged(compare(CLOSE, "rising", value(2)), [100.0, 101.0, 102.0])
    assert [operand.text for operand in result.operands] == ["close", "close[1]", "close[2]"]
    assert [operand.value for operand in result.operands] == [Decimal(102), Decimal(101), Decimal(100)]


def test_shift_reads_older_bars_and_multiple_scales() -> None:
    result = judged(compare(CLOSE, ">", series("close", shift=2, multiple="1.5")), [60.0, 1.0, 90.01])
    assert result.holds
    assert result.text == "close > 1.5 × close[2]"
    (_, scaled) = result.operands
    assert (scaled.text, scaled.value, scaled.previous) == ("1.5 × close[2]", Decimal(90), Decimal(135))


def test_a_scaled_value_is_rounded_to_the_quantum_before_it_is_compared() -> None:
    third = series("close", shift=1, multiple="0.333333333333333")
    assert not judged(compare(CLOSE, ">", third), [3.0, 1.0]).holds


@pytest.mark.parametrize(
    ("count", "numerator", "denominator", "expected"),
    [(5, 1, 2, 2), (7, 1, 2, 4), (-5, 1, 2, -2), (-7, 1, 2, -4), (10, 1, 3, 3), (20, 1, 3, 7), (9, 3, 1, 27)],
)
def test_scaling_rounds_ties_to_even(count: int, numerator: int, denominator: int, expected: int) -> None:
    assert scale_count(count, numerator, denominator) == expected


ABOVE, BELOW = compare(CLOSE, ">", HUNDRED), compare(CLOSE, "<", HUNDRED)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (group("all", ABOVE, ABOVE), True),
        (group("all", ABOVE, BELOW), False),
        (group("any", BELOW, ABOVE), True),
        (group("any", BELOW, BELOW), False),
        (group("not", BELOW), True),
        (group("not", group("any", BELOW, group("not", ABOVE))), True),
    ],
)
def test_groups(condition: Condition, holds: bool) -> None:
    assert judged(condition, [101.0]).holds is holds


def test_a_group_records_its_members_and_all_operands() -> None:
    result = judged(group("any", BELOW, group("not", ABOVE)), [101.0])
    assert result.text == "any of (close < 100; not (close > 100))"
    assert result.pointer == "/conditions/entry/0"
    assert [(member.pointer, member.holds) for member in result.members] == [
        ("/conditions/entry/0/any/0", False),
        ("/conditions/entry/0/any/1", False),
    ]
    assert result.members[1].members[0].pointer == "/conditions/entry/0/any/1/not"
    assert [operand.text for operand in result.operands] == ["close", "100", "close", "100"]


@pytest.fixture
def without_movement() -> ConditionResult:
    """A comparison on RSI over bars that never moved: its value is unknown."""
    return flat(compare(series("rsi"), "<", value(30)))


def flat(condition: Condition) -> ConditionResult:
    from tests.core.strategy.specs import indicator

    strategy = spec(indicator("rsi", "rsi", 14), entry=(condition,))
    bars = bars_of([100.0] * own_bars_required(strategy))
    return evaluate(strategy, bars, tick_size=TICK).conditions[0]


def test_an_unknown_value_makes_its_condition_false_and_says_so(without_movement: ConditionResult) -> None:
    assert (without_movement.holds, without_movement.unknown) == (False, True)
    assert (without_movement.operands[0].value, without_movement.operands[0].previous) == (None, None)


UNKNOWN = compare(series("rsi"), "<", value(30))
TRUE, FALSE = compare(CLOSE, ">=", HUNDRED), compare(CLOSE, "<", HUNDRED)


@pytest.mark.parametrize(
    ("condition", "holds", "unknown"),
    [
        (group("not", UNKNOWN), False, True),
        (group("all", TRUE, UNKNOWN), False, True),
        (group("all", FALSE, UNKNOWN), False, False),
        (group("any", TRUE, UNKNOWN), True, False),
        (group("any", FALSE, UNKNOWN), False, True),
        (group("not", group("not", UNKNOWN)), False, True),
        (compare(series("rsi"), "crosses_above", value(30)), False, True),
        (compare(series("rsi"), "rising", value(1)), False, True),
    ],
)
def test_negating_what_is_unknown_makes_nothing_true(condition: Condition, holds: bool, unknown: bool) -> None:
    result = flat(condition)
    assert (result.holds, result.unknown) == (holds, unknown)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (compare(series("rsi"), "between", value(40), value("60.50")), "rsi between 40 and 60.5"),
        (compare(series("fast"), "crosses_above", series("slow")), "fast crosses above slow"),
        (compare(CLOSE, "rising", value(1)), "close rising"),
        (compare(CLOSE, "falling", value(3)), "close falling over 3 bars"),
        (compare(series("atr", shift=5, multiple="0.50"), "<=", value(1000)), "0.5 × atr[5] <= 1000"),
    ],
)
def test_conditions_read_like_sentences(condition: Condition, text: str) -> None:
    assert condition_text(condition) == text


def test_spread_and_volume_are_read_in_their_own_units() -> None:
    strategy = spec(entry=(compare(series("spread"), "<=", value(20)), compare(series("volume"), ">", value("99.5"))))
    bars = bars_of(np.full(own_bars_required(strategy), 100.0))
    assert evaluate(strategy, bars, tick_size=TICK).entry
