"""The short side of a strategy that trades both: the long one in a market turned upside down.

Every condition, stop and trail is turned by the mirror rule that its series declares; facts by their declared
opposite. What has no mirror image is refused with its place in the document, never left as it is.

On bars turned upside down (C − p on the tick) the mirrored strategy decides as the original does on the bars
themselves, as long as it reads no share of the price. ``roc``, ``natr``, the ``width`` of ``bollinger``, ``mfi`` (money
is price times volume) and a stop that is a percentage measure against the price itself, which C − p changes: these
mirror as they declare only in so far as p and C − p are alike.
"""

from dataclasses import dataclass, replace

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.indicators.spec import IndicatorSpec
from tradewarden.core.strategy.facts import mirrored_fact
from tradewarden.core.strategy.mirror_conditions import Mirroring
from tradewarden.core.strategy.spec import Condition, IndicatorStop, IndicatorTrail, StopRule, StrategySpec, TrailRule

__all__ = ["Written", "WrittenConditions", "mirrored_spec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenConditions:
    """The five lists of conditions of the mirrored side, as its document writes them."""

    entry: tuple[Condition, ...]
    exit: tuple[Condition, ...] = ()
    strong: tuple[Condition, ...] = ()
    weak: tuple[Condition, ...] = ()
    invalidations: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a document writes of the mirrored side itself, so that it is not mirrored; None where it leaves it out.

    ``indicators`` are the hidden ones that the written conditions need and the other side does not have.
    """

    conditions: WrittenConditions | None = None
    stop_loss: StopRule | None = None
    trail: TrailRule | None = None
    indicators: tuple[IndicatorSpec, ...] = ()


_NOTHING_WRITTEN = Written()


def mirrored_spec(spec: StrategySpec, written: Written = _NOTHING_WRITTEN, *, source: str = "") -> StrategySpec:
    """Return ``spec`` as it trades the other side; what ``written`` holds is taken as it stands.

    Mirroring twice gives the original back. Raises InvalidStrategy, naming ``source`` or else the strategy, with every
    part that has no mirror image.
    """
    has_written = written != _NOTHING_WRITTEN
    mirroring = Mirroring(spec.indicators, mirrored_fact, beside=has_written)
    stop_loss = _stop(spec.stop_loss, mirroring) if written.stop_loss is None else written.stop_loss
    trail = _trail(spec.trail, mirroring) if written.trail is None else written.trail
    forbidden = mirroring.section(spec.forbidden.conditions, "/forbidden_conditions/conditions")
    conditions, key = written.conditions, "conditions_short"
    if conditions is None:
        key = spec.conditions_key
        conditions = WrittenConditions(
            entry=mirroring.section(spec.entry, "/conditions/entry"),
            exit=mirroring.section(spec.exit, "/conditions/exit"),
            strong=mirroring.section(spec.strong, "/conditions/strong"),
            weak=mirroring.section(spec.weak, "/conditions/weak"),
            invalidations=mirroring.section(spec.invalidations, "/conditions/invalidations"),
        )
    if mirroring.problems:
        raise InvalidStrategy(tuple(mirroring.problems), source or spec.name)
    named = {each.name: each for each in (*mirroring.indicators, *written.indicators)}
    return replace(
        spec,
        side=spec.side.opposite,
        indicators=tuple(named.values()),
        entry=conditions.entry,
        exit=conditions.exit,
        strong=conditions.strong,
        weak=conditions.weak,
        invalidations=conditions.invalidations,
        stop_loss=stop_loss,
        trail=trail,
        conditions_key=key,
        forbidden=replace(spec.forbidden, conditions=forbidden),
    )


def _stop(rule: StopRule, mirroring: Mirroring) -> StopRule:
    """Return the mirror image of a stop; one that is a distance, or follows extremes, turns with its side."""
    if isinstance(rule, IndicatorStop):
        return replace(rule, level=mirroring.price_series(rule.level, "/exit_rules/stop_loss"))
    return rule


def _trail(rule: TrailRule | None, mirroring: Mirroring) -> TrailRule | None:
    if isinstance(rule, IndicatorTrail):
        return replace(rule, level=mirroring.price_series(rule.level, "/exit_rules/trail"))
    return rule
