"""The explanation of a strategy on a terminal: from the bars to the levels, every figure beside what it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewarden.cli.idea_view import checks_table, confidence_table, levels_table
from tradewarden.cli.output import BAD, DIM, GOOD, LOUD, number, pairs, styled, table, when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType
    from rich.text import Text
    from rich.tree import Tree

    Facts = Mapping[str, Any]


def explanation_parts(found: Facts) -> list[RenderableType]:
    """Return the explanation of each side, one after the other."""
    return [part for each in found["explanations"] for part in _side(each)]


def _side(found: Facts) -> list[RenderableType]:
    evaluation = found["evaluation"]
    heading = f"{found['strategy']} · {found['symbol']} · {found['side']} · {when(found['as_of'], seconds=True)} UTC"
    parts: list[RenderableType] = [styled(heading, LOUD), _seen(found)]
    if evaluation["refusal"]:
        return [*parts, styled(f"✗ {evaluation['refusal']}", BAD)]
    parts.append(_indicators(evaluation))
    parts += [_section(each) for each in found["conditions"]]
    if found["confidence"] is not None:
        parts.append(confidence_table(found["confidence"]))
    parts += _levels(found)
    if found["verdict"] is not None:
        parts.append(checks_table(found["verdict"]["checks"], title=f"Gate → {found['verdict']['outcome']}"))
    parts.append(_conclusion(found))
    return parts


def _seen(found: Facts) -> RenderableType:
    rows = [("market", found["market"]), ("document", found["document_digest"])]
    for each in found["bars"]:
        newest = "none"
        if each["newest_ended_at"] is not None:
            prices = " ".join(f"{name} {number(each[name])}" for name in ("open", "high", "low", "close"))
            newest = f"newest ended {when(each['newest_ended_at'])} UTC: {prices}"
        rows.append((f"{each['timeframe']} bars", f"{each['count']} (needs {each['required']}), {newest}"))
    quote = found["quote"]
    if quote is not None:
        source = " (the bar's close and spread)" if found["quote_is_of_bar"] else ""
        prices = f"bid {number(quote['bid'])}, ask {number(quote['ask'])}, spread {number(quote['spread_points'])} pt"
        rows.append(("quote", f"{prices}{source}"))
    return pairs(rows)


def _indicators(evaluation: Facts) -> RenderableType:
    rows = [
        (each["name"], f"{each['kind']}({each['parameters']})".removesuffix("()"), each["unit"], number(each["value"]),
         number(each["previous"]), f"{each['bars_used']} (needs {each['minimum_window']})")
        for each in evaluation["indicators"]
    ]  # fmt: skip
    columns = ("indicator", "kind", "unit", "value>", "bar before>", "bars used")
    return table(columns, rows, title=f"Indicators at {when(evaluation['bar_ended_at'])} UTC")


def _section(section: Facts) -> Tree:
    """Return one list of conditions as a tree; a fact stands over the conditions that it spells out."""
    from rich.tree import Tree

    label = styled(f"{section['section'].capitalize()}: {_yes(section['holds'])}", LOUD)
    label.append(f"  {section['rule']}", style=DIM)
    tree = Tree(label, guide_style=DIM)
    for condition in section["conditions"]:
        _branch(tree, condition)
    return tree


def _branch(tree: Tree, condition: Facts) -> None:
    members = condition["members"]
    if condition["fact"]:
        text = f"fact {condition['fact']}"
    elif members:
        text = condition["text"].partition(" (")[0].removesuffix(" of")
    else:
        text = condition["text"]
    line = _mark(condition)
    line.append(f" {text}")
    if not members:
        line.append(f"   {_operands(condition)}", style=DIM)
    branch = tree.add(line)
    for member in members:
        _branch(branch, member)


def _mark(condition: Facts) -> Text:
    if condition["unknown"]:
        return styled("? (unknown counts as not)", BAD)
    return styled("✓", GOOD) if condition["holds"] else styled("✗", BAD)


def _operands(condition: Facts) -> str:
    """Return the operands with the value of the bar before in brackets; numbers speak for themselves."""
    read = [each for each in condition["operands"] if not _is_number(each["text"])]
    return ", ".join(f"{each['text']} = {number(each['value'])} [{number(each['previous'])}]" for each in read)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _levels(found: Facts) -> list[RenderableType]:
    if not found["levels"]:
        return [styled(f"No levels: {found['levels_problem']}", BAD)]
    title = "Levels" if found["is_idea"] else "Levels as they would be, did the setup hold"
    ends = f"{found['rr']} R, until {when(found['expires_at'])} UTC ({found['expiry_rule']})"
    return [levels_table(found["levels"], title=title), styled(ends, DIM)]


def _conclusion(found: Facts) -> Text:
    evaluation = found["evaluation"]
    if found["is_idea"]:
        return styled(f"→ an idea: {found['verdict']['outcome'] if found['verdict'] else 'not judged'}", GOOD)
    held = {each["section"]: each["holds"] for each in found["conditions"]}
    why = [
        *(["not every entry condition holds"] if not evaluation["entry"] else []),
        *(["exit holds"] if evaluation["exit"] else []),
        *(["an invalidation holds"] if held.get("invalidation") else []),
        *([found["levels_problem"]] if found["levels_problem"] else []),
    ]
    return styled(f"→ no idea: {', '.join(why)}", LOUD)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
