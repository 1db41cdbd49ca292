"""Identities of decisions."""

from typing import Protocol


class Ids(Protocol):
    """A source of decision ids; every other id of the desk derives from one of these."""

    def next_id(self, *context: str) -> str:
        """Return a new id. A deterministic source derives it from ``context`` and its own count."""
