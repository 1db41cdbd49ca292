"""The reference pages say what the code does: examples parse, and every key and kind is on its page."""

import re
from pathlib import Path

from tradewarden.core.indicators.registry import KINDS
from tradewarden.core.strategy.document import json_schema, parse_strategy
from tradewarden.core.strategy.document.rules import NOT_RUN_KEYS
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
    parts = [schema, *(schema["$defs"][name] for name in ("ExitRulesPart", "ForbiddenPart", "RiskCapsPart"))]
    keys = {key for part in parts for key in part["properties"]}
    keys |= {op.value for op in Operator} | set(NOT_RUN_KEYS)
    assert sorted(key for key in keys if f"{key}`" not in text) == []


def test_every_indicator_has_its_minimum_window_on_the_page(repository: Path) -> None:
    text = page(repository, "indicators.md")
    for kind in KINDS.values():
        extra = f" + {kind.warm_up_extra}" if kind.warm_up_extra else ""
        row = next(line for line in text.splitlines() if line.startswith(f"| `{kind.name}` |"))
        assert row.endswith(f"| {kind.window_periods} × `period`{extra} |")
