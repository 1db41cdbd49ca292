"""Partial closings at the nearer targets: how many lots each takes, and which of them the price has reached.

The broker holds the farthest target; the nearer ones are closed by the desk at the market. What a share of the filled
lots comes to is rounded down to the step, and a part that would be too small joins the next one.
"""

from collections.abc import Sequence
from decimal import Decimal

from tradewarden.core.desk import DeskPosition
from tradewarden.core.market.instrument import Instrument
from tradewarden.core.positions.situation import Situation
from tradewarden.core.positions.steps import ClosePart, Rule
from tradewarden.core.values import ZERO, floor_to_step


def target_parts(lots: Decimal, fractions: Sequence[Decimal], instrument: Instrument) -> tuple[Decimal, ...]:
    """Return the lots that each target but the last closes when ``lots`` are shared out by ``fractions``.

    Fractions need not add up to 1: they are taken in proportion. A part below the smallest volume, or one that would
    leave less than that, is 0 and joins the next target; the last target closes whatever is left.
    """
    total = sum(fractions, ZERO)
    parts, carried, left = [], ZERO, lots
    for fraction in fractions[:-1]:
        carried += fraction
        part = floor_to_step(lots * carried / total, instrument.volume_step)
        if part < instrument.volume_min or left - part < instrument.volume_min:
            parts.append(ZERO)
            continue
        parts.append(part)
        left -= part
        carried = ZERO
    return tuple(parts)


def open_parts(held: DeskPosition, lots: Decimal, instrument: Instrument) -> tuple[Decimal, ...]:
    """Return the parts that the targets not taken yet will close of ``lots`` open now, the last target excepted.

    They are shares of the filled lots. Where somebody else has changed the size meanwhile, what is left is shared out
    among the targets that are left.
    """
    fractions = [target.fraction for target in held.targets]
    planned = target_parts(held.initial_lots or held.lots, fractions, instrument)
    taken = sum(planned[: held.targets_done], ZERO)
    if lots == (held.initial_lots or held.lots) - taken:
        return planned[held.targets_done :]
    return target_parts(lots, fractions[held.targets_done :], instrument)


def next_target(situation: Situation) -> ClosePart | None:
    """Return the partial closing that is due, or None.

    Targets that the price has passed together are taken together. Nothing is due while book and broker differ in
    size: then the last partial closing is not booked yet, and a second one would be too many.
    """
    held, position = situation.held, situation.position
    if position.lots != held.lots or held.targets_done >= len(held.targets) - 1:
        return None
    lots, done, reached = ZERO, held.targets_done, held.targets_done
    for offset, part in enumerate(open_parts(held, position.lots, situation.snapshot.instrument)):
        index = held.targets_done + offset
        if (position.price - held.targets[index].price) * position.side.sign < 0:
            break
        reached = index + 1
        if part:
            lots, done = lots + part, reached
    if not lots:
        return None
    named = ", ".join(f"{held.targets[index].price}" for index in range(held.targets_done, done))
    which = f"target {done}" if done == held.targets_done + 1 else f"targets {held.targets_done + 1} to {done}"
    return ClosePart(
        lots=lots,
        reason=f"{which} of {len(held.targets)} reached at {named}: {lots} of {position.lots} lots",
        rule=Rule.TARGET,
        targets_done=done,
    )
