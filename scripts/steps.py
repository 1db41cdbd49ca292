"""Steps of a longer job on a developer's machine: announced, timed, skipped when done, explained on failure.

Used by the other scripts of this folder, which `make` calls. Standard library only, because it runs before
anything is installed. A step's stamp is a digest of what went into it, kept under `.make/`, so a fresh
checkout, a changed file and an interrupted run all lead to the right work.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".make"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"


class StepFailed(Exception):
    """A step could not be done; the message says what to do about it."""


def say(text: str) -> None:
    """Print a line at once, so that progress is visible while a step works."""
    print(text, flush=True)


def step(title: str, work: Callable[[], None], *, inputs: Iterable[str | Path] = (), stamp: str = "") -> None:
    """Do `work` unless its stamp says that it was done with the same `inputs`; print what happened.

    `inputs` are files (their content counts), folders (all files below) and plain texts. Without `stamp` the
    step is done every time.
    """
    digest = _digest(inputs) if stamp else ""
    stamp_file = STAMPS / stamp
    if stamp and stamp_file.exists() and stamp_file.read_text(encoding="ascii") == digest:
        say(f"==> {title}: up to date")
        return
    say(f"==> {title} ...")
    started = time.monotonic()
    if stamp:
        stamp_file.unlink(missing_ok=True)
    work()
    if stamp:
        STAMPS.mkdir(exist_ok=True)
        stamp_file.write_text(digest, encoding="ascii")
    say(f"==> {title}: done in {time.monotonic() - started:.1f} s")


def run(command: list[str | Path], *, advice: str, env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run `command` with its output on this terminal; raise StepFailed with `advice` when it fails."""
    words = [str(word) for word in command]
    try:
        result = subprocess.run(words, check=False, cwd=cwd, env=env, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise StepFailed(f"{words[0]} was not found. {advice}") from error
    if result.returncode != 0:
        raise StepFailed(f"`{' '.join(words)}` ended with exit code {result.returncode}. {advice}")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let only one setup work in this folder; a second one waits and says so."""
    STAMPS.mkdir(exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("==> Another setup works in this folder; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def guarded(main: Callable[[], None]) -> None:
    """Run `main`; on a failed step print what to do and exit with 1, on Ctrl-C with 130."""
    try:
        main()
    except StepFailed as failure:
        print(f"\nFAILED: {failure}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr, flush=True)
        raise SystemExit(130) from None


def _digest(inputs: Iterable[str | Path]) -> str:
    digest = hashlib.sha256()
    for item in inputs:
        if isinstance(item, Path):
            for path in _files(item):
                digest.update(os.fsencode(path.relative_to(ROOT)) + b"\0" + path.read_bytes() + b"\0")
        else:
            digest.update(item.encode() + b"\0")
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(found for found in path.rglob("*") if found.is_file())
    return [path] if path.is_file() else []
