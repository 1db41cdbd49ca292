"""``tradewarden strategy explain`` on real bars: the figures on the screen are those of the JSON, and they add up."""

import re
from decimal import Decimal
from pathlib import Path

from tests.integration.cli_rig import EXAMPLES, run

GOLD = EXAMPLES / "gold_pullback.json"


def market(test_data: Path) -> tuple[object, ...]:
    bars = test_data / "bars" / "ftmo_m1" / "XAUUSD_M1.parquet"
    return "--symbol", "XAUUSD", "--bars", bars, "--no-calendar", "--at", "2026-02-03T10:15"


def test_one_bar_of_real_data_is_explained_whole(test_data: Path) -> None:
    answer = run("strategy", "explain", GOLD, *market(test_data), "--json")
    assert answer.code == 0
    (side,) = answer.json["explanations"]
    assert side["bars"][0]["newest_ended_at"] == "2026-02-03T10:15:00Z"
    assert {each["name"] for each in side["evaluation"]["indicators"]} >= {"fast", "trend", "rsi", "atr"}
    contributions = side["confidence"]["contributions"]
    assert sum(Decimal(each["points"]) for each in contributions) == Decimal(side["confidence"]["score"])
    shown = run("strategy", "explain", GOLD, *market(test_data))
    assert shown.code == 0
    for text in ("Gold pullback · XAUUSD · buy · 2026-02-03 10:15:00 UTC", "Indicators at", "Entry:", "Levels", "→ "):
        assert text in shown.out
    for reading in side["evaluation"]["indicators"]:
        assert reading["value"] in shown.out


def test_what_cannot_be_explained_is_said(test_data: Path, tmp_path: Path) -> None:
    late = [*market(test_data)[:-1], "2031-01-01"]
    assert "is outside the bars: they begin" in run("strategy", "explain", GOLD, *late).err
    assert "does not exist" in run("strategy", "explain", "nowhere.json", *market(test_data)).err
    alone = run("strategy", "explain", GOLD, "--symbol", "XAUUSD", "--data-dir", tmp_path)
    assert alone.code == 1
    assert "without --bars or --seed the market is that of a running desk" in alone.err


def test_the_tutorials_explanation_is_what_is_printed(repository: Path, tmp_path: Path) -> None:
    text = (repository / "docs" / "tutorial" / "first-strategy.md").read_text(encoding="utf-8")
    (first, _) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "first.json"
    path.write_text(first.replace("fsat", "fast").replace("take_profits", "take_profit"), encoding="utf-8")
    answer = run("strategy", "explain", path, "--symbol", "EURUSD", "--seed", "7", "--at", "2026-01-08T10:05")
    block = text.split("--seed 7 --at 2026-01-08T10:05\n")[1].split("```")[0]
    assert [line.rstrip() for line in answer.out.splitlines()] == block.splitlines()
