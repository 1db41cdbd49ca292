"""Mutated documents: never a crash, and what is accepted can always be evaluated and recorded."""

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.indicators.series import walk
from tests.core.strategy.specs import DOCUMENT, EVERY_KIND, document

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.session import NEW_YORK_CLOSE
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import document_digest, parse_strategy
from tradewarden.core.strategy.evaluate import Evaluation, evaluate, own_bars_required
from tradewarden.core.strategy.spec import StrategySpec

WALK = walk(16_000)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-2, max_value=600),
    st.floats(),
    st.decimals(allow_nan=True),
    st.text(max_size=8),
    st.sampled_from(
        [
            "close",
            "fast",
            "rsi",
            "volume",
            "spread",
            "crosses_above",
            "rising",
            "between",
            "not",
            "M5",
            "short",
            "Tokyo",
            "macd",
            "session_range",
            "swings",
            "my_macd.line",
            "week",
        ]
    ),
    st.just([]),
    st.just({}),
    st.just({"series": "rsi", "shift": 100, "multiple": 0.001}),
    st.just({"not": {"left": "spread", "op": "falling", "right": 50}}),
    st.just({"left": "volume", "op": "<=", "right": {"series": "volume", "shift": 3}}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document as a path of keys and indexes."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


@st.composite
def of_any_kinds(draw: st.DrawFn) -> Any:
    """A good document of one to six indicators of any kind, each output of which is compared with itself before."""
    names = draw(st.lists(st.sampled_from(sorted(EVERY_KIND)), min_size=1, max_size=6, unique=True))
    conditions = [
        {"left": {"series": key, "shift": draw(st.integers(0, 5))}, "op": draw(st.sampled_from(["rising", "falling"]))}
        for name in names
        for key in KINDS[EVERY_KIND[name]["kind"]].keys(name)
    ]
    indicators = {name: EVERY_KIND[name] for name in names}
    return document(indicators=indicators, conditions={"entry": [{"any": conditions}]})


@st.composite
def mutated(draw: st.DrawFn, good: st.SearchStrategy[Any]) -> Any:
    """A good document in which one to four things were replaced, removed, moved or added."""
    changed: Any = copy.deepcopy(draw(good))
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        known = list(places(changed))
        if not known:
            break
        path = draw(st.sampled_from(known))
        parent = changed
        for key in path[:-1]:
            parent = parent[key]
        act = draw(st.sampled_from(["replace", "remove", "copy", "add"]))
        if act == "replace":
            parent[path[-1]] = copy.deepcopy(draw(JUNK))
        elif act == "remove":
            del parent[path[-1]]
        elif act == "copy":
            source = changed
            for key in draw(st.sampled_from(known)):
                source = source[key]
            parent[path[-1]] = copy.deepcopy(source)
        elif isinstance(parent, dict):
            parent[draw(st.text(max_size=5))] = copy.deepcopy(draw(JUNK))
        else:
            parent.append(copy.deepcopy(draw(JUNK)))
    return changed


def bars_for(spec: StrategySpec) -> Bars:
    bars = WALK.window(0, own_bars_required(spec))
    seconds = spec.timeframe.seconds
    opened_at = bars.opened_at[0] + (bars.opened_at - bars.opened_at[0]) // Timeframe.M15.seconds * seconds
    return Bars(
        symbol=bars.symbol,
        timeframe=spec.timeframe,
        opened_at=opened_at,
        ended_at=opened_at + seconds,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        spread=bars.spread,
    )


def assert_refused_or_usable(given_document: Any) -> None:
    """Parsing ends in named problems or in a strategy that can be evaluated and recorded."""
    try:
        spec = parse_strategy(given_document)
    except InvalidStrategy as refused:
        problems = refused.problems
    else:
        assert_usable(spec, given_document)
        return
    assert problems
    assert all(str(problem) for problem in problems)


# Of these a value may be unknown although every bar is there: no swing yet, a band of no width.
MAY_BE_UNKNOWN = {
    "swings",
    "bollinger",
    "stochastic",
    "williams_r",
    "cci",
    "mfi",
    "rsi",
    "roc",
    "session_range",
    "vwap",
}


def assert_usable(spec: StrategySpec, given_document: Any) -> None:
    evaluation = evaluate(spec, bars_for(spec), tick_size=Decimal("0.01"), server_clock=NEW_YORK_CLOSE)
    assert evaluation.refusal is None
    if MAY_BE_UNKNOWN.isdisjoint(indicator.kind for indicator in spec.indicators if indicator.name != "rsi"):
        assert not any(result.unknown for result in evaluation.conditions)
    assert decode(Evaluation, encode(evaluation)) == evaluation
    assert decode(StrategySpec, encode(spec)) == spec
    assert len(document_digest(given_document)) == 64


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(st.just(DOCUMENT)))
def test_a_mutated_document_is_refused_or_can_be_evaluated(given_document: Any) -> None:
    assert_refused_or_usable(given_document)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(of_any_kinds())
def test_any_kinds_together_can_be_evaluated_and_recorded(given_document: Any) -> None:
    assert_usable(parse_strategy(given_document), given_document)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(of_any_kinds()))
def test_mutated_indicators_of_any_kind_are_refused_or_can_be_evaluated(given_document: Any) -> None:
    assert_refused_or_usable(given_document)


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_text_is_refused_or_can_be_evaluated(data: st.DataObject) -> None:
    text = json.dumps(DOCUMENT)
    start = data.draw(st.integers(min_value=0, max_value=len(text)))
    cut = data.draw(st.integers(min_value=0, max_value=3))
    damaged = text[:start] + data.draw(st.text(max_size=2)) + text[start + cut :]
    assert_refused_or_usable(damaged)


@given(st.recursive(JUNK, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))
def test_any_value_at_all_is_refused_without_a_crash(value: Any) -> None:
    with pytest.raises(InvalidStrategy):
        parse_strategy(value)


def test_the_examples_are_the_strategies_that_are_shipped(repository: Path) -> None:
    examples = repository / "examples" / "strategies"
    shipped = repository / "src" / "tradewarden" / "resources" / "strategies"
    names = {path.name for path in examples.glob("*.json")}
    assert names == {path.name for path in shipped.glob("*.json")} - {"demo_pulse.json"}
    for name in names:
        assert (examples / name).read_bytes() == (shipped / name).read_bytes()
