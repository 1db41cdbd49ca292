"""Mutated legacy files: no crash, no document that the parser refuses, no value without a line in the report."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.strategy.legacy_files import PROFILE, RULES, imported, json_file, table_file

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.document import parse_strategy
from tradewarden.core.strategy.document.reading import child
from tradewarden.core.strategy.legacy import FindingKind, LegacyFile, RiskUnit, SourceKind, Translation
from tradewarden.core.strategy.legacy.facts import known_names
from tradewarden.core.strategy.legacy.options import ImportOptions

LEVELS = st.from_regex(r"rsi_(gt|lt|between)_[0-9]{1,4}(_[0-9]{1,3})?", fullmatch=True)
WORDS = st.one_of(st.sampled_from(known_names()), LEVELS)
JUNK = st.one_of(
    st.booleans(),
    st.integers(-3, 600),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False).map(float),
    st.text(max_size=8),
    WORDS,
    st.sampled_from(["London", "07:00-11:00", "both", "short", "D1", "M1", "Asia", "H1 ", "x" * 90]),
    st.lists(WORDS, max_size=6),
    st.just([]),
    st.just({}),
    st.just({"start": "22:00", "end": "02:00", "timezone": "Asia/Tokyo", "days": ["Fri", "Mon"]}),
)
TABLES = st.sampled_from(
    [
        table_file("sessions.csv", "name,start,end,timezone,days", "London,22:00,23:59,,", "Open,7:5,8:00,UTC,Mon"),
        table_file("sessions.csv", "canonical,trade_start_utc,trade_end_utc", "EURUSD,22:00,02:00"),
        table_file("symbol_map.csv", "canonical,broker_symbol,enabled", "EURUSD,EURUSD.m,false"),
        table_file("risk_limits.csv", "key,value", "max_lots,1", "risk_per_trade_pct,0.01"),
    ]
)
EVERYTHING = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a file as a path of keys and indexes."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


@st.composite
def mutated(draw: st.DrawFn, base: dict[str, Any]) -> dict[str, Any]:
    """A copy of ``base`` in which up to three places hold something else, nothing, or a neighbour."""
    made = copy.deepcopy(base)
    for _ in range(draw(st.integers(0, 3))):
        found = list(places(made))
        if not found:
            break
        *parents, last = draw(st.sampled_from(found))
        place: Any = made
        for key in parents:
            place = place[key]
        act = draw(st.sampled_from(["replace", "remove", "add"]))
        if act == "remove":
            del place[last]
        elif act == "add" and isinstance(place, dict):
            place[draw(st.text(min_size=1, max_size=6))] = copy.deepcopy(draw(JUNK))
        else:
            place[last] = copy.deepcopy(draw(JUNK))
    return made


@st.composite
def imports(draw: st.DrawFn) -> tuple[list[LegacyFile], ImportOptions]:
    """A rule file, perhaps a profile, tables, and choices."""
    files: list[LegacyFile] = []
    pairs = [("rules.json", mutated(RULES)), ("profile.json", st.one_of(st.none(), mutated(PROFILE)))]
    for source, made in pairs:
        content = draw(made)
        if content is None:
            continue
        try:
            files.append(json_file(content, source))
        except InvalidStrategy:
            continue  # what no JSON file can hold never reaches the translation
    files += draw(st.lists(TABLES, max_size=2, unique_by=lambda file: file.source))
    options = ImportOptions(
        risk_unit=draw(st.sampled_from(RiskUnit)), leave_out=frozenset(draw(st.lists(WORDS, max_size=2)))
    )
    return files, options


def rule_files(translation: Translation) -> int:
    return sum(source.kind is SourceKind.RULES for source in translation.sources)


@EVERYTHING
@given(imports())
def test_a_translation_is_a_document_that_the_parser_accepts_or_a_refusal(
    made: tuple[list[LegacyFile], ImportOptions],
) -> None:
    files, options = made
    found = imported(*files, options=options)
    for strategy in found.strategies:
        spec = parse_strategy(strategy.text)
        assert spec.name == strategy.name
        assert json.loads(strategy.text) == strategy.document
    assert found.refusals or len(found.strategies) == rule_files(found)
    assert all(str(finding) for finding in found.findings)


@EVERYTHING
@given(mutated(RULES))
def test_no_value_of_a_rule_file_goes_without_a_line(content: dict[str, Any]) -> None:
    try:
        file = json_file(content)
    except InvalidStrategy:
        return
    found = imported(file)
    told = {finding.place for finding in found.findings}
    if "" in {each.place for each in found.findings if each.kind is not FindingKind.CHANGED}:
        return  # the file as a whole was refused
    for path in places(content):
        pointers = [""]
        for key in path:
            pointers.append(child(pointers[-1], key))
        assert (
            told & set(pointers[1:])
            or any(place.startswith(f"{pointers[-1]}/") for place in told)
            or (_is_empty(content, path))
        ), (path, told)


def _is_empty(content: dict[str, Any], path: tuple[Any, ...]) -> bool:
    """Return whether an empty object or list stands at ``path``: there is no value to say anything of."""
    value: Any = content
    for key in path:
        value = value[key]
    return value in ({}, []) and not isinstance(value, bool)


def test_the_same_files_give_the_same_report_in_any_order_of_reading() -> None:
    files = [json_file(RULES), json_file(PROFILE, "profile.json"),
             table_file("symbol_map.csv", "canonical,broker_symbol", "EURUSD,EURUSD.m")]  # fmt: skip
    first, second = imported(*files), imported(*reversed(files))
    assert [each.document for each in first.strategies] == [each.document for each in second.strategies]
    assert sorted(map(str, first.findings)) == sorted(map(str, second.findings))
