"""Sources of decision ids: random ones for a desk that runs, derived ones for a run that must repeat exactly.

Only decisions get an id from here; every other id derives from a decision's.
"""

import threading
import uuid

from tradewarden.core.values import derive_id


class RandomIds:
    """Ids that never repeat, on any machine."""

    def next_id(self, *context: str) -> str:  # noqa: ARG002  the port's signature; chance needs no context
        """Return 32 random hexadecimal digits."""
        return uuid.uuid4().hex


class DerivedIds:
    """Ids that depend on ``seed``, on how many were given out before, and on their context alone.

    A second run over the same record must use another seed or other contexts (market time is a good one),
    because the count starts at zero again.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0
        self._lock = threading.Lock()

    def next_id(self, *context: str) -> str:
        """Return 32 hexadecimal digits."""
        with self._lock:
            count = self._count
            self._count += 1
        return derive_id(self._seed, str(count), *context)
