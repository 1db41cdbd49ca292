"""The decision history on a terminal: rows, one entry, and the story of a decision in flow order.

The story reads as the decision went: what the desk saw, what the strategy said of it, the score, the levels, the size,
every check, the order, and what came back. It is made from the JSON of the read models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewarden.cli.idea_view import checks_table, confidence_table, levels_table
from tradewarden.cli.output import (
    BAD,
    DIM,
    GOOD,
    LOUD,
    fraction,
    json_text,
    money,
    number,
    pairs,
    short,
    styled,
    table,
    tick,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from tradewarden.services.queries.models.history import HistoryPage

    Facts = Mapping[str, Any]


def history_table(page: HistoryPage) -> list[RenderableType]:
    """Return a page of entries as a table."""
    if not page.entries:
        return [styled("No entries.", DIM)]
    rows = [
        (str(row.seq), when(row.occurred_at, seconds=True), row.action.value, row.symbol or "–",
         number(row.confidence_score), row.actor, "●" if row.has_decision else "", row.rationale)
        for row in page.entries
    ]  # fmt: skip
    columns = ("#>", "time (UTC)", "action", "symbol", "score>", "by", "◉", "what")
    parts: list[RenderableType] = [table(columns, rows)]
    parts.append(styled(f"● can be replayed · newest entry {page.head_seq}", DIM))
    if page.next_cursor is not None:
        parts.append(styled(f"Older entries: --before {page.next_cursor}", DIM))
    return parts


def entry_card(found: Facts) -> list[RenderableType]:
    """Return one entry with its place in the chain, its story where it records a decision, and what it led to."""
    entry = found["entry"]
    parts: list[RenderableType] = [
        styled(f"#{entry['seq']} {entry['words']}", LOUD),
        pairs(
            [
                ("time", f"{when(entry['occurred_at'], seconds=True)} UTC"),
                ("action", entry["action"]),
                ("by", entry["actor"]),
                ("what", entry["rationale"]),
                ("entry hash", found["entry_hash"]),
                ("hash before", found["prev_hash"]),
            ]
        ),
    ]
    story = found["story"]
    if story is None:
        parts.append(styled("This entry records no decision of its own. Its payload:", DIM))
        parts.append(styled(json_text(found["payload"]), ""))
    else:
        parts += story_parts(story)
    if found["related"]:
        parts.append(_related(found["related"]))
    return parts


def story_parts(story: Facts) -> list[RenderableType]:
    """Return a decision in flow order; stages that did not run are left out."""
    parts = [_seen(story)]
    parts += _evaluation(story["evaluation"])
    if story["confidence"] is not None:
        parts.append(confidence_table(story["confidence"]))
    parts += _idea(story)
    if story["verdict"] is not None:
        verdict = story["verdict"]
        parts.append(checks_table(verdict["checks"], title=f"Gate ({verdict['purpose']}) → {verdict['outcome']}"))
    parts += _order(story)
    parts.append(
        styled(
            f"Decision {short(story['decision_id'])}: {story['result']} · inputs {short(story['inputs_digest'])} · "
            f"decision {short(story['decision_digest'])} · engine {story['engine_version']}",
            DIM,
        )
    )
    return parts


def _seen(story: Facts) -> RenderableType:
    high = sum(event["embargo_from"] is not None for event in story["calendar"])
    known = f"known at {when(story['calendar_captured_at'])} UTC" if story["calendar_captured_at"] else "no calendar"
    rows = [
        ("as of", f"{when(story['as_of'], seconds=True)} UTC, {story['symbol']}, asked to {story['kind']}"),
        ("quote", _quote(story["quote"])),
        *(("bars", f"{each['bars']} {each['timeframe']} bars to {when(each['to'])} UTC") for each in story["bars"]),
        ("market", _market(story["market"])),
        ("account", _account(story["account"])),
        ("desk", _desk(story["desk"])),
        ("calendar", f"{len(story['calendar'])} events, {high} with an embargo, {known}"),
    ]
    return pairs(rows, title="What the desk saw")


def _quote(quote: Facts | None) -> str:
    if quote is None:
        return "none"
    prices = f"bid {number(quote['bid'])}, ask {number(quote['ask'])}"
    return f"{prices}, spread {number(quote['spread_points'])} points, {quote['age_seconds']:.0f} s old"


def _market(market: Facts | None) -> str:
    if market is None:
        return "not measured"
    spread = f"spread {number(market['spread_points'])} (median {number(market['spread_median_points'])})"
    volatility = f"ATR {number(market['atr'])} at percentile {number(market['atr_percentile'])}"
    return f"{spread}, {volatility}, spike: {_yes(market['spike'])}"


def _account(account: Facts | None) -> str:
    if account is None:
        return "no statement"
    balance = f"balance {money(account['balance'])}, equity {money(account['equity'])} {account['currency']}"
    return f"{balance}, {account['open_positions']} positions"


def _desk(desk: Facts) -> str:
    switch = f"trading {'on' if desk['ai_trading_enabled'] else 'off'}"
    halt = f", halted: {desk['halt_code']}" if desk["halt_code"] else ""
    held = f"{desk['own_positions']} own positions, {desk['open_ideas']} open ideas"
    return f"{desk['mode']}, {switch}{halt}, policy {desk['policy_version']}, {held}"


def _yes(value: object) -> str:
    return "–" if value is None else ("yes" if value else "no")


def _evaluation(evaluation: Facts | None) -> list[RenderableType]:
    if evaluation is None:
        return []
    if evaluation["refusal"]:
        return [styled(f"Not evaluated: {evaluation['refusal']}", BAD)]
    indicators = [
        (each["name"], f"{each['kind']}({each['parameters']})".removesuffix("()"), number(each["value"]),
         number(each["previous"]), f"{each['bars_used']} (needs {each['minimum_window']})")
        for each in evaluation["indicators"]
    ]  # fmt: skip
    conditions = [
        (
            each["section"],
            tick(each["holds"]),
            f"{'  ' * each['depth']}{each['text']}",
            _operands(each),
            "unknown" if each["unknown"] else "",
        )
        for each in evaluation["conditions"]
    ]
    flags = ", ".join(f"{name} {_yes(evaluation[name])}" for name in ("entry", "exit", "strong", "weak"))
    ended = when(evaluation["bar_ended_at"])
    return [
        table(("indicator", "kind", "value>", "bar before>", "bars"), indicators, title=f"Indicators at {ended} UTC"),
        table(("section", "", "condition", "operands", ""), conditions, title=f"Conditions: {flags}"),
    ]


def _operands(condition: Facts) -> str:
    return ", ".join(f"{each['text']} = {number(each['value'])}" for each in condition["operands"])


def _idea(story: Facts) -> list[RenderableType]:
    parts: list[RenderableType] = []
    idea, sizing = story["idea"], story["sizing"]
    if idea is not None:
        parts.append(styled(f"Idea: {idea['side']} {idea['symbol']}, {idea['rr']} R", LOUD))
        parts.append(levels_table(idea["levels"]))
    if sizing is not None:
        parts.append(_size(sizing))
    plan = story["plan"]
    if plan is not None:
        parts.append(styled(f"Plan: {plan['kind']}, {plan['reason']}", LOUD))
    return parts


def _size(sizing: Facts) -> RenderableType:
    budget = f"{money(sizing['base'])} × {fraction(sizing['risk_fraction'])} = {money(sizing['budget'])}"
    rows = [
        ("base × risk", budget),
        ("÷ loss per lot", str(money(sizing["loss_per_lot"]))),
        ("lots", f"{number(sizing['lots'])} (at most {number(sizing['maximum_lots'])})"),
        ("at risk", f"{money(sizing['risk_amount'])}, margin {money(sizing['margin'])}"),
    ]
    if sizing["room"] is not None:
        rows.insert(1, ("limits leave", str(money(sizing["room"]))))
    if sizing["problem"]:
        rows.append(("problem", sizing["problem"]))
    return pairs(rows, title="Size")


def _order(story: Facts) -> list[RenderableType]:
    parts: list[RenderableType] = []
    intent = story["intent"]
    if intent is not None:
        shown = [(name.replace("_", " "), str(intent[name])) for name in _INTENT_FIELDS if intent[name] is not None]
        parts.append(pairs(shown, title="Order"))
    if story["orders"]:
        rows = [(str(each["seq"]), when(each["occurred_at"], seconds=True), each["words"]) for each in story["orders"]]
        parts.append(table(("#>", "time (UTC)", "broker"), rows))
    if story["fills"]:
        fills = [
            (when(each["at"], seconds=True), each["kind"], each["side"], number(each["lots"]), number(each["price"]),
             str(money(each["profit"], sign=True)), number(each["r_multiple"]), each["reason"] or "")
            for each in story["fills"]
        ]  # fmt: skip
        columns = ("time (UTC)", "fill", "side", "lots>", "price>", "profit>", "R>", "reason")
        parts.append(table(columns, fills, title="Fills"))
    return parts


_INTENT_FIELDS = (
    "kind", "side", "lots", "price", "stop_loss", "take_profit", "ticket", "not_after", "status", "position_ticket",
    "detail", "digest",
)  # fmt: skip


def _related(related: list[Facts]) -> RenderableType:
    rows = [
        (str(each["seq"]), when(each["occurred_at"], seconds=True), each["actor"], each["words"]) for each in related
    ]
    return table(("#>", "time (UTC)", "by", "what"), rows, title="Other entries of this idea or decision")


def replay_parts(found: Facts) -> list[RenderableType]:
    """Return a replay stage by stage: the same, or the first field that came out differently."""
    differing = {each["stage"]: each for each in found["differences"]}
    rows = [(stage, tick(stage not in differing), *_difference(differing.get(stage))) for stage in found["stages"]]
    verdict = styled("✓ identical", GOOD) if found["identical"] else styled("✗ different", BAD)
    return [
        styled(f"Replay of #{found['seq']} (decision {short(found['decision_id'])})", LOUD),
        table(("stage", "", "field", "recorded", "recomputed"), rows),
        verdict,
        styled(f"recorded {found['recorded_digest']}\nrecomputed {found['recomputed_digest']}", DIM),
    ]


def _difference(difference: Facts | None) -> tuple[str, str, str]:
    if difference is None:
        return "", "", ""
    return difference["field"], difference["recorded"], difference["recomputed"]
