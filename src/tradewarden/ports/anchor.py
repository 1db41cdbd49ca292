"""The anchor: where the newest place of the history chain is noted outside the table that holds the chain."""

from typing import Protocol

from tradewarden.core.audit.chain import ChainHead


class Anchor(Protocol):
    """A note of the chain's head that may trail the record and never leads it."""

    def head(self) -> ChainHead | None:
        """Return the newest head noted, or None before the first. Raises IntegrityError when it is unreadable."""

    def advance(self, head: ChainHead) -> None:
        """Note ``head`` durably. Raises StorageUnavailable when it cannot be kept."""
