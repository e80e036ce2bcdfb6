"""A stored file on its way out: ranges, ETag, and headers that keep a browser from running it."""

import re
from collections.abc import AsyncGenerator
from hashlib import blake2b
from typing import Any, Protocol
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

from ticketing_server.core.edge import IS_HEAD
from ticketing_server.core.errors import NotFound
from ticketing_server.core.media.file_types import SHOWN_INLINE, UNKNOWN
from ticketing_server.core.media.files import Storage

PRIVATE = "private, no-cache"
# For a file at an address that never leads to another one.
FOREVER = "public, max-age=31536000, immutable"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
UNSAFE_IN_QUOTES = re.compile(r'[^ -~]|["\\%;]')


class StoredFile(Protocol):
    """What the row of a file tells about it; its bytes never change."""

    @property
    def path(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def size(self) -> int: ...


async def file_response(
    request: Request[Any, Any, Any], storage: Storage, file: StoredFile, cached: str = PRIVATE
) -> Response[Any]:
    """200, 206, 304 or 416. Raises NotFound when the bytes are gone."""
    headers = {**_headers(file), "Cache-Control": cached}
    if _is_named(headers["ETag"], request.headers.get("if-none-match")):
        return Response(None, status_code=304, headers=headers)
    wanted = _wanted(request, headers["ETag"], file.size)
    if wanted is not None and not wanted:
        return Response(
            {"detail": "Requested range not satisfiable."},
            status_code=416,
            headers={"Content-Range": f"bytes */{file.size}"},
        )
    part = wanted or range(file.size)
    first = await _first_piece(storage, file.path, part)
    if wanted:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    headers["Content-Length"] = str(len(part))
    is_head = request.scope.get(IS_HEAD, False)
    return Stream(
        _nothing() if is_head else _pieces(storage, file.path, part, first),
        status_code=206 if wanted else 200,
        headers=headers,
        media_type=_served_type(file),
    )


def _headers(file: StoredFile) -> dict[str, str]:
    manner = "inline" if file.content_type in SHOWN_INLINE else "attachment"
    plain = UNSAFE_IN_QUOTES.sub("_", file.filename)
    return {
        "ETag": f'"{blake2b(file.path.encode(), digest_size=12).hexdigest()}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": (
            f"{manner}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.filename, safe='')}"
        ),
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    }


def _served_type(file: StoredFile) -> str:
    return file.content_type if file.content_type in SHOWN_INLINE else UNKNOWN


def _is_named(tag: str, header: str | None) -> bool:
    listed = [one.strip().removeprefix("W/") for one in (header or "").split(",")]
    return tag in listed or "*" in listed


def _wanted(request: Request[Any, Any, Any], tag: str, size: int) -> range | None:
    """The bytes asked for; empty when there are none such, None for the whole file.

    Several ranges at once, and a range of another version, are answered with the whole.
    """
    match = RANGE.fullmatch(request.headers.get("range", "").strip())
    if not match or not any(match.groups()) or request.headers.get("if-range", tag) != tag:
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


async def _first_piece(storage: Storage, path: str, part: range) -> bytes:
    try:
        return await storage.read(path, part.start, min(storage.piece, len(part)))
    except FileNotFoundError:
        raise NotFound from None


async def _pieces(storage: Storage, path: str, part: range, first: bytes) -> AsyncGenerator[bytes]:
    yield first
    for start in range(part.start + storage.piece, part.stop, storage.piece):
        yield await storage.read(path, start, min(storage.piece, part.stop - start))


async def _nothing() -> AsyncGenerator[bytes]:
    yield b""
