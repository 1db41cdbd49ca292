"""The machine token: how the command line on the same machine, of the same user, is let in."""

import os
import secrets
from pathlib import Path

from tradewarden.core.errors import NotFound

FILE_NAME = "api-token"


def make_machine_token(run_folder: Path) -> str:
    """Return a fresh token, kept in ``run_folder`` where only this user can read it; an older one ends here."""
    run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_urlsafe(32)
    path = run_folder / FILE_NAME
    # A new file under its final permissions takes the old one's place in one step.
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token + "\n")
    fresh.replace(path)
    return token


def read_machine_token(run_folder: Path) -> str:
    """Return the running desk's token. Raises NotFound when no desk has left one."""
    path = run_folder / FILE_NAME
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise NotFound(f"no machine token at {path}: no desk is running on this data directory") from error
