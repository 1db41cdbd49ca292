"""Making a database cluster, and the roles and the database inside it.

A cluster is made beside its final place and renamed when complete, so that a kill in the middle leaves
nothing that looks finished. Roles are brought to what they should be on every start; nothing here knows a
table.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from tradewarden.adapters.embedded.binaries import MAJOR_VERSION
from tradewarden.adapters.embedded.errors import EmbeddedPostgresError
from tradewarden.adapters.embedded.identity import Identity
from tradewarden.adapters.embedded.urls import (
    ADMIN_ROLE,
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    Credentials,
    driver_url,
)

INITDB_SECONDS = 300


def ensure_cluster(
    cluster: Path,
    *,
    binaries: Path,
    identity: Identity,
    admin_password: str,
    on_progress: Callable[[str], None],
) -> None:
    """Make the cluster unless it is there, with checksums, UTF-8 and the C locale.

    Raises EmbeddedPostgresError when it is of another major version or cannot be made.
    """
    version_file = cluster / "PG_VERSION"
    if version_file.exists():
        version = version_file.read_text(encoding="ascii").strip()
        if version != MAJOR_VERSION:
            raise EmbeddedPostgresError(
                f"{cluster} holds data of PostgreSQL {version}, the program brings {MAJOR_VERSION}; "
                "move the data with pg_dump and restore, or choose another --data-dir."
            )
        identity.give(cluster)
        return
    on_progress(f"Making a new PostgreSQL {MAJOR_VERSION} database in {cluster}")
    draft = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    identity.give(draft)
    _run_initdb(draft, binaries=binaries, identity=identity, admin_password=admin_password)
    draft.rename(cluster)


def ensure_roles(admin_url: str, credentials: Credentials) -> None:
    """Bring the roles and the database to what they should be.

    The owner owns the database and migrates it; the application's role owns nothing and may do only what
    migrations grant it. Neither is a superuser.
    """
    with psycopg.connect(driver_url(admin_url), autocommit=True) as connection:
        _ensure_role(connection, OWNER_ROLE, credentials.owner)
        _ensure_role(connection, APP_ROLE, credentials.app)
        database, owner, app = (sql.Identifier(name) for name in (DATABASE, OWNER_ROLE, APP_ROLE))
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, app))


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if known is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    # Sent as a verifier: a statement that fails is logged with its text, and the log must not hold a
    # password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL(
            "ALTER ROLE {} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
        ).format(sql.Identifier(role), sql.Literal(verifier))
    )


def _run_initdb(draft: Path, *, binaries: Path, identity: Identity, admin_password: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=draft.parent, prefix="initdb-", encoding="utf-8") as password_file:
        password_file.write(admin_password + "\n")
        password_file.flush()
        identity.give(Path(password_file.name))
        command = identity.command(
            binaries / "initdb", "--pgdata", draft, "--username", ADMIN_ROLE, "--pwfile", password_file.name,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums",
        )  # fmt: skip
        result = subprocess.run(
            command, check=False, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=INITDB_SECONDS, env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    if result.returncode != 0:
        raise EmbeddedPostgresError(
            f"initdb failed with exit code {result.returncode}:\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
        )
