"""The settings of this process, for the layers above: only the composition root reads them."""

from tradewarden.settings import Settings, load_settings

__all__ = ["Settings", "load_settings"]
