"""The real desk and a real browser for the end-to-end tests.

One desk runs for the whole session as a process of its own, on a generated market, with its own data directory; each
test gets a fresh browser context with a session of its own. Nothing here is replaced or faked.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

import tradewarden

COMMAND = (sys.executable, "-m", "tradewarden.cli")
START_SECONDS = 90
STOP_SECONDS = 30
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A refused request is part of the game (an idea that expired under the hand, a link used twice, a position that its
# stop closed before the hand did); the browser logs it.
REFUSALS = ("status of 401", "status of 409", "status of 412", r"status of 404 .*/positions/\d+/close$")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDesk:
    """A desk that answers at `url`, with its data in `data_dir`."""

    url: str
    data_dir: Path

    def cli(self, *arguments: str) -> dict[str, object]:
        """Run a command against this desk and return its JSON answer."""
        done = subprocess.run(
            [*COMMAND, *arguments, "--data-dir", str(self.data_dir), "--json"],
            capture_output=True,
            text=True,
            check=True,
            timeout=START_SECONDS,
            env=_environment(),
        )
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return answer

    def sign_in_link(self) -> str:
        """Return a fresh one-time link."""
        return next(
            value for value in self.cli("sign-in-link").values() if isinstance(value, str) and "token=" in value
        )


@pytest.fixture(scope="session")
def desk(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A running desk; it is stopped as a person would stop it, and must end cleanly."""
    if not (Path(tradewarden.__file__).parent / "webdist" / "index.html").is_file():
        pytest.skip("the web pages are not built: browser tests are NOT run; `make setup` builds them")
    data_dir = tmp_path_factory.mktemp("desk")
    with (data_dir / "up.log").open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, "up", "--data-dir", str(data_dir), "--port", str(_free_port()), "--json"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=_environment(),
        )
        try:
            started = _first_answer(process, data_dir / "up.log")
            yield RunningDesk(url=str(started["url"]), data_dir=data_dir)
            process.send_signal(signal.SIGINT)
            assert process.wait(STOP_SECONDS) == 0, (data_dir / "up.log").read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(STOP_SECONDS)
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER_FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A page of somebody who is not signed in, on a screen of 1440 x 900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield from _watched_page(context)


@pytest.fixture
def trader(desk: RunningDesk, visitor: Page) -> Page:
    """A page of a signed-in person, on the desk."""
    return sign_in(visitor, desk)


@pytest.fixture
def phone(desk: RunningDesk, browser: Browser) -> Iterator[Page]:
    """The desk on a phone, signed in."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    for page in _watched_page(context):
        yield sign_in(page, desk)


def sign_in(page: Page, desk: RunningDesk) -> Page:
    """Open a fresh link and wait for the desk."""
    page.goto(desk.sign_in_link())
    page.get_by_role("banner", name="Desk status").get_by_text("Live").wait_for()
    return page


def _watched_page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page and fail when it logged an error: a script that the policy refused, an uncaught exception."""
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        shown = f"{message.text} {message.location['url']}"
        if message.type == "error" and not any(re.search(refusal, shown) for refusal in REFUSALS):
            troubles.append(shown)

    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", note)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    context.close()
    assert troubles == []


def _environment() -> dict[str, str]:
    """This environment without the product's own variables: those of the tests would be unknown settings to it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TRADEWARDEN_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first_answer(process: "subprocess.Popen[str]", log: Path) -> dict[str, object]:
    """Return the JSON that the desk prints when it is up; its stdout ends early when it could not start."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("}"):
            answer = json.loads(text)
            assert isinstance(answer, dict)
            if "url" in answer:
                return answer
    pytest.fail(f"the desk did not start: {text}\n{log.read_text()}")
