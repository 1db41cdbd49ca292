"""Checks and the verdict they add up to.

A verdict is evidence: it lists every check with what was observed and what the limit was. ``ApprovedVerdict`` is the
type that an order needs, and it cannot be made from a verdict in which anything stands unanswered.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from tradewarden.core.audit.text import digest_of
from tradewarden.core.errors import NotApproved
from tradewarden.core.risk.reasons import OPEN_CODES, Code, OnFail, default_on_fail
from tradewarden.core.values import maker_of


class Purpose(StrEnum):
    """What an intent does to exposure: open (or enlarge, or loosen), reduce, protect."""

    OPEN = "open"
    REDUCE = "reduce"
    PROTECT = "protect"


class Outcome(StrEnum):
    """Where a verdict leads."""

    EXECUTE = "execute"
    NEEDS_APPROVAL = "needs_approval"
    REJECTED = "rejected"
    HALTED_BY_RISK = "halted_by_risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: what was observed against which limit. ``answered`` marks an ask that a person's approval covers."""

    code: Code
    passed: bool
    observed: str
    limit: str
    on_fail: OnFail
    answered: bool = False

    @property
    def blocks(self) -> bool:
        """Return whether this check keeps an order from going."""
        return not self.passed and not (self.on_fail is OnFail.ASK and self.answered)


_make_check = maker_of(Check)
_ON_FAIL = {code: default_on_fail(code) for code in Code}


# Most of what holds says the same each time: an equal value is the same value.
@lru_cache(maxsize=4096)
def passed(code: Code, observed: str, limit: str) -> Check:
    """Return a check that held."""
    return _make_check(code=code, passed=True, observed=observed, limit=limit, on_fail=_ON_FAIL[code])


def failed(code: Code, observed: str, limit: str, on_fail: OnFail | None = None) -> Check:
    """Return a check that did not hold."""
    return _make_check(code=code, passed=False, observed=observed, limit=limit, on_fail=on_fail or _ON_FAIL[code])


def unknown(code: Code, why: str, limit: str) -> Check:
    """Return a check that could not be computed: it denies, and never halts."""
    return failed(code, f"unknown: {why}", limit, OnFail.DENY)


def check(code: Code, holds: bool, observed: str, limit: str) -> Check:  # noqa: FBT001 (the fact under test)
    """Return the check of ``holds``."""
    return _make_check(code=code, passed=holds, observed=observed, limit=limit, on_fail=_ON_FAIL[code])


# For facts with few words to them.
settled = lru_cache(maxsize=4096)(check)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The gate's answer: every check, the size it allows, the money at risk, and where it leads."""

    purpose: Purpose
    outcome: Outcome
    checks: tuple[Check, ...]
    lots: Decimal
    risk_amount: Decimal
    margin: Decimal

    def failures(self) -> tuple[Check, ...]:
        """Return the checks that keep an order from going, in the order shown."""
        return tuple([entry for entry in self.checks if not entry.passed and entry.blocks])

    @property
    def halt_cause(self) -> Check | None:
        """Return the first check whose failure halts trading, or None."""
        return next((c for c in self.checks if not c.passed and c.on_fail is OnFail.HALT), None)

    @property
    def digest(self) -> str:
        """Return the content digest, by which an intent names the verdict it came from."""
        return digest_of(self)


def conclude(checks: tuple[Check, ...]) -> Outcome:
    """Return where ``checks`` lead: halt before deny before ask; a halt in force is a denial named as such."""
    blocking = [entry for entry in checks if not entry.passed and entry.blocks]
    if any(entry.on_fail is OnFail.HALT for entry in blocking):
        return Outcome.HALTED_BY_RISK
    denied = [entry for entry in blocking if entry.on_fail is OnFail.DENY]
    if denied:
        halted = any(c.code is Code.TRADING_DISABLED and c.observed.startswith("halted") for c in denied)
        return Outcome.HALTED_BY_RISK if halted else Outcome.REJECTED
    return Outcome.NEEDS_APPROVAL if blocking else Outcome.EXECUTE


@dataclass(frozen=True, slots=True)
class ApprovedVerdict:
    """A verdict in which nothing blocks. Raises NotApproved for any other: there is no way round this type."""

    verdict: Verdict

    def __post_init__(self) -> None:
        blocking = self.verdict.failures()
        if blocking or self.verdict.outcome is not Outcome.EXECUTE:
            codes = ", ".join(entry.code for entry in blocking) or "none of its checks"
            raise NotApproved(f"verdict is {self.verdict.outcome}, blocked by {codes}")
        if not self.verdict.checks:
            raise NotApproved("verdict holds no checks")
        if self.verdict.purpose is Purpose.OPEN:
            missing = OPEN_CODES.difference([entry.code for entry in self.verdict.checks])
            if missing:
                raise NotApproved(f"verdict on opening lacks the checks {', '.join(sorted(missing))}")
        if not self.verdict.lots > 0:
            raise NotApproved(f"verdict allows {self.verdict.lots} lots")
