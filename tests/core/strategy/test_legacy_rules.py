"""Legacy rule files and profiles as strategy documents: the meaning of every part, and what is said about it."""

from decimal import Decimal
from typing import Any

import pytest
from tests.core.indicators.series import walk
from tests.core.strategy.legacy_files import (
    PROFILE,
    RULES,
    changed,
    document,
    findings,
    imported,
    json_file,
    refusals,
    table_file,
)

from tradewarden.core.strategy.document import parse_sides, parse_strategy
from tradewarden.core.strategy.evaluate import evaluate, own_bars_required
from tradewarden.core.strategy.legacy import FindingKind, ImportOptions, RiskUnit, Translation
from tradewarden.core.strategy.spec import AtrStop, AtrTrail, ConfidenceModel


def rules(path: str = "", value: Any = None, *, options: ImportOptions | None = None) -> Translation:
    """Import the sample rules with one change."""
    return imported(json_file(changed(RULES, path, value) if path else RULES), options=options)


def with_profile(path: str = "", value: Any = None, base: dict[str, Any] | None = None) -> Translation:
    """Import the sample rules, or ``base``, with the sample profile, in which one thing is changed."""
    profile = changed(PROFILE, path, value) if path else PROFILE
    return imported(json_file(base or RULES), json_file(profile, "profile.json"))


def entry(*facts: str) -> list[Any]:
    """Return the entry conditions that the facts become."""
    made: list[Any] = document(rules("conditions/entry", list(facts)))["conditions"]["entry"]
    return made


def why(translation: Translation, place: str) -> str:
    """Return why the value at ``place`` changed its meaning."""
    found = findings(translation, FindingKind.CHANGED, place)
    assert found, [str(each) for each in translation.findings]
    return " ".join(f"{each.became}: {each.why}" for each in found)


def test_a_rule_file_becomes_a_document_that_the_parser_accepts() -> None:
    found = document(rules())
    assert found == {
        "schema_version": 1,
        "name": "EURUSD H1",
        "description": "Imported from rules.json.",
        "is_active": True,
        "allowed_symbols": ["EURUSD"],
        "timeframe": "H1",
        "direction": "long",
        "indicators": {
            "rsi": {"kind": "rsi", "period": 14},
            "macd": {"kind": "macd", "fast": 12, "slow": 26, "signal": 9},
        },
        "conditions": {
            "entry": [
                {"fact": "ema_fast_above_slow", "fast": 20, "slow": 50},
                {"left": "rsi", "op": "between", "right": [40, 60]},
            ],
            "exit": [{"fact": "rsi_overbought", "period": 14, "level": 30}],
            "strong": [{"left": "macd.histogram", "op": ">", "right": 0}],
            "weak": [{"fact": "long_upper_wick", "body_multiple": 2}],
            "invalidations": [{"fact": "price_below_ema", "period": 50}],
        },
        "session_windows": ["London"],
        "exit_rules": {
            "stop_loss": {"kind": "atr", "multiple": 1.5, "period": 14},
            "take_profit": [{"rr": 2, "fraction": 1}],
        },
        "forbidden_conditions": {
            "high_impact_news": {"before_minutes": 30, "after_minutes": 30},
            "currencies": "symbol",
        },
        "risk_caps": {"risk_fraction": 0.01},
        "rr_expectation": 1.8,
        "confidence_model": "emnr_v0",
    }
    spec = parse_strategy(imported(json_file(RULES)).strategies[0].text)
    assert spec.stop_loss == AtrStop(period=14, multiple=spec.stop_loss.multiple)  # type: ignore[union-attr]
    assert spec.confidence_model is ConfidenceModel.EMNR_V0
    assert len(spec.invalidations) == 1


