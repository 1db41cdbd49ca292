"""Rules that hold between parts of a strategy document, judged on the plain tree beside the rules of each part.

What cannot be understood is passed over here, because the part itself is refused for it; so every problem of a
document is reported at once.
"""

from collections.abc import Iterator
from decimal import Decimal

from tradewarden.core.errors import Problem
from tradewarden.core.market.session import MINUTES_PER_DAY, NAMED_SESSIONS
from tradewarden.core.strategy.document.reading import Tree, shown
from tradewarden.core.strategy.document.rules import is_clock

_BOTH = "both"


def cross_problems(tree: dict[str, Tree]) -> tuple[Problem, ...]:
    """Return every contradiction between parts of ``tree``."""
    return (
        *_target_problems(tree),
        *_reward_problems(tree),
        *_reach_problems(tree),
        *_session_problems(tree),
        *_side_problems(tree),
    )


def _at(tree: Tree, *path: str | int) -> Tree:
    """Return what stands at ``path``, or None."""
    place = tree
    for key in path:
        if (isinstance(key, str) and isinstance(place, dict)) or (isinstance(key, int) and isinstance(place, list)):
            held: dict[str | int, Tree] = dict(place.items() if isinstance(place, dict) else enumerate(place))
            place = held.get(key)
        else:
            return None
    return place


def _number(tree: Tree, *path: str | int) -> Decimal | None:
    value = _at(tree, *path)
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _targets(tree: Tree) -> list[tuple[Decimal, Decimal]]:
    """Return reward and fraction of each target, or none unless all of them can be understood."""
    listed = _at(tree, "exit_rules", "take_profit")
    found: list[tuple[Decimal, Decimal]] = []
    for target in listed if isinstance(listed, list) else []:
        reward = _number(target, "rr")
        fraction = _number(target, "fraction") if isinstance(target, dict) and "fraction" in target else Decimal(1)
        if reward is None or fraction is None:
            return []
        found.append((reward, fraction))
    return found


def _target_problems(tree: Tree) -> Iterator[Problem]:
    targets = _targets(tree)
    for index in range(1, len(targets)):
        before, reward = targets[index - 1][0], targets[index][0]
        if reward <= before:
            pointer = f"/exit_rules/take_profit/{index}/rr"
            yield Problem(pointer, f"must be above the reward of the target before, {before}", shown(reward))
    total = sum((fraction for _, fraction in targets), Decimal(0))
    if targets and total != 1:
        yield Problem("/exit_rules/take_profit", "the fractions of all targets must add up to 1", shown(total))


def _reward_problems(tree: Tree) -> Iterator[Problem]:
    """An idea's reward is measured after costs, so targets below the expectation could never pass the gate."""
    targets, expected = _targets(tree), _number(tree, "rr_expectation")
    total = sum((fraction for _, fraction in targets), Decimal(0))
    reward = sum((reward * fraction for reward, fraction in targets), Decimal(0)).normalize()
    if expected is not None and total == 1 and expected > reward:
        what = "of the only target" if len(targets) == 1 else "that the targets give together, weighted by fraction"
        yield Problem("/rr_expectation", f"is above the reward {what}, {reward:f} R: no idea could ever pass")


def _reach_problems(tree: Tree) -> Iterator[Problem]:
    targets = _targets(tree)
    if not targets:
        return
    last = max(reward for reward, _ in targets)
    for path in (("exit_rules", "break_even_at_r"), ("exit_rules", "trail", "from_r")):
        begins = _number(tree, *path)
        if begins is not None and begins >= last:
            ends = f"the last target closes the position at {last} R: it would never begin"
            yield Problem("/" + "/".join(path), f"must be below {last}; {ends}", shown(begins))


def _session_problems(tree: Tree) -> Iterator[Problem]:
    windows = _at(tree, "session_windows")
    has_windows = bool(windows)
    edges = _at(tree, "forbidden_conditions", "session_edges")
    if _at(tree, "exit_rules", "close_at_session_end") is True and not has_windows:
        yield Problem("/exit_rules/close_at_session_end", "needs session_windows, which are left out")
    if edges is None:
        return
    if not has_windows:
        yield Problem("/forbidden_conditions/session_edges", "needs session_windows, which are left out")
    forbidden = (_number(edges, "first_minutes") or Decimal(0)) + (_number(edges, "last_minutes") or Decimal(0))
    lengths = [_minutes(window) for window in windows] if isinstance(windows, list) else []
    longest = max((length for length in lengths if length is not None), default=None)
    if longest is not None and None not in lengths and forbidden >= longest:
        said = f"the first and last minutes leave nothing of the longest window, {longest} minutes"
        yield Problem("/forbidden_conditions/session_edges", said, shown(forbidden))


def _minutes(window: Tree) -> int | None:
    """Return the length of a session window on its wall clock, or None where it cannot be understood."""
    if isinstance(window, str) and window in NAMED_SESSIONS:
        start, end = NAMED_SESSIONS[window].start, NAMED_SESSIONS[window].end
    else:
        given = (_at(window, "start"), _at(window, "end"))
        if not (is_clock(given[0]) and is_clock(given[1])):
            return None
        start, end = str(given[0]), str(given[1])
    begins, ends = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return ends - begins if ends > begins else ends - begins + MINUTES_PER_DAY


def _side_problems(tree: dict[str, Tree]) -> Iterator[Problem]:
    if tree.get("direction") in (None, _BOTH):
        return
    both = 'goes with "direction": "both" only'
    if "conditions_short" in tree:
        yield Problem("/conditions_short", both)
    stop = _at(tree, "exit_rules", "stop_loss")
    for key in ("series_short", "output_short"):
        if isinstance(stop, dict) and stop.get(key):
            yield Problem(f"/exit_rules/stop_loss/{key}", both, shown(stop[key]))
