"""Serving the application over HTTP on the loopback interface, with an end that does not hang on open streams."""

import socket

import uvicorn
from fastapi import FastAPI

from tradewarden.core.errors import Conflict

_GRACE_SECONDS = 5


class DeskServer(uvicorn.Server):
    """A server that tells event streams to end before it waits for connections to close."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then shut down as usual."""
        self._app.state.parts.feed.stop()
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket (any free port for 0). Raises Conflict when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only where the protocol is named; with it every answer takes 40 ms longer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Conflict(f"port {port} on {host} is taken ({error.strerror}); choose another with --port") from error
    listening.listen()
    return listening
