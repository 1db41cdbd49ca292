"""Why the local database cannot be used, as one error with a way out.

Raised by every module of this folder; the command line prints the message as it is, so it names the path or
the process and says what to do next.
"""

from tradewarden.core.errors import StorageUnavailable


class EmbeddedPostgresError(StorageUnavailable):
    """The local PostgreSQL cannot be prepared, started or reached."""
