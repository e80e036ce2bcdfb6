"""Piccolo Admin, which only reads here, as the answer to a request."""

import asyncio
import importlib
import logging
from typing import Any, cast

import asyncpg
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ticketing_server.admin.api import bare
from ticketing_server.core.errors import Refusal

logger = logging.getLogger(__name__)

PREFIX, ASSETS = "/admin", "/assets/"

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    b" img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    b" frame-ancestors 'none'"
)
# What Piccolo raises over parameters that it does not understand, instead of answering.
SENSELESS = (ValueError, TypeError, KeyError, asyncpg.DataError)
# Their names change with what is in them.
FOREVER = b"private, max-age=31536000, immutable"


class Pages:
    """Imported and built when it is first opened: a server whose admin nobody opens pays nothing.

    An answer as `pages` itself, a row as `pages.row(…)`.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._built: ASGIApp | None = None
        self._building = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _below(scope)
        await self._answer(bare(scope, path), receive, send)

    def row(self, table: str, id: int) -> ASGIApp:
        """One row as it is now, whatever was asked."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            path = f"/api/tables/{table}/{id}/"
            await self._answer(bare(scope, path, method="GET", query_string=b""), receive, send)

        return answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        admin = self._built or await self._build()
        try:
            await admin(scope, receive, self._completing(scope, send))
        except SENSELESS as error:
            logger.warning("admin: %s at %s", type(error).__name__, scope["path"])
            raise Refusal("The admin cannot make sense of this address.") from error

    async def _build(self) -> ASGIApp:
        """In a thread, since it takes half a second and others are being served."""
        async with self._building:
            if self._built is None:
                self._built = await asyncio.to_thread(_build)
        return self._built

    def _completing(self, scope: Scope, send: Send) -> Send:
        """What Piccolo's answers lack; the rest is added to every answer of the server."""

        async def complete(message: Message) -> None:
            started = cast(dict[str, Any], message)
            if started["type"] == "http.response.start":
                headers = [self._cookie(*pair) for pair in started["headers"]]
                started = {
                    **started,
                    "headers": [*headers, *_more(scope["path"], started["status"])],
                }
            await send(cast(Any, started))

        return complete

    def _cookie(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        is_bare = name.lower() == b"set-cookie" and self._secure
        return (name, value + b"; Secure") if is_bare else (name, value)


def _build() -> ASGIApp:
    return importlib.import_module("ticketing_server.admin.piccolo").build()


def _below(scope: Scope) -> str:
    """Litestar has taken the last slash off; Piccolo wants it everywhere but on files."""
    path = scope["path"].removeprefix(PREFIX)
    return path if path.startswith(ASSETS) else path.rstrip("/") + "/"


def _more(path: str, status: int) -> list[tuple[bytes, bytes]]:
    if path.startswith(ASSETS):
        return [(b"cache-control", FOREVER)] if status == 200 else []
    return [(b"content-security-policy", POLICY)] if path == "/" else []
