import json
from decimal import Decimal
from typing import Any

import pytest
from tests.core.strategy.specs import DOCUMENT, document, with_entry

from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.errors import InvalidStrategy, Problem
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.session import NAMED_SESSIONS, SessionWindow
from tradewarden.core.strategy.document import declared_active, document_digest, json_schema, parse_strategy
from tradewarden.core.strategy.spec import AtrStop, Comparison, NumberOperand, Operator, SeriesOperand, StrategySpec
from tradewarden.core.values import Side

NOT_RUN = "this version of Tradewarden does not run it"


def problems(given: object) -> dict[str, Problem]:
    """The problems of a refused document by pointer."""
    with pytest.raises(InvalidStrategy) as refused:
        parse_strategy(given, source="test.json")
    assert str(refused.value).startswith("test.json: ")
    return {problem.pointer: problem for problem in refused.value.problems}


def the_problem(given: object, pointer: str) -> str:
    found = problems(given)
    assert list(found) == [pointer]
    return str(found[pointer])


def without(path: str) -> dict[str, Any]:
    given = document()
    *parents, key = path.strip("/").split("/")
    place: Any = given
    for parent in parents:
        place = place[parent]
    del place[key]
    return given


def changed(path: str, value: object) -> dict[str, Any]:
    """A good document with `value` at the JSON pointer `path`."""
    given = document()
    *parents, key = path.strip("/").split("/")
    place: Any = given
    for parent in parents:
        place = place[int(parent)] if isinstance(place, list) else place[parent]
    place[int(key) if isinstance(place, list) else key] = value
    return given


class TestAccepted:
    def test_reads_every_part(self) -> None:
        spec = parse_strategy(DOCUMENT)
        assert (spec.name, spec.side, spec.allowed_symbols) == ("Pullback", Side.BUY, ("XAUUSD",))
        assert [indicator.name for indicator in spec.indicators] == ["fast", "slow", "rsi", "atr", "activity"]
        assert (len(spec.entry), len(spec.exit), len(spec.strong), len(spec.weak)) == (3, 1, 2, 1)
        assert spec.session_windows == (
            NAMED_SESSIONS["London"],
            SessionWindow("22:00-02:00 America/New_York", "22:00", "02:00", "America/New_York", (0, 6)),
        )
        assert spec.stop_loss == AtrStop(period=14, multiple=Decimal("1.5"))
        assert [(target.rr, target.fraction) for target in spec.take_profits] == [(Decimal(2), Decimal(1))]
        assert (spec.time_limit_minutes, spec.embargo, spec.max_spread_points) == (240, Embargo(30, 15), 40)
        assert (spec.risk_fraction, spec.max_lot_size) == (Decimal("0.005"), Decimal(1))
        assert (spec.max_concurrent_positions, spec.rr_expectation) == (2, Decimal("1.8"))

    def test_reads_text_bytes_and_objects_alike(self) -> None:
        text = json.dumps(DOCUMENT)
        expected = parse_strategy(DOCUMENT)
        assert parse_strategy(text) == expected
        assert parse_strategy(text.encode()) == expected
        assert parse_strategy(b"\xef\xbb\xbf" + text.encode()) == expected

    def test_fractions_are_exact_decimals(self) -> None:
        (condition,) = parse_strategy(with_entry({"left": "rsi", "op": ">", "right": 40.1})).entry
        assert isinstance(condition, Comparison)
        assert condition.right == (NumberOperand(value=Decimal("40.1")),)

    def test_optional_parts_have_declared_defaults(self) -> None:
        given = document(conditions={"entry": [{"left": "close", "op": "rising"}]})
        for key in ("description", "is_active", "session_windows", "forbidden_conditions", "risk_caps"):
            del given[key]
        del given["rr_expectation"]
        del given["exit_rules"]["time_limit_minutes"]
        spec = parse_strategy(given)
        assert (spec.exit, spec.strong, spec.weak, spec.session_windows) == ((), (), (), ())
        assert (spec.embargo, spec.max_spread_points, spec.risk_fraction, spec.time_limit_minutes) == (None,) * 4
        assert spec.rr_expectation == 1
        assert spec.entry == (
            Comparison(
                left=SeriesOperand(series="close"), op=Operator.RISING, right=(NumberOperand(value=Decimal(1)),)
            ),
        )

    def test_short_strategies_sell(self) -> None:
        assert parse_strategy(document(direction="short")).side is Side.SELL

    def test_specification_is_recorded_and_read_back_unchanged(self) -> None:
        spec = parse_strategy(DOCUMENT)
        again = decode(StrategySpec, json.loads(json.dumps(encode(spec))))
        assert again == spec
        assert hash(again) == hash(spec)


