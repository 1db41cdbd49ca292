"""Screenshots of the pages for the documentation, taken while the tests pass by them.

They are written only when TRADEWARDEN_SCREENSHOTS names a folder, so that an ordinary run leaves nothing behind.
"""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER_VARIABLE = "TRADEWARDEN_SCREENSHOTS"


def picture(page: Page, name: str, *, full_height: int | None = None) -> None:
    """Save what the page shows as `name`.png, in a window of `full_height` pixels where that is given."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    if full_height is not None and size is not None:
        page.set_viewport_size({"width": size["width"], "height": full_height})
    page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
    if size is not None:
        page.set_viewport_size(size)
