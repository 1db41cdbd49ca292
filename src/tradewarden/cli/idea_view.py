"""Trade ideas on a terminal: a table of many, a card of one.

A card is made from the same JSON that the HTTP interface answers with, whether it came over HTTP or from the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewarden.cli.output import (
    BAD,
    DIM,
    GOOD,
    LOUD,
    duration,
    fraction,
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
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from tradewarden.services.queries.models.ideas import IdeaList


def idea_table(found: IdeaList) -> list[RenderableType]:
    """Return the ideas as a table, or a line that says there is none."""
    if not found.ideas:
        return [styled("No ideas.", DIM)]
    columns = ("idea", "created (UTC)", "status", "symbol", "side", "lots>", "entry>", "stop>", "target>", "R:R>",
               "score>", "risk>", "time left>", "strategy", "entry #>")  # fmt: skip
    rows = [
        (
            short(idea.idea_id), when(idea.created_at), idea.status.value, idea.symbol, idea.side.value,
            number(idea.lots), number(idea.entry), number(idea.stop_loss), number(idea.take_profits[-1]),
            number(idea.rr), number(idea.confidence_score), money(idea.risk_amount),
            "–" if idea.seconds_left is None else duration(max(0.0, idea.seconds_left)),
            idea.strategy.name or "–", str(idea.history_seq),
        )
        for idea in found.ideas
    ]  # fmt: skip
    return [table(columns, rows)]


def idea_card(detail: Mapping[str, Any]) -> list[RenderableType]:
    """Return one idea: head, levels, score, checks, and what approving it would do."""
    idea = detail["idea"]
    parts: list[RenderableType] = [
        styled(f"{idea['side'].upper()} {idea['symbol']}  {idea['status']}", LOUD),
        pairs(
            [
                ("idea", idea["idea_id"]),
                ("strategy", f"{idea['strategy']['name']} version {idea['strategy']['version']}"),
                ("created", f"{when(idea['created_at'])} UTC (history entry {idea['history_seq']})"),
                ("expires", f"{when(idea['expires_at'])} UTC, by {idea['expiry_rule']}"),
                ("rationale", idea["rationale"]),
            ]
        ),
        levels_table(idea["levels"]),
        money_line(idea["money"]),
        confidence_table(idea["confidence"]),
        checks_table(idea["checks"]),
    ]
    return parts + _offer(detail)


def levels_table(levels: Sequence[Mapping[str, Any]], *, title: str = "Levels") -> RenderableType:
    """Return the prices of an idea, each with the rule that put it there."""
    rows = [(level["name"].replace("_", " "), number(level["price"]), level["rule"]) for level in levels]
    return table(("level", "price>", "rule"), rows, title=title)


def money_line(amounts: Mapping[str, Any]) -> RenderableType:
    """Return what the proposed lots mean in money."""
    currency = amounts["currency"] or ""
    return pairs(
        [
            ("lots", number(amounts["lots"])),
            ("at risk", f"{money(amounts['risk_amount'])} {currency} ({fraction(amounts['risk_fraction'])})"),
            ("reward", f"{money(amounts['reward_amount'])} {currency}"),
            ("margin", f"{money(amounts['margin'])} {currency}"),
        ],
    )


def confidence_table(confidence: Mapping[str, Any]) -> RenderableType:
    """Return the score, contribution by contribution, with the running sum."""
    kind = "Proximity" if confidence["is_proximity"] else "Confidence"
    rows = [
        (each["part"], each["name"], each["observed"], number(each["points"], sign=True), number(each["running_total"]))
        for each in confidence["contributions"]
    ]
    title = f"{kind} {confidence['score']} (threshold {confidence['threshold']}, model {confidence['model']})"
    return table(("part", "contribution", "observed", "points>", "sum>"), rows, title=title)


def checks_table(checks: Sequence[Mapping[str, Any]], *, title: str = "Checks") -> RenderableType:
    """Return every check with what was observed and what the limit was; those that block stand out."""
    rows = [
        (
            tick(check["passed"]), styled(check["code"], BAD if check["blocks"] else ""), check["words"],
            check["observed"], check["limit"], "" if check["passed"] else _consequence(check),
        )
        for check in checks
    ]  # fmt: skip
    failed = sum(not check["passed"] for check in checks)
    return table(
        ("", "check", "expected", "observed", "limit", "on failing"),
        rows,
        title=f"{title}: {failed} of {len(rows)} failed",
    )


def _consequence(check: Mapping[str, Any]) -> str:
    return f"{check['on_fail']}, answered" if check["answered"] else str(check["on_fail"])


def _offer(detail: Mapping[str, Any]) -> list[RenderableType]:
    offer = detail["offer"]
    if offer is None:
        problem = detail["offer_problem"]
        return [styled(f"Approving now: not known, {problem}", DIM)] if problem else []
    if not offer["can_approve"]:
        return [styled(f"Approving now would be refused: {', '.join(offer['blocked_by']) or 'no size fits'}", BAD)]
    return [
        styled(
            f"Approving now: {number(offer['lots'])} lots at {number(offer['price'])}, "
            f"{money(offer['risk_amount'])} {offer['currency']} at risk ({fraction(offer['risk_fraction'])}); "
            f"at most {number(offer['lots_max'])} lots in steps of {number(offer['lots_step'])}",
            GOOD,
        )
    ]
