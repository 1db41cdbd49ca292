"""What a confidence score is: the number and where each point of it came from. Recorded with every decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.values import ZERO, maker_of

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Points that one fact adds to or takes from the score."""

    part: str
    name: str
    points: Decimal
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """A score and where each point of it came from: ``contributions`` sum to ``score``.

    ``is_proximity`` marks the figure of an evaluation without a setup: shown to people, compared with nothing.
    """

    model: str
    score: Decimal
    is_proximity: bool
    contributions: tuple[Contribution, ...]

    def part(self, name: str) -> Decimal:
        """Return the sum of the contributions of one part."""
        return sum((entry.points for entry in self.contributions if entry.part == name), ZERO)


# For the models, which make a dozen for each decision.
contribution = maker_of(Contribution)
_make_confidence = maker_of(Confidence)


def summed(model: str, contributions: Iterable[Contribution], *, highest: Decimal, is_proximity: bool) -> Confidence:
    """Return the score that ``contributions`` sum to, kept within 0 to ``highest`` by one more where needed."""
    entries = tuple(contributions)
    total = sum((entry.points for entry in entries), ZERO)
    clamped = min(max(total, ZERO), highest)
    if clamped != total:
        name = f"kept within 0 to {highest}"
        entries = (*entries, contribution(part="clamp", name=name, points=clamped - total, observed=str(total)))
    return _make_confidence(model=model, score=clamped, is_proximity=is_proximity, contributions=entries)
