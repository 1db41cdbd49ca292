"""Legacy risk figures as fractions: the one place where "1" may mean one percent or everything.

Read as percent, a figure that was meant as a fraction risks a hundredth of what was meant; the other mistake risks a
hundred times as much. So percent is the default, and a figure that looks like a fraction is pointed out.
"""

from decimal import Decimal

from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.options import RiskUnit

LOWEST, HIGHEST = Decimal("0.0001"), Decimal("0.1")
_LIKE_A_FRACTION = Decimal("0.1")
_MOST_DIGITS = 12


def fraction_of(number: Decimal, unit: RiskUnit, place: str, notes: Notes) -> Decimal | None:
    """Return the share of the account that ``number`` means in ``unit``; None when it is refused in ``notes``."""
    is_percent = unit is RiskUnit.PERCENT
    if number <= 0:
        notes.refuse(place, number, "a risk must be above 0")
        return None
    if len(number.as_tuple().digits) > _MOST_DIGITS:
        notes.refuse(place, number, f"has more than {_MOST_DIGITS} digits")
        return None
    fraction = (number / 100 if is_percent else number).normalize()
    if not LOWEST <= fraction <= HIGHEST:
        limits = "0.01 to 10 percent" if is_percent else f"the fractions {LOWEST} to {HIGHEST}"
        notes.refuse(place, number, f"read as {unit.value}; allowed is {limits} (--risk-unit says how risk is read)")
        return None
    why = "1 is 1 %, as a fraction 0.01" if is_percent else "read as a fraction, as --risk-unit asks"
    if is_percent and number < _LIKE_A_FRACTION:
        percent = (number * 100).normalize()
        why = (
            f"read as percent, {number:f} is {fraction:f} of the account; if the file means {percent:f} %, "
            "import it with --risk-unit fraction"
        )
    notes.changed(place, number, f"risk_fraction {fraction:f}", why)
    return Decimal(f"{fraction:f}")
