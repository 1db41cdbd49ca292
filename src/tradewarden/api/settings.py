"""What the HTTP edge is told: names it answers to, limits, tokens."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Settings of one application.

    ``machine_token`` lets the local command line in; None lets no machine in. ``secure_cookies`` is for sites behind
    TLS: browsers then send the session over nothing else. ``web_folder`` holds the built pages, None where the
    package's own are served.
    """

    machine_token: str | None = field(default=None, repr=False)
    allowed_hosts: frozenset[str] = LOOPBACK_HOSTS
    secure_cookies: bool = False
    session_lifetime: timedelta = timedelta(hours=12)
    max_body_bytes: int = 1_000_000
    web_folder: Path | None = None
    stream_tick_seconds: float = 0.5
    heartbeat_seconds: float = 15.0
