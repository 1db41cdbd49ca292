"""Who may use the desk: people, their one-time sign-in links and their sessions.

Tokens never come here, only their digests. All times are wall time; a store compares them and asks no clock.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person may do. The owner of the desk may do everything."""

    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with a name that the history can show."""

    user_id: str
    name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser."""

    user: User
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class AccessStore(Protocol):
    """Users, sign-in links and web sessions. Every method raises StorageUnavailable when it cannot answer."""

    def ensure_user(self, *, user_id: str, name: str, role: Role, at: datetime) -> User:
        """Return the user called ``name``, made as ``user_id`` with ``role`` when there is none yet."""

    def create_link(self, token_hash: str, *, user_id: str, at: datetime, expires_at: datetime) -> None:
        """Keep a sign-in link. Raises NotFound for an unknown user, Conflict for a token hash already known."""

    def redeem_link(
        self, token_hash: str, *, session_hash: str, at: datetime, session_expires_at: datetime
    ) -> Session | None:
        """Use the link up and open a session in one step; None when it is unknown, used or expired.

        Of two who redeem one link at the same moment, one gets a session.
        """

    def session(self, token_hash: str, *, at: datetime) -> Session | None:
        """Return the session that is valid at ``at`` and note that it was seen, to the minute."""

    def revoke_session(self, token_hash: str, *, at: datetime) -> bool:
        """End a session; return whether it was open."""

    def forget_expired(self, *, before: datetime) -> int:
        """Delete links and sessions that ended before ``before`` and return how many."""
