"""Symbol profiles: what a trader noted about a symbol, merged into the imported strategies of that symbol.

A profile alone is no strategy. It gives sessions where a rule file has none, targets, management of the position and
further invalidations; what it says beyond that is left out by name.
"""

from dataclasses import dataclass
from decimal import Decimal

from tradewarden.core.strategy.document.reading import Tree
from tradewarden.core.strategy.legacy.findings import Notes
from tradewarden.core.strategy.legacy.options import RiskUnit
from tradewarden.core.strategy.legacy.reader import ObjectReader
from tradewarden.core.strategy.legacy.risk import fraction_of
from tradewarden.core.strategy.legacy.tables import desk_case

_METADATA = ("$schema", "id", "version", "created_at", "updated_at", "created_by", "updated_by", "notes", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile that could be read. ``reader`` is kept for messages; ``rr`` figures are multiples of the risk.

    ``partial_at_rr`` and ``break_even_at_r`` are None where the profile has none, or zero.
    """

    symbol: str
    reader: ObjectReader
    sessions: tuple[Tree, ...]
    timeframes: tuple[str, ...]
    rr_target: Decimal | None
    risk_fraction: Decimal | None
    break_even_at_r: Decimal | None
    partial_at_rr: Decimal | None
    trails: bool
    trail_given: bool
    atr_multiplier: Decimal | None
    invalidations: tuple[Tree, ...]

    @property
    def notes(self) -> Notes:
        """Return where findings about this profile go."""
        return self.reader.notes


def read_profile(tree: dict[str, Tree], notes: Notes, unit: RiskUnit) -> Profile | None:
    """Return the profile in ``tree``; None when it names no symbol. What does not fit is refused in ``notes``."""
    reader = ObjectReader(tree, "", notes)
    symbol = reader.text("symbol", required=True)
    style, management = reader.inner("style"), reader.inner("management")
    risk = style.number("maxRiskPct", "0", "100")
    profile = Profile(
        symbol=desk_case(symbol or ""),
        reader=reader,
        sessions=tuple(reader.items("bestSessions")),
        timeframes=tuple(str(item) for item in reader.items("bestTimeframes")),
        rr_target=style.number("rrTarget", "0.1", "50"),
        risk_fraction=None if risk is None else fraction_of(risk, unit, style.place("maxRiskPct"), notes),
        break_even_at_r=_level(management, "breakevenAfterRR", "the stop is not moved to the entry"),
        partial_at_rr=_level(management, "partialAtRR", "nothing is closed before the target"),
        trails=management.switch("trailUsingATR") is True,
        trail_given=management.has("trailUsingATR"),
        atr_multiplier=management.number("atrMultiplier", "0.1", "20"),
        invalidations=tuple(reader.items("invalidations")),
    )
    style.leave_out(("bias",), "describes the strategy to people; its conditions decide")
    reader.leave_out(("externalDrivers",), "no data of this product says what these markets do; the conditions decide")
    reader.leave_out(_METADATA, "says nothing about trading")
    for part in (style, management, reader):
        part.finish()
    return profile if symbol else None


def _level(management: ObjectReader, key: str, off: str) -> Decimal | None:
    value = management.number(key, "0", "50")
    if value is not None and value == 0:
        notes = management.notes
        notes.translated(management.place(key), value, off)
        return None
    return value
