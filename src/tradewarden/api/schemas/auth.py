"""Signing in and sessions."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from tradewarden.api.schemas.base import Sent


class SignIn(Sent):
    """The token of a one-time sign-in link."""

    token: str = Field(min_length=16, max_length=200)


class Session(BaseModel):
    """Who is signed in. ``expires_at`` is wall time, null for the machine token of the local command line."""

    name: str
    role: str
    kind: Literal["person", "machine"]
    expires_at: datetime | None


class SignedOut(BaseModel):
    """The session is over; its cookie no longer opens anything."""

    signed_out: Literal[True]
