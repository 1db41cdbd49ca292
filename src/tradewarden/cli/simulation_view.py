"""The report of a headless run: as JSON, and as the tables that people read.

The tables are made from the JSON, so that both always say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewarden.cli.output import (
    BAD,
    DIM,
    GOOD,
    duration,
    fraction,
    jsonable,
    money,
    number,
    pairs,
    styled,
    table,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from tradewarden.core.performance import TradeStatistics
    from tradewarden.ports.storage import ClosedPosition
    from tradewarden.services.queries.models.ideas import IdeaSummary
    from tradewarden.services.report_simulation import SimulationReport

IDEA_FIELDS = (
    "idea_id", "created_at", "symbol", "side", "status", "entry", "stop_loss", "take_profits", "rr", "lots",
    "risk_amount", "confidence_score", "rationale", "history_seq",
)  # fmt: skip
POSITION_FIELDS = ("ticket", "symbol", "side", "lots", "entry_price", "stop_loss", "take_profit", "initial_risk",
                   "opened_at", "idea_id")  # fmt: skip
CLOSING_FIELDS = ("exit_price", "closed_at", "reason", "net_profit", "commission", "swap", "r_multiple", "history_seq")


def report_json(
    report: SimulationReport,
    ideas: Sequence[IdeaSummary],
    names: Mapping[str, str],
    *,
    market: str,
    data_dir: str,
    notices: Sequence[str],
    wall_seconds: float,
) -> dict[str, Any]:
    """Return the whole report as plain JSON; ``names`` are the strategies' by id."""
    run = report.run
    found: dict[str, Any] = jsonable(
        {
            "market": market,
            "data_dir": data_dir,
            "from": run.started_at,
            "to": run.ended_at,
            "decisions": report.decisions,
            "evaluations": report.evaluations,
            "ideas": [_idea(idea) for idea in ideas],
            "refused": report.refused,
            "without_idea": report.without_idea,
            "denied": report.denied,
            "orders": report.orders,
            "positions_closed": [_closed(closed, names) for closed in report.positions_closed],
            "summary": _summary(report),
            "by_strategy": [{"strategy": line.strategy, **_statistics(line.statistics)} for line in report.by_strategy],
            "denials_by_code": dict(report.denials_by_code),
            "embargoes": report.embargoes,
            "halts": [{"at": at, "reason": reason} for at, reason in report.halts],
            "notices": list(notices),
            "history_entries": report.history_entries,
            "history_digest": report.history_digest,
            "market_minutes": run.minutes,
            "wall_seconds": round(wall_seconds, 2),
        }
    )
    return found


def _idea(idea: IdeaSummary) -> dict[str, Any]:
    return {"strategy": idea.strategy.name, **{name: getattr(idea, name) for name in IDEA_FIELDS}}


def _closed(closed: ClosedPosition, names: Mapping[str, str]) -> dict[str, Any]:
    position = closed.position
    return {
        "strategy": names.get(position.strategy_id, position.strategy_id),
        **{name: getattr(position, name) for name in POSITION_FIELDS},
        **{name: getattr(closed, name) for name in CLOSING_FIELDS},
    }


def _statistics(statistics: TradeStatistics) -> dict[str, Any]:
    return {name: getattr(statistics, name) for name in type(statistics).__dataclass_fields__}


def _summary(report: SimulationReport) -> dict[str, Any]:
    account, drawdown = report.run.final_account, report.run.max_drawdown
    return {
        **_statistics(report.statistics),
        "max_drawdown": drawdown.amount,
        "max_drawdown_fraction": drawdown.fraction,
        "balance": account.balance,
        "equity": account.equity,
        "currency": account.currency,
        "open_positions": report.open_positions,
    }


