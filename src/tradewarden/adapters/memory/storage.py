"""The memory record's transactions: one lock, all or nothing, and the same misuse refused as by the database's."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tradewarden.adapters.memory.reading import MemoryReading
from tradewarden.adapters.memory.state import MemoryState, Undo
from tradewarden.adapters.memory.writing import MemoryWriting
from tradewarden.core.audit.chain import ChainHead
from tradewarden.ports.anchor import Anchor
from tradewarden.ports.storage import Reading, Writing


class MemoryStorage:
    """A record in this process's memory. A block holds the lock to its end, reading ones too."""

    def __init__(self, *, anchor: Anchor | None = None) -> None:
        self._state = MemoryState()
        self._lock = threading.RLock()
        self._writing = False
        self._revision = 0
        self._anchor = anchor

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Open a read-only block."""
        with self._lock:
            self._refuse_inside_write()
            yield MemoryReading(self._state)

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """Open a transaction, committed when the block ends and rolled back when it raises."""
        with self._lock:
            self._refuse_inside_write()
            before = len(self._state.history)
            undo = Undo()
            transaction = MemoryWriting(self._state, undo)
            self._writing = True
            try:
                yield transaction
                transaction.check_citations()
            except BaseException:
                undo.roll_back()
                raise
            finally:
                self._writing = False
            self._revision += int(transaction.book_changed)
            if self._anchor is not None and len(self._state.history) > before:
                self._anchor.advance(transaction.head())

    def revision(self) -> int:
        """Return a number that rises with every committed change other than measurements."""
        with self._lock:
            return self._revision

    def is_writable(self) -> bool:
        """Return True: memory is there as long as the process is."""
        return True

    def anchored_head(self) -> ChainHead | None:
        """Return the chain's head as anchored, or None without an anchor."""
        return None if self._anchor is None else self._anchor.head()

    def _refuse_inside_write(self) -> None:
        if self._writing:
            raise RuntimeError("a transaction is open in this thread: use it, a second one would see another state")
