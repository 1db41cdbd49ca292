"""The live event stream."""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from tradewarden.api.dependencies import PartsDep, PrincipalDep
from tradewarden.core.errors import InvalidInput

router = APIRouter(tags=["events"])


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.get(
    "/events",
    operation_id="streamEvents",
    response_class=EventStream,
    responses={200: {"description": "Server-sent events", "content": {"text/event-stream": {}}}},
)
async def stream_events(
    parts: PartsDep, principal: PrincipalDep, last_event_id: Annotated[str | None, Header()] = None
) -> EventStream:
    """Stream what happens.

    Events: ``history`` (a ``HistoryRow``, its ``seq`` as id), ``status`` (a ``DeskStatus``), ``quote`` (a
    ``QuoteView`` of a watched symbol) and ``closing`` (a reason). With ``Last-Event-ID`` the entries after it come
    first; without it the stream starts at the newest entry.
    """
    if last_event_id is not None and not last_event_id.isdecimal():
        raise InvalidInput(f"Last-Event-ID {last_event_id!r} is not the number of a history entry")
    stream = parts.feed.listen(
        after_seq=None if last_event_id is None else int(last_event_id),
        still_allowed=lambda: parts.doorkeeper.is_valid(principal, now=parts.desk.clock.wall_now()),
    )
    return EventStream(stream, headers={"X-Accel-Buffering": "no"})
