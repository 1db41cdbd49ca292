"""The reference pages say what the code does: examples parse, and every key and kind is on its page."""

import json
import re
import runpy
from pathlib import Path

import pytest
from tests.core.strategy.specs import document

from tradewarden.core.errors import InvalidStrategy
from tradewarden.core.strategy.document import document_digest, json_schema, parse_sides, parse_strategy
from tradewarden.core.strategy.spec import Operator


def page(repository: Path, name: str) -> str:
    return (repository / "docs" / "reference" / name).read_text(encoding="utf-8")


def test_the_example_of_the_reference_is_a_strategy(repository: Path) -> None:
    found = re.search(r"```json\n(.*?)```", page(repository, "strategy-document.md"), re.DOTALL)
    assert found is not None
    assert parse_strategy(found[1]).name == "Gold pullback"


def test_every_key_and_operator_is_explained(repository: Path) -> None:
    text = page(repository, "strategy-document.md")
    schema = json_schema()
    described = (part["properties"] for part in [schema, *schema["$defs"].values()])
    # Indicators and facts have reference pages of their own.
    keys = {
        key for part in described if "fact" not in part and not {"kind", "timeframe"} <= part.keys() for key in part
    }
    keys |= {op.value for op in Operator}
    assert sorted(key for key in keys if not re.search(rf"[`\" ]{re.escape(key)}[`\" ,]", text)) == []


def test_the_page_of_indicators_is_what_the_registry_declares(repository: Path) -> None:
    script = runpy.run_path(str(repository / "scripts" / "indicator_reference.py"))
    assert page(repository, "indicators.md") == script["page"](), "stale: run python scripts/indicator_reference.py"


def test_the_page_of_facts_is_what_they_declare(repository: Path) -> None:
    script = runpy.run_path(str(repository / "scripts" / "fact_reference.py"))
    assert page(repository, "facts.md") == script["page"](), "stale: run python scripts/fact_reference.py"


def test_the_example_of_the_facts_page_is_accepted(repository: Path) -> None:
    found = re.search(r"```json\n(.*?)```", page(repository, "facts.md"), re.DOTALL)
    assert found is not None
    assert len(parse_strategy(document(conditions=json.loads(f"{{{found[1]}}}"))).entry) == 3


def test_the_example_of_the_indicators_page_is_accepted(repository: Path) -> None:
    found = re.search(r"```json\n(.*?)```", page(repository, "indicators.md"), re.DOTALL)
    assert found is not None
    indicators = json.loads(f"{{{found[1]}}}")["indicators"]
    spec = parse_strategy(document(indicators=indicators, conditions={"entry": [{"left": "fast", "op": "rising"}]}))
    assert [indicator.name for indicator in spec.indicators] == list(indicators)


def test_the_strategies_of_the_tutorial_are_accepted_and_its_mistakes_refused(repository: Path) -> None:
    text = (repository / "docs" / "tutorial" / "first-strategy.md").read_text(encoding="utf-8")
    first, whole = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    with pytest.raises(InvalidStrategy) as refused:
        parse_sides(first)
    assert all(f"    {problem}\n" in text for problem in refused.value.problems)
    corrected = first.replace("fsat", "fast").replace("take_profits", "take_profit")
    assert document_digest(corrected) in text
    assert len(parse_sides(whole).sides) == 2
    with pytest.raises(InvalidStrategy) as unmirrored:
        parse_sides(whole.replace('"right": "trend"', '"right": 1.16'))
    assert all(f"    {problem}\n" in text for problem in unmirrored.value.problems)
