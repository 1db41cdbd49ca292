"""The database addresses that the supervisor hands out, and the secrets behind them.

Passwords are made once per data directory and kept in one private file; they appear in URLs and nowhere else,
least of all in a ``repr`` that might reach a log.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tradewarden.adapters.embedded.errors import EmbeddedPostgresError
from tradewarden.adapters.embedded.files import write_private_text

ADMIN_ROLE = "tradewarden_admin"
OWNER_ROLE = "tradewarden_owner"
APP_ROLE = "tradewarden_app"
DATABASE = "tradewarden"
PORT = 5432  # only part of the socket's name: no TCP port is ever opened


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUrls:
    """Two SQLAlchemy URLs of one database: `owner` migrates it, `app` is what the program works as."""

    owner: str
    app: str

    def __repr__(self) -> str:
        return "DatabaseUrls(owner=<secret>, app=<secret>)"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """The passwords of one data directory's roles."""

    admin: str
    owner: str
    app: str

    def urls(self, socket_folder: Path, database: str = DATABASE) -> DatabaseUrls:
        """Return the URLs of `database` behind the socket in `socket_folder`."""
        return DatabaseUrls(
            owner=_url(OWNER_ROLE, self.owner, socket_folder, database),
            app=_url(APP_ROLE, self.app, socket_folder, database),
        )

    def admin_url(self, socket_folder: Path, database: str = "postgres") -> str:
        """Return the URL of the superuser, for creating roles and databases."""
        return _url(ADMIN_ROLE, self.admin, socket_folder, database)

    def __repr__(self) -> str:
        return "Credentials(<secret>)"


def load_or_make_credentials(path: Path, *, cluster_exists: bool) -> Credentials:
    """Return the passwords in `path`, made on first use.

    Raises EmbeddedPostgresError when the cluster exists without its passwords: making new ones would lock
    everybody out.
    """
    if path.exists():
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(admin=fields["admin"], owner=fields["owner"], app=fields["app"])
    if cluster_exists:
        raise EmbeddedPostgresError(
            f"{path} is missing, so the database beside it cannot be opened; restore the file from a backup."
        )
    fields = {name: secrets.token_urlsafe(24) for name in ("admin", "owner", "app")}
    write_private_text(path, json.dumps(fields) + "\n")
    return Credentials(**fields)


def driver_url(sqlalchemy_url: str) -> str:
    """Return the same address in libpq's form, for psql and psycopg."""
    return sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _url(role: str, password: str, socket_folder: Path, database: str) -> str:
    # The password is URL-safe by construction; the folder may hold any character.
    host = quote(str(socket_folder), safe="/")
    return f"postgresql+psycopg://{role}:{password}@/{database}?host={host}&port={PORT}"