def test_every_value_of_a_file_ends_in_the_report() -> None:
    """A value that no line of the report names was dropped silently."""
    places = {each.place for each in rules().findings}
    assert {
        "/symbol", "/sessions/0", "/indicators/rsi", "/indicators/atr", "/indicators/atr/multiplier",
        "/conditions/entry/0", "/conditions/entry/1", "/conditions/exit/0", "/conditions/strong/0",
        "/conditions/weak/0", "/strategy/direction", "/strategy/min_rr", "/strategy/news_embargo_minutes",
        "/strategy/invalidations/0", "/strategy/max_risk_pct",
    } <= places  # fmt: skip


@pytest.mark.parametrize(
    ("legacy", "becomes"),
    [
        ("ema_fast_lt_slow", {"fact": "ema_fast_below_slow", "fast": 20, "slow": 50}),
        ("ema_cross_up", {"fact": "ema_bullish_cross", "fast": 20, "slow": 50}),
        ("ema_cross_down", {"fact": "ema_bearish_cross", "fast": 20, "slow": 50}),
        ("price_above_ema_fast", {"fact": "price_above_ema", "period": 20}),
        ("price_above_ema_slow", {"fact": "price_above_ema", "period": 50}),
        ("price_close_lt_ema_slow", {"fact": "price_below_ema", "period": 50}),
        ("close_below_ema_slow", {"fact": "price_below_ema", "period": 50}),
        ("price_below_ema", {"fact": "price_below_ema", "period": 50}),
        ("rsi_lt_30", {"fact": "rsi_oversold", "period": 14, "level": 30}),
        ("rsi_leaves_oversold", {"fact": "rsi_leaves_oversold", "period": 14, "level": 30}),
        ("rsi_gt_55", {"left": "rsi", "op": ">", "right": 55}),
        ("rsi_below_45", {"left": "rsi", "op": "<", "right": 45}),
        ("macd_hist_lt_0", {"left": "macd.histogram", "op": "<", "right": 0}),
        ("macd_line_gt_signal", {"left": "macd.line", "op": ">", "right": "macd.signal"}),
        ("macd_cross_up", {"fact": "macd_bullish_cross", "fast": 12, "slow": 26, "signal": 9}),
        ("atr_above_median", {"fact": "atr_above_median", "period": 14, "bars": 50}),
        ("divergence_bullish", {"fact": "bullish_divergence", "oscillator": "rsi", "period": 14}),
        ("uptrend", {"fact": "uptrend", "fast": 20, "slow": 50}),
        ("volume_above_average", "volume_above_average"),
        ("Bullish_Engulfing ", "bullish_engulfing"),
    ],
)
def test_a_fact_keeps_its_meaning_with_the_parameters_of_the_file(legacy: str, becomes: Any) -> None:
    assert entry(legacy) == [becomes]


def test_levels_of_the_block_are_what_the_earlier_console_compared_with() -> None:
    found = rules("indicators/rsi", {"period": 7, "overbought": 80, "oversold": 15})
    made = document(found)["conditions"]
    assert made["exit"] == [{"fact": "rsi_overbought", "period": 7, "level": 20}]
    assert "overbought level, 80" in why(found, "/conditions/exit/0")


def test_facts_that_were_never_computed_there_are_pointed_out() -> None:
    found = rules("conditions/weak", ["divergence_bearish"])
    assert "never computed" in why(found, "/conditions/weak/0")
    bare = rules("indicators", {})
    assert "no ema block" in why(bare, "/conditions/entry/0")


@pytest.mark.parametrize(
    ("fact", "nearest"),
    [
        ("ema_fast_gt_slw", "ema_fast_gt_slow"),
        ("rsi_overbougt", "rsi_overbought"),
        ("macd_hist_gt_1", "macd_hist_gt_0"),
        ("rsi_gt_700", "rsi_gt_70"),
        ("atr_expanding", ""),
        ("macro_contra_surge", ""),
        ("sideways", ""),
    ],
)
@pytest.mark.parametrize("place", ["conditions/entry", "conditions/weak", "strategy/invalidations"])
def test_an_unknown_fact_is_refused_with_the_nearest_name_and_never_dropped(
    fact: str, nearest: str, place: str
) -> None:
    found = rules(place, ["ema_fast_gt_slow", fact])
    assert not found.strategies
    told = refusals(found)[f"/{place}/1"]
    assert told.startswith(fact)
    assert told.endswith(nearest)


