"""Stops, targets, trails, bans, invalidations, facts and higher timeframes in strategy documents."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from tests.core.strategy.specs import document, with_entry

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.timeframe import Timeframe
from tradewarden.core.strategy.document import json_schema, parse_strategy
from tradewarden.core.strategy.facts import FACTS, expand_fact
from tradewarden.core.strategy.spec import (
    AtrStop,
    AtrTrail,
    Comparison,
    Forbidden,
    Group,
    IndicatorStop,
    IndicatorTrail,
    PercentStop,
    PointsStop,
    SeriesOperand,
    StepTrail,
    StrategySpec,
    StructureStop,
    SwingStop,
    Target,
    Volatility,
)

D = Decimal
LEVEL = SeriesOperand(series="slow")


def with_part(*path_and_value: Any) -> dict[str, Any]:
    """A good document in which the last argument stands at the path of the others."""
    *path, value = path_and_value
    given = document()
    place: Any = given
    for key in path[:-1]:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
    place[path[-1]] = value
    return given


def parsed(*path_and_value: Any) -> StrategySpec:
    return parse_strategy(with_part(*path_and_value))


def refusal(given: Any) -> str:
    """All problems of a refused document, one a line."""
    with pytest.raises(InvalidStrategy) as refused:
        parse_strategy(given)
    return "\n".join(str(problem) for problem in refused.value.problems)


class TestStops:
    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            ({"kind": "atr", "multiple": 2, "period": 20}, AtrStop(period=20, multiple=D(2))),
            ({"kind": "atr", "multiple": 1.5}, AtrStop(period=14, multiple=D("1.5"))),
            ({"kind": "points", "points": 300}, PointsStop(points=300)),
            ({"kind": "percent", "fraction": 0.004}, PercentStop(fraction=D("0.004"))),
            ({"kind": "swing"}, SwingStop(strength=3, lookback=100, buffer_points=0)),
            (
                {"kind": "swing", "strength": 2, "lookback": 60, "buffer_points": 20},
                SwingStop(strength=2, lookback=60, buffer_points=20),
            ),
            ({"kind": "structure", "bars": 30, "buffer_points": 5}, StructureStop(bars=30, buffer_points=5)),
            ({"kind": "indicator", "series": "slow"}, IndicatorStop(level=LEVEL, buffer_points=0)),
            (
                {"kind": "indicator", "series": "low", "buffer_points": 3},
                IndicatorStop(level=SeriesOperand(series="low"), buffer_points=3),
            ),
        ],
    )
    def test_every_kind_is_read(self, part: dict[str, Any], expected: object) -> None:
        assert parsed("exit_rules", "stop_loss", part).stop_loss == expected

    @pytest.mark.parametrize("written", [{"series": "b.lower"}, {"series": "b", "output": "lower"}])
    def test_a_band_is_named_either_way(self, written: dict[str, str]) -> None:
        given = with_part("exit_rules", "stop_loss", {"kind": "indicator", **written})
        given["indicators"]["b"] = {"kind": "bollinger"}
        level = SeriesOperand(series="b", output="lower")
        assert parse_strategy(given).stop_loss == IndicatorStop(level=level, buffer_points=0)

    @pytest.mark.parametrize(
        ("part", "said"),
        [
            ({"kind": "atrr"}, "/exit_rules/stop_loss/kind: must be one of atr, points, percent, swing, structure"),
            ({"kind": "atrr"}, "did you mean 'atr'?"),
            ({"multiple": 2}, "/exit_rules/stop_loss/kind: is required"),
            (3, "/exit_rules/stop_loss: must be an object"),
            ({"kind": "points", "multiple": 2}, "/exit_rules/stop_loss/points: is required"),
            (
                {"kind": "points", "multiple": 2},
                "/exit_rules/stop_loss/multiple: unknown key; known here are kind, points",
            ),
            ({"kind": "points", "points": 0}, "whole number from 1 to 1000000"),
            ({"kind": "percent", "fraction": 0.3}, "number from 0.0001 to 0.2"),
            ({"kind": "swing", "strength": 40, "lookback": 60}, "/lookback: must be at least 2 × strength, 80"),
            ({"kind": "structure", "bars": 501}, "whole number from 1 to 500"),
            ({"kind": "indicator", "series": "slwo"}, "/exit_rules/stop_loss/series: no such series"),
            ({"kind": "indicator", "series": "slwo"}, "did you mean 'slow'?"),
            ({"kind": "indicator", "series": "rsi"}, "/exit_rules/stop_loss/series: a stop stands at a price"),
            ({"kind": "indicator", "series": "atr"}, "/exit_rules/stop_loss/series: a stop stands at a price"),
            ({"kind": "indicator", "series": "volume"}, "not one of ticks"),
            (
                {"kind": "indicator", "series": "slow", "output": "x"},
                "/exit_rules/stop_loss/output: slow has one output",
            ),
            (
                {"kind": "indicator", "series": "slow", "output_short": "x"},
                "/exit_rules/stop_loss/output_short: goes with series_short",
            ),
            (
                {"kind": "indicator", "series": "slow", "series_short": "rsi"},
                "/exit_rules/stop_loss/series_short: a stop stands at a price",
            ),
            (
                {"kind": "indicator", "series": "slow", "series_short": "slow"},
                '/exit_rules/stop_loss/series_short: goes with "direction": "both" only',
            ),
        ],
    )
    def test_what_cannot_be_a_stop_is_named(self, part: object, said: str) -> None:
        assert said in refusal(with_part("exit_rules", "stop_loss", part))


class TestTargetsAndTrails:
    def test_several_targets_are_read_in_order(self) -> None:
        targets = [{"rr": 1.5, "fraction": 0.5}, {"rr": 2, "fraction": 0.3}, {"rr": 4, "fraction": 0.2}]
        assert parsed("exit_rules", "take_profit", targets).take_profits == (
            Target(rr=D("1.5"), fraction=D("0.5")),
            Target(rr=D(2), fraction=D("0.3")),
            Target(rr=D(4), fraction=D("0.2")),
        )

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            (
                {"kind": "atr", "multiple": 1.5, "from_r": 1.5},
                AtrTrail(period=14, multiple=D("1.5"), from_r=D("1.5")),
            ),
            ({"kind": "step", "step_r": 0.5}, StepTrail(step_r=D("0.5"), from_r=D(1))),
            (
                {"kind": "indicator", "series": "slow", "buffer_points": 10, "from_r": 0},
                IndicatorTrail(level=LEVEL, buffer_points=10, from_r=D(0)),
            ),
        ],
    )
    def test_every_kind_of_trail_is_read(self, part: dict[str, Any], expected: object) -> None:
        assert parsed("exit_rules", "trail", part).trail == expected

    def test_break_even_and_session_end_are_read(self) -> None:
        spec = parsed("exit_rules", "break_even_at_r", 1)
        assert (spec.break_even_at_r, spec.close_at_session_end) == (D(1), False)
        assert parsed("exit_rules", "close_at_session_end", True).close_at_session_end is True

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("take_profit", [{"rr": 2, "fraction": 0.5}], "/exit_rules/take_profit: the fractions of all targets must"),
            ("take_profit", [{"rr": 2}, {"rr": 3}], "must add up to 1 (found 2)"),
            (
                "take_profit",
                [{"rr": 2, "fraction": 0.5}, {"rr": 2, "fraction": 0.5}],
                "/exit_rules/take_profit/1/rr: must be above the reward of the target before, 2",
            ),
            ("take_profit", [{"rr": 1 + n, "fraction": 0.1} for n in range(6)], "takes at most 5 entries"),
            ("take_profit", [{"rr": 2, "fraction": 0.001}], "number from 0.01 to 1"),
            (
                "take_profit",
                [{"rr": 1, "fraction": 0.5}, {"rr": 2, "fraction": 0.5}],
                "/rr_expectation: is above the reward that the targets give together, weighted by fraction, 1.5 R",
            ),
            ("break_even_at_r", 2, "/exit_rules/break_even_at_r: must be below 2; the last target closes"),
            ("break_even_at_r", 0, "number from 0.05 to 50"),
            ("trail", {"kind": "step", "step_r": 0.5, "from_r": 2.5}, "/exit_rules/trail/from_r: must be below 2"),
            ("trail", {"kind": "atr"}, "/exit_rules/trail/multiple: is required"),
            ("trail", {"kind": "chandelier"}, "/exit_rules/trail/kind: must be one of atr, step, indicator"),
            ("trail", {"kind": "indicator", "series": "rsi"}, "/exit_rules/trail/series: a stop stands at a price"),
            ("trail", {"kind": "step", "step_r": 0}, "/exit_rules/trail/step_r: must be a number from 0.05 to 50"),
        ],
    )
    def test_what_could_never_work_is_refused(self, key: str, value: object, said: str) -> None:
        assert said in refusal(with_part("exit_rules", key, value))

    def test_session_end_needs_session_windows(self) -> None:
        given = with_part("exit_rules", "close_at_session_end", True)
        given["session_windows"] = []
        assert "/exit_rules/close_at_session_end: needs session_windows" in refusal(given)


class TestBans:
    def test_every_ban_is_read(self) -> None:
        part = {
            "high_impact_news": {"before_minutes": 30, "after_minutes": 15},
            "medium_impact_news": {"before_minutes": 10, "after_minutes": 5},
            "currencies": ["USD", "EUR"],
            "max_spread_points": 40,
            "volatility": {"min_atr_percentile": 5, "max_atr_percentile": 95.5, "spike": True},
            "session_edges": {"first_minutes": 15, "last_minutes": 30},
            "rollover": {"before_minutes": 15, "after_minutes": 30},
            "friday_close": {"before_minutes": 120},
            "conditions": [{"left": "rsi", "op": ">", "right": 90}],
        }
        spec = parsed("forbidden_conditions", part)
        assert (spec.embargo, spec.max_spread_points) == (Embargo(30, 15), 40)
        (condition,) = parse_strategy(with_entry({"left": "rsi", "op": ">", "right": 90})).entry
        assert spec.forbidden == Forbidden(
            medium_news=Embargo(10, 5),
            currencies=("USD", "EUR"),
            volatility=Volatility(min_atr_percentile=D(5), max_atr_percentile=D("95.5"), forbid_spike=True),
            session_edges=Embargo(15, 30),
            rollover=Embargo(15, 30),
            before_friday_close=120,
            conditions=(condition,),
        )

    def test_volatility_without_a_limit_forbids_nothing(self) -> None:
        assert parsed("forbidden_conditions", {"volatility": {}}).forbidden == Forbidden()

    @pytest.mark.parametrize(
        ("part", "said"),
        [
            ({"currencies": "all"}, '/forbidden_conditions/currencies: must be "symbol"'),
            (
                {"currencies": ["usd"]},
                "/forbidden_conditions/currencies/0: must be a currency of three",
            ),
            ({"currencies": ["USD", "USD"]}, "stands twice"),
            ({"currencies": []}, "needs at least 1 entries"),
            (
                {"volatility": {"min_atr_percentile": 95, "max_atr_percentile": 5}},
                "/forbidden_conditions/volatility/min_atr_percentile: must be below max_atr_percentile, which is 5",
            ),
            ({"volatility": {"max_atr_percentile": 101}}, "number from 0 to 100"),
            ({"volatility": {"spike": 1}}, "must be true or false"),
            ({"session_edges": {"first_minutes": 721}}, "whole number from 0 to 720"),
            (
                {"session_edges": {"first_minutes": 300, "last_minutes": 240}},
                "/forbidden_conditions/session_edges: the first and last minutes leave nothing of the longest",
            ),
            ({"friday_close": {}}, "/forbidden_conditions/friday_close/before_minutes: is required"),
            ({"rollover": {"befor_minutes": 5}}, "did you mean 'before_minutes'?"),
            (
                {"conditions": [{"left": "rsii", "op": ">", "right": 1}]},
                "/conditions/0/left: no such",
            ),
            ({"conditions": ["rsi_bulish"]}, "did you mean 'rsi_bullish'?"),
        ],
    )
    def test_what_forbids_nothing_or_everything_is_refused(self, part: dict[str, Any], said: str) -> None:
        given = document(session_windows=["London"], forbidden_conditions=part)
        assert said in refusal(given)

    def test_session_edges_need_session_windows(self) -> None:
        given = document(session_windows=[], forbidden_conditions={"session_edges": {"first_minutes": 5}})
        assert "/forbidden_conditions/session_edges: needs session_windows" in refusal(given)

    def test_the_cool_down_and_the_cap_on_open_risk_are_read(self) -> None:
        assert parsed("cool_down_minutes", 60).cool_down_minutes == 60
        assert parsed("risk_caps", "max_open_risk_fraction", 0.02).max_open_risk_fraction == D("0.02")
        assert "whole number from 1 to 43200" in refusal(with_part("cool_down_minutes", 0))

    def test_invalidations_are_conditions_like_others(self) -> None:
        condition = {"left": "close", "op": "<", "right": "slow"}
        spec = parsed("conditions", "invalidations", [condition])
        assert spec.invalidations == parse_strategy(with_entry(condition)).entry


class TestFacts:
    @pytest.mark.parametrize("name", FACTS)
    def test_a_bare_name_is_the_fact_with_its_defaults(self, name: str) -> None:
        spec = parse_strategy(with_entry(name))
        group, hidden = expand_fact(name)
        assert spec.entry == (group,)
        assert set(hidden) <= set(spec.indicators)
        assert parse_strategy(with_entry({"fact": name})) == spec

    def test_parameters_are_read_exactly(self) -> None:
        spec = parse_strategy(with_entry({"fact": "price_below_bollinger", "period": 30, "multiple": 2.5}))
        (group,) = spec.entry
        assert isinstance(group, Group)
        assert group.fact == "price_below_bollinger(period=30, multiple=2.5)"
        assert [each.name for each in spec.indicators if "(" in each.name] == ["bollinger(30,2.5)"]

    def test_facts_stand_wherever_conditions_do_and_share_their_indicators(self) -> None:
        given = with_entry("rsi_bullish", {"any": ["rsi_oversold", {"not": "rsi_overbought"}]})
        given["forbidden_conditions"]["conditions"] = [{"fact": "rsi_overbought", "period": 5}]
        spec = parse_strategy(given)
        assert [each.name for each in spec.indicators if "(" in each.name] == ["rsi(14)", "rsi(5)"]

    @pytest.mark.parametrize(
        ("condition", "said"),
        [
            ("macd_bulish_cross", "/conditions/entry/0: no such fact; known are"),
            ("macd_bulish_cross", "did you mean 'macd_bullish_cross'?"),
            ({"fact": "emas"}, "/conditions/entry/0/fact: must be one of"),
            ({"fact": 3}, "/conditions/entry/0/fact: must be one of"),
            ({"fact": "doji", "period": 3}, "/conditions/entry/0/period: unknown key; known here are fact"),
            ({"fact": "price_above_ema", "perod": 3}, "did you mean 'period'?"),
            (
                {"fact": "price_above_ema", "period": 1},
                "/entry/0/period: must be a whole number from 2 to 500",
            ),
            ({"fact": "ema_bullish_cross", "fast": 60}, "/conditions/entry/0/fast: must be below slow"),
            ({"not": "uptrnd"}, "/conditions/entry/0/not: no such fact"),
        ],
    )
    def test_what_is_no_fact_is_named(self, condition: object, said: str) -> None:
        assert said in refusal(with_entry(condition))

    @pytest.mark.parametrize("condition", ["price_above_vwap", {"fact": "price_below_vwap"}])
    def test_hours_of_a_day_need_bars_within_a_day(self, condition: object) -> None:
        given = with_entry(condition) | {"timeframe": "D1", "indicators": {}}
        assert "it needs bars shorter than D1" in refusal(given)


class TestTimeframes:
    def test_an_indicator_reads_higher_bars(self) -> None:
        spec = parsed("indicators", "slow", {"kind": "sma", "period": 30, "timeframe": "H4"})
        assert [each.timeframe for each in spec.indicators if each.name == "slow"] == [Timeframe.H4]

    def test_the_strategys_own_timeframe_is_the_same_as_none(self) -> None:
        assert parsed("indicators", "slow", {"kind": "sma", "period": 30, "timeframe": "M15"}) == parsed(
            "indicators", "slow", {"kind": "sma", "period": 30}
        )

    def test_a_bar_column_reads_higher_bars(self) -> None:
        left = {"series": "close", "timeframe": "H1", "shift": 2}
        (condition,) = parse_strategy(with_entry({"left": left, "op": "rising"})).entry
        assert isinstance(condition, Comparison)
        assert condition.left == SeriesOperand(series="close", shift=2, timeframe=Timeframe.H1)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                with_part("indicators", "slow", {"kind": "sma", "period": 3, "timeframe": "M5"}),
                "/indicators/slow/timeframe: must be the strategy's timeframe M15 or a higher one",
            ),
            (
                with_entry({"left": {"series": "close", "timeframe": "M1"}, "op": "rising"}),
                "/conditions/entry/0/left/timeframe: must be the strategy's timeframe M15 or a higher one",
            ),
            (
                with_entry({"left": {"series": "slow", "timeframe": "H1"}, "op": "rising"}),
                "/conditions/entry/0/left/timeframe: timeframe goes with a bar column",
            ),
            (
                with_part("indicators", "v", {"kind": "vwap", "timeframe": "D1"}),
                "/indicators/v/kind: vwap looks at the hours of a day",
            ),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, given: dict[str, Any], said: str) -> None:
        assert said in refusal(given)


def test_all_contradictions_are_reported_beside_other_problems() -> None:
    given = copy.deepcopy(document(name="", session_windows=[]))
    given["exit_rules"] = {
        "stop_loss": {"kind": "points", "points": 0},
        "take_profit": [{"rr": 3, "fraction": 0.5}, {"rr": 2, "fraction": 0.4}],
        "break_even_at_r": 5,
        "close_at_session_end": True,
    }
    found = refusal(given)
    for pointer in (
        "/name:",
        "/exit_rules/stop_loss/points:",
        "/exit_rules/take_profit/1/rr:",
        "/exit_rules/take_profit:",
        "/exit_rules/break_even_at_r:",
        "/exit_rules/close_at_session_end:",
    ):
        assert pointer in found


def test_every_field_of_the_schema_has_a_description_and_examples() -> None:
    schema = json_schema()
    parts = {**schema["$defs"], "strategy": schema}
    bare = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, field in part.get("properties", {}).items()
        if not (field.get("description") and field.get("examples"))
    ]
    assert bare == []
    assert all(part.get("description") for part in schema["$defs"].values())
