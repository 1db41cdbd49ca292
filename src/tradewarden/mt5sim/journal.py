"""The terminal's journal: an append-only file of ledger events, so that the account outlives the process.

Line 1 names the market and the account; starting with another is refused. An event is on disk (fsync) before
the order's reply goes out. A last line without its newline was never answered for and is cut off. Read, fold,
go on.
"""

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tradewarden.core.audit.canonical import JsonValue
from tradewarden.core.audit.codec import decode, encode
from tradewarden.core.errors import IntegrityError, StorageUnavailable
from tradewarden.mt5sim.ledger import Ledger, LedgerEvent

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """Line 1: which market and which account this journal belongs to."""

    format: int
    market: str
    login: int
    server: str
    currency: str
    leverage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    seq: int
    event: LedgerEvent


class Journal:
    """The journal file at ``path``; made when it is not there. Raises IntegrityError when it contradicts itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._seq = 0
        self._size = 0

    def open(self, head: JournalHead) -> Ledger:
        """Return the ledger that the file folds to, and be ready to append.

        Raises IntegrityError when the file is damaged or belongs to another market or account.
        """
        content = self.path.read_bytes() if self.path.exists() else b""
        lines = content.split(b"\n")
        torn = lines.pop()
        ledger = Ledger()
        if lines:
            self._check_head(lines[0], head)
            for number, line in enumerate(lines[1:], start=2):
                self._fold(ledger, line, number)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: every append is one write, so that a crash leaves whole lines and at most one torn one.
        self._file = self.path.open("r+b" if self.path.exists() else "x+b", buffering=0)
        self._size = len(content) - len(torn)
        self._file.truncate(self._size)
        self._file.seek(self._size)
        if not lines:
            self._keep_name()
            self._write(json.dumps(encode(head), separators=(",", ":")), durable=True)
        return ledger

    def _keep_name(self) -> None:
        """Put the new file's name on disk: without it a power cut would lose the file with all its lines."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def append(self, event: LedgerEvent, *, durable: bool) -> None:
        """Write ``event``; with ``durable`` it is on disk when this returns.

        Raises StorageUnavailable when it cannot be written; the file then ends with the event before.
        """
        entry = encode(_Line(seq=self._seq + 1, event=event))
        self._write(json.dumps(entry, separators=(",", ":")), durable=durable)
        self._seq += 1

    def close(self) -> None:
        """Flush to disk and close; further appends are refused."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, text: str, *, durable: bool) -> None:
        if self._file is None:
            raise IntegrityError(f"{self.path}: the journal is closed")
        line = text.encode() + b"\n"
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(errno.ENOSPC, f"only {written} of {len(line)} bytes were taken")
            if durable:
                os.fsync(self._file.fileno())
        except OSError as error:
            self._take_back()
            raise StorageUnavailable(f"{self.path}: the journal cannot be written ({error})") from error
        self._size += len(line)

    def _take_back(self) -> None:
        """Cut off a line that was written in part; a file that cannot even be cut takes no more lines."""
        assert self._file is not None
        try:
            self._file.truncate(self._size)
            self._file.seek(self._size)
        except OSError:
            self._file.close()
            self._file = None

    def _check_head(self, line: bytes, head: JournalHead) -> None:
        stated = decode(JournalHead, self._json(line, 1))
        for name in JournalHead.__slots__:
            was, wanted = getattr(stated, name), getattr(head, name)
            if was != wanted:
                raise IntegrityError(
                    f"{self.path}: this account was opened with {name} {was!r} and cannot go on with {wanted!r}; "
                    "use another data directory, or the market and account it was opened with"
                )

    def _fold(self, ledger: Ledger, line: bytes, number: int) -> None:
        entry = decode(_Line, self._json(line, number))
        if entry.seq != self._seq + 1:
            raise IntegrityError(f"{self.path} line {number}: entry {entry.seq} does not follow {self._seq}")
        try:
            ledger.apply(entry.event)
        except IntegrityError as error:
            raise IntegrityError(f"{self.path} line {number}: {error}") from error
        self._seq = entry.seq

    def _json(self, line: bytes, number: int) -> JsonValue:
        try:
            value: JsonValue = json.loads(line)
        except ValueError as error:
            raise IntegrityError(f"{self.path} line {number}: not a journal entry ({error})") from error
        return value
