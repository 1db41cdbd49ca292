"""The checks that need no running program: format, lint, types, imports, and the web's own.

Called by `make check` after setup. Every check runs, so that one look shows all there is to repair.
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

from node import environment
from steps import ROOT, VENV, StepFailed, guarded, run, say, step

BIN = VENV / "bin"
WEB = ROOT / "web"


def main() -> None:
    """Run all checks, then fail with the list of those that failed."""
    failures: list[str] = []
    for title, command, advice, folder in checks():
        try:
            step(title, partial(run, command, advice=advice, env=environment(), cwd=folder))
        except StepFailed as failure:
            say(f"==> {title}: FAILED")
            failures.append(f"{title}: {failure}")
    if failures:
        raise StepFailed("\n".join([f"{len(failures)} of the checks.", *failures]))


def checks() -> list[tuple[str, list[str | Path], str, Path]]:
    """Return (title, command, what to do, folder) of every check."""
    python: list[tuple[str, list[str | Path], str, Path]] = [
        ("Format", [BIN / "ruff", "format", "--check"], "`make format` repairs it.", ROOT),
        ("Lint", [BIN / "ruff", "check"], "`make format` repairs what can be repaired by a program.", ROOT),
        ("Types", [BIN / "mypy"], "See the lines above.", ROOT),
        ("Imports", [BIN / "lint-imports"], "CONTRIBUTING.md says which layer may import which.", ROOT),
    ]
    return python + web_checks()


def web_checks() -> list[tuple[str, list[str | Path], str, Path]]:
    """Return the checks that web/package.json offers."""
    if not (WEB / "package.json").exists():
        return []
    offered = json.loads((WEB / "package.json").read_text(encoding="utf-8")).get("scripts", {})
    wanted = (
        ("lint", "Web lint", "See the lines above."),
        ("typecheck", "Web types", "See the lines above."),
        ("check:api", "Web API client", "`make api-client` brings it up to date with the API."),
    )
    npm = shutil.which("npm", path=environment()["PATH"]) or "npm"
    return [(title, [npm, "run", "--silent", name], advice, WEB) for name, title, advice in wanted if name in offered]


if __name__ == "__main__":
    guarded(main)