class TestDigest:
    def test_is_the_same_for_every_way_to_write_one_document(self) -> None:
        text = json.dumps(dict(reversed(DOCUMENT.items())), indent=3).replace("60.5", "6.050e1")
        assert document_digest(text) == document_digest(DOCUMENT)

    def test_leaves_the_starting_state_out(self) -> None:
        assert document_digest(document(is_active=False)) == document_digest(DOCUMENT)

    @pytest.mark.parametrize("path", ["/name", "/description", "/allowed_symbols/0"])
    def test_changes_with_any_content(self, path: str) -> None:
        assert document_digest(changed(path, "Other")) != document_digest(DOCUMENT)

    def test_declared_state_is_active_unless_said_otherwise(self) -> None:
        assert declared_active(DOCUMENT) is True
        assert declared_active(without("/is_active")) is True
        assert declared_active(document(is_active=False)) is False


class TestUnreadable:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("", "not valid JSON"),
            ("{", "line 1, column 2"),
            ("[1]", "is a JSON object"),
            ("null", "null says nothing"),
            (3.5, "is a JSON object"),
            ('{"name": NaN}', "NaN is not a number"),
            ('{"name": -Infinity}', "-Infinity is not a number"),
            ('{"name": 1, "name": 2}', 'a key stands twice in one object: "name"'),
            (b"\xff\xfe{", "not UTF-8"),
            ("[" * 100_000, "nested deeper than 24 levels"),
            ('{"a":' * 30 + "1" + "}" * 30, "nested deeper than 24 levels"),
            ('{"name": 1e999999999}', "at most 15 digits"),
            ('{"name": 1e-999999999}', "at most 15 digits"),
            ('{"name": ' + "9" * 5000 + "}", "at most 15 digits"),
            ('{"name": 0.1234567890123456789}', "at most 15 digits"),
            ('{"name": "\\ud800"}', "lone surrogates"),
            ('{"name": "a\\u0000b"}', "control characters"),
            ('{"name": null}', "/name: null says nothing here"),
            ('{"x": "' + "a" * 300_000 + '"}', "at most 262144"),
            ({"name": float("nan")}, "/name: is no finite JSON value"),
            ({1: 2}, "a key of an object is a text"),
            ({"name": object()}, "/name: is no finite JSON value"),
            (10**4000, "at most 15 digits"),
        ],
    )
    def test_is_refused_with_the_reason(self, given: object, message: str) -> None:
        with pytest.raises(InvalidStrategy) as refused:
            parse_strategy(given)
        assert message in str(refused.value)


