"""What operators watch: counters kept here, and gauges read when they are asked for.

No label holds a person, a name or a stranger's word: operations, codes, statuses and planes are bounded sets.
"""

import os
import platform
import shutil
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from lms_core.kernel.clock import Clock

from . import VERSION
from .proxies import Proxies, within

log = structlog.get_logger(__name__)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DELAY_EVERY = 0.5

Reading = tuple[str, str, dict[str, str], float]
"""Name (without `sabaq_`), what it is, labels, value."""
Source = Callable[[], Awaitable[Iterable[Reading]]]


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        made: dict[str, Any] = {"registry": self.registry, "namespace": "sabaq"}
        self.requests = Counter("requests", "Answered HTTP requests", ["operation", "status"], **made)
        self.request_seconds = Histogram(
            "request_seconds", "Time to answer an HTTP request", ["operation"], buckets=_SECONDS, **made
        )
        self.commands = Counter("commands", "Answered socket commands", ["command", "outcome"], **made)
        self.command_seconds = Histogram(
            "command_seconds", "Time to answer a socket command", ["command"], buckets=_SECONDS, **made
        )
        self.refusals = Counter("refusals", "Refusals by code", ["code"], **made)
        self.logins = Counter("logins", "Log-ins by the door they came through", ["operation"], **made)
        self.jobs_failed = Counter("jobs_failed", "Jobs that failed", ["job"], **made)
        self.loop_delay = Histogram(
            "loop_delay_seconds", "How late the event loop wakes what sleeps", buckets=_SECONDS, **made
        )
        Info("build", "What runs", **made).info({"version": VERSION, "python": platform.python_version()})
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._gauges: dict[str, Gauge] = {}
        self._labelled: dict[tuple[Any, ...], Any] = {}
        self._sources: list[Source] = []

    def source(self, source: Source) -> None:
        """Ask `source` at each reading. One that fails is left out of it."""
        self._sources.append(source)

    def request(self, operation: str, status: int, seconds: float | None) -> None:
        self._of(self.requests, operation, status).inc()
        if seconds is not None:
            self._of(self.request_seconds, operation).observe(seconds)

    def command(self, command: str, outcome: str, seconds: float) -> None:
        self._of(self.commands, command, outcome).inc()
        self._of(self.command_seconds, command).observe(seconds)

    def refused(self, code: str) -> None:
        self.refusals.labels(code).inc()

    def job_failed(self, job: str) -> None:
        self.jobs_failed.labels(job).inc()

    async def text(self) -> bytes:
        for gauge in self._gauges.values():
            gauge.clear()
        for source in self._sources:
            try:
                for name, what, labels, value in await source():
                    self._gauge(name, what, labels).set(value)
            except Exception:
                log.exception("metrics_source_failed", source=getattr(source, "__qualname__", ""))
        return generate_latest(self.registry)

    async def watch_loop(self, clock: Clock) -> None:
        """Until cancelled: how late a sleeper is woken."""
        while True:
            began = clock.monotonic()
            await clock.sleep(DELAY_EVERY)
            self.loop_delay.observe(max(0.0, clock.monotonic() - began - DELAY_EVERY))

    def _of(self, metric: Any, *labels: Any) -> Any:
        """Its child with these labels; they are bounded sets."""
        key = metric, *labels
        if key not in self._labelled:
            self._labelled[key] = metric.labels(*labels)
        return self._labelled[key]

    def _gauge(self, name: str, what: str, labels: dict[str, str]) -> Any:
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, what, list(labels), registry=self.registry, namespace="sabaq")
        gauge = self._gauges[name]
        return gauge.labels(**labels) if labels else gauge


def add_to(app: web.Application, metrics: Metrics, allowed: tuple[str, ...], proxies: Proxies) -> None:
    """Serve /metrics to those addresses; for anybody else there is no such page.

    Not to what comes through a proxy that is not ours: it may stand on this machine, and the world behind it.
    """

    async def show(request: web.Request) -> web.Response:
        unknown = proxies.is_forwarded(request) and not proxies.trusts(request.remote or "")
        if unknown or not within(proxies.peer(request).address, allowed):
            raise web.HTTPNotFound
        return web.Response(body=await metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/metrics", show)


@dataclass(frozen=True, slots=True)
class Machine:
    """Disk and what runs on it."""

    data: Path

    async def read(self) -> list[Reading]:
        disk = shutil.disk_usage(self.data)
        return [
            ("disk_free_bytes", "Free space where the data is", {}, disk.free),
            ("disk_bytes", "All space where the data is", {}, disk.total),
            ("cores", "Processor cores", {}, os.cpu_count() or 1),
        ]
