"""The record in plain Python: the same promises as the database's, for tests and for runs that keep nothing.

One lock stands for the database's, an undo list for its transactions. Nothing here outlives the process.
"""

from tradewarden.adapters.memory.access import MemoryAccess
from tradewarden.adapters.memory.storage import MemoryStorage

__all__ = ["MemoryAccess", "MemoryStorage"]
