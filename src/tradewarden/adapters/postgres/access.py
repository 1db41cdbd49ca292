"""Users, sign-in links and browser sessions in PostgreSQL."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tradewarden.adapters.postgres.engine import make_engine, translated
from tradewarden.adapters.postgres.rows import AnyRow
from tradewarden.adapters.postgres.tables import SIGN_IN_LINKS, USERS, WEB_SESSIONS
from tradewarden.core.errors import NotFound
from tradewarden.ports.access import Role, Session, User

_SEEN_STEP = timedelta(minutes=1)
_LINKS, _SESSIONS = SIGN_IN_LINKS.c, WEB_SESSIONS.c
_SESSION_ROWS = select(
    USERS.c.id, USERS.c.name, USERS.c.role, USERS.c.created_at.label("user_created_at"),
    _SESSIONS.created_at, _SESSIONS.last_seen_at, _SESSIONS.expires_at,
).join(WEB_SESSIONS, _SESSIONS.user_id == USERS.c.id)  # fmt: skip


class PostgresAccess:
    """The access store behind ``url``, worked on as the application's role."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def ensure_user(self, *, user_id: str, name: str, role: Role, at: datetime) -> User:
        """Return the user called ``name``, made as ``user_id`` with ``role`` when there is none yet."""
        values = {"id": user_id, "name": name, "role": role.value, "created_at": at}
        with translated(), self._engine.begin() as connection:
            connection.execute(upsert(USERS).on_conflict_do_nothing(index_elements=["name"]), values)
            row = connection.execute(select(USERS).where(USERS.c.name == name)).one()
        return User(user_id=row.id, name=row.name, role=Role(row.role), created_at=row.created_at)

    def create_link(self, token_hash: str, *, user_id: str, at: datetime, expires_at: datetime) -> None:
        """Keep a sign-in link. Raises NotFound for an unknown user, Conflict for a token hash already known."""
        if expires_at <= at:
            raise ValueError(f"a link made at {at.isoformat()} cannot end at {expires_at.isoformat()}")
        values = {"token_hash": token_hash, "user_id": user_id, "created_at": at, "expires_at": expires_at}
        with translated(), self._engine.begin() as connection:
            if connection.execute(select(USERS.c.id).where(USERS.c.id == user_id)).first() is None:
                raise NotFound(f"no user {user_id}")
            connection.execute(insert(SIGN_IN_LINKS), values)

    def redeem_link(
        self, token_hash: str, *, session_hash: str, at: datetime, session_expires_at: datetime
    ) -> Session | None:
        """Use the link up and open a session in one step; None when it is unknown, used or expired."""
        use = (
            update(SIGN_IN_LINKS)
            .where(_LINKS.token_hash == token_hash, _LINKS.used_at.is_(None), _LINKS.expires_at > at)
            .values(used_at=at)
            .returning(_LINKS.user_id)
        )
        with translated(), self._engine.begin() as connection:
            user_id = connection.execute(use).scalar_one_or_none()
            if user_id is None:
                return None
            values = {"token_hash": session_hash, "user_id": user_id, "created_at": at, "last_seen_at": at}
            connection.execute(insert(WEB_SESSIONS), {**values, "expires_at": session_expires_at})
            return _session_of(connection.execute(_SESSION_ROWS.where(_SESSIONS.token_hash == session_hash)).one())

    def session(self, token_hash: str, *, at: datetime) -> Session | None:
        """Return the session that is valid at ``at`` and note that it was seen, to the minute."""
        valid = (_SESSIONS.token_hash == token_hash, _SESSIONS.revoked_at.is_(None), _SESSIONS.expires_at > at)
        with translated(), self._engine.begin() as connection:
            row = connection.execute(_SESSION_ROWS.where(*valid)).one_or_none()
            if row is None:
                return None
            if at - row.last_seen_at < _SEEN_STEP:
                return _session_of(row)
            connection.execute(update(WEB_SESSIONS).where(*valid).values(last_seen_at=at))
            return _session_of(row, seen_at=at)

    def revoke_session(self, token_hash: str, *, at: datetime) -> bool:
        """End a session; return whether it was open."""
        open_one = (_SESSIONS.token_hash == token_hash, _SESSIONS.revoked_at.is_(None), _SESSIONS.expires_at > at)
        with translated(), self._engine.begin() as connection:
            return connection.execute(update(WEB_SESSIONS).where(*open_one).values(revoked_at=at)).rowcount == 1

    def forget_expired(self, *, before: datetime) -> int:
        """Delete links and sessions that ended before ``before`` and return how many."""
        links = delete(SIGN_IN_LINKS).where(func.coalesce(_LINKS.used_at, _LINKS.expires_at) < before)
        ended = or_(_SESSIONS.expires_at < before, _SESSIONS.revoked_at < before)
        with translated(), self._engine.begin() as connection:
            gone = connection.execute(links).rowcount
            return gone + connection.execute(delete(WEB_SESSIONS).where(ended)).rowcount

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def _session_of(row: AnyRow, *, seen_at: datetime | None = None) -> Session:
    user = User(user_id=row.id, name=row.name, role=Role(row.role), created_at=row.user_created_at)
    return Session(
        user=user, created_at=row.created_at, last_seen_at=seen_at or row.last_seen_at, expires_at=row.expires_at
    )
