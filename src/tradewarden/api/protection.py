"""What every request passes before it reaches a route: its id, the host, its origin, its size.

Plain ASGI middleware, so that streams pass through untouched; refusals have the one form of all errors.
"""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewarden.api.headers import API_HEADERS, REQUEST_ID_HEADER, SECURITY_HEADERS
from tradewarden.api.principal import COOKIE
from tradewarden.api.problems import problem_response
from tradewarden.api.router import BASE
from tradewarden.api.schemas.errors import ErrorCode
from tradewarden.api.settings import ApiSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestContext:
    """Gives each request an id and each answer its id and security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Always an id of our own: one taken from the client could be made to look like another's in the log.
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        wanted = API_HEADERS if scope["path"].startswith(BASE) else SECURITY_HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Gatekeeper:
    """Refuses requests for other hosts, acts from other sites, and bodies that are too large."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._host_problem(headers) or self._origin_problem(scope["method"], headers)
        if refusal is not None:
            await self._refuse(ErrorCode.FORBIDDEN, refusal, scope, receive, send)
            return
        if scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        body = await self._body(headers, receive)
        if body is None:
            limit = f"the body is larger than {self._settings.max_body_bytes} bytes"
            await self._refuse(ErrorCode.TOO_LARGE, limit, scope, receive, send)
            return
        await self._app(scope, _replaying(body, receive), send)

    def _host_problem(self, headers: Headers) -> str | None:
        """A page elsewhere whose name was rebound to this machine still names itself as the host."""
        host = headers.get("host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        allowed = self._settings.allowed_hosts
        return None if name in allowed else f"host {name!r} is not served here; served are {', '.join(sorted(allowed))}"

    def _origin_problem(self, method: str, headers: Headers) -> str | None:
        """An act counts only from this desk's own pages, or with a token that no other page can know."""
        if method in SAFE_METHODS:
            return None
        origin = headers.get("origin")
        if origin is not None:
            same = urlsplit(origin).netloc == headers.get("host")
            return None if same else f"origin {origin!r} is not this desk's"
        if f"{COOKIE}=" in headers.get("cookie", "") and "authorization" not in headers:
            return "an act with a session cookie needs the Origin header that browsers send"
        return None

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """Return the whole body, or None when it is larger than the limit."""
        limit = self._settings.max_body_bytes
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            return None
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > limit:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return bytes(body)

    async def _refuse(self, code: ErrorCode, message: str, scope: Scope, receive: Receive, send: Send) -> None:
        response = problem_response(code, message, scope["state"]["request_id"])
        await response(scope, receive, send)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives ``body`` once and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
