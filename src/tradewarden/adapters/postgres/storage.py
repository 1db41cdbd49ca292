"""The record's transactions in PostgreSQL: who waits for whom, what is durable, and what a lost server means."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from tradewarden.adapters.postgres.book import BookCache
from tradewarden.adapters.postgres.engine import make_engine, translated
from tradewarden.adapters.postgres.reading import DOING, TOTAL_REVISION, PostgresReading
from tradewarden.adapters.postgres.writing import PostgresWriting
from tradewarden.core.audit.chain import ChainHead
from tradewarden.core.errors import IntegrityError, StorageUnavailable
from tradewarden.ports.anchor import Anchor
from tradewarden.ports.storage import Reading, Writing

_LOGGER = logging.getLogger(__name__)
# One chain, one lock: whoever writes holds it to the commit, so that entries are numbered in commit order.
_DESK_LOCK = 0x54575F4445534B
_TAKE_LOCK = text(f"SELECT pg_advisory_xact_lock({_DESK_LOCK})")
_IS_READ_ONLY = text("SHOW transaction_read_only")


class PostgresStorage:
    """The record behind ``url``, worked on as the application's role.

    ``anchor`` notes the chain's head after each commit. ``exclusive`` says that no other program writes to this
    database while this one does (a headless run with a data directory of its own): changes are then counted here.
    """

    def __init__(self, url: str, *, anchor: Anchor | None = None, exclusive: bool = False) -> None:
        self._engine = make_engine(url)
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._cache = BookCache(exclusive=exclusive)
        self._anchor = anchor
        self._anchor_lock = threading.Lock()
        self._anchor_due: ChainHead | None = None
        self._anchor_compared = anchor is None
        self._mine = threading.local()

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Open a read-only block: everything in it is answered from one state."""
        self._refuse_inside_write()
        with translated(DOING), self._reading.connect() as connection, connection.begin():
            yield PostgresReading(connection, self._cache)

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """Open a transaction under the desk's lock, committed when the block ends and rolled back when it raises.

        A server lost during the commit itself leaves open whether it took place; the message then says so, and the
        record's head tells.
        """
        self._refuse_inside_write()
        self._note_what_is_due()
        with translated("the record cannot be written"), self._engine.connect() as connection:
            transaction = connection.begin()
            self._mine.writing = True
            try:
                with transaction:
                    connection.execute(_TAKE_LOCK)
                    writing = PostgresWriting(connection, self._cache)
                    self._compare_with_anchor(connection)
                    yield writing
                    with translated("the record was lost during a commit, which may or may not have taken place"):
                        transaction.commit()
            finally:
                self._mine.writing = False
        self._cache.raise_counts(writing.changed)
        if writing.new_head is not None:
            self._note(writing.new_head)

    def revision(self) -> int:
        """Return a number that rises with every committed change other than measurements."""
        if self._cache.exclusive:
            return sum(self._cache.counts().values())
        with translated(DOING), self._single.connect() as connection:
            return int(connection.execute(TOTAL_REVISION).scalar_one())

    def is_writable(self) -> bool:
        """Return whether a transaction could be opened right now."""
        try:
            self._note_what_is_due()
            with translated(), self._single.connect() as connection:
                return str(connection.execute(_IS_READ_ONLY).scalar_one()) == "off"
        except StorageUnavailable:
            return False

    def anchored_head(self) -> ChainHead | None:
        """Return the chain's head as anchored outside the table, or None where there is no anchor yet."""
        return None if self._anchor is None else self._anchor.head()

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def _refuse_inside_write(self) -> None:
        if getattr(self._mine, "writing", False):
            raise RuntimeError("a transaction is open in this thread: use it, a second one would see another state")

    def _compare_with_anchor(self, connection: Connection) -> None:
        """Refuse, once per program, to go on from a record that is older than its anchor: the evidence would fade."""
        if self._anchor_compared or self._anchor is None:
            return
        noted = self._anchor.head()
        if noted is not None:
            found = PostgresReading(connection, self._cache).entry(noted.seq)
            if found is None or found.entry_hash != noted.entry_hash:
                what = "has no such entry" if found is None else "has another entry there"
                raise IntegrityError(
                    f"the history was anchored at entry {noted.seq} ({noted.entry_hash[:12]}), the record {what}: it"
                    " was cut, changed or restored from before. Look at it with `tradewarden history verify`; to go on"
                    " from a backup on purpose, move the anchor file aside"
                )
        self._anchor_compared = True

    def _note(self, head: ChainHead) -> None:
        """Anchor ``head``. The entry is committed: when the anchor fails, it is due before the next transaction."""
        if self._anchor is None:
            return
        with self._anchor_lock:
            if self._anchor_due is None or self._anchor_due.seq < head.seq:
                self._anchor_due = head
        try:
            self._note_what_is_due()
        except StorageUnavailable:
            _LOGGER.exception("history entry %d is recorded but not anchored yet", head.seq)

    def _note_what_is_due(self) -> None:
        if self._anchor is None or self._anchor_due is None:
            return
        with self._anchor_lock:
            if self._anchor_due is not None:
                self._anchor.advance(self._anchor_due)
                self._anchor_due = None
