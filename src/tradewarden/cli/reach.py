"""Reaching a desk: its data directory, the desk that runs on it, and the HTTP interface of that desk.

A running desk is found through the lock of its data directory and is asked over loopback with the machine token that
it left there; commands that change something go this way while it runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tradewarden.cli.failures import error_of
from tradewarden.core.errors import Conflict, NotFound, TradewardenError

if TYPE_CHECKING:
    import httpx

# An approval waits for the broker's answer, and publishing for the account's lock.
ANSWER_SECONDS = 30.0


class DeskNotRunning(Conflict):
    """The act needs a running desk, and none runs on this data directory."""

    def __init__(self, data_dir: Path, why: str) -> None:
        super().__init__(f"{why}, and no desk runs on {data_dir}; start it with: tradewarden up --data-dir {data_dir}")


class DeskUnreachable(TradewardenError):
    """A desk runs on the data directory and does not answer."""


@dataclass(frozen=True, slots=True)
class LiveAddress:
    """Where a running desk answers, and the token that it accepts from this machine."""

    pid: int
    url: str
    token: str


def find_desk(data_dir: Path) -> LiveAddress | None:
    """Return the desk that runs on ``data_dir``, None when none does.

    Raises DeskUnreachable while it starts or stops, and when its token cannot be read.
    """
    from tradewarden.adapters.embedded import read_running_desk
    from tradewarden.api.machine_token import read_machine_token

    desk = read_running_desk(data_dir)
    if desk is None:
        return None
    if not desk.url:
        raise DeskUnreachable(f"the desk of {data_dir} (process {desk.pid}) is starting or stopping; try again shortly")
    try:
        token = read_machine_token(data_dir / "run")
    except (NotFound, OSError) as error:
        raise DeskUnreachable(f"the desk at {desk.url} runs, but its token cannot be read: {error}") from error
    return LiveAddress(desk.pid, desk.url, token)


def require_desk(data_dir: Path, why: str) -> LiveAddress:
    """Return the desk that runs on ``data_dir``. Raises DeskNotRunning, saying ``why`` it is needed."""
    desk = find_desk(data_dir)
    if desk is None:
        raise DeskNotRunning(data_dir, why)
    return desk


class DeskClient:
    """The HTTP interface of a running desk; its error answers come back as errors of the product."""

    def __init__(self, address: LiveAddress) -> None:
        import httpx

        self._url = address.url
        self._client = httpx.Client(
            base_url=f"{address.url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {address.token}"},
            timeout=ANSWER_SECONDS,
            # The desk is on this machine: a proxy of the environment must never see the token.
            trust_env=False,
        )

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON answer to a question."""
        return self._ask("GET", path, params={name: value for name, value in params.items() if value is not None})

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, content: bytes | None = None) -> Any:
        """Return the JSON answer to an act; ``content`` is sent as it stands, ``body`` as JSON."""
        return self._act("POST", path, content if content is not None else json.dumps(body or {}).encode())

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the JSON answer to a change; ``body`` is sent as JSON."""
        return self._act("PUT", path, json.dumps(body).encode())

    def _act(self, method: str, path: str, raw: bytes) -> Any:
        from tradewarden.adapters.ids import RandomIds

        headers = {"Content-Type": "application/json", "Idempotency-Key": RandomIds().next_id("command")}
        return self._ask(method, path, content=raw, headers=headers)

    def _ask(self, method: str, path: str, **parts: Any) -> Any:
        import httpx

        try:
            response = self._client.request(method, path, **parts)
        except httpx.ConnectError as error:
            raise DeskUnreachable(f"the desk at {self._url} cannot be reached: {error}; nothing was done") from error
        except httpx.HTTPError as error:
            raise DeskUnreachable(
                f"the desk at {self._url} did not answer ({type(error).__name__}: {error}); "
                "whether an act happened is in its history: tradewarden history list"
            ) from error
        if response.is_success:
            return response.json()
        raise _refusal(response)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()


def _refusal(response: httpx.Response) -> TradewardenError:
    """Return the desk's error answer as an error, with its findings."""
    try:
        error = response.json()["error"]
        lines = [str(error["message"])]
        lines += [f"  {each['pointer'] or '/'}: {each['message']}" for each in error["details"]]
        return error_of(str(error["code"]), "\n".join(lines))
    except (ValueError, KeyError, TypeError):
        return DeskUnreachable(f"{response.url} answered {response.status_code}: {response.text[:200]}")
