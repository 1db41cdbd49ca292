"""Reading policy fields as they are typed: ``--set risk_fraction=0.01``.

Only the text is read here; whether a value is within its limits is the policy's own business.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any

from tradewarden.core.errors import InvalidInput, InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradewarden.core.policy import Mode

YES, NO, UNSET = ("true", "yes", "on"), ("false", "no", "off"), "none"


def policy_changes(given: Sequence[str]) -> dict[str, Any]:
    """Return the fields and values of ``NAME=VALUE`` texts. Raises InvalidSetting, naming the field and its form."""
    from tradewarden.core.policy import WHOLE_NUMBERS, RiskPolicy

    usual = RiskPolicy()
    changes: dict[str, Any] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or name not in RiskPolicy.__dataclass_fields__:
            known = ", ".join(RiskPolicy.__dataclass_fields__)
            raise InvalidSetting(f"--set {text!r}: write NAME=VALUE with one of these names: {known}")
        kind = getattr(usual, name)
        if kind is None:  # a limit that is not set by default: any value of its kind shows what is wanted
            kind = 1 if name in WHOLE_NUMBERS else Decimal(1)
        changes[name] = _value(name, value.strip(), kind)
    return changes


def policy_mode(text: str) -> Mode:
    """Return the mode that was typed. Raises InvalidInput."""
    from tradewarden.core.policy import Mode

    known = [mode.value for mode in Mode]
    if text not in known:
        raise InvalidInput(f"--mode {text!r} is unknown; known are {', '.join(known)}")
    return Mode(text)


def _value(name: str, text: str, usual: Any) -> Any:
    """Return ``text`` as the kind of value that the field usually holds."""
    from tradewarden.core.market.calendar import Embargo

    try:
        if text.lower() == UNSET:
            return None
        if isinstance(usual, bool):
            return _switch(text)
        if isinstance(usual, Enum):
            return type(usual)(text)
        if isinstance(usual, int):
            return int(text)
        if isinstance(usual, Decimal):
            return Decimal(text)
        if isinstance(usual, Embargo):
            before, _, after = text.partition("/")
            return Embargo(int(before), int(after))
    except (ValueError, InvalidOperation) as error:
        raise InvalidSetting(f"--set {name}={text}: {_form(usual)}") from error
    return text


def _switch(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError(text)
    return text.lower() in YES


def _form(usual: Any) -> str:
    from tradewarden.core.market.calendar import Embargo

    if isinstance(usual, bool):
        return "write true or false"
    if isinstance(usual, Enum):
        return f"write one of {', '.join(str(each.value) for each in type(usual))}"
    if isinstance(usual, Embargo):
        return "write the minutes before and after, as in 30/15"
    return f"write a {'whole number' if isinstance(usual, int) else 'number'}, such as {usual}"
