"""The quanta in which series values are compared and recorded.

Two machines may compute a float that differs in its last bits; both round to the same whole number of
quanta, and only that number is compared, recorded or hashed.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from tradewarden.core.market.bars import Float64


class Unit(StrEnum):
    """What the values of a series are measured in; only values of one unit are compared with each other."""

    PRICE = "price"
    OSCILLATOR = "0-100"
    VOLUME = "ticks"
    POINTS = "points"
    NEGATIVE_OSCILLATOR = "-100-0"
    INDEX = "index"
    PERCENT = "percent"
    RATIO = "ratio"
    SIGN = "sign"


_FINE = Decimal("1E-9")
# A ten-thousandth of the tick: far below anything that can be traded, far above the noise of float64 on a
# price.
_TICK_DIGITS = -4


@dataclass(frozen=True, slots=True)
class Quantum:
    """The step that values of a unit are rounded to, and its inverse for fast rounding of floats."""

    step: Decimal
    per_unit: float

    def count(self, value: float) -> int | None:
        """Return ``value`` as a whole number of steps (ties to even), or None when it is not finite."""
        scaled = value * self.per_unit
        return round(scaled) if math.isfinite(scaled) else None

    def counts(self, values: Float64) -> list[int | None]:
        """Return each of ``values``, shape (n,), as :meth:`count` does."""
        per_unit, listed = self.per_unit, values.tolist()
        try:
            return [round(value * per_unit) for value in listed]
        except (ValueError, OverflowError):  # a value is NaN or infinite
            return [self.count(value) for value in listed]

    def value(self, count: int | None) -> Decimal | None:
        """Return ``count`` steps as a decimal, or None for an unknown count."""
        return None if count is None else count * self.step

    def count_of(self, value: Decimal) -> int:
        """Return the decimal ``value`` as a whole number of steps (ties to even)."""
        return round(value / self.step)


@lru_cache(maxsize=256)
def quantum_of(unit: Unit, tick_size: Decimal) -> Quantum:
    """Return the quantum of ``unit``: a ten-thousandth of ``tick_size`` for prices, 1e-9 for everything else.

    Raises ValueError when ``tick_size`` is not above 0.
    """
    if not tick_size > 0:
        raise ValueError(f"tick size {tick_size} must be above 0")
    # Normalised, so that 0.01 and 0.010 record the same digits.
    step = tick_size.normalize().scaleb(_TICK_DIGITS) if unit is Unit.PRICE else _FINE
    return Quantum(step, float(1 / step))
