"""All tests: the web's first, then pytest, whose closing line is the last one printed.

Called by `make test` after setup. Further arguments go to pytest. A browser for the end-to-end tests is
installed where that is possible (root on a system with apt); elsewhere those tests are skipped, and that is
said aloud.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial

from node import environment
from steps import ROOT, VENV_PYTHON, StepFailed, guarded, run, say, step

WEB = ROOT / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    """Run the web's tests, then become pytest."""
    provide_browser()
    if (WEB / "package.json").exists():
        env = environment()
        npm = shutil.which("npm", path=env["PATH"]) or "npm"
        advice = "A web test fails: see the lines above."
        step("Web tests", partial(run, [npm, "test", "--silent"], advice=advice, env=env, cwd=WEB))
    say("==> Python tests ...")
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "pytest", "-ra", *sys.argv[1:]])


def provide_browser() -> None:
    """Install Chromium where it is missing and can be installed; say loudly where it cannot."""
    if os.environ.get("TRADEWARDEN_CHROMIUM") or any(shutil.which(name) for name in BROWSERS):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            step("Chromium for the browser tests", install_chromium)
        except StepFailed as failure:
            say(f"    {failure}")
        else:
            return
    say("!!! " + "-" * 76)
    say("!!! No Chromium: the browser tests will be SKIPPED. Install the package `chromium`,")
    say("!!! or set TRADEWARDEN_CHROMIUM to a Chromium or Chrome executable.")
    say("!!! " + "-" * 76)


def install_chromium() -> None:
    """Install Debian's Chromium."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    advice = "Chromium cannot be installed from here."
    run(["apt-get", "update", "-qq"], advice=advice, env=env)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], advice=advice, env=env)


if __name__ == "__main__":
    guarded(main)
