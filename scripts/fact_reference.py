"""Write docs/reference/facts.md from what the named facts declare: `python scripts/fact_reference.py`.

Each fact is shown with its parameters, its opposite, and the conditions on hidden indicators that it stands for, as
they are spelled out with its defaults.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tradewarden.core.indicators.kind import Parameter  # noqa: E402  # the source tree is found first
from tradewarden.core.indicators.registry import KINDS  # noqa: E402
from tradewarden.core.strategy.conditions import condition_text  # noqa: E402
from tradewarden.core.strategy.facts import FACTS, Fact, expand_fact  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "facts.md"
HEAD = """\
# Named facts

<!-- This page is written by scripts/fact_reference.py from what the facts declare. -->

A fact is a condition in one word. It stands for comparisons on hidden indicators, named after kind and parameters such
as `ema(50)`; the record, `tradewarden strategy explain` and the web pages show every reading behind it. In a
[strategy document](strategy-document.md) a fact stands wherever a condition does:

```json
"entry": ["uptrend", {"fact": "price_above_ema", "period": 100}, {"not": "rsi_overbought"}]
```

The bare name takes the defaults. A parameter that a fact does not take is refused, and so are contradictions such as
`fast` at or above `slow`. A fact is true, false, or unknown while one of its indicators has no value yet;
unknown counts as false, under `not` as well.

In a strategy that trades both sides each fact turns into its opposite with the same parameters; where up and down make
no difference, it is its own opposite.
"""


def page() -> str:
    """Return the whole page."""
    rows = [f"| [`{fact.name}`](#{fact.name}) | {fact.description} | {opposite(fact)} |" for fact in FACTS.values()]
    table = "\n".join(["| fact | holds when | opposite |", "| --- | --- | --- |", *rows])
    return "\n\n".join([HEAD.rstrip(), table, *(section(fact) for fact in FACTS.values())]) + "\n"


def opposite(fact: Fact) -> str:
    """Return the fact that takes its place in a mirrored strategy."""
    return "itself" if fact.mirror == fact.name else f"`{fact.mirror}`"


def section(fact: Fact) -> str:
    """Return one fact: parameters, and what it stands for with its defaults."""
    group, hidden = expand_fact(fact.name)
    lines = [f"## {fact.name}", "", fact.description, ""]
    lines += ["With its defaults it stands for:", ""]
    lines += [f"- `{condition_text(member)}`" for member in group.members]
    if any(KINDS[indicator.kind].intraday for indicator in hidden):
        lines += ["", "Not on D1 bars."]
    if fact.parameters:
        lines += ["", "| parameter | allowed | default | |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{each.name}` | {allowed(each)} | {each.default} | {each.description} |" for each in fact.parameters
        ]
    return "\n".join(lines)


def allowed(parameter: Parameter) -> str:
    """Return the limits of a parameter in words."""
    if parameter.choices:
        return ", ".join(f"`{choice}`" for choice in parameter.choices)
    return f"{'whole, ' if parameter.whole else ''}{parameter.low} to {parameter.high}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