def report_parts(found: Mapping[str, Any]) -> list[RenderableType]:
    """Return the report as tables: summary, strategies, denials, embargoes, halts, and where the record lies."""
    parts: list[RenderableType] = [_head(found), _strategies(found["by_strategy"])]
    for name, title in (("refused", "Could not be evaluated"), ("without_idea", "Setups that led to no idea")):
        if found[name]:
            parts.append(_refusals(found[name], title))
    if found["denials_by_code"]:
        rows = [(code, str(count)) for code, count in found["denials_by_code"].items()]
        parts.append(table(("check", "ideas>"), rows, title=f"Denied: {len(found['denied'])} judgements"))
    parts += _embargoes(found["embargoes"])
    if found["halts"]:
        rows = [(when(halt["at"]), halt["reason"]) for halt in found["halts"]]
        parts.append(table(("time (UTC)", "reason"), rows, title="Halts"))
    parts.append(
        styled(
            f"{found['history_entries']} history entries, digest {found['history_digest']}\n"
            f"Look inside: tradewarden history list --data-dir {found['data_dir']}",
            DIM,
        )
    )
    return parts


def _head(found: Mapping[str, Any]) -> RenderableType:
    summary, seconds = found["summary"], found["wall_seconds"]
    speed = f"{found['market_minutes'] / seconds:,.0f} per second" if seconds else "at once"
    currency = summary["currency"]
    drawdown = f"{money(summary['max_drawdown'])} {currency} ({fraction(summary['max_drawdown_fraction'])})"
    wins = f"{summary['wins']} won ({fraction(summary['win_rate'])}), {summary['losses']} lost"
    result = f"{number(summary['total_r'], sign=True)} R, {number(summary['expectancy_r'])} R a trade"
    net = f"{money(summary['net_profit'], sign=True)} {currency}"
    rows: list[Any] = [
        ("market", f"SIMULATED, {found['market']}"),
        ("from – to", f"{when(found['from'])} – {when(found['to'])} UTC"),
        ("ran", f"{found['market_minutes']:,} market minutes in {duration(seconds)} ({speed})"),
        ("evaluations", f"{found['evaluations']:,}, {found['decisions']:,} recorded decisions"),
        ("ideas", f"{len(found['ideas']):,}, {len(found['denied']):,} judgements denied"),
        ("orders", f"{len(found['orders']):,}"),
        ("trades", f"{summary['trades']} closed, {summary['open_positions']} open; {wins}"),
        ("result", f"{result}, profit factor {number(summary['profit_factor'])}"),
        ("net profit", styled(net, BAD if summary["net_profit"].startswith("-") else GOOD)),
        ("max drawdown", drawdown),
        ("balance", f"{money(summary['balance'])} {currency}, equity {money(summary['equity'])} {currency}"),
    ]
    return pairs(rows, title="Simulation")


def _refusals(lines: Sequence[Mapping[str, Any]], title: str) -> RenderableType:
    rows = [
        (
            each["strategy"],
            each["symbol"],
            f"{each['count']} of {each['evaluations']}",
            when(each["last_at"]),
            each["why"],
        )
        for each in lines
    ]
    return table(("strategy", "symbol", "evaluations>", "last (UTC)", "why, most lately"), rows, title=title)


def _strategies(lines: Sequence[Mapping[str, Any]]) -> RenderableType:
    rows = [
        (each["strategy"], str(each["trades"]), fraction(each["win_rate"]), number(each["total_r"], sign=True),
         number(each["expectancy_r"]), number(each["profit_factor"]), money(each["net_profit"], sign=True),
         str(each["longest_losing_streak"]))
        for each in lines
    ]  # fmt: skip
    columns = ("strategy", "trades>", "won>", "R>", "R a trade>", "profit factor>", "net profit>", "losses in a row>")
    return table(columns, rows, title="Strategies")


def _embargoes(lines: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Return the embargoes that an evaluation fell into; the others are only counted."""
    if not lines:
        return []
    met = [each for each in lines if each["evaluations"]]
    rows = [
        (when(each["at"]), f"{when(each['starts_at'])[11:]}–{when(each['ends_at'])[11:]}", each["currency"],
         each["title"], " ".join(each["symbols"]), str(each["evaluations"]), str(each["proposed"]), str(each["opened"]))
        for each in met
    ]  # fmt: skip
    columns = ("event (UTC)", "embargo", "", "title", "symbols", "evaluations>", "ideas>", "opened>")
    title = f"News embargoes: {len(lines)}, {len(met)} of them met by an evaluation"
    return [table(columns, rows, title=title)]
