"""Which sides a document trades, and the specification of each."""

from typing import NamedTuple

from tradewarden.core.strategy.document.models import StrategyPart
from tradewarden.core.strategy.spec import StrategySpec


class ParsedStrategy(NamedTuple):
    """The specification of a document's only or long side, and of the short side of one that trades both."""

    spec: StrategySpec
    short: StrategySpec | None = None


def sides_of(parsed: StrategyPart) -> ParsedStrategy:
    """Return the specifications of ``parsed``."""
    return ParsedStrategy(parsed.to_spec())
