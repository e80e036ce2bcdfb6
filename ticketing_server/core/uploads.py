"""An upload becomes an ordinary request: its file is stored first, its fields become a JSON body.

Behind this, guards, idempotency keys and rules see a small body in which `file` says how large the
file is and what is in it; no transaction is open while a client sends. The file that nobody has
claimed when the request is over is removed, whatever has ended it (`core.unclaimed`).
"""

import logging
import secrets
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Empty, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState
from multipart import (
    MultipartError,
    PushMultipartParser,
    parse_options_header,  # pyright: ignore[reportUnknownVariableType]
)

from ticketing_server.core.clock import today
from ticketing_server.core.errors import Refusal, TooLarge, Unavailable, UnsupportedMediaType
from ticketing_server.core.files import Storage
from ticketing_server.core.form import Form
from ticketing_server.core.unclaimed import remove_if_unclaimed

logger = logging.getLogger(__name__)

# A handler marked `upload="folder"` takes one file, which is stored in that folder.
UPLOAD = "upload"
MEBIBYTE = 1024 * 1024
# What a form may need beside its file: boundaries, headers, other fields.
OVERHEAD = 256 * 1024
MOST_PARTS = 50
RETRY_AFTER = 60


class Interrupted(Refusal):
    """The client is gone; nobody reads this."""

    detail = "The upload was interrupted."


class Uploads(ASGIMiddleware):
    """Stands behind authentication and before idempotency."""

    def __init__(self, storage: Storage, megabytes: int) -> None:
        self._storage = storage
        self._megabytes = megabytes

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        folder = scope["route_handler"].opt.get(UPLOAD)
        if folder is None or scope.get("method") != "POST":
            return await next_app(scope, receive, send)
        form = Form(self._storage, new_path(folder), self._megabytes * MEBIBYTE)
        try:
            await self._receive(form, scope, receive)
            body = msgspec.json.encode(form.fields)
            await next_app(_with_body(scope, body, form.path), _once(body), send)
        finally:
            if form.is_announced:
                await remove_if_unclaimed(self._storage, form.path)

    async def _receive(self, form: Form, scope: Scope, receive: Receive) -> None:
        """Raises TooLarge as soon as that is known, Refusal."""
        headers = dict(scope["headers"])
        parser = _parser(headers.get(b"content-type", b"").decode("latin-1"))
        most = self._megabytes * MEBIBYTE + OVERHEAD
        announced = headers.get(b"content-length", b"")
        if announced.isdigit() and int(announced) > most:
            raise self._too_large()
        try:
            await _read(receive, parser, form, most)
        except MultipartError as error:
            raise Refusal(f"Multipart form parse error - {error}") from None
        except TooLarge:
            raise self._too_large() from None
        except OSError as error:
            logger.exception("an upload could not be stored")
            raise Unavailable(RETRY_AFTER, "The file cannot be stored at the moment.") from error

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The file is larger than {self._megabytes} MB.")


def uploaded_path(request: Request[Any, Any, Any]) -> str:
    """Where the file of this upload lies; whoever stores its row claims it."""
    return request.scope["state"][UPLOAD]


def new_path(folder: str) -> str:
    return f"{folder}/{today():%Y/%m/%d}/{secrets.token_urlsafe(24)}"


def _parser(content_type: str) -> PushMultipartParser:
    media_type, options = cast(tuple[str, dict[str, str]], parse_options_header(content_type))
    if media_type != "multipart/form-data":
        raise UnsupportedMediaType(f'Unsupported media type "{media_type}" in request.')
    try:
        boundary = options.get("boundary", "").encode("latin-1")
        return PushMultipartParser(boundary, max_segment_count=MOST_PARTS)
    except MultipartError as error:
        raise Refusal(f"Multipart form parse error - {error}") from None


async def _read(receive: Receive, parser: PushMultipartParser, form: Form, most: int) -> None:
    received, is_last = 0, False
    async with form:
        while not is_last:
            message = cast(dict[str, Any], await receive())
            if message["type"] == "http.disconnect":
                raise Interrupted
            chunk: bytes = message.get("body", b"")
            received += len(chunk)
            if received > most:
                raise TooLarge
            for event in parser.parse(chunk) if chunk else ():
                await form.take(event)
            is_last = not message.get("more_body")
        parser.close()
        await form.keep()


def _with_body(scope: Scope, body: bytes, path: str) -> Scope:
    """The same request with another body."""
    described = (b"content-type", b"content-length", b"transfer-encoding")
    others = [pair for pair in scope["headers"] if pair[0] not in described]
    length = str(len(body)).encode()
    headers = [*others, (b"content-type", b"application/json"), (b"content-length", length)]
    scope["state"][UPLOAD] = path
    # With CORS on, Litestar has read the old headers already, and would go on believing them.
    ScopeState.from_scope(scope).headers = Empty
    return cast(Any, {**scope, "headers": headers})


def _once(body: bytes) -> Receive:
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
