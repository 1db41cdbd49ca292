"""The loss limits in a terminal: a bar, the amounts, and the equity that breaches; words say what colour does not."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

_CELLS = 10
_NAMES = {"daily_loss": "daily loss", "drawdown": "drawdown"}


def limit_rows(limits: dict[str, Any] | None) -> list[tuple[str, "str | Text"]]:
    """Return name and text of each line on the limits; nothing where they are not known."""
    if limits is None:
        return []
    rows: list[tuple[str, str | Text]] = [
        (words, _limit(limits[name], limits["currency"])) for name, words in _NAMES.items()
    ]
    if limits["first"] is not None:
        rows.append(("headroom", _headroom(limits)))
    if (buffers := _buffers(limits)) is not None:
        rows.append(("buffers", buffers))
    if Decimal(limits["deposits_today"]):
        rows.append(("paid in", f"{_plain(limits['deposits_today'], sign=True)} today, left out of every loss"))
    if limits["profit_target"] is not None:
        target = limits["profit_target"]
        rows.append(("target", f"{_plain(target['realised'], sign=True)} of {_plain(target['target'])} realised"))
    rows.append(("reset", f"{_until(limits)} ({limits['reset_zone']}){_late(limits)}"))
    return rows


def _limit(limit: dict[str, Any] | None, currency: str) -> "Text":
    from tradewarden.cli.output import BAD, DIM, styled

    if limit is None:
        return styled("no limit set", DIM)
    used = Decimal(limit["used_fraction"])
    cells = min(_CELLS, int(used * _CELLS) + (1 if used * _CELLS % 1 else 0))
    text = (
        f"{'▮' * cells}{'▯' * (_CELLS - cells)} {_plain(limit['used'])} of {_plain(limit['limit'])} {currency} lost, "
    )
    text += "REACHED" if limit["reached"] else f"{_plain(limit['left'])} left"
    text += f"; reached at equity {_plain(limit['breach_equity'])}, counted from {limit['basis']}"
    return styled(text, BAD if limit["reached"] else "")


def _headroom(limits: dict[str, Any]) -> str:
    text = f"{_plain(limits['left'])} until the first limit, {_NAMES[limits['first']]}"
    if limits["unbounded"]:
        tickets = ", ".join(str(ticket) for ticket in limits["unbounded"])
        return f"{text}; the loss at the stops is not known, for want of one on position {tickets}"
    if Decimal(limits["open_risk"]):
        text += f"; {_plain(limits['left_after_stops'])} if every stop is hit now ({_plain(limits['open_risk'])})"
    return text


def _buffers(limits: dict[str, Any]) -> str | None:
    parts = []
    if limits["opening_stops_at"] is not None:
        parts.append(f"opening stops at a loss of {_plain(limits['opening_stops_at'])}")
    if limits["flattens_at"] is not None:
        parts.append(f"positions are closed at {_plain(limits['flattens_at'])}")
    if not parts:
        return None
    reached = {"none": "", "soft": "; the first was reached today", "flatten": "; the second was reached today"}
    return ", ".join(parts) + reached[limits["buffer"]]


def _until(limits: dict[str, Any]) -> str:
    from tradewarden.cli.output import duration, when

    captured, resets = (datetime.fromisoformat(limits[name]) for name in ("captured_at", "resets_at"))
    return f"in {duration((resets - captured).total_seconds())}, at {when(resets)} UTC"


def _late(limits: dict[str, Any]) -> str:
    return "; today's was seen late, and the stricter reference is taken" if limits["late"] else ""


def _plain(amount: str, *, sign: bool = False) -> str:
    return format(Decimal(amount), "+,.2f" if sign else ",.2f")
