"""Which sides a document trades, and the specification of each."""

from typing import NamedTuple

from tradewarden.core.strategy.document.models import StrategyPart
from tradewarden.core.strategy.mirror import Written, WrittenConditions, mirrored_spec
from tradewarden.core.strategy.spec import StrategySpec


class ParsedStrategy(NamedTuple):
    """The specification of a document's only or long side, and of the short side of one that trades both."""

    spec: StrategySpec
    short: StrategySpec | None = None

    @property
    def sides(self) -> tuple[StrategySpec, ...]:
        """Return the specification of each side that is traded."""
        return (self.spec,) if self.short is None else (self.spec, self.short)


def sides_of(parsed: StrategyPart, source: str) -> ParsedStrategy:
    """Return the specifications of ``parsed``.

    The short side of one that trades both is the mirror image of the long one, but for what the document writes of it.
    Raises InvalidStrategy with every part that has no mirror image.
    """
    spec = parsed.to_spec()
    if not parsed.trades_both:
        return ParsedStrategy(spec)
    given, conditions = parsed.conditions_short, None
    if given is not None:
        conditions = WrittenConditions(
            entry=given.to_list("entry"),
            exit=given.to_list("exit"),
            strong=given.to_list("strong"),
            weak=given.to_list("weak"),
            invalidations=given.to_list("invalidations"),
        )
    written = Written(
        conditions=conditions,
        stop_loss=parsed.exit_rules.stop_loss.to_short_rule(),
        indicators=() if given is None else given.hidden_indicators(),
    )
    return ParsedStrategy(spec, mirrored_spec(spec, written, source=source))
