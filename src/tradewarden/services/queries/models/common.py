"""Small shapes that several nouns share."""

from dataclasses import dataclass
from datetime import datetime

from tradewarden.core.risk.reasons import Code, OnFail
from tradewarden.core.risk.verdict import Outcome, Purpose
from tradewarden.services.queries.models.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRef:
    """Which strategy, by its name at the version in question (null where that version is not known any more)."""

    strategy_id: str
    name: str | None
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check of the gate: ``words`` says what holding means; ``blocks`` whether it keeps the order from going."""

    code: Code
    words: str
    passed: bool
    observed: str
    limit: str
    on_fail: OnFail
    answered: bool
    blocks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """The gate's answer with every check. ``risk_amount`` and ``margin`` are in account currency."""

    purpose: Purpose
    outcome: Outcome
    lots: Number
    risk_amount: Number
    margin: Number
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """Executable prices at ``at``; ``age_seconds`` is in market time at the moment of the answer."""

    symbol: str
    bid: Number
    ask: Number
    spread_points: Number
    at: datetime
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Points that one fact adds to or takes from the score, and the sum up to and including it."""

    part: str
    name: str
    points: Number
    observed: str
    running_total: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidencePart:
    """One of the parts of the score (strategy, market, account) with the most it can reach."""

    part: str
    points: Number
    maximum: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceView:
    """A confidence score from 0 to 100 and where each point came from.

    ``threshold`` is the policy's at that decision. ``is_proximity`` marks the figure of an evaluation without a
    setup, which is compared with nothing.
    """

    model: str
    score: Number
    threshold: Number
    is_proximity: bool
    parts: tuple[ConfidencePart, ...]
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelView:
    """A price of an idea and the rule that put it there; ``name`` is entry, stop_loss or take_profit."""

    name: str
    price: Number
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """A take profit: its price, its reward in units of the risk, and the fraction of the position it closes."""

    price: Number
    rr: Number
    fraction: Number