def test_a_person_may_leave_out_a_fact_by_name_but_no_entry_condition() -> None:
    without = ImportOptions(leave_out=frozenset({"macro_contra_surge", "rsi_between_40_60"}))
    found = rules("strategy/invalidations", ["close_below_ema_slow", "macro_contra_surge"], options=without)
    made = document(found)["conditions"]
    assert len(made["invalidations"]) == 1
    assert len(made["entry"]) == 2
    assert findings(found, FindingKind.LEFT_OUT, "/strategy/invalidations/1")


def test_several_exit_facts_close_by_any_of_them_and_the_report_says_so() -> None:
    found = rules("conditions/exit", ["rsi_gt_70", "price_close_lt_ema_slow"])
    assert len(document(found)["conditions"]["exit"]) == 2
    assert "any of them closes" in why(found, "/conditions/exit")


def test_percent_of_risk_becomes_a_fraction_and_a_doubtful_figure_is_pointed_out() -> None:
    assert document(rules("strategy/max_risk_pct", 0.5))["risk_caps"] == {"risk_fraction": 0.005}
    doubtful = rules("strategy/max_risk_pct", 0.01)
    assert document(doubtful)["risk_caps"] == {"risk_fraction": 0.0001}
    assert "--risk-unit fraction" in why(doubtful, "/strategy/max_risk_pct")
    fractions = ImportOptions(risk_unit=RiskUnit.FRACTION)
    assert document(rules("strategy/max_risk_pct", 0.01, options=fractions))["risk_caps"] == {"risk_fraction": 0.01}
    assert "allowed" in refusals(rules("strategy/max_risk_pct", 1, options=fractions))["/strategy/max_risk_pct"]


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("symbol", None, "/symbol"),
        ("symbol", "EUR USD", "/symbol"),
        ("timeframe", "H7", "/timeframe"),
        ("timeframe", 60, "/timeframe"),
        ("conditions", None, "/conditions"),
        ("conditions", [], "/conditions"),
        ("conditions/entry", [], "/conditions/entry"),
        ("conditions/entry", "ema_fast_gt_slow", "/conditions/entry"),
        ("conditions/entry", [1], "/conditions/entry/0"),
        ("conditions/entri", ["doji"], "/conditions/entri"),
        ("indicators/ema", {"fast": 50, "slow": 20}, "/indicators/ema"),
        ("indicators/ema", {"fast": 0, "slow": 20}, "/indicators/ema/fast"),
        ("indicators/ema", {"fast": 2.5, "slow": 20}, "/indicators/ema/fast"),
        ("indicators/stochastic", {"period": 5}, "/indicators/stochastic"),
        ("indicators/atr/multiplier", -1, "/indicators/atr/multiplier"),
        ("indicators/rsi/overbought", 50, "/indicators/rsi/overbought"),
        ("strategy/direction", "up", "/strategy/direction"),
        ("strategy/min_rr", -2, "/strategy/min_rr"),
        ("strategy/min_rr", "2", "/strategy/min_rr"),
        ("strategy/min_rr", True, "/strategy/min_rr"),
        ("strategy/max_risk_pct", 0, "/strategy/max_risk_pct"),
        ("strategy/max_risk_pct", -1, "/strategy/max_risk_pct"),
        ("strategy/max_risk_pct", 25, "/strategy/max_risk_pct"),
        ("strategy/news_embargo_minutes", -5, "/strategy/news_embargo_minutes"),
        ("strategy/news_embargo_minutes", 1.5, "/strategy/news_embargo_minutes"),
        ("strategy/leverage", 100, "/strategy/leverage"),
        ("enabled", "yes", "/enabled"),
        ("max_lots", 5, "/max_lots"),
        ("sessions", ["Lodnon"], "/sessions/0"),
        ("sessions", [{"start": "07:00"}], "/sessions/0/end"),
        ("sessions", "London", "/sessions"),
    ],
)
def test_what_cannot_be_translated_is_refused_at_its_pointer(path: str, value: Any, place: str) -> None:
    found = rules(path, value)
    assert not found.strategies
    assert place in refusals(found)


