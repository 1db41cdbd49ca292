"""Documents of any shape: refused with named problems, or evaluated on real bars to a decision that is recorded."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.builders import NOW, a_quote, a_snapshot, a_strategy, some_inputs
from tests.core.indicators.series import real_bars
from tests.core.strategy.mutations import mutated
from tests.core.strategy.rulebook_documents import RULEBOOK, WRITTEN, documents, seeds

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.decision import EvaluateRequest, decide, decision_digest
from tradewarden.core.errors import InvalidStrategy, Problem
from tradewarden.core.ideas import NoIdea, draft
from tradewarden.core.market.bars import Bars
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import ParsedStrategy, document_digest, json_schema, parse_sides
from tradewarden.core.strategy.evaluate import required_bars
from tradewarden.core.strategy.spec import StrategySpec, StrategyVersion
from tradewarden.core.values import Side

SOAK_MUTATIONS = int(os.environ.get("TRADEWARDEN_MUTATIONS", "100000"))
Window = Callable[[Timeframe, int], Bars]


@pytest.fixture(scope="module")
def window(test_data: Path) -> Window:
    """Real EURUSD prices as the newest bars of any timeframe: one a bar, each ending where the last begins, by now."""
    real = real_bars(test_data, "eurusd_utc/EURUSD_M1", "EURUSD", Timeframe.M1)

    @cache
    def newest(timeframe: Timeframe, count: int) -> Bars:
        assert count <= len(real), f"{count} {timeframe} bars are needed, {len(real)} are there"
        part = real.window(len(real) - count, len(real))
        ended_at = int(NOW.timestamp()) - timeframe.seconds * np.arange(count - 1, -1, -1, dtype=np.int64)
        return replace(part, timeframe=timeframe, opened_at=ended_at - timeframe.seconds, ended_at=ended_at)

    return newest


@pytest.fixture(scope="module")
def good(repository: Path) -> list[dict[str, Any]]:
    return seeds(repository / "examples" / "strategies")


def snapshot_for(parsed: ParsedStrategy, window: Window) -> MarketSnapshot:
    needed: dict[Timeframe, int] = {}
    for spec in parsed.sides:
        for timeframe, count in required_bars(spec).items():
            needed[timeframe] = max(count, needed.get(timeframe, 0))
    bars = tuple(window(timeframe, count) for timeframe, count in needed.items())
    close = float(bars[0].close[-1])
    quote = a_quote(f"{close:.5f}", f"{close + 0.0001:.5f}")
    return a_snapshot(bars=bars, quote=quote)


def assert_decided(parsed: ParsedStrategy, window: Window) -> None:
    """Every side is evaluated, scored, judged and recorded; levels stand where they must."""
    snapshot = snapshot_for(parsed, window)
    version = replace(a_strategy(), spec=parsed.spec, short=parsed.short)
    for spec in parsed.sides:
        inputs = some_inputs(EvaluateRequest(side=spec.side), snapshot=snapshot, strategy=version)
        decision = decide(inputs)
        assert decision.evaluation is not None
        assert decision.evaluation.refusal is None
        assert decision.confidence is not None
        assert len(decision_digest(decision)) == 64
        assert decode(StrategySpec, encode(spec)) == spec
        held = replace(decision.evaluation, entry=True, exit=False, invalid=False)
        idea = draft(version.on_side(spec.side), snapshot, held, inputs.policy.policy, decision_id="d" * 32)
        if isinstance(idea, NoIdea):
            assert idea.reason
            continue
        sign = spec.side.sign
        prices = [idea.stop_loss, idea.entry, *idea.take_profits]
        assert prices == sorted(prices, reverse=spec.side is Side.SELL), (sign, prices)
        assert idea.stop_loss > 0
        assert sum(idea.fractions) in (0, 1)


def problems_of(given_document: Any) -> tuple[Problem, ...] | ParsedStrategy:
    """Return the problems of a document, or what it was parsed to."""
    try:
        return parse_sides(given_document)
    except InvalidStrategy as refused:
        return refused.problems


def outcome(given_document: Any, window: Window) -> str:
    """Return ``refused`` or ``accepted``; anything else is an error."""
    found = problems_of(given_document)
    if isinstance(found, ParsedStrategy):
        assert_decided(found, window)
        assert len(document_digest(given_document)) == 64
        return "accepted"
    assert found
    assert all(problem.message and len(str(problem)) < 5000 for problem in found)
    return "refused"


def run_mutations(numbers: range, good: list[dict[str, Any]], window: Window) -> Counter[str]:
    found: Counter[str] = Counter()
    for number in numbers:
        try:
            found[outcome(mutated(number, good), window)] += 1
        except Exception as error:
            raise AssertionError(f"mutation {number}: {type(error).__name__}: {error}") from error
    return found


def test_the_documents_that_mutations_begin_with_are_good(good: list[dict[str, Any]], window: Window) -> None:
    assert [outcome(each, window) for each in good] == ["accepted"] * len(good)


def test_mutated_documents_are_refused_or_decided(good: list[dict[str, Any]], window: Window) -> None:
    found = run_mutations(range(1500), good, window)
    assert min(found["refused"], found["accepted"]) > 150, found


@pytest.mark.soak
def test_a_hundred_thousand_mutated_documents_are_refused_or_decided(
    good: list[dict[str, Any]], window: Window
) -> None:
    found = run_mutations(range(SOAK_MUTATIONS), good, window)
    print(f"{SOAK_MUTATIONS} mutations: {dict(found)}")
    assert found.total() == SOAK_MUTATIONS


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(documents())
def test_generated_documents_are_decided_on_both_sides_and_match_the_schema(window: Window, made: Any) -> None:
    found = problems_of(made)
    if not isinstance(found, ParsedStrategy):
        # A generated condition may compare a series with itself, or have no mirror image: both are named.
        assert all("with itself" in each.message or "mirrored" in each.message for each in found), list(map(str, found))
        return
    assert_decided(found, window)
    version = replace(a_strategy(), spec=found.spec, short=found.short)
    assert decode(StrategyVersion, encode(version)) == version


@cache
def validator() -> Any:
    return jsonschema.Draft202012Validator(json_schema())


class TestSchema:
    def test_is_a_schema(self) -> None:
        jsonschema.Draft202012Validator.check_schema(json_schema())

    def test_accepts_every_good_document(self, good: list[dict[str, Any]]) -> None:
        for each in good:
            validator().validate(each)

    def test_accepts_whatever_the_parser_accepts(self, good: list[dict[str, Any]]) -> None:
        for number in range(400):
            given_document = mutated(number, good)
            if isinstance(given_document, dict) and isinstance(problems_of(given_document), ParsedStrategy):
                validator().validate(given_document)

    @pytest.mark.parametrize(
        "damage",
        [{"timeframe": "M7"}, {"direction": "up"}, {"extra": 1}, {"indicators": {"x": {"kind": "emaa"}}}, {"name": ""}],
    )
    def test_refuses_what_is_wrong_by_shape(self, damage: dict[str, Any]) -> None:
        assert not validator().is_valid(RULEBOOK | damage)

    def test_examples_of_every_field_are_what_the_field_accepts(self) -> None:
        schema = json_schema()
        for name, part in {**schema["$defs"], "strategy": schema}.items():
            for key, field in part.get("properties", {}).items():
                checker = jsonschema.Draft202012Validator({**field, "$defs": schema["$defs"]})
                for example in field["examples"]:
                    assert checker.is_valid(example), f"{name}.{key}: {example!r}"


def test_the_whole_rulebook_says_the_same_however_it_is_written(window: Window) -> None:
    for given_document in (RULEBOOK, WRITTEN):
        assert parse_sides(given_document) == parse_sides(dict(reversed(given_document.items())))
