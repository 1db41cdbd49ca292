"""As whom PostgreSQL runs, since it refuses to run as root.

An ordinary user runs it as itself. Root runs it in a user namespace where root looks like another user: the
files stay root's and nothing on the machine changes. Where namespaces are forbidden (containers), or where
the data already belongs to somebody else, root steps down to a user that owns the data.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tradewarden.adapters.embedded.errors import EmbeddedPostgresError

# Inside the namespace any number but 0 will do; outside it stays root.
NAMESPACE_ID = 1000
# The kernel's "nobody", which exists without an entry in any user table.
FALLBACK_ID = 65534
PROBE_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """A user for the server: the command prefix that becomes it and the owner its files need (or None)."""

    prefix: tuple[str, ...]
    owner_id: int | None
    description: str

    def command(self, *arguments: str | Path, dies_with_parent: bool = False) -> list[str]:
        """Return the command line that runs `arguments` as this user.

        With `dies_with_parent` the kernel sends SIGINT (PostgreSQL's orderly shutdown) when the thread that
        started it is gone. Linux only; elsewhere the next start finds and stops an orphan.
        """
        death = _death_signal() if dies_with_parent else []
        return [*self.prefix, *death, *(str(argument) for argument in arguments)]

    def give(self, path: Path) -> None:
        """Make `path` and all below it this user's, where that is not so already."""
        if self.owner_id is None:
            return
        os.chown(path, self.owner_id, self.owner_id)
        for below in path.rglob("*"):
            os.chown(below, self.owner_id, self.owner_id, follow_symlinks=False)


def choose_identity(folder: Path, binaries: Path, *, user_namespaces: bool | None = None) -> Identity:
    """Return the user to run PostgreSQL as, with its data in the existing `folder` of the data directory.

    `user_namespaces` says whether root may use them; None finds out by trying. Raises EmbeddedPostgresError
    when no user can reach both the programs and the data.
    """
    if os.geteuid() != 0:
        return Identity(prefix=(), owner_id=None, description="you")
    owner_id = folder.stat().st_uid
    if owner_id == 0 and user_namespaces is not False:
        identity = _namespaced()
        if identity and (user_namespaces or _succeeds(identity.command("true"))):
            _require_reach(identity, folder, binaries)
            return identity
    identity = _stepped_down(owner_id or FALLBACK_ID)
    data_dir = folder.parent
    if data_dir.stat().st_uid == 0:
        # Search only: that user can walk through to its own folder, and list nothing.
        data_dir.chmod(data_dir.stat().st_mode | 0o001)
    # The folder alone: passwords and locks in it stay root's.
    os.chown(folder, identity.owner_id or 0, identity.owner_id or 0)
    _require_reach(identity, folder, binaries)
    return identity


def _namespaced() -> Identity | None:
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    prefix = (unshare, "-U", f"--map-user={NAMESPACE_ID}", f"--map-group={NAMESPACE_ID}")
    return Identity(prefix=prefix, owner_id=None, description="root, seen as an ordinary user in a namespace")


def _stepped_down(user_id: int) -> Identity:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedPostgresError(
            "PostgreSQL refuses to run as root, user namespaces are forbidden here and `setpriv` "
            "(util-linux) is missing; run as an ordinary user, or set TRADEWARDEN_DATABASE_URL."
        )
    prefix = (setpriv, f"--reuid={user_id}", f"--regid={user_id}", "--clear-groups")
    return Identity(prefix=prefix, owner_id=user_id, description=f"user {user_id}")


def _death_signal() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


def _require_reach(identity: Identity, folder: Path, binaries: Path) -> None:
    """Refuse an identity that cannot run the programs or enter the folder, naming what is closed to it."""
    if not _succeeds(identity.command(binaries / "postgres", "--version")):
        raise EmbeddedPostgresError(_closed(identity, binaries))
    if not _succeeds(identity.command("test", "-x", folder)):
        raise EmbeddedPostgresError(_closed(identity, folder))


def _closed(identity: Identity, path: Path) -> str:
    return (
        f"PostgreSQL refuses to run as root and would run as {identity.description}, "
        f"to whom {path} is closed. "
        "Run as an ordinary user, choose a --data-dir and an installation that other users may enter, or set "
        "TRADEWARDEN_DATABASE_URL."
    )


def _succeeds(command: list[str]) -> bool:
    try:
        result = subprocess.run(
            command, check=False, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=PROBE_TIMEOUT_SECONDS,
        )  # fmt: skip
    except (FileNotFoundError, PermissionError):
        return False
    return result.returncode == 0
