"""``tradewarden strategy import``: files of an earlier console as strategy documents and proposed limits.

Unless an option says so nothing is recorded: the report is printed, and the command that would.
With one refusal in the import nothing is written, published or applied.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewarden.cli.options import AsJson, DataDir, examples
from tradewarden.core.errors import InvalidInput

if TYPE_CHECKING:
    from tradewarden.core.strategy.legacy import ImportOptions, Translation
    from tradewarden.services.import_legacy import ImportPackage

ACTS = ("--publish", "--apply-limits", "--apply-symbols")
HOLDS = ("rule file", "risk_limits.csv with a limit to apply", "symbol_map.csv with a name that differs")
LegacyPaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="Rule files, symbol profiles, risk_limits.csv, sessions.csv, symbol_map.csv, or folders with them.",
    ),
]
EPILOG = examples(
    "tradewarden strategy import old/config",
    "tradewarden strategy import old/config --out imported",
    "tradewarden strategy import old/config --publish --apply-limits --apply-symbols",
    "tradewarden strategy import EURUSD_H1.json --risk-unit fraction --json",
)


def import_files(
    paths: LegacyPaths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report: what is done without other options.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write the documents into this folder.")
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish the documents, all or none.")] = False,
    apply_limits: Annotated[
        bool, typer.Option("--apply-limits", help="Change the risk policy as risk_limits.csv says.")
    ] = False,
    apply_symbols: Annotated[
        bool, typer.Option("--apply-symbols", help="Put symbol_map.csv into the desk's symbol map.")
    ] = False,
    risk_unit: Annotated[
        str, typer.Option("--risk-unit", help="How risk figures are written: percent (1 is 1 %) or fraction (0.01).")
    ] = "percent",
    timezone: Annotated[str, typer.Option("--timezone", help="IANA zone of session hours that name none.")] = "UTC",
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="Do without this fact (never in entry); repeatable.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Translate rule files, profiles and limits of an earlier console, and report every value that changed its meaning.

    Records nothing unless --publish, --apply-limits or --apply-symbols is given, and then all of it or nothing. Exit
    code 1 when anything was refused.
    """
    from tradewarden.adapters.legacy_files import read_legacy_files
    from tradewarden.cli.output import answer
    from tradewarden.core.strategy.legacy import translate
    from tradewarden.services.import_legacy import package_of

    acts = [name for name, on in zip(ACTS, (publish, apply_limits, apply_symbols), strict=True) if on]
    if dry_run and (acts or out is not None):
        raise InvalidInput(f"--dry-run only reports: leave it out, or {[*acts, '--out'][0]}")
    options = _options(risk_unit, timezone, leave_out or [])
    translation = translate(read_legacy_files(paths), options)
    _check_acts(translation, options, acts)
    written: list[str] = []
    recorded: dict[str, Any] | None = None
    if not translation.refusals:
        written = _write(translation, out) if out is not None else []
        if acts:
            package = package_of(
                translation, with_strategies=publish, with_limits=apply_limits, with_symbols=apply_symbols
            )
            recorded = _record(package, data_dir, as_json=as_json)
    value = _answer_of(translation, written, recorded)
    again = _command(paths, risk_unit, timezone, leave_out or [], data_dir)
    answer(value, lambda: _render(translation, written, recorded, again), as_json=as_json)
    if translation.refusals:
        raise typer.Exit(1)


def _options(risk_unit: str, timezone: str, leave_out: list[str]) -> ImportOptions:
    from tradewarden.core.market.session import zone
    from tradewarden.core.strategy.legacy import ImportOptions, RiskUnit

    known = [unit.value for unit in RiskUnit]
    if risk_unit not in known:
        raise InvalidInput(f"--risk-unit {risk_unit!r} is unknown; known are {', '.join(known)}")
    try:
        zone(timezone)
    except OSError as error:  # a folder of the zone database, such as 'Europe'
        raise InvalidInput(f"--timezone {timezone!r} is no IANA zone such as 'Europe/London'") from error
    return ImportOptions(
        risk_unit=RiskUnit(risk_unit),
        zone_name=timezone,
        leave_out=frozenset(name.strip().lower() for name in leave_out),
    )


def _check_acts(translation: Translation, options: ImportOptions, acts: list[str]) -> None:
    """Refuse to act on what the import does not hold, and to leave out a fact that is nowhere."""
    from tradewarden.core.strategy.legacy import FindingKind

    if translation.refusals:
        return
    for act, held, what in zip(ACTS, _held(translation), HOLDS, strict=True):
        if act in acts and not held:
            raise InvalidInput(f"{act}: the import holds no {what}")
    left = {each.found for each in translation.findings if each.kind is FindingKind.LEFT_OUT}
    unused = sorted(options.leave_out - left)
    if unused:
        raise InvalidInput(f"--leave-out {unused[0]}: no file names this fact outside its entry conditions")


def _held(translation: Translation) -> tuple[bool, bool, bool]:
    """Return for each act whether the import holds something that it acts on."""
    return bool(translation.strategies), bool(translation.limits), bool(translation.symbol_map)


