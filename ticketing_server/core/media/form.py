"""A multipart form on its way in: texts are kept here, its one file goes where it belongs."""

import re
from typing import Protocol
from urllib.parse import unquote

import msgspec
from multipart import MultipartSegment

from ticketing_server.core.errors import Invalid, Refusal, TooLarge

# The multipart library leaves out RFC 5987 names, in which some clients send Georgian.
EXTENDED_NAME = re.compile(r";\s*filename\*=utf-8'[\w-]*'([^;\s]+)", re.IGNORECASE)


class Limits(msgspec.Struct, frozen=True):
    """In bytes, but for the number of parts."""

    file: int
    text: int = 64 * 1024
    parts: int = 50
    # Boundaries, headers and texts.
    beside: int = 256 * 1024

    @property
    def body(self) -> int:
        return self.file + self.beside


class FilePart(Protocol):
    """What becomes of the form's file."""

    async def begin(self, filename: str, declared_type: str | None) -> None: ...

    async def add(self, data: bytes) -> None: ...

    def finish(self) -> None: ...


class _Part(Protocol):
    async def add(self, data: bytes) -> None: ...

    def finish(self) -> None: ...


class Form:
    """`texts` by name, each as often as it was sent; `file` takes the part named `file_name`."""

    def __init__(self, file_name: str, file: FilePart, limits: Limits) -> None:
        self.limits = limits
        self.texts: dict[str, list[str]] = {}
        self.has_file = False
        self._file_name, self._file = file_name, file
        self._part: _Part = _Ignored()

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """One event of the parser. Raises TooLarge, Refusal."""
        match event:
            case MultipartSegment():
                self._part = await self._begin(event)
            case None:
                self._part.finish()
            case _:
                await self._part.add(bytes(event))

    async def _begin(self, segment: MultipartSegment) -> _Part:
        filename, name = _filename(segment), segment.name or ""
        if filename is None:
            return _Text(self.texts.setdefault(name, []), name, self.limits.text)
        if name != self._file_name or not filename:
            return _Ignored()
        if self.has_file:
            raise Invalid({name: "Send one file at a time."})
        self.has_file = True
        await self._file.begin(filename, segment.content_type)
        return _Limited(self._file, self.limits.file)


class _Ignored:
    async def add(self, data: bytes) -> None:
        """A part that nobody knows."""

    def finish(self) -> None:
        """Nothing is kept of it."""


class _Text:
    def __init__(self, values: list[str], name: str, most: int) -> None:
        self._values, self._name, self._most = values, name, most
        self._bytes = bytearray()

    async def add(self, data: bytes) -> None:
        self._bytes += data
        if len(self._bytes) > self._most:
            raise Invalid({self._name: "This field is too long."})

    def finish(self) -> None:
        try:
            self._values.append(self._bytes.decode())
        except UnicodeDecodeError:
            raise Refusal(f'Multipart form parse error - "{self._name}" is no UTF-8.') from None


class _Limited:
    def __init__(self, file: FilePart, most: int) -> None:
        self._file, self._left = file, most

    async def add(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge
        await self._file.add(data)

    def finish(self) -> None:
        self._file.finish()


def _filename(segment: MultipartSegment) -> str | None:
    """None for a field that is no file; "" where a browser's user has chosen none."""
    disposition = str(segment.header("Content-Disposition"))  # pyright: ignore[reportUnknownArgumentType]
    if extended := EXTENDED_NAME.search(disposition):
        return unquote(extended[1])
    return segment.filename
