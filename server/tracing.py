"""OpenTelemetry spans of routes, commands, transactions and jobs, when `otel_endpoint` is set; else nothing.

Spans carry operations, statuses and codes: no id of a person, no text, no address.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

from lms_core.kernel.actor import Actor
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Refusal

T = TypeVar("T")


class Tracing(Protocol):
    def span(self, kind: str, name: str) -> AbstractContextManager[Any]:
        """What happens within is a span `kind name`, below the one that is open in this task."""
        ...

    def stop(self) -> None:
        """Send what waits; may take seconds, so call it in a thread."""
        ...


class NoTracing:
    _nothing = nullcontext()

    def span(self, kind: str, name: str) -> AbstractContextManager[Any]:
        return self._nothing

    def stop(self) -> None: ...


class Telemetry:
    """Sends batches to an OTLP endpoint over HTTP, from a thread of its own; what it cannot send is lost."""

    def __init__(self, endpoint: str, version: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import SpanKind, StatusCode

        address = endpoint.rstrip("/")
        address = address if address.endswith("/v1/traces") else f"{address}/v1/traces"
        resource = Resource.create({"service.name": "sabaq", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=5)))
        self._tracer = self._provider.get_tracer("sabaq", version)
        self._kinds = {"route": SpanKind.SERVER, "command": SpanKind.SERVER, "job": SpanKind.CONSUMER}
        self._other, self._error = SpanKind.INTERNAL, StatusCode.ERROR

    def span(self, kind: str, name: str) -> AbstractContextManager[Any]:
        return _Span(self, kind, name)

    def stop(self) -> None:
        self._provider.shutdown()

    def open(self, kind: str, name: str) -> Any:
        return self._tracer.start_as_current_span(
            f"{kind} {name}",
            kind=self._kinds.get(kind, self._other),
            attributes={f"sabaq.{kind}": name},
            record_exception=False,  # messages of exceptions may hold what people wrote
            set_status_on_exception=False,
        )

    def end(self, span: Any, no: BaseException | None) -> None:
        if isinstance(no, Refusal):
            span.set_attribute("sabaq.refused", no.code)
        elif isinstance(no, Exception):
            span.set_status(self._error, type(no).__name__)


class _Span:
    def __init__(self, telemetry: Telemetry, kind: str, name: str) -> None:
        self._telemetry = telemetry
        self._manager = telemetry.open(kind, name)

    def __enter__(self) -> Any:
        self._span = self._manager.__enter__()
        return self._span

    def __exit__(self, kind: Any, no: BaseException | None, trace: Any) -> None:
        self._telemetry.end(self._span, no)
        self._manager.__exit__(kind, no, trace)


class TracedDatabase:
    """A database whose transactions are spans, named after the function that does the work."""

    def __init__(self, db: Database, tracing: Tracing) -> None:
        self._db, self._tracing = db, tracing

    async def run(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        name = getattr(work, "__qualname__", type(work).__name__).replace(".<locals>", "")
        with self._tracing.span("transaction", name):
            return await self._db.run(actor, work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def traced(db: Any, tracing: Tracing) -> Any:
    """The same database, seen by the tracing when there is one."""
    return db if isinstance(tracing, NoTracing) else TracedDatabase(db, tracing)


def tracing_of(endpoint: str, version: str) -> Tracing:
    return Telemetry(endpoint, version) if endpoint else NoTracing()
