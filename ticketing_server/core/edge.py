"""What is true of every request and answer, whatever the framework does in between.

Host check, HEAD, a request id, safe headers, the present ETag on a 412, a line in the log and a
count in the metrics: one ASGI wrapper.
"""

import asyncio
import contextvars
import functools
import logging
import re
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ticketing_server.core.db.turnstile import BEGIN_SECONDS, PATIENCE, Patience
from ticketing_server.core.errors import RETRY_AFTER, Unavailable
from ticketing_server.core.telemetry.requests_seen import SEEN

logger = logging.getLogger("ticketing_server.access")

NO_REQUEST = "-"
REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default=NO_REQUEST)
# Of a request that is traced.
TRACE_ID: contextvars.ContextVar[str | None] = contextvars.ContextVar("trace_id", default=None)
GIVEN_ID = re.compile(rb"[\w.-]{8,64}")

API_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]

# Whoever comes again may find another server, or a shorter queue.
BUSY_HEADERS = [(b"retry-after", str(RETRY_AFTER).encode()), (b"connection", b"close")]

# Probes come to an address, not to a name; they learn nothing, or ask for a token.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

IS_HEAD = "is_head"
# The template of the path, for whoever stands around the edge: HEAD is answered in another scope.
ROUTE = "route"
# How many seconds a request was kept waiting before it began; not there where nobody counts.
WAITED = "waited"
# Where a line in the log has the answer that it is about.
REQUEST = "request"

Header = tuple[bytes, bytes]
Headers = list[Header]
AccountOf = Callable[[Any], int | None]


