"""``tradewarden strategy``: what is published, whether a document can be, and publishing it.

Checking a document needs nothing but the document. Publishing makes a new immutable version in the record, through the
running desk where there is one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli import strategy_explain, strategy_import
from tradewarden.cli.options import AsJson, DataDir, examples
from tradewarden.cli.strategy_files import documents, read_document
from tradewarden.core.errors import InvalidStrategy

if TYPE_CHECKING:
    from tradewarden.core.values import Side

app = typer.Typer(help="Strategies: list, explain, validate, publish, import, schema.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE|DIR...", help="Strategy documents, or folders of them.")]


@app.command("list", epilog=examples("tradewarden strategy list"))
def list_strategies(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List every published strategy at its newest version."""
    from tradewarden.cli.output import answer, short, table, tick, when
    from tradewarden.cli.record import resting_desk
    from tradewarden.services.queries import settings as queries

    with resting_desk(data_dir, as_json=as_json) as resting:
        found = queries.strategies(resting.desk)
    columns = ("strategy", "version>", "active", "symbols", "timeframe", "side", "published (UTC)", "digest")
    rows = [
        (each.name, str(each.version), tick(each.is_active, ("✓ on", "✗ off")), " ".join(each.allowed_symbols),
         each.timeframe.value, direction(each.sides), when(each.published_at), short(each.digest))
        for each in found.strategies
    ]  # fmt: skip
    answer(found, lambda: [table(columns, rows)], as_json=as_json)


@app.command(
    "validate",
    epilog=examples(
        "tradewarden strategy validate examples/strategies", "tradewarden strategy validate mine.json --json"
    ),
)
def validate(files: Files, as_json: AsJson = False) -> None:
    """Check strategy documents and name every problem in them. Exit code 1 when there is one."""
    from tradewarden.cli.output import answer, styled

    reports = [validation(path) for path in documents(files)]
    valid = all(report["valid"] for report in reports)

    def render() -> list[Any]:
        lines = []
        for report in reports:
            if report["valid"]:
                lines.append(styled(f"✓ {report['file']}: {report['name']}", "green"))
                continue
            count = len(report["problems"])
            lines.append(styled(f"✗ {report['file']}: {count} problem{'s' if count != 1 else ''}", "red"))
            lines += [styled(f"    {each['text']}", "") for each in report["problems"]]
        return lines

    answer({"valid": valid, "files": reports}, render, as_json=as_json)
    if not valid:
        raise typer.Exit(1)


@app.command("publish", epilog=examples("tradewarden strategy publish mine.json"))
def publish(files: Files, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Publish strategy documents, each as the next version of the strategy of its name.

    All are checked before the first is published; publishing what is in force already changes nothing.
    """
    from tradewarden.cli.output import answer, styled

    paths = documents(files)
    texts = {path: read_document(path) for path in paths}
    check_all(texts, data_dir)
    published = publish_all(texts, data_dir, as_json=as_json)

    def render() -> list[Any]:
        return [
            styled(
                f"✓ {each['name']} version {each['version']} "
                + (f"published (history entry {each['history_seq']})" if each["created"] else "is in force already"),
                "green",
            )
            for each in published
        ]

    answer({"published": published}, render, as_json=as_json)


app.command("import", epilog=strategy_import.EPILOG)(strategy_import.import_files)
app.command("explain", epilog=strategy_explain.EPILOG)(strategy_explain.explain)


@app.command("schema", epilog=examples("tradewarden strategy schema > strategy.schema.json"))
def schema(_as_json: AsJson = True) -> None:
    """Print the JSON Schema (2020-12) of strategy documents, for editors and tools. It is JSON either way."""
    from tradewarden.cli.output import json_text
    from tradewarden.core.strategy.document import json_schema

    print(json_text(json_schema()))


def direction(sides: "Sequence[Side]") -> str:
    """Return the sides as a document names them."""
    return "both" if len(sides) > 1 else "long" if sides[0].sign > 0 else "short"


def validation(path: Path) -> dict[str, Any]:
    """Return whether the document in ``path`` can be published, with every problem found."""
    import json
    from decimal import Decimal

    from tradewarden.core.strategy.document import document_digest, parse_sides

    text = read_document(path)
    try:
        spec = parse_sides(text, source=str(path)).spec
    except InvalidStrategy as error:
        problems = [
            {"pointer": each.pointer, "message": each.message, "found": each.found, "suggestion": each.suggestion,
             "text": str(each)}
            for each in error.problems
        ]  # fmt: skip
        return {"file": str(path), "valid": False, "name": None, "digest": None, "problems": problems}
    digest = document_digest(json.loads(text, parse_float=Decimal))
    return {"file": str(path), "valid": True, "name": spec.name, "digest": digest, "problems": []}


def check_all(texts: dict[Path, bytes], data_dir: Path | None) -> None:
    """Raise InvalidStrategy with every problem of the first document that has one.

    The desk of ``data_dir`` is asked for its sessions only where a document names one that is not built in.
    """
    from tradewarden.cli.record import resting_desk
    from tradewarden.core.strategy.document import parse_sides
    from tradewarden.services.change_sessions import by_value

    for path, text in texts.items():
        try:
            parse_sides(text, source=str(path))
        except InvalidStrategy as error:
            if not any(problem.pointer.startswith("/session_windows/") for problem in error.problems):
                raise
            with resting_desk(data_dir) as resting, resting.desk.storage.read() as reading:
                known = reading.sessions().known()
            parse_sides(by_value(text, known), source=str(path))


def publish_all(texts: dict[Path, bytes], data_dir: Path | None, *, as_json: bool) -> list[dict[str, Any]]:
    """Publish every document, through the running desk where there is one, and return what became of each."""
    from tradewarden.cli.acting import actor
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for
    from tradewarden.services.publish_strategy import publish_strategy
    from tradewarden.services.queries.settings import head_seq, publication_entry

    settings = settings_for(data_dir)
    desk = find_desk(settings.data_dir)
    published: list[dict[str, Any]] = []
    if desk is not None:
        with DeskClient(desk) as client:
            for path, text in texts.items():
                result = client.post("/strategies", content=text)
                summary = result["strategy"]
                published.append(_line(path, summary["name"], summary["version"], result["history_seq"]))
        return published
    with resting_desk(settings.data_dir, as_json=as_json) as resting:
        for path, text in texts.items():
            before = head_seq(resting.desk)
            record = publish_strategy(resting.desk, text, actor=actor(), source=path.name)
            seq = publication_entry(resting.desk, record, after_seq=before)
            published.append(_line(path, record.version.spec.name, record.version.version, seq))
    return published


def _line(path: Path, name: str, version: int, seq: int | None) -> dict[str, Any]:
    return {"file": str(path), "name": name, "version": version, "created": seq is not None, "history_seq": seq}
