"""A form with a picture, beside the JSON that the same door takes.

The form is read when somebody first asks for the body, so a guard that needs none refuses before
anything is received. It becomes a small JSON body in which the picture is only its digest; what
`body` puts in its place is the picture itself, decoded by then. It is stored by the action that
claims it; whatever has not been claimed when the request is over is removed.
"""

import hashlib
from typing import Any

import msgspec
from litestar import Request
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ticketing_server.core.body import FILES, IncomingFile, body_type
from ticketing_server.core.errors import Refusal
from ticketing_server.core.media.files import Storage
from ticketing_server.core.media.form import Form, Limits
from ticketing_server.core.media.form_body import is_form, read_form, whole, with_json_body
from ticketing_server.core.media.form_fields import values_of
from ticketing_server.core.media.pictures import Picture, UnfitPicture, kind_of, new_paths, redrawn
from ticketing_server.core.media.unclaimed import announce, remove_if_unclaimed

MEBIBYTE = 1024 * 1024
# A description may be as long as in JSON, and every letter of it Georgian.
LIMITS = Limits(file=5 * MEBIBYTE, text=3 * MEBIBYTE, parts=1000, beside=3 * MEBIBYTE + 256 * 1024)


class PictureField(msgspec.Struct, frozen=True):
    """A handler marked `picture=PictureField("logo", "company_logos")` takes such a form."""

    name: str
    folder: str


PICTURE = "picture"


class PictureForms(ASGIMiddleware):
    """Stands behind authentication and before idempotency."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        field: PictureField | None = scope["route_handler"].opt.get(PICTURE)
        if field is None or not is_form(scope):
            return await next_app(scope, receive, send)
        form = _LateForm(field, scope, receive)
        try:
            await next_app(with_json_body(scope), form.receive, send)
        finally:
            if form.announced:
                await remove_if_unclaimed(self._storage, *form.announced)


class _LateForm:
    """Received when its body is first asked for."""

    def __init__(self, field: PictureField, scope: Scope, receive: Receive) -> None:
        self.announced: tuple[str, ...] = ()
        self._field, self._scope, self._receive = field, scope, receive
        self._is_read = False
        self._refusal: Refusal | None = None

    async def receive(self) -> Any:
        """Raises Refusal, as often as it is asked: a guard passes over what the handler tells."""
        if self._refusal:
            raise self._refusal
        if self._is_read:
            return await self._receive()
        self._is_read = True
        try:
            return whole(msgspec.json.encode(await self._read()))
        except Refusal as refusal:
            self._refusal = refusal
            raise

    async def _read(self) -> dict[str, Any]:
        file = _HeldFile()
        form = Form(self._field.name, file, LIMITS)
        await read_form(self._scope, self._receive, form)
        name = self._field.name
        fields = values_of(form.texts, body_type(Request(self._scope)))
        if not form.has_file:
            is_cleared = not fields.get(name, "-").strip()
            return {**fields, name: None} if is_cleared else fields
        data = bytes(file.data)
        self._scope["state"][FILES] = {name: await self._announced(data)}
        return {**fields, name: hashlib.sha256(data).hexdigest()}

    async def _announced(self, data: bytes) -> IncomingFile:
        try:
            paths = new_paths(self._field.folder, kind_of(data))
        except UnfitPicture as error:
            return _Unfit(error)
        await announce(*paths)
        self.announced = paths
        return _Upload(paths, data)


class _HeldFile:
    """Kept in memory: it is small, and decoded as a whole."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def begin(self, filename: str, declared_type: str | None) -> None:
        """What it is called and said to be does not matter."""

    async def add(self, data: bytes) -> None:
        self.data += data

    def finish(self) -> None:
        """It is looked at when it is asked for."""


class _Upload:
    def __init__(self, paths: tuple[str, str], data: bytes) -> None:
        self._paths, self._data = paths, data

    async def opened(self) -> Picture:
        """Raises UnfitPicture."""
        return Picture(self._paths, await redrawn(self._data))


class _Unfit:
    def __init__(self, why: UnfitPicture) -> None:
        self._why = why

    async def opened(self) -> Picture:
        raise self._why
