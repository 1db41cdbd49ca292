"""The application: routes, pages, protection and figures around one desk."""

from fastapi import FastAPI

from tradewarden import __version__
from tradewarden.api import problems
from tradewarden.api.dependencies import Parts
from tradewarden.api.idempotency import IdempotencyKeys
from tradewarden.api.metrics import MeasureRequests, Metrics, install_health
from tradewarden.api.openapi import openapi_document
from tradewarden.api.principal import Doorkeeper
from tradewarden.api.protection import Gatekeeper, RequestContext
from tradewarden.api.router import BASE, api_router
from tradewarden.api.settings import ApiSettings
from tradewarden.api.status_board import StatusBoard
from tradewarden.api.streams import EventFeed
from tradewarden.api.web import install_pages, packaged_pages
from tradewarden.ports.access import AccessStore
from tradewarden.services.context import Desk


def create_app(desk: Desk, access: AccessStore, *, settings: ApiSettings) -> FastAPI:
    """Return the application that serves ``desk`` to the people of ``access``.

    Nothing is started: no thread, no connection. ``app.state.parts.feed.stop()`` ends the event streams before the
    server waits for its connections (``api.server`` does so).
    """
    app = FastAPI(
        title="Tradewarden", version=__version__, openapi_url=f"{BASE}/openapi.json", docs_url=None, redoc_url=None
    )
    board, metrics = StatusBoard(desk), Metrics()
    app.state.parts = Parts(
        desk=desk,
        settings=settings,
        doorkeeper=Doorkeeper(access, settings),
        board=board,
        feed=EventFeed(desk, board, settings),
    )
    # The published document, not one made from the pages' and health routes too.
    app.openapi = openapi_document  # type: ignore[method-assign]
    problems.install(app)
    app.include_router(api_router())
    install_health(app, board, metrics)
    install_pages(app, settings.web_folder or packaged_pages())
    # The last added is the outermost: an id first, then figures, then the gate, then keys.
    app.add_middleware(IdempotencyKeys)
    app.add_middleware(Gatekeeper, settings=settings)
    app.add_middleware(MeasureRequests, metrics=metrics)
    app.add_middleware(RequestContext)
    return app
