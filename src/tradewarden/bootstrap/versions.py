"""The versions of what a decision's arithmetic depends on, recorded with every decision."""

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from types import MappingProxyType


@cache
def library_versions() -> Mapping[str, str]:
    """Return name and version of this program, Python and the libraries whose arithmetic decisions use."""
    names = ("tradewarden", "numpy", "TA-Lib", "tzdata")
    found = {name: version(name) for name in names}
    return MappingProxyType({"python": platform.python_version(), **found})
