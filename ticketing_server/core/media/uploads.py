"""An upload becomes an ordinary request: its file is stored first, its fields become a JSON body.

Behind this, guards, idempotency keys and rules see a small body in which `file` says how large the
file is and what is in it; no transaction is open while a client sends. The file that nobody has
claimed when the request is over is removed, whatever has ended it (`core.unclaimed`).
"""

import hashlib
import logging
import secrets
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from litestar import Request
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ticketing_server.core.clock import today
from ticketing_server.core.errors import NoSpace, Unavailable
from ticketing_server.core.media.file_types import HEAD_BYTES, type_of
from ticketing_server.core.media.files import Storage, Writer, is_full
from ticketing_server.core.media.form import Form, Limits
from ticketing_server.core.media.form_body import read_form, whole, with_json_body
from ticketing_server.core.media.unclaimed import announce, remove_if_unclaimed
from ticketing_server.core.text import base_name

logger = logging.getLogger(__name__)

# A handler marked `upload="folder"` takes one file, which is stored in that folder.
UPLOAD = "upload"
FILE, FILENAME = "file", "filename"
MEBIBYTE = 1024 * 1024
RETRY_AFTER = 60


class Uploads(ASGIMiddleware):
    """Stands behind authentication and before idempotency."""

    def __init__(self, storage: Storage, megabytes: int) -> None:
        self._storage = storage
        self._limits = Limits(file=megabytes * MEBIBYTE)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        folder = scope["route_handler"].opt.get(UPLOAD)
        if folder is None or scope.get("method") != "POST":
            return await next_app(scope, receive, send)
        file = _IncomingFile(self._storage, new_path(folder))
        try:
            fields = await self._receive(file, scope, receive)
            scope["state"][UPLOAD] = file.path
            await next_app(with_json_body(scope), _once(msgspec.json.encode(fields)), send)
        finally:
            if file.is_announced:
                await remove_if_unclaimed(self._storage, file.path)

    async def _receive(
        self, file: "_IncomingFile", scope: Scope, receive: Receive
    ) -> dict[str, Any]:
        form = Form(FILE, file, self._limits)
        try:
            async with file:
                await read_form(scope, receive, form)
                await file.keep()
        except OSError as error:
            logger.exception("an upload could not be stored")
            if is_full(error):
                raise NoSpace from error
            raise Unavailable(RETRY_AFTER, "The file cannot be stored at the moment.") from error
        texts = {name: values[-1] for name, values in form.texts.items() if name != FILE}
        given_name = texts.pop(FILENAME, "").strip()
        named = {FILENAME: base_name(given_name)} if given_name else {}
        return {**texts, **file.described, **named}


class _IncomingFile:
    """Goes to the storage piece by piece; what is known of it in the end is `described`."""

    def __init__(self, storage: Storage, path: str) -> None:
        self.path = path
        self.is_announced = False
        self.described: dict[str, Any] = {}
        self._storage = storage
        self._open = AsyncExitStack()
        self._writer: Writer | None = None
        self._filename, self._declared = "", None
        self._size, self._head, self._digest = 0, b"", hashlib.sha256()

    async def __aenter__(self) -> None:
        """Leaving the block closes what was begun."""

    async def __aexit__(self, *error: Any) -> None:
        await self._open.aclose()

    async def begin(self, filename: str, declared_type: str | None) -> None:
        self._filename, self._declared = filename, declared_type
        self.is_announced = True
        await announce(self.path)
        self._writer = await self._open.enter_async_context(self._storage.writer(self.path))

    async def add(self, data: bytes) -> None:
        assert self._writer
        self._size += len(data)
        if len(self._head) < HEAD_BYTES:
            self._head += data[:HEAD_BYTES]
        self._digest.update(data)
        await self._writer.write(data)

    def finish(self) -> None:
        self.described[FILE] = {
            "size": self._size,
            "content_type": type_of(self._head, self._declared),
            "sha256": self._digest.hexdigest(),
        }
        self.described[FILENAME] = base_name(self._filename)

    async def keep(self) -> None:
        """The form has come whole."""
        if self._writer:
            await self._writer.keep()


def uploaded_path(request: Request[Any, Any, Any]) -> str:
    """Where the file of this upload lies; whoever stores its row claims it."""
    return request.scope["state"][UPLOAD]


def new_path(folder: str) -> str:
    return f"{folder}/{today():%Y/%m/%d}/{secrets.token_urlsafe(24)}"


def _once(body: bytes) -> Receive:
    messages = [whole(body)]

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
