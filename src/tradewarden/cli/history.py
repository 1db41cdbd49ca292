"""``tradewarden history``: what happened, in whose name, whether it comes out the same again, whether it is intact.

All of it reads the record alone; replaying and verifying ask no broker, no market and no clock.
"""

import time
from typing import Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, Limit, Symbol, examples, optional_moment
from tradewarden.core.errors import InvalidInput

app = typer.Typer(help="The decision history: list, show, replay, verify.", no_args_is_help=True)

Seq = Annotated[int, typer.Argument(metavar="SEQ", min=1, help="The entry's number.")]


@app.command(
    "list",
    epilog=examples("tradewarden history list", "tradewarden history list --action risk_rejected --from 2025-12-10"),
)
def list_entries(
    symbol: Symbol = None,
    action: Annotated[
        list[str] | None, typer.Option("--action", "-a", help="Only this action; repeat it for several.")
    ] = None,
    idea: Annotated[str | None, typer.Option("--idea", help="Only entries of this idea (its full id).")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Not before this date or time (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Not after this date or time (UTC).")] = None,
    before: Annotated[int | None, typer.Option("--before", min=1, help="Only entries before this number.")] = None,
    limit: Limit = 30,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List entries of the decision history, newest first."""
    from tradewarden.cli.history_view import history_table
    from tradewarden.cli.output import answer
    from tradewarden.cli.record import resting_desk
    from tradewarden.ports.storage import HistoryFilter
    from tradewarden.services.queries import history as queries

    wanted = HistoryFilter(
        symbol=symbol,
        actions=_actions(action),
        idea_id=idea,
        since=optional_moment(since, name="--from"),
        until=optional_moment(until, name="--to"),
        before_seq=before,
        limit=limit,
    )
    with resting_desk(data_dir, as_json=as_json) as resting:
        page = queries.history_page(resting.desk, wanted)
    answer(page, lambda: history_table(page), as_json=as_json)


@app.command("show", epilog=examples("tradewarden history show 42"))
def show(
    seq: Seq,
    bars: Annotated[bool, typer.Option("--bars", help="With --json: every bar that the decision saw.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell one entry; a decision in flow order: facts, conditions, score, levels, size, checks, order, fills."""
    from tradewarden.cli.history_view import entry_card
    from tradewarden.cli.output import answer, jsonable
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.queries import history as queries
    from tradewarden.services.queries.story import decision_story

    with resting_desk(data_dir, as_json=as_json) as resting:
        detail = queries.history_detail(resting.desk, seq)
        story = decision_story(resting.desk, seq) if detail.entry.has_decision else None
    found: dict[str, Any] = jsonable(detail)
    found["story"] = None if story is None else _told(jsonable(story), bars=bars)
    answer(found, lambda: entry_card(found), as_json=as_json)


@app.command("replay", epilog=examples("tradewarden history replay 42", "tradewarden history replay --all --json"))
def replay(
    seq: Annotated[
        int | None, typer.Argument(metavar="[SEQ]", min=1, help="The entry whose decision to replay.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Replay every recorded decision.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Recompute decisions from their recorded inputs and compare. Exit code 1 when one comes out differently."""
    if (seq is None) != everything:
        raise InvalidInput("name one entry, as in `history replay 42`, or all of them with --all")
    identical = _replay_all(data_dir, as_json=as_json) if seq is None else _replay_one(seq, data_dir, as_json=as_json)
    if not identical:
        raise typer.Exit(1)


@app.command("verify", epilog=examples("tradewarden history verify --json"))
def verify(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check the hash chain, its anchor, and everything it cites. Exit code 1 when something was changed or is gone."""
    from tradewarden.cli.output import answer, styled, table
    from tradewarden.cli.progress import counting
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.verify_history import verify_history

    with resting_desk(data_dir, as_json=as_json) as resting, counting("Verifying", as_json=as_json) as tell:
        report = verify_history(resting.record.storage, on_progress=tell)

    def render() -> list[Any]:
        if report.ok:
            return [
                styled(f"✓ The history is intact: {report.entries} entries, head {report.head.entry_hash}", "green")
            ]
        rows = [(str(each.seq) if each.seq is not None else "–", each.problem) for each in report.findings]
        where = f", first at entry {report.first_bad_seq}" if report.first_bad_seq is not None else ""
        return [
            styled(f"✗ The history is NOT intact{where}: {report.problem}", "bold red"),
            table(("#>", "finding"), rows, title="Findings"),
        ]

    answer(report, render, as_json=as_json)
    if not report.ok:
        raise typer.Exit(1)


def _replay_one(seq: int, data_dir: Any, *, as_json: bool) -> bool:
    from tradewarden.cli.history_view import replay_parts
    from tradewarden.cli.output import answer, jsonable
    from tradewarden.cli.record import resting_desk
    from tradewarden.core.replay import STAGES
    from tradewarden.services.queries.story import stored_decision
    from tradewarden.services.replay_decisions import replay_one

    with resting_desk(data_dir, as_json=as_json) as resting:
        stored = stored_decision(resting.desk, seq)
        report = replay_one(resting.record.storage, seq)
        now = dict(resting.desk.library_versions)
    found = jsonable(report) | {
        "seq": seq,
        "stages": list(STAGES),
        "engine_version_recorded": stored.engine_version,
        "library_versions_recorded": dict(stored.library_versions),
        "library_versions_now": now,
    }
    answer(found, lambda: replay_parts(found), as_json=as_json)
    return bool(report.identical)


def _replay_all(data_dir: Any, *, as_json: bool) -> bool:
    from tradewarden.cli.output import answer, styled, table
    from tradewarden.cli.progress import counting
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.replay_decisions import replay_all

    with resting_desk(data_dir, as_json=as_json) as resting, counting("Replaying", as_json=as_json) as tell:
        summary = replay_all(resting.record.storage, stopwatch=time.perf_counter, on_progress=tell)

    def render() -> list[Any]:
        rate = f"{summary.per_second:,.0f} per second"
        if summary.identical == summary.decisions:
            return [styled(f"✓ {summary.decisions} decisions, all identical ({rate})", "green")]
        rows = [
            (each.decision_id[:10], difference.stage, difference.field, difference.recorded, difference.recomputed)
            for each in summary.different
            for difference in each.differences[:1]
        ]
        return [
            styled(f"✗ {summary.identical} of {summary.decisions} decisions identical ({rate})", "bold red"),
            table(("decision", "stage", "field", "recorded", "recomputed"), rows, title="Different"),
        ]

    answer(summary, render, as_json=as_json)
    return bool(summary.identical == summary.decisions)


def _told(story: dict[str, Any], *, bars: bool) -> dict[str, Any]:
    """Return the story with its bars counted, and with all of them where that was asked for."""
    for series in story["bars"]:
        rows = series.pop("bars")
        series["bars"] = len(rows)
        series["from"] = _opened(rows[0]) if rows else None
        series["to"] = story["evaluation"]["bar_ended_at"] if rows and story["evaluation"] else series["from"]
        if bars:
            series["rows"] = rows
    return story


def _opened(row: list[Any]) -> str:
    from tradewarden.cli.output import jsonable
    from tradewarden.core.values import from_epoch

    return str(jsonable(from_epoch(int(row[0]))))


def _actions(given: list[str] | None) -> tuple[Any, ...]:
    from tradewarden.core.audit.chain import Action

    known = [action.value for action in Action]
    unknown = [each for each in given or [] if each not in known]
    if unknown:
        raise InvalidInput(f"--action {unknown[0]!r} is unknown; known are {', '.join(known)}")
    return tuple(Action(each) for each in given or [])
