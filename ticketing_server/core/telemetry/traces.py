"""A span for each request and, below it, for each statement, sent to an OpenTelemetry collector.

Only imported where it is wanted. Where to, how often and under which name the standard variables
say; the SDK reads them itself. A span has neither query, header nor body, and a statement's span
its text without its values.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from typing_extensions import override

from ticketing_server import __version__
from ticketing_server.core.edge import PROBES, ROUTE, TRACE_ID

OURS = Resource({"service.name": "ticketing-server", "service.version": __version__})

# A collector that is away is tried again for up to 20 s; a server that is told to stop has less.
LAST_SECONDS = 3

Given = list[tuple[bytes, bytes]]


class Traces:
    """Around the whole app; what is not yet sent is sent when the app ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # The operator's name for the service, where there is one, wins over ours.
        resource = Resource.create().merge(OURS).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter()
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("ticketing_server", __version__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match cast(dict[str, Any], scope):
            case {"type": "lifespan"}:
                await self._live(scope, receive, send)
            case {"type": "http", "path": path} if path not in PROBES:
                await self._trace(scope, receive, send)
            case _:
                await self._app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whoever serves the app waits for its last message, and not for what comes after it."""

        async def flushing(message: Message) -> None:
            if cast(dict[str, Any], message)["type"] == "lifespan.shutdown.complete":
                await self._stop()
            await send(message)

        statements = AsyncPGInstrumentor()
        statements.instrument(tracer_provider=self._provider)
        try:
            await self._app(scope, receive, flushing)
        finally:
            statements.uninstrument()

    async def _stop(self) -> None:
        stopping = asyncio.create_task(asyncio.to_thread(self._provider.shutdown))
        if not (await asyncio.wait([stopping], timeout=LAST_SECONDS))[0]:
            self._exporter.shutdown()  # ends what it is trying
        await stopping

    async def _trace(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Named by the route once that is known."""
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            told = cast(dict[str, Any], message)
            status = told.get("status", status)
            await send(message)

        given = cast(dict[str, Any], scope)
        method: str = given["method"]
        with self._tracer.start_as_current_span(
            method,
            context=propagate.extract(given["headers"], getter=HEADERS),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "url.path": given["path"],
                "url.scheme": given["scheme"],
            },
        ) as span:
            TRACE_ID.set(trace.format_trace_id(span.get_span_context().trace_id))
            await self._app(scope, receive, noting)
            if route := given.get(ROUTE):
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_status(StatusCode.ERROR)


class _Headers(Getter[Given]):
    """Reads ASGI's headers."""

    @override
    def get(self, carrier: Given, key: str) -> list[str] | None:
        wanted = key.lower().encode()
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    @override
    def keys(self, carrier: Given) -> Iterable[str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return [name.decode("latin-1") for name, _ in carrier]


HEADERS = _Headers()
