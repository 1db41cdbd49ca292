"""The built web pages: hashed assets for ever, the index for every client route, and a plain page without a build."""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from tradewarden.api.router import BASE

# Vite names everything below assets/ by its content.
_HASHED_FOLDER = "assets"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tradewarden</title></head>
<body><h1>The web pages are not built</h1>
<p>The desk itself runs: its interface answers below <code>/api/v1</code>, and <code>tradewarden status</code> shows
how it is.</p>
<p>Run <code>make setup</code> in the source tree to build the pages, then load this page again.</p></body></html>
"""


def packaged_pages() -> Path:
    """Return the folder of the pages that the package carries; it may be absent in a source tree."""
    return Path(str(files("tradewarden"))) / "webdist"


def install_pages(app: FastAPI, folder: Path) -> None:
    """Serve the pages in ``folder`` under every path that no other route has."""
    root = folder.resolve()

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Response:
        if f"/{path}/".startswith((f"{BASE}/", "/api/")):
            raise HTTPException(404, "there is no such route")
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        wanted = (root / path).resolve()
        # Nothing outside the folder is served, whatever dots and links a path is made of.
        if path and wanted.is_relative_to(root) and wanted.is_file():
            hashed = path.startswith(f"{_HASHED_FOLDER}/")
            return FileResponse(wanted, headers={"Cache-Control": _FOREVER if hashed else _ASK_AGAIN})
        if Path(path).suffix:
            raise HTTPException(404, "there is no such file")
        return FileResponse(index, headers={"Cache-Control": _ASK_AGAIN})
