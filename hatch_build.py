"""Fill the package's dependencies from requirements/runtime.in when a wheel or an editable install is built.

The list of direct dependencies lives in one file, which also feeds the hashed locks; this hook keeps the wheel's
metadata from becoming a second list. It runs only at build time and imports nothing of the product.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RuntimeRequirements(MetadataHookInterface):
    """Copy the requirement lines of requirements/runtime.in into the project's metadata."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `dependencies`; raise FileNotFoundError when the list is missing from the source tree."""
        text = (Path(self.root) / "requirements" / "runtime.in").read_text(encoding="utf-8")
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        metadata["dependencies"] = sorted(line for line in lines if line and not line.startswith("-"))