def test_sessions_without_a_zone_are_read_in_the_zone_that_was_asked_for() -> None:
    made = rules("sessions", ["07:00-10:30"], options=ImportOptions(zone_name="Africa/Johannesburg"))
    days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    window = {"start": "07:00", "end": "10:30", "timezone": "Africa/Johannesburg", "days": days}
    assert document(made)["session_windows"] == [window]
    assert "names no time zone" in why(made, "/sessions/0")
    assert document(rules("sessions", ["22:00-23:59"]))["session_windows"][0]["end"] == "00:00"


def test_named_sessions_keep_their_city_and_a_table_goes_before_them() -> None:
    assert document(rules("sessions", ["London", "new_york", "LONDON"]))["session_windows"] == ["London", "NewYork"]
    table = table_file("sessions.csv", "name,start,end,timezone,days", "London,07:30,10:00,Europe/London,Mon-Wed")
    made = document(imported(json_file(RULES), table))["session_windows"]
    assert made == [{"start": "07:30", "end": "10:00", "timezone": "Europe/London", "days": ["Mon", "Tue", "Wed"]}]


def test_hours_of_a_symbol_hold_where_the_rule_file_names_no_session() -> None:
    table = table_file(
        "sessions.csv", "canonical,trade_start_utc,trade_end_utc,block_on_closed,notes",
        "EURUSD,06:00:00,20:00:00,true,", "GBPUSD,00:00:00,23:59:59,true,", "USDJPY,01:00:00,02:00:00,false,",
    )  # fmt: skip
    found = imported(json_file(changed(RULES, "sessions", [])), table)
    (window,) = document(found)["session_windows"]
    assert (window["start"], window["end"], window["timezone"], len(window["days"])) == ("06:00", "20:00", "UTC", 7)
    assert len(findings(found, FindingKind.LEFT_OUT)) == 2
    named = imported(json_file(RULES), table)
    assert document(named)["session_windows"] == ["London"]
    assert findings(named, FindingKind.LEFT_OUT, "/sessions")


def test_strategies_keep_the_desks_names_and_the_symbol_map_knows_the_brokers() -> None:
    gold = json_file(changed(RULES, "symbol", "xauusd"))
    table = table_file("symbol_map.csv", "canonical,broker_symbol,enabled", "XAUUSD,GOLD.pro,true", "EURUSD,EURUSD,")
    found = imported(gold, table)
    assert (document(found)["allowed_symbols"], document(found)["name"]) == (["XAUUSD"], "XAUUSD H1")
    assert found.symbol_map == {"XAUUSD": "GOLD.pro"}
    off = table_file("symbol_map.csv", "canonical,broker_symbol,enabled", "XAUUSD,GOLD.pro,false")
    assert document(imported(gold, off))["is_active"] is False


def test_a_rule_file_that_names_the_brokers_symbol_gets_the_desks_name() -> None:
    gold = json_file(changed(RULES, "symbol", "GOLD.pro"))
    table = table_file("symbol_map.csv", "canonical,broker_symbol", "XAUUSD,GOLD.pro")
    found = imported(gold, table)
    assert document(found)["allowed_symbols"] == ["XAUUSD"]
    assert "symbol map" in why(found, "/symbol")
    given = imported(gold, options=ImportOptions(symbol_map={"XAUUSD": "GOLD.pro"}))
    assert document(given)["allowed_symbols"] == ["XAUUSD"]
    assert document(imported(gold))["allowed_symbols"] == ["GOLD.pro"]


