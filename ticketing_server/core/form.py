"""A multipart form on its way in: its file goes to the storage piece by piece, fields stay here."""

import hashlib
import re
from contextlib import AsyncExitStack
from typing import Any, Protocol
from urllib.parse import unquote

from multipart import MultipartSegment

from ticketing_server.core.errors import Invalid, Refusal, TooLarge
from ticketing_server.core.file_types import HEAD_BYTES, type_of
from ticketing_server.core.files import Storage, Writer
from ticketing_server.core.text import base_name
from ticketing_server.core.unclaimed import announce

FILE, FILENAME = "file", "filename"
LONGEST_FIELD = 64 * 1024

# The multipart library leaves out RFC 5987 names, in which some clients send Georgian.
EXTENDED_NAME = re.compile(r";\s*filename\*=utf-8'[\w-]*'([^;\s]+)", re.IGNORECASE)


class _Part(Protocol):
    async def add(self, data: bytes) -> None: ...

    def finish(self) -> None: ...


class Form:
    """Fields by name; `file` becomes its size, type and digest, `filename` defaults to its own."""

    def __init__(self, storage: Storage, path: str, most: int) -> None:
        self.path = path
        self.most = most
        self.is_announced = False
        self.fields: dict[str, Any] = {}
        self._storage = storage
        self._open = AsyncExitStack()
        self._writer: Writer | None = None
        self._part: _Part = _Ignored()

    async def __aenter__(self) -> "Form":
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._open.aclose()

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """One event of the parser. Raises TooLarge, Refusal."""
        match event:
            case MultipartSegment():
                self._part = await self._begin(event)
            case None:
                self._part.finish()
            case _:
                await self._part.add(bytes(event))

    async def keep(self) -> None:
        """The form has come whole."""
        if self._writer:
            await self._writer.keep()

    async def _begin(self, segment: MultipartSegment) -> _Part:
        filename = _filename(segment)
        if filename is None:
            is_text = segment.name != FILE
            return _Text(self.fields, segment.name or "") if is_text else _Ignored()
        if segment.name != FILE or not filename:
            return _Ignored()
        if self._writer:
            raise Invalid({FILE: "Send one file at a time."})
        self.is_announced = True
        await announce(self.path)
        self._writer = await self._open.enter_async_context(self._storage.writer(self.path))
        return _File(self, self._writer, filename, segment.content_type)


class _Ignored:
    async def add(self, data: bytes) -> None:
        """A part that nobody knows."""

    def finish(self) -> None:
        """Nothing is kept of it."""


class _Text:
    def __init__(self, fields: dict[str, Any], name: str) -> None:
        self._fields, self._name = fields, name
        self._bytes = b""

    async def add(self, data: bytes) -> None:
        self._bytes += data
        if len(self._bytes) > LONGEST_FIELD:
            raise Invalid({self._name: "This field is too long."})

    def finish(self) -> None:
        try:
            text = self._bytes.decode()
        except UnicodeDecodeError:
            raise Refusal(f'Multipart form parse error - "{self._name}" is no UTF-8.') from None
        if self._name != FILENAME:
            self._fields[self._name] = text
        elif text.strip():
            self._fields[FILENAME] = base_name(text)


class _File:
    def __init__(self, form: Form, writer: Writer, filename: str, declared: str | None) -> None:
        self._form, self._writer = form, writer
        self._filename, self._declared = filename, declared
        self._size, self._head, self._digest = 0, b"", hashlib.sha256()

    async def add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._form.most:
            raise TooLarge
        if len(self._head) < HEAD_BYTES:
            self._head += data[:HEAD_BYTES]
        self._digest.update(data)
        await self._writer.write(data)

    def finish(self) -> None:
        self._form.fields[FILE] = {
            "size": self._size,
            "content_type": type_of(self._head, self._declared),
            "sha256": self._digest.hexdigest(),
        }
        self._form.fields.setdefault(FILENAME, base_name(self._filename))


def _filename(segment: MultipartSegment) -> str | None:
    """None for a field that is no file; "" where a browser's user has chosen none."""
    disposition = str(segment.header("Content-Disposition"))  # pyright: ignore[reportUnknownArgumentType]
    if extended := EXTENDED_NAME.search(disposition):
        return unquote(extended[1])
    return segment.filename
