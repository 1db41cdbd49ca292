"""Users, sign-in links and sessions in plain Python, for tests of what stands in front of them."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewarden.core.errors import Conflict, NotFound
from tradewarden.ports.access import Role, Session, User

_SEEN_STEP = timedelta(minutes=1)


@dataclass(slots=True)
class _Link:
    user_id: str
    expires_at: datetime
    used_at: datetime | None = None


class MemoryAccess:
    """An access store in this process's memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: dict[str, User] = {}
        self._links: dict[str, _Link] = {}
        self._sessions: dict[str, Session] = {}

    def ensure_user(self, *, user_id: str, name: str, role: Role, at: datetime) -> User:
        """Return the user called ``name``, made when there is none yet."""
        with self._lock:
            known = next((user for user in self._users.values() if user.name == name), None)
            if known is not None:
                return known
            if user_id in self._users:
                raise Conflict(f"user {user_id} has another name than {name!r}")
            user = User(user_id=user_id, name=name, role=role, created_at=at)
            self._users[user_id] = user
            return user

    def create_link(self, token_hash: str, *, user_id: str, at: datetime, expires_at: datetime) -> None:
        """Keep a sign-in link."""
        with self._lock:
            if user_id not in self._users:
                raise NotFound(f"no user {user_id}")
            if token_hash in self._links:
                raise Conflict("this sign-in link exists already")
            if expires_at <= at:
                raise ValueError(f"a link made at {at.isoformat()} cannot end at {expires_at.isoformat()}")
            self._links[token_hash] = _Link(user_id=user_id, expires_at=expires_at)

    def redeem_link(
        self, token_hash: str, *, session_hash: str, at: datetime, session_expires_at: datetime
    ) -> Session | None:
        """Use the link up and open a session in one step; None when it is unknown, used or expired."""
        with self._lock:
            link = self._links.get(token_hash)
            if link is None or link.used_at is not None or link.expires_at <= at:
                return None
            if session_hash in self._sessions:
                raise Conflict("this session exists already")
            link.used_at = at
            user = self._users[link.user_id]
            session = Session(user=user, created_at=at, last_seen_at=at, expires_at=session_expires_at)
            self._sessions[session_hash] = session
            return session

    def session(self, token_hash: str, *, at: datetime) -> Session | None:
        """Return the session that is valid at ``at`` and note that it was seen, to the minute."""
        with self._lock:
            found = self._sessions.get(token_hash)
            if found is None or found.expires_at <= at:
                return None
            if at - found.last_seen_at >= _SEEN_STEP:
                found = replace(found, last_seen_at=at)
                self._sessions[token_hash] = found
            return found

    def revoke_session(self, token_hash: str, *, at: datetime) -> bool:
        """End a session; return whether it was open."""
        with self._lock:
            found = self._sessions.pop(token_hash, None)
            return found is not None and found.expires_at > at

    def forget_expired(self, *, before: datetime) -> int:
        """Delete links and sessions that ended before ``before`` and return how many."""
        with self._lock:
            links = [key for key, link in self._links.items() if (link.used_at or link.expires_at) < before]
            sessions = [key for key, session in self._sessions.items() if session.expires_at < before]
            for key in links:
                del self._links[key]
            for key in sessions:
                del self._sessions[key]
            return len(links) + len(sessions)
