"""Figures about the running process for Prometheus: requests, and how the desk is. No money leaves here."""

import time

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewarden.api.status_board import StatusBoard
from tradewarden.core.errors import InvalidSetting, StorageUnavailable
from tradewarden.services.queries.models.status import DeskStatus, HealthState, StatusSource

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The figures of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tradewarden_http_requests", "Answered requests", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "tradewarden_http_seconds", "Time to the first byte", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self._record_up = self._gauge("record_up", "1 when the record answers")
        self._broker_up = self._gauge("broker_up", "1 when the broker gives a believable account statement")
        self._trading_on = self._gauge("trading_on", "1 when AI trading is switched on and no halt is in force")
        self._reconciled = self._gauge("reconciled", "1 when the book agrees with the broker")
        self._waiting = self._gauge("waiting_ideas", "Ideas that can still become an order")
        self._unfinished = self._gauge("unfinished_orders", "Orders queued, sent or unknown")
        self._positions = self._gauge("open_positions", "Positions open at the broker")
        self._entries = self._gauge("history_entries", "Entries in the decision history")
        self._cycle_age = self._gauge("last_cycle_age_seconds", "Wall seconds since the last whole cycle")

    def observe(self, status: DeskStatus | None) -> None:
        """Take the desk's figures from ``status``; None says that the record has not answered yet."""
        self._record_up.set(status is not None and status.source is StatusSource.LIVE)
        if status is None:
            return
        self._broker_up.set(status.health.broker.state is HealthState.OK)
        self._trading_on.set(status.ai_trading_enabled and status.halt is None)
        self._reconciled.set(status.health.reconciled)
        self._waiting.set(status.waiting_ideas)
        self._unfinished.set(status.unfinished_orders)
        self._entries.set(status.history_seq)
        # Unknown is not 0: a figure that nobody knows is not a number.
        self._positions.set(float("nan") if status.open_positions is None else status.open_positions)
        age = status.health.last_cycle_age_seconds
        self._cycle_age.set(float("nan") if age is None else age)

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(f"tradewarden_{name}", words, registry=self.registry)


class MeasureRequests:
    """Counts requests by the route's pattern, never by its path: ids in labels would grow without bound."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.requests.labels(scope["method"], route, str(message["status"])).inc()
                self._metrics.seconds.labels(route).observe(time.perf_counter() - started)
            await send(message)

        await self._app(scope, receive, count)


def install_health(app: FastAPI, board: StatusBoard, metrics: Metrics) -> None:
    """Add ``/healthz`` (the process answers), ``/readyz`` (the desk can work) and ``/metrics``."""

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    def readyz(response: Response) -> dict[str, str | bool]:
        status = _status_or_none(board)
        record = status is not None and status.source is StatusSource.LIVE
        broker = status is not None and status.health.broker.state is HealthState.OK
        reconciled = status is not None and status.health.reconciled
        ready = record and broker and reconciled
        response.status_code = 200 if ready else 503
        return {
            "status": "ready" if ready else "not ready",
            "record": record,
            "broker": broker,
            "reconciled": reconciled,
        }

    @app.get("/metrics", include_in_schema=False)
    def read_metrics() -> Response:
        metrics.observe(_status_or_none(board))
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _status_or_none(board: StatusBoard) -> DeskStatus | None:
    try:
        return board.status()
    except (StorageUnavailable, InvalidSetting):
        return None
