"""Idempotency keys: an act sent twice under one key happens once, and is answered twice.

Answers are remembered in this process for ten minutes; a restart forgets them. Acts are safe to repeat by their own
nature as well (an idea is approved once, a document published once); the key covers those that are not, such as
closing part of a position.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewarden.api.problems import problem_response
from tradewarden.api.protection import SAFE_METHODS
from tradewarden.api.router import BASE
from tradewarden.api.schemas.errors import ErrorCode

HEADER = "idempotency-key"
KEPT_SECONDS = 600.0
KEPT_ANSWERS = 1000
_MAXIMUM_LENGTH = 200


@dataclass(slots=True)
class _Kept:
    """One act under a key: what was sent, and the answer once there is one."""

    fingerprint: str
    expires_at: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: list[Message] | None = None


class IdempotencyKeys:
    """Answers a repeated act from memory. Keys belong to who sends them and to the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        key = headers.get(HEADER)
        acts = scope["type"] == "http" and scope["method"] not in SAFE_METHODS and scope["path"].startswith(BASE)
        if key is None or not acts:
            await self._app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        if not 0 < len(key) <= _MAXIMUM_LENGTH:
            problem = f"Idempotency-Key has {len(key)} characters, allowed are 1 to {_MAXIMUM_LENGTH}"
            await problem_response(ErrorCode.INVALID_INPUT, problem, request_id)(scope, receive, send)
            return
        # The gatekeeper in front has read the body already: it comes in one piece.
        message = await receive()
        body = message.get("body", b"")
        kept = self._of(_digest(scope["path"], key, _sender(headers)), _digest(scope["method"], body.hex()))
        if kept is None:
            problem = f"Idempotency-Key {key!r} was used for another request; use a new key for a new act"
            await problem_response(ErrorCode.CONFLICT, problem, request_id)(scope, receive, send)
            return
        async with kept.lock:
            if kept.answer is None:
                kept.answer = await self._run(scope, message, receive, send)
                return
        for part in kept.answer:
            await send(part)

    async def _run(self, scope: Scope, first: Message, receive: Receive, send: Send) -> list[Message] | None:
        """Let the act happen and return its answer; None for a failure that a repetition may overcome."""
        parts: list[Message] = []
        pending = [first]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        async def record(part: Message) -> None:
            parts.append(dict(part))
            await send(part)

        await self._app(scope, replay, record)
        failed = not parts or int(parts[0].get("status", 500)) >= 500
        return None if failed else parts

    def _of(self, name: str, fingerprint: str) -> _Kept | None:
        """Return the act kept under ``name``, a new one, or None when the key was used for something else."""
        now = time.monotonic()
        while self._kept and (len(self._kept) > KEPT_ANSWERS or next(iter(self._kept.values())).expires_at < now):
            self._kept.popitem(last=False)
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = _Kept(fingerprint=fingerprint, expires_at=now + KEPT_SECONDS)
        return kept if kept.fingerprint == fingerprint else None


def _sender(headers: Headers) -> str:
    return f"{headers.get('authorization', '')}\x1f{headers.get('cookie', '')}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()
