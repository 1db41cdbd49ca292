"""Reading an earlier console's files from disk: folders, JSON and CSV, with every problem named and none repaired."""

from tradewarden.adapters.legacy_files.loading import read_legacy_files

__all__ = ["read_legacy_files"]
