"""Seeded damage to documents: every mutation is named by one number, so that a failing one can be made again."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 14, 50, 0.5, 1.5, 1e-9, -0.0, 99, 100, 500, 501, 43200, 2**63, 10**15, 10**40,
    10**400, 1e308, -1e308, float("nan"), float("inf"), 0.1234567890123456789,
    "", " ", "close", "fast", "rsi", "macd.histogram", "bands", "bands.lower", "trend", "volume", "spread", ">",
    "between", "rising", "crosses_below", "M1", "M30", "H1", "D1", "W1", "long", "short", "both", "emnr_v0", "symbol",
    "London", "25:00", "Europe/Nowhere", "USD", "atr", "swing", "points", "percent", "structure", "indicator", "step",
    "uptrend", "doji", "long_upper_wick", "bullish_divergence", "price_above_vwap", "rsi(14)",
    "\ud800", "\x00", "\u202eabc", "é" * 40, "x" * 5000, "🙂", "\x1fatr", "[key]", "/a~1b", "__proto__",
    [], {}, [[]], {"": {}}, ["USD"], [1, 2], [70, 30],
    {"series": "rsi", "shift": 100, "multiple": 0.001}, {"series": "close", "timeframe": "D1"},
    {"left": "spread", "op": "falling", "right": 50}, {"not": "uptrend"}, {"fact": "ema_bullish_cross", "fast": 80},
    {"fact": "price_above_bollinger", "multiple": 0.1}, {"kind": "swing", "strength": 50, "lookback": 100},
    {"kind": "structure", "bars": 500}, {"kind": "indicator", "series": "high"}, {"rr": 50, "fraction": 1},
)  # fmt: skip
_DEEPEST = 40
_SCRAPS = ("", '"', "{", "}", ",", "\\u", "\x00", "9" * 30, "é")
NAMES = ("entry", "not", "fact", "kind", "rr", "conditions_short", "invalidations", "trail", "timeframe", "output", "é")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document as a path of keys and indexes, as deep as a good one could be."""
    if len(path) > _DEEPEST:
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def mutated(seed: int, seeds: list[dict[str, Any]]) -> Any:
    """The document, or the damaged text of one, that ``seed`` stands for."""
    chance = random.Random(seed)
    tree: Any = copy.deepcopy(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        known = list(places(tree))
        if not known:
            break
        path = chance.choice(known)
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        chance.choice(_ACTS)(chance, parent, path[-1], seeds)
    return _damaged_text(chance, tree) if chance.random() < 0.05 else tree


def _delete(_: random.Random, parent: Any, key: Any, __: Any) -> None:
    del parent[key]


def _duplicate(_: random.Random, parent: Any, key: Any, __: Any) -> None:
    if isinstance(parent, list):
        parent.insert(key, copy.deepcopy(parent[key]))
    else:
        parent[f"{key}_2"] = copy.deepcopy(parent[key])


def _replace(chance: random.Random, parent: Any, key: Any, _: Any) -> None:
    parent[key] = copy.deepcopy(chance.choice(JUNK))


def _rename(chance: random.Random, parent: Any, key: Any, _: Any) -> None:
    if isinstance(parent, dict):
        value = parent.pop(key)
        parent[chance.choice((key[:-1], key + "s", key.upper(), *NAMES))] = value


def _deepen(chance: random.Random, parent: Any, key: Any, _: Any) -> None:
    for _ in range(chance.choice((1, 1, 2, 5, 30, 90))):
        inner = parent[key]
        parent[key] = chance.choice(([inner], {"not": inner}, {"all": [inner]}))


def _swap_type(_: random.Random, parent: Any, key: Any, __: Any) -> None:
    value = parent[key]
    if isinstance(value, bool):
        parent[key] = int(value)
    elif isinstance(value, (int, float)):
        parent[key] = str(value)
    elif isinstance(value, str):
        parent[key] = [value]
    elif isinstance(value, list):
        parent[key] = dict(enumerate(value)) if len(value) % 2 else {str(i): item for i, item in enumerate(value)}
    elif isinstance(value, dict):
        parent[key] = list(value.values())


def _nudge(chance: random.Random, parent: Any, key: Any, _: Any) -> None:
    """Change a number a little or a lot, most often to one that is allowed."""
    value = parent[key]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 10**15:
        parent[key] = chance.choice((value + 1, value - 1, value * 2, value / 2, value * 10, -value, value + 0.25))
    else:
        _replace(chance, parent, key, None)


def _graft(chance: random.Random, parent: Any, key: Any, seeds: Any) -> None:
    """Put in a part of any document, most often from a place of the same name."""
    source: Any = chance.choice(seeds)
    known = list(places(source))
    same = [path for path in known if path[-1] == key]
    for step in chance.choice(same or known):
        source = source[step]
    parent[key] = copy.deepcopy(source)


def _add(chance: random.Random, parent: Any, _: Any, seeds: Any) -> None:
    if isinstance(parent, list):
        parent.append(copy.deepcopy(chance.choice(JUNK)))
    else:
        parent[chance.choice(NAMES)] = copy.deepcopy(chance.choice(JUNK))


_ACTS = (
    _delete, _duplicate, _replace, _replace, _rename, _deepen, _swap_type, _nudge, _nudge, _nudge, _graft, _graft,
    _graft, _add,
)  # fmt: skip


def _damaged_text(chance: random.Random, tree: Any) -> str:
    """The document as text, a few characters of it lost, doubled or overwritten."""
    try:
        text = json.dumps(tree, ensure_ascii=False)
    except RecursionError:
        return "[" * 100_000
    for _ in range(chance.randint(0, 3)):
        at, lost = chance.randrange(len(text) + 1), chance.choice((0, 1, 2))
        text = text[:at] + chance.choice(_SCRAPS) + text[at + lost :]
    return text
