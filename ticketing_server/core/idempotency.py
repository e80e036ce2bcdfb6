"""`Idempotency-Key`: the same POST twice is answered once (rulings 1.11).

The answer is kept in the transaction that did the work, so a crash keeps both or neither, and an
advisory lock that ends with that transaction tells whether a first request is still running. It
may hold what is shown only once, so it is kept sealed, and so is the digest of a body that may hold
a password; of the key itself only a digest is kept (decision 24).
"""

import contextlib
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPSendMessage, Message, Receive, Scope, Send

from ticketing_server.core.db import DB, Sql, execute, row, scalar
from ticketing_server.core.errors import Conflict, Invalid, TooLarge
from ticketing_server.core.secrets.sealing import Seal

AnyRequest = Request[Any, Any, Any]

HEADER = b"idempotency-key"
LONGEST_KEY = 255
KEPT_HEADERS = frozenset({b"content-type", b"etag", b"location"})

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended({}, {}))"
FIND = """
SELECT fingerprint, status, headers::text AS headers, body FROM idempotent_answer
WHERE account = {} AND key = {} AND created_at > now() - interval '24 hours'
"""
KEEP = """
INSERT INTO idempotent_answer (account, key, fingerprint, status, headers, body)
VALUES ({}, {}, {}, {}, {}::text::jsonb, {})
ON CONFLICT (account, key) DO UPDATE SET fingerprint = excluded.fingerprint,
    status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = now()
"""


class Answer(msgspec.Struct):
    """What was sent the first time."""

    status: int
    headers: str
    body: bytes
    fingerprint: bytes = b""

    @property
    def is_worth_keeping(self) -> bool:
        return self.status < 500 and self.status != 429

    async def send(self, send: Send, *extra: tuple[bytes, bytes]) -> None:
        pairs = msgspec.json.decode(self.headers, type=list[tuple[str, str]])
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        length = (b"content-length", str(len(self.body)).encode())
        start: Any = {
            "type": "http.response.start",
            "status": self.status,
            "headers": [*headers, length, *extra],
        }
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class _Undo(Exception):
    """Takes back what a refused request has written, or an answer not to be remembered."""


class Idempotency(ASGIMiddleware):
    """Stands behind authentication: keys belong to their caller."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        key = _key(scope)
        if key is None:
            return await next_app(scope, receive, send)
        given = _checked(key)
        handler = cast(HTTPRouteHandler, scope["route_handler"])
        body = await _read(receive, handler.resolve_request_max_body_size())
        if body is None:
            return
        account: int = scope["user"].id
        seal = Seal(self._secret, str(account), given)
        name, fingerprint = seal.digest(b"name").hex(), seal.digest(_asked(scope, body))
        recorder = _Recorder(scope, body, next_app)
        try:
            async with DB.transaction():
                if not await scalar(Sql(LOCK, name, account), bool):
                    raise Conflict("A request with this Idempotency-Key is still running.")
                first = await row(Sql(FIND, account, name), Answer)
                if first is None:
                    kept = _kept(await recorder.run(), seal)
                    await execute(
                        Sql(KEEP, account, name, fingerprint, kept.status, kept.headers, kept.body)
                    )
        except _Undo:
            first = None
        if first is None:
            return await recorder.answer.send(send)
        if first.fingerprint != fingerprint:
            raise Conflict("This Idempotency-Key was used with another request.")
        await _check_still_allowed(recorder.request(), handler)
        await _opened(first, seal).send(send, (b"idempotency-replayed", b"true"))


async def _check_still_allowed(request: AnyRequest, handler: HTTPRouteHandler) -> None:
    """Who has lost a role since is not told again what they were told while they held it."""
    for guard in cast(list[Any], handler.resolve_guards()):
        await guard(request, handler)


def _kept(answer: Answer, seal: Seal) -> Answer:
    """As it is kept. Raises _Undo for one that is not to be remembered."""
    if not answer.is_worth_keeping:
        raise _Undo
    return msgspec.structs.replace(answer, body=seal.close(answer.body))


def _opened(answer: Answer, seal: Seal) -> Answer:
    """As it was sent."""
    return msgspec.structs.replace(answer, body=seal.open(answer.body))


class _Recorder:
    """Runs the request on a body already read, and holds its answer back until the commit."""

    def __init__(self, scope: Scope, body: bytes, app: ASGIApp) -> None:
        self._scope, self._body, self._app = scope, body, app
        self._pairs: list[tuple[str, str]] = []
        self.answer = Answer(500, "[]", b"")

    async def run(self) -> Answer:
        """A savepoint: a statement that failed must not keep the refusal from being remembered."""
        with contextlib.suppress(_Undo):
            async with DB.transaction():
                await self._app(self._scope, self._receive, self._send)
                if self.answer.status >= 400:
                    raise _Undo
        self.answer.headers = msgspec.json.encode(self._pairs).decode()
        return self.answer

    def request(self) -> AnyRequest:
        """For those who look at it without answering."""
        return Request(self._scope, self._receive)

    async def _receive(self) -> Any:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Message) -> None:
        self._record(message)  # pyright: ignore[reportArgumentType]: an HTTP scope sends no others

    def _record(self, message: HTTPSendMessage) -> None:
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self._pairs = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message["headers"]
                if name.lower() in KEPT_HEADERS
            ]
        elif message["type"] == "http.response.body":
            self.answer.body += message["body"]


def _key(scope: Scope) -> bytes | None:
    if scope.get("method") != "POST" or scope.get("user") is None:
        return None
    return dict(scope["headers"]).get(HEADER)


def _checked(key: bytes) -> str:
    text = key.decode("latin-1").strip()
    if not text or len(text) > LONGEST_KEY or not text.isprintable():
        raise Invalid({"Idempotency-Key": f"Use 1 to {LONGEST_KEY} printable characters."})
    return text


async def _read(receive: Receive, limit: int | None) -> bytes | None:
    """The whole body; None when the caller leaves before its end. Raises TooLarge."""
    body = bytearray()
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if limit is not None and len(body) > limit:
            raise TooLarge
        if not message.get("more_body"):
            return bytes(body)


def _asked(scope: Scope, body: bytes) -> bytes:
    """What one request asks: another one with the same key is a mistake."""
    return scope["path"].encode() + b"?" + scope.get("query_string", b"") + b"\0" + body