def test_a_profile_gives_targets_management_and_invalidations() -> None:
    found = with_profile()
    made = document(found)
    assert made["exit_rules"] == {
        "stop_loss": {"kind": "atr", "multiple": 1.5, "period": 14},
        "take_profit": [{"rr": 1.5, "fraction": 0.5}, {"rr": 3, "fraction": 0.5}],
        "break_even_at_r": 1,
        "trail": {"kind": "atr", "multiple": 1.5, "period": 14, "from_r": 1},
    }
    assert made["rr_expectation"] == 2
    assert made["risk_caps"] == {"risk_fraction": 0.005}
    assert made["conditions"]["invalidations"] == [
        {"fact": "price_below_ema", "period": 50},
        {"fact": "atr_below_median", "period": 14, "bars": 50},
    ]
    assert "half is taken" in why(found, "/management/partialAtRR")
    assert isinstance(parse_strategy(found.strategies[0].text).trail, AtrTrail)


def test_a_profile_never_loosens_what_the_rule_file_says() -> None:
    near = document(with_profile("style/rrTarget", 1.5))
    assert near["exit_rules"]["take_profit"][-1] == {"rr": 2, "fraction": 0.5}
    assert document(with_profile("style/maxRiskPct", 3))["risk_caps"] == {"risk_fraction": 0.01}


def test_a_profile_without_management_leaves_the_position_alone() -> None:
    off = {"breakevenAfterRR": 0, "partialAtRR": 0, "trailUsingATR": False, "atrMultiplier": 2.0}
    found = with_profile("management", off)
    assert set(document(found)["exit_rules"]) == {"stop_loss", "take_profit"}
    assert findings(found, FindingKind.LEFT_OUT, "/management/atrMultiplier")
    bare = with_profile("management", off, changed(RULES, "indicators/atr", {"period": 10}))
    assert document(bare)["exit_rules"]["stop_loss"] == {"kind": "atr", "multiple": 2, "period": 10}


def test_best_sessions_hold_only_where_the_rule_file_names_none() -> None:
    assert document(with_profile())["session_windows"] == ["London"]
    found = with_profile(base=changed(RULES, "sessions", []))
    assert document(found)["session_windows"] == ["London", "NewYork"]
    assert "only raised a score" in why(found, "/bestSessions")


def test_a_profile_without_a_strategy_is_reported_as_unused() -> None:
    found = imported(json_file(PROFILE, "profile.json"))
    assert not found.strategies
    assert not found.refusals
    assert "nothing uses it" in findings(found, FindingKind.LEFT_OUT)[-1].why


def test_two_profiles_of_a_symbol_and_two_strategies_of_a_name_are_refused() -> None:
    twice = imported(json_file(PROFILE, "a.json"), json_file(PROFILE, "b.json"))
    assert "a.json" in refusals(twice)["/symbol"]
    same = imported(json_file(RULES, "a.json"), json_file(RULES, "b.json"))
    assert "a.json" in refusals(same)["/name"]


def test_a_mistake_in_a_profile_refuses_it_and_the_strategy_that_needs_it() -> None:
    found = with_profile("invalidations", ["moon_is_full"])
    assert not found.strategies
    assert [each.source for each in found.refusals] == ["profile.json"]
    assert "/style/rrTarget" in refusals(with_profile("style/rrTarget", -1))


def test_a_strategy_document_is_not_imported_again() -> None:
    found = imported(json_file({"schema_version": 1, "conditions": {}, "name": "Mine"}))
    assert "is a strategy document already" in refusals(found)[""]


@pytest.mark.parametrize("direction", ["long", "short", "both"])
def test_an_imported_strategy_can_be_evaluated_on_every_side(direction: str) -> None:
    found = with_profile(base=changed(changed(RULES, "strategy/direction", direction), "timeframe", "M15"))
    for spec in parse_sides(found.strategies[0].text):
        if spec is None:
            continue
        evaluation = evaluate(spec, walk(own_bars_required(spec)), tick_size=Decimal("0.01"))
        assert evaluation.refusal is None
        assert not any(condition.unknown for condition in evaluation.conditions)
        assert evaluation.stop_distance is not None