def _write(translation: Translation, folder: Path) -> list[str]:
    """Write every document into ``folder`` and return the paths. Raises InvalidInput; names are checked first."""
    paths = {folder / f"{_file_name(each.name)}.json": each for each in translation.strategies}
    if len(paths) != len(translation.strategies):
        raise InvalidInput("--out: two strategies would be written to one file; give them names that differ by letters")
    taken = next((path for path in paths if path.exists()), None)
    if taken is not None:
        raise InvalidInput(f"--out: {taken} exists already; choose an empty folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, each in paths.items():
            path.write_text(each.text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"--out {folder} cannot be written: {error.strerror}") from error
    return [str(path) for path in paths]


def _file_name(name: str) -> str:
    kept = "".join(character if character.isalnum() else "_" for character in name.lower())
    return "_".join(part for part in kept.split("_") if part) or "strategy"


def _record(package: ImportPackage, data_dir: Path | None, *, as_json: bool) -> dict[str, Any]:
    """Record the import, through the running desk where there is one, and return what became of it."""
    from tradewarden.cli.acting import actor
    from tradewarden.cli.reach import DeskClient, find_desk
    from tradewarden.cli.record import resting_desk, settings_for
    from tradewarden.services.import_legacy import record_import

    settings = settings_for(data_dir)
    desk = find_desk(settings.data_dir)
    if desk is not None:
        with DeskClient(desk) as client:
            told: dict[str, Any] = client.post("/strategies/import", _body(package))
        lines = [
            (each["strategy"]["name"], each["strategy"]["version"], each["created"]) for each in told["strategies"]
        ]
        return _recorded(lines, told["policy_version"], told["symbol_map_version"], told["history_seq"])
    with resting_desk(settings.data_dir, as_json=as_json) as resting:
        outcome = record_import(resting.desk, package, actor=actor())
    versions = [(each.record.version, each.created) for each in outcome.strategies]
    lines = [(version.spec.name, version.version, created) for version, created in versions]
    return _recorded(lines, outcome.policy_version, outcome.symbol_map_version, outcome.history_seq)


def _recorded(lines: list[Any], policy: int | None, symbol_map: int | None, seq: int | None) -> dict[str, Any]:
    published = [{"name": name, "version": version, "created": created} for name, version, created in lines]
    return {
        "published": published,
        "policy_version": policy,
        "symbol_map_version": symbol_map,
        "history_seq": seq,
    }


def _body(package: ImportPackage) -> dict[str, Any]:
    from tradewarden.cli.output import jsonable

    body = {
        "sources": [{"name": each.name, "kind": each.kind, "sha256": each.digest} for each in package.sources],
        "strategies": [{"source": each.source, "text": each.text} for each in package.strategies],
        "symbols": package.symbols,
        "notes": list(package.notes),
    }
    sent: dict[str, Any] = jsonable({**body, "limits": package.limits} if package.limits else body)
    return sent


def _answer_of(translation: Translation, written: list[str], recorded: dict[str, Any] | None) -> dict[str, Any]:
    from tradewarden.core.strategy.legacy import FindingKind
    from tradewarden.services.import_legacy import reach_of

    return {
        "refused": bool(translation.refusals),
        "counts": {kind.value: translation.count(kind) for kind in FindingKind},
        "files": [{"name": each.name, "kind": each.kind, "sha256": each.digest} for each in translation.sources],
        "findings": translation.findings,
        "strategies": [
            {"name": each.name, "source": each.source, "reach": reach_of(each), "document": each.document}
            for each in translation.strategies
        ],
        "limits": {limit.field: limit.value for limit in translation.limits},
        "symbol_map": dict(translation.symbol_map),
        "written": written,
        "recorded": recorded,
    }


def _render(translation: Translation, written: list[str], recorded: dict[str, Any] | None, again: str) -> list[Any]:
    from tradewarden.cli.import_view import report_parts
    from tradewarden.cli.output import styled

    parts = report_parts(translation)
    parts += [styled(f"✓ {path}", "green") for path in written]
    if translation.refusals:
        count = len(translation.refusals)
        parts.append(styled(f"✗ {count} refused: nothing is written, published or applied", "red"))
    elif recorded is not None:
        parts += _recorded_lines(recorded)
    elif any(_held(translation)):
        acts = " ".join(act for act, held in zip(ACTS, _held(translation), strict=True) if held)
        parts.append(styled(f"Nothing is recorded yet. When the report is right: {again} {acts}", ""))
    return parts


def _recorded_lines(recorded: dict[str, Any]) -> list[Any]:
    from tradewarden.cli.output import styled

    states = {True: "published", False: "is in force already"}
    lines = [
        styled(f"✓ {each['name']} version {each['version']} {states[each['created']]}", "green")
        for each in recorded["published"]
    ]
    if recorded["policy_version"] is not None:
        lines.append(styled(f"✓ risk policy version {recorded['policy_version']}", "green"))
    if recorded["symbol_map_version"] is not None:
        lines.append(styled(f"✓ symbol map version {recorded['symbol_map_version']}", "green"))
    seq = recorded["history_seq"]
    where = f"history entry {seq}" if seq is not None else "nothing had to change, so there is no new history entry"
    return [*lines, styled(f"Imported: {where}", "")]


def _command(paths: list[Path], risk_unit: str, timezone: str, leave_out: list[str], data_dir: Path | None) -> str:
    """Return the command that was typed, without what it does with the result."""
    words = ["tradewarden", "strategy", "import", *(str(path) for path in paths)]
    words += ["--risk-unit", risk_unit] if risk_unit != "percent" else []
    words += ["--timezone", timezone] if timezone != "UTC" else []
    for name in leave_out:
        words += ["--leave-out", name]
    words += ["--data-dir", str(data_dir)] if data_dir is not None else []
    return shlex.join(words)
