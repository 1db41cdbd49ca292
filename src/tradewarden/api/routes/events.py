"""The live event stream."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from tradewarden.api.dependencies import PartsDep, PrincipalDep
from tradewarden.api.streams import event_stream

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
    request: Request,
    parts: PartsDep,
    principal: PrincipalDep,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventStream:
    """Stream what happens.

    Events: ``history`` (a ``HistoryRow``, its ``seq`` as id), ``status`` (a ``DeskStatus``), ``quote`` (a
    ``QuoteView`` of a watched symbol) and ``closing``. With ``Last-Event-ID`` the entries after it come first.
    """
    after_seq = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else None
    stream = event_stream(request, parts.feed, after_seq=after_seq, session=principal)
    return EventStream(stream, headers={"X-Accel-Buffering": "no"})
