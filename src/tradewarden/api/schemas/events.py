"""What only the event stream says; its other events carry read models as they stand."""

from pydantic import BaseModel


class ClosingEvent(BaseModel):
    """Event ``closing``: the stream ends; connect again with ``Last-Event-ID``."""

    reason: str
