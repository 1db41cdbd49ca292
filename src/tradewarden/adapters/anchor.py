"""The chain's head in a file beside the database: one line ``seq entry_hash`` per commit, only ever appended.

Written after the commit, so a crash between the two leaves the file behind and never ahead. Whoever cuts the
tail off the table, or restores it from before, has this file against him.
"""

import errno
import os
import re
import threading
from pathlib import Path

from tradewarden.core.audit.chain import ChainHead
from tradewarden.core.errors import IntegrityError, StorageUnavailable

_LINE = re.compile(rb"(\d{1,18}) ([0-9a-f]{64})")
# Commits of several threads may be noted out of order by a few lines, never by this many.
_TAIL_BYTES = 64 * 1024


class FileAnchor:
    """The anchor file at ``path``; the folder is made on the first note, readable by the owner alone.

    With ``durable`` off the note is left to the operating system to write: for runs that are thrown away.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable
        self._lock = threading.Lock()
        self._descriptor: int | None = None

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return self._path

    def head(self) -> ChainHead | None:
        """Return the noted head with the highest seq, or None before the first.

        A last line without its end is what a crash leaves, and is passed over; anything else that is not a note
        raises IntegrityError.
        """
        try:
            with self._path.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - _TAIL_BYTES))
                tail = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageUnavailable(f"the history's anchor {self._path} cannot be read: {error.strerror}") from error
        lines = tail.split(b"\n")[:-1]
        if size > _TAIL_BYTES:
            lines = lines[1:]
        heads = [self._parse(line) for line in lines]
        return max(heads, key=lambda head: head.seq, default=None)

    def advance(self, head: ChainHead) -> None:
        """Append ``head`` and wait until it is on the disk."""
        line = f"{head.seq} {head.entry_hash}\n".encode("ascii")
        with self._lock:
            try:
                descriptor = self._open()
                written = os.write(descriptor, line)
                if written != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if self._durable:
                    os.fsync(descriptor)
            except OSError as error:
                self._close()
                raise StorageUnavailable(
                    f"the history's anchor {self._path} cannot be written: {error.strerror}"
                ) from error

    def close(self) -> None:
        """Close the file; a later note opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
            # A line that a crash tore off was never a note; it must not swallow the next one.
            size = os.fstat(descriptor).st_size
            start = max(0, size - _TAIL_BYTES)
            os.ftruncate(descriptor, start + os.pread(descriptor, size - start, start).rfind(b"\n") + 1)
            self._descriptor = descriptor
        return self._descriptor

    def _parse(self, line: bytes) -> ChainHead:
        found = _LINE.fullmatch(line)
        if found is None:
            raise IntegrityError(
                f"the history's anchor {self._path} holds {line[:40]!r}, which is not a note of a head"
            )
        return ChainHead(int(found[1]), found[2].decode("ascii"))
