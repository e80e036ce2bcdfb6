"""The uploaded files of a backup: out of the store, and back into one."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from zipfile import ZipFile, ZipInfo

from ticketing_server.core.media.files import PIECE, Storage

from .archive import files_in, new_file
from .contents import Connection
from .manifest import Refused
from .progress import Progress

logger = logging.getLogger(__name__)

# A store takes its time to make a file durable, and takes several at a time.
HANDS = 16

# Every column that names a file.
PATHS = """
SELECT path FROM attachment
UNION SELECT logo FROM company WHERE logo IS NOT NULL
UNION SELECT logo_thumbnail FROM company WHERE logo_thumbnail IS NOT NULL
ORDER BY 1
"""


async def paths(connection: Connection) -> list[str]:
    return [row[0] for row in await connection.fetch(PATHS)]


async def take(archive: ZipFile, storage: Storage, paths: list[str]) -> int:
    """How many files were there; those that are not are logged, and left out."""
    progress, taken = Progress(), 0
    for done, path in enumerate(paths):
        progress.tell("%s of %s files", done, len(paths))
        try:
            piece = await storage.read(path, 0, storage.piece)
        except FileNotFoundError:
            logger.warning("%s is missing from the media; it is left out", path)
            continue
        await _take_one(archive, storage, path, piece)
        taken += 1
    return taken


async def _take_one(archive: ZipFile, storage: Storage, path: str, piece: bytes) -> None:
    with new_file(archive, path) as member:
        start = 0
        while piece:
            await asyncio.to_thread(member.write, piece)
            start += len(piece)
            piece = await storage.read(path, start, storage.piece)


class Files:
    """Puts the files of an archive into a store, and remembers which were not there before."""

    def __init__(self, archive: ZipFile, storage: Storage) -> None:
        self._archive, self._storage = archive, storage
        self._new: list[str] = []

    async def put(self) -> None:
        members = files_in(self._archive)
        waiting, progress = enumerate(members.items()), Progress()

        async def put_next() -> None:
            for done, (path, member) in waiting:
                progress.tell("%s of %s files", done, len(members))
                await self._put_one(_checked(path), member)

        await _together(put_next)

    async def take_back(self) -> None:
        await self._storage.remove(self._new)

    async def _put_one(self, path: str, member: ZipInfo) -> None:
        """A file that is there already, or half there, is replaced: a path never means another."""
        if not await self._is_there(path):
            self._new.append(path)
            await self._storage.remove([path])
        async with self._storage.writer(path) as writer:
            with self._archive.open(member) as file:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    await writer.write(piece)
            await writer.keep()

    async def _is_there(self, path: str) -> bool:
        try:
            await self._storage.read(path, 0, 1)
        except FileNotFoundError:
            return False
        return True


@asynccontextmanager
async def put_or_taken_back(archive: ZipFile, storage: Storage) -> AsyncGenerator[Files]:
    """What a block that fails has put into the store is gone again."""
    files = Files(archive, storage)
    try:
        yield files
    except BaseException:
        await files.take_back()
        raise


async def _together(work: Callable[[], Awaitable[None]]) -> None:
    """Raises what the first of the hands has raised, once all have stopped."""
    hands = [asyncio.ensure_future(work()) for _ in range(HANDS)]
    try:
        await asyncio.gather(*hands)
    finally:
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)


def _checked(path: str) -> str:
    """Below the media directory, whoever wrote the file."""
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise Refused(f"The file names a path that is none of ours: {path!r}.")
    return path
