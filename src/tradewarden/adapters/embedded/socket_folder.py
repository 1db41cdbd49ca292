"""A folder for the server's socket whose path is short enough.

The kernel allows about 100 bytes for a socket's path. The folder lies in the data directory when it fits,
else in the user's runtime folder or the temporary folder under an unguessable name, and is recorded, so that
the next start uses it again.
"""

import os
import stat
import tempfile
from pathlib import Path

from tradewarden.adapters.embedded.errors import EmbeddedPostgresError
from tradewarden.adapters.embedded.files import PRIVATE_FOLDER_MODE, write_private_text
from tradewarden.adapters.embedded.identity import Identity
from tradewarden.adapters.embedded.urls import PORT

# Linux allows 107 bytes and macOS 103, with a margin for the lock file beside the socket.
MAX_SOCKET_PATH_BYTES = 95


def prepare_socket_folder(postgres_folder: Path, identity: Identity) -> Path:
    """Return an existing private folder for the socket, owned by the user that `identity` stands for."""
    inside = postgres_folder / "socket"
    record = postgres_folder / "socket-folder"
    if _fits(inside):
        inside.mkdir(mode=PRIVATE_FOLDER_MODE, exist_ok=True)
        identity.give(inside)
        return inside
    if record.exists():
        recorded = Path(record.read_text(encoding="utf-8").strip())
        if _is_private(recorded, identity):
            return recorded
    made = _make_short_folder(identity)
    identity.give(made)
    write_private_text(record, f"{made}\n")
    return made


def drop_short_folder(postgres_folder: Path) -> None:
    """Remove the recorded short folder after an orderly stop, so that temporary folders do not pile up."""
    record = postgres_folder / "socket-folder"
    if record.exists():
        recorded = Path(record.read_text(encoding="utf-8").strip())
        if recorded.is_dir() and not any(recorded.iterdir()):
            recorded.rmdir()
        record.unlink()


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= MAX_SOCKET_PATH_BYTES


def _make_short_folder(identity: Identity) -> Path:
    """Make a folder under the first short place that the server's user can enter."""
    places = [Path(tempfile.gettempdir())]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    # The runtime folder is closed to everybody but its owner, so it serves only a server that runs as that
    # owner.
    if runtime and identity.owner_id is None and Path(runtime).is_dir():
        places.insert(0, Path(runtime))
    for place in places:
        if _fits(place / "tradewarden-12345678"):
            return Path(tempfile.mkdtemp(prefix="tradewarden-", dir=place))
    raise EmbeddedPostgresError(
        f"No folder for PostgreSQL's socket: {' and '.join(str(place) for place in places)} are longer than "
        f"{MAX_SOCKET_PATH_BYTES} bytes with the socket's name; set TMPDIR to a shorter path."
    )


def _is_private(folder: Path, identity: Identity) -> bool:
    """True when nobody else could have put the folder there: ours, a real folder, closed to others."""
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        return False
    owner_id = os.geteuid() if identity.owner_id is None else identity.owner_id
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == owner_id and stat.S_IMODE(facts.st_mode) == 0o700
