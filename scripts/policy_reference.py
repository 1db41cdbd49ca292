"""Write docs/reference/risk-policy.md from what the policy's fields declare: `python scripts/policy_reference.py`."""

from __future__ import annotations

import sys
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src")]

from tradewarden.core.market.calendar import Embargo  # noqa: E402  # the source tree is found first
from tradewarden.core.policy import LIMITS, RiskPolicy  # noqa: E402
from tradewarden.core.policy_fields import FIELDS, PolicyField  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "risk-policy.md"
HEAD = """# The risk policy

What a risk officer sets, as one versioned value. `tradewarden policy show` prints the policy in force, `tradewarden
policy set NAME=VALUE` changes it (so does `PUT /api/v1/settings/risk`). Every change is an entry of the history with
who, before and after, and counts from the next judgement; a decision names the version it was judged under.

Defaults are the safe ones. The first policy of a desk scales its amounts to the balance it finds: daily loss 2 %,
drawdown 10 %, daily target 3 %. Fractions are fractions: 0.01 is 1 %. `none` lifts a limit that may be unset. A pause
is written `BEFORE/AFTER` in minutes. The last column names the checks of the gate that read the field.
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for group in dict.fromkeys(field.group for field in FIELDS):
        rows = [_row(field) for field in FIELDS if field.group == group]
        head = "| field | what it does | default | allowed | unit | checks |\n| --- | --- | --- | --- | --- | --- |"
        parts.append(f"## {group.capitalize()}\n\n{head}\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(field: PolicyField) -> str:
    default = getattr(RiskPolicy(), field.name)
    cells = (
        f"`{field.name}`", field.text, _value(default), _allowed(field.name, default), field.unit,
        ", ".join(field.checks),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Embargo):
        return f"{value.before_minutes}/{value.after_minutes}"
    if isinstance(value, Enum):
        return str(value.value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _allowed(name: str, default: Any) -> str:
    if name in LIMITS:
        low, high = LIMITS[name]
        return f"{low:f} to {high:f}"
    if isinstance(default, Enum):
        return ", ".join(str(each.value) for each in type(default))
    return "0 to 1440 each" if isinstance(default, Embargo) else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(FIELDS)} fields")
