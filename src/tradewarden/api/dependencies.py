"""What routes are given: the desk, who asks, and the application's own parts.

Everything hangs on ``app.state.parts``, set once by ``create_app``; routes never reach for a global.
"""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from tradewarden.api.principal import Doorkeeper, Principal
from tradewarden.api.settings import ApiSettings
from tradewarden.api.status_board import StatusBoard
from tradewarden.api.streams import EventFeed
from tradewarden.services.context import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one application is made of."""

    desk: Desk
    settings: ApiSettings
    doorkeeper: Doorkeeper
    board: StatusBoard
    feed: EventFeed


def parts_of(request: Request) -> Parts:
    """Return the parts of the application that serves ``request``."""
    return cast(Parts, request.app.state.parts)


def desk_of(request: Request) -> Desk:
    """Return the desk behind the application."""
    return parts_of(request).desk


def require_principal(request: Request) -> Principal:
    """Return who asks. Raises Unauthorized without a valid session or machine token."""
    parts = parts_of(request)
    return parts.doorkeeper.identify(request, now=parts.desk.clock.wall_now())


PartsDep = Annotated[Parts, Depends(parts_of)]
DeskDep = Annotated[Desk, Depends(desk_of)]
PrincipalDep = Annotated[Principal, Depends(require_principal)]
