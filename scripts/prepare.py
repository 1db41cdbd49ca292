"""Prepare everything that the desk, its tests and its checks need, from nothing but Python 3.11 or newer.

Called by `make setup`. Standard library only. Each step is skipped while its inputs are unchanged.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from node import environment, is_new_enough, make_shims, system_version, wheel_folder
from steps import ROOT, VENV, VENV_PYTHON, StepFailed, guarded, one_at_a_time, run, say, step

OLDEST, NEWEST = (3, 11), (3, 14)
REQUIREMENTS = ROOT / "requirements"
WEB = ROOT / "web"
WEB_PACKAGED = ROOT / "src" / "tradewarden" / "webdist"
NETWORK_ADVICE = (
    "Check the network and the package index settings of pip (PIP_INDEX_URL, PIP_CERT) or npm, then run it again."
)


def main() -> None:
    """Run all steps in order."""
    started = time.monotonic()
    check_platform()
    with one_at_a_time():
        python_steps()
        web_steps()
    say(f"==> Setup complete in {time.monotonic() - started:.1f} s")


def check_platform() -> None:
    """Raise StepFailed where the wheels this product needs do not exist."""
    here = f"Python {platform.python_version()} on {sys.platform} {platform.machine()}"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise StepFailed(f"{here}: Python 3.11 to 3.14 is needed; name one with `make PYTHON=/path/to/python3.12`.")
    if sys.platform not in ("linux", "darwin"):
        raise StepFailed(f"{here} is not supported; use Linux, macOS, or WSL 2 on Windows.")
    if platform.machine() not in ("x86_64", "aarch64", "arm64"):
        raise StepFailed(f"{here}: there are wheels for x86_64 and arm64 only.")
    if sys.platform == "linux" and "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        raise StepFailed(f"{here}: there are wheels for glibc only; Alpine and other musl systems are not supported.")


def python_steps() -> None:
    """Make `.venv` and install the locked packages and the project itself into it."""
    version = platform.python_version()
    if not VENV_PYTHON.exists():
        # A moved or half-removed environment: nothing installed in it counts.
        for stamp in ("venv", "uv", "packages", "project", "node-wheel"):
            (ROOT / ".make" / stamp).unlink(missing_ok=True)
    step(f"Python {version} environment in .venv", make_venv, inputs=[version, str(ROOT)], stamp="venv")
    uv_lock = REQUIREMENTS / "uv.txt"
    step("Installer (uv)", install_uv, inputs=[version, uv_lock], stamp="uv")
    locks = [REQUIREMENTS / f"{name}.txt" for name in ("runtime", "dev", "samples")]
    step("Python packages, locked and hashed", install_packages, inputs=[version, *locks], stamp="packages")
    definition = [ROOT / "pyproject.toml", ROOT / "hatch_build.py", REQUIREMENTS / "runtime.in"]
    step("Tradewarden itself, editable", install_project, inputs=[version, *definition], stamp="project")


def make_venv() -> None:
    """Create `.venv` anew; an old one of another Python or place is removed."""
    shutil.rmtree(VENV, ignore_errors=True)
    advice = "Python's venv module is incomplete: install it (Debian and Ubuntu: `apt-get install python3-venv`)."
    run([sys.executable, "-m", "venv", VENV], advice=advice)


def install_uv() -> None:
    """Install uv by pip, checked against its hashes."""
    pip: list[str | Path] = [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = REQUIREMENTS / "uv.txt"
    run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", lock], advice=NETWORK_ADVICE)


def install_packages() -> None:
    """Install what the locks name, wheels only."""
    uv_install("-r", REQUIREMENTS / "runtime.txt", "-r", REQUIREMENTS / "dev.txt")
    uv_install("--no-deps", "-r", REQUIREMENTS / "samples.txt")


def install_project() -> None:
    """Install the project by reference, without its dependencies, which are there already."""
    command: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", VENV_PYTHON]
    advice = "The project's own definition is broken: see the message above."
    run([*command, "--no-deps", "--no-build-isolation", "-e", ROOT], advice=advice, env=uv_environment())


def uv_install(*arguments: str | Path) -> None:
    """Install hashed wheels into `.venv`."""
    command: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--python", VENV_PYTHON]
    options = ["--require-hashes", "--only-binary", ":all:"]
    run([*command, *options, *arguments], advice=NETWORK_ADVICE, env=uv_environment())


def uv_environment() -> dict[str, str]:
    """Return uv's environment: no interpreter downloads, the system's certificates, pip's index where one is set."""
    env = dict(os.environ)
    env["UV_PYTHON_DOWNLOADS"] = "never"
    env.setdefault("UV_SYSTEM_CERTS", "1")
    env.setdefault("UV_HTTP_TIMEOUT", env.get("PIP_DEFAULT_TIMEOUT", "60"))
    for limit in ("UV_CONCURRENT_DOWNLOADS", "UV_CONCURRENT_INSTALLS", "UV_CONCURRENT_BUILDS"):
        env.setdefault(limit, "2")
    # uv does not read pip's configuration, so a private index is handed over.
    command: list[str | Path] = [VENV_PYTHON, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=False, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        name, _, value = line.partition("=")
        if name.rpartition(".")[2] == "index-url":
            env.setdefault("UV_DEFAULT_INDEX", value.strip("'\""))
        if name.rpartition(".")[2] == "cert":
            env.setdefault("SSL_CERT_FILE", value.strip("'\""))
    return env


def web_steps() -> None:
    """Find or install Node, then build the web assets and put them into the package."""
    if not (WEB / "package.json").exists():
        say("==> Web: no web/package.json in this tree, nothing to build")
        return
    version = system_version()
    if is_new_enough(version):
        say(f"==> Node: the system's {version[0]}.{version[1]}" if version else "==> Node")
    else:
        step("Node from a wheel", install_node, inputs=[REQUIREMENTS / "node.txt"], stamp="node-wheel")
    manifest = [WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc"]
    if not (WEB / "node_modules").is_dir():
        (ROOT / ".make" / "npm").unlink(missing_ok=True)
    step("Web packages (npm ci)", install_web, inputs=manifest, stamp="npm")
    if not (WEB_PACKAGED / "index.html").exists():
        (ROOT / ".make" / "web").unlink(missing_ok=True)
    skip = ("node_modules", "dist", "coverage")
    sources = sorted(path for path in WEB.iterdir() if path.name not in skip and path.suffix != ".tsbuildinfo")
    step("Web assets", build_web, inputs=sources, stamp="web")


def install_node() -> None:
    """Install Node from its wheel."""
    uv_install("--no-deps", "-r", REQUIREMENTS / "node.txt")
    wheel = wheel_folder()
    if wheel is None:
        raise StepFailed("The Node wheel was installed but is not in .venv; run `make clean-all`, then try again.")
    make_shims(wheel)


def install_web() -> None:
    """Install what package-lock.json names."""
    npm(
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel",
        "error",
        advice=f"If it names the lock, run `npm install` in web/. {NETWORK_ADVICE}",
    )


def build_web() -> None:
    """Build web/dist and put it into the package, replacing what was there in one step."""
    npm("run", "--silent", "build", advice="The web sources do not build: see the message above.")
    fresh = WEB_PACKAGED.with_name("webdist.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(WEB / "dist", fresh)
    shutil.rmtree(WEB_PACKAGED, ignore_errors=True)
    fresh.rename(WEB_PACKAGED)


def npm(*arguments: str, advice: str) -> None:
    """Run npm in web/."""
    env = environment()
    executable = shutil.which("npm", path=env["PATH"])
    if executable is None:
        raise StepFailed("npm was not found. Run `make clean-all`, then try again.")
    run([executable, *arguments], advice=advice, env=env, cwd=WEB)


if __name__ == "__main__":
    guarded(main)
