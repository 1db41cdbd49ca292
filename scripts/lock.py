"""Rewrite the hashed locks from requirements/*.in, for every Python and platform the product supports.

Called by `make lock` after a change of an .in file; `make lock UPGRADE=1` takes the newest allowed versions.
Locks name versions and hashes, never a place to fetch them from.
"""

from __future__ import annotations

import os
from functools import partial

from prepare import REQUIREMENTS, uv_environment
from steps import VENV, guarded, run, step

# In this order: the development lock is bound to the runtime's versions.
LOCKS = ("uv", "runtime", "dev", "node", "samples", "bench")
ALWAYS = (
    "--quiet",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--only-binary",
    ":all:",
    "--no-emit-index-url",
    "--no-header",
)


def main() -> None:
    """Compile every lock."""
    for name in LOCKS:
        step(f"Lock {name}", partial(compile_lock, name))


def compile_lock(name: str) -> None:
    """Compile requirements/NAME.in into requirements/NAME.txt."""
    command: list[str] = [str(VENV / "bin" / "uv"), "pip", "compile", *ALWAYS, f"{name}.in", "-o", f"{name}.txt"]
    if name == "samples":
        command.append("--no-deps")
    excludes = f"{name}.excludes"
    if (REQUIREMENTS / excludes).exists():
        command += ["--excludes", excludes]
    if os.environ.get("UPGRADE"):
        command.append("--upgrade")
    advice = f"requirements/{name}.in asks for what cannot be had together."
    run([*command], advice=advice, env=uv_environment(), cwd=REQUIREMENTS)


if __name__ == "__main__":
    guarded(main)