class TestRefused:
    def test_all_problems_are_reported_at_once(self) -> None:
        given = changed("/indicators/fast/period", 1)
        given["conditions"]["entry"][0]["left"] = "fsat"
        given["timefram"] = given.pop("timeframe")
        given["rr_expectation"] = 3
        given["exit_rules"]["trail"] = {"kind": "atr", "multiple": 1.5, "from_r": 2}
        found = problems(given)
        assert found["/indicators/fast/period"].message == "must be a whole number from 2 to 500"
        assert found["/indicators/fast/period"].found == "1"
        assert found["/conditions/entry/0/left"].suggestion == "fast"
        assert found["/timefram"].suggestion == "timeframe"
        assert found["/timeframe"].message == "is required"
        assert "must be below 2" in found["/exit_rules/trail/from_r"].message
        assert "is above the reward of the only target, 2 R" in found["/rr_expectation"].message

    @pytest.mark.parametrize(
        ("path", "value", "named"),
        [
            ("/timeframe", "H2", '"H2" is known'),
        ],
    )
    def test_what_this_version_does_not_run_is_named(self, path: str, value: object, named: str) -> None:
        message = the_problem(changed(path, value), path)
        assert named in message
        assert NOT_RUN in message

    @pytest.mark.parametrize(
        ("path", "value", "limit"),
        [
            ("/schema_version", 2, "reads schema version 1"),
            ("/schema_version", True, "reads schema version 1"),
            ("/name", "", "at least 1 characters"),
            ("/name", " x", "must match"),
            ("/name", 5, "must be a text"),
            ("/description", "x" * 4001, "at most 4000 characters"),
            ("/is_active", 1, "must be true or false"),
            ("/allowed_symbols", [], "at least 1"),
            ("/allowed_symbols", ["XAUUSD", "XAUUSD"], "stands twice"),
            ("/allowed_symbols/0", "XAU USD", "must match"),
            ("/timeframe", "M7", 'one of "M1"'),
            ("/indicators", [], "must be an object"),
            ("/indicators/fast/kind", "emaa", "did you mean 'ema'"),
            ("/indicators/fast/period", 501, "from 2 to 500"),
            ("/indicators/fast/period", 10.5, "a whole number from 2 to 500"),
            ("/indicators/fast/period", True, "a whole number from 2 to 500"),
            ("/indicators/fast/source", "median", 'one of "open"'),
            ("/indicators/atr/source", "close", "unknown key; known here are kind, timeframe, period"),
            ("/indicators/9x", {"kind": "ema", "period": 5}, "a letter first"),
            ("/indicators/close", {"kind": "ema", "period": 5}, "like a bar column"),
            ("/conditions/entry/0", 7, "must be a comparison"),
            ("/conditions/entry/0", {"all": []}, "at least 1"),
            ("/conditions/entry/0/op", "=>", "did you mean '>'"),
            ("/conditions/entry/0/left", True, "must be an object"),
            ("/conditions/entry/0/right", {"series": "fast", "shift": 101}, "from 0 to 100"),
            ("/conditions/entry/0/right", {"series": "fast", "multiple": 0}, "from 0.001 to 1000"),
            ("/conditions/entry/0/right", "fast", "compares fast with itself"),
            ("/conditions/entry/0/right", "rsi", "different units: 0-100 and price"),
            ("/conditions/entry/0/right", 2e9, "from -1000000000 to 1000000000"),
            ("/conditions/entry/0/right", [1, 2], "> needs one operand in right, it has 2"),
            ("/conditions/entry/1/right", 40, "between needs two bounds"),
            ("/conditions/entry/1/right", [60, 40], "the lower bound 60 is above the upper bound 40"),
            ("/session_windows/0", "Londn", "did you mean 'London'"),
            ("/session_windows/1/start", "7:00", "time of day"),
            ("/session_windows/1/end", "24:00", "time of day"),
            ("/session_windows/1/timezone", "Europe", "IANA time zone"),
            ("/session_windows/1/timezone", "../../etc/passwd", "IANA time zone"),
            ("/session_windows/1/days", [], "at least 1"),
            ("/session_windows/1/days", ["Mon", "Mon"], "stands twice"),
            ("/session_windows/1/days/0", "Monday", "did you mean 'Mon'"),
            ("/exit_rules/stop_loss/multiple", 0, "from 0.1 to 20"),
            ("/exit_rules/take_profit", [], "at least 1"),
            ("/exit_rules/take_profit/0/rr", 51, "from 0.1 to 50"),
            ("/exit_rules/time_limit_minutes", 0, "from 1 to 43200"),
            ("/forbidden_conditions/high_impact_news/before_minutes", -1, "from 0 to 1440"),
            ("/forbidden_conditions/max_spread_points", 0, "from 1 to 100000"),
            ("/risk_caps/risk_fraction", 0.2, "from 0.0001 to 0.1"),
            ("/risk_caps/max_lot_size", 0, "from 0.001 to 1000"),
            ("/risk_caps/max_concurrent_positions", 0, "from 1 to 100"),
            ("/rr_expectation", 2.5, "no idea could ever pass"),
            ("/risk_caps/max_lots", 1, "unknown key; known here are risk_fraction"),
        ],
    )
    def test_names_the_place_and_the_limit(self, path: str, value: object, limit: str) -> None:
        found = problems(changed(path, value))
        assert all(pointer.startswith(path) or path.startswith(pointer) for pointer in found)
        assert limit in " ".join(str(problem) for problem in found.values())

    def test_comparing_numbers_only_says_nothing(self) -> None:
        assert "one side must be a series" in the_problem(
            with_entry({"left": 3, "op": ">", "right": 4}), "/conditions/entry/0"
        )

    @pytest.mark.parametrize("right", [0, 51, 2.5, "fast", [1, 2]])
    def test_movement_takes_a_number_of_bars(self, right: object) -> None:
        condition = {"left": "fast", "op": "rising", "right": right}
        assert "from 1 to 50" in the_problem(with_entry(condition), "/conditions/entry/0")

    def test_problems_inside_groups_have_their_pointer(self) -> None:
        given = with_entry({"any": [{"not": {"left": "fsat", "op": ">", "right": 3}}]})
        assert list(problems(given)) == ["/conditions/entry/0/any/0/not/left"]

    def test_a_group_takes_nothing_beside_its_members(self) -> None:
        given = with_entry({"all": [{"left": "rsi", "op": ">", "right": 3}], "op": ">"})
        assert "unknown key" in the_problem(given, "/conditions/entry/0/op")

    def test_the_number_of_comparisons_is_limited(self) -> None:
        many = [{"left": "rsi", "op": ">", "right": number} for number in range(34)]
        given = with_entry({"any": many}, {"all": many}, {"any": many})
        assert "at most 100 comparisons" in the_problem(given, "/conditions")

    def test_keys_with_slashes_are_escaped_in_the_pointer(self) -> None:
        assert list(problems(document(**{"a/b~c": 1}))) == ["/a~1b~0c"]


class TestSchema:
    def test_is_json_of_the_2020_dialect(self) -> None:
        schema = json_schema()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert json.loads(json.dumps(schema)) == schema

    def test_describes_every_part(self) -> None:
        schema = json_schema()
        parts = {**schema["$defs"], "strategy": schema}
        bare = [
            f"{name}.{key}"
            for name, part in parts.items()
            for key, field in part.get("properties", {}).items()
            if "description" not in field and "$ref" not in field
        ]
        assert bare == []

    def test_knows_no_key_that_the_parser_refuses(self) -> None:
        known = set(json_schema()["properties"])
        assert set(DOCUMENT) <= known
        assert known == set(DOCUMENT) | {"confidence_model", "cool_down_minutes", "conditions_short"}

    def test_never_offers_null(self) -> None:
        assert '"null"' not in json.dumps(json_schema())
        assert ": null" not in json.dumps(json_schema())