class Edge:
    """`allowed_hosts` as in Django: names without ports, a leading dot for subdomains, `*`.

    `account_of` tells whose id to log, from what the app has put into the scope as its `user`.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str], account_of: AccountOf) -> None:
        self._app = app
        self._is_allowed = host_check(allowed_hosts)
        self._account_of = account_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id"))
        REQUEST_ID.set(request_id)
        given, inner = cast(dict[str, Any], scope), _as_get(scope)
        waited: float = given.get(WAITED, 0.0)
        PATIENCE.set(Patience(waited))
        answer = Answer(given, inner, send, request_id, self._account_of)
        SEEN.in_flight += 1
        try:
            if waited >= BEGIN_SECONDS:
                await answer.refuse_for_now()
            elif scope["path"] not in PROBES and not self._is_allowed(_host(scope)):
                await answer.refuse(400, "Invalid Host header.")
            else:
                await self._app(inner, receive, answer.send)
            if answer.is_stale:
                await answer.finish(await self._present_etag(scope, receive))
            answer.log()
        except asyncio.CancelledError:
            # The server stops, and has waited long enough.
            if answer.status:
                raise
            await answer.refuse_for_now()
            answer.log()
        finally:
            SEEN.in_flight -= 1
            answer.count()

    async def _present_etag(self, scope: Scope, receive: Receive) -> bytes | None:
        """What GET says now: a 412 tells the caller where they stand (rulings 1.10)."""
        found: list[bytes] = []

        async def look(message: Message) -> None:
            headers: Headers = cast(dict[str, Any], message).get("headers", [])
            found.extend(value for name, value in headers if name.lower() == b"etag")

        unconditional = [
            pair for pair in scope["headers"] if pair[0] not in (b"if-match", b"if-none-match")
        ]
        again: Any = {**scope, "method": "GET", "headers": unconditional, "state": {}}
        await self._app(again, receive, look)
        return found[0] if found else None


class Answer:
    """One answer on its way out. `inner` is the scope in which the app answers `scope`."""

    def __init__(
        self,
        scope: dict[str, Any],
        inner: Scope,
        send: Send,
        request_id: str,
        account_of: AccountOf,
    ) -> None:
        self._scope = scope
        self._inner = cast(dict[str, Any], inner)
        self._send = send
        self._id = request_id
        self._account_of = account_of
        self._held: list[dict[str, Any]] = []
        self._started = time.perf_counter() - scope.get(WAITED, 0.0)
        self.status = 0
        self.is_stale = False

    async def send(self, message: Message) -> None:
        sent = cast(dict[str, Any], message)
        if sent["type"] == "http.response.start":
            self.status = sent["status"]
            self.is_stale = self.status == 412
            sent["headers"] = self._completed(sent["headers"])
        if self._scope["method"] == "HEAD" and sent["type"] == "http.response.body":
            sent = {**sent, "body": b""}
        if self.is_stale:
            self._held.append(sent)
            return
        await self._send(cast(Any, sent))

    async def finish(self, etag: bytes | None) -> None:
        if etag:
            self._held[0]["headers"].append((b"etag", etag))
        for message in self._held:
            await self._send(cast(Any, message))

    async def refuse_for_now(self) -> None:
        await self.refuse(503, Unavailable.detail, BUSY_HEADERS)

    async def refuse(self, status: int, detail: str, more: Sequence[Header] = ()) -> None:
        """Costs next to nothing."""
        body = b'{"detail":"%b"}' % detail.encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *more,
        ]
        await self.send(
            cast(Any, {"type": "http.response.start", "status": status, "headers": headers})
        )
        await self.send(cast(Any, {"type": "http.response.body", "body": body, "more_body": False}))

    def log(self) -> None:
        """Never with the query: it has words that people search for, and signatures of files."""
        logger.log(
            logging.DEBUG if self._scope["path"] in PROBES else logging.INFO,
            "%s %s %s %.1fms",
            self._scope["method"],
            self._scope["path"],
            self.status,
            self._seconds() * 1000,
            extra={REQUEST: self},
        )

    def count(self) -> None:
        route = self._scope[ROUTE] = self._inner.get("path_template")
        SEEN.answered(self._scope["method"], route, self.status, self._seconds())

    def fields(self) -> dict[str, Any]:
        """What the line says, for programs; `route` and `account` are null where there is none."""
        return {
            "method": self._scope["method"],
            "path": self._scope["path"],
            "route": self._inner.get("path_template"),
            "status": self.status,
            "duration_ms": round(self._seconds() * 1000, 1),
            "account": self._account_of(self._inner.get("user")),
        }

    def _seconds(self) -> float:
        return time.perf_counter() - self._started

    def _completed(self, headers: Headers) -> Headers:
        present = {name.lower() for name, _ in headers}
        missing = [pair for pair in API_HEADERS if pair[0] not in present]
        return [*headers, *missing, (b"x-request-id", self._id.encode())]


def host_check(allowed: Sequence[str]) -> Callable[[bytes], bool]:
    """Whether a Host header names one of ours, whatever its port."""

    @functools.lru_cache(maxsize=256)
    def is_allowed(header: bytes) -> bool:
        match = HOST.fullmatch(header.decode("latin-1").lower())
        return bool(match) and any(_matches(match[1].rstrip("."), name) for name in names)

    names = [name.lower() for name in allowed]
    return is_allowed


HOST = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


def _matches(host: str, name: str) -> bool:
    if name == "*":
        return True
    return host == name or (name.startswith(".") and (host.endswith(name) or host == name[1:]))


def _as_get(scope: Scope) -> Scope:
    """HEAD answers wherever GET does (rulings 1.1); a stream need not be read to be dropped."""
    if scope.get("method") != "HEAD":
        return scope
    return cast(Any, {**scope, "method": "GET", IS_HEAD: True})


def _host(scope: Scope) -> bytes:
    """Nothing where it is missing or said twice: two readers could each believe another one."""
    named = [value for name, value in scope["headers"] if name == b"host"]
    return named[0] if len(named) == 1 else b""


def _request_id(given: bytes | None) -> str:
    if given and GIVEN_ID.fullmatch(given):
        return given.decode()
    return secrets.token_hex(8)
