"""All routes under ``/api/v1``, in one place."""

from fastapi import APIRouter, Depends

from tradewarden.api.dependencies import require_principal
from tradewarden.api.routes import account, auth, desk, events, history, ideas, market, reference, settings, strategies
from tradewarden.api.schemas.errors import ERROR_RESPONSES

BASE = "/api/v1"


def api_router() -> APIRouter:
    """Return the routes; all but signing in ask for a session or the machine token."""
    router = APIRouter(prefix=BASE, responses=ERROR_RESPONSES)
    router.include_router(auth.router)
    protected = (desk, ideas, history, settings, strategies, market, reference, account, events)
    for module in protected:
        router.include_router(module.router, dependencies=[Depends(require_principal)])
    return router
