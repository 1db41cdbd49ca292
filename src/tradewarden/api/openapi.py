"""The OpenAPI document, made from the routes alone: ``python -m tradewarden.api.openapi > openapi.json``.

The web client is generated from it, so its names are stable: every route names its operation itself.
"""

import json
import sys
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tradewarden import __version__
from tradewarden.api.router import api_router

_DESCRIPTION = (
    "The desk over HTTP. Prices, lots, money and fractions are strings of plain digits; times are UTC; a fraction of "
    '"0.01" is 1 %. Every error answer has the same form, with a code of a closed list and the id of the request.'
)


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the interface."""
    app = FastAPI()
    app.include_router(api_router())
    return get_openapi(
        title="Tradewarden", version=__version__, description=_DESCRIPTION, routes=app.routes, servers=[{"url": "/"}]
    )


def openapi_text() -> str:
    """Return the document as it is kept in ``docs/reference/openapi.json``."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
