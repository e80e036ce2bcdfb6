"""Where uploaded bytes lie: a small interface, and the local directory as its default.

Paths are ours, never a caller's: `attachments/2025/10/21/<unguessable>`. `core.bucket` is the other
store; `core.storage` opens the one that the settings name.
"""

import asyncio
import errno
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BufferedWriter
from pathlib import Path
from typing import Protocol, runtime_checkable

# One trip to a thread for each; also the most of a file that is in memory at a time.
PIECE = 256 * 1024

# The disk is full, the user's share of it is, or it takes no file as large as this.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Writer(Protocol):
    """A file that is not there yet."""

    async def write(self, data: bytes) -> None: ...

    async def keep(self) -> None:
        """Makes the file durable and puts it in its place, whole."""


@runtime_checkable
class Storage(Protocol):
    """Raises FileNotFoundError for what is not there, OSError when the store is at fault."""

    @property
    def piece(self) -> int:
        """How many bytes are worth a trip to the store, and not too many for memory."""
        ...

    def writer(self, path: str) -> AbstractAsyncContextManager[Writer]:
        """A new file; what was not kept when the block ends leaves nothing."""
        ...

    async def read(self, path: str, start: int, length: int) -> bytes:
        """Less than `length` at the end of the file, and nothing behind it."""
        ...

    async def size(self, path: str) -> int: ...

    async def remove(self, paths: Sequence[str]) -> None:
        """Removes what is there of these, unfinished ones included."""


class LocalDirectory:
    """Files below one directory, readable by the server's own user only."""

    piece = PIECE

    def __init__(self, root: Path) -> None:
        self._root = root

    @asynccontextmanager
    async def writer(self, path: str) -> AsyncGenerator[Writer]:
        place = self._root / path
        file = await asyncio.to_thread(_create, _unfinished(place))
        try:
            yield _LocalWriter(file, place)
        finally:
            await asyncio.to_thread(_close, file, _unfinished(place))

    async def read(self, path: str, start: int, length: int) -> bytes:
        return await asyncio.to_thread(_read, self._root / path, start, length)

    async def size(self, path: str) -> int:
        return (await asyncio.to_thread((self._root / path).stat)).st_size

    async def remove(self, paths: Sequence[str]) -> None:
        await asyncio.to_thread(_remove, [self._root / path for path in paths])


class _LocalWriter:
    def __init__(self, file: BufferedWriter, place: Path) -> None:
        self._file, self._place = file, place
        self._waiting = bytearray()

    async def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= PIECE:
            await self._flush()

    async def keep(self) -> None:
        await self._flush()
        await asyncio.to_thread(_finish, self._file, self._place)

    async def _flush(self) -> None:
        piece, self._waiting = self._waiting, bytearray()
        await asyncio.to_thread(self._file.write, piece)


def is_full(error: OSError) -> bool:
    """Whether the store is well, but has no space for the file."""
    return error.errno in FULL


def _unfinished(place: Path) -> Path:
    return place.with_name(f"{place.name}.part")


def _create(place: Path) -> BufferedWriter:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _finish(file: BufferedWriter, place: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    _unfinished(place).rename(place)
    _sync_directories(place.parent)


def _sync_directories(day: Path) -> None:
    """The day's directory and those above it: each may be as new as the file."""
    for directory in [day, *list(day.parents)[:4]]:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _close(file: BufferedWriter, unfinished: Path) -> None:
    try:
        file.close()
    finally:
        unfinished.unlink(missing_ok=True)


def _read(place: Path, start: int, length: int) -> bytes:
    with place.open("rb") as file:
        file.seek(start)
        return file.read(length)


def _remove(places: list[Path]) -> None:
    for place in places:
        place.unlink(missing_ok=True)
        _unfinished(place).unlink(missing_ok=True)
