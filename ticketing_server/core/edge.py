"""What is true of every request and answer, whatever the framework does in between.

Host check, HEAD, a request id, safe headers, and the present ETag on a 412: one ASGI wrapper.
"""

import contextvars
import functools
import logging
import re
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ticketing_server.core.turnstile import PATIENCE, Patience

logger = logging.getLogger("ticketing_server.access")

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")
GIVEN_ID = re.compile(rb"[\w.-]{8,64}")

API_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]

# Probes come to an address, not to a name, and learn nothing.
PROBES = frozenset({"/healthz", "/readyz"})

IS_HEAD = "is_head"

Headers = list[tuple[bytes, bytes]]


class Edge:
    """`allowed_hosts` as in Django: names without ports, a leading dot for subdomains, `*`."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        self._app = app
        self._is_allowed = host_check(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id"))
        REQUEST_ID.set(request_id)
        PATIENCE.set(Patience())
        answer = _Answer(cast(dict[str, Any], scope), send, request_id)
        if scope["path"] not in PROBES and not self._is_allowed(_host(scope)):
            return await answer.refuse_host()
        await self._app(_as_get(scope), receive, answer.send)
        if answer.is_stale:
            await answer.finish(await self._present_etag(scope, receive))
        answer.log()

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


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: dict[str, Any], send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._id = request_id
        self._held: list[dict[str, Any]] = []
        self._started = time.perf_counter()
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

    async def refuse_host(self) -> None:
        body = b'{"detail":"Invalid Host header."}'
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await self.send(
            cast(Any, {"type": "http.response.start", "status": 400, "headers": headers})
        )
        await self.send(cast(Any, {"type": "http.response.body", "body": body, "more_body": False}))
        self.log()

    def log(self) -> None:
        logger.log(
            logging.DEBUG if self._scope["path"] in PROBES else logging.INFO,
            "%s %s %s %.1fms",
            self._scope["method"],
            self._scope["path"],
            self.status,
            (time.perf_counter() - self._started) * 1000,
        )

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
