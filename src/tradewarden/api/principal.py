"""Who asks: a person with a session cookie, or the local command line with the machine token.

Secrets are compared and kept by digest only. A person's session is asked of the store at every request; while the
store is down, one that it vouched for a short time ago may still read, so that the desk's state stays visible.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fastapi import Request, Response

from tradewarden.api.errors import Unauthorized
from tradewarden.api.schemas.auth import Session as SessionAnswer
from tradewarden.api.settings import ApiSettings
from tradewarden.core.errors import StorageUnavailable
from tradewarden.ports.access import AccessStore, Role, Session

COOKIE = "tradewarden_session"
FORGET_AFTER = timedelta(days=7)
LINK_LIFETIME = timedelta(minutes=15)
# How long a session that the store vouched for may still read while the store is down.
VOUCHED_FOR = timedelta(minutes=15)
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_TOKEN_BYTES = 32
_HOW = "open a new sign-in link, printed by `tradewarden sign-in-link`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. ``actor`` is how the history names them."""

    name: str
    role: str
    kind: Literal["person", "machine"]
    expires_at: datetime | None
    session_hash: str | None

    @property
    def actor(self) -> str:
        """Return the name under which the history keeps this principal's acts."""
        return f"user:{self.name}"

    def answer(self) -> SessionAnswer:
        """Return who this is, for the client."""
        return SessionAnswer(name=self.name, role=self.role, kind=self.kind, expires_at=self.expires_at)


class Doorkeeper:
    """Opens, checks and ends sessions."""

    def __init__(self, access: AccessStore, settings: ApiSettings) -> None:
        self._access = access
        self._settings = settings
        self._lock = threading.Lock()
        self._vouched: dict[str, tuple[Session, datetime]] = {}

    def sign_in(self, token: str, *, now: datetime) -> tuple[Principal, str]:
        """Use a link's token up and return who signed in, with the secret of the new session.

        Raises Unauthorized for a token that is unknown, used or expired.
        """
        secret = secrets.token_urlsafe(_TOKEN_BYTES)
        session_hash = digest_of(secret)
        session = self._access.redeem_link(
            digest_of(token),
            session_hash=session_hash,
            at=now,
            session_expires_at=now + self._settings.session_lifetime,
        )
        if session is None:
            raise Unauthorized(f"this sign-in link is unknown, used or older than 15 minutes: {_HOW}")
        self._vouch(session_hash, session, now)
        return _person(session, session_hash), secret

    def identify(self, request: Request, *, now: datetime) -> Principal:
        """Return who asks. Raises Unauthorized without a valid session or machine token."""
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return self._machine(authorization)
        secret = request.cookies.get(COOKIE)
        if secret is None:
            raise Unauthorized(f"nobody is signed in: {_HOW}")
        return self._person(digest_of(secret), now=now, reading=request.method in _SAFE_METHODS)

    def is_valid(self, principal: Principal, *, now: datetime) -> bool:
        """Return whether a principal identified earlier may still read: asked by streams that stay open."""
        if principal.session_hash is None:
            return True
        try:
            self._person(principal.session_hash, now=now, reading=True)
        except Unauthorized:
            return False
        return True

    def sign_out(self, principal: Principal, *, now: datetime) -> None:
        """End the principal's session for good."""
        if principal.session_hash is not None:
            self._access.revoke_session(principal.session_hash, at=now)
            with self._lock:
                self._vouched.pop(principal.session_hash, None)

    def _machine(self, authorization: str) -> Principal:
        scheme, _, given = authorization.partition(" ")
        expected = self._settings.machine_token
        if scheme.lower() != "bearer" or expected is None:
            raise Unauthorized("the Authorization header is not a machine token of this desk")
        if not hmac.compare_digest(digest_of(given.strip()), digest_of(expected)):
            raise Unauthorized("the machine token is not this desk's: it is made anew at every start")
        return Principal(name="cli", role=Role.OWNER.value, kind="machine", expires_at=None, session_hash=None)

    def _person(self, session_hash: str, *, now: datetime, reading: bool) -> Principal:
        try:
            session = self._access.session(session_hash, at=now)
        except StorageUnavailable:
            session = self._recently_vouched(session_hash, now) if reading else None
            if session is None:
                raise
        else:
            self._vouch(session_hash, session, now)
        if session is None:
            raise Unauthorized(f"the session has ended: {_HOW}")
        return _person(session, session_hash)

    def _vouch(self, session_hash: str, session: Session | None, now: datetime) -> None:
        with self._lock:
            if session is None:
                self._vouched.pop(session_hash, None)
                return
            self._vouched[session_hash] = (session, now)
            ended = [key for key, (held, _) in self._vouched.items() if held.expires_at <= now]
            for key in ended:
                del self._vouched[key]

    def _recently_vouched(self, session_hash: str, now: datetime) -> Session | None:
        with self._lock:
            known = self._vouched.get(session_hash)
        if known is None or now - known[1] > VOUCHED_FOR or known[0].expires_at <= now:
            return None
        return known[0]


def issue_sign_in_token(access: AccessStore, *, name: str, now: datetime) -> str:
    """Return the token of a new one-time link for the person ``name``; only its digest is kept.

    Links and sessions that ended a while ago are forgotten on the way: the table holds what can still matter.
    """
    access.forget_expired(before=now - FORGET_AFTER)
    user = access.ensure_user(user_id=secrets.token_hex(16), name=name, role=Role.OWNER, at=now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    access.create_link(digest_of(token), user_id=user.user_id, at=now, expires_at=now + LINK_LIFETIME)
    return token


def set_cookie(response: Response, secret: str, settings: ApiSettings) -> None:
    """Give the browser its session: out of reach of scripts, and sent to this site alone."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(settings.session_lifetime.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
        path="/",
    )


def clear_cookie(response: Response, settings: ApiSettings) -> None:
    """Take the browser's session away."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=settings.secure_cookies, path="/")


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a random token: long enough that no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _person(session: Session, session_hash: str) -> Principal:
    return Principal(
        name=session.user.name,
        role=session.user.role.value,
        kind="person",
        expires_at=session.expires_at,
        session_hash=session_hash,
    )
