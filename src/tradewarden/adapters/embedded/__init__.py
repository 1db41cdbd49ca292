"""The local database: PostgreSQL 18 from a wheel, started and watched by the program that uses it.

Only process supervision lives here (data directory, server process, first roles); tables and SQL of the
product belong to the PostgreSQL adapter. ``tradewarden up``, ``simulate`` and the tests start their database
through ``EmbeddedPostgres``; with a database URL in the settings nothing of this folder runs.

This is the one adapter beside the clock that reads ``time.monotonic``: a supervisor waits for processes, and
no moment it sees is ever recorded about trading.
"""

from tradewarden.adapters.embedded.data_dir import (
    DataDirLock,
    DeskAlreadyRunning,
    RunningDesk,
    read_running_desk,
)
from tradewarden.adapters.embedded.errors import EmbeddedPostgresError
from tradewarden.adapters.embedded.postgres import EmbeddedPostgres
from tradewarden.adapters.embedded.urls import DatabaseUrls

__all__ = [
    "DataDirLock",
    "DatabaseUrls",
    "DeskAlreadyRunning",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "RunningDesk",
    "read_running_desk",
]
