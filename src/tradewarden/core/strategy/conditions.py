"""Evaluation of conditions on quantised series, and what is recorded of each."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandReading:
    """One operand as it was read: its text, its value and the value one bar before; None where unknown."""

    text: str
    value: Decimal | None
    previous: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionResult:
    """One declared condition: where it stands in the document, what it says, whether it holds and on what.

    ``section`` is entry, exit, strong or weak. ``unknown`` says that an operand had no value, so that the comparison
    on it counted as false.
    """

    section: str
    pointer: str
    text: str
    holds: bool
    unknown: bool
    operands: tuple[OperandReading, ...]
