"""Random numbers that stay the same: one independent stream per seed, name and week.

Only the raw output of the bit generator is used, which numpy promises to keep; uniforms and normals are made from it
here, so that another numpy version draws the same market.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
_MANTISSA = 2.0**-53


class Stream:
    """A stream of numbers named by ``parts``."""

    def __init__(self, seed: int, *parts: str | int) -> None:
        text = "\x1f".join((str(seed), *map(str, parts)))
        self._bits = np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))

    def uniform(self, count: int) -> Float64:
        """Return ``count`` numbers in (0, 1)."""
        raw = np.atleast_1d(np.asarray(self._bits.random_raw(count), np.uint64))
        return ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * _MANTISSA

    def normal(self, count: int) -> Float64:
        """Return ``count`` standard normal numbers (Box and Muller, 1958)."""
        radius = np.sqrt(-2 * np.log(self.uniform(count)))
        return np.asarray(radius * np.cos(2 * np.pi * self.uniform(count)))

    def exponential(self, count: int) -> Float64:
        """Return ``count`` exponential numbers of mean 1."""
        return np.asarray(-np.log(self.uniform(count)))
