"""The one tree of errors.

Expected outcomes are values (``Verdict``, ``Rejected``, ``Unknown``); an exception here means that a promise was
broken or that somebody gave us what we cannot use. Every message names the thing, the value and the limit.

    TradewardenError
    ├── InvalidInput          what was given cannot be used
    │   ├── InvalidBars       market data that must not be traded on
    │   ├── InvalidStrategy   a strategy document, with JSON pointers
    │   └── InvalidSetting    a setting or a policy field
    ├── NotFound              no such idea, strategy, decision
    ├── Conflict              the thing is no longer in the state the act needs
    ├── PreconditionFailed    the caller saw an older version of the thing
    ├── RiskViolation         the act would go past a limit
    ├── NotApproved           an intent was asked for without an approved verdict
    ├── BrokerUnavailable     the terminal does not answer or is not connected
    ├── StorageUnavailable    the record cannot be read or written
    ├── MarketDataUnavailable bars or quotes are missing
    └── IntegrityError        the record contradicts itself
"""


class TradewardenError(Exception):
    """Base of every error that this product raises on purpose."""


class InvalidInput(TradewardenError):
    """What was given cannot be used; the message says what is allowed."""


class InvalidBars(InvalidInput):
    """Market data that breaks a rule of bars; the message names the symbol, the time and the rule."""


class InvalidStrategy(InvalidInput):
    """A strategy document that cannot be accepted, with every problem found in it."""

    def __init__(self, problems: tuple["Problem", ...], source: str = "strategy") -> None:
        self.problems = problems
        self.source = source
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source}: {len(problems)} problem{'s' if len(problems) != 1 else ''}\n{lines}")


class Problem:
    """One finding in a document: where (JSON pointer), what was found, what is allowed."""

    __slots__ = ("found", "message", "pointer", "suggestion")

    def __init__(self, pointer: str, message: str, found: str = "", suggestion: str = "") -> None:
        self.pointer = pointer
        self.message = message
        self.found = found
        self.suggestion = suggestion

    def __str__(self) -> str:
        found = f" (found {self.found})" if self.found else ""
        hint = f"; did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{self.pointer or '/'}: {self.message}{found}{hint}"


class InvalidSetting(InvalidInput):
    """A setting or policy field outside its limits."""


class NotFound(TradewardenError):
    """No such thing in the record."""


class Conflict(TradewardenError):
    """The thing is no longer in the state that the act needs."""


class PreconditionFailed(TradewardenError):
    """The caller acted on an older version of the thing than the record holds."""


class RiskViolation(TradewardenError):
    """The act would go past a limit that a person may not lift here."""


class NotApproved(TradewardenError):
    """An order intent was asked for without an approved verdict."""


class BrokerUnavailable(TradewardenError):
    """The terminal does not answer, or is not connected to the account."""


class StorageUnavailable(TradewardenError):
    """The record cannot be read or written; nothing may be opened meanwhile."""


class MarketDataUnavailable(TradewardenError):
    """Bars, a quote or a contract specification that a decision needs is missing."""


class IntegrityError(TradewardenError):
    """The record contradicts itself: a digest, a chain link or an intent does not match."""
