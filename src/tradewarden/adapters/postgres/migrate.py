"""Bringing the schema up to date, by the database's owner, before the application connects.

All steps run in one transaction under a lock, so that a kill in the middle leaves the old schema, and two programs
that start at once do not disturb each other.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tradewarden.adapters.postgres.engine import CONNECT_SECONDS, translated
from tradewarden.core.errors import StorageUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

# Named here so that a start with nothing to do need not load Alembic; a test holds it to the newest file.
HEAD = "0006"
_FOLDER = Path(__file__).resolve().parent / "migrations"
_LOCK = 0x54575F4D49475241


def upgrade(owner_url: str, revision: str = "head") -> bool:
    """Bring the schema to ``revision`` and return whether anything was done.

    Raises StorageUnavailable when the database cannot be reached or its schema is newer than this program.
    """
    engine = create_engine(owner_url, poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS})
    with translated(), engine.begin() as connection:
        if current_revision(connection) == (HEAD if revision == "head" else revision):
            return False
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = current_revision(connection)
        if found == (HEAD if revision == "head" else revision):
            return False
        if found is not None and found not in _known_revisions():
            raise StorageUnavailable(
                f"the database's schema is at revision {found!r}, this program knows up to {HEAD!r}: "
                "it was written by a newer version of Tradewarden; run that one"
            )
        _run("upgrade", connection, revision)
    return True


def downgrade(owner_url: str, revision: str) -> None:
    """Take the schema back to ``revision`` (``base`` for none). Everything that came later is lost."""
    engine = create_engine(owner_url, poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS})
    with translated(), engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _run("downgrade", connection, revision)


def current_revision(connection: Connection) -> str | None:
    """Return the revision the database is at, or None for one without a schema."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _run(direction: str, connection: Connection, revision: str) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    (command.upgrade if direction == "upgrade" else command.downgrade)(config, revision)


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
