"""Stops, targets and management of an imported strategy, from its rule file and the profile of its symbol.

A legacy file says them in three places and leaves gaps; every choice made here is a finding with its reason.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from tradewarden.core.strategy.legacy.indicators import LegacyIndicators
from tradewarden.core.strategy.legacy.profile import Profile
from tradewarden.core.strategy.legacy.reader import ObjectReader

USUAL_STOP = Decimal("1.5")
USUAL_RR = Decimal(2)
HALF = Decimal("0.5")
# An idea's reward is measured after spread and commission: at exactly the target no idea would ever reach it.
ROOM_FOR_COSTS = Decimal("0.9")
LEAST_RR = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits:
    """The ``exit_rules`` of a document and its ``rr_expectation``."""

    rules: dict[str, Any]
    rr_expectation: Decimal


def translate_exits(
    block: LegacyIndicators, indicators: ObjectReader, strategy: ObjectReader, profile: Profile | None, name: str
) -> Exits:
    """Return how the positions of strategy ``name`` end; refusals are noted where the value stands."""
    least = _least_reward(strategy)
    rules: dict[str, Any] = {"stop_loss": _stop(block, indicators, profile, name)}
    targets = _targets(least, strategy, profile, name)
    rules["take_profit"] = targets
    if profile is not None:
        rules |= _management(block, profile, name)
    return Exits(rules=rules, rr_expectation=_expectation(least, targets, strategy))


def _least_reward(strategy: ObjectReader) -> Decimal:
    given = strategy.number("min_rr", "0.1", "50")
    if given is None and not strategy.has("min_rr"):
        strategy.notes.changed(strategy.place("min_rr"), "", USUAL_RR, "not given: the earlier console's usual value")
    return USUAL_RR if given is None else given


def _stop(block: LegacyIndicators, indicators: ObjectReader, profile: Profile | None, name: str) -> dict[str, Any]:
    multiple = block.atr_multiplier
    place = f"{indicators.place('atr')}/multiplier"
    if multiple is not None:
        indicators.notes.translated(place, multiple, f"stop_loss {multiple} × ATR({block.atr_period})")
    elif profile is not None and profile.atr_multiplier is not None and not profile.trails:
        multiple = profile.atr_multiplier
        profile.notes.changed(
            "/management/atrMultiplier", multiple, f"{name}: stop_loss {multiple} × ATR({block.atr_period})",
            "the rule file has no multiplier and this one trails nothing",
        )  # fmt: skip
    else:
        multiple = USUAL_STOP
        indicators.notes.changed(
            place, "", f"stop_loss {multiple} × ATR({block.atr_period})",
            "not given: the earlier console's usual value",
        )  # fmt: skip
    return {"kind": "atr", "multiple": multiple, "period": block.atr_period}


def _targets(least: Decimal, strategy: ObjectReader, profile: Profile | None, name: str) -> list[dict[str, Any]]:
    wanted = profile.rr_target if profile is not None else None
    final = least
    if profile is not None and wanted is not None:
        final = max(wanted, least)
        if wanted < least:
            profile.notes.changed(
                "/style/rrTarget", wanted, f"{name}: take_profit {final} R",
                f"the rule file asks for at least {least} R, so a nearer target could never be traded",
            )  # fmt: skip
        else:
            profile.notes.translated("/style/rrTarget", wanted, f"{name}: take_profit {final} R")
    else:
        strategy.notes.changed(
            strategy.place("min_rr"), least, f"take_profit {final} R",
            "no profile names a target, so it stands at the least reward",
        )  # fmt: skip
    partial = profile.partial_at_rr if profile is not None else None
    if profile is None or partial is None:
        return [{"rr": final, "fraction": 1}]
    place = "/management/partialAtRR"
    if partial < LEAST_RR:
        profile.notes.refuse(place, partial, f"must be at least {LEAST_RR} R")
    elif partial < final:
        profile.notes.changed(
            place, partial, f"{name}: half of the position at {partial} R, half at {final} R",
            "the profile does not say how much is closed: half is taken",
        )  # fmt: skip
        return [{"rr": partial, "fraction": HALF}, {"rr": final, "fraction": HALF}]
    else:
        profile.notes.left_out(place, partial, f"{name} closes everything at {final} R, before that")
    return [{"rr": final, "fraction": 1}]


def _management(block: LegacyIndicators, profile: Profile, name: str) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    level = profile.break_even_at_r
    if level is not None:
        rules["break_even_at_r"] = level
        profile.notes.translated("/management/breakevenAfterRR", level, f"{name}: break_even_at_r {level}")
    if not profile.trails:
        if profile.trail_given:
            profile.notes.translated("/management/trailUsingATR", False, f"{name}: the stop does not trail")
        if profile.atr_multiplier is not None and block.atr_multiplier is not None:
            profile.notes.left_out(
                "/management/atrMultiplier",
                profile.atr_multiplier,
                f"{name}: trailUsingATR is off and the stop is the rule file's",
            )
        return rules
    multiple = profile.atr_multiplier or USUAL_STOP
    start = level or Decimal(1)
    if profile.atr_multiplier is not None:
        profile.notes.translated("/management/atrMultiplier", multiple, f"{name}: trail {multiple} × ATR")
    rules["trail"] = {"kind": "atr", "multiple": multiple, "period": block.atr_period, "from_r": start}
    profile.notes.changed(
        "/management/trailUsingATR", True, f"{name}: trail {multiple} × ATR({block.atr_period}) from {start} R",
        "the profile does not say from where: from break-even on, or from 1 R",
    )  # fmt: skip
    return rules


def _expectation(least: Decimal, targets: list[dict[str, Any]], strategy: ObjectReader) -> Decimal:
    reward = sum((Decimal(target["rr"]) * Decimal(target["fraction"]) for target in targets), Decimal(0))
    reachable = max((reward * ROOM_FOR_COSTS).quantize(Decimal("0.01"), ROUND_FLOOR), LEAST_RR).normalize()
    if least <= reachable:
        strategy.notes.translated(strategy.place("min_rr"), least, f"rr_expectation {least:f}")
        return least
    strategy.notes.changed(
        strategy.place("min_rr"), least, f"rr_expectation {reachable:f}",
        f"after costs and over all targets, {reward.normalize():f} R in all: at {least} no idea could ever pass",
    )  # fmt: skip
    return Decimal(f"{reachable:f}")
